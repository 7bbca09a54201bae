"""`Conv`: any rank, groups, dilations and padding, alone or fused."""

import math
from collections.abc import Sequence

from mini_infer.ir import Node, TensorType, fusion
from mini_infer.ir.dims import at, symbols_in
from mini_infer.lowering.attributes import given, integer, integers
from mini_infer.lowering.builder import Builder, StridedError
from mini_infer.lowering.contraction.convolution import Convolution, Weights
from mini_infer.lowering.contraction.epilogue import epilogue_of
from mini_infer.lowering.contraction.plain import WeightLayout
from mini_infer.lowering.contraction.pooled import pooled
from mini_infer.lowering.contraction.spatial import Window, axes_of
from mini_infer.lowering.fused import Layout, take_apart
from mini_infer.program import Call, View
from mini_infer.program.kernels import Batch, ContractionShape
from mini_infer.program.strides import dense_strides

_POOLED = 16
"""Sums in the largest pool that is taken in registers."""


def lower_conv(node: Node, build: Builder) -> Sequence[Call]:
    """Lower `Conv`, alone or fused with activations, a residual, a pool and transposes to channels-last."""
    parts = take_apart(node)
    conv = parts.product
    x, weights = build.strided(conv.inputs[0]), build.type(conv.inputs[1])
    y = build.strided(node.outputs[0])
    bias = given(conv, 2)
    epilogue, residual = epilogue_of(conv.outputs[0], x.type.dtype, parts.pointwise, build, bias=bool(bias))
    x_layout = Layout.at(x, channels_last=conv.inputs[0] in parts.channels_last)
    windows = Window.of(conv, weights.shape[2:], x_layout.shape[2:])
    target = Layout.at(y, channels_last=parts.writes_channels_last)
    if residual and parts.pool is not None:
        raise ValueError("a residual before a pool: it is not as large as what is stored")
    added = residual_at(residual, node.outputs[0], build, alike=parts.alike(residual)) if residual else None

    def convolution(y: View, layout: Layout, pool: tuple[int, ...]) -> Convolution:
        shape = conv_shape(conv, windows, x_layout, layout, pool)
        return Convolution(
            build,
            Weights(conv.inputs[1], weight_layout(weights.shape, shape.out_channels), weights.shape),
            bias,
            shape,
            epilogue,
            x,
            added,
            y,
            pool,
            mean=parts.pool is not None and parts.pool.op == "AveragePool",
        )

    whole = (1,) * len(windows)
    if parts.pool is None:
        return convolution(y, target, whole).calls()
    counts = [window.count(size) for window, size in zip(windows, x_layout.shape[2:], strict=True)]
    result = TensorType(x.type.dtype, (x.type.shape[0], weights.shape[0], *counts))
    kernel = integers(parts.pool, "kernel_shape")
    known = not symbols_in(tuple(counts))  # pools in registers are for sizes that are known
    fits = known and math.prod(kernel[:-2]) == 1 and math.prod(kernel) <= _POOLED
    if fits and fusion.pools_before_storing(conv, weights.shape, parts.pointwise, parts.pool, counts):
        in_registers = convolution(y, target, kernel)
        # Above this size the kernel that is best for the convolution alone wins more than the pool in registers does:
        # a stream keeps the rows between them in the cache.
        cached = build.machine.caches and not build.objective.pools_in_registers
        small = not cached or at(result.bytes) <= build.machine.near(1, 4)
        if in_registers.is_packable and (small or in_registers.winograd()):
            return in_registers.calls()
    return pooled(
        lambda y, layout: convolution(y, layout, whole).calls(),
        result,
        parts.pool,
        (y, target),
        build,
        channels_last=parts.writes_channels_last,
    )


def conv_shape(conv: Node, windows: Sequence[Window], x: Layout, y: Layout, pool: Sequence[int]) -> ContractionShape:
    """The sizes and strides of a convolution between tensors of these layouts."""
    axes = axes_of(conv, windows, x, y.strides[2:])
    if tuple(axis.output // size for axis, size in zip(axes, pool, strict=True)) != y.shape[2:]:
        raise ValueError(f"{[axis.output for axis in axes]} outputs where shape inference says {y.shape[2:]}")
    groups = integer(conv, "group", 1)
    batch = Batch(x.shape[0], x.strides[0], 0, y.strides[0])
    channels = x.shape[1] // groups, y.shape[1] // groups
    return ContractionShape(*channels, axes, x.strides[1], y.strides[1], (batch,), groups)


def weight_layout(shape: tuple[int, ...], out_channels: int) -> WeightLayout:
    """How a convolution finds its weights in ONNX's tensor."""
    strides = dense_strides(shape)
    return WeightLayout(0, strides[0] * out_channels, strides[0], strides[1], strides[2:])


def residual_at(name: str, result: str, build: Builder, *, alike: bool) -> View:
    """Where a residual lives, which must lie exactly like the result that it is added to.

    Raises
    ------
    StridedError
        When it has other gaps between its rows.
    """
    view, y = build.strided(name), build.strided(result)
    reason = fusion.residual_refusal(view.type, y.type) or ("" if alike else "the residual has another layout")
    if reason:
        raise ValueError(reason)
    if view.strides != y.strides:
        raise StridedError(name if view.strides else result)
    return view
