"""Choosing by position: triangles, one-hot rows, reversed sequences, the greatest elements."""

from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.program.kernels.base import Kernel


@dataclass(frozen=True, slots=True)
class Triangle(Kernel):
    """The elements on one side of a diagonal, zeros on the other.

    Operands: the matrices `[matrices, rows, columns]`; the diagonal, one int64, 0 being the main one; the output.

    Parameters
    ----------
    matrices, rows, columns
        Sizes.
    upper
        Whether what lies above stays.
    element_bytes
        The size of an element.
    """

    matrices: int
    rows: int
    columns: int
    upper: bool
    element_bytes: int


@dataclass(frozen=True, slots=True)
class OneHot(Kernel):
    """Rows that differ in one place, which an index says.

    Operands: the indices `[outer, inner]`, the two values (off, on), the output `[outer, depth, inner]`. Negative
    indices count from the end; one that is out of range is nowhere.

    Parameters
    ----------
    outer, depth, inner
        Sizes.
    index, dtype
        Element types of the indices and of the values.
    """

    outer: int
    depth: int
    inner: int
    index: DType
    dtype: DType


@dataclass(frozen=True, slots=True)
class Reversal(Kernel):
    """Sequences with their beginnings, as long as given, reversed.

    Operands: the sequences `[batch, time, inner]` or `[time, batch, inner]`, their lengths (int64), the output.

    Parameters
    ----------
    batch, time, inner
        Sizes; the last in bytes.
    time_first
        The order of the first two axes.
    """

    batch: int
    time: int
    inner: int
    time_first: bool


@dataclass(frozen=True, slots=True)
class Extremes(Kernel):
    """The first `count` elements of each line in descending (or ascending) order, and where they are.

    Operands: the tensor `[outer, size, inner]`; the elements and their indices, int64, both `[outer, count, inner]`. Of
    equal elements the first comes first; NaN counts as greater than any number.

    Parameters
    ----------
    outer, size, inner, count
        Sizes.
    largest
        Whether the order is descending.
    dtype
        Element type.
    """

    outer: int
    size: int
    inner: int
    count: int
    largest: bool
    dtype: DType


@dataclass(frozen=True, slots=True)
class Cumulate(Kernel):
    """Running sums or products along one axis.

    Operands: the tensor; the axis (one int32 or int64), if it is not known at build time; the output.

    Parameters
    ----------
    shape
        Of both; no dimension is empty.
    axis
        The axis, or the element type of the one that is given at run time.
    operation
        `Add` or `Mul`.
    exclusive
        Whether an element counts from the next place on.
    backwards
        Whether the last element comes first.
    dtype
        Element type.
    """

    shape: tuple[int, ...]
    axis: int | DType
    operation: str
    exclusive: bool
    backwards: bool
    dtype: DType
