"""C of `MeanOfRows`: some channels at a time, in arrays that compilers keep in registers."""

from mini_infer.codegen.function import Body
from mini_infer.codegen.loops import each_item
from mini_infer.codegen.statements import For, Statement
from mini_infer.machine import Machine
from mini_infer.program.kernels.reduction.mean_of_rows import TOGETHER, MeanOfRows

_CHANNELS = 32
"""Of an item."""


def emit_mean_of_rows(kernel: MeanOfRows, _machine: Machine) -> Body:
    """Write the function of a `MeanOfRows`; an item are some channels."""
    before = "0" if kernel.begins else "sums[c + j]"
    after = f"y[c + j] = (float)(total[j] / {kernel.whole});" if kernel.ends else "sums[c + j] = total[j];"
    lines: list[Statement] = [
        f"const long c = item * {_CHANNELS}, rest = {kernel.channels} - c;",
        f"const long count = rest < {_CHANNELS} ? rest : {_CHANNELS};",
        f"double total[{_CHANNELS}];",
        For("j", "count", [f"total[j] = {before};"]),
        For(
            "from",
            kernel.rows,
            [
                f"const long left = {kernel.rows} - from, to = from + (left < {TOGETHER} ? left : {TOGETHER});",
                f"float part[{_CHANNELS}] = {{0}};",
                For("row", "to", [For("j", "count", [f"part[j] += x[row * {kernel.x_row} + c + j];"])], first="from"),
                For("j", "count", ["total[j] += part[j];"]),
            ],
            step=TOGETHER,
        ),
        For("j", "count", [after]),
    ]
    unused = ["(void)sums;"] * (kernel.begins and kernel.ends) + ["(void)y;"] * (not kernel.ends)
    return Body("mean", "\n".join([*unused, each_item(*lines)]), -(-kernel.channels // _CHANNELS))
