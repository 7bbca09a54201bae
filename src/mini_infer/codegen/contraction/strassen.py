"""C of Strassen's products: sums of a's quarters; then seven products with those of b, a block of columns at a time.

A few rows of both halves at a time::

    left sums, A, D ──▶ seven products (registers) ──▶ first cache ──▶ four quarters ──▶ epilogue ──▶ y
"""

from mini_infer.codegen.contraction import tile
from mini_infer.codegen.contraction.ahead import Ahead
from mini_infer.codegen.contraction.epilogue import EpilogueWriter, applied, helpers
from mini_infer.codegen.contraction.steps import Steps
from mini_infer.codegen.function import Body
from mini_infer.codegen.loops import each_item
from mini_infer.codegen.statements import For, Statement
from mini_infer.codegen.tiling import Tiling
from mini_infer.codegen.vectors.arithmetic import Reals
from mini_infer.machine import FLOAT_BYTES, Machine
from mini_infer.program.kernels import Epilogue
from mini_infer.program.kernels.contraction.strassen import StrassenGemm, StrassenSums
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
    vectors = [
        *(f"const vf {name} = mi_load({at});" for name, at in loads.items()),
        *(f"mi_store(out + {index * size} + j, {total});" for index, total in enumerate(_LEFT)),
    ]
    text = each_item(
        f"const float *const up = a + item * {shape.a_row}, *const low = up + {shape.below * shape.a_row};",
        f"float *const out = sums + item * {shape.depth};",
        For("j", shape.depth, vectors, step=machine.lanes),
    )
    return Body("strassen_sums", text, shape.high)


def emit_strassen_gemm(kernel: StrassenGemm, machine: Machine) -> Body:
    """Write a K block of a product; an item is a block of columns of each half."""
    shape, epilogue = kernel.shape, kernel.epilogue
    columns = shape.tile
    text = each_item(
        f"const float *const panels = b + item * {PRODUCTS * shape.panel};",
        *_ahead(kernel, machine).declared(f"panels + {PRODUCTS * shape.panel}"),
        *Tiling(shape.high, columns.rows).each("t", lambda rows: _tile(kernel, rows, machine)),
    )
    return Body("strassen", text, shape.blocks, helpers(Reals(columns.width), machine, epilogue))


def _ahead(kernel: StrassenGemm, machine: Machine) -> Ahead:
    """How far tiles ask ahead: for the weights of the next block of columns."""
    shape, columns = kernel.shape, kernel.shape.tile
    panels, tiles = PRODUCTS * shape.panel * FLOAT_BYTES, -(-shape.high // columns.rows)
    steps, vectors = PRODUCTS * shape.depth, columns.rows * columns.vectors
    return Ahead.of(panels, shape.blocks, steps, tiles, vectors, machine)


def _tile(kernel: StrassenGemm, rows: int, machine: Machine) -> list[Statement]:
    """Some rows of each half, from `t` on: their products, and these put together."""
    shape = kernel.shape
    size = shape.tile.rows * shape.tile.block
    summed = f"sums + i * {shape.high * shape.depth} + t * {shape.depth}"
    diagonal = f"a + t * {shape.a_row} + i * {shape.below * shape.a_row + shape.depth}"
    count = len(_LEFT)

    def products(start: int, stop: int, left: str, row_step: int) -> For:
        body = [
            f"const float *const left = {left}, *const right = panels + ({start} + i) * {shape.panel};",
            f"float *const out = products + ({start} + i) * {size};",
            *_product(kernel, rows, row_step, machine),
        ]
        return For("i", stop - start, body)

    return [
        products(0, count, summed, shape.depth),
        products(count, PRODUCTS, diagonal, shape.a_row),
        _combine(kernel, rows),
    ]


def _product(kernel: StrassenGemm, rows: int, row_step: int, machine: Machine) -> list[Statement]:
    """One product of a tile, to `out`."""
    shape, columns = kernel.shape, kernel.shape.tile
    phases = tile.phases(machine, rows * columns.vectors, shape.depth)
    part = tile.part(shape.depth, shape.rows * shape.half)
    loop, ahead = machine.pipeline.loop, _ahead(kernel, machine)
    sums = tile.Accumulators(rows, columns.block, columns.block, Reals(columns.width), part, loop, phases, ahead)
    offsets = {row: row * row_step for row in range(rows)}
    stores = EpilogueWriter(sums, Epilogue(), machine).store(range(rows), row_step=columns.block, column_step=1)
    return [*sums.of(Steps("left", "right", offsets, shape.depth, 1, columns.block)), *stores]


def _combine(kernel: StrassenGemm, rows: int) -> For:
    """The four quarters of some rows, through the epilogue, to y."""
    shape, columns, epilogue = kernel.shape, kernel.shape.tile, kernel.epilogue
    size = columns.rows * columns.block
    loads = ", ".join(f"M{index} = mi_load(from + {index * size})" for index in range(PRODUCTS))
    quarter = [
        *(["if (i > 1 && row == 0) continue; /* the upper half has it */"] if shape.rows % 2 else []),
        f"const long column = (i % 2) * {shape.half} + item * {columns.block} + n;",
        f"const long at = (row + (i / 2) * {shape.below}) * {shape.y_row} + column;",
        "vf sum = quarters[i];",
        *(["sum = sum + mi_load(bias + column);"] if epilogue.bias else []),
        *(["sum = sum + mi_load(y + at);"] if kernel.continues else []),
        *(["const vf r = mi_load(residual + at);"] if epilogue.residual else []),
        *applied(epilogue, columns.width),
        "mi_store(y + at, sum);",
    ]
    quarters: list[Statement] = [
        f"const float *const from = products + m * {columns.block} + n;",
        f"const vf {loads};",
        f"const vf quarters[4] = {{{', '.join(_QUARTERS)}}};",
        "const long row = t + m;",
        For("i", len(_QUARTERS), quarter),
    ]
    return For("m", rows, [For("n", columns.block, quarters, step=columns.width)])
