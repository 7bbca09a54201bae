"""Regions of images, sampled into grids of one size."""

from dataclasses import dataclass

from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.rules import IndexType, RealType, Size
from mini_infer.program.operand import Operand, reads, writes


@dataclass(frozen=True, slots=True)
class RoiAlign(Kernel):
    """The mean (or the largest weighted neighbor) of bilinear samples in each cell of each region.

    Operands: the images `[batch, channels, height, width]`; the regions `[regions, 4]` (left, top, right, bottom); the
    image of each region; the output `[regions, channels, rows, columns]`.

    Parameters
    ----------
    samples
        Along each side of a cell; 0 for as many as the region's size divided by the cells, rounded up.
    scale
        From the regions' coordinates to the images'.
    half_pixel
        Whether coordinates are those of pixels' corners; otherwise of their middles, and no region is smaller than one.
    maximum
        Whether the largest counts.
    """

    batch: Size
    channels: Size
    height: Size
    width: Size
    regions: Size
    rows: Size
    columns: Size
    samples: int
    scale: float
    half_pixel: bool
    maximum: bool
    dtype: RealType
    index: IndexType

    @property
    def steps(self) -> int:
        """Samples."""
        return self.regions * self.channels * self.rows * self.columns * max(1, self.samples) ** 2

    def operands(self) -> tuple[Operand, ...]:
        return (
            reads("x", self.dtype, (self.batch * self.channels * self.height * self.width, 1)),
            reads("regions", self.dtype, (self.regions * 4, 1)),
            reads("images", self.index, (self.regions, 1)),
            writes("y", self.dtype, (self.regions * self.channels * self.rows * self.columns, 1)),
        )
