"""Sums of products over any axes."""

import math
from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.machine import Machine
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.rules import element, positive, ranks, require
from mini_infer.program.operand import Operand, reads, strided, writes
from mini_infer.program.strides import dense_strides


@dataclass(frozen=True, slots=True)
class Contraction(Kernel):
    """y[i] = sum over k of the product of all inputs at (i, k), in plain loops: what einsum means.

    Operands: the inputs `x0`, `x1`, …, then the output `y`, dense, of `shape`.

    Parameters
    ----------
    shape
        Of the output; no dimension is empty.
    summed
        Sizes of the axes that are summed over.
    strides
        For each input its stride along the axes of the output, then along those summed over; 0 where it has no such.
    dtype
        Element type.
    """

    shape: tuple[int, ...]
    summed: tuple[int, ...]
    strides: tuple[tuple[int, ...], ...]
    dtype: DType

    @property
    def multiply_adds(self) -> int:
        """One for each input but the first, at every element and summand."""
        return math.prod(self.shape) * math.prod(self.summed) * max(1, len(self.strides) - 1)

    def check(self, machine: Machine) -> None:  # noqa: ARG002 - C for any vectors
        """Check that each input has a stride along each axis."""
        positive(self, "shape", "summed")
        require(bool(self.strides), "there is no input")
        ranks("a stride", len(self.shape) + len(self.summed), *self.strides)
        element(self.dtype)

    def operands(self) -> tuple[Operand, ...]:
        """The inputs and the output."""
        axes = (*self.shape, *self.summed)
        inputs = (reads(f"x{index}", self.dtype, *strided(axes, s)) for index, s in enumerate(self.strides))
        return (*inputs, writes("y", self.dtype, *strided(self.shape, dense_strides(self.shape))))
