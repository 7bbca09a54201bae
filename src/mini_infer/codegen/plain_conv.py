"""Convolution in plain loops, for element types and layouts that have no better kernel."""

import math

from mini_infer.codegen.function import Body
from mini_infer.codegen.loops import each_item
from mini_infer.codegen.parts import Loop, Nest, Term, add_up
from mini_infer.codegen.plain import longest_chain, plain_epilogue, sum_type
from mini_infer.codegen.statements import For, Statement
from mini_infer.codegen.windows import clip, coordinates
from mini_infer.machine import Machine
from mini_infer.program.kernels import PlainConv

_STRIP = 64
"""Outputs along the last axis that are summed at once."""


def emit_plain_conv(kernel: PlainConv, machine: Machine) -> Body:  # noqa: ARG001 - the compiler picks its vectors
    """Write a convolution in plain loops; an item is one row (along the last axis) of one output channel."""
    shape, epilogue = kernel.shape, kernel.epilogue
    outer, last = shape.axes[:-1], shape.axes[-1]
    wide = sum_type(kernel.dtype)
    y_at = [
        str(shape.y_start),
        f"n * {shape.y_batch}",
        f"channel * {shape.y_channel}",
        f"(start + j) * {last.y_stride}",
    ]
    y_at += [f"o{index} * {axis.y_stride}" for index, axis in enumerate(outer)]
    rendered = plain_epilogue(epilogue, kernel.dtype, "sums[j]", "residual[at]")
    total = shape.groups * shape.out_channels
    strip: list[Statement] = [
        f"const long width = {last.output} - start < {_STRIP} ? {last.output} - start : {_STRIP};",
        f"{wide} sums[{_STRIP}];",
        f"for (long j = 0; j < width; ++j) sums[j] = {f'({wide})bias[channel]' if epilogue.bias else '0'};",
        *_reduction(kernel, wide),
        For(
            "j", "width", [f"const long at = {' + '.join(y_at)};", *rendered.statements, f"y[at] = {rendered.result};"]
        ),
    ]
    lines: list[Statement] = [
        *coordinates([axis.output for axis in outer], f"item / {total}"),
        f"const long channel = item % {total}, group = channel / {shape.out_channels};",
        For("start", last.output, strip, step=_STRIP),
    ]
    return Body(
        family="plain_conv",
        text=each_item(*lines),
        items=shape.batch * total * math.prod(axis.output for axis in outer),
        helpers=rendered.helpers,
    )


def _reduction(kernel: PlainConv, wide: str) -> list[str]:
    """Add every channel and window element to the strip's sums, each for the outputs that have it."""
    shape = kernel.shape
    outer, last = shape.axes[:-1], shape.axes[-1]
    x_at = [f"n * {shape.x_batch}", f"(group * {shape.in_channels} + c) * {shape.x_channel}"]
    layout = kernel.weights
    weight_at = [str(layout.start), f"group * {layout.group}", f"channel % {shape.out_channels} * {layout.out_channel}"]
    weight_at += [f"c * {layout.in_channel}", f"k * {layout.axes[-1]}"]
    for index, axis in enumerate(outer):
        x_at.append(f"(o{index} * {axis.stride} + k{index} * {axis.dilation} - {axis.pad}) * {axis.x_stride}")
        weight_at.append(f"k{index} * {layout.axes[index]}")

    def products(name: str) -> Nest:
        lines = (
            f"const {wide} weight = ({wide})weights[{' + '.join(weight_at)}];",
            f"const long shift = k * {last.dilation} - {last.pad};",
            f"long low = shift < 0 ? (-shift + {last.stride - 1}) / {last.stride} - start : -start;",
            f"long high = shift < {last.input} ? ({last.input - 1} - shift) / {last.stride} + 1 - start : 0;",
            "low = low < 0 ? 0 : low;",
            "high = high < width ? high : width;",
            f"const long x_at = {' + '.join(x_at)} + shift * {last.x_stride};",
            "for (long j = low; j < high; ++j)",
            f"  {name}[j] += weight * ({wide})x[x_at + (start + j) * {last.stride * last.x_stride}];",
        )
        nest: Nest = Loop.of("k", last.kernel, Term(lines))
        for index, axis in reversed(list(enumerate(outer))):
            nest = Loop(f"k{index}", axis.kernel, nest, f"first{index}", f"last{index}")
        return Loop.of("c", shape.in_channels, nest)

    clips = [line for index, axis in enumerate(outer) for line in clip(axis, f"o{index} * {axis.stride}", str(index))]
    return [*clips, *add_up(products, "sums", wide, count=_STRIP, longest=longest_chain(kernel.dtype))]
