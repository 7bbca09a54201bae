"""Pools, and sums over neighboring channels."""

import math

import numpy as np

from harness.ball import UNIT, Ball, chain, grid, rounded
from harness.oracle.call import Call
from harness.oracle.products import geometry, patches


def _window(call: Call, fill: float):
    """The windows of each output, `[n, c, outputs..., window...]`: values, errors, and which elements exist."""
    x = call[0]
    kernel = list(call.get("kernel_shape"))
    strides, dilations, pads = geometry(call, x.shape[2:], kernel)
    behind = []
    counts = []
    for size, k, s, d, (before, after) in zip(x.shape[2:], kernel, strides, dilations, pads, strict=True):
        room = size + before + after - ((k - 1) * d + 1)
        count = (-(-room // s) if call.get("ceil_mode", 0) else room // s) + 1
        if call.get("ceil_mode", 0) and (count - 1) * s >= size + before:
            count -= 1
        counts.append(count)
        behind.append(max(after, (count - 1) * s + (k - 1) * d + 1 - size - before))
    widths = [(0, 0), (0, 0), *((p[0], b) for p, b in zip(pads, behind, strict=True))]
    cut = (slice(None), slice(None), *map(slice, counts))

    def view(array, number):
        return patches(np.pad(array, widths, constant_values=number), kernel, strides, dilations)[cut]

    padded = np.pad(np.ones((1, 1, *x.shape[2:])), [(0, 0), (0, 0), *pads], constant_values=1)
    rest = [(0, 0), (0, 0), *((0, b - p[1]) for p, b in zip(pads, behind, strict=True))]
    counted = patches(np.pad(padded, rest), kernel, strides, dilations)[cut]
    there = patches(np.pad(np.ones((1, 1, *x.shape[2:])), widths), kernel, strides, dilations)[cut]
    return view(x.value.astype(np.float64) if x.real else x.value, fill), view(x.error, 0), there, counted


def _axes(call: Call) -> tuple[int, ...]:
    return tuple(range(-len(call.get("kernel_shape")), 0))


def _max_pool(call: Call) -> list[Ball]:
    x = call[0]
    fill = -np.inf if x.real else np.iinfo(x.dtype).min
    values, errors, _, _ = _window(call, fill)
    axes = _axes(call)
    balls = [Ball(values.max(axes), errors.max(axes), x.dtype)]
    if len(call.node.output) > 1 and call.node.output[1]:
        shape = x.shape[2:]
        numbers = np.arange(math.prod(x.shape)).reshape(x.shape)
        if call.get("storage_order", 0):
            inner = np.arange(math.prod(shape)).reshape(shape, order="F")
            numbers = (
                np.arange(x.shape[0] * x.shape[1]).reshape(*x.shape[:2], *[1] * len(shape)) * math.prod(shape) + inner
            )
        numbered = Call(call.node, [Ball(numbers.astype(np.float64), np.zeros(x.shape), "float64")], call.version)
        places = _window(numbered, -1)[0]
        flat = values.reshape(*values.shape[: -len(axes)], -1)
        places = places.reshape(flat.shape)
        largest = (flat == flat.max(-1, keepdims=True)) & (places >= 0)  # padding is no element, even if it ties
        index = np.take_along_axis(places, largest.argmax(-1)[..., None], -1)[..., 0].astype(np.int64)
        balls.append(Ball(index, np.zeros(index.shape), "int64"))
    return balls


def _average_pool(call: Call) -> Ball:
    values, errors, there, counted = _window(call, 0)
    axes = _axes(call)
    count = (counted if call.get("count_include_pad", 0) else there).sum(axes)
    return average(call[0], values.sum(axes), np.abs(values).sum(axes), errors.sum(axes), count, there.sum(axes).max())


def average(x: Ball, total: np.ndarray, size: np.ndarray, error: np.ndarray, count: np.ndarray, terms: int) -> Ball:
    """A sum divided by how many there are: one rounding, where the sum itself is exact."""
    step = grid(x.value)
    digits = 53 if x.dtype == "float64" else 24
    if not (step and x.exact and np.max(size, initial=0) < step * 2.0**digits):
        error = error + chain(int(terms)) * UNIT["float64" if x.dtype == "float64" else "float32"] * size
    return rounded(total / count, error / count, x.dtype, 1 if x.exact and step else 3)


def _global(call: Call) -> Ball:
    x = call[0]
    axes = tuple(range(2, x.value.ndim))
    if "Max" in call.node.op_type:
        return Ball(x.value.max(axes, keepdims=True), x.error.max(axes, keepdims=True), x.dtype)
    count = math.prod(x.shape[2:])
    total, size, error = (a.sum(axes, keepdims=True) for a in (x.value, np.abs(x.value), x.error))
    return average(x, total, size, error, np.array(count), count)


def _global_lp(call: Call) -> Ball:
    x, p = call[0], call.get("p", 2)
    axes = tuple(range(2, x.value.ndim))
    total = (np.abs(x.value) ** p).sum(axes, keepdims=True)
    value = total ** (1 / p)
    return rounded(value, np.zeros(value.shape), x.dtype, chain(math.prod(x.shape[2:])) + 4)


def _lrn(call: Call) -> Ball:
    x, size = call[0], call.get("size")
    alpha, beta, bias = (call.get(n, d) for n, d in (("alpha", 1e-4), ("beta", 0.75), ("bias", 1.0)))
    squares = np.zeros(x.shape)
    channels = x.shape[1]
    for c in range(channels):
        squares[:, c] = (x.value[:, max(0, c - (size - 1) // 2) : min(channels, c + size // 2 + 1)] ** 2).sum(1)
    value = x.value / (bias + alpha / size * squares) ** beta
    return rounded(value, np.zeros(value.shape), x.dtype, 64 + size)


OPERATORS = {
    "MaxPool": _max_pool,
    "AveragePool": _average_pool,
    "GlobalMaxPool": _global,
    "GlobalAveragePool": _global,
    "GlobalLpPool": _global_lp,
    "LRN": _lrn,
}
