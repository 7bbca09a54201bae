"""Reading at positions that are data."""

import math
from dataclasses import dataclass

import numpy as np

from mini_infer.ir import DType
from mini_infer.machine import Machine
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.rules import INDICES, element, move, positive, ranks, require
from mini_infer.program.operand import Operand, reads, strided, writes


@dataclass(frozen=True, slots=True)
class Gather(Kernel):
    """Slices of a tensor at indexed positions.

    Operands: the tensor `[batch, *sizes, inner]`; the indices, `[batch, count, len(sizes)]`, or one such list for every
    batch; the output `[batch, count, inner]`. Negative indices count from the end.

    Parameters
    ----------
    batch, count, inner
        How many parts, how many slices of each, and how many bytes a slice has.
    sizes
        The dimensions that are indexed.
    shared
        Whether every part is read at the same positions.
    index
        Element type of the indices.
    checked
        Whether the indices must be checked: those known at build time have been.
    """

    batch: int
    count: int
    inner: int
    sizes: tuple[int, ...]
    shared: bool
    index: DType
    checked: bool

    def check(self, machine: Machine) -> None:  # noqa: ARG002 - C for any vectors
        """Check the sizes and the indices' type."""
        positive(self, "batch", "count", "sizes")
        require(bool(self.sizes), "no dimension is indexed")
        element(self.index, INDICES, "index")

    def admits(self, name: str, values: np.ndarray) -> bool:  # noqa: ARG002 - there is one table
        """Whether indices are in range, counted from the front or from the end."""
        limits = np.array(self.sizes)
        lists = values.reshape(-1, len(self.sizes))
        return bool(((lists >= -limits) & (lists < limits)).all())

    def operands(self) -> tuple[Operand, ...]:
        """The tensor, the indices and the output."""
        lists = self.count * (1 if self.shared else self.batch)
        return (
            reads("x", 1, (self.batch * math.prod(self.sizes) * self.inner, 1)),
            reads("indices", self.index, (lists * len(self.sizes), 1), table=not self.checked),
            writes("y", 1, (self.batch * self.count * self.inner, 1)),
        )


@dataclass(frozen=True, slots=True)
class GatherElements(Kernel):
    """Elements of a tensor, each at its own place but along one dimension, where an index says which.

    Operands: the tensor, the indices, the output; the latter two are dense, of `shape`. Negative indices count from the
    end.

    Parameters
    ----------
    shape
        Of the indices; no dimension is empty.
    strides
        Of the tensor.
    axis, size
        The dimension that is indexed, and its size in the tensor.
    element_bytes
        The size of an element: 1, 2, 4 or 8.
    index
        Element type of the indices.
    checked
        Whether the indices must be checked.
    """

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    axis: int
    size: int
    element_bytes: int
    index: DType
    checked: bool

    def check(self, machine: Machine) -> None:  # noqa: ARG002 - C for any vectors
        """Check the sizes and the indices' type."""
        positive(self, "shape", "size")
        ranks("a stride", len(self.shape), self.strides)
        require(self.axis < len(self.shape), f"axis {self.axis} of {len(self.shape)}")
        move(self.element_bytes)
        element(self.index, INDICES, "index")

    def admits(self, name: str, values: np.ndarray) -> bool:  # noqa: ARG002 - there is one table
        """Whether indices are in range, counted from the front or from the end."""
        return in_range(values, self.size)

    def operands(self) -> tuple[Operand, ...]:
        """The tensor, the indices and the output."""
        places = (math.prod(self.shape), 1)
        return (
            reads("x", self.element_bytes, *strided(along(self.shape, self.axis, self.size), self.strides)),
            reads("indices", self.index, places, table=not self.checked),
            writes("y", self.element_bytes, places),
        )


def in_range(values: np.ndarray, size: int) -> bool:
    """Whether indices of one dimension are in range, counted from the front or from the end."""
    return bool(((values >= -size) & (values < size)).all())


def along(shape: tuple[int, ...], axis: int, size: int) -> tuple[int, ...]:
    """A shape whose dimension `axis` has another size."""
    return (*shape[:axis], size, *shape[axis + 1 :])
