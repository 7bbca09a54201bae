"""Depthwise convolution in C: vectors across the channels, a few outputs of a row at a time."""

import math
from collections.abc import Sequence
from dataclasses import replace

from mini_infer.codegen import tile
from mini_infer.codegen.epilogue import Leaving, helpers
from mini_infer.codegen.function import Body
from mini_infer.codegen.loops import each_item
from mini_infer.codegen.parts import Loop, Nest
from mini_infer.codegen.statements import Block, For, Statement
from mini_infer.codegen.steps import Window
from mini_infer.codegen.windows import Run, Stretch, clip, coordinates, stretches
from mini_infer.machine import Machine
from mini_infer.program.kernels import DepthwiseConv


def emit_depthwise_conv(kernel: DepthwiseConv, machine: Machine) -> Body:
    """Write a depthwise convolution; an item is one row of the output."""
    shape, epilogue = kernel.shape, kernel.epilogue
    outer, last = shape.axes[:-1], shape.axes[-1]
    y_at = [
        str(shape.y_start),
        f"n * {shape.image.y_stride}",
        *(f"o{index} * {axis.y_stride}" for index, axis in enumerate(outer)),
    ]
    lines: list[Statement] = [*coordinates([axis.output for axis in outer], "item")]
    for index, axis in enumerate(outer):
        if axis.clipped:
            lines += clip(axis, f"o{index} * {axis.stride}", str(index))
    lines.append(f"const long x_at = n * {shape.image.a_stride}, y_at = {' + '.join(y_at)};")
    cut = stretches(last, last.output, kernel.tile.rows)
    if not any(stretch.runs for stretch in cut):
        lines.append("(void)x_at; (void)x; (void)weights; /* every window lies in the padding */")
    lines += tile.over(cut, kernel.tile.rows, 0, lambda stretch: _channels(kernel, stretch, machine))
    return Body(
        family="depthwise",
        text=each_item(*lines),
        items=shape.count * math.prod(axis.output for axis in outer),
        helpers=helpers(kernel.tile.lanes, machine, epilogue),
    )


def _channels(kernel: DepthwiseConv, stretch: Stretch, machine: Machine) -> list[Statement]:
    """One tile of outputs, all channels: whole blocks in a loop, then what is left, which may overlap the last."""
    channels, block = kernel.shape.groups, kernel.tile.block
    body = _tile(kernel, stretch, machine)
    whole = For("c", channels // block * block, body, step=block)
    return [whole, Block([f"const long c = {channels - block};", *body])] if channels % block else [whole]


def _tile(kernel: DepthwiseConv, stretch: Stretch, machine: Machine) -> list[Statement]:
    shape, last, lanes = kernel.shape, kernel.shape.axes[-1], kernel.tile.lanes
    part = tile.part(shape.window, shape.groups * math.prod(axis.output for axis in shape.axes))
    sums = tile.Sums(stretch.width, lanes, lanes, lanes, part)
    lines = sums.of(_window(kernel, stretch.runs), "bias + c" if kernel.epilogue.bias else "")
    lines += [f"const long to = y_at + o * {last.y_stride} + c;", "float *const out = y + to;"]
    if kernel.epilogue.residual:
        lines.append("const float *const res = residual + to;")
    return [
        *lines,
        *Leaving(sums, kernel.epilogue, machine).store(range(stretch.width), row_step=last.y_stride, column_step=1),
    ]


def _window(kernel: DepthwiseConv, runs: Sequence[Run]) -> Nest:
    """The reduction: loops over the window's rows, and in them each vector of x goes to every sum that wants it."""
    shape, last = kernel.shape, kernel.shape.axes[-1]
    if not runs:
        return ()
    wanted: dict[int, list[tuple[int, int]]] = {}
    for run in runs:
        for k in range(run.start, run.stop):
            for output in range(run.low, run.high):
                position = (output * last.stride + k * last.dilation - last.pad) * last.x_stride
                wanted.setdefault(position, []).append((output, k))
    first = min(wanted)
    terms = ["x_at", "c", f"o * {last.stride * last.x_stride}", str(first)]
    element = ""
    for index, axis in enumerate(shape.axes[:-1]):
        terms.append(f"(o{index} * {axis.stride} + k{index} * {axis.dilation} - {axis.pad}) * {axis.x_stride}")
        element = f"({element} * {axis.kernel} + k{index})" if element else f"k{index}"
    nest: Nest = Window(
        f"x + ({' + '.join(terms)})",
        f"weights + ({element or 0} * {last.kernel * shape.groups} + c)",
        {position - first: pairs for position, pairs in wanted.items()},
        shape.groups,
        across=True,
    )
    for index, axis in reversed(list(enumerate(shape.axes[:-1]))):
        loop = Loop.of(f"k{index}", axis.kernel, nest)
        nest = replace(loop, first=f"first{index}", stop=f"last{index}") if axis.clipped else loop
    return nest
