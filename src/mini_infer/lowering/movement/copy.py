"""Operators that only move data, as copies between windows."""

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Literal, cast

import numpy as np

from mini_infer.ir import Node
from mini_infer.ir.attributes import has_input
from mini_infer.ir.dims import at_least, symbols_in
from mini_infer.ir.slices import open_slice, slice_range
from mini_infer.lowering.attributes import integer, integers, listed, text
from mini_infer.lowering.builder import Builder, NotNativeError
from mini_infer.lowering.window import Window, copy
from mini_infer.program import Call, View

_SHORT = 1 << 16
"""Elements of a dimension that is padded by more than it has, whose runs are looked for one by one."""

_MANY = 100
"""A padding made of more pieces than this is not worth native code."""
_SLICE = ("starts", "ends", "axes", "steps")
_Around = Literal["edge", "reflect", "wrap"]


def lower_reshape(node: Node, build: Builder) -> Sequence[Call]:
    """Copy the first input as it is, in the output's shape."""
    target = build.view(node.outputs[0])
    if build.constant(node.inputs[0]) is not None and build.type(node.inputs[0]).shape == target.type.shape:
        return copy(Window.of(build.strided(node.inputs[0])), Window.of(target))
    return copy(Window.of(build.view(node.inputs[0]), target.type.shape), Window.of(target))


def lower_dropout(node: Node, build: Builder) -> Sequence[Call]:
    """Copy the input, outside training; the mask, if wanted, keeps everything."""
    if has_input(node, 2):
        training = build.constant(node.inputs[2])
        if training is None or training.any():
            raise NotNativeError("dropout in training mode draws random numbers")
    calls = lower_reshape(node, build)
    if len(node.writes) > 1:
        mask = build.view(node.outputs[1])
        return (*calls, *fill(build, Window.of(mask), np.ones((), mask.type.dtype.numpy)))
    return calls


def lower_transpose(node: Node, build: Builder) -> Sequence[Call]:
    """Permute the dimensions: reversed by default."""
    source = Window.of(build.strided(node.inputs[0]))
    order = integers(node, "perm") or tuple(reversed(range(len(source.shape))))
    return copy(source.permute(order), Window.of(build.strided(node.outputs[0])))


def lower_expand(node: Node, build: Builder) -> Sequence[Call]:
    """Broadcast to the output's shape."""
    target = Window.of(build.strided(node.outputs[0]))
    return copy(Window.of(build.strided(node.inputs[0])).broadcast(target.shape), target)


