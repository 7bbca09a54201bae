"""Winograd's 3x3 convolutions, channels last."""

import math
from dataclasses import dataclass, replace
from typing import Annotated, Self

from mini_infer.ir import Dim, DType
from mini_infer.ir.equal_parts import divisors
from mini_infer.machine import Machine
from mini_infer.program.kernels.bands import Bands, Pass
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.contraction.tile import Epilogue, Tile
from mini_infer.program.kernels.contraction.tiled_contraction import ContractionShape
from mini_infer.program.kernels.rules import Size, at_least_one, limit, one_of, require
from mini_infer.program.operand import Operand, reads, workspace
from mini_infer.program.winograd import KERNEL, PAIRS, points, weight_points

_LINE = 16
"""Floats of a cache line."""

INPUT_OPERATIONS, OUTPUT_OPERATIONS = 5.5, 3.5
"""Operations that transforming one number takes for each point, on the way in and out."""

_OPEN = frozenset("count input output a_stride x_stride y_stride y_start whole".split())
"""Numbers that may be given at run time."""


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
        Of a chunk: neighbors, row after row. Their number divides that of all tiles of an image; where that is given
        at run time, the last chunk has fewer, and the number is one of whole rows of registers.
    whole
        Of a band: the tiles of all bands, by whose number sums are cut into parts; otherwise 0.
    """

    conv: ContractionShape
    size: int
    tile: Tile
    tiles: Size
    whole: int = 0

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
        return self.conv.count * self.chunks_of_image

    @property
    def chunks_of_image(self) -> int:
        """Chunks of one image."""
        return -(-math.prod(self.grid) // self.tiles)

    @property
    def is_open(self) -> bool:
        """Whether the number of an image's tiles is given at run time."""
        return isinstance(math.prod(self.grid), Dim)

    @property
    def even(self) -> bool:
        """Whether all chunks have as many tiles: sizes are known, or those of bands, which are cut so."""
        return not self.is_open or self.whole != 0

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

    def passes(self, pool: int) -> tuple[Pass, Pass]:
        """How rows of tiles pass over the input, and over what is stored of every `pool` outputs."""
        down = self.conv.axes[0]
        stored = self.size // pool
        return (
            Pass(down.x_stride, down.input, self.size * self.stride, down.pad, self.side),
            Pass(down.y_stride, down.output // pool, stored, 0, stored),
        )

    def band(self, first: int, rows: int) -> "WinogradShape":
        """So many images, or rows `[first, first + rows)` of tiles of a single one, in chunks that are no larger."""
        if self.conv.count > 1:
            return replace(self, conv=self.conv.band(first, rows))
        down, right = self.conv.axes
        low, high = self.passes(1)[0].slices(first, rows)
        begin = first * self.size
        output = min(rows * self.size, down.output - begin)
        axis = replace(down, input=high - low, output=output, pad=low + down.pad - begin * self.stride)
        tiles = max(size for size in divisors(rows * self.grid[1]) if size <= self.tiles)
        whole = self.whole or math.prod(self.grid)
        return replace(self, conv=replace(self.conv, axes=(axis, right)), tiles=tiles, whole=whole)

    def check(self, machine: Machine) -> None:
        """Check that there is a transform for the convolution, and that chunks and vectors come out even."""
        conv = self.conv
        conv.check()
        plane = len(conv.batch) <= 1 and len(conv.axes) == 2 and conv.groups == conv.x_channel == conv.y_channel == 1  # noqa: PLR2004
        require(plane, "it is no convolution of one group in a plane with neighboring channels")
        for axis in conv.axes:
            fits = (axis.kernel, axis.dilation, axis.stride) == (KERNEL, 1, self.stride)
            require(fits, f"there is no transform for windows of {axis.kernel} with a stride of {axis.stride}")
        one_of("size", self.size, PAIRS.get(self.stride, {}))
        self.tile.check(machine, whole=True)
        limit(not self.is_open or self.whole == 0, "it is a band of a size that is given at run time")
        tiles = math.prod(self.grid)
        even = self.tiles % self.tile.rows if self.is_open else tiles % self.tiles
        require(even == 0, f"chunks of {self.tiles} do not divide {tiles} tiles")

    def x(self) -> Operand:
        """The input: as far as the tiles read that reach over the output's end."""
        conv = self.conv
        walk = [(conv.image.count, conv.image.a_stride), (conv.in_channels, 1)]
        start = 0
        for axis, tiles in zip(conv.axes, self.grid, strict=True):
            windows = (tiles - 1) * self.size * self.stride + self.side  # of one element each
            first, count = replace(axis, kernel=1, stride=1, output=windows).read()
            walk.append((count, axis.x_stride))
            start += first * axis.x_stride
        return reads("x", DType.FLOAT32, *walk, start=start)

    def results(self, epilogue: Epilogue, pool: tuple[int, int]) -> tuple[Operand, ...]:
        """The weights, what the epilogue needs, and y."""
        columns = self.blocks * self.tile.block
        weights = self.weight_side**2 * self.conv.in_channels * columns
        bias = reads("bias", DType.FLOAT32, (columns, 1))
        around = epilogue.around(self.conv.y(DType.FLOAT32, pool), bias)
        return (reads("weights", DType.FLOAT32, (weights, 1)), *around)


@dataclass(frozen=True, slots=True)
class WinogradInput(Kernel):
    """The first half of a convolution of few chunks: operands x, inputs (of all chunks, one after the other)."""

    SIGNED = frozenset({"pad"})
    OPEN = _OPEN

    shape: WinogradShape

    def check(self, machine: Machine) -> None:
        """Check the tiles."""
        self.shape.check(machine)

    def operands(self) -> tuple[Operand, ...]:
        return (self.shape.x(), workspace("transformed", DType.FLOAT32, self.shape.chunks * self.shape.inputs))


@dataclass(frozen=True, slots=True)
class WinogradProducts(Kernel):
    """What makes the results of a convolution.

    Parameters
    ----------
    pool
        Along each axis, of how many neighboring sums the greatest is stored, as in `TiledContraction`; it divides
        the tile.
    """

    SIGNED = frozenset({"pad"})
    OPEN = _OPEN

    shape: WinogradShape
    epilogue: Epilogue
    pool: Annotated[tuple[int, int], at_least_one] = (1, 1)

    @property
    def multiply_adds(self) -> int:
        """Those of the convolution."""
        return self.shape.conv.multiply_adds

    @property
    def performed(self) -> int:
        """Those of the tiles, and their transforms."""
        conv = self.shape.conv
        tiles = conv.count * math.prod(self.shape.grid) * self.shape.points
        transforms = INPUT_OPERATIONS * conv.in_channels + OUTPUT_OPERATIONS * conv.out_channels
        return int(tiles * (conv.in_channels * conv.out_channels + transforms))

    @property
    def weight_passes(self) -> int:
        """Once for each chunk."""
        return self.shape.chunks

    def check(self, machine: Machine) -> None:
        """Check the tiles, that pools divide them, and the epilogue."""
        self.shape.check(machine)
        self.epilogue.check(DType.FLOAT32)
        require(all(self.shape.size % count == 0 for count in self.pool), f"pools of {self.pool} do not divide a tile")

    @property
    def products(self) -> Operand:
        """Each worker's memory for the products of a chunk, as large as `shape` says."""
        return workspace("products", DType.FLOAT32, self.shape.products, private=True)


@dataclass(frozen=True, slots=True)
class WinogradConv(WinogradProducts):
    """A convolution chunk by chunk: operands x, weights, bias?, residual?, y, inputs, products.

    The last two are memory of each worker's own, as large as `shape` says.
    """

    @property
    def given(self) -> frozenset[str]:
        """Rows, and what they lack of their windows."""
        return frozenset({"input", "output", "pad"})

    def bands(self) -> Bands | None:
        """Images, or rows of tiles of a single one."""
        conv = self.shape.conv
        if conv.count > 1:
            images = conv.images()
            return None if images is None else Bands.of(conv.count, self.operands(), images)
        x, y = self.shape.passes(self.pool[0])
        return Bands.of(self.shape.grid[0], self.operands(), {"x": x, "residual": y, "y": y})

    def band(self, first: int, rows: int) -> Self:
        """The same tiles, fewer of them."""
        return replace(self, shape=self.shape.band(first, rows))

    def operands(self) -> tuple[Operand, ...]:
        inputs = workspace("inputs", DType.FLOAT32, self.shape.inputs, private=True)
        return (self.shape.x(), *self.shape.results(self.epilogue, self.pool), inputs, self.products)


@dataclass(frozen=True, slots=True)
class WinogradOutput(WinogradProducts):
    """The second half: operands inputs, weights, bias?, residual?, y, products (memory of each worker's own)."""

    def operands(self) -> tuple[Operand, ...]:
        inputs = reads("transformed", DType.FLOAT32, (self.shape.chunks * self.shape.inputs, 1))
        return (inputs, *self.shape.results(self.epilogue, self.pool), self.products)


def _apart(floats: int) -> int:
    """A distance in whole lines, their number odd: multiples of it meet in no set of the cache."""
    lines = -(-floats // _LINE)
    return (lines | 1) * _LINE
