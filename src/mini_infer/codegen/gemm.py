"""Matrix products in C in register tiles, over packed or strided b."""

import math

from mini_infer.codegen import tile
from mini_infer.codegen.epilogue import Leaving, helpers
from mini_infer.codegen.function import Body
from mini_infer.codegen.grid import Grid
from mini_infer.codegen.loops import each_item
from mini_infer.codegen.statements import Statement
from mini_infer.codegen.steps import Steps
from mini_infer.codegen.tiling import Tiling
from mini_infer.machine import Machine
from mini_infer.program.kernels import MatrixShape, PackedGemm, StridedGemm

_PART = 384
"""Steps of a product that are summed by themselves: with 256 those of transformers take 2 % longer."""


def emit_packed_gemm(kernel: PackedGemm, machine: Machine) -> Body:
    """Write a product with a packed b; an item is one tile of rows and one block of columns."""
    return _tiled(kernel, machine, b_depth=kernel.tile.block, packed=True)


def emit_strided_gemm(kernel: StridedGemm, machine: Machine) -> Body:
    """Write a product whose b is read where it lies; an item is one tile of rows and one block of columns."""
    return _tiled(kernel, machine, b_depth=kernel.b_depth, packed=False)


def _tiled(kernel: PackedGemm | StridedGemm, machine: Machine, *, b_depth: int, packed: bool) -> Body:
    shape, columns = kernel.shape, kernel.tile
    rows, blocks = Tiling(shape.rows, columns.rows), Tiling(shape.columns, columns.block)
    grid = Grid(_count(shape) * rows.tiles, blocks.tiles, kernel.slab)
    several = f"const long t = row % {rows.tiles}, n = row / {rows.tiles};"
    position = several if _count(shape) > 1 else "const long t = row;"
    block = columns.block * shape.depth if packed else columns.block
    lines: list[Statement] = [
        *grid.decode(),
        position,
        f"const float *const p0 = a + ({_batch_offset(shape, 'a')} + t * {columns.rows * shape.a_row});",
        f"const float *const q0 = b + ({_batch_offset(shape, 'b')} + block * {block});",
        f"const long y_at = {_batch_offset(shape, 'y')} + t * {columns.rows * shape.y_row} + block * {columns.block};",
        "float *const out = y + y_at;",
    ]
    if kernel.epilogue.residual:
        lines.append("const float *const res = residual + y_at;")

    def body(rows: int, width: int) -> list[Statement]:
        phases = tile.phases(machine, rows * -(-width // columns.lanes), shape.depth)
        part = tile.part(shape.depth, shape.rows * shape.columns, _PART)
        sums = tile.Sums(rows, width, columns.block, columns.lanes, part, phases)
        offsets = {row: row * shape.a_row for row in range(rows)}
        steps = Steps("p0", "q0", offsets, shape.depth, shape.a_depth, b_depth, partial_weights=not packed)
        return [
            *sums.of(steps, f"bias + block * {columns.block}" if kernel.epilogue.bias else ""),
            *Leaving(sums, kernel.epilogue, machine).store(range(rows), row_step=shape.y_row, column_step=1),
        ]

    lines += blocks.one("block", lambda width: rows.one("t", lambda count: body(count, width)))
    return Body(
        family="gemm",
        text=each_item(*lines),
        items=grid.items,
        helpers=helpers(columns.lanes, machine, kernel.epilogue),
    )


def _count(shape: MatrixShape) -> int:
    return math.prod(batch.count for batch in shape.batch)


def _batch_offset(shape: MatrixShape, operand: str) -> str:
    """Where element `n` of the batch begins."""
    terms = []
    divisor = 1
    for batch in reversed(shape.batch):
        stride = {"a": batch.a_stride, "b": batch.b_stride, "y": batch.y_stride}[operand]
        if stride and batch.count > 1:
            terms.append(f"n / {divisor} % {batch.count} * {stride}")
        divisor *= batch.count
    return " + ".join(terms) or "0"
