"""Attention, and the rotation of its queries and keys."""

from dataclasses import dataclass
from typing import Annotated

from mini_infer.ir import Dim, DType
from mini_infer.ir.dims import bounds, greatest
from mini_infer.ir.fusion import FEWEST_QUERIES
from mini_infer.machine import Machine
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.contraction.tile import Tile
from mini_infer.program.kernels.rules import RealType, Size, choice, element, require
from mini_infer.program.operand import Operand, Walk, present, reads, workspace, writes

_LINE = 16
"""Floats of a cache line, which threads do not share."""


@dataclass(frozen=True, slots=True)
class Rows:
    """How far apart the rows of a `[batch, heads, rows, size]` tensor lie, in elements; elements are neighbors."""

    batch: int
    head: int
    row: int

    def walk(self, batch: int, heads: int, rows: int) -> Walk:
        """The walk over the beginnings of rows."""
        return ((batch, self.batch), (heads, self.head), (rows, self.row))


@dataclass(frozen=True, slots=True)
class Heads(Kernel):
    """softmax(scale q kᵀ + mask) v, for each head.

    Parameters
    ----------
    qk_dim, v_dim
        Of the rows of q and k, and of those of v and y.
    q_per_kv
        How many heads of q share one of k and v.
    q, k, v, y
        How they lie.
    """

    batch: Size
    heads: Size
    queries: Size
    keys: Size
    qk_dim: Size
    v_dim: Size
    q_per_kv: Size
    q: Rows
    k: Rows
    v: Rows
    y: Rows

    @property
    def multiply_adds(self) -> int:
        """Those of the queries with all keys, and of the weights with all values."""
        return self.batch * self.heads * self.queries * self.keys * (self.qk_dim + self.v_dim)

    def check_fields(self) -> None:
        """Check that heads of k and v are shared evenly."""
        require(self.heads % self.q_per_kv == 0, f"{self.heads} heads do not share others by {self.q_per_kv}")

    def tensors(self, dtype: DType, k_element: int = 1) -> tuple[Operand, ...]:
        """The operands q, k, v and y; elements of k lie so far apart."""
        batch, heads, others = self.batch, self.heads, self.heads // self.q_per_kv
        return (
            reads("q", dtype, *self.q.walk(batch, heads, self.queries), (self.qk_dim, 1)),
            reads("k", dtype, *self.k.walk(batch, others, self.keys), (self.qk_dim, k_element)),
            reads("v", dtype, *self.v.walk(batch, others, self.keys), (self.v_dim, 1)),
            writes("y", dtype, *self.y.walk(batch, heads, self.queries), (self.v_dim, 1)),
        )


@dataclass(frozen=True, slots=True)
class Attention(Heads):
    """softmax(scale q kᵀ + mask) v, for each head.

    Operands: q, k, v; as far as present the mask and the number of valid keys of each batch entry (int64); scratch
    memory, `scratch` numbers of the type they are computed in (float32, or float64 for such tensors); y; and as far as
    present the scores `[batch, heads, queries, keys]`.

    A row without any key that it may see becomes zeros.

    Parameters
    ----------
    scale, softcap
        What scores are multiplied with, and where they are bounded by tanh (0: nowhere).
    mask
        Element type of the mask, none without one. Truth values say which keys are seen, others are added.
    mask_rows, mask_keys
        How it lies, with stride 0 where it broadcasts, and how many keys it knows: others are not seen.
    has_kv_lengths
        Whether keys are valid up to a number given at run time only.
    window_left, window_right
        How many keys before and after its own position a query sees; -1: all.
    offset
        The position of the first query among the keys; with `has_kv_lengths`, the last query is the last valid key's.
    scores
        What the scores are: -1 not wanted, 0 scaled products, 1 bounded, 2 masked, 3 after softmax.
    """

    SIGNED = frozenset({"window_left", "window_right", "offset", "scores"})

    dtype: RealType
    scale: float
    softcap: float
    mask: DType | None
    mask_rows: Rows
    mask_keys: int
    has_kv_lengths: bool
    window_left: int
    window_right: int
    offset: int
    scores: Annotated[int, choice(-1, 0, 1, 2, 3)]

    @property
    def scratch(self) -> int:
        """Numbers of scratch memory: for each head a row of scores and one of y."""
        return self.batch * self.heads * (self.keys + self.v_dim)

    def check_fields(self) -> None:
        """Check that heads of k and v are shared evenly, and the mask."""
        Heads.check_fields(self)
        if self.mask:
            element(self.mask, name="the mask's type")

    def operands(self) -> tuple[Operand, ...]:
        wide = DType.FLOAT64 if self.dtype is DType.FLOAT64 else DType.FLOAT32
        *inputs, y = self.tensors(self.dtype)
        rows = self.mask_rows.walk(self.batch, self.heads, self.queries)
        scores = (self.batch * self.heads * self.queries * self.keys, 1)
        return present(
            *inputs,
            reads("mask", self.mask, *rows, (min(self.mask_keys, self.keys), 1)) if self.mask else None,
            reads("counts", DType.INT64, (self.batch, 1)) if self.has_kv_lengths else None,
            workspace("scratch", wide, self.scratch),
            y,
            writes("scores", self.dtype, scores) if self.scores >= 0 else None,
        )


