"""Quantization, and products of quantized tensors, exact in integers."""

from collections.abc import Sequence

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from mini_infer.interpreter.operators.convolution import convolve
from mini_infer.interpreter.operators.values import Value, attribute, padded
from mini_infer.ir import Node


def quantize_linear(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """`x / scale` rounded to even, plus the zero point, saturated: by one scale, by one per index, or by one per block.

    `onnx.reference` saturates what fits int32 only. What is no number becomes 0.
    """
    x, scale, zero = padded(inputs, 3)
    named = attribute(node, "output_dtype", 0)
    target = helper.tensor_dtype_to_np_dtype(named or TensorProto.UINT8) if zero is None else zero.dtype
    precision = attribute(node, "precision", 0)
    real = helper.tensor_dtype_to_np_dtype(precision) if precision else scale.dtype
    ratio = x.astype(real) / _spread(node, scale.astype(real), x.shape)
    if "float" in target.name:
        origin = 0 if zero is None else _spread(node, zero.astype(ratio.dtype), x.shape)
        made = ratio + origin
        return [numpy_helper.saturate_cast(made, target) if attribute(node, "saturate", 1) else made.astype(target)]
    rounded = np.rint(ratio.astype(np.float64))
    if zero is not None:
        rounded = rounded + _spread(node, zero.astype(np.float64), x.shape)
    return [numpy_helper.saturate_cast(np.nan_to_num(rounded, nan=0.0), target)]


def _spread(node: Node, parameter: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """A scale or zero point as it meets a tensor of a shape: as it is, along an axis, or repeated for each block."""
    axis, block = attribute(node, "axis", 1), attribute(node, "block_size", 0)
    if block:
        axis %= len(shape)
        repeated = parameter.repeat(block, axis)
        return np.asarray(repeated[(slice(None),) * axis + (slice(shape[axis]),)])
    if parameter.size == 1:
        return parameter.reshape(())
    along: np.ndarray = parameter.reshape([-1 if at == axis % len(shape) else 1 for at in range(len(shape))])
    return along


def matmul_integer(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:  # noqa: ARG001 - one shape for all
    """Matrix product of integers, each less its zero point (a's one or one per row, b's one or one per column)."""
    a, b, a_zero, b_zero = padded(inputs, 4)
    return [_product(a, b, a_zero, b_zero).astype(np.int32)]


def qlinear_matmul(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:  # noqa: ARG001 - one shape for all
    """The same, its sums scaled, rounded to even and saturated."""
    a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero = inputs
    sums = _product(a, b, a_zero, b_zero)
    scales = (_by_row(each.astype(np.float32), sums) for each in (a_scale, y_scale))
    factor = next(scales) * b_scale.astype(np.float32) / next(scales)
    scaled = np.rint(sums * factor.astype(np.float64)) + _by_row(y_zero, sums)
    return [numpy_helper.saturate_cast(scaled, y_zero.dtype)]


def _product(a: np.ndarray, b: np.ndarray, a_zero: np.ndarray | None, b_zero: np.ndarray | None) -> np.ndarray:
    """In float64, which holds every such sum exactly."""
    left = a.astype(np.float64) - (0 if a_zero is None else _by_row(a_zero, a).astype(np.float64))
    right = b.astype(np.float64) - (0 if b_zero is None else b_zero.astype(np.float64))
    return np.asarray(left @ right)


def _by_row(parameter: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """One number for a matrix, or one for each of its rows."""
    return parameter[:, None] if parameter.ndim == 1 < matrix.ndim and parameter.size > 1 else parameter


def conv_integer(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """`x [N, C, *S]`, `w [M, C/group, *K]`, their zero points (w's one or M) → int32 `[N, M, *O]`."""
    x, w, x_zero, w_zero = padded(inputs, 4)
    return [_centered_sums(node, x, x_zero, w, w_zero)]


def qlinear_conv(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """Convolution of quantized tensors, its sums scaled, rounded to even and clipped to the output's type."""
    x, x_scale, x_zero, w, w_scale, w_zero, y_scale, y_zero, *rest = inputs
    sums = _centered_sums(node, x, x_zero, w, w_zero)
    per_channel = (-1, *[1] * (x.ndim - 2))
    if rest and rest[0] is not None:
        sums = sums + rest[0].reshape(per_channel)
    factors = x_scale * w_scale / y_scale
    scaled = np.rint(sums * (factors.reshape(per_channel) if factors.size > 1 else factors)) + y_zero
    limits = np.iinfo(y_zero.dtype)
    return [np.clip(scaled, limits.min, limits.max).astype(y_zero.dtype)]


def _centered_sums(
    node: Node, x: np.ndarray, x_zero: np.ndarray | None, w: np.ndarray, w_zero: np.ndarray | None
) -> np.ndarray:
    """Sums of products of what is left after subtracting the zero points; padding is a zero point.

    The products are summed in float64, which holds every such sum exactly and multiplies matrices fast.
    """
    shifted = x.astype(np.float64) - (0 if x_zero is None else x_zero)
    zeros = np.zeros(1) if w_zero is None else w_zero.astype(np.float64)
    weights = w.astype(np.float64) - zeros.reshape(-1, *[1] * (w.ndim - 1))
    return convolve(node, shifted, weights).astype(np.int64).astype(np.int32)
