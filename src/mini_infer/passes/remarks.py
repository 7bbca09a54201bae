"""Optimization remarks: which rewrites a pass applied, and which it missed and why."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Remark:
    """One rewrite that was applied, or that was missed and why.

    Parameters
    ----------
    pass_name
        The pass that decided.
    node
        The name of the node it decided about.
    applied
        Whether the rewrite was applied.
    text
        What was done; of a missed rewrite, the reason.
    """

    pass_name: str
    node: str
    applied: bool
    text: str


@dataclass(slots=True)
class Remarks:
    """Every rewrite applied and every one missed, in the order in which they were decided."""

    entries: list[Remark] = field(default_factory=list)

    def applied(self, pass_name: str, node: str, text: str) -> None:
        """Record a rewrite."""
        self.entries.append(Remark(pass_name, node, applied=True, text=text))

    def missed(self, pass_name: str, node: str, reason: str) -> None:
        """Record a rewrite that nearly fired, and why it did not."""
        self.entries.append(Remark(pass_name, node, applied=False, text=reason))
