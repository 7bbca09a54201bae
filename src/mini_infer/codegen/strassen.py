"""C of Strassen's products: sums of a's quarters; then seven products with those of b, a block of columns at a time.

A few rows of both halves at a time::

    left sums, A, D ──▶ seven products (registers) ──▶ first cache ──▶ four quarters ──▶ epilogue ──▶ y
"""

from mini_infer.codegen import tile
from mini_infer.codegen.epilogue import helpers
from mini_infer.codegen.expression import has_vector_form, scalar_code, vector_code
from mini_infer.codegen.function import Body
from mini_infer.codegen.loops import each_item
from mini_infer.codegen.parts import indent
from mini_infer.codegen.steps import Steps
from mini_infer.ir import DType
from mini_infer.machine import Machine
from mini_infer.program.kernels import StrassenGemm, StrassenSums
from mini_infer.program.strassen import PRODUCTS

_LEFT = ("A + D", "C + D", "A + B", "C - A", "B - D")
"""The left sums, factors of the first five products; those of the other two are A and D."""
_QUARTERS = ("M0 + M6 - M2 + M4", "M5 + M2", "M1 + M6", "M0 - M1 + M5 + M3")
"""The quarters of y."""


def emit_strassen_sums(kernel: StrassenSums, machine: Machine) -> Body:
    """Write the left sums; an item is a row of each half."""
    shape = kernel.shape
    size = shape.high * shape.depth
    loads = {"A": "up + j", "B": f"up + {shape.depth} + j", "C": "low + j", "D": f"low + {shape.depth} + j"}
    lines = [
        f"const float *const up = a + item * {shape.a_row}, *const low = up + {shape.below * shape.a_row};",
        f"float *const out = sums + item * {shape.depth};",
        f"for (long j = 0; j < {shape.depth}; j += {machine.lanes}) {{",
        *(f"  const vf {name} = mi_load({at});" for name, at in loads.items()),
        *(f"  mi_store(out + {index * size} + j, {total});" for index, total in enumerate(_LEFT)),
        "}",
    ]
    return Body("strassen_sums", each_item("\n".join(lines)), shape.high)


def emit_strassen_gemm(kernel: StrassenGemm, machine: Machine) -> Body:
    """Write a stretch of a product; an item is a block of columns of each half."""
    shape, epilogue = kernel.shape, kernel.epilogue
    columns = shape.tile
    whole, rest = divmod(shape.high, columns.rows)
    lines = [
        f"const float *const panels = b + item * {PRODUCTS * shape.panel};",
        *(f"for (long t = 0; t < {whole}; ++t) {{", *indent(_tile(kernel, columns.rows, machine)), "}"),
    ]
    if rest:
        lines += [f"{{ const long t = {whole};", *indent(_tile(kernel, rest, machine)), "}"]
    return Body("strassen", each_item("\n".join(lines)), shape.blocks, helpers(columns.lanes, machine, epilogue))


def _tile(kernel: StrassenGemm, rows: int, machine: Machine) -> list[str]:
    """Some rows of each half: their products, and these put together."""
    shape = kernel.shape
    size, first = shape.tile.rows * shape.tile.block, shape.tile.rows
    summed = f"sums + i * {shape.high * shape.depth} + t * {first * shape.depth}"
    diagonal = f"a + t * {first * shape.a_row} + i * {shape.below * shape.a_row + shape.depth}"
    count = len(_LEFT)

    def products(start: int, stop: int, left: str, row_step: int) -> list[str]:
        return [
            f"for (long i = 0; i < {stop - start}; ++i) {{",
            f"  const float *const left = {left}, *const right = panels + ({start} + i) * {shape.panel};",
            f"  float *const out = products + ({start} + i) * {size};",
            *indent(_product(kernel, rows, row_step, machine)),
            "}",
        ]

    return [
        *products(0, count, summed, shape.depth),
        *products(count, PRODUCTS, diagonal, shape.a_row),
        *_combine(kernel, rows),
    ]


def _product(kernel: StrassenGemm, rows: int, row_step: int, machine: Machine) -> list[str]:
    """One product of a tile, to `out`."""
    shape, columns = kernel.shape, kernel.shape.tile
    phases = tile.phases(machine, rows * columns.vectors, shape.depth)
    part = tile.part(shape.depth, shape.rows * shape.half)
    sums = tile.Sums(rows, columns.block, columns.block, columns.lanes, part, phases)
    offsets = {row: row * row_step for row in range(rows)}
    return [
        *sums.of(Steps("left", "right", offsets, shape.depth, 1, columns.block)),
        *(
            f"v{columns.lanes}_store(out + {row * columns.block + n * columns.lanes}, {tile.name(row, n)});"
            for row in range(rows)
            for n in range(columns.vectors)
        ),
    ]


def _combine(kernel: StrassenGemm, rows: int) -> list[str]:
    """The four quarters of some rows, through the epilogue, to y."""
    shape, columns = kernel.shape, kernel.shape.tile
    size = columns.rows * columns.block
    loads = ", ".join(f"M{index} = mi_load(from + {index * size})" for index in range(PRODUCTS))
    return [
        f"for (long m = 0; m < {rows}; ++m) for (long n = 0; n < {columns.block}; n += {columns.lanes}) {{",
        f"  const float *const from = products + m * {columns.block} + n;",
        f"  const vf {loads};",
        f"  const vf quarters[4] = {{{', '.join(_QUARTERS)}}};",
        f"  const long row = t * {columns.rows} + m;",
        "  for (int i = 0; i < 4; ++i) {",
        *(["    if (i > 1 && row == 0) continue; /* the upper half has it */"] if shape.rows % 2 else []),
        f"    const long column = (i % 2) * {shape.half} + item * {columns.block} + n;",
        f"    const long at = (row + (i / 2) * {shape.below}) * {shape.y_row} + column;",
        "    vf sum = quarters[i];",
        *indent(_finish(kernel), 4),
        "  }",
        "}",
    ]


def _finish(kernel: StrassenGemm) -> list[str]:
    """The vector `sum` of one quarter, through the epilogue, to `y + at`."""
    epilogue = kernel.epilogue
    lines = ["sum = sum + mi_load(bias + column);"] if epilogue.bias else []
    lines += ["sum = sum + mi_load(y + at);"] if kernel.continues else []
    lines += ["const vf r = mi_load(residual + at);"] if epilogue.residual else []
    types = [DType.FLOAT32] * epilogue.arguments
    if not epilogue.expression:
        return [*lines, "mi_store(y + at, sum);"]
    if has_vector_form(epilogue.expression, types):
        rendered = vector_code(epilogue.expression, ["sum", "r"][: epilogue.arguments])
        return [*lines, *rendered.statements, f"mi_store(y + at, {rendered.result});"]
    rendered = scalar_code(epilogue.expression, ["sum[j]", "r[j]"][: epilogue.arguments], types)
    inner = " ".join([*rendered.statements, f"y[at + j] = {rendered.result};"])
    return [*lines, f"for (int j = 0; j < {kernel.shape.tile.lanes}; ++j) {{ {inner} }}"]
