"""C of `MeanOfRows`: some channels at a time, in arrays of fixed length that compilers keep in registers."""

from dataclasses import dataclass

from mini_infer.codegen.function import Body
from mini_infer.codegen.loops import each_item
from mini_infer.codegen.statements import For, If, Statement
from mini_infer.codegen.tiling import Tiling
from mini_infer.machine import Machine
from mini_infer.program.kernels.reduction.mean_of_rows import TOGETHER, MeanOfRows

_CHANNELS = 32
"""Of an item."""


_PAIR = """\
typedef struct { float high, low; } mi_sum;
MI_INLINE mi_sum mi_more(mi_sum sum, float x) {
  const float high = sum.high + x, part = high - sum.high;
  return (mi_sum){high, sum.low + ((sum.high - (high - part)) + (x - part))};
}
"""
"""A sum and what its roundings lost (Knuth's two-sum): as exact as double, on cores that compute double in software."""


@dataclass(frozen=True, slots=True)
class _Sums:
    """How sums are kept in the eight bytes that each has."""

    type: str
    start: str
    array: str
    add: str
    value: str


_DOUBLE = _Sums("double", "0", "sums", "total[j] += (double)({});", "total[j]")
_FLOATS = _Sums(
    "mi_sum",
    "(mi_sum){0, 0}",
    "((mi_sum *)(void *)sums)",
    "total[j] = mi_more(total[j], {});",
    "(total[j].high + total[j].low)",
)


def emit_mean_of_rows(kernel: MeanOfRows, machine: Machine) -> Body:
    """Write the function of a `MeanOfRows`; an item are some channels."""
    whole, rest = divmod(kernel.channels, _CHANNELS)
    kept = _DOUBLE if machine.has_vectors else _FLOATS
    lines: list[Statement] = _channels(kernel, _CHANNELS if whole else rest, kept)
    if whole and rest:
        lines = [If(f"item < {whole}", lines, _channels(kernel, rest, kept))]
    unused = ["(void)sums;"] * (kernel.begins and kernel.ends) + ["(void)y;"] * (not kernel.ends)
    body = each_item(f"const long c = item * {_CHANNELS};", *lines)
    helpers = (_PAIR,) if kept is _FLOATS else ()
    return Body("mean", "\n".join([*unused, body]), whole + (rest > 0), helpers)


def _channels(kernel: MeanOfRows, count: int, kept: _Sums) -> list[Statement]:
    """The means of so many channels."""
    before = kept.start if kernel.begins else f"{kept.array}[c + j]"
    mean = f"y[c + j] = (float)({kept.value} / {kernel.whole});"
    after = mean if kernel.ends else f"{kept.array}[c + j] = total[j];"
    tiling = Tiling(kernel.rows, TOGETHER)

    def group(rows: int) -> list[Statement]:
        added = " + ".join(f"from[{row * kernel.x_row} + j]" for row in range(rows))
        return [For("j", count, [kept.add.format(added)])]

    lines: list[Statement] = [f"{kept.type} total[{count}];", For("j", count, [f"total[j] = {before};"])]
    lines.append("const float *from = x + c;")
    if tiling.some_whole:
        lines.append(For("group", tiling.whole, [*group(TOGETHER), f"from += {TOGETHER * kernel.x_row};"]))
    lines += tiling.after(group)
    return [*lines, For("j", count, [after])]
