"""Whether nodes are the same to their lowering: two that are, in equal places, get equal kernels."""

from collections.abc import Mapping

import numpy as np

from mini_infer.ir import Attribute, Graph, Node


def alike(one: Node, of: Graph, other: Node, others: Graph) -> bool:
    """Whether a lowering sees no difference: in the nodes, their bodies, and the types and constants that they name.

    Constants are compared by where they are in memory, not by their elements.
    """
    if not _same_node(one, other):
        return False
    if of.types is others.types and of.constants is others.constants:
        return True
    names = {name for each in (one, *one.body) for name in (*each.inputs, *each.outputs)}
    return all(
        of.types.get(name) == others.types.get(name) and same_array(of.constants.get(name), others.constants.get(name))
        for name in names
    )


def same_array(one: np.ndarray | None, other: np.ndarray | None) -> bool:
    """Whether both are the very same elements in memory, or neither is there."""
    if one is None or other is None or one is other:
        return one is other
    first, second = one.__array_interface__["data"][0], other.__array_interface__["data"][0]
    return (first, one.dtype, one.shape, one.strides) == (second, other.dtype, other.shape, other.strides)


def _same_node(one: Node, other: Node) -> bool:
    return one is other or (
        (one.op, one.inputs, one.outputs, one.name) == (other.op, other.inputs, other.outputs, other.name)
        and (one.domain, one.version, len(one.body)) == (other.domain, other.version, len(other.body))
        and _same_attributes(one.attributes, other.attributes)
        and all(map(_same_node, one.body, other.body))
    )


def _same_attributes(one: Mapping[str, Attribute], other: Mapping[str, Attribute]) -> bool:
    return one is other or (one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one))


def _same(one: Attribute, other: Attribute) -> bool:
    """Whether two attributes are the same to the bit: 1 is not 1.0, nor 0.0 -0.0."""
    if type(one) is not type(other):
        return False
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return same_array(one, other)
    return one is other or (not isinstance(one, Graph) and repr(one) == repr(other))
