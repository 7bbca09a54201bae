"""What quantization needs besides elementwise kernels."""

from dataclasses import dataclass

from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.tile import Tile


@dataclass(frozen=True, slots=True)
class DynamicRange(Kernel):
    """Scale and zero point that spread a float32 tensor's range, and 0, over the 256 values of uint8.

    Operands: the tensor, the scale (float32), the zero point (uint8).

    Parameters
    ----------
    size
        Elements of the tensor.
    """

    size: int


@dataclass(frozen=True, slots=True)
class PairGemm(Kernel):
    """A product of int16 matrices in int32, by instructions that multiply pairs and add each pair's products.

    Operands: a `[rows, depth]`, b `[columns / tile.block][depth / 2][tile.block][2]`, zero-padded, y `[rows, columns]`.

    Parameters
    ----------
    rows, columns, depth
        Sizes; the depth is even.
    tile
        The register tile, of int32.
    """

    rows: int
    columns: int
    depth: int
    tile: Tile

    @property
    def multiply_adds(self) -> int:
        """Products of one element of a and one of b."""
        return self.rows * self.columns * self.depth
