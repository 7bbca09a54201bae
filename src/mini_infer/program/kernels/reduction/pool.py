"""Pooling."""

import math
from dataclasses import dataclass, replace
from typing import Self

from mini_infer.ir import DType
from mini_infer.ir.dims import at_least
from mini_infer.program.kernels.bands import Bands, Pass
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.contraction.spatial import Axis
from mini_infer.program.kernels.expression import EIGHT_BITS
from mini_infer.program.kernels.rules import REALS, NativeType, Size, element, ranks, require
from mini_infer.program.operand import Operand, present, reads, writes


@dataclass(frozen=True, slots=True)
class PoolShape:
    """The sizes and strides of a pooling, over every channel alike."""

    batch: Size
    channels: Size
    axes: tuple[Axis, ...]
    x_batch: int
    x_channel: int
    y_batch: int
    y_channel: int

    def check(self) -> None:
        """Check that there is something to compute."""
        require(bool(self.axes), "there is no axis")
        for axis in self.axes:
            axis.check()

    def x(self, dtype: DType) -> Operand:
        """The input."""
        found = [axis.read() for axis in self.axes]
        walk = [(count, axis.x_stride) for (_, count), axis in zip(found, self.axes, strict=True)]
        start = sum(first * axis.x_stride for (first, _), axis in zip(found, self.axes, strict=True))
        return reads("x", dtype, (self.batch, self.x_batch), (self.channels, self.x_channel), *walk, start=start)

    def y(self, dtype: DType, name: str = "y") -> Operand:
        """The output, or positions that lie like it."""
        walk = ((axis.output, axis.y_stride) for axis in self.axes)
        return writes(name, dtype, (self.batch, self.y_batch), (self.channels, self.y_channel), *walk)


@dataclass(frozen=True, slots=True)
class Requantization:
    """From one quantization of 8 bits to another of the same type: scales in float32, zero points."""

    x_scale: float
    x_zero: int
    y_scale: float
    y_zero: int


@dataclass(frozen=True, slots=True)
class _Pool(Kernel):
    """One number for each window."""

    SIGNED = frozenset({"pad", "counted", "x_zero", "y_zero"})
    OPEN = frozenset(
        "batch input output kernel x_batch x_channel x_stride y_batch y_channel y_stride counted numbering".split()
    )

    shape: PoolShape
    dtype: NativeType

    def bands(self) -> Bands | None:
        """Images, or rows along the first axis of a single one."""
        shape = self.shape
        x, y = shape.axes[0].passes()
        if shape.batch > 1:
            x, y = Pass(shape.x_batch, shape.batch), Pass(shape.y_batch, shape.batch)
        return Bands.of(y.count, self.operands(), {"x": x, "y": y})

    def band(self, first: int, rows: int) -> Self:
        """The same windows over fewer images or rows."""
        if self.shape.batch > 1:
            return replace(self, shape=replace(self.shape, batch=rows))
        down, *others = self.shape.axes
        return replace(self, shape=replace(self.shape, axes=(down.band(first, rows), *others)))

    @property
    def steps(self) -> int:
        """Elements of all windows that can exist."""
        axes = self.shape.axes
        whole = (axis.kernel if at_least(axis.input, axis.kernel) else axis.input for axis in axes)
        windows = math.prod(axis.output * size for axis, size in zip(axes, whole, strict=True))
        return self.shape.batch * self.shape.channels * windows

    @property
    def loads(self) -> int:
        """Elements of all windows, those in the padding included."""
        windows = math.prod(axis.output * axis.kernel for axis in self.shape.axes)
        return self.shape.batch * self.shape.channels * windows


@dataclass(frozen=True, slots=True)
class MaxPool(_Pool):
    """The maximum of each window: operands x, y, and the positions of the maxima where they are wanted.

    A NaN anywhere in the window is the result, and its position that of the first, as in NumPy.

    Parameters
    ----------
    numbering
        How far apart the numbers of neighboring elements are, along batch, channels and each axis: positions are
        given in this numbering of x. Empty: no positions.
    """

    numbering: tuple[int, ...] = ()

    def check_fields(self) -> None:
        """Check the sizes, and that no window lies in the padding altogether: it begins with an element that exists."""
        self.shape.check()
        require(all(axis.always_reads for axis in self.shape.axes), "a window has no element")
        if self.numbering:
            ranks("the numbering", 2 + len(self.shape.axes), self.numbering)

    def bands(self) -> Bands | None:
        """Those of a pool without positions, which are counted over all of x."""
        return None if self.numbering else super(MaxPool, self).bands()

    def operands(self) -> tuple[Operand, ...]:
        positions = self.shape.y(DType.INT64, "positions") if self.numbering else None
        return present(self.shape.x(self.dtype), self.shape.y(self.dtype), positions)


@dataclass(frozen=True, slots=True)
class AveragePool(_Pool):
    """The mean of each window: operands x, y.

    Parameters
    ----------
    counted
        For each axis, where the padding that counts as zeros ends, in input positions (it begins at `-pad`). Empty:
        the mean is taken over the elements that exist.
    quantized
        Of elements of 8 bits, what they mean: they are made real, added one after the other in float32, divided by
        their number and by the scale of y, whose zero point is added before the result is rounded. None: elements are
        real numbers.
    """

    counted: tuple[int, ...] = ()
    quantized: Requantization | None = None

    def check_fields(self) -> None:
        """Check the sizes, and that the mean is a number of the element type."""
        self.shape.check()
        element(self.dtype, REALS if self.quantized is None else frozenset(EIGHT_BITS))
        if self.counted:
            ranks("where the padding ends", len(self.shape.axes), self.counted)

    def band(self, first: int, rows: int) -> Self:
        """The same windows over fewer rows, counted from the first input that these read to where the last one ends."""
        cut = super(AveragePool, self).band(first, rows)
        if not self.counted or self.shape.batch > 1:
            return cut
        down = cut.shape.axes[0]
        low, _ = self.shape.axes[0].passes()[0].slices(first, rows)
        end = (down.output - 1) * down.stride + (down.kernel - 1) * down.dilation + 1 - down.pad
        return replace(cut, counted=(min(self.counted[0] - low, end), *self.counted[1:]))

    def operands(self) -> tuple[Operand, ...]:
        return (self.shape.x(self.dtype), self.shape.y(self.dtype))
