"""Quantized operators of onnxruntime's own, as those that the graph has (`ir.quantized`).

Where a table would have to be made of scales that are not known before the run, it is the real operator between
DequantizeLinear and QuantizeLinear.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto

from mini_infer.frontend.composer import Composer, Rule
from mini_infer.frontend.contrib.attention import attend_packed
from mini_infer.frontend.decomposed.quantized import requantize
from mini_infer.ir import Node, lookup
from mini_infer.ir.graph import CONTRIB_DOMAIN, QUANTIZED_DOMAIN

KEPT: Mapping[str, tuple[int, ...]] = {
    "QLinearAdd": (0, 3, 5),
    "QLinearAveragePool": (0, 2),
    "QLinearGlobalAveragePool": (0, 2),
    "QLinearMul": (0, 3, 5),
    "QLinearSoftmax": (0, 2),
}
"""Operators that the graph has itself (`ir.quantized`) → before which inputs' scales and zero points an input lies."""

_AXIS_ALONE = 13
"""The opset from which a softmax is taken along one axis."""


def is_complete(node: onnx.NodeProto) -> bool:
    """Whether a node is of an operator that the graph has itself, and in the form that it has there."""
    if node.op_type not in KEPT or node.domain != CONTRIB_DOMAIN:
        return False
    zeros = [position + 2 for position in KEPT[node.op_type]]
    if len(node.input) <= zeros[-1] or not all(node.input[position] for position in zeros):
        return False
    settings = {each.name: each.i for each in node.attribute}
    return "channels_last" not in settings and settings.get("opset", _AXIS_ALONE) >= _AXIS_ALONE


def complete(c: Composer) -> Sequence[str]:
    """`QLinearAdd`, `QLinearMul`: with the zero points that they leave out."""
    return [_completed(c, c.input(0))]


def _completed(c: Composer, x: str, **attributes: Any) -> str:
    """The node with its zero points, of another first input, with other attributes."""
    op = c.node.op_type
    inputs = [x, *(c.input(position) for position in range(1, KEPT[op][-1] + 3))]
    for position in KEPT[op]:
        inputs[position + 2] = inputs[position + 2] or no_zero(c, c.input(0))
    return c(op, *inputs, domain=CONTRIB_DOMAIN, **attributes)


def unary(op: str, *names: str) -> Rule:
    """An operator of one tensor, as a table; `names` are the attributes that it takes over."""

    def rule(c: Composer) -> Sequence[str]:
        x, *parameters = (c.input(position) for position in range(5))
        made = _table(c, op, _quantization(c, x, *parameters[:2]), _quantization(c, x, *parameters[2:]), *names)
        if made is not None:
            return [_looked_up(c, x, made)]
        return [_quantized(c, c(op, _real(c, 0), **c.attributes(*names)), 3)]

    return rule


def softmax(c: Composer) -> Sequence[str]:
    """`QLinearSoftmax`; before opset 13, everything after the axis is one vector."""
    x, old = c.input(0), c.attribute("opset", _AXIS_ALONE) < _AXIS_ALONE
    axis = c.attribute("axis", 1 if old else -1)
    if not old:
        return [_completed(c, x, axis=axis, opset=_AXIS_ALONE)]
    rows = _completed(c, c("Flatten", x, axis=axis), axis=-1, opset=_AXIS_ALONE)
    return [c("Reshape", rows, c("Shape", x))]


def pool(c: Composer) -> Sequence[str]:
    """`QLinearAveragePool`, `QLinearGlobalAveragePool`: channels first or last."""
    names = ("auto_pad", "ceil_mode", "count_include_pad", "kernel_shape", "pads", "strides")
    attributes = c.attributes(*names)
    x = c.input(0)
    if not c.attribute("channels_last", 0):
        return [_completed(c, x, **attributes)]
    rank = len(c.sizes(x))
    y = _completed(c, c("Transpose", x, perm=[0, rank - 1, *range(1, rank - 1)]), **attributes)
    return [c("Transpose", y, perm=[0, *range(2, rank), 1])]


def mean(c: Composer) -> Sequence[str]:
    """`QLinearReduceMean`: a real mean, quantized; onnxruntime has the operator's schema, and no kernel."""
    axes = c.attribute("axes", ())
    given = (c.integers(*axes),) if axes else ()
    return [_quantized(c, c("ReduceMean", _real(c, 0), *given, keepdims=c.attribute("keepdims", 1)), 3)]


def concat(c: Composer) -> Sequence[str]:
    """`QLinearConcat`: each input has a scale of its own, and is brought to the output's; that comes first."""
    positions = range(2, len(c.node.input), 3)
    parts = [_brought(c, position, 0) for position in positions]
    if all(parts):
        return [c("Concat", *filter(None, parts), axis=c.attribute("axis"))]
    real = [_real(c, position) for position in positions]
    return [_quantized(c, c("Concat", *real, axis=c.attribute("axis")), 0)]


def where(c: Composer) -> Sequence[str]:
    """`QLinearWhere`: both inputs are brought to the output's scale."""
    x, y = (_brought(c, position, 7) for position in (1, 4))
    if x and y:
        return [c("Where", c.input(0), x, y)]
    return [_quantized(c, c("Where", c.input(0), _real(c, 1), _real(c, 4)), 7)]


