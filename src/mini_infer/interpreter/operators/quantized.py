"""Quantised convolution, exact in integers."""

from collections.abc import Sequence

import numpy as np

from mini_infer.interpreter.operators.convolution import convolve
from mini_infer.interpreter.operators.values import Value, padded
from mini_infer.ir import Node


def conv_integer(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """`x [N, C, *S]`, `w [M, C/group, *K]`, their zero points (w's one or M) → int32 `[N, M, *O]`."""
    x, w, x_zero, w_zero = padded(inputs, 4)
    return [_centred_sums(node, x, x_zero, w, w_zero)]


def qlinear_conv(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """Convolution of quantised tensors, its sums scaled, rounded to even and clipped to the output's type."""
    x, x_scale, x_zero, w, w_scale, w_zero, y_scale, y_zero, *rest = inputs
    sums = _centred_sums(node, x, x_zero, w, w_zero)
    per_channel = (-1, *[1] * (x.ndim - 2))
    if rest and rest[0] is not None:
        sums = sums + rest[0].reshape(per_channel)
    factors = x_scale * w_scale / y_scale
    scaled = np.rint(sums * (factors.reshape(per_channel) if factors.size > 1 else factors)) + y_zero
    limits = np.iinfo(y_zero.dtype)
    return [np.clip(scaled, limits.min, limits.max).astype(y_zero.dtype)]


def _centred_sums(
    node: Node, x: np.ndarray, x_zero: np.ndarray | None, w: np.ndarray, w_zero: np.ndarray | None
) -> np.ndarray:
    """Sums of products of what is left after subtracting the zero points; padding is a zero point.

    The products are summed in float64, which holds every such sum exactly and multiplies matrices fast.
    """
    shifted = x.astype(np.float64) - (0 if x_zero is None else x_zero)
    zeros = np.zeros(1) if w_zero is None else w_zero.astype(np.float64)
    weights = w.astype(np.float64) - zeros.reshape(-1, *[1] * (w.ndim - 1))
    return convolve(node, shifted, weights).astype(np.int64).astype(np.int32)
