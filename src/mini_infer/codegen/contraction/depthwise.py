"""What is added to the sums of a depthwise convolution: vectors across the channels, a few outputs at a time."""

from collections.abc import Sequence
from dataclasses import replace

from mini_infer.codegen.contraction.blocked_sum import Loop, Nest
from mini_infer.codegen.contraction.steps import Window
from mini_infer.codegen.contraction.windows import Border, Run
from mini_infer.program.kernels import ContractionShape


def across(shape: ContractionShape, runs: Sequence[Run], border: Border | None = None) -> Nest:
    """The reduction of a tile from output `o` and channel `c` on; of one at a border, which looks what there is.

    Loops over the window's rows, and in them each vector of a goes to every sum that wants it.
    """
    last = shape.axes[-1]
    if not runs:
        return ()
    wanted: dict[int, list[tuple[int, int]]] = {}
    for run in runs:
        for k in range(run.start, run.stop):
            for output in range(run.low, run.high):
                position = output * last.stride + k * last.dilation - last.pad
                wanted.setdefault(position, []).append((output, k))
    first = min(wanted)
    terms = ["a_at", "c", f"o * {last.stride * last.x_stride}", str(first * last.x_stride)]
    element = ""
    for index, axis in enumerate(shape.axes[:-1]):
        terms.append(f"(o{index} * {axis.stride} + k{index} * {axis.dilation} - {axis.pad}) * {axis.x_stride}")
        element = f"({element} * {axis.kernel} + k{index})" if element else f"k{index}"
    nest: Nest = Window(
        f"a + ({' + '.join(terms)})",
        f"b + ({element or 0} * {last.kernel * shape.groups} + c)",
        {position - first: pairs for position, pairs in wanted.items()},
        shape.groups,
        across=True,
        x_step=last.x_stride,
        present={position - first: border.exists(position + last.pad) for position in wanted} if border else {},
    )
    for index, axis in reversed(list(enumerate(shape.axes[:-1]))):
        loop = Loop.of(f"k{index}", axis.kernel, nest)
        nest = replace(loop, first=f"first{index}", stop=f"last{index}") if axis.clipped else loop
    return nest
