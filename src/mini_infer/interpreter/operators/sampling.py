"""GridSample and DeformConv: values of a tensor at positions between its elements."""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from mini_infer.interpreter.operators.values import Value, accumulator, attribute, padded
from mini_infer.interpreter.operators.window import Window
from mini_infer.ir import Node, samples

_CUBIC_A = -0.75


def grid_sample(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """`x [N, C, *S]` at `grid [N, *O, len(S)]`, last axis of `S` first and -1 to 1 across each → `[N, C, *O]`.

    As in PyTorch, a position outside is first brought inside by the padding mode, for the nearest element after it was
    rounded; cubic interpolation leaves it there and brings each element that it reads inside (`onnx.reference` does
    that otherwise, and element by element).
    """
    x, grid = inputs
    wide, sizes = x.astype(accumulator(x.dtype)), x.shape[2:]
    align = bool(attribute(node, "align_corners", 0))
    padding = attribute(node, "padding_mode", "zeros")
    mode = attribute(node, "mode", "linear")
    inside = [_Inside(size, padding, align=align) for size in sizes]
    positions = []
    for axis, size in enumerate(sizes):
        g = grid[..., len(sizes) - 1 - axis].astype(np.float64)
        position = (g + 1) / 2 * (size - 1) if align else ((g + 1) * size - 1) / 2
        position = np.rint(position) if mode == "nearest" else position
        positions.append(position if mode == "cubic" else inside[axis].position(position))
    return [_sample(wide, positions, inside, mode).astype(x.dtype)]


class _Inside:
    """How positions and elements outside one axis are brought inside."""

    def __init__(self, size: int, padding: str, *, align: bool) -> None:
        self._size = size
        self._padding = padding
        self._low, self._high = (0.0, size - 1.0) if align else (-0.5, size - 0.5)

    def position(self, position: np.ndarray) -> np.ndarray:
        """A position before interpolation."""
        if self._padding == "border":
            return np.asarray(np.clip(position, 0, self._size - 1))
        return self._reflected(position) if self._padding == "reflection" else position

    def index(self, index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The element to read, and whether there is one (otherwise it counts as zero)."""
        if self._padding == "reflection":
            index = np.rint(self._reflected(index))
        clipped = np.clip(np.nan_to_num(index), 0, self._size - 1).astype(np.intp)
        valid = (index == clipped) if self._padding == "zeros" else np.ones(index.shape, np.bool_)
        return clipped, valid

    def _reflected(self, position: np.ndarray) -> np.ndarray:
        span = self._high - self._low
        if not span:
            return np.zeros_like(position)
        offset = np.mod(position - self._low, 2 * span)
        return self._low + np.where(offset > span, 2 * span - offset, offset)


def _sample(x: np.ndarray, positions: Sequence[np.ndarray], inside: Sequence[_Inside], mode: str) -> np.ndarray:
    """`x [N, C, *S]` at a position `[N, *O]` along each axis of `S` → `[N, C, *O]`."""
    y = np.zeros((*x.shape[:2], *positions[0].shape[1:]), x.dtype)
    batch = np.arange(x.shape[0]).reshape(-1, *[1] * (positions[0].ndim - 1))
    for taps in itertools.product(*(_taps(position, mode) for position in positions)):
        indices: list[Any] = [batch, slice(None)]
        weight = np.ones_like(positions[0])
        for (element, share), bounds in zip(taps, inside, strict=True):
            index, is_there = bounds.index(element)
            indices.append(index)
            weight = np.where(is_there, weight * share, 0)
        values = x[tuple(indices)]
        y += np.moveaxis(values, -1, 1) * weight[:, None]
    return y


def _taps(position: np.ndarray, mode: str) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The elements that a position reads along one axis, and how much of each."""
    if mode == "nearest":
        yield np.rint(position), np.ones_like(position)
        return
    first = np.floor(position)
    fraction = position - first
    weigh: Callable[[np.ndarray], np.ndarray] = lambda distance: 1 - distance  # noqa: E731
    if mode == "cubic":
        weigh = lambda distance: samples.cubic(distance, _CUBIC_A)  # noqa: E731
    for offset in range(-1, 3) if mode == "cubic" else range(2):
        yield first + offset, weigh(np.abs(fraction - offset))


def deform_conv(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """Convolution whose kernel reads at positions shifted by `offset`, each weighed by `mask`.

    `x [N, C, *S]`, `w [M, C/group, *K]`, `offset [N, offset_group · K · len(S), *O]`, optional `bias [M]` and
    `mask [N, offset_group · K, *O]` → `[N, M, *O]`.
    """
    x, w, offset, bias, mask = padded(inputs, 5)
    dtype, kernel, output = accumulator(x.dtype), w.shape[2:], offset.shape[2:]
    rank, parts, taps = len(kernel), attribute(node, "offset_group", 1), math.prod(kernel)
    window = Window.of(node, x.shape[2:], kernel)
    shifts = offset.astype(dtype).reshape(x.shape[0], parts, taps, rank, *output)
    shares = None if mask is None else mask.astype(dtype).reshape(x.shape[0], parts, taps, *output)
    source = x.astype(dtype).reshape(x.shape[0] * parts, -1, *x.shape[2:])
    starts = np.indices(output).astype(dtype)
    columns = np.empty((x.shape[0], parts, x.shape[1] // parts, taps, *output), dtype)
    for tap, at in enumerate(np.ndindex(*kernel)):
        positions = [
            starts[i] * window.strides[i] + at[i] * window.dilations[i] - window.before[i] + shifts[:, :, tap, i]
            for i in range(rank)
        ]
        flat = [position.reshape(-1, *output) for position in positions]
        inside = [_Inside(size, "zeros", align=True) for size in x.shape[2:]]
        values = _sample(source, flat, inside, "linear").reshape(x.shape[0], parts, -1, *output)
        columns[:, :, :, tap] = values if shares is None else values * shares[:, :, None, tap]
    groups = attribute(node, "group", 1)
    weights = w.astype(dtype).reshape(groups, w.shape[0] // groups, -1)
    y = np.matmul(weights, columns.reshape(x.shape[0], groups, weights.shape[2], -1)).reshape(-1, w.shape[0], *output)
    if bias is not None:
        y += bias.astype(dtype).reshape(-1, *[1] * rank)
    return [y.astype(x.dtype)]
