"""What is added to the sums of a depthwise convolution: vectors across the channels, a few outputs at a time."""

from dataclasses import replace

from mini_infer.codegen.contraction.blocked_sum import Choice, Loop, Nest
from mini_infer.codegen.contraction.steps import Window
from mini_infer.codegen.contraction.windows import Border, Segment
from mini_infer.program.kernels import ContractionShape


def across(shape: ContractionShape, segment: Segment, border: Border | None = None, zero: int | None = None) -> Nest:
    """The reduction of a tile from output `o` and channel `c` on; of one at a border, which looks what there is.

    Loops over the window's rows, and in them each vector of a goes to every sum that wants it. Where what is missing
    counts as a number, `zero`, its products are added too.
    """
    last, runs = shape.axes[-1], segment.runs
    if not runs and zero is None:
        return ()
    wanted: dict[int, list[tuple[int, int]]] = {}
    every = {(output, k) for output in range(segment.width) for k in range(last.kernel)}
    missing = set() if zero is None else set(every)
    for run in runs:
        for k in range(run.start, run.stop):
            for output in range(run.low, run.high):
                position = output * last.stride + k * last.dilation - last.pad
                wanted.setdefault(position, []).append((output, k))
                missing.discard((output, k))
    first = min(wanted, default=0)
    terms = ["a_at", "c", f"o * {last.stride * last.x_stride}", str(first * last.x_stride)]
    element, exists = "", []
    for index, axis in enumerate(shape.axes[:-1]):
        row = f"o{index} * {axis.stride} + k{index} * {axis.dilation} - {axis.pad}"
        terms.append(f"({row}) * {axis.x_stride}")
        element = f"({element} * {axis.kernel} + k{index})" if element else f"k{index}"
        if axis.clipped:
            exists.append(f"(unsigned long)({row}) < (unsigned long){axis.input}")
    window = Window(
        f"a + ({' + '.join(terms)})",
        f"b + ({element or 0} * {last.kernel * shape.groups} + c)",
        {position - first: pairs for position, pairs in wanted.items()},
        shape.groups,
        across=True,
        x_step=last.x_stride,
        present={position - first: border.exists(position + last.pad) for position in wanted} if border else {},
        absent=sorted(missing),
        zero=zero or 0,
    )
    nest: Nest = window
    if zero is not None and exists:
        nest = Choice(" && ".join(exists), window, replace(window, p="a", uses={}, absent=sorted(every)))
    for index, axis in reversed(list(enumerate(shape.axes[:-1]))):
        loop = Loop.of(f"k{index}", axis.kernel, nest)
        clipped = axis.clipped and zero is None
        nest = replace(loop, first=f"first{index}", stop=f"last{index}") if clipped else loop
    return nest
