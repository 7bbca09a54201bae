"""What a node is to its lowering, as a key: two nodes with equal content in equal places get equal kernels."""

from collections.abc import Hashable

import numpy as np

from mini_infer.ir import Attribute, Graph, Node


class Same:
    """A key that equals another of the very same object or the very same elements in memory; both live as long."""

    __slots__ = ("_key", "value")

    def __init__(self, value: np.ndarray | Graph) -> None:
        self.value = value
        self._key: Hashable = id(value)
        if isinstance(value, np.ndarray):
            self._key = value.__array_interface__["data"][0], value.dtype, value.shape, value.strides

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other._key == self._key

    def __hash__(self) -> int:
        return hash(self._key)


def content(node: Node, graph: Graph) -> Hashable:
    """All that a lowering can see of a node but its places: itself, its body, and the types and constants they name."""
    nodes = (node, *node.body)
    names = dict.fromkeys(name for each in nodes for name in (*each.inputs, *each.outputs))
    constants = graph.constants
    values = tuple((graph.types.get(name), Same(constants[name]) if name in constants else None) for name in names)
    return tuple(map(_alone, nodes)), values


def _alone(node: Node) -> Hashable:
    attributes = tuple((name, _attribute(value)) for name, value in node.attributes.items())
    return node.name, node.domain, node.op, node.version, node.inputs, node.outputs, attributes


def _attribute(value: Attribute) -> Hashable:
    """An attribute as a key, which tells 1 from 1.0, and 0.0 from -0.0."""
    if isinstance(value, tuple):
        return value if set(map(type, value)) <= {int} else tuple(map(_attribute, value))
    if isinstance(value, float):
        return float, value.hex()
    return Same(value) if isinstance(value, np.ndarray | Graph) else value
