"""C of `QuantizedSoftmax`: several lines at a time, as additions wait for one another along each."""

from mini_infer.codegen.function import C_TYPES, Body
from mini_infer.codegen.loops import tiled_nest
from mini_infer.codegen.statements import For, Statement
from mini_infer.codegen.tiling import Tiling
from mini_infer.codegen.vectors import integers
from mini_infer.codegen.vectors.scalars import literal, quantize
from mini_infer.ir import DType
from mini_infer.machine import Machine
from mini_infer.program.kernels.expression import limits
from mini_infer.program.kernels.reduction.quantized_softmax import QuantizedSoftmax

_LINES = 8
"""Lines of neighbors that are summed together."""

_COLUMNS = 32
"""Lines side by side that are."""

_LOOKED_UP = 256
"""Entries that are looked up before anything is computed of them."""


def emit_quantized_softmax(kernel: QuantizedSoftmax, machine: Machine) -> Body:
    """Write the function of a `QuantizedSoftmax`; an item are some lines."""
    helpers = quantize("0", "0", kernel.dtype)[1]
    if kernel.inner == 1:
        if machine.has_vectors:
            helpers = (*integers.definitions(machine, kernel.dtype), integers.QUANTIZE)
        walks = {"at": [kernel.size]}
        body, items = tiled_nest([kernel.outer], walks, "line", _LINES, lambda lines: _rows(kernel, lines, machine))
    else:
        walks = {"at": [kernel.size * kernel.inner, 1]}
        body, items = tiled_nest(
            [kernel.outer, kernel.inner], walks, "column", _COLUMNS, lambda lines: _columns(kernel, lines)
        )
    return Body("quantized_softmax", body, items, helpers)


def _sums(kernel: QuantizedSoftmax, lines: int, line: int, element: int) -> list[Statement]:
    """C of the entries that lines begin their tables at, and of their sums; how far lines and elements are apart."""
    kind = C_TYPES[kernel.dtype]
    place = f"k * {line} + j * {element}"
    greater = f"from[{place}] > most[k] ? from[{place}] : most[k]"
    along: Statement = For("j", kernel.size, [For("k", lines, [f"most[k] = {greater};"])])
    if element == 1:
        one = f"high = from[{place}] > high ? from[{place}] : high;"
        along = For("k", lines, [f"{kind} high = most[k];", For("j", kernel.size, [one]), "most[k] = high;"])
    return [
        f"const {kind} *const from = {'y' if kernel.in_place else 'x'} + at;",
        f"{kind} *const to = y + at;",
        f"{kind} most[{lines}];",
        f"const float *entries[{lines}];",
        f"float total[{lines}];",
        For("k", lines, [f"most[k] = from[k * {line}];"]),
        along,
        For("k", lines, ["entries[k] = table + (255 - most[k]);", "total[k] = 0;"]),
        For("j", kernel.size, [For("k", lines, [f"total[k] += entries[k][from[{place}]];"])]),
    ]


def _rows(kernel: QuantizedSoftmax, lines: int, machine: Machine) -> list[Statement]:
    """Lines one after the other."""
    sums = _sums(kernel, lines, kernel.size, 1)
    if not machine.has_vectors:
        one = f"to[k * {kernel.size} + j] = {_result(kernel, f'entries[k][from[k * {kernel.size} + j]]')};"
        return [*sums, For("k", lines, [For("j", kernel.size, [one])])]
    lanes, parts = machine.lanes, literal(kernel.parts, DType.FLOAT32)
    low, high = (literal(end, DType.FLOAT32) for end in limits(kernel.dtype))
    zero = f"mi_set1({literal(kernel.zero, DType.FLOAT32)})"

    def some(count: int) -> list[Statement]:
        tiling = Tiling(count, lanes)

        def vector(at: str, part: int) -> str:
            value = f"mi_quantize(mi_load(looked_up + {at}) * {parts} / sum, {zero}, {low}, {high})"
            return integers.store(f"to + (k * {kernel.size} + j + {at})", value, part, kernel.dtype)

        found: list[Statement] = [
            f"float looked_up[{-(-count // lanes) * lanes}] = {{0}};",
            For("i", count, [f"looked_up[i] = entries[k][from[k * {kernel.size} + j + i]];"]),
        ]
        if tiling.some_whole:
            found.append(For("i", tiling.whole * lanes, [vector("i", 0)], step=lanes))
        return [*found, vector(str(tiling.whole * lanes), tiling.rest) if tiling.rest else ""]

    pieces = Tiling(kernel.size, _LOOKED_UP)
    return [*sums, For("k", lines, ["const vf sum = mi_set1(total[k]);", *pieces.each("j", some)])]


def _columns(kernel: QuantizedSoftmax, lines: int) -> list[Statement]:
    """Lines side by side."""
    place = f"j * {kernel.inner} + k"
    one = f"to[{place}] = {_result(kernel, f'entries[k][from[{place}]]')};"
    return [*_sums(kernel, lines, 1, kernel.inner), For("j", kernel.size, [For("k", lines, [one])])]


def _result(kernel: QuantizedSoftmax, entry: str) -> str:
    """C of one result."""
    parts, zero = (literal(value, DType.FLOAT32) for value in (kernel.parts, kernel.zero))
    return quantize(f"{entry} * {parts} / total[k]", zero, kernel.dtype)[0]
