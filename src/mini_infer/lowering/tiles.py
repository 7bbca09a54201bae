"""Which register tile a product gets: a deterministic model of what one step of the reduction costs."""

from dataclasses import dataclass
from functools import cache

from mini_infer.program.kernels import ConvShape, DirectConv, MatrixShape, PackedGemm, StridedGemm, Tile

_WIDEST = 16
_NARROWEST = 4
_MAX_ROWS = 28
_MAX_VECTORS = 8
_FEW = 2
"""Vectors of a tile that is slow without a register for x."""
_UNSPLIT = 512
"""Steps up to which a sum is one chain of additions."""
_OVERHEAD, _OVERHEAD_TIGHT = 12, 32
"""Cycles that entering and leaving a tile takes, and a tile without a register to spare."""
_STORE, _STORE_APART = 2.0, 2.6
"""Cycles for a vector that leaves the tile, where a row is written in one pass, and where in several."""
_LOAD = 0.05
"""Cycles that a load takes from other work."""
_SPILL = 4.0
"""Cycles for each product and step, where the sums do not fit the registers."""


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
    """

    rows: int
    columns: int
    depth: int
    multiple: int = 1


Tiled = DirectConv | PackedGemm | StridedGemm
"""Kernels whose tile any other can take the place of."""


def work_of(kernel: Tiled) -> Work:
    """What a kernel computes."""
    return conv_work(kernel.shape, kernel.pool) if isinstance(kernel, DirectConv) else matrix_work(kernel.shape)


def conv_work(shape: ConvShape, pool: tuple[int, ...]) -> Work:
    """The work of a direct convolution: a tile has whole pools, and rows of one row of the output (or two, pooled)."""
    tall = pool[-2] if len(pool) > 1 else 1
    depth = shape.window * shape.in_channels
    return Work(tall * shape.axes[-1].output, shape.out_channels, depth, multiple=tall * pool[-1])


def matrix_work(shape: MatrixShape) -> Work:
    """The work of one product of a batch."""
    return Work(shape.rows, shape.columns, shape.depth)


@cache
def choose(work: Work, lanes: int, *, narrowest: int = _NARROWEST) -> Tile:
    """The tile with the fewest estimated cycles; of equals the one with the fewest loads, then the smallest.

    Parameters
    ----------
    work
        Sizes.
    lanes
        float32 lanes of the target's vectors.
    narrowest
        Lanes of the narrowest vectors that may be used instead.
    """
    return ranked(work, lanes, narrowest=narrowest)[0]


def ranked(work: Work, lanes: int, *, narrowest: int = _NARROWEST) -> list[Tile]:
    """All tiles, the best of the model first. Parameters are those of `choose`."""
    return sorted(
        candidates(work, lanes, narrowest),
        key=lambda tile: (cycles(work, tile, lanes), tile.rows * tile.vectors, tile.rows),
    )


def candidates(work: Work, lanes: int, narrowest: int = _NARROWEST) -> list[Tile]:
    """Every tile that fits the target's registers; where none does, the smallest ones."""
    longest = min(_MAX_ROWS, -(-work.rows // work.multiple) * work.multiple)
    found = []
    width = lanes
    while width >= narrowest:
        for vectors in range(1, min(_MAX_VECTORS, -(-work.columns // width)) + 1):
            tiles = [Tile(rows, vectors, width) for rows in range(work.multiple, longest + 1, work.multiple)]
            found += [
                tile
                for tile in tiles
                if _spare(tile, lanes) >= 0 or _is_tight(tile, lanes, work.depth) or tile.rows == work.multiple
            ]
        width //= 2
    return found


def _spare(tile: Tile, lanes: int) -> int:
    """Registers left when sums, weights and one number of x have theirs; a single row's weights come from memory.

    Compilers want one of 16 for themselves.
    """
    registers = 32 if lanes == _WIDEST else 15
    return registers - 1 - (tile.vectors if tile.rows == 1 else (tile.rows + 1) * tile.vectors)


def _is_tight(tile: Tile, lanes: int, depth: int) -> bool:
    """Whether x finds no register, but can be broadcast from memory in each product, which the widest vectors do.

    Compilers manage that in one loop, not where a long sum is split into parts.
    """
    return _spare(tile, lanes) == -1 and tile.lanes == _WIDEST and tile.vectors > _FEW and depth <= _UNSPLIT


def cycles(work: Work, tile: Tile, lanes: int) -> float:
    """Estimated cycles of the whole product, one after the other."""
    whole, rest = divmod(work.columns, tile.block)
    store = _STORE if whole + bool(rest) == 1 else _STORE_APART
    total = whole * _pass(work, tile, tile.vectors, lanes, store)
    return total + (_pass(work, tile, -(-rest // tile.lanes), lanes, store) if rest else 0)


def _pass(work: Work, tile: Tile, vectors: int, lanes: int, store: float) -> float:
    """Cycles of one block of columns over all rows."""
    whole, rest = divmod(work.rows, tile.rows)
    total = whole * _tile(work.depth, Tile(tile.rows, vectors, tile.lanes), lanes, store)
    return total + (_tile(work.depth, Tile(rest, vectors, tile.lanes), lanes, store) if rest else 0)


def vector_cycles(width: int, lanes: int) -> float:
    """Cycles of one operation: two vectors of up to 32 bytes are multiplied or loaded in a cycle, or one of 64 bytes.

    Parameters
    ----------
    width, lanes
        Lanes of the vector, and of the target's vectors.
    """
    return 1.0 if width == lanes == _WIDEST else 0.5


def _tile(depth: int, tile: Tile, lanes: int, store: float) -> float:
    """Cycles of one tile: the units that multiply, load or decode, whichever is busiest, and a little for the rest."""
    unit = vector_cycles(tile.lanes, lanes)
    sums = tile.rows * tile.vectors
    loads = tile.vectors * unit + tile.rows * 0.5
    decoded = (sums + tile.vectors + (tile.rows if tile.vectors > 1 else 0)) / 5
    tight = _is_tight(tile, lanes, depth)
    step = max(sums * unit, loads, decoded) + _LOAD * loads
    if _spare(tile, lanes) < 0 and not tight:
        step += _SPILL * sums
    return depth * step + (_OVERHEAD_TIGHT if tight else _OVERHEAD) + store * sums * unit
