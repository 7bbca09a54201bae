"""C of Strassen's products: the sums of a's quarters; then, for a block of columns, the sums of b's and seven products.

A few rows at a time::

    left sums, A, D ──▶ seven products (registers) ──▶ first cache ──▶ four quarters ──▶ epilogue ──▶ y
"""

from mini_infer.codegen import lanes as vectors
from mini_infer.codegen import tile
from mini_infer.codegen.epilogue import helpers
from mini_infer.codegen.expression import has_vector_form, scalar_code, vector_code
from mini_infer.codegen.function import Function
from mini_infer.codegen.loops import each_item
from mini_infer.ir import DType
from mini_infer.program.kernels import StrassenGemm, StrassenSums
from mini_infer.program.kernels.strassen import RIGHT_SUMS

_LEFT = ("A + D", "C + D", "A + B", "C - A", "B - D")
_RIGHT = ("E + H", "E + F", "G + H", "F - H", "G - E")
_QUARTERS = ("M0 + M6 - M2 + M4", "M5 + M2", "M1 + M6", "M0 - M1 + M5 + M3")
"""The quarters of y: M0 to M4 are products of the left sums, M5 is A (F - H), M6 is D (G - E)."""


def emit_strassen_sums(kernel: StrassenSums, lanes: int) -> Function:
    """Write the left sums; an item is a row of each half."""
    shape = kernel.shape
    loads = {"A": "up + j", "B": f"up + {shape.depth} + j", "C": "low + j", "D": f"low + {shape.depth} + j"}
    lines = [
        f"const float *const up = a + item * {shape.a_row}, *const low = up + {shape.below * shape.a_row};",
        f"float *const out = sums + item * {shape.depth};",
        f"for (long j = 0; j < {shape.depth}; j += {lanes}) {{",
        *(f"  const vf {name} = mi_load({at});" for name, at in loads.items()),
        *(f"  mi_store(out + {index * shape.high * shape.depth} + j, {total});" for index, total in enumerate(_LEFT)),
        "}",
    ]
    return Function(
        "strassen_sums", ("const float *restrict a", "float *restrict sums"), each_item("\n".join(lines)), shape.high
    )


def emit_strassen_gemm(kernel: StrassenGemm, lanes: int) -> Function:
    """Write a stretch of a product; an item is a block of columns of each half."""
    shape, epilogue = kernel.shape, kernel.epilogue
    columns = shape.tile
    parameters = ["const float *restrict a", "const float *restrict sums", "const float *restrict b"]
    parameters += ["const float *restrict bias"] if epilogue.bias else []
    parameters += ["const float *residual"] if epilogue.residual else []
    parameters += ["float *restrict scratch", "float *y"]
    quarters = ", ".join(
        f"*const {name} = b + item * {4 * shape.panel} + {index * shape.panel}" for index, name in enumerate("EFGH")
    )
    whole, rest = divmod(shape.high, columns.rows)
    lines = [
        f"const float {quarters};",
        f"float *const right = scratch, *const products = scratch + {RIGHT_SUMS * shape.panel};",
        f"for (long j = 0; j < {shape.panel}; j += {lanes}) {{",
        *(f"  const vf v{name} = mi_load({name} + j);" for name in "EFGH"),
        *(
            f"  mi_store(right + {index * shape.panel} + j, v{total.replace('+ ', '+ v').replace('- ', '- v')});"
            for index, total in enumerate(_RIGHT)
        ),
        "}",
        f"const float *const factors[5] = {{right, E, H, right + {shape.panel}, right + {2 * shape.panel}}};",
    ]
    lines.append(f"const float *ahead = b + (item + (item + 1 < end)) * {4 * shape.panel};")
    if whole:
        lines += [f"for (long t = 0; t < {whole}; ++t) {{", *tile.indent(_tile(kernel, columns.rows)), "}"]
    if rest:
        lines += [f"{{ const long t = {whole};", *tile.indent(_tile(kernel, rest)), "}"]
    return Function(
        "strassen",
        tuple(parameters),
        each_item("\n".join(lines)),
        shape.blocks,
        helpers(columns.lanes, lanes, epilogue),
        private={parameters.index("float *restrict scratch"): 4 * shape.scratch},
    )


