"""Resize, axis by axis: every output element is a weighted sum of a few input elements along each axis."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from onnx import numpy_helper

from mini_infer.interpreter.operators.values import Value, attribute, padded
from mini_infer.ir import Node


@dataclass(frozen=True, slots=True)
class _Axis:
    """One axis: how many elements become how many, by which factor, and the region of interest along it."""

    source: int
    target: int
    scale: float
    start: float = 0.0
    end: float = 1.0


def resize(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """`x`, region of interest, scales or sizes → `x` with other sizes.

    Where nothing is interpolated, positions are computed in float32, as the runtimes do: 3 / 0.6 is then 5, not 4.9...
    """
    x, roi, scales, sizes = padded(inputs, 4)
    axes = [axis % x.ndim for axis in attribute(node, "axes") or range(x.ndim)]
    factors, targets = _sizes(node, x.shape, axes, scales, sizes)
    has_region = roi is not None and roi.size > 0
    y = x
    for index, axis in enumerate(axes):
        region = (float(roi[index]), float(roi[index + len(axes)])) if has_region else (0.0, 1.0)
        along = _Axis(x.shape[axis], targets[index], factors[index], *region)
        if along.target != along.source or along.scale != 1 or region != (0.0, 1.0):
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


def _along(node: Node, x: np.ndarray, axis: int, along: _Axis) -> np.ndarray:
    if not along.target:
        return np.empty((*x.shape[:axis], 0, *x.shape[axis + 1 :]), x.dtype)
    mode = attribute(node, "mode", "nearest")
    positions = _positions(node, along, np.float32 if mode == "nearest" else np.float64)
    outside = (positions < 0) | (positions > along.source - 1)
    if mode == "nearest":
        nearest = np.clip(_round(positions, attribute(node, "nearest_mode", "round_prefer_floor")), 0, along.source - 1)
        y = x.take(nearest.astype(np.intp), axis)
    else:
        taps, weights = _weights(node, positions, along)
        if attribute(node, "exclude_outside", 0):
            weights = np.where((taps < 0) | (taps >= along.source), 0, weights)
            weights = weights / weights.sum(axis=1, keepdims=True)
        shape = (-1, *[1] * (x.ndim - axis - 1))
        source = x.astype(np.float64)
        y = np.zeros((*x.shape[:axis], along.target, *x.shape[axis + 1 :]), np.float64)
        for tap, weight in zip(np.clip(taps, 0, along.source - 1).T, weights.T, strict=True):
            y += source.take(tap, axis) * weight.reshape(shape)
    if attribute(node, "coordinate_transformation_mode", "half_pixel") == "tf_crop_and_resize" and outside.any():
        y = y.copy()
        y[(slice(None),) * axis + (outside,)] = attribute(node, "extrapolation_value", 0.0)
    return np.asarray(y)


def _positions(node: Node, along: _Axis, dtype: type[np.floating]) -> np.ndarray:
    """Where each output element lies among the input's, by `coordinate_transformation_mode`.

    With `align_corners` the last elements meet, as the text of ONNX and the runtimes have it; `onnx.reference` lets the
    ends of scale · length meet, which differ where that is no integer.
    """
    i = np.arange(along.target, dtype=dtype)
    scale, half = dtype(along.scale), dtype(0.5)
    length = along.scale * along.source
    mode = attribute(node, "coordinate_transformation_mode", "half_pixel")
    if mode == "asymmetric":
        return np.asarray(i / scale)
    if mode == "align_corners":
        return np.asarray(i * dtype(along.source - 1) / dtype(max(along.target - 1, 1)))
    if mode == "tf_crop_and_resize":
        last = along.source - 1
        if length == 1:
            return np.full_like(i, (along.start + along.end) / 2 * last)
        return np.asarray(along.start * last + i * (along.end - along.start) * last / (length - 1), dtype)
    centred = np.asarray((i + half) / scale - half)
    if mode == "pytorch_half_pixel":
        return centred if length > 1 else np.zeros_like(i)
    if mode == "half_pixel_symmetric":
        return np.asarray(centred + dtype(along.source / 2 * (1 - along.target / length)))
    return centred


def _round(positions: np.ndarray, mode: str) -> np.ndarray:
    if mode == "floor":
        return np.asarray(np.floor(positions))
    if mode == "ceil":
        return np.asarray(np.ceil(positions))
    half = np.float32(0.5)
    return np.asarray(np.ceil(positions - half) if mode == "round_prefer_floor" else np.floor(positions + half))


def _weights(node: Node, positions: np.ndarray, along: _Axis) -> tuple[np.ndarray, np.ndarray]:
    """The input elements that an output element is made of, and how much of each: both `[outputs, taps]`."""
    cubic = attribute(node, "mode", "nearest") == "cubic"
    shrink = min(along.scale, 1.0) if attribute(node, "antialias", 0) else 1.0
    reach = (2 if cubic else 1) / shrink
    first = np.floor(positions).astype(np.int64)
    taps = first[:, None] + np.arange(int(np.floor(-reach)) + 1, 2 - (int(np.floor(-reach)) + 1))
    distance = np.abs(taps - positions[:, None]) * shrink
    weights = cubic_weight(distance, attribute(node, "cubic_coeff_a", -0.75)) if cubic else np.clip(1 - distance, 0, 1)
    return taps, weights / weights.sum(axis=1, keepdims=True) if attribute(node, "antialias", 0) else weights


def cubic_weight(distance: np.ndarray, a: float) -> np.ndarray:
    """How much an element counts at a distance.

    R. Keys, "Cubic convolution interpolation for digital image processing" (1981); `a` is its free parameter.
    """
    near = ((a + 2) * distance - (a + 3)) * distance**2 + 1
    far = ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a
    return np.where(distance <= 1, near, np.where(distance < 2, far, 0))  # noqa: PLR2004 - the kernel's reach
