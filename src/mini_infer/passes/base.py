"""What every pass shares: its shape, the sweep over the nodes, and how it evaluates a node."""

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar, Protocol

import numpy as np

from mini_infer.ir import Graph, Node, UndecidedError, verify
from mini_infer.passes.remarks import Remarks
from mini_infer.passes.rewriter import GraphRewriter

Evaluate = Callable[[Node, Sequence[np.ndarray | None]], list[np.ndarray]]
"""Computes a node's outputs from its inputs (`None` for an omitted one), by its ONNX meaning.

Raises `mini_infer.errors.UnsupportedError` for an operator it does not know.
"""

Rewrite = Callable[[Node, GraphRewriter], Iterable[Node] | None]
"""A node, and the graph rewritten up to it → the nodes that replace it; `None` to keep it.

Many nodes may also be appended on the way, and only the last be returned.
"""

Needs = tuple[frozenset[str], ...]
"""Sets of operators, of each of which a graph must have one."""


class Pass(Protocol):
    """A rewrite of the graph that keeps its meaning: a frozen dataclass whose fields are its options.

    It sweeps the nodes a fixed number of times, and returns the very graph it was given when nothing fired.

    `needs` is what a graph has, or nothing fires, and nothing is missed. A pass that works `in_parts` may leave
    something to do: it is applied until nothing fires, and what a part no longer needs is gone before the next.
    """

    needs: ClassVar[Needs] = ()
    in_parts: ClassVar[bool] = False

    @property
    def name(self) -> str:
        """The name in remarks and reports."""

    def __call__(self, graph: Graph, remarks: Remarks) -> Graph:
        """The rewritten graph."""


class Sweep(Pass):
    """A pass that offers every node to its `rewrite`, once and in order."""

    def rewrite(self, node: Node, rewriter: GraphRewriter) -> Iterable[Node] | None:
        """What `Rewrite` says."""
        raise NotImplementedError

    def __call__(self, graph: Graph, remarks: Remarks) -> Graph:
        """The rewritten graph."""
        return sweep(self.name, graph, remarks, self.rewrite)


def sweep(pass_name: str, graph: Graph, remarks: Remarks, rewrite: Rewrite) -> Graph:
    """Offer every node to `rewrite`, once and in order; the very graph when nothing is replaced.

    A node of which the rewrite asks what sizes given at run time do not decide is kept, and all are offered anew.
    """
    said, undecided = len(remarks.entries), set[str]()
    while True:
        rewriter = GraphRewriter(graph, pass_name, remarks)
        for node in graph.nodes:
            try:
                replacement = None if node.name in undecided else rewrite(node, rewriter)
            except UndecidedError:
                undecided.add(node.name)
                del remarks.entries[said:]
                break
            rewriter.changed |= replacement is not None
            for new in (node,) if replacement is None else replacement:
                rewriter.append(new)
        else:
            return rewriter.finish()


def run(graph: Graph, passes: Sequence[Pass], remarks: Remarks) -> Graph:
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
        while (rewritten := rewrite(graph, remarks)) is not graph:
            verify(rewritten)
            graph = rewritten
            if not rewrite.in_parts:
                break
    return graph
