"""Products of matrices in register tiles, and convolutions: a product at every element of a window."""

import math
from dataclasses import dataclass, replace
from typing import Self

from mini_infer.ir import Dim, DType
from mini_infer.ir.halves import HALVES, STORED
from mini_infer.machine import Machine
from mini_infer.program.kernels.bands import Bands, Pass
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.contraction.spatial import Axis
from mini_infer.program.kernels.contraction.tile import Epilogue, Tile
from mini_infer.program.kernels.expression import Expression, Operation, check_expression, limits
from mini_infer.program.kernels.rules import Size, Sizes, limit, ranks, require
from mini_infer.program.operand import Operand, Walk, reads, writes

FITS_BEHIND = 8
"""Bytes behind the bits of `TiledContraction.fits`, which are read eight at a time."""

_MOST = 1 << 27
"""Outputs times window elements along the last axis, each of which is looked at when C is written."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One axis of a batch of products: how many, and how far apart their operands and results lie (0: shared)."""

    count: Size
    a_stride: int
    b_stride: int
    y_stride: int


@dataclass(frozen=True, slots=True)
class ContractionShape:
    """The sizes and strides of a product or convolution; channels are counted per group.

    A convolution has a window along each axis and the channels of its images. A product of matrices has one axis, its
    rows, with windows of one element: its depth are the input channels, its columns the output channels. Strides cover
    planar and channels-last tensors alike. Groups follow each other along the channels.

    Parameters
    ----------
    y_start
        Where in y the first output lies.
    """

    in_channels: Size
    out_channels: Size
    axes: tuple[Axis, ...]
    x_channel: int
    y_channel: int
    batch: tuple[Batch, ...] = ()
    groups: Size = 1
    y_start: int = 0

    @classmethod
    def matrix(
        cls, rows: int, columns: int, depth: int, strides: tuple[int, int, int], batch: tuple[Batch, ...] = ()
    ) -> "ContractionShape":
        """A product of matrices; strides are those of a's rows and depth, and of y's rows."""
        a_row, a_depth, y_row = strides
        return cls(depth, columns, (Axis(rows, rows, 1, 1, 1, 0, a_row, y_row),), a_depth, 1, batch)

    @property
    def window(self) -> int:
        """Elements of one window, in one channel."""
        return math.prod(axis.kernel for axis in self.axes)

    @property
    def count(self) -> int:
        """How many there are in the batch."""
        return math.prod(axis.count for axis in self.batch)

    @property
    def image(self) -> Batch:
        """The batch, where it has one axis or none."""
        return self.batch[0] if self.batch else Batch(1, 0, 0, 0)

    def images(self) -> dict[str, Pass] | None:
        """How several images, which share their weights, are passed over; none where there are other batches."""
        if len(self.batch) != 1 or self.image.b_stride:
            return None
        y = Pass(self.image.y_stride, self.count)
        return {name: Pass(self.image.a_stride, self.count) for name in ("a", "x")} | {"residual": y, "y": y}

    def band(self, first: int, rows: int) -> "ContractionShape":
        """So many images, or rows `[first, first + rows)` along the first axis of a single one."""
        if self.count > 1:
            return replace(self, batch=(replace(self.image, count=rows),))
        return replace(self, axes=(self.axes[0].band(first, rows), *self.axes[1:]))

    @property
    def multiply_adds(self) -> int:
        """Products that are summed up, those with padding included."""
        sums = self.count * self.groups * self.out_channels * math.prod(axis.output for axis in self.axes)
        return sums * self.window * self.in_channels

    def check(self) -> None:
        """Check that there is something to compute."""
        require(bool(self.axes), "there is no axis")
        for axis in self.axes:
            axis.check()
        last = self.axes[-1]
        few = last.is_open or not last.clipped or last.output * last.kernel <= _MOST
        limit(few, f"{last.output} windows of {last.kernel} along one axis")

    def a(self, name: str, dtype: DType, pool: tuple[int, ...] = ()) -> Operand:
        """The input; where pools leave sums out, those are not computed."""
        walk = [*self._batch("a_stride"), (self.groups * self.in_channels, self.x_channel)]
        start = 0
        for axis, size in zip(self.axes, pool or (1,) * len(self.axes), strict=True):
            first, count = axis.read(axis.output // size * size)
            walk.append((count, axis.x_stride))
            start += first * axis.x_stride
        return reads(name, dtype, *walk, start=start)

    def b(self, name: str, dtype: DType, *matrix: tuple[int, int]) -> Operand:
        """The weights, which are walked so for one of the batch."""
        return reads(name, dtype, *self._batch("b_stride"), *matrix)

    def y(self, dtype: DType, pool: tuple[int, ...] = ()) -> Operand:
        """The operand y; of so many neighboring sums along each axis one number is stored."""
        pools = pool or (1,) * len(self.axes)
        stored = [(axis.output // size, axis.y_stride) for axis, size in zip(self.axes, pools, strict=True)]
        channels = (self.groups * self.out_channels, self.y_channel)
        return writes("y", dtype, *self._batch("y_stride"), channels, *stored, start=self.y_start)

    def _batch(self, stride: str) -> Walk:
        return tuple((axis.count, getattr(axis, stride)) for axis in self.batch)


@dataclass(frozen=True, slots=True)
class Types:
    """Element types: of a, of sums, and of y. Those of b are of a's, but int8 for any bytes of a.

    Parameters
    ----------
    lifted
        Whether 128 is added to each int8 of a before it is multiplied, as instructions want it that multiply unsigned
        numbers by signed ones.
    half
        The type of 16 bits that b has in memory, where each number of it becomes one of float32 before it is
        multiplied; none: b is as it is multiplied.
    """

    operand: DType = DType.FLOAT32
    accumulator: DType = DType.FLOAT32
    result: DType = DType.FLOAT32
    lifted: bool = False
    half: DType | None = None

    @property
    def weight(self) -> DType:
        """Of b, in memory."""
        if self.half is not None:
            return STORED
        return DType.INT8 if self.operand is DType.UINT8 else self.operand

    @classmethod
    def of(cls, dtype: DType, half: DType | None = None) -> "Types":
        """One type for all, but for b where it has 16 bits."""
        return cls(dtype, dtype, dtype, half=half)

    @property
    def depth(self) -> int:
        """How many neighbors of the reduction one instruction multiplies and adds up; 0: there are no tiles."""
        return _DEPTHS.get((self.operand, self.accumulator), 0)


_DEPTHS = {
    (DType.FLOAT32, DType.FLOAT32): 1,
    (DType.FLOAT64, DType.FLOAT64): 1,
    (DType.INT16, DType.INT32): 2,
    (DType.INT8, DType.INT32): 4,
    (DType.UINT8, DType.INT32): 4,
}
"""Operands and sums that there are tiles for, and their `Types.depth`."""


def _converts(step: Operation) -> bool:
    """Whether an operation can be part of a conversion."""
    real = step.dtype is DType.FLOAT32
    return step.name in {"Cast", "Constant", "Quantize"} or (step.name in {"Div", "Mul"} and real)


@dataclass(frozen=True, slots=True)
class TiledContraction(Kernel):
    """A product or convolution, summed in registers: operands a, b, fits?, bias?, residual?, y.

    b is packed in blocks of `tile.block` columns, with one row for `types.depth` neighboring steps of the reduction:
    the elements of the window, in each of them the input channels. Of bytes, each stretch of neighbors in a (the
    channels of an element, or of a whole row of the window: `stretch`) is filled up with zeros of b.

    Parameters
    ----------
    shape
        Along each axis `output` counts the sums; y holds `output / pool` of them.
    tile
        Its rows are neighbors along the last axis, times `pool[-2]` neighbors along the axis before.
    row_panel
        Rows of output, or pieces of them, that all blocks of columns pass over before the next begin.
    piece
        Tiles of a row that are one item; 0: all of them.
    b_row
        0, or how far apart the rows of b lie, whose columns are neighbors: it is not packed, but as the model has it.
    pool
        Along each axis, of how many neighboring sums one number is stored; empty: of one. Needs an epilogue without
        residual.
    mean
        Whether that number is the mean of the epilogue's results. Otherwise it is the epilogue of the maximum, in which
        NaN counts as in `MaxPool`; its expression must never fall where its argument rises.
    across
        Whether vectors run across the groups, which have one channel each and one column: a depthwise convolution,
        whose sums have numbers of a of their own. b is `[window][groups]`.
    whole
        Of a band: the `sums` of all bands; otherwise 0.
    zero
        What an element of a counts as where the window reaches beyond the input. Other than 0 of bytes alone.
    convert
        Applied to each number of a, which is float32 then, before it is multiplied; empty: they are there as they are.
        Only for bytes, and windows of single elements; every block of columns does it again.
    fits
        Whether an operand `fits` has a bit for each row of each block of b, lowest bits first: that both pairs of
        products of any four unsigned bytes with those of a column add up to an int16. Only for unsigned bytes.
    """

    SIGNED = frozenset({"pad", "zero"})
    OPEN = frozenset(
        "count a_stride b_stride y_stride input output row_panel x_channel y_channel x_stride y_start whole".split()
    ) | {"in_channels"}

    shape: ContractionShape
    tile: Tile
    row_panel: Size
    piece: int = 0
    b_row: int = 0
    types: Types = Types()
    pool: Sizes = ()
    mean: bool = False
    across: bool = False
    epilogue: Epilogue = Epilogue()  # noqa: RUF009 - frozen
    whole: int = 0
    zero: int = 0
    convert: Expression = ()
    fits: bool = False

    @property
    def given(self) -> frozenset[str]:
        """Rows and what they lack of their windows, but along the axis of tiles, or where tiles lie across rows."""
        along = len(self.shape.axes) == 1 < self.shape.window
        tall = len(self.shape.axes) > 1 < self.pools[-2]
        return frozenset() if along or tall else frozenset({"input", "output", "pad"})

    @property
    def source(self) -> DType:
        """The type of a in memory."""
        return DType.FLOAT32 if self.convert else self.types.operand

    @property
    def stretch(self) -> tuple[int, int]:
        """How many stretches of neighbors a window has, and how many numbers of a each of them."""
        last, channels = self.shape.axes[-1], self.shape.in_channels
        if last.kernel > 1 and last.dilation == 1 and last.x_stride == channels and channels % self.types.depth != 0:
            return self.shape.window // last.kernel, last.kernel * channels
        return self.shape.window, channels

    @property
    def depth(self) -> int:
        """Steps of the reduction that b has rows for."""
        count, length = self.stretch
        return count * -(-length // self.types.depth) * self.types.depth

    @property
    def multiply_adds(self) -> int:
        """Those of the shape."""
        return self.shape.multiply_adds

    @property
    def rows(self) -> int:
        """Rows of output, or pieces of them, that each block of columns passes over."""
        *outer, last = (axis.output // pool for axis, pool in zip(self.shape.axes, self.pools, strict=True))
        wide = self.tile.rows // (self.pools[-2] if outer else 1)
        tiles = math.ceil(last * self.pools[-1] / wide)
        pieces = math.ceil(tiles / self.piece) if self.piece else 1
        return self.shape.count * math.prod(outer) * pieces

    @property
    def weight_passes(self) -> int:
        """Once for each row panel."""
        return 1 if self.across else -(-self.rows // self.row_panel)

    @property
    def pools(self) -> tuple[int, ...]:
        """The pool along each axis."""
        return self.pool or (1,) * len(self.shape.axes)

    def check(self, machine: Machine) -> None:
        """Check the sizes, the register tile with its types and pools, and the epilogue."""
        self.shape.check()
        accumulator = self.types.accumulator
        self.tile.check(machine, accumulator, whole=not accumulator.is_float)
        self._check_types()
        require(machine.has_vectors or not self.convert, "bytes are made in vectors, and there are none")
        if self.fits:
            unsigned = (self.types.operand is DType.UINT8 or self.types.lifted) and not self.across
            alike = unsigned and not any(axis.b_stride for axis in self.shape.batch)
            require(alike and ("uint8", "int16") in machine.dot, "no products of unsigned bytes can be known to fit")
        require(not self.b_row or self.shape.window == self.shape.groups == 1, "b is not packed, but has windows")
        known = self.b_row > 0 or not isinstance(self.shape.in_channels, Dim)
        limit(known, "the depth of a packed b is given at run time")
        ranks("a pool", len(self.shape.axes), self.pools)
        tall = self.pools[-2] if len(self.pools) > 1 else 1
        fits = self.tile.rows % (tall * self.pools[-1]) == 0
        require(fits, f"a tile of {self.tile.rows} rows has no pools of {self.pool}")
        pooled = math.prod(self.pools) > 1
        limit(not (pooled and any(axis.is_open for axis in self.shape.axes)), "sizes are given at run time, and pooled")
        axes = zip(self.shape.axes, self.pools, strict=True)
        some = all(isinstance(axis.output, Dim) or axis.output >= size for axis, size in axes)
        require(some, f"pools of {self.pool} are larger than the output")
        require(not (pooled and self.epilogue.residual), "sums are pooled, but there is a residual")
        require(accumulator.is_float or not (pooled or self.mean), f"sums of {accumulator.value} are pooled")
        require(all(size == 1 for size in self.pools[:-2]), f"pools of {self.pool} along more than two axes")
        if self.across:
            self._check_across(pooled=pooled)

    def _check_across(self, *, pooled: bool) -> None:
        shape = self.shape
        single = shape.in_channels == shape.out_channels == shape.x_channel == shape.y_channel == 1
        require(single, "channels are not neighbors, each convolved with itself alone")
        fills = self.tile.vectors == 1 and (shape.groups >= self.tile.width or not self.types.accumulator.is_float)
        require(fills, f"{shape.groups} channels do not fill one vector of {self.tile.width}")
        require(not (pooled or self.piece or self.b_row), "a depthwise convolution that is pooled or cut")

    def _check_types(self) -> None:
        types, depth = self.types, self.types.depth
        require(depth > 0, f"there are no tiles for {types.operand.value} in {types.accumulator.value}")
        steps = self.shape.in_channels % depth == 0 or types.weight is DType.INT8
        require(not (self.across and types.operand is DType.INT16), "a depthwise convolution of pairs")
        neighbors = depth == 1 or (self.shape.x_channel == 1 and not self.b_row)
        require(steps and neighbors, f"a depth of {self.shape.in_channels} is not made of {depth}")
        require(types.operand is DType.INT8 or not types.lifted, f"{types.operand.value} are lifted")
        if types.half is not None:
            single = types.operand is types.accumulator is DType.FLOAT32
            require(types.half in HALVES and single, f"{types.half.value} is multiplied as {types.operand.value}")
            require(not (self.across or self.b_row), "weights of 16 bits that are not packed in blocks")
        low, high = limits(types.operand) if types.weight is DType.INT8 else (0, 0)
        require(low <= self.zero <= high, f"what is missing counts as {self.zero}")
        if types.weight is DType.INT8:
            clipped = any(axis.is_open and axis.clipped for axis in self.shape.axes)
            limit(not clipped, "windows of bytes are clipped where sizes are given at run time")
        self.epilogue.check(types.accumulator, types.result, by_column=True)
        if self.convert:
            single = self.shape.window == 1 and not any(axis.clipped for axis in self.shape.axes)
            require(types.weight is DType.INT8 and single, "numbers are converted that are no single bytes")
            made = check_expression(self.convert, [DType.FLOAT32])
            known = self.convert[-1].name == "Quantize" and all(map(_converts, self.convert))
            require(known, "numbers are converted by something else than a quantization")
            require(made is types.operand, f"numbers of {types.operand.value} are converted to {made.value}")

    def bands(self) -> Bands | None:
        """Images; rows along the first axis of a single one, whole tiles of windows that slide along the only axis."""
        if self.shape.count > 1:
            passes = self.shape.images()
            return None if passes is None else Bands.of(self.shape.count, self.operands(), passes)
        a, y = self.shape.axes[0].passes(self.pools[0])
        multiple = self.tile.rows // self.pools[0] if len(self.shape.axes) == 1 < self.shape.window else 1
        return Bands.of(y.count, self.operands(), {"a": a, "residual": y, "y": y}, multiple)

    def band(self, first: int, rows: int) -> Self:
        """The same tiles over fewer rows."""
        pool = 1 if self.shape.count > 1 else self.pools[0]
        return replace(self, shape=self.shape.band(first * pool, rows * pool), whole=self.sums)

    @property
    def sums(self) -> int:
        """Sums of an image, or of all bands of one, by whose number they are cut into parts."""
        columns = self.shape.groups if self.across else self.shape.out_channels
        return self.whole or columns * math.prod(axis.output for axis in self.shape.axes)

    def operands(self) -> tuple[Operand, ...]:
        """The matrices a, b and y, and what the epilogue needs."""
        shape, types = self.shape, self.types
        blocks = shape.groups * -(-shape.out_channels // self.tile.block)
        packed = ((blocks * self.depth * self.tile.block, 1),)
        strided = ((shape.in_channels, self.b_row), (shape.out_channels, 1))
        columns = self.tile.padded(shape.out_channels, blocks)
        if self.across:
            columns = shape.groups if types.accumulator.is_float else self.tile.rounded_up(shape.groups)
            packed = ((shape.window * shape.groups, 1),)
        bias = reads("bias", types.accumulator, (columns, 1))
        rows = blocks * self.depth // max(1, types.depth)
        fits = (reads("fits", DType.UINT8, (-(-rows // 8) + FITS_BEHIND, 1)),) if self.fits else ()
        return (
            shape.a("a", self.source, self.pool),
            shape.b("b", types.weight, *(strided if self.b_row else packed)),
            *fits,
            *self.epilogue.around(shape.y(types.result, self.pool), bias),
        )
