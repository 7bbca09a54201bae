"""Operators on quantized tensors as onnxruntime has them: sums, pools, softmax, and what brings parts together."""

import numpy as np

from mini_infer.ir import Node, TensorType
from mini_infer.ir.attributes import integer, integers
from mini_infer.ir.quantized import contrib
from mini_infer.passes.quantization.functions import alike
from mini_infer.passes.quantization.parameters import Quantized, dequantized, shaped
from mini_infer.passes.rewriter import GraphRewriter

_AXIS_ALONE = 13
"""The opset from which a softmax is taken along one axis."""


def add(node: Node, result: Quantized, rewriter: GraphRewriter) -> list[Node] | None:
    """`Add` as `QLinearAdd`."""
    return _binary("QLinearAdd", node, result, rewriter)


def multiply(node: Node, result: Quantized, rewriter: GraphRewriter) -> list[Node] | None:
    """`Mul` as `QLinearMul`."""
    return _binary("QLinearMul", node, result, rewriter)


def _binary(op: str, node: Node, result: Quantized, rewriter: GraphRewriter) -> list[Node] | None:
    operands = _operands(node.inputs, result, rewriter)
    if operands is None:
        return None
    inputs = [name for each in (*operands, result) for name in _parameters(each, rewriter)]
    return [contrib(node.name, op, inputs[:-3] + inputs[-2:], result.name)]


def pool(node: Node, result: Quantized, rewriter: GraphRewriter) -> list[Node] | None:
    """`AveragePool`, `GlobalAveragePool`."""
    operands = _operands(node.inputs[:1], result, rewriter)
    if operands is None or any(step != 1 for step in integers(node, "dilations")):
        return None
    attributes = {name: value for name, value in node.attributes.items() if name != "dilations"}
    inputs = (*_parameters(operands[0], rewriter), *_parameters(result, rewriter)[1:])
    return [contrib(node.name, f"QLinear{node.op}", inputs, result.name, **attributes)]


def softmax(node: Node, result: Quantized, rewriter: GraphRewriter) -> list[Node] | None:
    """`Softmax`; before opset 13, everything after the axis is one vector."""
    operands = _operands(node.inputs[:1], result, rewriter)
    if operands is None:
        return None
    x, *parameters = (*_parameters(operands[0], rewriter), *_parameters(result, rewriter)[1:])
    shape = shaped(rewriter, x).shape
    old = node.version < _AXIS_ALONE
    axis = integer(node, "axis", 1 if old else -1) % max(len(shape), 1)
    if not old or axis == len(shape) - 1:
        return [contrib(node.name, "QLinearSoftmax", (x, *parameters), result.name, axis=axis, opset=_AXIS_ALONE)]
    rows = TensorType(result.dtype, (int(np.prod(shape[:axis])), int(np.prod(shape[axis:]))))
    flat, made = (rewriter.new_value(f"{result.name}_{part}", rows) for part in ("rows", "parts"))
    return [
        rewriter.reshape(f"{node.name}_rows", x, flat, rows.shape),
        contrib(node.name, "QLinearSoftmax", (flat, *parameters), made, axis=1, opset=_AXIS_ALONE),
        rewriter.reshape(f"{node.name}_parts", made, result.name, shape),
    ]


def concat(node: Node, result: Quantized, rewriter: GraphRewriter) -> list[Node] | None:
    """`Concat` of what is brought to the result's scale."""
    operands = _operands(node.inputs, result, rewriter)
    if operands is None:
        return None
    parts = tuple(alike(each, result, rewriter) for each in operands)
    return [Node(node.name, "Concat", parts, (result.name,), node.attributes, version=node.version)]


def where(node: Node, result: Quantized, rewriter: GraphRewriter) -> list[Node] | None:
    """`Where` of what is brought to the result's scale."""
    operands = _operands(node.inputs[1:], result, rewriter)
    if operands is None:
        return None
    x, y = (alike(each, result, rewriter) for each in operands)
    return [Node(node.name, "Where", (node.inputs[0], x, y), (result.name,), version=node.version)]


def _operands(names: tuple[str, ...], result: Quantized, rewriter: GraphRewriter) -> list[Quantized] | None:
    """What the inputs are the real form of, if all have one scale each and the result's type."""
    operands = [dequantized(name, rewriter) for name in names]
    found = [each for each in operands if each is not None and each.is_whole and each.dtype is result.dtype]
    return found if len(found) == len(operands) else None


def _parameters(tensor: Quantized, rewriter: GraphRewriter) -> tuple[str, str, str]:
    """A quantized tensor, its scale and its zero point, as constants of one element without axes."""
    return (
        tensor.name,
        rewriter.new_constant(f"{tensor.name}_scale", tensor.scale),
        rewriter.new_constant(f"{tensor.name}_zero", tensor.zero),
    )
