"""Images sampled where a grid says."""

import math
from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.machine import Machine
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.rules import element, one_of, positive, require
from mini_infer.program.operand import Operand, reads, writes


@dataclass(frozen=True, slots=True)
class GridSample(Kernel):
    """Every channel at run-time positions: a weighted sum of the elements around each.

    Operands: the tensor `[batch, channels, *sizes]`; the positions `[batch, samples, len(sizes)]`, the last axis's
    first, between -1 and 1; the output `[batch, channels, samples]`.

    Parameters
    ----------
    batch, channels, sizes, samples
        Sizes.
    taps
        Elements along an axis that count: 1 (the nearest), 2 (linear) or 4 (cubic).
    padding
        What lies outside: `zeros`, `border` or `reflection`.
    align_corners
        Whether -1 and 1 are the middle of the first and last element, or their outer ends.
    dtype
        Element type: float32 or float64.
    """

    batch: int
    channels: int
    sizes: tuple[int, ...]
    samples: int
    taps: int
    padding: str
    align_corners: bool
    dtype: DType

    def check(self, machine: Machine) -> None:  # noqa: ARG002 - C for any vectors
        """Check the sizes and the choices."""
        positive(self, "batch", "channels", "sizes", "samples")
        require(bool(self.sizes), "there is no axis")
        one_of("taps", self.taps, (1, 2, 4))
        one_of("padding", self.padding, ("zeros", "border", "reflection"))
        element(self.dtype, frozenset({DType.FLOAT32, DType.FLOAT64}))

    @property
    def steps(self) -> int:
        """Summands."""
        return self.batch * self.channels * self.samples * math.prod([self.taps] * len(self.sizes))

    def operands(self) -> tuple[Operand, ...]:
        """The tensor, the positions and the output."""
        return (
            reads("x", self.dtype, (self.batch * self.channels * math.prod(self.sizes), 1)),
            reads("grid", self.dtype, (self.batch * self.samples * len(self.sizes), 1)),
            writes("y", self.dtype, (self.batch * self.channels * self.samples, 1)),
        )
