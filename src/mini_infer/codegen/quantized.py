"""C of `QuantizationRange` and `Lookup`."""

from mini_infer.codegen.function import C_TYPES, Body
from mini_infer.codegen.loops import chunks, each_item, nest
from mini_infer.codegen.statements import Block, For, If, Statement, text
from mini_infer.codegen.tiling import Tiling
from mini_infer.codegen.vectors import table
from mini_infer.ir import DType
from mini_infer.ir.dims import at
from mini_infer.machine import Machine
from mini_infer.program.kernels.expression import limits
from mini_infer.program.kernels.quantized import Lookup, QuantizationRange

_CHUNK = 4096
"""Elements in an item, where all are one row."""

_TOGETHER = 8
"""Numbers looked up in one round of the loop: as many loads of the table wait for one another's results no longer."""


def emit_quantization_range(kernel: QuantizationRange, machine: Machine) -> Body:
    """Write the function of a `QuantizationRange`: one item. A tensor of zeros has the scale 1 / 255, NaN no part."""
    together = machine.pipeline.latency * machine.lanes if machine.has_vectors else 0
    vectors = kernel.size // together if together else 0
    lines: list[Statement] = ["float low = 0, high = 0;"]
    if vectors:
        names = range(machine.pipeline.latency)
        each = [f"const vf x{k} = mi_load(x + (j + {k * machine.lanes}));" for k in names]
        each += [f"low{k} = mi_select(x{k} < low{k}, x{k}, low{k});" for k in names]
        each += [f"high{k} = mi_select(x{k} > high{k}, x{k}, high{k});" for k in names]
        ends = [f"{end}{k} = {{0}}" for end in ("low", "high") for k in names]
        lines += [
            f"vf {', '.join(ends)};",
            For("j", vectors * together, each, step=together),
            *(f"low0 = mi_min(low0, low{k}), high0 = mi_max(high0, high{k});" for k in names[1:]),
            "low = mi_lowest(low0), high = mi_highest(high0);",
        ]
    if kernel.size > vectors * together:
        ends = ["low = x[j] < low ? x[j] : low;", "high = x[j] > high ? x[j] : high;"]
        lines.append(For("j", kernel.size, ends, first=str(vectors * together)))
    lines += [
        "const float step = (low == high ? 1 : high - low) / 255;",
        "const float origin = -low / step;",
        "*scale = step;",
        "*zero = (uint8_t)__builtin_rintf(origin > 0 ? origin < 255 ? origin : 255 : 0);",
    ]
    return Body("dynamic_range", each_item(*lines))


def emit_lookup(kernel: Lookup, machine: Machine) -> Body:
    """Write the function of a `Lookup`: a vector of bytes at a time where registers hold the table."""
    *outer, size = kernel.shape
    bytes_alone = kernel.result.numpy.itemsize == 1 and kernel.source[-1] == kernel.target[-1] == 1
    if bytes_alone and table.in_registers(machine) and at(size) >= machine.vector_bytes // 2:
        return _vector_lookup(kernel, machine)
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
    # The table is moved so that every number is its own index.
    before = [f"const {result} *const entries = table + {origin};", f"const {kind} *const from = {source};"]
    if outer:
        walks = {"s": kernel.source[:-1]} if not kernel.in_place else {}
        body, items = nest(outer, {**walks, "t": kernel.target[:-1]}, *row)
    else:
        body, items = chunks(size, _CHUNK, *row)
    return Body("lookup", "\n".join([*before, body]), items)


def _vector_lookup(kernel: Lookup, machine: Machine) -> Body:
    """The same of rows of bytes, the last vector of which may be a part of one."""
    *outer, size = kernel.shape
    width = machine.vector_bytes
    start, stop = ("0", str(size)) if outer else ("start", "stop")
    flip = int(kernel.dtype is DType.INT8) * 0x80
    tiling = Tiling(size, width, counts=True)
    source, target = ("s + ", "t + ") if outer else ("", "")
    places = (
        f"const uint8_t *const p = from + ({target if kernel.in_place else source}j);",
        f"uint8_t *const q = to + ({target}j);",
    )
    looked = "mi_look_up(&table_of, *(const mi_bytes *)p" + (f" ^ {flip})" if flip else ")")
    row: list[Statement] = [f"long j = {start};"]
    if tiling.some_whole:
        row.append(
            f"for (; j <= {stop} - {width}; j += {width}) {text([Block([*places, f'*(mi_bytes *)q = {looked};'])])}"
        )
    if tiling.rests:
        part = [f"const mi_bytes last = mi_look_up_n(&table_of, p, {tiling.rest}, {flip});"]
        part.append(f"__builtin_memcpy(q, &last, {tiling.rest});")
        row.append(If(f"j < {stop}", [*places, *part]))
    if outer:
        walks = {"s": kernel.source[:-1]} if not kernel.in_place else {}
        body, items = nest(outer, {**walks, "t": kernel.target[:-1]}, *row)
    else:
        body, items = chunks(size, _CHUNK, *row)
    before = [
        "const mi_table table_of = mi_table_of(table);",
        f"const uint8_t *const from = (const uint8_t *){'y' if kernel.in_place else 'x'};",
        "uint8_t *const to = (uint8_t *)y;",
    ]
    return Body("lookup", "\n".join([*before, body]), items, table.definitions(machine))


def _times(stride: int, index: str) -> str:
    return index if stride == 1 else f"{index} * {stride}"
