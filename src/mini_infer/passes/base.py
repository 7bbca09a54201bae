"""What every pass shares: its shape, the sweep over the nodes, and how it evaluates a node."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import numpy as np

from mini_infer.ir import Graph, Node
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
    """

    @property
    def name(self) -> str:
        """The name in remarks and reports."""

    @property
    def needs(self) -> Needs:
        """What a graph has, or nothing fires, and nothing is refused."""

    def __call__(self, graph: Graph, remarks: Remarks) -> Graph:
        """The rewritten graph."""


def sweep(pass_name: str, graph: Graph, remarks: Remarks, rewrite: Rewrite) -> Graph:
    """Offer every node to `rewrite`, once and in order; the very graph when nothing is replaced."""
    rewriter = GraphRewriter(graph, pass_name, remarks)
    changed = False
    for node in graph.nodes:
        replacement = rewrite(node, rewriter)
        changed = changed or replacement is not None
        for new in (node,) if replacement is None else replacement:
            rewriter.append(new)
    return rewriter.finish() if changed else graph
