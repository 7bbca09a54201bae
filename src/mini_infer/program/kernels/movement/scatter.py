"""Writing at positions that are data."""

import math
from dataclasses import dataclass
from typing import Annotated

from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.movement.gather import AlongAxis
from mini_infer.program.kernels.rules import IndexType, NativeType, Sizes, choice
from mini_infer.program.operand import Operand, reads, updates

Reduction = Annotated[str, choice("", "Add", "Mul", "Max", "Min")]
"""The operation that joins what was there with what comes; empty to replace it."""


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
    checked
        Whether the indices must be checked: those known at build time have been.
    """

    OPEN = frozenset({"count", "inner", "sizes"})

    count: int
    inner: int
    sizes: Sizes
    reduction: Reduction
    dtype: NativeType
    index: IndexType
    checked: bool

    def operands(self) -> tuple[Operand, ...]:
        return (
            reads("indices", self.index, (self.count * len(self.sizes), 1), table=() if self.checked else self.sizes),
            reads("updates", self.dtype, (self.count * self.inner, 1)),
            updates("y", self.dtype, (math.prod(self.sizes) * self.inner, 1)),
        )


@dataclass(frozen=True, slots=True)
class ScatterElements(AlongAxis):
    """Elements put into a tensor, each at its own place but along one dimension, where an index says which.

    Operands: the indices and the elements, dense, of `shape`; the tensor, which is read and written. Along the indexed
    dimension they are put one after the other.

    Parameters
    ----------
    checked
        Whether the indices must be checked.
    """

    reduction: Reduction
    dtype: NativeType
    index: IndexType
    checked: bool

    def operands(self) -> tuple[Operand, ...]:
        return (
            reads("indices", self.index, self.places, table=() if self.checked else (self.size,)),
            reads("updates", self.dtype, self.places),
            updates("y", self.dtype, *self.tensor),
        )
