"""C of `QuantizedMean`: some channels at a time, in arrays of fixed length that compilers keep in registers."""

from mini_infer.codegen.function import C_TYPES, Body
from mini_infer.codegen.loops import each_item
from mini_infer.codegen.reduction.quantized_numbers import REAL, real
from mini_infer.codegen.statements import For, If, Statement
from mini_infer.codegen.vectors.scalars import literal, quantize
from mini_infer.ir import DType
from mini_infer.machine import Machine
from mini_infer.program.kernels.reduction.quantized_mean import QuantizedMean

_CHANNELS = 64
"""Of an item."""


def emit_quantized_mean(kernel: QuantizedMean, _machine: Machine) -> Body:
    """Write the function of a `QuantizedMean`; an item are some channels."""
    whole, rest = divmod(kernel.channels, _CHANNELS)
    lines: list[Statement] = _channels(kernel, _CHANNELS if whole else rest)
    if whole and rest:
        lines = [If(f"item < {whole}", lines, _channels(kernel, rest))]
    unused = ["(void)sums;"] * (kernel.begins and kernel.ends) + ["(void)y;"] * (not kernel.ends)
    body = each_item(f"const long c = item * {_CHANNELS};", *lines)
    real_helpers = [] if kernel.exact else [REAL]
    helpers = quantize("0", "0", kernel.dtype)[1] if kernel.ends else ()
    return Body("quantized_mean", "\n".join([*unused, body]), whole + (rest > 0), (*real_helpers, *helpers))


def _channels(kernel: QuantizedMean, count: int) -> list[Statement]:
    """The means of so many channels."""
    kind = "int32_t" if kernel.exact else "float"
    before = "0" if kernel.begins else "sums[c + j]"
    after = f"y[c + j] = {_result(kernel)};" if kernel.ends else "sums[c + j] = total[j];"
    element = "from[j]" if kernel.exact else real("from[j]", kernel.quantized)
    return [
        f"{kind} total[{count}];",
        For("j", count, [f"total[j] = {before};"]),
        f"const {C_TYPES[kernel.dtype]} *from = x + c;",
        For("row", kernel.rows, [For("j", count, [f"total[j] += {element};"]), f"from += {kernel.x_row};"]),
        For("j", count, [after]),
    ]


def _result(kernel: QuantizedMean) -> str:
    """C of a channel's mean."""
    its = kernel.quantized
    x_scale, y_scale, y_zero = (literal(value, DType.FLOAT32) for value in (its.x_scale, its.y_scale, its.y_zero))
    if not kernel.exact:
        return quantize(f"total[j] / (float){kernel.whole} / {y_scale} + {y_zero}", "0", kernel.dtype)[0]
    less = f"(float)(total[j] - (int32_t)({its.x_zero} * {kernel.whole}))"
    return quantize(f"{less} * ({x_scale} / ({y_scale} * (float){kernel.whole}))", y_zero, kernel.dtype)[0]
