"""Which register tile a product gets: a deterministic model of what one step of the reduction costs."""

from dataclasses import dataclass

from mini_infer.program.kernels import Tile

_WIDEST = 16
_NARROWEST = 4
_MAX_ROWS = 28
_MAX_VECTORS = 8
_OVERHEAD = 12
"""Cycles that entering and leaving a tile takes, per tile; storing one of its vectors takes another `_STORE`."""
_STORE = 2


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
            # Vectors of the widest kind are multiplied with a number in memory: the broadcast takes no register.
            spare = registers - vectors - (lanes != _WIDEST)
            most = min(_MAX_ROWS, max(work.multiple, spare // vectors), -(-work.rows // work.multiple) * work.multiple)
            found += [Tile(rows, vectors, width) for rows in range(work.multiple, most + 1, work.multiple)]
        width //= 2
    return found


def cycles(work: Work, tile: Tile, lanes: int) -> float:
    """Estimated cycles of the whole product, one after the other."""
    whole, rest = divmod(work.columns, tile.block)
    total = whole * _pass(work, tile, tile.vectors, lanes)
    return total + (_pass(work, tile, -(-rest // tile.lanes), lanes) if rest else 0)


def _pass(work: Work, tile: Tile, vectors: int, lanes: int) -> float:
    """Cycles of one block of columns over all rows."""
    whole, rest = divmod(work.rows, tile.rows)
    total = whole * _tile(work.depth, tile.rows, vectors, tile.lanes, lanes)
    return total + (_tile(work.depth, rest, vectors, tile.lanes, lanes) if rest else 0)


def _tile(depth: int, rows: int, vectors: int, width: int, lanes: int) -> float:
    """Cycles of one tile: the units that multiply, load or decode, whichever is busiest, and a little for the rest.

    Two vectors of up to 32 bytes are multiplied or loaded each cycle, or one of 64 bytes.
    """
    unit = 1.0 if width == lanes == _WIDEST else 0.5
    products = rows * vectors * unit
    loads = vectors * unit + rows * 0.5
    decoded = (rows * vectors + vectors + (rows if vectors > 1 else 0)) / 5
    step = max(products, loads, decoded) + 0.02 * loads
    return depth * step + _OVERHEAD + _STORE * rows * vectors * unit
