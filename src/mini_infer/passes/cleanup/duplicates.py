"""Nodes that compute the same twice.

Fires on

1. a node with the operator, version, attributes and inputs of an earlier one: its readers read the earlier results,
2. constants of equal type and content, up to `limit` bytes, so that nodes which differ in nothing else count as equal.

Must not fire on

1. random operators: they mean another value each time,
2. nodes with nested graphs,
3. results that the caller gets, or that a nested graph reads by name: they must exist under their names.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mini_infer.ir import Attribute, Graph, Node
from mini_infer.ir.operators import is_random
from mini_infer.passes.base import Pass, sweep
from mini_infer.passes.remarks import Remarks
from mini_infer.passes.rewriter import GraphRewriter, rename


@dataclass(frozen=True, slots=True)
class RemoveDuplicates(Pass):
    """Computes common subexpressions once.

    Parameters
    ----------
    limit
        Bytes of the largest constant that is compared with others.
    """

    limit: int = 4096
    name: ClassVar[str] = "duplicates"

    def __call__(self, graph: Graph, remarks: Remarks) -> Graph:
        """The graph without second copies."""
        pinned = {*graph.outputs, *(name for node in graph.nodes for name in node.captured)}
        names = self._equal_constants(graph, pinned)
        seen: dict[Hashable, Node] = {}

        def rewrite(old: Node, rewriter: GraphRewriter) -> list[Node] | None:
            node = rename(old, names)
            key = _key(node)
            earlier = None if key is None else seen.setdefault(key, node)
            if earlier is None or earlier is node or not pinned.isdisjoint(node.writes):
                return None if node is old else [node]
            names.update(zip(node.outputs, earlier.outputs, strict=True))
            rewriter.applied(node.name, f"{node.op} computes what {earlier.name!r} does")
            return []

        return sweep(self.name, graph, remarks, rewrite)

    def _equal_constants(self, graph: Graph, pinned: set[str]) -> dict[str, str]:
        """Constant → the first one equal to it, where that is another."""
        first: dict[Hashable, str] = {}
        names = {}
        for name, array in graph.constants.items():
            if array.nbytes > self.limit or array.dtype == object or name in pinned:
                continue
            found = first.setdefault(_content(array), name)
            if found != name:
                names[name] = found
        return names


def _key(node: Node) -> Hashable | None:
    """Equal for nodes that mean the same, if they mean the same each time."""
    if node.body or is_random(node) or any(isinstance(value, Graph) for value in node.attributes.values()):
        return None
    attributes = tuple((name, _frozen(value)) for name, value in sorted(node.attributes.items()))
    return (node.domain, node.op, node.version, node.inputs, tuple(map(bool, node.outputs)), attributes)


def _frozen(value: Attribute) -> Hashable:
    """An attribute as a key that tells 1 from 1.0."""
    if isinstance(value, np.ndarray):
        return _content(value)
    if isinstance(value, tuple):
        return tuple(map(_frozen, value))
    return (type(value).__name__, repr(value))


def _content(array: np.ndarray) -> Hashable:
    return (array.dtype.str, array.shape, array.tobytes())
