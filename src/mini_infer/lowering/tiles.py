"""Which register tile a product gets: a deterministic model of what one step of the reduction costs."""

from dataclasses import dataclass
from functools import cache

from mini_infer.program.kernels import Tile

_WIDEST = 16
_NARROWEST = 4
_MAX_ROWS = 28
_MAX_VECTORS = 8
_SQUARE = 4
"""Vectors of the tile that fills 32 registers to the last, 7 x 4."""
_OVERHEAD, _OVERHEAD_TIGHT = 12, 32
"""Cycles that entering and leaving a tile takes, and a tile without a register to spare."""
_STORE, _STORE_APART = 2.0, 2.6
"""Cycles for a vector that leaves the tile, where a row is written in one pass, and where in several."""


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
    vector_limit
        Of the vectors in a tile.
    """

    rows: int
    columns: int
    depth: int
    multiple: int = 1
    vector_limit: int = _MAX_VECTORS


@cache
def choose(work: Work, lanes: int) -> Tile:
    """The tile with the fewest estimated cycles; of equals the one with the fewest loads, then the smallest.

    Parameters
    ----------
    work
        Sizes.
    lanes
        float32 lanes of the target's vectors.
    """
    return min(
        candidates(work, lanes), key=lambda tile: (cycles(work, tile, lanes), tile.rows * tile.vectors, tile.rows)
    )


def candidates(work: Work, lanes: int) -> list[Tile]:
    """Every tile whose sums and weights fit the target's registers."""
    registers = 32 if lanes == _WIDEST else 16
    found = []
    width = lanes
    while width >= _NARROWEST:
        for vectors in range(1, min(work.vector_limit, -(-work.columns // width)) + 1):
            spare = registers - vectors - (not _is_tight(vectors, width))
            most = min(_MAX_ROWS, max(work.multiple, spare // vectors), -(-work.rows // work.multiple) * work.multiple)
            found += [Tile(rows, vectors, width) for rows in range(work.multiple, most + 1, work.multiple)]
        width //= 2
    return found


def _is_tight(vectors: int, width: int) -> bool:
    """Whether compilers find no register for the broadcast number, and take it from memory for each product."""
    return width == _WIDEST and vectors == _SQUARE


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


def _tile(depth: int, tile: Tile, lanes: int, store: float) -> float:
    """Cycles of one tile: the units that multiply, load or decode, whichever is busiest, and a little for the rest.

    Two vectors of up to 32 bytes are multiplied or loaded each cycle, or one of 64 bytes.
    """
    unit = 1.0 if tile.lanes == lanes == _WIDEST else 0.5
    sums = tile.rows * tile.vectors
    loads = tile.vectors * unit + tile.rows * 0.5
    decoded = (sums + tile.vectors + (tile.rows if tile.vectors > 1 else 0)) / 5
    step = max(sums * unit, loads, decoded) + 0.02 * loads
    overhead = _OVERHEAD_TIGHT if _is_tight(tile.vectors, tile.lanes) else _OVERHEAD
    return depth * step + overhead + store * sums * unit
