"""A convolution of known sizes: the kernel that fits, its tile, and its weights as it wants them."""

import math
from dataclasses import dataclass, replace

import numpy as np

from mini_infer.ir import DType, TensorType
from mini_infer.ir.dims import at
from mini_infer.lowering.builder import Builder
from mini_infer.lowering.contraction import tiles, winograd
from mini_infer.lowering.contraction.gemm import packed_gemm
from mini_infer.lowering.contraction.matrix import Matrix
from mini_infer.lowering.contraction.panels import rows_of_panel
from mini_infer.lowering.contraction.plain import WeightLayout, plain_convolution
from mini_infer.lowering.contraction.spatial import merged
from mini_infer.machine import Machine
from mini_infer.program import Call, Packing, View, WinogradPacking
from mini_infer.program.kernels import Axis, ContractionShape, Epilogue, Tile, TiledContraction, Types
from mini_infer.program.kernels.contraction.winograd import WinogradConv, WinogradInput, WinogradOutput, WinogradShape

_ENOUGH_ITEMS = 16
"""Rows are cut into pieces where there are fewer items."""

_LONG_PIECE = 4
"""Tiles that a piece of a row has at least."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of a convolution.

    Parameters
    ----------
    name
        Of the model's tensor.
    layout
        How the convolution finds them in that tensor.
    shape
        `[groups * out_channels, in_channels, window...]`.
    part
        They themselves in this shape and a name for them, where they are not the model's tensor as it is.
    """

    name: str
    layout: WeightLayout
    shape: tuple[int, ...]
    part: tuple[str, np.ndarray] | None = None

    def packed(self, build: Builder, packing: Packing | WinogradPacking) -> View:
        """The weights in the layout a kernel wants."""
        if self.part is None:
            return build.packed(self.name, packing)
        name, array = self.part
        return build.literal(f"{name}/{packing.block}", packing.pack(array))

    def half(self, build: Builder) -> DType | None:
        """The type of 16 bits that they lie in, if any."""
        return build.halves.of(build.known(self.name) if self.part is None else self.part[1])


