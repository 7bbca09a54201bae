"""Resize, GridSample, RoiAlign, DeformConv."""

import itertools
import math

import numpy as np
import onnx
from onnx import helper

from harness.ball import DIGITS, UNIT, Ball, bilinear, grid, rounded
from harness.oracle.call import Call, by_reference
from harness.oracle.products import biased, geometry

_EDGE = 1e-4
"""So near the first or the last element, or a tie, roundings decide what is sampled."""


def _resize(call: Call) -> Ball:
    x, mode = call[0], call.get("mode", "nearest")
    rank = x.value.ndim
    axes = [a % rank for a in call.get("axes") or range(rank)]
    scales, sizes = call.optional(2), call.optional(3)
    if scales is not None and scales.value.size:
        ratios = dict(zip(axes, [float(s) for s in scales.value], strict=True))
        after = {a: math.floor(x.shape[a] * r) for a, r in ratios.items()}
    else:
        assert sizes is not None
        ratios = {a: int(n) / x.shape[a] for a, n in zip(axes, sizes.value, strict=True)}
        after = dict(zip(axes, map(int, sizes.value), strict=True))
        policy = call.get("keep_aspect_ratio_policy", "stretch")
        if policy != "stretch":
            one = (min if policy == "not_larger" else max)(ratios.values())
            ratios = dict.fromkeys(axes, one)
            after = {a: math.floor(one * x.shape[a] + 0.5) for a in axes}
    roi = call.optional(1)
    value, outside, size = x.value.astype(np.float64), np.zeros((), np.bool_), np.abs(x.value.astype(np.float64))
    exact, spread = mode == "nearest", np.asarray(x.error, np.float64)
    passes, vague = 0, np.zeros((), np.bool_)
    for position, axis in enumerate(axes):
        region = (0.0, 1.0)
        if call.get("coordinate_transformation_mode") == "tf_crop_and_resize":
            assert roi is not None
            region = float(roi.value[position]), float(roi.value[position + len(axes)])
        elif after[axis] == x.shape[axis] and ratios[axis] == 1:
            continue
        matrix, beyond, edge = _matrix(call, mode, x.shape[axis], after[axis], ratios[axis], region)
        passes += 1
        value = np.moveaxis(np.tensordot(matrix, value, ([1], [axis])), 0, axis)
        size = np.moveaxis(np.tensordot(np.abs(matrix), size, ([1], [axis])), 0, axis)
        spread = np.moveaxis(np.tensordot(np.abs(matrix), spread, ([1], [axis])), 0, axis)
        shape = [1] * rank
        shape[axis] = -1
        outside = outside | beyond.reshape(shape)
        vague = vague | edge.reshape(shape)
    fill = call.get("extrapolation_value", 0.0)
    value, size = np.where(outside, fill, value), np.where(outside, np.maximum(size, abs(fill)), size)
    spread = np.where(outside, 0, np.where(np.isnan(spread), np.inf, spread))
    if x.dtype == "bool":
        return Ball(value != 0, np.zeros(value.shape), "bool")
    if not x.real:
        near = np.abs(value - np.rint(value)) < 1e-6
        error = np.where(near | exact, 0.0, 1.0) + spread  # rounded or truncated: nobody says
        ends = np.iinfo(x.dtype)
        error = np.where((value < ends.min) | (value > ends.max), np.inf, error)  # nobody says what becomes of those
        error = np.where(vague, np.inf, error)
        whole = np.clip(np.trunc(np.where(near, np.rint(value), value)), ends.min, ends.max)
        return Ball(whole.astype(x.dtype), error, x.dtype)
    error = (
        np.zeros(value.shape) if exact else 8 * passes * UNIT["float64" if x.dtype == "float64" else "float32"] * size
    )
    return rounded(value, np.where(vague, np.inf, error + spread), x.dtype)