def lower_tile(node: Node, build: Builder) -> Sequence[Call]:
    """Repeat along each dimension as often as the shapes say."""
    source, target = Window.of(build.strided(node.inputs[0])), Window.of(build.strided(node.outputs[0]))
    for axis in reversed(range(len(source.shape))):
        size = source.shape[axis]
        target = target.split(axis, (target.shape[axis] // size, size))
    strides = tuple(itertools.chain.from_iterable((0, stride) for stride in source.strides))
    return copy(Window(source.view, target.shape, strides), target)


def lower_concat(node: Node, build: Builder) -> Sequence[Call]:
    """Copy each input into its part of the output."""
    parts = _along(node.outputs[0], node.inputs, integer(node, "axis", 1), build)
    return [call for part, place in parts for call in copy(part, place)]


def lower_split(node: Node, build: Builder) -> Sequence[Call]:
    """Copy the parts, whose sizes their shapes tell."""
    parts = _along(node.inputs[0], node.outputs, integer(node, "axis"), build)
    return [call for part, place in parts for call in copy(place, part)]


def _along(whole: str, names: Sequence[str], axis: int, build: Builder) -> Iterator[tuple[Window, Window]]:
    """Tensors that follow each other along an axis of another one, and where each of them lies there."""
    window = Window.of(build.strided(whole))
    axis %= len(window.shape)
    start = 0
    for name in names:
        part = Window.of(build.strided(name))
        yield part, window.slice(axis, start, part.shape[axis])
        start += part.shape[axis]


def lower_slice(node: Node, build: Builder) -> Sequence[Call]:
    """Copy every `step`-th index from `start` to before `end`; attributes up to opset 9."""
    window = Window.of(build.strided(node.inputs[0]))
    starts, ends, axes, steps = (listed(node, build, name, at) for at, name in enumerate(_SLICE, 1))
    starts, ends = starts or (), ends or ()  # never absent; a slice of no axes takes everything
    axes = tuple(range(len(starts))) if axes is None else axes
    steps = (1,) * len(starts) if steps is None else steps
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        size = window.shape[axis]
        if symbols_in((size, start, end)):
            first, count = open_slice(size, start, end, step)
        else:
            indices = slice_range(size, start, end, step)
            first, count = indices.start, len(indices)
        window = window.slice(axis % len(window.shape), first, count, step)
    return copy(window, Window.of(build.strided(node.outputs[0])))


def lower_depth_to_space(node: Node, build: Builder) -> Sequence[Call]:
    """Move blocks of channels into blocks of pixels."""
    view = build.view(node.inputs[0])
    n, c, h, w = view.type.shape
    block = integer(node, "blocksize")
    depth = c // block**2
    if text(node, "mode", "DCR") == "DCR":
        window = Window.of(view, (n, block, block, depth, h, w)).permute((0, 3, 4, 1, 5, 2))
    else:
        window = Window.of(view, (n, depth, block, block, h, w)).permute((0, 1, 4, 2, 5, 3))
    return copy(window, Window.of(build.view(node.outputs[0]), window.shape))


def lower_space_to_depth(node: Node, build: Builder) -> Sequence[Call]:
    """Move blocks of pixels into blocks of channels."""
    view = build.view(node.inputs[0])
    n, c, h, w = view.type.shape
    block = integer(node, "blocksize")
    order = (0, 3, 5, 1, 2, 4) if text(node, "mode", "DCR") == "DCR" else (0, 1, 3, 5, 2, 4)
    window = Window.of(view, (n, c, h // block, block, w // block, block)).permute(order)
    return copy(window, Window.of(build.view(node.outputs[0]), window.shape))


def lower_constant_of_shape(node: Node, build: Builder) -> Sequence[Call]:
    """Fill with one value."""
    target = build.view(node.outputs[0])
    value = node.attributes.get("value")
    number = value.reshape(()) if isinstance(value, np.ndarray) else np.zeros((), np.float32)
    return fill(build, Window.of(target), number)


def lower_eye_like(node: Node, build: Builder) -> Sequence[Call]:
    """Zeros, and ones on one diagonal."""
    target = build.view(node.outputs[0])
    dtype = target.type.dtype.numpy
    rows, columns = target.type.shape
    k = integer(node, "k")
    first = (0, k) if k >= 0 else (-k, 0)
    length = max(0, min(rows - first[0], columns - first[1]))
    diagonal = Window(target, (length,), (columns + 1,), first[0] * columns + first[1])
    return (*fill(build, Window.of(target), np.zeros((), dtype)), *fill(build, diagonal, np.ones((), dtype)))


def lower_pad(node: Node, build: Builder) -> Sequence[Call]:
    """Surround (or, where pads are negative, crop) a tensor: by one value, its edge, its mirror image or itself."""
    source, target = Window.of(build.strided(node.inputs[0])), Window.of(build.strided(node.outputs[0]))
    rank = len(source.shape)
    pads = listed(node, build, "pads", 1) or integers(node, "paddings")
    axes = listed(node, build, "axes", 3)
    axes = tuple(range(rank)) if axes is None else tuple(axis % rank for axis in axes)
    sides = [(0, 0)] * rank
    for position, axis in enumerate(axes):
        sides[axis] = (pads[position], pads[position + len(axes)])
    mode = text(node, "mode", "constant")
    if mode == "constant":
        return _pad_by_value(node, build, source, target, sides)
    around = cast("_Around", mode)  # the front end knows no others
    runs = [_pieces(size, side, around) for size, side in zip(source.shape, sides, strict=True)]
    if math.prod(map(len, runs)) > _MANY:
        raise NotNativeError(f"a padding of {math.prod(map(len, runs))} pieces")
    calls: list[Call] = []
    for pieces in itertools.product(*runs):
        part, place = source, target
        for axis, (at, start, count, step) in enumerate(pieces):
            part, place = part.slice(axis, start, count, step), place.slice(axis, at, count)
        calls += copy(part, place)
    return calls


def lower_center_crop_pad(node: Node, build: Builder) -> Sequence[Call]:
    """Crop or pad by zeros, as much before as after; what is odd goes to the end."""
    source, target = Window.of(build.strided(node.inputs[0])), Window.of(build.strided(node.outputs[0]))
    sides = []
    for have, want in zip(source.shape, target.shape, strict=True):
        before = abs(want - have) // 2
        sides.append((before, want - have - before) if want > have else (-before, want - have + before))
    return _pad_by_value(node, build, source, target, sides)


def _pad_by_value(
    node: Node, build: Builder, source: Window, target: Window, sides: Sequence[tuple[int, int]]
) -> Sequence[Call]:
    """Fill the slabs before and after along each dimension, then copy what lies between."""
    calls: list[Call] = []
    inside = target
    for axis, side in enumerate(sides):
        before, after = (max(amount, 0) for amount in side)
        size = target.shape[axis]
        for start, count in ((0, before), (size - after, after)):
            calls += _pad_fill(node, build, inside.slice(axis, start, count))
        inside = inside.slice(axis, before, size - before - after)
        source = source.slice(axis, max(-side[0], 0), inside.shape[axis])
    return (*calls, *copy(source, inside))


def _pad_fill(node: Node, build: Builder, place: Window) -> Sequence[Call]:
    """Fill a slab with the value to pad by: an attribute up to opset 10, an input since; 0 by default."""
    if has_input(node, 2):
        return copy(_repeated(build.view(node.inputs[2]), place), place)
    return fill(build, place, np.asarray(node.attributes.get("value", 0), place.view.type.dtype.numpy))


def fill(build: Builder, place: Window, value: np.ndarray) -> Sequence[Call]:
    """Write one value, known now, everywhere; equal values share one constant."""
    name = f"{value.dtype.name} {value.item()!r} (0x{value.tobytes().hex()})"
    return copy(_repeated(build.literal(name, value), place), place)


def _repeated(view: View, place: Window) -> Window:
    """One element in the shape of another window."""
    return Window(view, place.shape, (0,) * len(place.shape))


def _pieces(size: int, side: tuple[int, int], mode: _Around) -> list[tuple[int, int, int, int]]:
    """Where a padded dimension comes from, as `_runs` says it. Crops come first."""
    first, count = max(-side[0], 0), size - max(-side[0], 0) - max(-side[1], 0)
    before, after = (max(width, 0) for width in side)
    behind, last = before + count, first + count - 1
    around = {
        "edge": ((0, first, before, 0), (behind, last, after, 0)),
        "reflect": ((0, first + before, before, -1), (behind, last - 1, after, -1)),
        "wrap": ((0, last + 1 - before, before, 1), (behind, first, after, 1)),
    }[mode]
    if at_least(count, 1 if mode == "edge" else max(before, after) + 1) or max(before, after) < count:
        return [run for run in (around[0], (before, first, count, 1), around[1]) if run[2] != 0]
    if not 0 < behind + after <= _SHORT * min(count, 1):
        raise NotNativeError(f"a padding by {before} and {after} of {count} elements")
    return _runs(np.pad(np.arange(first, last + 1), (before, after), mode))  # back and forth, or round and round


def _runs(indices: np.ndarray) -> list[tuple[int, int, int, int]]:
    """Cut a list of indices into runs of one step: (position, first index, how many, step)."""
    runs = []
    at = 0
    while at < len(indices):
        step = int(indices[at + 1] - indices[at]) if at + 1 < len(indices) else 1
        end = at + 1
        while end < len(indices) and indices[end] - indices[end - 1] == step:
            end += 1
        runs.append((at, int(indices[at]), end - at, step))
        at = end
    return runs
