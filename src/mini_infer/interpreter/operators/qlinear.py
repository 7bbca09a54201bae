"""Operators on quantized tensors that onnxruntime has (`ir.quantized`), to the byte as it computes them.

What is computed in float32 is computed in float32 here, rounded where MLAS rounds on x86-64 with AVX2. Sums of integers
are exact: where onnxruntime's saturate on the way (bytes of both signs without VNNI), its results differ.
"""

from collections.abc import Sequence

import numpy as np

from mini_infer.interpreter.operators.values import Value, attribute
from mini_infer.interpreter.operators.window import Window, box
from mini_infer.ir import Node
from mini_infer.ir.quantized import exponentials
from mini_infer.ir.rounding import fused_multiply_add


def requantize(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:  # noqa: ARG001 - one shape for all
    """`saturate(rint(float32(sums) * scale) + zero)`: `MlasRequantizeOutput` (core/mlas/lib/quantize.cpp)."""
    sums, scale, zero = inputs
    return [_saturated(np.rint(sums.astype(np.float32) * scale), zero)]


def lookup(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:  # noqa: ARG001 - one shape for all
    """`table[x - least value of its type]`."""
    x, table = inputs
    return [table[x.astype(np.int32) - np.iinfo(x.dtype).min]]


def qlinear_add(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:  # noqa: ARG001 - one shape for all
    """The sum, by fused multiply-adds: `MlasQLinearAddKernelAvx2Helper` (core/mlas/lib/intrinsics/avx2/qladd_avx2.cpp).

    What does not depend on the elements is one number; an operand of one element is part of that. (onnxruntime does so
    also where one operand is the same along the last axes, whichever these are in its layout.)
    """
    a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero = inputs
    if a.size == 1 and b.size != 1:
        a, a_scale, a_zero, b, b_scale, b_zero = b, b_scale, b_zero, a, a_scale, a_zero
    left, right = (np.float32(scale.item()) / np.float32(y_scale.item()) for scale in (a_scale, b_scale))
    zeros = fused_multiply_add(left, np.float32(a_zero.item()), right * np.float32(b_zero.item()))
    partial = fused_multiply_add(b.astype(np.float32), right, np.float32(y_zero.item()) - zeros)
    return [_saturated(np.rint(fused_multiply_add(a.astype(np.float32), left, partial)), y_zero, origin=0)]


def qlinear_mul(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:  # noqa: ARG001 - one shape for all
    """The product, its zero point added before it is rounded: `MlasQLinearMulKernel` (core/mlas/lib/qlmul.cpp)."""
    a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero = inputs
    ratio = np.float32(a_scale.item()) * np.float32(b_scale.item()) / np.float32(y_scale.item())
    product = (a.astype(np.int32) - int(a_zero.item())) * (b.astype(np.int32) - int(b_zero.item()))
    return [_saturated(np.rint(product.astype(np.float32) * ratio + np.float32(y_zero.item())), y_zero, origin=0)]


def qlinear_average_pool(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """`x [N, C, *S]` → the means `[N, C, *O]`: real numbers, added in float32 one after the other, then quantized.

    The zero point is added before a result is rounded (contrib_ops/cpu/quantization/qlinear_pool.cc).
    """
    x, x_scale, x_zero, y_scale, y_zero = inputs
    real = np.float32(x_scale.item()) * (x.astype(np.int32) - int(x_zero.item())).astype(np.float32)
    window = Window.of(node, x.shape[2:], tuple(attribute(node, "kernel_shape")))
    taps = window.taps(window.pad(real, 0))
    sums = np.zeros(taps.shape[: x.ndim], np.float32)
    for place in np.ndindex(*window.kernel):
        sums = sums + taps[(..., *place)]
    if attribute(node, "count_include_pad", 0):
        counts = np.asarray(np.prod(window.kernel), np.float32)
    else:
        there = np.zeros((1, 1, *(b + s + e for b, s, e in zip(window.before, x.shape[2:], window.after, strict=True))))
        there[box(*((b, b + s) for b, s in zip(window.before, x.shape[2:], strict=True)))] = 1
        counts = window.taps(there).sum(axis=tuple(range(-len(window.kernel), 0))).astype(np.float32)
    scaled = sums / counts / np.float32(y_scale.item()) + np.float32(y_zero.item())
    return [_saturated(np.rint(scaled), y_zero, origin=0)]


def qlinear_global_average_pool(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:  # noqa: ARG001
    """`x [N, C, *S]` → the means `[N, C, 1, ...]`: exact sums, scaled in float32 (core/mlas/lib/qlgavgpool.cpp)."""
    x, x_scale, x_zero, y_scale, y_zero = inputs
    axes = tuple(range(2, x.ndim))
    count = int(np.prod(x.shape[2:]))
    sums = x.sum(axis=axes, keepdims=True, dtype=np.int64) - int(x_zero.item()) * count
    scale = np.float32(x_scale.item()) / (np.float32(y_scale.item()) * np.float32(count))
    return [_saturated(np.rint(sums.astype(np.float32) * scale), y_zero)]


def qlinear_softmax(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """Exponentials from a table, of which the greatest element of a line has the greatest (qlinear_softmax.cc).

    The scale of the result is taken for one part of a whole number.
    """
    x, x_scale, _, y_scale, y_zero = inputs
    axis = attribute(node, "axis", -1)
    lines = x.shape[axis]
    if not x.size:
        return [x]
    table = exponentials(np.float32(x_scale.item()), lines)
    index = x.astype(np.int32) - x.max(axis=axis, keepdims=True).astype(np.int32) + 255
    values = np.moveaxis(table[index], axis, -1)
    sums = np.add.accumulate(values, axis=-1, dtype=np.float32)[..., -1:]
    parts = np.floor(np.float32(1) / np.float32(y_scale.item()))
    return [np.moveaxis(_saturated(np.rint(values * parts / sums), y_zero), -1, axis)]


def _saturated(whole: np.ndarray, zero: np.ndarray, origin: int | None = None) -> np.ndarray:
    """Whole numbers in the zero point's type, after it is added unless another `origin` is; what is no number is 0."""
    added = int(zero.item()) if origin is None else origin
    limits = np.iinfo(zero.dtype)
    return np.clip(np.nan_to_num(whole.astype(np.float64), nan=0.0) + added, limits.min, limits.max).astype(zero.dtype)
