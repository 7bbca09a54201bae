"""Tensors sampled at other positions than their own: resized images and signals."""

import itertools
import math
from dataclasses import dataclass, replace
from typing import Annotated, Self

import numpy as np

from mini_infer.ir import DType
from mini_infer.ir.dims import at_least, greatest, symbols_in
from mini_infer.program.kernels.bands import Bands, Pass, resized
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.rules import NativeType, RealType, Size, Sizes, choice, ranks, require
from mini_infer.program.operand import Operand, present, reads, strided, writes
from mini_infer.program.strides import is_dense

MODES = "half_pixel half_pixel_symmetric pytorch_half_pixel align_corners asymmetric tf_half_pixel_for_nn".split()
"""Ways to transform coordinates that do not lead outside of an axis."""

ROUNDINGS = "round_prefer_floor round_prefer_ceil floor ceil".split()
"""Ways to find the nearest element."""

_MOST = 1 << 24
"""Samples and elements are fewer, so that float32 counts them."""


@dataclass(frozen=True, slots=True)
class SampleNearest(Kernel):
    """Elements picked along several axes at once.

    Operands: the tensor; the indices, int32, those of one axis after those of another, without an axis whose indices
    are `rows`; the output.

    Parameters
    ----------
    shape
        Of the output; no dimension is empty.
    strides, target
        Of the tensor, and of the output: along the axes after the last picked one, neighbors without gaps.
    picked
        The axes with indices, in order; elsewhere each element keeps its place.
    sizes
        The tensor's sizes along those axes.
    fill
        What is written where an index is negative, which stands for outside; none if no index is.
    rows
        The indices along the first of several picked axes, where they never fall and it is the outermost one; or none.
    clamps
        Whether the indices are computed at run time: one that is none is taken for the nearest that is.
    """

    OPEN = frozenset({"shape", "strides", "target", "sizes"})

    shape: Sizes
    strides: tuple[int, ...]
    target: tuple[int, ...]
    picked: tuple[int, ...]
    sizes: Sizes
    dtype: NativeType
    fill: float | None = None
    rows: tuple[int, ...] = ()
    clamps: bool = False

    def check_fields(self) -> None:
        """Check the axes, and that those after the last picked one have no gaps."""
        sizes = (*self.sizes, *(self.shape[axis] for axis in self.picked))
        _check_clamped(sizes, self.fill, clamps=self.clamps)
        ranks("a stride", len(self.shape), self.strides, self.target)
        ranks("a size", len(self.picked), self.sizes)
        ordered = all(a < b for a, b in zip(self.picked, (*self.picked[1:], len(self.shape)), strict=True))
        require(bool(self.picked) and ordered, f"axes {self.picked} of {len(self.shape)} are picked")
        inner = self.picked[-1] + 1
        dense = all(is_dense(self.shape[inner:], walk[inner:]) for walk in (self.strides, self.target))
        require(dense, "there are gaps after the last axis that is picked")
        if self.rows:
            first = self.picked[0]
            outermost = len(self.picked) > 1 and math.prod(self.shape[:first]) == 1 and self.fill is None
            require(outermost and len(self.rows) == self.shape[first], f"{len(self.rows)} rows are picked")
            rising = all(one <= other for one, other in itertools.pairwise(self.rows))
            require(rising and self.rows[0] >= 0 and self.rows[-1] < self.sizes[0], "rows are picked in no order")

    @property
    def tables(self) -> tuple[int, ...]:
        """The picked axes whose indices are an operand."""
        return self.picked[1:] if self.rows else self.picked

    def bands(self) -> Bands | None:
        """Rows along the first picked axis, whose indices are known."""
        if not self.rows:
            return None
        axis = self.picked[0]
        passes = {
            "x": Pass(self.strides[axis], self.sizes[0], picked=self.rows),
            "y": Pass(self.target[axis], self.shape[axis]),
        }
        return Bands.of(self.shape[axis], self.operands(), passes)

    def band(self, first: int, rows: int) -> Self:
        """The same columns of fewer rows."""
        low, high = self.rows[first], self.rows[first + rows - 1] + 1
        return replace(
            self,
            shape=resized(self.shape, self.picked[0], rows),
            sizes=(high - low, *self.sizes[1:]),
            rows=tuple(row - low for row in self.rows[first : first + rows]),
        )

    def admits(self, values: np.ndarray, sizes: tuple[int, ...]) -> bool:
        """Whether each axis's indices are in it, or stand for outside where there is something to write instead."""
        ends = np.cumsum([self.shape[axis] for axis in self.tables])
        least = np.iinfo(np.int32).min if self.fill is not None else 0
        parts = zip(np.split(values, ends[:-1]), sizes, strict=True)
        return all(bool(((part >= least) & (part < size)).all()) for part, size in parts)

    def operands(self) -> tuple[Operand, ...]:
        sizes = list(self.shape)
        for axis, size in zip(self.picked, self.sizes, strict=True):
            sizes[axis] = size
        count = sum(self.shape[axis] for axis in self.tables)
        return (
            reads("x", self.dtype, *strided(sizes, self.strides)),
            reads("indices", DType.INT32, (count, 1), table=() if self.clamps else self.sizes[-len(self.tables) :]),
            writes("y", self.dtype, *strided(self.shape, self.target)),
        )


