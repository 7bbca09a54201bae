"""Choosing by position: triangles, one-hot rows, reversed sequences, the greatest elements."""

import math
from dataclasses import dataclass
from typing import Annotated

from mini_infer.ir import DType
from mini_infer.ir.dims import at_least, symbols_in
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.rules import (
    INDICES,
    ElementBytes,
    NativeType,
    Shape,
    Size,
    choice,
    element,
    limit,
    require,
)
from mini_infer.program.operand import Operand, present, reads, writes


@dataclass(frozen=True, slots=True)
class Triangular(Kernel):
    """The elements on one side of a diagonal, zeros on the other.

    Operands: the matrices `[matrices, rows, columns]`; the diagonal, one int64, 0 being the main one; the output.

    Parameters
    ----------
    upper
        Whether what lies above stays.
    """

    OPEN = frozenset({"matrices", "rows", "columns"})

    matrices: Size
    rows: Size
    columns: int
    upper: bool
    element_bytes: ElementBytes

    def operands(self) -> tuple[Operand, ...]:
        every = (self.matrices * self.rows * self.columns * self.element_bytes, 1)
        return (reads("x", 1, every), reads("diagonal", DType.INT64), writes("y", 1, every))


@dataclass(frozen=True, slots=True)
class OneHot(Kernel):
    """Rows that differ in one place, which an index says.

    Operands: the indices `[outer, inner]`, the two values (off, on), the output `[outer, depth, inner]`. Negative
    indices count from the end; one that is out of range is nowhere.

    Parameters
    ----------
    index, dtype
        Element types of the indices and of the values.
    """

    OPEN = frozenset({"outer", "depth", "inner"})

    outer: int
    depth: Size
    inner: int
    index: NativeType
    dtype: NativeType

    def operands(self) -> tuple[Operand, ...]:
        return (
            reads("indices", self.index, (self.outer * self.inner, 1)),
            reads("values", self.dtype, (2, 1)),
            writes("y", self.dtype, (self.outer * self.depth * self.inner, 1)),
        )


@dataclass(frozen=True, slots=True)
class ReverseSequence(Kernel):
    """Sequences with their beginnings, as long as given, reversed.

    Operands: the sequences `[batch, time, inner]` or `[time, batch, inner]`, their lengths (int64), the output.

    Parameters
    ----------
    inner
        In bytes.
    time_first
        The order of the first two axes.
    """

    OPEN = frozenset({"batch", "time", "inner"})

    batch: Size
    time: Size
    inner: int
    time_first: bool

    def operands(self) -> tuple[Operand, ...]:
        every = (self.batch * self.time * self.inner, 1)
        return (reads("x", 1, every), reads("lengths", DType.INT64, (self.batch, 1)), writes("y", 1, every))


@dataclass(frozen=True, slots=True)
class TopK(Kernel):
    """The first `count` elements of each line in descending (or ascending) order, and where they are.

    Operands: the tensor `[outer, size, inner]`; the elements and their indices, int64, both `[outer, count, inner]`. Of
    equal elements the first comes first; NaN counts as greater than any number.

    Parameters
    ----------
    largest
        Whether the order is descending.
    """

    OPEN = frozenset({"outer", "size", "inner", "count"})

    outer: Size
    size: int
    inner: Size
    count: Size
    largest: bool
    dtype: NativeType

    def check_fields(self) -> None:
        """Check that lines have as many elements as are wanted, and that some are."""
        limit(at_least(self.count, 1), "perhaps nothing is wanted of a line")
        require(at_least(self.size, self.count), f"{self.count} elements of a line of {self.size}")

    def operands(self) -> tuple[Operand, ...]:
        chosen = (self.outer * self.count * self.inner, 1)
        return (
            reads("x", self.dtype, (self.outer * self.size * self.inner, 1)),
            writes("values", self.dtype, chosen),
            writes("indices", DType.INT64, chosen),
        )


@dataclass(frozen=True, slots=True)
class CumulativeOp(Kernel):
    """Running sums or products along one axis.

    Operands: the tensor; the axis (one int32 or int64), if it is not known at build time; the output.

    Parameters
    ----------
    shape
        Of both; no dimension is empty.
    axis
        The axis, or the element type of the one that is given at run time.
    exclusive
        Whether an element counts from the next place on.
    backwards
        Whether the last element comes first.
    """

    OPEN = frozenset({"shape"})

    shape: Shape
    axis: int | DType
    operation: Annotated[str, choice("Add", "Mul")]
    exclusive: bool
    backwards: bool
    dtype: NativeType

    def check_fields(self) -> None:
        """Check the axis."""
        if isinstance(self.axis, int):
            require(self.axis < len(self.shape), f"axis {self.axis} of {len(self.shape)}")
        else:
            element(self.axis, INDICES, "the axis's type")
            limit(not symbols_in(self.shape), "the axis and the sizes are given at run time")

    def operands(self) -> tuple[Operand, ...]:
        every = (math.prod(self.shape), 1)
        axis = None if isinstance(self.axis, int) else reads("axis", self.axis)
        return present(reads("x", self.dtype, every), axis, writes("y", self.dtype, every))
