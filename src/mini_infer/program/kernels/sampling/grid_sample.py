"""Images sampled where a grid says."""

import math
from dataclasses import dataclass
from typing import Annotated

from mini_infer.ir import DType
from mini_infer.ir.dims import at_least
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.rules import Shape, Size, choice, limit, of_types
from mini_infer.program.operand import Operand, reads, writes


@dataclass(frozen=True, slots=True)
class GridSample(Kernel):
    """Every channel at run-time positions: a weighted sum of the elements around each.

    Operands: the tensor `[batch, channels, *sizes]`; the positions `[batch, samples, len(sizes)]`, the last axis's
    first, between -1 and 1; the output `[batch, channels, samples]`.

    Parameters
    ----------
    taps
        Elements along an axis that count: 1 (the nearest), 2 (linear) or 4 (cubic).
    padding
        What lies outside.
    align_corners
        Whether -1 and 1 are the middle of the first and last element, or their outer ends.
    """

    OPEN = frozenset({"batch", "sizes", "samples"})

    batch: Size
    channels: Size
    sizes: Shape
    samples: Size
    taps: Annotated[int, choice(1, 2, 4)]
    padding: Annotated[str, choice("zeros", "border", "reflection")]
    align_corners: bool
    dtype: Annotated[DType, of_types(DType.FLOAT32, DType.FLOAT64)]

    def check_fields(self) -> None:
        """Check that there is an element to sample."""
        limit(all(at_least(size, 1) for size in self.sizes), "an axis to sample may be empty")

    @property
    def steps(self) -> int:
        """Summands."""
        return self.batch * self.channels * self.samples * math.prod([self.taps] * len(self.sizes))

    def operands(self) -> tuple[Operand, ...]:
        return (
            reads("x", self.dtype, (self.batch * self.channels * math.prod(self.sizes), 1)),
            reads("grid", self.dtype, (self.batch * self.samples * len(self.sizes), 1)),
            writes("y", self.dtype, (self.batch * self.channels * self.samples, 1)),
        )
