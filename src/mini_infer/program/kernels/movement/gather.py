"""Reading at positions that are data."""

import math
from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.ir.halves import HALVES, STORED
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.rules import ElementBytes, IndexType, Shape, Size, Sizes, ranks, require
from mini_infer.program.operand import Operand, Walk, reads, strided, writes


@dataclass(frozen=True, slots=True)
class Gather(Kernel):
    """Slices of a tensor at indexed positions.

    Operands: the tensor `[batch, *sizes, inner]`; the indices, `[batch, count, len(sizes)]`, or one such list for every
    batch; the output `[batch, count, inner]`. Negative indices count from the end.

    Parameters
    ----------
    batch, count, inner
        How many parts, how many slices of each, and how many bytes a slice has; with `half`, how many numbers.
    sizes
        The dimensions that are indexed.
    shared
        Whether every part is read at the same positions.
    checked
        Whether the indices must be checked: those known at build time have been.
    half
        The type of 16 bits of the tensor's numbers, which the output has as float32; none: bytes are moved.
    """

    OPEN = frozenset({"batch", "count", "inner", "sizes"})

    batch: Size
    count: Size
    inner: int
    sizes: Shape
    shared: bool
    index: IndexType
    checked: bool
    half: DType | None = None

    def check_fields(self) -> None:
        """Check the type of 16 bits."""
        require(self.half is None or self.half in HALVES, f"numbers of 16 bits are {self.half}")

    def operands(self) -> tuple[Operand, ...]:
        lists = self.count * (1 if self.shared else self.batch)
        given, made = (1, 1) if self.half is None else (STORED, DType.FLOAT32)
        return (
            reads("x", given, (self.batch * math.prod(self.sizes) * self.inner, 1)),
            reads("indices", self.index, (lists * len(self.sizes), 1), table=() if self.checked else self.sizes),
            writes("y", made, (self.batch * self.count * self.inner, 1)),
        )


@dataclass(frozen=True, slots=True)
class AlongAxis(Kernel):
    """Elements at their own places in a tensor but along one dimension, where an index says which.

    Negative indices count from the end.

    Parameters
    ----------
    shape
        Of the indices.
    strides
        Of the tensor.
    axis, size
        The dimension that is indexed, and its size in the tensor.
    """

    OPEN = frozenset({"shape", "strides", "size"})

    shape: Sizes
    strides: tuple[int, ...]
    axis: int
    size: Size

    def check_fields(self) -> None:
        """Check that the tensor has the dimensions of the indices."""
        ranks("a stride", len(self.shape), self.strides)
        require(self.axis < len(self.shape), f"axis {self.axis} of {len(self.shape)}")

    @property
    def places(self) -> tuple[int, int]:
        """The walk over what is dense and of `shape`."""
        return math.prod(self.shape), 1

    @property
    def tensor(self) -> Walk:
        """The walk over the tensor."""
        return strided((*self.shape[: self.axis], self.size, *self.shape[self.axis + 1 :]), self.strides)


@dataclass(frozen=True, slots=True)
class GatherElements(AlongAxis):
    """Elements of a tensor, each at its own place but along one dimension, where an index says which.

    Operands: the tensor, the indices, the output; the latter two are dense, of `shape`.

    Parameters
    ----------
    checked
        Whether the indices must be checked.
    """

    element_bytes: ElementBytes
    index: IndexType
    checked: bool

    def operands(self) -> tuple[Operand, ...]:
        return (
            reads("x", self.element_bytes, *self.tensor),
            reads("indices", self.index, self.places, table=() if self.checked else (self.size,)),
            writes("y", self.element_bytes, self.places),
        )