@dataclass(frozen=True, slots=True)
class TiledAttention(Heads):
    """softmax(scale q kᵀ + mask) v in float32, a few queries at a time: their scores never leave the cache.

    Operands: q, k, v, as far as present the mask, scratch memory of `scratch` floats for each thread, y.

    Parameters
    ----------
    k_element
        How far apart the elements of a row of k lie.
    scale
        What scores are multiplied with.
    mask
        Element type of the mask, none without one: truth values say which scores stay, floats are added.
    mask_rows, mask_key
        How it lies, and how far apart its elements for two keys are (0: one for all keys).
    masked_score, mask_is_inverted
        The score of a key that a mask of truth values hides, and whether it hides where it is true.
    window_right, offset
        How many keys after its own position a query sees (-1: all), and the position of the first query.
    zero_masked_rows
        Whether a row whose scores are all -inf becomes zeros, instead of NaN.
    scores_tile, values_tile
        Register tiles of both products; they have the same rows, which are queries.
    zero_nan_rows
        Whether a row whose softmax is NaN, as that of scores which are all -inf is, has no weights at all instead.
    """

    SIGNED = frozenset({"window_right", "offset"})
    OPEN = frozenset({"batch", "heads", "queries", "keys", "head", "row", "k_element", "offset"})

    k_element: int
    scale: float
    mask: Annotated[DType | None, choice(None, DType.BOOL, DType.FLOAT32)]
    mask_rows: Rows
    mask_key: Annotated[int, choice(0, 1)]
    masked_score: float
    mask_is_inverted: bool
    window_right: int
    offset: int
    zero_masked_rows: bool
    scores_tile: Tile
    values_tile: Tile
    zero_nan_rows: bool = False

    @property
    def padded_keys(self) -> int:
        """The keys, up to whole vectors."""
        return self.scores_tile.rounded_up(self.keys)

    @property
    def takes_few(self) -> bool:
        """Whether there can be fewer queries than it takes to lay out keys and values, which stay where they are then.

        Of static sizes there are none: such attention is several nodes.
        """
        is_open = isinstance(self.queries, Dim) or isinstance(self.keys, Dim)
        return is_open and bounds(self.queries)[0] < FEWEST_QUERIES

    @property
    def scratch(self) -> int:
        """Floats of scratch memory that a thread needs: a head's keys by column, its values, a tile's scores.

        Where there are only few queries, one row of scores.
        """
        if self.takes_few and greatest(self.queries) < FEWEST_QUERIES:
            return -(-self.padded_keys // _LINE) * _LINE
        floats = self.padded_keys * (self.qk_dim + self.scores_tile.rows) + self.keys * self.v_dim
        return -(-floats // _LINE) * _LINE

    def check(self, machine: Machine) -> None:
        """Check the sizes, that heads of k and v are shared evenly, and the register tiles."""
        self.check_fields()
        self.scores_tile.check(machine, whole=True)
        self.values_tile.check(machine)
        rows = (self.scores_tile.rows, self.values_tile.rows)
        require(rows[0] == rows[1], f"tiles of {rows[0]} and {rows[1]} queries")

    def operands(self) -> tuple[Operand, ...]:
        *inputs, y = self.tensors(DType.FLOAT32, self.k_element)
        rows = self.mask_rows.walk(self.batch, self.heads, self.queries)
        return present(
            *inputs,
            reads("mask", self.mask, *rows, (self.keys, self.mask_key)) if self.mask else None,
            workspace("scratch", DType.FLOAT32, self.scratch, private=True),
            y,
        )


@dataclass(frozen=True, slots=True)
class RotaryEmbedding(Kernel):
    """Pairs of numbers turned by angles that depend on their position (rotary embedding).

    Operands: x, the cosines and sines, as far as present the positions (int64, `[batch, rows]`), y.

    Parameters
    ----------
    x
        How it lies.
    pairs
        How many pairs of numbers are turned; the other numbers stay.
    interleaved
        Whether neighbors are pairs; otherwise a number's partner is `pairs` after it.
    table
        Rows of the cosines: with positions, how many there are; 0 without, when there is one for each row of x.
    y
        How it lies; like x, when absent.
    """

    OPEN = frozenset({"batch", "rows", "head", "row"})

    batch: Size
    heads: Size
    rows: Size
    size: Size
    x: Rows
    pairs: int
    interleaved: bool
    table: int
    dtype: RealType
    y: Rows | None = None

    def check_fields(self) -> None:
        """Check that pairs lie in a row."""
        require(2 * self.pairs <= self.size, f"{self.pairs} pairs in a row of {self.size}")

    def operands(self) -> tuple[Operand, ...]:
        sizes = (self.batch, self.heads, self.rows)
        x = reads("x", self.dtype, *self.x.walk(*sizes), (self.size, 1))
        places = self.batch * self.rows
        angles = ((self.table or places) * self.pairs, 1)
        return present(
            x,
            reads("cosines", self.dtype, angles),
            reads("sines", self.dtype, angles),
            reads("positions", DType.INT64, (places, 1)) if self.table else None,
            writes("y", self.dtype, *(self.y or self.x).walk(*sizes), (self.size, 1)),
        )