def _matrix(call: Call, mode: str, size: int, count: int, scale: float, region: tuple[float, float]):
    """The weights of each sample, `[count, size]`, and which samples lie outside."""
    how = call.get("coordinate_transformation_mode", "half_pixel")
    y = np.arange(count, dtype=np.float64)
    length = scale * size
    if how == "align_corners":
        x = y * (size - 1) / (length - 1) if length != 1 else np.zeros(count)
    elif how == "asymmetric":
        x = y / scale
    elif how == "tf_half_pixel_for_nn":
        x = (y + 0.5) / scale
    elif how == "half_pixel_symmetric":
        x = size / 2 * (1 - count / length) + (y + 0.5) / scale - 0.5
    elif how == "tf_crop_and_resize":
        start, end = region
        if length > 1:
            x = start * (size - 1) + y * (end - start) * (size - 1) / (length - 1)
        else:
            x = np.full(count, 0.5 * (start + end) * (size - 1))
    elif how == "pytorch_half_pixel" and count == 1:
        x = np.zeros(count)  # ONNX's text; onnx.reference takes -0.5, and the product with the scale for the length
    else:
        x = (y + 0.5) / scale - 0.5
    outside = ((x < 0) | (x > size - 1)) if how == "tf_crop_and_resize" else np.zeros(count, np.bool_)
    edge = (np.minimum(np.abs(x), np.abs(x - (size - 1))) < _EDGE) & (how == "tf_crop_and_resize")
    matrix = np.zeros((count, size))
    if mode == "nearest":
        rounding = call.get("nearest_mode", "round_prefer_floor")
        function = {
            "round_prefer_floor": lambda v: np.ceil(v - 0.5),
            "round_prefer_ceil": lambda v: np.floor(v + 0.5),
            "floor": np.floor,
            "ceil": np.ceil,
        }[rounding]
        matrix[np.arange(count), np.clip(function(x), 0, size - 1).astype(int)] = 1
        turn = 0.5 if rounding.startswith("round") else 0.0
        far = np.abs(x - turn - np.rint(x - turn))
        tie = (far > 0) & (far < _EDGE) & (how == "tf_crop_and_resize")  # float32 decides, as in the runtimes
        return matrix, outside, edge | tie
    reach = 2 if mode == "cubic" else 1
    stretch = min(scale, 1.0) if call.get("antialias", 0) else 1.0
    half = math.ceil(reach / stretch) + 1
    for row in range(count):
        base = math.floor(x[row])
        near = np.arange(base - half, base + half + 1)
        d = np.abs(near - x[row]) * stretch
        if mode == "cubic":
            a = call.get("cubic_coeff_a", -0.75)
            w = np.where(
                d <= 1,
                ((a + 2) * d - (a + 3)) * d * d + 1,
                np.where(d < 2, ((a * d - 5 * a) * d + 8 * a) * d - 4 * a, 0),
            )
        else:
            w = np.maximum(0, 1 - d)
        if call.get("exclude_outside", 0):
            w = np.where((near < 0) | (near >= size), 0, w)
        if w.sum():
            w = w / w.sum()
        np.add.at(matrix[row], np.clip(near, 0, size - 1), w)
    return matrix, outside, edge


def _grid_sample(call: Call) -> Ball:
    x, grid = call[0], call[1].value
    mode, padding, align = call.get("mode", "linear"), call.get("padding_mode", "zeros"), call.get("align_corners", 0)
    n, channels, *sizes = x.shape
    rank = len(sizes)
    out = grid.shape[1:-1]
    points = grid.reshape(n, math.prod(out), rank)[..., ::-1]
    value, size = np.zeros((n, channels, points.shape[1])), np.zeros((n, channels, points.shape[1]))
    reach = {"nearest": 0, "linear": 1, "bilinear": 1, "cubic": 2, "bicubic": 2}[mode]
    per_axis = []
    for axis, length in enumerate(sizes):
        g = points[..., axis]
        at = (g + 1) / 2 * (length - 1) if align else ((g + 1) * length - 1) / 2
        ends = (0.0, length - 1.0) if align else (-0.5, length - 0.5)
        if reach == 2:
            pass  # ONNX leaves it open; as in PyTorch only the elements that are read are brought inside
        elif padding == "border":
            at = np.clip(at, 0, length - 1)
        elif padding == "reflection":
            at = _reflected(at, *ends)
        if reach == 0:
            at = np.rint(at)
            taps = [(at.astype(int), np.ones_like(at))]
        else:
            base = np.floor(at)
            fraction = at - base
            taps = []
            for step in range(1 - reach, reach + 1):
                d = np.abs(fraction - step)
                a = -0.75
                w = (
                    1 - d
                    if reach == 1
                    else np.where(
                        d <= 1, ((a + 2) * d - (a + 3)) * d * d + 1, ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
                    )
                )
                taps.append(((base + step).astype(int), w))
        per_axis.append([(_placed(i, length, padding, ends), w) for i, w in taps])
    batch = np.arange(n)[:, None]
    for combination in itertools.product(*per_axis):
        weight = np.ones(points.shape[:2])
        there = np.ones(points.shape[:2], np.bool_)
        places = []
        for (place, w), length in zip(combination, sizes, strict=True):
            weight = weight * w
            there &= (place >= 0) & (place < length)
            places.append(np.clip(place, 0, length - 1))
        taken = np.moveaxis(x.value[(batch, slice(None), *places)], -1, 1)
        taken = np.where(there[:, None], taken, 0)
        value += taken * weight[:, None]
        size += np.abs(taken * weight[:, None])
    largest = np.abs(x.value).max(initial=0)
    unit = UNIT[x.dtype]
    slack = 0 if reach == 0 else unit * (16 * size + 8 * rank * largest * max(sizes))
    shape = (n, channels, *out)
    return rounded(value.reshape(shape), (np.zeros_like(value) + slack).reshape(shape), x.dtype)


