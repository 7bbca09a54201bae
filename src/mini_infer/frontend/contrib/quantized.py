"""Quantized operators of onnxruntime's own: the real operator between DequantizeLinear and QuantizeLinear."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import TensorProto

from mini_infer.frontend.composer import Composer, Rule
from mini_infer.frontend.contrib.attention import attend_packed


def binary(op: str) -> Rule:
    """`QLinearAdd`, `QLinearMul`."""

    def rule(c: Composer) -> Sequence[str]:
        return [_quantized(c, c(op, _real(c, 0), _real(c, 3)), 6)]

    return rule


def unary(op: str, *names: str, **fixed: Any) -> Rule:
    """An operator of one tensor; `names` are the attributes that it takes over."""

    def rule(c: Composer) -> Sequence[str]:
        return [_quantized(c, c(op, _real(c, 0), **fixed, **c.attributes(*names)), 3)]

    return rule


def softmax(c: Composer) -> Sequence[str]:
    """`QLinearSoftmax`; before opset 13, everything after the axis is one vector."""
    x = _real(c, 0)
    axis = c.attribute("axis", -1)
    if c.attribute("opset", 13) >= 13:  # noqa: PLR2004
        return [_quantized(c, c("Softmax", x, axis=axis), 3)]
    rows = c("Softmax", c("Flatten", x, axis=axis), axis=-1)
    return [_quantized(c, c("Reshape", rows, c("Shape", c.input(0))), 3)]


def pool(op: str, *names: str) -> Rule:
    """`QLinearAveragePool`, `QLinearGlobalAveragePool`: channels first or last."""

    def rule(c: Composer) -> Sequence[str]:
        rank = len(c.shape(c.input(0)))
        last = c.attribute("channels_last", 0)
        x = _real(c, 0)
        if last:
            x = c("Transpose", x, perm=[0, rank - 1, *range(1, rank - 1)])
        y = c(op, x, **c.attributes(*names))
        return [_quantized(c, c("Transpose", y, perm=[0, *range(2, rank), 1]) if last else y, 3)]

    return rule


def concat(c: Composer) -> Sequence[str]:
    """`QLinearConcat`: each input has a scale of its own; the output's come first."""
    parts = [_real(c, position) for position in range(2, len(c.node.input), 3)]
    return [_quantized(c, c("Concat", *parts, axis=c.attribute("axis")), 0)]


def where(c: Composer) -> Sequence[str]:
    """`QLinearWhere`."""
    return [_quantized(c, c("Where", c.input(0), _real(c, 1), _real(c, 4)), 7)]


def gemm(c: Composer) -> Sequence[str]:
    """`QGemm`: the bias has the product of both scales; without a scale of its own the output is real."""
    turned = c.attribute("transB", 0)
    a, b = _real(c, 0), _real(c, 3, axis=0 if turned else 1)
    if c.attribute("transA", 0):
        a = c("Transpose", a, perm=[1, 0])
    if turned:
        b = c("Transpose", b, perm=[1, 0])
    y = c("MatMul", a, b)
    if c.attribute("alpha", 1.0) != 1:
        y = c("Mul", y, c.like(c.attribute("alpha"), y))
    if c.input(6):
        step = c("Mul", c("Mul", c.input(1), c.input(4)), c.like(c.attribute("alpha", 1.0), c.input(1)))
        y = c("Add", y, c("Mul", c("Cast", c.input(6), to=TensorProto.FLOAT), step))
    return [_quantized(c, y, 7) if c.input(7) else y]


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


def _real(c: Composer, position: int, axis: int = 1) -> str:
    """The real numbers of an input that is followed by its scale and zero point; `axis` is that of several scales."""
    operands = filter(None, (c.input(k) for k in range(position, position + 3)))
    return c("DequantizeLinear", *operands, axis=axis if len(c.shape(c.input(position))) > axis else 0)


def _quantized(c: Composer, y: str, position: int) -> str:
    """The result, quantized by the scale at an input position and the zero point after it."""
    return c("QuantizeLinear", y, *filter(None, (c.input(position), c.input(position + 1))))
