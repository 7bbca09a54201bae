"""C of `QuantizationRange` and `Lookup`."""

from mini_infer.codegen.function import C_TYPES, Body
from mini_infer.codegen.loops import chunks, each_item, nest
from mini_infer.codegen.statements import For, Statement
from mini_infer.machine import Machine
from mini_infer.program.kernels.expression import limits
from mini_infer.program.kernels.quantized import Lookup, QuantizationRange

_CHUNK = 4096
"""Elements in an item, where all are one row."""

_TOGETHER = 8
"""Numbers looked up in one round of the loop: as many loads of the table wait for one another's results no longer."""


def emit_quantization_range(kernel: QuantizationRange, _machine: Machine) -> Body:
    """Write the function of a `QuantizationRange`: one item. A tensor of zeros has the scale 1 / 255."""
    body = each_item(
        "float low = 0, high = 0;\n"
        f"for (long j = 0; j < {kernel.size}; ++j) {{\n"
        "  low = x[j] < low ? x[j] : low;\n"
        "  high = x[j] > high ? x[j] : high;\n"
        "}\n"
        "const float step = (low == high ? 1 : high - low) / 255;\n"
        "const float origin = -low / step;\n"
        "*scale = step;\n"
        "*zero = (uint8_t)__builtin_rintf(origin > 0 ? origin < 255 ? origin : 255 : 0);"
    )
    return Body("dynamic_range", body)


def emit_lookup(kernel: Lookup, _machine: Machine) -> Body:
    """Write the function of a `Lookup`; `table` is moved so that every number is its own index."""
    *outer, size = kernel.shape
    s, t = ("s + ", "t + ") if outer else ("", "")
    kind, result = C_TYPES[kernel.dtype], C_TYPES[kernel.result]
    source = f"(const {kind} *)y" if kernel.in_place else "x"
    start, stop = ("0", str(size)) if outer else ("start", "stop")
    origin = -int(limits(kernel.dtype)[0])

    def entry(j: str) -> str:
        at = t if kernel.in_place else s
        return f"entries[from[{at}{_times(kernel.source[-1], j)}]]"

    def place(j: str) -> str:
        return f"y[{t}{_times(kernel.target[-1], j)}]"

    several = [f"const {result} e{k} = {entry(f'(j + {k})')};" for k in range(_TOGETHER)]
    several += [f"{place(f'(j + {k})')} = e{k};" for k in range(_TOGETHER)]
    row: list[Statement] = [
        f"long j = {start};",
        f"for (; j <= {stop} - {_TOGETHER}; j += {_TOGETHER}) {{",
        *(f"  {line}" for line in several),
        "}",
        For("k", stop, [f"{place('k')} = {entry('k')};"], first="j"),
    ]
    before = [f"const {result} *const entries = table + {origin};", f"const {kind} *const from = {source};"]
    if outer:
        walks = {"s": kernel.source[:-1]} if not kernel.in_place else {}
        body, items = nest(outer, {**walks, "t": kernel.target[:-1]}, *row)
    else:
        body, items = chunks(size, _CHUNK, *row)
    return Body("lookup", "\n".join([*before, body]), items)


def _times(stride: int, index: str) -> str:
    return index if stride == 1 else f"{index} * {stride}"
