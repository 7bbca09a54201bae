"""Convolutions: the kernel for each shape, its tile, and its weights as it wants them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mini_infer.ir import DType, Node, TensorType
from mini_infer.lowering import tiles
from mini_infer.lowering.attributes import integer, integers, text
from mini_infer.lowering.builder import Builder, NotNativeError
from mini_infer.lowering.epilogue import epilogue_of, is_rising
from mini_infer.lowering.fused import Layout, planar_order, take_apart
from mini_infer.lowering.gemm import packed_gemm
from mini_infer.lowering.pool import pool_calls
from mini_infer.lowering.spatial import Window, axes_of, merged
from mini_infer.program import Call, Packing, View
from mini_infer.program.kernels import (
    Axis,
    Batch,
    ConvShape,
    DepthwiseConv,
    DirectConv,
    Epilogue,
    MatrixShape,
    PlainConv,
    Tile,
)

_CACHED = 256 << 10
"""Bytes of input that stay in the cache while the blocks of columns pass over them."""

_DEPTHWISE_OUTPUTS = 7
"""Outputs of a row that a depthwise convolution sums at once."""

_POOLED = 16
"""Sums in the largest pool that is taken in registers."""


@dataclass(frozen=True, slots=True)
class _Conv:
    """A convolution before its kernel is chosen.

    Parameters
    ----------
    weights, bias
        Their names; an empty one: no bias.
    x, residual, y
        Where they live.
    pool, mean
        As in `DirectConv`.
    """

    build: Builder
    weights: str
    bias: str
    shape: ConvShape
    epilogue: Epilogue
    x: View
    residual: View | None
    y: View
    pool: tuple[int, ...]
    mean: bool

    def call(self) -> Call:
        """The convolution by the kernel that fits best."""
        shape = self.shape
        if self.x.type.dtype is not DType.FLOAT32 or not self._constant():
            return self._plain()
        single = math.prod(self.pool) == 1
        last = shape.x_channel == shape.y_channel == 1
        if single and last and shape.groups > 1 and shape.in_channels == shape.out_channels == 1:
            lanes = self._depthwise_lanes()
            return self._depthwise(lanes) if lanes else self._plain()
        if single and shape.groups == 1 and shape.y_channel == 1 and shape.window == 1 and len(shape.axes) == 1:
            (axis,) = shape.axes
            if axis.stride == 1 and not axis.clipped:
                return self._gemm(axis)
        return self._direct()

    def _constant(self) -> bool:
        return all(self.build.constant(name) is not None for name in (self.weights, self.bias) if name)

    def _operands(self, weights: View, bias: View | None) -> tuple[View, ...]:
        return tuple(view for view in (self.x, weights, bias, self.residual, self.y) if view is not None)

    def _plain(self) -> Call:
        if math.prod(self.pool) > 1:
            raise NotNativeError("pooled convolution with weights that are computed at run time")
        bias = self.build.view(self.bias) if self.bias else None
        kernel = PlainConv(self.shape, self.x.type.dtype, self.epilogue)
        return Call(kernel, self._operands(self.build.view(self.weights), bias))

    def _depthwise_lanes(self) -> int:
        """The widest vectors that divide the channels or, where nothing is read that the output may overwrite, fit."""
        widths = [width for width in (16, 8, 4) if width <= min(self.build.lanes, self.shape.groups)]
        dividing = [width for width in widths if self.shape.groups % width == 0]
        return next(iter(dividing or ([] if self.residual else widths)), 0)

    def _depthwise(self, lanes: int) -> Call:
        shape = self.shape
        kind = self.build.type(self.weights).shape
        order = (*range(1, len(kind)), 0)
        weights = self.build.packed(self.weights, Packing(kind, order, 1, shape.window, shape.groups, shape.groups))
        rows = min(_DEPTHWISE_OUTPUTS, shape.axes[-1].output)
        kernel = DepthwiseConv(shape, Tile(rows, 1, lanes), self.epilogue)
        return Call(kernel, self._operands(weights, self.build.view(self.bias) if self.bias else None))

    def _gemm(self, axis: Axis) -> Call:
        """A convolution with windows of one element is a product: pixels times channels."""
        shape = self.shape
        rows = axis.output
        batch: tuple[Batch, ...] = (Batch(shape.batch, shape.x_batch, 0, shape.y_batch),)
        if (shape.x_batch, shape.y_batch) == (rows * axis.x_stride, rows * axis.y_stride):
            rows, batch = rows * shape.batch, ()
        matrix = MatrixShape(
            rows, shape.out_channels, shape.in_channels, axis.x_stride, shape.x_channel, axis.y_stride, batch
        )
        kind = self.build.type(self.weights).shape
        order = (*range(1, len(kind)), 0)
        return packed_gemm(
            matrix,
            self.epilogue,
            self.build.lanes,
            lambda block: self._operands(
                self.build.packed(self.weights, Packing(kind, order, 1, matrix.depth, matrix.columns, block)),
                self._packed_bias(block),
            ),
        )

    def _direct(self) -> Call:
        shape = self.shape
        depth = shape.window * shape.in_channels
        tall = self.pool[-2] if len(self.pool) > 1 else 1
        work = tiles.Work(tall * shape.axes[-1].output, shape.out_channels, depth, multiple=tall * self.pool[-1])
        tile = tiles.choose(work, self.build.lanes)
        kind = self.build.type(self.weights).shape
        packing = Packing(
            kind,
            (0, *range(3, len(kind) + 1), 2, 1),
            shape.groups,
            depth,
            shape.out_channels,
            tile.block,
            split=(shape.groups, shape.out_channels, *kind[1:]),
        )
        pool = self.pool if len(self.pool) == len(shape.axes) else (1,) * len(shape.axes)
        kernel = DirectConv(shape, tile, pool, self.mean, self.epilogue, self._slab(pool))
        return Call(kernel, self._operands(self.build.packed(self.weights, packing), self._packed_bias(tile.block)))

    def _packed_bias(self, block: int) -> View | None:
        if not self.bias:
            return None
        groups, columns = self.shape.groups, self.shape.out_channels
        kind = (groups * columns,)
        return self.build.packed(self.bias, Packing(kind, (0, 1), groups, 1, columns, block, split=(groups, columns)))

    def _slab(self, pool: Sequence[int]) -> int:
        """Rows that all blocks of columns pass over together: all of them, if their input is small."""
        shape = self.shape
        rows = shape.batch * math.prod(
            axis.output // size for axis, size in zip(shape.axes[:-1], pool[:-1], strict=True)
        )
        fitting = _CACHED * rows // max(1, self.x.type.bytes)
        return max(1, min(rows, fitting))


def lower_conv(node: Node, build: Builder) -> Sequence[Call]:
    """Lower `Conv`, alone or fused with activations, a residual, a pool and transposes to channels-last."""
    parts = take_apart(node)
    conv = parts.product
    x, weights = build.view(conv.inputs[0]), build.type(conv.inputs[1])
    y = build.view(node.outputs[0])
    if 0 in y.type.shape:
        return ()
    bias = conv.inputs[2] if len(conv.inputs) > 2 else ""  # noqa: PLR2004 - x, weights, bias
    epilogue, residual = epilogue_of(conv.outputs[0], parts.pointwise, build, bias=bool(bias))
    x_layout = Layout.of(x.type, channels_last=conv.inputs[0] in parts.channels_last)
    windows = Window.of(conv, weights.shape[2:], x_layout.shape[2:])
    pool = (1,) * len(windows)
    after: Sequence[Call] = ()
    if parts.pool is not None and _pools_in_registers(parts.pool, epilogue, x_layout, weights):
        pool = integers(parts.pool, "kernel_shape") or ()
    elif parts.pool is not None:
        pooled = y, Layout.of(y.type, channels_last=parts.writes_channels_last)
        counts = [window.count(size) for window, size in zip(windows, x_layout.shape[2:], strict=True)]
        planar = (x.type.shape[0], weights.shape[0], *counts)
        order = planar_order(len(planar)) if parts.writes_channels_last else range(len(planar))
        y = build.workspace(TensorType(x.type.dtype, tuple(planar[axis] for axis in order)))
        after = pool_calls(parts.pool, (y, Layout.of(y.type, channels_last=parts.writes_channels_last)), pooled)
    if residual:
        _check_residual(build.type(residual), y.type, alike=parts.alike(residual))
    conv_parts = _Conv(
        build,
        conv.inputs[1],
        bias,
        _shape(conv, windows, x_layout, Layout.of(y.type, channels_last=parts.writes_channels_last), pool),
        epilogue,
        x,
        build.view(residual) if residual else None,
        y,
        pool,
        mean=parts.pool is not None and parts.pool.op == "AveragePool",
    )
    return (conv_parts.call(), *after)


def _shape(conv: Node, windows: Sequence[Window], x: Layout, y: Layout, pool: Sequence[int]) -> ConvShape:
    axes = axes_of(conv, windows, x, y.strides[2:])
    if tuple(axis.output // size for axis, size in zip(axes, pool, strict=True)) != y.shape[2:]:
        raise NotNativeError(f"{[axis.output for axis in axes]} outputs where shape inference says {y.shape[2:]}")
    groups = integer(conv, "group", 1)
    return ConvShape(
        x.shape[0],
        groups,
        x.shape[1] // groups,
        y.shape[1] // groups,
        axes if math.prod(pool) > 1 else merged(axes),
        x.strides[0],
        x.strides[1],
        y.strides[0],
        y.strides[1],
    )


def _pools_in_registers(pool: Node, epilogue: Epilogue, x: Layout, weights: TensorType) -> bool:
    """Whether a direct convolution can keep all of a pool's window in registers."""
    kernel = integers(pool, "kernel_shape") or ()
    tiling = (
        kernel == integers(pool, "strides")
        and not any(integers(pool, "pads") or ())
        and text(pool, "auto_pad", "NOTSET") in {"NOTSET", "VALID"}
        and not integer(pool, "ceil_mode")
    )
    depthwise = weights.shape[1] == 1 and weights.shape[0] == x.shape[1]
    return (
        tiling
        and not depthwise
        and weights.dtype is DType.FLOAT32
        and math.prod(kernel[:-2]) == 1
        and math.prod(kernel) <= _POOLED
        and not epilogue.residual
        and (pool.op == "AveragePool" or is_rising(epilogue.expression))
    )


def _check_residual(kind: TensorType, y: TensorType, *, alike: bool) -> None:
    if kind != y or not alike:
        raise NotNativeError(f"the residual is {kind}{'' if alike else ' in another layout'}, the output {y}")
