"""How long a search may go on."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from typing import SupportsFloat

from mini_infer import clock
from mini_infer.errors import UsageError
from mini_infer.memory.plan import Search

DEFAULT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a search. Strategies that do not search ignore them.

    Parameters
    ----------
    seconds
        CPU seconds, roughly; 0 means: no search at all, only the methods that take next to no time.
    capacity
        A height that is good enough: the search stops once it is met.
    progress
        Called now and then with a short line on the state of the search; the library itself prints nothing.
    """

    seconds: float = DEFAULT_SECONDS
    capacity: int | None = None
    progress: Callable[[str], None] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.seconds, SupportsFloat) or not 0 <= float(self.seconds) < inf:
            raise UsageError(f"a time limit of {self.seconds!r} s: choose 0 or more")


@dataclass(slots=True)
class Budget:
    """What is left of the limits. Results repeat because the searches count steps, not seconds.

    Each search reports its steps with the nanoseconds a step takes on an ordinary machine; the budget is
    used up when these add up to the limit. Where the deadline stops the search before, the result says so.
    """

    limits: Limits
    nodes: int = 0
    spent: float = 0.0
    interrupted: bool = False
    _deadline: clock.Deadline = field(init=False)
    _shown: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self._deadline = clock.Deadline(self.limits.seconds, clock.seconds())

    @property
    def left(self) -> float:
        """Seconds of an ordinary machine that are left; 0 once anything ended the search."""
        if self.interrupted or not self._deadline.left:
            return 0.0
        return max(self.limits.seconds - self.spent, 0.0)

    def spend(self, steps: int, nanoseconds: float, nodes: int = 0) -> None:
        """Count `steps` of a search that take so many nanoseconds each, and the placements tried in them."""
        self.spent += steps * nanoseconds * 1e-9
        self.nodes += nodes

    def report(self, height: int, bound: int, what: str) -> None:
        """Tell the caller, at most a few times a second, how far the search has come (bytes)."""
        now = time.monotonic()
        if self.limits.progress is not None and now - self._shown > 0.2:  # noqa: PLR2004  seconds
            self._shown = now
            percent = 100 * (height / bound - 1) if bound else 0.0
            said = f"{what}: {height} bytes, {percent:.2f} % above the bound {bound}"
            self.limits.progress(f"{said}, at most {self.left:.1f} s left")

    def search(self, *, done: bool) -> Search:
        """Summarize: `done` when the bound was met or the search exhausted."""
        unfinished = "interrupt" if self.interrupted else "nodes" if self._deadline.left else "clock"
        return Search(self.nodes, self._deadline.elapsed, "done" if done else unfinished)
