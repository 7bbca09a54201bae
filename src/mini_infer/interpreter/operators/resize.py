"""Resize, axis by axis: every output element is a weighted sum of a few input elements along each axis."""

from collections.abc import Sequence

import numpy as np
from onnx import numpy_helper

from mini_infer.interpreter.operators.values import Value, attribute, padded
from mini_infer.ir import Node, samples
from mini_infer.ir.samples import AxisScale


def resize(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """`x`, region of interest, scales or sizes → `x` with other sizes.

    Where the samples come from is said by `ir.samples`, for the kernels too.
    """
    x, roi, scales, sizes = padded(inputs, 4)
    axes = [axis % x.ndim for axis in attribute(node, "axes") or range(x.ndim)]
    factors, targets = _sizes(node, x.shape, axes, scales, sizes)
    cropped = attribute(node, "coordinate_transformation_mode", "half_pixel") == "tf_crop_and_resize"
    y = x
    for index, axis in enumerate(axes):
        region = (float(roi[index]), float(roi[index + len(axes)])) if cropped else (0.0, 1.0)
        along = AxisScale(x.shape[axis], targets[index], factors[index], region)
        if not along.changes_nothing:
            y = _along(node, y, axis, along)
    if y.dtype == x.dtype:
        return [y]
    return [numpy_helper.saturate_cast(y, x.dtype) if x.dtype.kind in "iu" else y.astype(x.dtype)]


def _sizes(
    node: Node, shape: tuple[int, ...], axes: Sequence[int], scales: Value, sizes: Value
) -> tuple[list[float], list[int]]:
    """Factor and output size of each axis."""
    if sizes is None or not sizes.size:
        return [float(scale) for scale in scales], [int(shape[a] * float(s)) for a, s in zip(axes, scales, strict=True)]
    wanted = [int(size) for size in sizes]
    factors = [size / shape[axis] for axis, size in zip(axes, wanted, strict=True)]
    policy = attribute(node, "keep_aspect_ratio_policy", "stretch")
    if policy == "stretch":
        return factors, wanted
    factor = min(factors) if policy == "not_larger" else max(factors)
    return [factor] * len(axes), [int(factor * shape[axis] + 0.5) for axis in axes]


def _along(node: Node, x: np.ndarray, axis: int, along: AxisScale) -> np.ndarray:
    if not along.samples:
        return np.empty((*x.shape[:axis], 0, *x.shape[axis + 1 :]), x.dtype)
    mode = attribute(node, "coordinate_transformation_mode", "half_pixel")
    if attribute(node, "mode", "nearest") == "nearest":
        elements = samples.nearest(along, mode, attribute(node, "nearest_mode", "round_prefer_floor"))
        y, outside = x.take(np.maximum(elements, 0), axis), elements < 0
    else:
        taps = _taps(node, along, mode)
        shape = (-1, *[1] * (x.ndim - axis - 1))
        source = x.astype(np.float64)
        y = np.zeros((*x.shape[:axis], along.samples, *x.shape[axis + 1 :]), np.float64)
        for tap, weight in zip(np.maximum(taps.indices, 0).T, taps.weights.T, strict=True):
            y += source.take(tap, axis) * weight.reshape(shape)
        outside = taps.indices[:, 0] < 0
    if outside.any():
        y = y.copy()
        y[(slice(None),) * axis + (outside,)] = attribute(node, "extrapolation_value", 0.0)
    return np.asarray(y)


def _taps(node: Node, along: AxisScale, mode: str) -> samples.Taps:
    """The elements that each sample is made of, and how much of each."""
    cubic = attribute(node, "mode", "nearest") == "cubic"
    a = attribute(node, "cubic_coeff_a", -0.75)
    return samples.weighted(
        along,
        mode,
        (lambda x: samples.cubic(x, a)) if cubic else samples.linear,
        reach=2 if cubic else 1,
        antialias=bool(attribute(node, "antialias", 0)),
        exclude_outside=bool(attribute(node, "exclude_outside", 0)),
    )