def _tile(kernel: StrassenGemm, rows: int) -> list[str]:
    """Some rows of each half: their products, and these put together."""
    shape = kernel.shape
    size = shape.tile.rows * shape.tile.block
    first = shape.tile.rows
    diagonal = f"a + t * {first * shape.a_row} + i * {shape.below * shape.a_row + shape.depth}"
    return [
        "for (long i = 0; i < 5; ++i) {",
        f"  const float *p = sums + i * {shape.high * shape.depth} + t * {first * shape.depth}, *q = factors[i];",
        f"  float *const out = products + i * {size};",
        *tile.indent(_product(kernel, rows, shape.depth)),
        "}",
        "for (long i = 0; i < 2; ++i) {",
        f"  const float *p = {diagonal}, *q = right + (3 + i) * {shape.panel};",
        f"  float *const out = products + (5 + i) * {size};",
        *tile.indent(_product(kernel, rows, shape.a_row)),
        "}",
        *_combine(kernel, rows),
    ]


def _product(kernel: StrassenGemm, rows: int, row_step: int) -> list[str]:
    """One product of a tile, to `out`."""
    shape, columns = kernel.shape, kernel.shape.tile
    phases = tile.phases(rows * columns.vectors, shape.depth)
    parts = next(n for n in (8, 6, 4, 3, 2, 1) if shape.depth % n == 0)
    total = -(-4 * shape.panel // 16)
    lines_each = -(-total // (7 * -(-shape.high // columns.rows) * parts))
    sums = tile.Sums(rows, columns.block, columns.block, columns.lanes, phases)
    return [
        *sums.declare(""),
        *sums.reduce([(row, row * row_step) for row in range(rows)], count=shape.depth, x_step=1, w_step=columns.block),
        *sums.merge(),
        *(
            vectors.store(
                columns.lanes, f"out + {row * columns.block + n * columns.lanes}", tile.name(row, n), columns.lanes
            )
            for row in range(rows)
            for n in range(columns.vectors)
        ),
    ]


def _combine(kernel: StrassenGemm, rows: int) -> list[str]:
    """The four quarters of some rows, through the epilogue, to y."""
    shape, epilogue = kernel.shape, kernel.epilogue
    columns = shape.tile
    size = columns.rows * columns.block
    finish = []
    if epilogue.bias:
        finish.append(f"sum = sum + mi_load(bias + (i % 2) * {shape.half} + item * {columns.block} + n);")
    if kernel.continues:
        finish.append("sum = sum + mi_load(y + at);")
    if epilogue.residual:
        finish.append("const vf r = mi_load(residual + at);")
    if not epilogue.expression:
        finish.append("mi_store(y + at, sum);")
    elif has_vector_form(epilogue.expression, [DType.FLOAT32] * epilogue.arguments):
        rendered = vector_code(epilogue.expression, ["sum", "r"][: epilogue.arguments])
        finish += [*rendered.statements, f"mi_store(y + at, {rendered.result});"]
    else:
        rendered = scalar_code(epilogue.expression, ["sum[j]", "r[j]"], [DType.FLOAT32] * epilogue.arguments)
        inner = " ".join([*rendered.statements, f"y[at + j] = {rendered.result};"])
        finish.append(f"for (int j = 0; j < {columns.lanes}; ++j) {{ {inner} }}")
    shared = "if (i > 1 && row == 0) continue; /* the upper half has it */" if shape.rows % 2 else ""
    return [
        f"for (long m = 0; m < {rows}; ++m) for (long n = 0; n < {columns.block}; n += {columns.lanes}) {{",
        f"  const float *const from = products + m * {columns.block} + n;",
        "  const vf " + ", ".join(f"M{index} = mi_load(from + {index * size})" for index in range(7)) + ";",
        "  const vf quarters[4] = {" + ", ".join(_QUARTERS) + "};",
        f"  const long row = t * {columns.rows} + m;",
        "  for (int i = 0; i < 4; ++i) {",
        *([f"    {shared}"] if shared else []),
        f"    const long at = (row + (i / 2) * {shape.below}) * {shape.y_row} + (i % 2) * {shape.half} + item * {columns.block} + n;",
        "    vf sum = quarters[i];",
        *tile.indent(finish, 4),
        "  }",
        "}",
    ]
