"""Convolutions."""

import math
from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.machine import Machine
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.rules import limit, positive, ranks, require
from mini_infer.program.kernels.spatial import Axis
from mini_infer.program.kernels.tile import Epilogue, Tile
from mini_infer.program.operand import Operand, Walk, reads, writes

_MOST = 1 << 27
"""Outputs times window elements along the last axis, each of which is looked at when C is written."""


@dataclass(frozen=True, slots=True)
class ConvShape:
    """The sizes and strides of a convolution; channels are counted per group.

    Strides cover planar and channels-last tensors alike. Groups follow each other along the channels.

    Parameters
    ----------
    y_start
        Where in y the first output lies.
    """

    batch: int
    groups: int
    in_channels: int
    out_channels: int
    axes: tuple[Axis, ...]
    x_batch: int
    x_channel: int
    y_batch: int
    y_channel: int
    y_start: int = 0

    @property
    def window(self) -> int:
        """Elements of one window, in one channel."""
        count = 1
        for axis in self.axes:
            count *= axis.kernel
        return count

    @property
    def multiply_adds(self) -> int:
        """Products that are summed up, those with padding included."""
        count = self.batch * self.groups * self.in_channels * self.out_channels * self.window
        for axis in self.axes:
            count *= axis.output
        return count

    def check(self) -> None:
        """Check that there is something to compute."""
        require(bool(self.axes), "there is no axis")
        positive(self, "batch", "groups", "in_channels", "out_channels")
        for axis in self.axes:
            axis.check()
            positive(axis, "output")
        last = self.axes[-1]
        limit(last.output * last.kernel <= _MOST, f"{last.output} windows of {last.kernel} along one axis")

    def x(self, pool: tuple[int, ...] = ()) -> tuple[Walk, int]:
        """The walk over x, and the element that it starts from; where pools leave sums out, those are not computed."""
        walk = [(self.batch, self.x_batch), (self.groups * self.in_channels, self.x_channel)]
        start = 0
        for axis, size in zip(self.axes, pool or (1,) * len(self.axes), strict=True):
            first, count = axis.read(axis.output // size * size)
            walk.append((count, axis.x_stride))
            start += first * axis.x_stride
        return tuple(walk), start

    def y(self, dtype: DType, pool: tuple[int, ...] = ()) -> Operand:
        """The operand y; of so many neighbouring sums along each axis one number is stored."""
        pools = pool or (1,) * len(self.axes)
        stored = [(axis.output // size, axis.y_stride) for axis, size in zip(self.axes, pools, strict=True)]
        channels = (self.groups * self.out_channels, self.y_channel)
        return writes("y", dtype, (self.batch, self.y_batch), channels, *stored, start=self.y_start)


@dataclass(frozen=True, slots=True)
class DirectConv(Kernel):
    """A float32 convolution, summed in registers: operands x, weights, bias?, residual?, y.

    Weights are packed with one row per (window element, input channel), in that order, and `tile.block` columns.

    Parameters
    ----------
    shape
        Along each axis `output` counts the sums; y holds `output / pool` of them.
    tile
        Its rows are neighbours along the last axis, times `pool[-2]` neighbours along the axis before.
    pool
        Along each axis, of how many neighbouring sums one number is stored. Needs an epilogue without residual.
    mean
        Whether that number is the mean of the epilogue's results. Otherwise it is the epilogue of the maximum, in which
        NaN counts as in `MaxPool`; its expression must never fall where its argument rises.
    slab
        Rows of output that all blocks of columns pass over before the next rows begin.
    """

    SIGNED = frozenset({"pad"})

    shape: ConvShape
    tile: Tile
    pool: tuple[int, ...]
    mean: bool
    epilogue: Epilogue
    slab: int

    @property
    def multiply_adds(self) -> int:
        """Those of the convolution."""
        return self.shape.multiply_adds

    def check(self, machine: Machine) -> None:
        """Check the sizes, the register tile with its pools, and the epilogue."""
        self.shape.check()
        self.tile.check(machine)
        self.epilogue.check(DType.FLOAT32)
        positive(self, "pool", "slab")
        ranks("a pool", len(self.shape.axes), self.pool)
        tall = self.pool[-2] if len(self.pool) > 1 else 1
        fits = self.tile.rows % (tall * self.pool[-1]) == 0
        require(fits, f"a tile of {self.tile.rows} rows has no pools of {self.pool}")
        pooled = math.prod(self.pool) > 1
        require(not (pooled and self.epilogue.residual), "sums are pooled, but there is a residual")
        require(all(size == 1 for size in self.pool[:-2]), f"pools of {self.pool} along more than two axes")

    def operands(self) -> tuple[Operand, ...]:
        """The tensors x and y, the packed weights, and what the epilogue needs."""
        shape = self.shape
        x, start = shape.x(self.pool)
        blocks = shape.groups * -(-shape.out_channels // self.tile.block)
        weights = (blocks * shape.window * shape.in_channels * self.tile.block, 1)
        bias = reads("bias", DType.FLOAT32, (self.tile.padded(shape.out_channels, blocks), 1))
        return (
            reads("x", DType.FLOAT32, *x, start=start),
            reads("weights", DType.FLOAT32, weights),
            *self.epilogue.around(shape.y(DType.FLOAT32, self.pool), bias),
        )


@dataclass(frozen=True, slots=True)
class DepthwiseConv(Kernel):
    """A float32 convolution of each channel with itself alone, channels last: operands x, weights, bias?, residual?, y.

    Weights are `[window][channels]`. `shape.groups` counts the channels; x and y have channel stride 1.
    """

    SIGNED = frozenset({"pad"})

    shape: ConvShape
    tile: Tile
    epilogue: Epilogue

    @property
    def multiply_adds(self) -> int:
        """Those of the convolution."""
        return self.shape.multiply_adds

    def check(self, machine: Machine) -> None:
        """Check the sizes, that channels are neighbours and fill a vector, and the epilogue."""
        shape = self.shape
        shape.check()
        self.tile.check(machine)
        self.epilogue.check(DType.FLOAT32)
        single = shape.in_channels == shape.out_channels == shape.x_channel == shape.y_channel == 1
        require(single, "channels are not neighbours, each convolved with itself alone")
        fills = self.tile.vectors == 1 and shape.groups >= self.tile.lanes
        require(fills, f"{shape.groups} channels do not fill one vector of {self.tile.lanes}")

    def operands(self) -> tuple[Operand, ...]:
        """The tensors x and y, the weights, and what the epilogue needs."""
        shape = self.shape
        x, start = shape.x()
        return (
            reads("x", DType.FLOAT32, *x, start=start),
            reads("weights", DType.FLOAT32, (shape.window * shape.groups, 1)),
            *self.epilogue.around(shape.y(DType.FLOAT32), reads("bias", DType.FLOAT32, (shape.groups, 1))),
        )
