"""Products of quantized tensors: integer sums, a bias, and what makes a quantized tensor of them (`ir.quantized`).

The scales are multiplied and divided in float32, in onnxruntime's order (core/providers/cpu/quantization).
"""

import math
from collections.abc import Sequence

from onnx import TensorProto

from mini_infer.frontend.composer import Composer
from mini_infer.ir.graph import QUANTIZED_DOMAIN

_BYTES = (TensorProto.UINT8, TensorProto.INT8)


def qlinear_conv(c: Composer) -> Sequence[str]:
    """`QLinearConv`: scales and zero points of the weights may differ for each output channel.

    With onnxruntime's attribute `channels_last`, channels lie last in the input and the result.
    """
    x, x_scale, x_zero, w, w_scale, w_zero, y_scale, y_zero, bias = (c.input(position) for position in range(9))
    _check_types(c, (x, w, y_zero), (x_scale, w_scale, y_scale))
    rank = len(c.sizes(x))
    last = c.attribute("channels_last", 0)
    if last:
        x = c("Transpose", x, perm=[0, rank - 1, *range(1, rank - 1)])
    attributes = c.attributes("auto_pad", "dilations", "group", "kernel_shape", "pads", "strides")
    sums = c("ConvInteger", x, w, x_zero, w_zero, **attributes)
    along = c.integers(-1, *[1] * (rank - 2))
    if bias:
        sums = c("Add", sums, c("Reshape", bias, along))
    scale = c("Div", c("Mul", x_scale, w_scale), y_scale)
    if math.prod(c.sizes(w_scale)) > 1:
        scale = c("Reshape", scale, along)
    y = requantize(c, sums, scale, y_zero)
    return [c("Transpose", y, perm=[0, *range(2, rank), 1]) if last else y]


def qlinear_matmul(c: Composer) -> Sequence[str]:
    """`QLinearMatMul`; scales and zero points of the right side may differ for each column."""
    a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero = (c.input(position) for position in range(8))
    _check_types(c, (a, b, y_zero), (a_scale, b_scale, y_scale))
    if any(math.prod(c.sizes(name)) != 1 for name in (a_scale, a_zero, y_scale, y_zero)):
        raise c.refusal("has a scale for each row")
    product = c("MatMulInteger", a, b, a_zero, b_zero)
    return [requantize(c, product, c("Div", c("Mul", a_scale, b_scale), y_scale), y_zero)]


def requantize(c: Composer, sums: str, scale: str, zero: str) -> str:
    """Add a `Requantize`."""
    return c("Requantize", sums, scale, zero, domain=QUANTIZED_DOMAIN)


def _check_types(c: Composer, elements: Sequence[str], scales: Sequence[str]) -> None:
    """Check that tensors have elements of 8 bits, and scales are float32.

    Raises
    ------
    UnexpressibleError
        When they have or are not.
    """
    if any(c.element_type(name) not in _BYTES for name in elements):
        raise c.refusal("has elements of other types than 8 bits")
    if any(c.element_type(name) != TensorProto.FLOAT for name in scales):
        raise c.refusal("has scales that are not float32")
