"""Regions of images, sampled into grids of one size."""

from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.program.kernels.base import Kernel


@dataclass(frozen=True, slots=True)
class RoiAlign(Kernel):
    """The mean (or the largest weighted neighbour) of bilinear samples in each cell of each region.

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
