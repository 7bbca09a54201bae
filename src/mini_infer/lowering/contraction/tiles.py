"""Which register tile a product gets: a deterministic model of what one step of the reduction costs."""

from dataclasses import dataclass, replace
from functools import cache

from mini_infer.ir import DType
from mini_infer.ir.dims import at, greatest
from mini_infer.lowering.contraction.matrix import Matrix
from mini_infer.machine import FLOAT_BYTES, Machine
from mini_infer.program.kernels import ContractionShape, Tile, TiledContraction, Types

_MAX_ROWS = 28
_MAX_VECTORS = 8
_FEW = 4
"""Rows below which they wait for the weights, whatever the tile."""
_SEVERAL = 64
"""Rows from which on what they take is multiplying, and no longer what the weights take to come."""
_UNSPLIT = 512
"""Steps up to which a sum is one chain of additions."""


@dataclass(frozen=True, slots=True)
class Work:
    """What there is to compute.

    Parameters
    ----------
    rows
        Length of one run of rows; a tile never reaches over its end.
    columns
        Columns of the product (of one group).
    depth
        Steps of the reduction.
    multiple
        A tile's rows are a multiple of this.
    size
        Bytes of a number.
    """

    rows: int
    columns: int
    depth: int
    multiple: int = 1
    size: int = FLOAT_BYTES


def work_of(kernel: TiledContraction) -> Work | None:
    """What a kernel computes, if any other tile can take the place of its own."""
    free = replace(kernel.types, half=None) == Types() and not kernel.across
    return contraction_work(kernel.shape, kernel.pools, kernel.types.operand) if free else None


def contraction_work(shape: ContractionShape, pool: tuple[int, ...], dtype: DType) -> Work:
    """The work of a contraction: a tile has whole pools, and rows of one row of the output (or two, pooled)."""
    tall = pool[-2] if len(pool) > 1 else 1
    depth = shape.window * shape.in_channels
    return Work(tall * shape.axes[-1].output, shape.out_channels, depth, tall * pool[-1], dtype.numpy.itemsize)


def matrix_work(matrix: Matrix, dtype: DType) -> Work:
    """The work of one product of a batch."""
    return Work(matrix.rows, matrix.columns, matrix.depth, size=dtype.numpy.itemsize)


def typical_rows(rows: int) -> int:
    """The rows that a tile is chosen for: given at run time, a few would wait for the weights in any tile."""
    return at(rows) if at(rows) >= _FEW else max(at(rows), min(greatest(rows), _SEVERAL))


@cache
def choose(work: Work, machine: Machine, *, whole: bool = False) -> Tile:
    """The tile with the fewest estimated cycles; of equals the one with the fewest loads, then the smallest.

    Parameters
    ----------
    work
        Sizes.
    machine
        Its vectors and registers, and what takes how many cycles.
    whole
        Whether vectors are as wide as the machine's; others may be narrower.
    """
    return ranked(work, machine, whole=whole)[0]


def ranked(work: Work, machine: Machine, *, whole: bool = False) -> list[Tile]:
    """All tiles, the best of the model first. Parameters are those of `choose`."""
    return sorted(
        candidates(work, machine, whole=whole),
        key=lambda tile: (cycles(work, tile, machine), tile.rows * tile.vectors, tile.rows),
    )


def candidates(work: Work, machine: Machine, *, whole: bool = False) -> list[Tile]:
    """Every tile that fits the machine's registers; where none does, the smallest ones."""
    longest = min(_MAX_ROWS, -(-work.rows // work.multiple) * work.multiple)
    widths = machine.widths(work.size)
    return [
        Tile(rows, vectors, width)
        for width in (widths[:1] if whole else widths)
        for vectors in range(1, min(_MAX_VECTORS, -(-work.columns // width)) + 1)
        for rows in range(work.multiple, longest + 1, work.multiple)
        if rows == work.multiple
        or (spare := _spare(rows, vectors, machine)) >= 0
        or (spare == -1 and _broadcasts(work, vectors, width, machine))
    ]


def _spare(rows: int, vectors: int, machine: Machine) -> int:
    """Registers left when sums, weights and one number of x have theirs; a single row's weights come from memory."""
    return machine.registers - machine.pipeline.reserved - 1 - (vectors if rows == 1 else (rows + 1) * vectors)


def _broadcasts(work: Work, vectors: int, width: int, machine: Machine) -> bool:
    """Whether x needs no register: it can be broadcast from memory in each product, as some machines do.

    Compilers manage that in one loop, not where a long sum is split into parts.
    """
    fewest = machine.pipeline.broadcasts
    return 0 < fewest <= vectors and width == machine.widths(work.size)[0] and work.depth <= _UNSPLIT


def cycles(work: Work, tile: Tile, machine: Machine) -> float:
    """Estimated cycles of the whole product, one after the other."""
    whole, rest = divmod(work.columns, tile.block)
    pipeline = machine.pipeline
    store = pipeline.store if whole + bool(rest) == 1 else pipeline.store_apart
    total = whole * _pass(work, tile, tile.vectors, machine, store)
    return total + (_pass(work, tile, -(-rest // tile.width), machine, store) if rest else 0)


def _pass(work: Work, tile: Tile, vectors: int, machine: Machine, store: float) -> float:
    """Cycles of one block of columns over all rows."""
    whole, rest = divmod(work.rows, tile.rows)
    total = whole * _tile(work, tile.rows, vectors, tile.width, machine, store)
    return total + (_tile(work, rest, vectors, tile.width, machine, store) if rest else 0)


def _tile(work: Work, rows: int, vectors: int, width: int, machine: Machine, store: float) -> float:
    """Cycles of one tile: the units that multiply, load or decode, whichever is busiest, and a little for the rest."""
    pipeline = machine.pipeline
    unit = machine.vector_cycles(width, work.size)
    sums = rows * vectors
    loads = vectors * unit + rows / pipeline.issue
    decoded = (sums + vectors + (rows if vectors > 1 else 0)) / pipeline.decode
    spare = _spare(rows, vectors, machine)
    tight = spare == -1 and _broadcasts(work, vectors, width, machine)
    step = max(sums * unit, loads, decoded) + pipeline.load * loads
    if spare < 0 and not tight:
        step += pipeline.spill * sums
    return work.depth * step + (pipeline.tight_tile if tight else pipeline.tile) + store * sums * unit
