"""Writing at positions that are data."""

import math
from dataclasses import dataclass

import numpy as np

from mini_infer.ir import DType
from mini_infer.machine import Machine
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.movement.gather import along, in_range
from mini_infer.program.kernels.rules import INDICES, element, one_of, positive, ranks, require
from mini_infer.program.operand import Operand, reads, strided, updates

_REDUCTIONS = ("", "Add", "Mul", "Max", "Min")


@dataclass(frozen=True, slots=True)
class ScatterSlices(Kernel):
    """Slices put into a tensor at indexed positions, one after the other.

    Operands: the indices `[count, len(sizes)]`, the slices `[count, inner]`, and the tensor `[*sizes, inner]`, which is
    read and written. Negative indices count from the end.

    Parameters
    ----------
    count, inner
        How many slices, and how many elements each has.
    sizes
        The dimensions that are indexed.
    reduction
        The operation that joins what was there with what comes; empty to replace it.
    dtype, index
        Element types of the tensor and of the indices.
    checked
        Whether the indices must be checked: those known at build time have been.
    """

    count: int
    inner: int
    sizes: tuple[int, ...]
    reduction: str
    dtype: DType
    index: DType
    checked: bool

    def check(self, machine: Machine) -> None:  # noqa: ARG002 - C for any vectors
        """Check the sizes, the types and the reduction."""
        positive(self, "sizes")
        element(self.dtype)
        element(self.index, INDICES, "index")
        one_of("reduction", self.reduction, _REDUCTIONS)

    def admits(self, name: str, values: np.ndarray) -> bool:  # noqa: ARG002 - there is one table
        """Whether indices are in range, counted from the front or from the end."""
        limits = np.array(self.sizes)
        lists = values.reshape(self.count, len(self.sizes))
        return bool(((lists >= -limits) & (lists < limits)).all())

    def operands(self) -> tuple[Operand, ...]:
        """The indices, the slices and the tensor."""
        return (
            reads("indices", self.index, (self.count * len(self.sizes), 1), table=not self.checked),
            reads("updates", self.dtype, (self.count * self.inner, 1)),
            updates("y", self.dtype, (math.prod(self.sizes) * self.inner, 1)),
        )


@dataclass(frozen=True, slots=True)
class ScatterElements(Kernel):
    """Elements put into a tensor, each at its own place but along one dimension, where an index says which.

    Operands: the indices and the elements, dense, of `shape`; the tensor, which is read and written. Along the indexed
    dimension they are put one after the other. Negative indices count from the end.

    Parameters
    ----------
    shape
        Of the indices; no dimension is empty.
    strides
        Of the tensor.
    axis, size
        The dimension that is indexed, and its size in the tensor.
    reduction
        The operation that joins what was there with what comes; empty to replace it.
    dtype, index
        Element types of the tensor and of the indices.
    checked
        Whether the indices must be checked.
    """

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    axis: int
    size: int
    reduction: str
    dtype: DType
    index: DType
    checked: bool

    def check(self, machine: Machine) -> None:  # noqa: ARG002 - C for any vectors
        """Check the sizes, the types and the reduction."""
        positive(self, "shape", "size")
        ranks("a stride", len(self.shape), self.strides)
        require(self.axis < len(self.shape), f"axis {self.axis} of {len(self.shape)}")
        element(self.dtype)
        element(self.index, INDICES, "index")
        one_of("reduction", self.reduction, _REDUCTIONS)

    def admits(self, name: str, values: np.ndarray) -> bool:  # noqa: ARG002 - there is one table
        """Whether indices are in range, counted from the front or from the end."""
        return in_range(values, self.size)

    def operands(self) -> tuple[Operand, ...]:
        """The indices, the elements and the tensor."""
        places = (math.prod(self.shape), 1)
        return (
            reads("indices", self.index, places, table=not self.checked),
            reads("updates", self.dtype, places),
            updates("y", self.dtype, *strided(along(self.shape, self.axis, self.size), self.strides)),
        )
