"""What every pass shares: its shape, the journal it writes, and how it evaluates a node."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from mini_infer.ir import Graph, Node

Evaluate = Callable[[Node, Sequence[np.ndarray | None]], list[np.ndarray]]
"""Computes a node's outputs from its inputs (`None` for an omitted one), by its ONNX meaning.

Raises `mini_infer.errors.UnsupportedError` for an operator it does not know.
"""


Needs = tuple[frozenset[str], ...]
"""Sets of operators, of each of which a graph must have one."""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One rewrite that was made, or that was refused and why.

    Parameters
    ----------
    pass_name
        The pass that decided.
    node
        The name of the node it decided about.
    made
        Whether the rewrite was made.
    text
        What was done; of a refusal, the reason.
    """

    pass_name: str
    node: str
    made: bool
    text: str


@dataclass(slots=True)
class Journal:
    """Every rewrite made and every one refused, in the order in which they were decided."""

    rewrites: list[Rewrite] = field(default_factory=list)

    def made(self, pass_name: str, node: str, text: str) -> None:
        """Record a rewrite that was made."""
        self.rewrites.append(Rewrite(pass_name, node, made=True, text=text))

    def refused(self, pass_name: str, node: str, reason: str) -> None:
        """Record a rewrite that nearly fired, and why it did not."""
        self.rewrites.append(Rewrite(pass_name, node, made=False, text=reason))


class Pass(Protocol):
    """A rewrite of the graph that keeps its meaning: a frozen dataclass whose fields are its options.

    It sweeps the nodes a fixed number of times, and returns the very graph it was given when nothing fired.
    """

    @property
    def name(self) -> str:
        """The name in journals and reports."""

    @property
    def needs(self) -> Needs:
        """What a graph has, or nothing fires, and nothing is refused."""

    def __call__(self, graph: Graph, journal: Journal) -> Graph:
        """The rewritten graph."""
