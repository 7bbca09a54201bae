"""C of `MeanOfRows`: some channels at a time, in arrays of fixed length that compilers keep in registers."""

from mini_infer.codegen.function import Body
from mini_infer.codegen.loops import each_item
from mini_infer.codegen.statements import For, If, Statement
from mini_infer.codegen.tiling import Tiling
from mini_infer.machine import Machine
from mini_infer.program.kernels.reduction.mean_of_rows import TOGETHER, MeanOfRows

_CHANNELS = 32
"""Of an item."""


def emit_mean_of_rows(kernel: MeanOfRows, _machine: Machine) -> Body:
    """Write the function of a `MeanOfRows`; an item are some channels."""
    whole, rest = divmod(kernel.channels, _CHANNELS)
    lines: list[Statement] = _channels(kernel, _CHANNELS if whole else rest)
    if whole and rest:
        lines = [If(f"item < {whole}", lines, _channels(kernel, rest))]
    unused = ["(void)sums;"] * (kernel.begins and kernel.ends) + ["(void)y;"] * (not kernel.ends)
    body = each_item(f"const long c = item * {_CHANNELS};", *lines)
    return Body("mean", "\n".join([*unused, body]), whole + (rest > 0))


def _channels(kernel: MeanOfRows, count: int) -> list[Statement]:
    """The means of so many channels."""
    before = "0" if kernel.begins else "sums[c + j]"
    after = f"y[c + j] = (float)(total[j] / {kernel.whole});" if kernel.ends else "sums[c + j] = total[j];"
    tiling = Tiling(kernel.rows, TOGETHER)

    def group(rows: int) -> list[Statement]:
        added = " + ".join(f"from[{row * kernel.x_row} + j]" for row in range(rows))
        return [For("j", count, [f"total[j] += (double)({added});"])]

    lines: list[Statement] = [f"double total[{count}];", For("j", count, [f"total[j] = {before};"])]
    lines.append("const float *from = x + c;")
    if tiling.some_whole:
        lines.append(For("group", tiling.whole, [*group(TOGETHER), f"from += {TOGETHER * kernel.x_row};"]))
    lines += tiling.after(group)
    return [*lines, For("j", count, [after])]
