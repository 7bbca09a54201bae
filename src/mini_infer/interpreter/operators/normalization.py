"""BatchNormalization, MeanVarianceNormalization, LRN, LpNormalization, and logarithms of sums."""

from collections.abc import Sequence

import numpy as np

from mini_infer.interpreter.operators.values import Value, accumulator, attribute, padded
from mini_infer.ir import Node


def batch_normalization(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """Normalize each channel: by the given statistics, or when training (opset 14) by the batch's own.

    `onnx.reference` updates the statistics at inference too for opsets 9 to 13, and ignores `spatial`.
    """
    x, scale, bias, mean, variance = inputs
    epsilon = attribute(node, "epsilon", 1e-5)
    outputs = []
    if attribute(node, "training_mode", 0):
        momentum, axes = attribute(node, "momentum", 0.9), (0, *range(2, x.ndim))
        batch_mean, batch_variance = x.mean(axis=axes), x.var(axis=axes)
        outputs = [
            (mean * momentum + batch_mean * (1 - momentum)).astype(mean.dtype),
            (variance * momentum + batch_variance * (1 - momentum)).astype(variance.dtype),
        ]
        mean, variance = batch_mean, batch_variance
    shape = x.shape[1:] if scale.ndim > 1 or not attribute(node, "spatial", 1) else (-1, *[1] * (x.ndim - 2))
    dtype = np.result_type(accumulator(x.dtype), accumulator(mean.dtype))
    scale, bias, mean, variance = (part.astype(dtype).reshape(shape) for part in (scale, bias, mean, variance))
    y = (x.astype(dtype) - mean) * (scale / np.sqrt(variance + dtype.type(epsilon))) + bias
    return [y.astype(x.dtype), *outputs]


def mean_variance_normalization(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """`(x - mean) / (deviation + 1e-9)` over `axes` (onnx's own function of it knows float32 only)."""
    x = inputs[0].astype(accumulator(inputs[0].dtype))
    axes = tuple(attribute(node, "axes", (0, 2, 3)))
    centered = x - x.mean(axis=axes, keepdims=True)
    deviation = np.sqrt((centered**2).mean(axis=axes, keepdims=True))
    return [(centered / (deviation + x.dtype.type(1e-9))).astype(inputs[0].dtype)]


def lrn(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """Divide by the squares of the neighboring channels (`onnx.reference` does so for the first few channels only)."""
    x = inputs[0].astype(accumulator(inputs[0].dtype))
    size = attribute(node, "size")
    before, after = (size - 1) // 2, size // 2
    squares = np.pad(x**2, [(0, 0), (before, after), *[(0, 0)] * (x.ndim - 2)])
    sums = np.lib.stride_tricks.sliding_window_view(squares, size, axis=1).sum(axis=-1)
    scale = attribute(node, "alpha", 0.0001) / size * sums + attribute(node, "bias", 1.0)
    return [(x / scale ** attribute(node, "beta", 0.75)).astype(inputs[0].dtype)]


def lp_normalization(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """Divide by the p-norm along an axis; where that is zero, zero (`onnx.reference` sums without absolute values)."""
    x = inputs[0].astype(accumulator(inputs[0].dtype))
    axis, p = attribute(node, "axis", -1), attribute(node, "p", 2)
    norm = (np.abs(x) ** p).sum(axis=axis, keepdims=True) ** (1.0 / p)
    return [np.divide(x, norm, out=np.zeros_like(x), where=norm != 0).astype(inputs[0].dtype)]


def reduce_log_sum_exp(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """The logarithm of the sum of exponentials, none of which overflows (`onnx.reference`: NaN where all are zero)."""
    x, axes = inputs[0], _reduced_axes(node, inputs)
    wide = x.astype(np.float64)
    largest = wide.max(axis=axes, keepdims=True, initial=-np.inf)
    shift = np.where(np.isfinite(largest), largest, 0)
    total = np.log(np.exp(wide - shift).sum(axis=axes, keepdims=True)) + shift
    kept = total if attribute(node, "keepdims", 1) else total.squeeze(axes)
    return [kept.astype(x.dtype)]


def reduce_log_sum(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """The logarithm of the sum (`onnx.reference` refuses integers, which ONNX had before opset 28)."""
    x, axes = inputs[0], _reduced_axes(node, inputs)
    wide = x.astype(accumulator(x.dtype))
    total = wide.sum(axis=axes, dtype=wide.dtype, keepdims=bool(attribute(node, "keepdims", 1)))
    return [np.log(total.astype(np.float64)).astype(x.dtype)]


def _reduced_axes(node: Node, inputs: Sequence[Value]) -> tuple[int, ...]:
    """The axes of a reduction, which are an attribute in some opsets and an input in others; all by default."""
    x, given = padded(inputs, 2)
    axes = attribute(node, "axes", ()) if given is None else given.ravel().tolist()
    if not axes and not attribute(node, "noop_with_empty_axes", 0):
        return tuple(range(x.ndim))
    return tuple(axes)
