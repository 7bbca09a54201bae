"""What every pass shares: its shape, the journal it writes, and how it evaluates a node."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

import numpy as np

from mini_infer.ir import Graph, Node, verify

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

    `needs` is what a graph has, or nothing fires, and nothing is refused. A pass that works `in_parts` may leave
    something to do: it is applied until nothing fires, and what a part no longer needs is gone before the next.
    """

    needs: ClassVar[Needs] = ()
    in_parts: ClassVar[bool] = False

    @property
    def name(self) -> str:
        """The name in journals and reports."""

    def __call__(self, graph: Graph, journal: Journal) -> Graph:
        """The rewritten graph."""


def run(graph: Graph, passes: Sequence[Pass], journal: Journal) -> Graph:
    """Apply passes one after the other, but for those whose operators are missing; each must leave the graph valid.

    A graph goes as soon as there is the next one, unless the caller keeps it.

    Raises
    ------
    ModelError
        When a pass broke a rule of the graph, which is a bug of that pass.
    """
    for rewrite in passes:
        if any(graph.operators.isdisjoint(needed) for needed in rewrite.needs):
            continue
        unfinished = True
        while unfinished:
            rewritten = rewrite(graph, journal)
            unfinished = rewritten is not graph and rewrite.in_parts
            if rewritten is not graph:
                verify(rewritten)
            graph = rewritten
    return graph
