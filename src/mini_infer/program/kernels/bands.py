"""Kernels a band of rows at a time: what so many rows of a kernel's results take of each operand.

The rows of a kernel are the steps of its outermost loop over the results. A band of them is made by a kernel of its
own, of the same tiles and sums: each number of a result is computed exactly as by the whole kernel.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mini_infer.program.operand import Operand


@dataclass(frozen=True, slots=True)
class Pass:
    """How an operand is passed over while rows are made.

    Row r takes the slices `[r * stride - pad, r * stride - pad + span)` that exist.

    Parameters
    ----------
    step
        Elements from one slice to the next.
    count
        How many slices there are.
    stride, pad, span
        Slices from row to row, those that are missing before the first, and slices of one row.
    picked
        The slice of each row, ascending, where that follows no such rule.
    """

    step: int
    count: int
    stride: int = 1
    pad: int = 0
    span: int = 1
    picked: tuple[int, ...] = ()

    def slices(self, first: int, rows: int) -> tuple[int, int]:
        """The slices `[low, high)` that rows `[first, first + rows)` take, one at least."""
        if self.picked:
            return self.picked[first], self.picked[first + rows - 1] + 1
        begin = first * self.stride - self.pad
        low = min(max(0, begin), self.count - 1)
        return low, max(min(self.count, begin + (rows - 1) * self.stride + self.span), low + 1)

    def slices_of(self, first: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """`slices` of many bands at once."""
        if self.picked:
            picked = np.array(self.picked)
            return picked[first], picked[first + rows - 1] + 1
        begin = first * self.stride - self.pad
        low = np.clip(begin, 0, self.count - 1)
        return low, np.maximum(np.minimum(self.count, begin + (rows - 1) * self.stride + self.span), low + 1)


@dataclass(frozen=True, slots=True)
class Bands:
    """How a kernel can be cut.

    Parameters
    ----------
    rows
        How many there are.
    passes
        For each operand, how it is passed over; none: every band takes all of it.
    multiple
        Of how many rows a band begins at a multiple.
    """

    rows: int
    passes: tuple[Pass | None, ...]
    multiple: int = 1

    @classmethod
    def of(cls, rows: int, operands: tuple[Operand, ...], passes: Mapping[str, Pass], multiple: int = 1) -> "Bands":
        """Bands of a kernel whose operands are passed over as their names say."""
        return cls(rows, tuple(passes.get(operand.name) for operand in operands), multiple)

    @classmethod
    def along(
        cls, axis: int, shape: Sequence[int], operands: tuple[Operand, ...], walks: Mapping[str, Sequence[int]]
    ) -> "Bands":
        """Bands along one dimension of a shape, in which each operand has a stride of its own; 0: it is shared."""
        strides = {name: walk[axis] for name, walk in walks.items()}
        passes = {name: Pass(stride, shape[axis]) for name, stride in strides.items() if stride}
        return cls.of(shape[axis], operands, passes)


def outermost(shape: Sequence[int], *walks: Sequence[int]) -> int:
    """The dimension whose neighbors lie furthest apart in all walks, on the whole; of equals the longer one."""

    def place(axis: int) -> tuple[int, int]:
        return sum(sum(stride > walk[axis] for stride in walk) for walk in walks), -shape[axis]

    return min(range(len(shape)), key=place)


def resized(shape: tuple[int, ...], axis: int, size: int) -> tuple[int, ...]:
    """The shape with another size along one dimension."""
    return (*shape[:axis], size, *shape[axis + 1 :])