@dataclass(frozen=True, slots=True)
class SampleWeighted(Kernel):
    """Along one axis, each element a weighted sum of a few: y[o, j, i] = sum over t of w[j, t] x[o, index[j, t], i].

    Operands: the tensor `[outer, size, inner]`; the indices, int32, and the weights, both `[samples, taps]`; the output
    `[outer, samples, inner]`. The sum is computed in the weights' type: float32, or float64 for such tensors.

    Parameters
    ----------
    source, target
        Element types of the tensor and of the output. An integer output is rounded to the nearest and saturated.
    fill
        What is written where a sample's first index is negative, which stands for outside; none if no index is.
    clamps
        As in `SampleNearest`.
    """

    OPEN = frozenset({"outer", "size", "inner", "samples"})

    outer: Size
    size: Size
    inner: Size
    samples: Size
    taps: Size
    source: NativeType
    target: NativeType
    fill: float | None = None
    clamps: bool = False

    def check_fields(self) -> None:
        """Check what is done about indices that are computed at run time."""
        _check_clamped((self.size, self.samples), self.fill, clamps=self.clamps)

    def admits(self, values: np.ndarray, sizes: tuple[int, ...]) -> bool:
        """Whether each sample's indices are in range, or the first of them stands for outside, where that is filled."""
        rows = values.reshape(self.samples, self.taps)
        outside = (rows[:, :1] < 0) & (self.fill is not None)
        return bool((outside | ((rows >= 0) & (rows < sizes[0]))).all())

    @property
    def steps(self) -> int:
        """Summands."""
        return self.outer * self.samples * self.taps * self.inner

    def operands(self) -> tuple[Operand, ...]:
        table = (self.samples * self.taps, 1)
        return (
            reads("x", self.source, (self.outer * self.size * self.inner, 1)),
            reads("indices", DType.INT32, table, table=() if self.clamps else (self.size,)),
            reads("weights", DType.FLOAT64 if self.source is DType.FLOAT64 else DType.FLOAT32, table),
            writes("y", self.target, (self.outer * self.samples * self.inner, 1)),
        )


def _check_clamped(sizes: tuple[int, ...], fill: float | None, *, clamps: bool) -> None:
    """Check that indices of open axes are clamped, and that there is an element that they can be clamped to."""
    require(clamps or not symbols_in(sizes), "nothing checks indices whose number is given at run time")
    some = all(at_least(size, 1) for size in sizes) and fill is None
    require(not clamps or some, "indices are clamped where there may be no elements, or something outside")


@dataclass(frozen=True, slots=True)
class Origins(Kernel):
    """Where the samples of a resized axis come from, found out at run time as `ir.samples` says it.

    Operands: the indices, int32 `[samples, taps]`; with two taps the weights `[samples, taps]`, too. One tap is the
    nearest element, two are those that linear interpolation takes.

    Parameters
    ----------
    size, samples
        Elements before and after.
    scale
        Samples per element; 0: `samples / size`.
    mode
        How coordinates are transformed, a mode of ONNX Resize.
    rounding
        With one tap, a `nearest_mode` of it; otherwise empty.
    dtype
        Of the weights.
    """

    OPEN = frozenset({"size", "samples"})

    size: Size
    samples: Size
    scale: float
    mode: Annotated[str, choice(*MODES)]
    rounding: Annotated[str, choice("", *ROUNDINGS)] = ""
    dtype: RealType = DType.FLOAT32

    @property
    def taps(self) -> int:
        """Elements that a sample is made of."""
        return 1 if self.rounding else 2

    def check_fields(self) -> None:
        """Check the scale, and that positions are counted in 32 bits."""
        require(math.isfinite(self.scale) and self.scale >= 0, f"a scale of {self.scale}")
        require(all(greatest(size) < _MOST for size in (self.size, self.samples)), "positions are beyond 32 bits")

    def operands(self) -> tuple[Operand, ...]:
        table = (self.samples * self.taps, 1)
        weights = None if self.rounding else writes("weights", self.dtype, table)
        return present(writes("indices", DType.INT32, table), weights)
