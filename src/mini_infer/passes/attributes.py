"""Reading what ONNX gives as an attribute in one version and as a constant input in another."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from mini_infer.ir import Node
from mini_infer.ir.attributes import integer, integers, number
from mini_infer.passes.draft import Draft

__all__ = ["has_input", "integer", "integers", "number", "scalar", "setting", "with_setting"]


def has_input(node: Node, position: int) -> bool:
    """Whether an optional input is present."""
    return len(node.inputs) > position and bool(node.inputs[position])


def setting(node: Node, name: str, position: int, constants: Mapping[str, np.ndarray]) -> tuple[int, ...] | None:
    """Integers given by attribute `name` or by the constant input at `position`; none if given by neither.

    Raises
    ------
    LookupError
        When the input is there but not a constant.
    """
    if has_input(node, position):
        array = constants.get(node.inputs[position])
        if array is None:
            raise LookupError(f"{name} of {node.op} is computed at run time")
        return tuple(int(item) for item in array.ravel())
    if name in node.attributes:
        value = node.attributes[name]
        return (value,) if isinstance(value, int) else integers(node, name)
    return None


def with_setting(node: Node, name: str, position: int, values: Sequence[int], draft: Draft) -> Node:
    """The node with other integers where `setting` found them: a new attribute, or a new constant."""
    if has_input(node, position):
        old = draft.constants[node.inputs[position]]
        shape = old.shape if old.size == len(values) else (len(values),)
        constant = draft.constant(f"{node.name}_{name}", np.asarray(values, dtype=old.dtype).reshape(shape))
        inputs = (*node.inputs[:position], constant, *node.inputs[position + 1 :])
        return replace(node, inputs=inputs)
    value = values[0] if isinstance(node.attributes.get(name), int) else tuple(values)
    return replace(node, attributes={**node.attributes, name: value})


def scalar(name: str, constants: Mapping[str, np.ndarray]) -> float | None:
    """The value of a constant whose elements are all the same number, whatever its shape."""
    array = constants.get(name)
    if array is None or array.size == 0 or array.dtype.kind not in "fiu":
        return None
    first = array.flat[0]
    return float(first) if bool(np.all(array == first)) else None
