"""Reading what ONNX gives as an attribute in one version and as a constant input in another."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from mini_infer.ir import Node
from mini_infer.ir.attributes import has_input, integer, integers, number, setting
from mini_infer.passes.rewriter import GraphRewriter

__all__ = ["has_input", "integer", "integers", "number", "scalar", "setting", "with_setting"]


def with_setting(node: Node, name: str, position: int, values: Sequence[int], rewriter: GraphRewriter) -> Node:
    """The node with other integers where `setting` found them: a new attribute, or a new constant."""
    if has_input(node, position):
        old = rewriter.constants[node.inputs[position]]
        shape = old.shape if old.size == len(values) else (len(values),)
        constant = rewriter.new_constant(f"{node.name}_{name}", np.asarray(values, dtype=old.dtype).reshape(shape))
        inputs = (*node.inputs[:position], constant, *node.inputs[position + 1 :])
        return replace(node, inputs=inputs)
    value = values[0] if isinstance(node.attributes.get(name), int) else tuple(values)
    return replace(node, attributes={**node.attributes, name: value})


def scalar(name: str, constants: Mapping[str, np.ndarray]) -> float | None:
    """The value of a constant whose elements are all equal, whatever its shape."""
    array = constants.get(name)
    if array is None or array.size == 0 or array.dtype.kind not in "fiu":
        return None
    first = array.flat[0]
    return float(first) if bool(np.all(array == first)) else None