def _reflected(at: np.ndarray, low: float, high: float) -> np.ndarray:
    span = high - low
    if span == 0:
        return np.zeros_like(at) + low
    folded = np.mod(at - low, 2 * span)
    return low + np.where(folded > span, 2 * span - folded, folded)


def _placed(place: np.ndarray, length: int, padding: str, ends: tuple[float, float]) -> np.ndarray:
    """An element that a tap asks for, by the padding."""
    if padding == "border":
        return np.clip(place, 0, length - 1)
    if padding == "reflection":
        return np.clip(_reflected(place.astype(np.float64), *ends), 0, length - 1).astype(int)
    return place


def _roi_align(call: Call) -> list[Ball]:
    """Before opset 16 there was one way to place the samples, which is not the one that later became the default."""
    node = onnx.NodeProto()
    node.CopyFrom(call.node)
    if call.version < 16:
        node.attribute.append(helper.make_attribute("coordinate_transformation_mode", "output_half_pixel"))
    return by_reference(64)(Call(node, call.inputs, max(call.version, 16)))


def _deform_conv(call: Call) -> Ball:
    """The samples of all windows, which are linear in the tensor, and then the products with the weights."""
    x, w, offset, mask = call[0], call[1], call[2].value, call.optional(4)
    kernel, outputs, parts = w.shape[2:], offset.shape[2:], call.get("offset_group", 1)
    strides, dilations, pads = geometry(call, x.shape[2:], kernel)
    n, rank, taps = len(offset), len(kernel), math.prod(kernel)
    moved = offset.reshape(n * parts, taps, rank, *outputs)
    steps = np.indices(kernel).reshape(rank, taps)
    starts = np.indices(outputs)
    axes = []
    for axis in range(rank):
        undeformed = (
            starts[axis] * strides[axis] - pads[axis][0] + steps[axis].reshape(-1, *[1] * rank) * dilations[axis]
        )
        at = undeformed + moved[:, :, axis]
        base = np.floor(at)
        axes.append([(base + side, 1 - np.abs(at - base - side)) for side in range(2)])
    share = np.ones((n * parts, taps, *outputs)) if mask is None else mask.value.reshape(n * parts, taps, *outputs)
    each = x.shape[1] // parts
    batch = np.arange(n * parts).reshape(-1, *[1] * (1 + rank))

    def columns(tensor: np.ndarray) -> np.ndarray:
        source = tensor.reshape(n * parts, each, *x.shape[2:])
        total = np.zeros((n * parts, each, taps, *outputs))
        for corner in itertools.product(*axes):
            places, weight = [], share
            for (place, near), length in zip(corner, x.shape[2:], strict=True):
                weight = np.where((place >= 0) & (place < length), weight * near, 0)
                places.append(np.clip(place, 0, length - 1).astype(int))
            total += np.moveaxis(source[(batch, slice(None), *places)], -1, 1) * weight[:, None]
        return total.reshape(n, x.shape[1] * taps, math.prod(outputs))

    work = "float64" if x.dtype == "float64" else "float32"
    value, size = columns(x.value), columns(np.abs(x.value))
    step = grid(x.value) * grid(share) * math.prod(grid(near) for axis in axes for _, near in axis[:1])
    exact = x.exact and step and size.max(initial=0) < step * 2.0 ** DIGITS[work]
    slack = columns(x.error) + (0 if exact else UNIT[work] * (8 + 2**rank) * size)
    groups = call.get("group", 1)
    weights = Ball(
        w.value.reshape(groups, w.shape[0] // groups, -1), w.error.reshape(groups, w.shape[0] // groups, -1), w.dtype
    )
    total = bilinear(
        lambda a, b: np.matmul(b, a.reshape(n, groups, taps * w.shape[1], a.shape[-1])).reshape(
            n, w.shape[0], *outputs
        ),
        rounded(value, slack, work),
        weights,
        taps * w.shape[1],
        dtype=x.dtype,
    )
    return biased(total, call.optional(3), taps * w.shape[1])


OPERATORS = {
    "DeformConv": _deform_conv,
    "Resize": _resize,
    "GridSample": _grid_sample,
    "RoiAlign": _roi_align,
}
