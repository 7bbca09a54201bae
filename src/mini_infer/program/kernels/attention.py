"""Attention, and the rotation of its queries and keys."""

from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.tile import Tile

_LINE = 16
"""Floats of a cache line, which threads do not share."""


@dataclass(frozen=True, slots=True)
class Rows:
    """How far apart the rows of a `[batch, heads, rows, size]` tensor lie, in elements; elements are neighbours."""

    batch: int
    head: int
    row: int


@dataclass(frozen=True, slots=True)
class Attention(Kernel):
    """softmax(scale q kᵀ + mask) v, for each head.

    Operands: q, k, v; as far as present the mask and the number of valid keys of each batch entry (int64); scratch
    memory, `scratch` numbers of the type they are computed in (float32, or float64 for such tensors); y; and as far as
    present the scores `[batch, heads, queries, keys]`.

    A row without any key that it may see becomes zeros.

    Parameters
    ----------
    batch, heads, queries, keys, size, width
        Sizes; `size` of the rows of q and k, `width` of those of v and y.
    shared
        How many heads of q share one of k and v.
    q, k, v, y
        How they lie.
    dtype
        Their element type.
    scale, softcap
        What scores are multiplied with, and where they are bounded by tanh (0: nowhere).
    mask
        Element type of the mask, none without one. Truth values say which keys are seen, others are added.
    mask_rows, mask_keys
        How it lies, with stride 0 where it broadcasts, and how many keys it knows: others are not seen.
    counted
        Whether keys are valid up to a number given at run time only.
    before, behind
        How many keys before and behind its own position a query sees; -1: all.
    offset
        The position of the first query among the keys; with `counted`, the last query is the last valid key's.
    scores
        What the scores are: -1 not wanted, 0 scaled products, 1 bounded, 2 masked, 3 after softmax.
    """

    batch: int
    heads: int
    queries: int
    keys: int
    size: int
    width: int
    shared: int
    q: Rows
    k: Rows
    v: Rows
    y: Rows
    dtype: DType
    scale: float
    softcap: float
    mask: DType | None
    mask_rows: Rows
    mask_keys: int
    counted: bool
    before: int
    behind: int
    offset: int
    scores: int

    @property
    def scratch(self) -> int:
        """Numbers of scratch memory: for each head a row of scores and one of y."""
        return self.batch * self.heads * (self.keys + self.width)

    @property
    def multiply_adds(self) -> int:
        """Those of the queries with all keys, and of the weights with all values."""
        return self.batch * self.heads * self.queries * self.keys * (self.size + self.width)


@dataclass(frozen=True, slots=True)
class TiledAttention(Kernel):
    """softmax(scale q kᵀ + mask) v in float32, a few queries at a time: their scores never leave the cache.

    Operands: q, k, v, as far as present the mask, scratch memory of `scratch` floats for each thread, y.

    Parameters
    ----------
    batch, heads, queries, keys, size, width, shared, q, k, v, y
        As in `Attention`.
    k_element
        How far apart the elements of a row of k lie.
    scale
        What scores are multiplied with.
    mask
        Element type of the mask, none without one: truth values say which scores stay, floats are added.
    mask_rows, mask_key
        How it lies, and how far apart its elements for two keys are (0: one for all keys).
    hidden, inverted
        The score of a key that a mask of truth values hides, and whether it hides where it is true.
    behind, offset
        How many keys behind its own position a query sees (-1: all), and the position of the first query.
    empty
        Whether a row whose scores are all -inf becomes zeros, instead of NaN.
    scores_tile, values_tile
        Register tiles of both products; they have the same rows, which are queries.
    """

    batch: int
    heads: int
    queries: int
    keys: int
    size: int
    width: int
    shared: int
    q: Rows
    k: Rows
    v: Rows
    y: Rows
    k_element: int
    scale: float
    mask: DType | None
    mask_rows: Rows
    mask_key: int
    hidden: float
    inverted: bool
    behind: int
    offset: int
    empty: bool
    scores_tile: Tile
    values_tile: Tile

    @property
    def padded_keys(self) -> int:
        """The keys, up to whole vectors."""
        lanes = self.scores_tile.lanes
        return -(-self.keys // lanes) * lanes

    @property
    def scratch(self) -> int:
        """Floats of scratch memory that a thread needs: a head's keys by column, its values, a tile's scores."""
        floats = self.padded_keys * (self.size + self.scores_tile.rows) + self.keys * self.width
        return -(-floats // _LINE) * _LINE

    @property
    def multiply_adds(self) -> int:
        """Those of the queries with all keys, and of the weights with all values."""
        return self.batch * self.heads * self.queries * self.keys * (self.size + self.width)


@dataclass(frozen=True, slots=True)
class Rotation(Kernel):
    """Pairs of numbers turned by angles that depend on their position (rotary embedding).

    Operands: x, the cosines and sines, as far as present the positions (int64, `[batch, rows]`), y, which lies like x.

    Parameters
    ----------
    batch, heads, rows, size
        Sizes of x.
    x
        How it lies.
    pairs
        How many pairs of numbers are turned; the other numbers stay.
    interleaved
        Whether neighbours are pairs; otherwise a number's partner is `pairs` behind it.
    table
        Rows of the cosines: with positions, how many there are; 0 without, when there is one for each row of x.
    dtype
        Element type of all but the positions.
    """

    batch: int
    heads: int
    rows: int
    size: int
    x: Rows
    pairs: int
    interleaved: bool
    table: int
    dtype: DType