@dataclass(frozen=True, slots=True)
class Convolution:
    """A convolution before its kernel is chosen.

    Parameters
    ----------
    bias
        Its name; empty: none.
    x, residual, y
        Where they live.
    pool, mean
        As in `TiledContraction`.
    """

    build: Builder
    weights: Weights
    bias: str
    shape: ContractionShape
    epilogue: Epilogue
    x: View
    residual: View | None
    y: View
    pool: tuple[int, ...]
    mean: bool

    def calls(self) -> tuple[Call, ...]:
        """The convolution by the kernels that fit best."""
        cut = self.winograd()
        return (self.call(),) if cut is None else self._winograd(cut)

    def winograd(self) -> WinogradShape | None:
        """How Winograd's method cuts the convolution, if it is the best."""
        if not self.is_packable or self._dtype is not DType.FLOAT32 or self.mean or self.weights.part:
            return None
        if self.weights.half(self.build):  # what it makes of weights is larger, and has more than 16 bits
            return None
        return winograd.choose(self.shape, self.pool, self.build)

    def call(self) -> Call:
        """The convolution in one call without workspace, by the kernel that fits best."""
        if not self.is_packable:
            return self._plain()
        if math.prod(self.pool) > 1:
            return self._direct()
        if self._is_depthwise and not self._depthwise_width():
            return self._plain()
        axes = merged(self.shape.axes)
        return replace(self, shape=replace(self.shape, axes=axes), pool=(1,) * len(axes))._unpooled()  # noqa: SLF001

    def _unpooled(self) -> Call:
        shape = self.shape
        if self._is_depthwise:
            return self._depthwise(self._depthwise_width())
        if shape.groups == 1 and shape.y_channel == 1 and len(shape.axes) == 1:
            (axis,) = shape.axes
            whole = axis.kernel == axis.stride == 1 and axis.pad == 0 and axis.input == axis.output
            if whole and shape.y_start == 0:
                return self._gemm(axis)
        return self._direct()

    @property
    def is_packable(self) -> bool:
        """Whether the weights are known, and there is more than plain loops."""
        return self.build.tiled(self._dtype) and all(
            self.build.constant(name) is not None for name in (self.weights.name, self.bias) if name
        )

    @property
    def _dtype(self) -> DType:
        return self.x.type.dtype

    def _operands(self, weights: View, bias: View | None) -> tuple[View, ...]:
        return tuple(view for view in (self.x, weights, bias, self.residual, self.y) if view is not None)

    def _plain(self) -> Call:
        bias = self.build.view(self.bias) if self.bias else None
        kernel = plain_convolution(self.shape, self.weights.layout, self._dtype, self.epilogue)
        return Call(kernel, self._operands(self.build.view(self.weights.name), bias))

    @property
    def _is_depthwise(self) -> bool:
        """Whether each channel is convolved with itself alone, and channels are neighbors."""
        shape = self.shape
        channels_last = shape.x_channel == shape.y_channel == 1
        return channels_last and shape.groups > 1 and shape.in_channels == shape.out_channels == 1

    def _depthwise_width(self) -> int:
        """The widest vectors that divide the channels or, where nothing is read that the output may overwrite, fit."""
        known = self.build.machine.widths(self._dtype.numpy.itemsize)
        widths = [width for width in known if width <= self.shape.groups]
        dividing = [width for width in widths if self.shape.groups % width == 0]
        return next(iter(dividing or ([] if self.residual else widths)), 0)

    def _depthwise(self, width: int) -> Call:
        shape = self.shape
        kind = self.weights.shape
        order = (*range(1, len(kind)), 0)
        weights = self.weights.packed(self.build, Packing(kind, order, 1, shape.window, shape.groups, shape.groups))
        rows = min(self.build.machine.pipeline.outputs, at(shape.axes[-1].output))
        types = Types.of(self._dtype)
        kernel = TiledContraction(shape, Tile(rows, 1, width), 1, types=types, across=True, epilogue=self.epilogue)
        return Call(kernel, self._operands(weights, self.build.view(self.bias) if self.bias else None))

    def _gemm(self, axis: Axis) -> Call:
        """A convolution with windows of one element is a product: pixels times channels."""
        shape = self.shape
        rows = axis.output
        image, batch = shape.image, shape.batch
        if (image.a_stride, image.y_stride) == (rows * axis.x_stride, rows * axis.y_stride):
            rows, batch = rows * image.count, ()
        matrix = Matrix(
            rows, shape.out_channels, shape.in_channels, axis.x_stride, shape.x_channel, axis.y_stride, batch
        )
        kind = self.weights.shape
        order = (*range(1, len(kind)), 0)
        half = self.weights.half(self.build)
        return packed_gemm(
            self.build,
            matrix,
            Types.of(self._dtype, half),
            self.epilogue,
            lambda block: self._operands(
                self.weights.packed(
                    self.build, Packing(kind, order, 1, matrix.depth, matrix.columns, block, half=half)
                ),
                self._packed_bias(block),
            ),
        )

    def _direct(self) -> Call:
        shape = self.shape
        work = tiles.contraction_work(shape, self.pool, self._dtype)
        tile = self.build.tile(work)
        kind, half = self.weights.shape, self.weights.half(self.build)
        packing = Packing(
            kind,
            (0, *range(3, len(kind) + 1), 2, 1),
            shape.groups,
            work.depth,
            shape.out_channels,
            tile.block,
            split=(shape.groups, shape.out_channels, *kind[1:]),
            half=half,
        )
        items = self._rows() * shape.groups * -(-shape.out_channels // tile.block)
        wide = tile.rows // (work.multiple // self.pool[-1])
        outputs = shape.axes[-1].output // self.pool[-1] * self.pool[-1]
        piece = piece_of(at(items), at(outputs), wide)
        tiles_of_row = -(-outputs // wide)
        pieces = -(-tiles_of_row // piece) if piece else 1
        pool = self.pool if math.prod(self.pool) > 1 else ()
        kernel = TiledContraction(
            shape,
            tile,
            panel_of(shape, tile, at(self._rows()), at(self.x.type.bytes), self._dtype, self.build.machine) * pieces,
            piece,
            types=Types.of(self._dtype, half),
            pool=pool,
            mean=self.mean,
            epilogue=self.epilogue,
        )
        return Call(kernel, self._operands(self.weights.packed(self.build, packing), self._packed_bias(tile.block)))

    def _winograd(self, cut: WinogradShape) -> tuple[Call, ...]:
        """One call for one thread, or where there are chunks enough for several; else one for each half."""
        block = cut.tile.block
        weights = self.weights.packed(self.build, WinogradPacking(self.weights.shape, cut.size, block, cut.stride))
        high, wide = self.pool
        bias = self._packed_bias(block)
        products = self._private(cut.products)
        if at(cut.chunks_of_image) > 1 or self.build.threads == 1:
            operands = (*self._operands(weights, bias), self._private(cut.inputs), products)
            return (Call(WinogradConv(cut, self.epilogue, (high, wide)), operands),)
        inputs = self.build.workspace(TensorType(DType.FLOAT32, (cut.chunks * cut.inputs,)))
        first = Call(WinogradInput(cut), (self.x, inputs))
        operands = (*replace(self, x=inputs)._operands(weights, bias), products)  # noqa: SLF001
        return (first, Call(WinogradOutput(cut, self.epilogue, (high, wide)), operands))

    def _private(self, floats: int) -> View:
        """Memory of each worker's own."""
        return self.build.workspace(TensorType(DType.FLOAT32, (self.build.threads * floats,)))

    def _packed_bias(self, block: int) -> View | None:
        if not self.bias:
            return None
        groups, columns = self.shape.groups, self.shape.out_channels
        kind = (groups * columns,)
        return self.build.packed(self.bias, Packing(kind, (0, 1), groups, 1, columns, block, split=(groups, columns)))

    def _rows(self) -> int:
        """Rows of the output, along its last axis."""
        heights = zip(self.shape.axes[:-1], self.pool[:-1], strict=True)
        return self.shape.count * math.prod(axis.output // size for axis, size in heights)


def panel_of(shape: ContractionShape, tile: Tile, rows: int, a: int, dtype: DType, machine: Machine) -> int:
    """How many rows of an output, whose input has `a` bytes, all blocks of columns of a group pass over together."""
    columns = at(shape.out_channels)
    b = shape.window * at(shape.in_channels) * columns * dtype.numpy.itemsize
    return rows_of_panel(rows, a // at(shape.groups), b, -(-columns // tile.block), machine)


def piece_of(items: int, outputs: int, wide: int) -> int:
    """The tiles of a piece of a row (0: all): few long rows, as in one dimension, are cut."""
    tiles_of_row = -(-outputs // wide)
    pieces = min(-(-_ENOUGH_ITEMS // items), outputs // (wide * _LONG_PIECE))
    return 0 if pieces <= 1 else -(-tiles_of_row // pieces)
