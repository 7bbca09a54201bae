"""Winograd's 3x3 convolutions, channels last."""

import math
from dataclasses import dataclass

from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.conv import ConvShape
from mini_infer.program.kernels.tile import Epilogue, Tile, TiledKernel
from mini_infer.program.winograd import points, weight_points

_LINE = 16
"""Floats of a cache line."""


@dataclass(frozen=True, slots=True)
class WinogradShape:
    """How a convolution is cut into Winograd's tiles.

    The transformed input of a chunk is `[points][tiles][in_channels]`, its products `[points][tiles][tile.block]`, for
    one block of columns after the other. Points begin in different lines of the cache.

    Parameters
    ----------
    conv
        One group, two axes with windows of 3 and the same stride, 1 or 2, channel strides of 1. Its outputs are counted
        before a pool.
    size
        Outputs of a tile along each axis: 2 or 4.
    tile
        Registers of the products: its rows are Winograd's tiles.
    tiles
        Of a chunk: neighbours, row after row. Their number divides that of all tiles of an image.
    """

    conv: ConvShape
    size: int
    tile: Tile
    tiles: int

    @property
    def stride(self) -> int:
        """Of the convolution."""
        return self.conv.axes[0].stride

    @property
    def side(self) -> int:
        """Points along one axis of a tile, and inputs that it reads."""
        return points(self.size, self.stride)

    @property
    def points(self) -> int:
        """Products of a tile and a pair of channels."""
        return self.side**2

    @property
    def weight_side(self) -> int:
        """Points along one axis with weights of their own; the last ones share theirs."""
        return weight_points(self.size)

    @property
    def grid(self) -> tuple[int, int]:
        """Tiles along each axis of the output."""
        high, wide = (-(-axis.output // self.size) for axis in self.conv.axes)
        return high, wide

    @property
    def chunks(self) -> int:
        """Chunks of the whole batch."""
        return self.conv.batch * self.chunks_of_image

    @property
    def chunks_of_image(self) -> int:
        """Chunks of one image."""
        return math.prod(self.grid) // self.tiles

    @property
    def blocks(self) -> int:
        """Blocks of columns."""
        return -(-self.conv.out_channels // self.tile.block)

    @property
    def input_plane(self) -> int:
        """Distance between points of the transformed input."""
        return _apart(self.tiles * self.conv.in_channels)

    @property
    def product_plane(self) -> int:
        """Distance between points of the products."""
        return _apart(self.tiles * self.tile.block)

    @property
    def inputs(self) -> int:
        """Floats of a chunk's transformed input."""
        return self.points * self.input_plane

    @property
    def products(self) -> int:
        """Floats of a chunk's products."""
        return self.points * self.product_plane


@dataclass(frozen=True, slots=True)
class WinogradConv(TiledKernel):
    """A convolution chunk by chunk: operands x, weights, bias?, residual?, y, inputs, products.

    The last two are memory of each worker's own, as large as `shape` says.

    Parameters
    ----------
    pool
        Along each axis, of how many neighbouring sums the greatest is stored, as in `DirectConv`; it divides the tile.
    """

    shape: WinogradShape
    epilogue: Epilogue
    pool: tuple[int, int] = (1, 1)

    @property
    def multiply_adds(self) -> int:
        """Those of the convolution."""
        return self.shape.conv.multiply_adds


@dataclass(frozen=True, slots=True)
class WinogradInput(Kernel):
    """The first half of a convolution of few chunks: operands x, inputs (of all chunks, one after the other)."""

    shape: WinogradShape


@dataclass(frozen=True, slots=True)
class WinogradOutput(TiledKernel):
    """The second half: operands inputs, weights, bias?, residual?, y, products (memory of each worker's own)."""

    shape: WinogradShape
    epilogue: Epilogue
    pool: tuple[int, int] = (1, 1)

    @property
    def multiply_adds(self) -> int:
        """Those of the convolution."""
        return self.shape.conv.multiply_adds


def _apart(floats: int) -> int:
    """A distance in whole lines, their number odd: multiples of it meet in no set of the cache."""
    lines = -(-floats // _LINE)
    return (lines | 1) * _LINE
