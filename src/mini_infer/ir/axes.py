"""Along which axes a node works one index at a time: what lets it be done part by part.

A *loop* runs over the indices of such an axis. Index i of the results is made of index i of those inputs that have a
*slot* in it, and of all of the others. One index is one element along an axis, or several neighbors (`Slot.step`): a
reshape from `[tokens, heads * size]` to `[tokens, heads, size]` has a loop over heads, of `size` columns each in its
input. `ir.axis_rules` says which loops each operator has; those of nodes that follow each other, as in the body of a
fused one, are found here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from mini_infer.ir.attributes import integer
from mini_infer.ir.axis_rules import RULES, Case, Loop, Slot
from mini_infer.ir.graph import FUSED_DOMAIN, Node
from mini_infer.ir.operators import is_random
from mini_infer.ir.result_shapes import Shape, result_shape
from mini_infer.ir.types import TensorType, ValueType

__all__ = ["SHAPED", "Loop", "Slot", "loops", "part", "through"]

SHAPED = frozenset({"Expand", "Reshape"})
"""Operators whose second input is the shape of their result: a part needs another one."""


def loops(node: Node, types: Mapping[str, ValueType], constants: Mapping[str, np.ndarray]) -> tuple[Loop, ...]:
    """The loops of several indices that a node has, alone or fused; none where nothing is known of it.

    Parameters
    ----------
    node
        The node.
    types, constants
        What is known of its inputs and outputs.

    Examples
    --------
    >>> from mini_infer.ir import DType
    >>> kinds = {"x": TensorType(DType.FLOAT32, (3, 4)), "y": TensorType(DType.FLOAT32, (4, 3))}
    >>> for loop in loops(Node("t", "Transpose", ("x",), ("y",), {"perm": (1, 0)}), kinds, {}):
    ...     print(loop)
    Loop(size=4, inputs=(Slot(axis=1, step=1),), outputs=(Slot(axis=0, step=1),))
    Loop(size=3, inputs=(Slot(axis=0, step=1),), outputs=(Slot(axis=1, step=1),))
    """
    shapes = _shapes((node,), types)
    return tuple(_loops(node, shapes, constants))


def through(
    nodes: Sequence[Node], loop: Loop, types: Mapping[str, ValueType], constants: Mapping[str, np.ndarray]
) -> Mapping[str, Slot | None] | None:
    """The slots that all values which some nodes read and write have in a loop of the last one.

    Parameters
    ----------
    nodes
        In the order in which they run; only the last one's results are read by others.
    loop
        One of the last node's.
    types, constants
        What is known of their inputs and outputs.

    Returns
    -------
    Value → its slot; none for what is read as a whole. None where a node has no such loop, or a value would be needed
    in two ways.
    """
    return _through(nodes, loop, _shapes(nodes, types), constants)


def part(node: Node, slots: Mapping[str, Slot | None], size: int, count: int) -> Node:
    """The node for `count` indices of a loop of `size`, as far as its attributes say how many there are."""
    body = tuple(_part(inner, slots, size, count) for inner in node.primitives)
    return replace(node, body=body) if node.body else body[0]


def _part(node: Node, slots: Mapping[str, Slot | None], size: int, count: int) -> Node:
    """A convolution of some groups has as many groups; its loops over anything else have its weights as a whole."""
    groups = integer(node, "group", 1) if node.op in {"Conv", "ConvTranspose"} else 1
    if groups == 1 or slots.get(node.inputs[1]) is None:
        return node
    return replace(node, attributes={**node.attributes, "group": groups * count // size})


def _shapes(nodes: Iterable[Node], types: Mapping[str, ValueType]) -> dict[str, Shape]:
    """The static shapes of what nodes read and write."""
    names = (name for node in nodes for name in (*node.inputs, *node.outputs))
    return {name: kind.shape for name in names if isinstance(kind := types.get(name), TensorType)}


def _loops(node: Node, shapes: Mapping[str, Shape], constants: Mapping[str, np.ndarray]) -> Iterable[Loop]:
    if node.domain == FUSED_DOMAIN:
        yield from _fused(node, shapes, constants)
        return
    rule = RULES.get(node.op) if node.domain == "" and not is_random(node) else None
    if rule is None or not all(name in shapes for name in (*node.inputs, *node.outputs) if name):
        return
    case = Case(node, tuple(map(shapes.get, node.inputs)), tuple(map(shapes.get, node.outputs)), constants)
    yield from (loop for loop in rule(case) if loop.size > 1)


def _fused(node: Node, shapes: Mapping[str, Shape], constants: Mapping[str, np.ndarray]) -> Iterable[Loop]:
    """The loops of the last node of a body that go through the others; a shape in a body is not that of a part."""
    if any(inner.op in SHAPED for inner in node.body):
        return
    known = dict(shapes)
    for inner in node.body:
        shape = result_shape(inner, [known.get(name) for name in inner.inputs])
        if len(inner.writes) > 1 or (shape is None and inner.outputs[0] not in known):
            return
        if shape is not None:
            known[inner.outputs[0]] = shape
    for loop in _loops(node.body[-1], known, constants):
        slots = _through(node.body, loop, known, constants)
        if slots is not None:
            size = next(known[name][slot.axis] // slot.step for name, slot in slots.items() if slot)
            yield Loop(size, tuple(map(slots.get, node.inputs)), tuple(map(slots.get, node.outputs)))


def _through(
    nodes: Sequence[Node], loop: Loop, shapes: Mapping[str, Shape], constants: Mapping[str, np.ndarray]
) -> Mapping[str, Slot | None] | None:
    *before, last = nodes
    slots: dict[str, Slot | None] = {}

    def note(names: Sequence[str], found: Sequence[Slot | None]) -> bool:
        """Whether the values have these slots and no others."""
        return all(slots.setdefault(name, slot) == slot for name, slot in zip(names, found, strict=True) if name)

    if not note(last.outputs, loop.outputs) or not note(last.inputs, loop.inputs):
        return None
    for node in reversed(before):
        wanted = slots.get(node.outputs[0])
        found: Sequence[Slot | None] | None = (None,) * len(node.inputs)
        if wanted is not None:
            own = (each.over(wanted) for each in _loops(node, shapes, constants))
            found = next((each.inputs for each in own if each is not None), None)
        if found is None or not note(node.inputs, found):
            return None
    return slots