def gemm(c: Composer) -> Sequence[str]:
    """`QGemm`: the bias has the product of both scales; without a scale of its own the output is real."""
    a, a_scale, a_zero, b, b_scale, b_zero, bias, y_scale, y_zero = (c.input(position) for position in range(9))
    a_zero, b_zero = a_zero or no_zero(c, a), b_zero or no_zero(c, b)
    if c.attribute("transA", 0):
        a = c("Transpose", a, perm=[1, 0])
    if c.attribute("transB", 0):
        b = c("Transpose", b, perm=[1, 0])
    sums = c("MatMulInteger", a, b, a_zero, b_zero)
    if bias:
        sums = c("Add", sums, bias)
    alpha = c.attribute("alpha", 1.0)
    scale = c("Mul", a_scale if alpha == 1 else c("Mul", c.constant(alpha, np.float32), a_scale), b_scale)
    if not y_scale:
        return [c("Mul", c("Cast", sums, to=TensorProto.FLOAT), scale)]
    return [requantize(c, sums, c("Div", scale, y_scale), y_zero or no_zero(c, c.input(0)))]


def matmul_integer_to_float(c: Composer) -> Sequence[str]:
    """`MatMulIntegerToFloat`: an integer product, scaled, plus a bias."""
    a, b, a_scale, b_scale, a_zero, b_zero, bias = (c.input(position) for position in range(7))
    return [_scaled(c, (a, a_scale, a_zero), (b, b_scale, b_zero), bias)]


def dynamic_quantize_matmul(c: Composer) -> Sequence[str]:
    """`DynamicQuantizeMatMul`: the same, of a real input that is quantized first."""
    a, b, b_scale, b_zero, bias = (c.input(position) for position in range(5))
    return [_scaled(c, _quantized_input(c, a), (b, b_scale, b_zero), bias)]


def attention(c: Composer) -> Sequence[str]:
    """`QAttention`: attention on quantized inputs with quantized weights."""
    x, weights, bias, x_scale, w_scale, mask, x_zero, w_zero, past = (c.input(position) for position in range(9))
    projected = _scaled(c, (x, x_scale, x_zero), (weights, w_scale, w_zero), bias)
    return attend_packed(c, projected, mask, past, "")


def linear(op: str) -> Rule:
    """`QuantizeLinear`, `DequantizeLinear` from before ONNX had them for every type."""

    def rule(c: Composer) -> Sequence[str]:
        return [c(op, *c.node.input, **c.attributes("axis", "block_size"))]

    return rule


def _scaled(c: Composer, a: tuple[str, str, str], b: tuple[str, str, str], bias: str) -> str:
    """The product of two quantized matrices, each with its scale and zero point, as real numbers, plus a bias."""
    product = c("MatMulInteger", a[0], b[0], a[2], b[2] or no_zero(c, b[0]))
    y = c("Mul", c("Cast", product, to=TensorProto.FLOAT), c("Mul", a[1], b[1]))
    return c("Add", y, bias) if bias else y


def no_zero(c: Composer, name: str) -> str:
    """The zero point of quantized numbers that have none."""
    return c.constant(0, np.int8 if c.element_type(name) == TensorProto.INT8 else np.uint8)


def _quantized_input(c: Composer, x: str) -> tuple[str, str, str]:
    quantized, scale, zero = c.several("DynamicQuantizeLinear", [x], 3)
    return quantized, scale, zero


def _quantization(c: Composer, x: str, scale: str, zero: str) -> lookup.Quantization | None:
    """A scale and a zero point of a tensor of x's type, where both are known, and one each."""
    dtypes: Mapping[int, type[np.integer[Any]]] = {TensorProto.UINT8: np.uint8, TensorProto.INT8: np.int8}
    dtype = dtypes.get(c.element_type(x))
    known = c.scope.value(scale)
    origin = c.scope.value(zero) if zero else None if dtype is None else np.zeros((), dtype)
    if dtype is None or known is None or origin is None or known.size != 1 or origin.size != 1:
        return None
    if known.dtype != np.float32 or origin.dtype not in dtypes.values():
        return None
    return known, origin


def _table(
    c: Composer, op: str, x: lookup.Quantization | None, y: lookup.Quantization | None, *names: str
) -> np.ndarray | None:
    """What an operator makes of each value of one quantization, in another; none if either is not known."""
    if x is None or y is None:
        return None
    return lookup.table(Node("", op, (), (), c.attributes(*names)), x, y)


def _looked_up(c: Composer, x: str, table: np.ndarray) -> str:
    return c("Lookup", x, c.constant(table), domain=QUANTIZED_DOMAIN)


def _brought(c: Composer, position: int, to: int) -> str | None:
    """An input that is followed by its scale and zero point, in the quantization at another position.

    None, where that is not known.
    """
    x = c.input(position)
    given = _quantization(c, x, c.input(position + 1), c.input(position + 2))
    wanted = _quantization(c, x, c.input(to), c.input(to + 1))
    if given is None or wanted is None:
        return None
    if given == wanted:
        return x
    return _looked_up(c, x, lookup.table(Node("", "Identity", (), ()), given, wanted))


def _real(c: Composer, position: int, axis: int = 1) -> str:
    """The real numbers of an input that is followed by its scale and zero point; `axis` is that of several scales."""
    operands = filter(None, (c.input(k) for k in range(position, position + 3)))
    return c("DequantizeLinear", *operands, axis=axis if len(c.shape(c.input(position))) > axis else 0)


def _quantized(c: Composer, y: str, position: int) -> str:
    """The result, quantized by the scale at an input position and the zero point after it."""
    return c("QuantizeLinear", y, *filter(None, (c.input(position), c.input(position + 1))))
