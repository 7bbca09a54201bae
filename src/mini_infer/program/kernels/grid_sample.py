"""Images sampled where a grid says."""

from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.program.kernels.base import Kernel


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
