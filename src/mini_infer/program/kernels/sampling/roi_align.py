"""Regions of images, sampled into grids of one size."""

from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.machine import Machine
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.rules import INDICES, REALS, element, positive
from mini_infer.program.operand import Operand, reads, writes


@dataclass(frozen=True, slots=True)
class RoiAlign(Kernel):
    """The mean (or the largest weighted neighbor) of bilinear samples in each cell of each region.

    Operands: the images `[batch, channels, height, width]`; the regions `[regions, 4]` (left, top, right, bottom); the
    image of each region; the output `[regions, channels, rows, columns]`.

    Parameters
    ----------
    batch, channels, height, width, regions, rows, columns
        Sizes.
    samples
        Along each side of a cell; 0 for as many as the region's size divided by the cells, rounded up.
    scale
        From the regions' coordinates to the images'.
    half_pixel
        Whether coordinates are those of pixels' corners; otherwise of their middles, and no region is smaller than one.
    maximum
        Whether the largest counts.
    dtype, index
        Element types of the images and regions, and of the images' numbers.
    """

    batch: int
    channels: int
    height: int
    width: int
    regions: int
    rows: int
    columns: int
    samples: int
    scale: float
    half_pixel: bool
    maximum: bool
    dtype: DType
    index: DType

    def check(self, machine: Machine) -> None:  # noqa: ARG002 - C for any vectors
        """Check the sizes and the types."""
        positive(self, "batch", "channels", "height", "width", "regions", "rows", "columns")
        element(self.dtype, REALS)
        element(self.index, INDICES, "index")

    @property
    def steps(self) -> int:
        """Samples."""
        return self.regions * self.channels * self.rows * self.columns * max(1, self.samples) ** 2

    def operands(self) -> tuple[Operand, ...]:
        """The images, the regions, the image of each and the output."""
        return (
            reads("x", self.dtype, (self.batch * self.channels * self.height * self.width, 1)),
            reads("regions", self.dtype, (self.regions * 4, 1)),
            reads("images", self.index, (self.regions, 1)),
            writes("y", self.dtype, (self.regions * self.channels * self.rows * self.columns, 1)),
        )
