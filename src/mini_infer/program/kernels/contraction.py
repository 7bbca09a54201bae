"""Sums of products over any axes."""

import math
from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.program.kernels.base import Kernel


@dataclass(frozen=True, slots=True)
class Contraction(Kernel):
    """y[i] = sum over k of the product of all inputs at (i, k), in plain loops: what einsum means.

    Operands: the inputs, then the output, dense, of `shape`.

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
