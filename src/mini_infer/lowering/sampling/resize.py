"""Resize: one kernel that picks, or a weighted sum along one axis after the other."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mini_infer.ir import DType, Node, TensorType, samples
from mini_infer.ir.attributes import has_input
from mini_infer.ir.dims import at, at_least, symbols_in
from mini_infer.ir.equal_parts import parts
from mini_infer.ir.samples import AxisScale
from mini_infer.lowering.attributes import integer, integers, number, text
from mini_infer.lowering.builder import Builder, NotNativeError
from mini_infer.lowering.shapes import reshaped
from mini_infer.lowering.window import Window, copy
from mini_infer.program import Call, View
from mini_infer.program.kernels.sampling.resize import MODES, Origins, SampleNearest, SampleWeighted
from mini_infer.program.strides import is_dense

_LONGEST = 1 << 24
"""Samples along an axis: for each, tables say where it comes from."""

_MOST_ROWS = 4096
"""Rows whose origin the kernel says itself, so that it can be cut into bands."""


def lower_resize(node: Node, build: Builder) -> Sequence[Call]:
    """Lower `Resize`."""
    x, y = build.strided(node.inputs[0]), build.strided(node.outputs[0])
    if symbols_in((x.type, y.type)):
        return _open(node, build, x, y)
    if max(y.type.shape, default=0) > _LONGEST:
        raise NotNativeError(f"tables for {max(y.type.shape)} samples would be too large")
    scales = _axes(node, build, x.type.shape, y.type.shape)
    changed = {axis: scale for axis, scale in enumerate(scales) if not scale.changes_nothing}
    if not changed:
        return copy(Window.of(x), Window.of(y))
    if x.type.dtype is DType.BOOL:
        raise NotNativeError("no native code for resizing truth values")
    if text(node, "mode", "nearest") == "nearest":
        return _nearest(node, build, x, y, changed)
    return _weighted(node, build, changed)


def _open(node: Node, build: Builder, x: View, y: View) -> Sequence[Call]:
    """Resize axes whose sizes are given at run time: where samples come from is found out before they are taken."""
    dtype = x.type.dtype
    kind, antialias = text(node, "mode", "nearest"), integer(node, "antialias")
    mode, rounding = _modes(node)
    if kind == "cubic" or antialias or integer(node, "exclude_outside") or mode not in MODES or dtype is DType.BOOL:
        raise NotNativeError(f"{kind} samples of sizes that are given at run time, {mode}")
    if text(node, "keep_aspect_ratio_policy", "stretch") != "stretch":
        raise NotNativeError("an aspect ratio that is kept, of sizes that are given at run time")
    origins = _origins(node, build, x, y, rounding if kind == "nearest" else "")
    if not origins:
        return copy(Window.of(x), Window.of(y))
    sizes = [*(one.size for one in origins.values()), *(one.samples for one in origins.values())]
    if not all(at_least(size, 1) for size in sizes):
        raise NotNativeError("an axis to resize that may be empty")
    if kind == "nearest":
        after = slice(max(origins) + 1, None)
        for view, name in ((x, node.inputs[0]), (y, node.outputs[0])):
            if not is_dense(view.type.shape[after], view.walk[after]):
                build.view(name)
        table = build.workspace(TensorType(DType.INT32, (sum(one.samples for one in origins.values()),)))
        calls, first = [], 0
        for one in origins.values():
            calls.append(Call(one, (reshaped(table, (one.samples,), first),)))
            first = first + one.samples
        before = tuple(one.size for one in origins.values())
        kernel = SampleNearest(y.type.shape, x.walk, y.walk, tuple(origins), before, dtype, clamps=True)
        return (*calls, Call(kernel, (x, table, y)))
    x, y = build.view(node.inputs[0]), build.view(node.outputs[0])
    real = DType.FLOAT64 if dtype is DType.FLOAT64 else DType.FLOAT32
    shape, calls = x.type.shape, []
    order = sorted(origins, key=lambda axis: at(origins[axis].samples) / at(origins[axis].size))
    for axis in order:
        one = replace(origins[axis], dtype=real)
        tables = [build.workspace(TensorType(kind, (one.samples, one.taps))) for kind in (DType.INT32, real)]
        calls.append(Call(one, tuple(tables)))
        outer, inner = math.prod(shape[:axis]), math.prod(shape[axis + 1 :])
        shape = (*shape[:axis], one.samples, *shape[axis + 1 :])
        source, target = x.type.dtype, y.type.dtype if axis == order[-1] else real
        weighted = SampleWeighted(outer, one.size, inner, one.samples, one.taps, source, target, clamps=True)
        place = y if axis == order[-1] else build.workspace(TensorType(real, shape))
        calls.append(Call(weighted, (x, *tables, place)))
        x = place
    return calls


def _origins(node: Node, build: Builder, x: View, y: View, rounding: str) -> dict[int, Origins]:
    """Where samples come from, of the axes that are not left as they are."""
    rank = len(x.type.shape)
    axes = [axis % rank for axis in integers(node, "axes", tuple(range(rank)))]
    scales = _known(node, build, 2)
    found = {}
    for axis, scale in zip(axes, map(float, scales) if len(scales) else [0.0] * len(axes), strict=True):
        size, samples = x.type.shape[axis], y.type.shape[axis]
        if samples != size or not (scale == 0 or math.isclose(scale, 1)):
            found[axis] = Origins(size, samples, scale, _modes(node)[0], rounding)
    return dict(sorted(found.items()))


def _modes(node: Node) -> tuple[str, str]:
    """How coordinates and the nearest element are found."""
    mode = text(node, "coordinate_transformation_mode", "half_pixel")
    return mode, text(node, "nearest_mode", "round_prefer_floor")


def _nearest(node: Node, build: Builder, x: View, y: View, changed: dict[int, AxisScale]) -> Sequence[Call]:
    tables = [samples.nearest(scale, *_modes(node)) for scale in changed.values()]
    fill = number(node, "extrapolation_value", 0.0) if any((table < 0).any() for table in tables) else None
    rows = _rows(tables, math.prod(y.type.shape[: min(changed)])) if fill is None else ()
    indices = np.concatenate(tables[1:] if rows else tables)
    after = slice(max(changed) + 1, None)
    for view, name in ((x, node.inputs[0]), (y, node.outputs[0])):
        if not is_dense(view.type.shape[after], view.walk[after]):
            build.view(name)
    sizes = tuple(x.type.shape[axis] for axis in changed)
    kernel = SampleNearest(y.type.shape, x.walk, y.walk, tuple(changed), sizes, x.type.dtype, fill, rows)
    return (Call(kernel, (x, build.literal(f"{node.outputs[0]}/indices", indices), y)),)


def _rows(tables: Sequence[np.ndarray], before: int) -> tuple[int, ...]:
    """The indices along the first of several axes, if bands of rows can be made: it is the outermost, and they rise."""
    first = tables[0]
    bands = len(tables) > 1 and before == 1 and len(first) <= _MOST_ROWS and bool((np.diff(first) >= 0).all())
    return tuple(map(int, first)) if bands else ()


@dataclass(frozen=True, slots=True)
class _Pass:
    """The weighted sums along one axis, and their tables."""

    kernel: SampleWeighted
    indices: View
    weights: View

    def call(self, x: View, y: View) -> Call:
        return Call(self.kernel, (x, self.indices, self.weights, y))

    def rows(self, start: int, count: int) -> "_Pass":
        """Only the samples `[start, start + count)`."""
        taps = self.kernel.taps
        tables = (reshaped(table, (count, taps), start * taps) for table in (self.indices, self.weights))
        return _Pass(replace(self.kernel, samples=count), *tables)


def _weighted(node: Node, build: Builder, changed: dict[int, AxisScale]) -> Sequence[Call]:
    """One pass for each axis, those that shrink most first."""
    x, y = build.view(node.inputs[0]), build.view(node.outputs[0])
    real = DType.FLOAT64 if x.type.dtype is DType.FLOAT64 else DType.FLOAT32
    weigh, reach = _kernel(node)
    mode, _ = _modes(node)
    fill = number(node, "extrapolation_value", 0.0)
    order = sorted(changed, key=lambda axis: changed[axis].samples / changed[axis].size)
    shape = x.type.shape
    passes, shapes = [], []
    for axis in order:
        taps = samples.weighted(
            changed[axis],
            mode,
            weigh,
            reach=reach,
            antialias=bool(integer(node, "antialias")),
            exclude_outside=bool(integer(node, "exclude_outside")),
        )
        shape = (*shape[:axis], changed[axis].samples, *shape[axis + 1 :])
        kernel = SampleWeighted(
            outer=math.prod(shape[:axis]),
            size=changed[axis].size,
            inner=math.prod(shape[axis + 1 :]),
            samples=changed[axis].samples,
            taps=taps.indices.shape[1],
            source=x.type.dtype if axis == order[0] else real,
            target=y.type.dtype if axis == order[-1] else real,
            fill=fill if (taps.indices < 0).any() else None,
        )
        name = f"{node.outputs[0]}/axis {axis}"
        indices = build.literal(f"{name} indices", taps.indices)
        passes.append(_Pass(kernel, indices, build.literal(f"{name} weights", taps.weights.astype(real.numpy))))
        shapes.append(shape)
    if len(order) == 2 and order[0] < order[1] and passes[0].kernel.outer == 1:  # noqa: PLR2004 - rows, then columns
        return _in_bands(build, x, y, *passes)
    calls: list[Call] = []
    for one, shape in zip(passes, shapes, strict=True):
        target = y if one is passes[-1] else build.workspace(TensorType(real, shape))
        calls.append(one.call(x, target))
        x = target
    return calls


def _in_bands(build: Builder, x: View, y: View, down: _Pass, across: _Pass) -> Sequence[Call]:
    """Both passes for a band of rows after the other: no more than a band exists between them."""
    count, inner, dtype = down.kernel.samples, down.kernel.inner, down.kernel.target
    fitting = build.machine.near(1, 8) // (inner * dtype.numpy.itemsize)
    bands = parts(count, fewest=1)
    rows = max((size for size in bands if size <= fitting), default=bands[0])
    band = build.workspace(TensorType(dtype, (rows, inner)))
    columns = math.prod(y.type.shape) // count
    last = replace(across, kernel=replace(across.kernel, outer=across.kernel.outer // count * rows))
    calls = []
    for start in range(0, count, rows):
        place = reshaped(y, (rows, columns), start * columns)
        calls += [down.rows(start, rows).call(x, band), last.call(band, place)]
    return calls


def _kernel(node: Node) -> tuple[Callable[[np.ndarray], np.ndarray], int]:
    """How the distance of an element weighs, and how far that reaches."""
    if text(node, "mode") == "cubic":
        a = number(node, "cubic_coeff_a", -0.75)
        return lambda x: samples.cubic(x, a), 2
    return samples.linear, 1


def _axes(node: Node, build: Builder, before: Sequence[int], after: Sequence[int]) -> list[AxisScale]:
    """How each axis is resized."""
    rank = len(before)
    axes = [axis % rank for axis in integers(node, "axes", tuple(range(rank)))]
    ratios = [1.0] * rank
    for axis, ratio in zip(axes, _ratios(node, build, [(before[a], after[a]) for a in axes]), strict=True):
        ratios[axis] = ratio
    regions = [(0.0, 1.0)] * rank
    if text(node, "coordinate_transformation_mode") == "tf_crop_and_resize":
        roi = _known(node, build, 1)
        for position, axis in enumerate(axes):
            regions[axis] = float(roi[position]), float(roi[position + len(axes)])
    return [AxisScale(*axis) for axis in zip(before, after, ratios, regions, strict=True)]


def _ratios(node: Node, build: Builder, sizes: Sequence[tuple[int, int]]) -> list[float]:
    """Samples per element of the axes that are resized; `sizes` are their elements before and after."""
    scales = _known(node, build, 2)
    if len(scales):
        return [float(scale) for scale in scales]
    targets = _known(node, build, 3)
    ratios = [int(target) / before if before else 1.0 for target, (before, _) in zip(targets, sizes, strict=True)]
    match text(node, "keep_aspect_ratio_policy", "stretch"):
        case "not_larger":
            return [min(ratios)] * len(ratios)
        case "not_smaller":
            return [max(ratios)] * len(ratios)
    return ratios


def _known(node: Node, build: Builder, position: int) -> np.ndarray:
    """An input's value at build time; no elements where it is omitted."""
    return build.known(node.inputs[position]).ravel() if has_input(node, position) else np.zeros(0)
