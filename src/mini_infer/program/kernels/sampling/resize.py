"""Tensors sampled at other positions than their own: resized images and signals."""

import itertools
import math
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from mini_infer.ir import DType
from mini_infer.program.kernels.bands import Bands, Pass, resized
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.rules import NativeType, Size, Sizes, ranks, require
from mini_infer.program.operand import Operand, reads, strided, writes
from mini_infer.program.strides import is_dense


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
    """

    shape: Sizes
    strides: tuple[int, ...]
    target: tuple[int, ...]
    picked: tuple[int, ...]
    sizes: Sizes
    dtype: NativeType
    fill: float | None = None
    rows: tuple[int, ...] = ()

    def check_fields(self) -> None:
        """Check the axes, and that those after the last picked one have no gaps."""
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
            reads("indices", DType.INT32, (count, 1), table=self.sizes[-len(self.tables) :]),
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
    """

    outer: Size
    size: Size
    inner: Size
    samples: Size
    taps: Size
    source: NativeType
    target: NativeType
    fill: float | None = None

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
            reads("indices", DType.INT32, table, table=(self.size,)),
            reads("weights", DType.FLOAT64 if self.source is DType.FLOAT64 else DType.FLOAT32, table),
            writes("y", self.target, (self.outer * self.samples * self.inner, 1)),
        )
