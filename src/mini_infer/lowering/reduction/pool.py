"""Pooling, over windows or over everything."""

import math
from collections.abc import Sequence
from dataclasses import replace

from mini_infer.ir import DType, Node, TensorType
from mini_infer.lowering.attributes import integer, integers
from mini_infer.lowering.builder import Builder, NotNativeError
from mini_infer.lowering.contraction.spatial import Window, axes_of, merged
from mini_infer.lowering.fused import Layout, take_apart
from mini_infer.program import Call, View
from mini_infer.program.kernels import Axis
from mini_infer.program.kernels.reduction.mean_of_rows import MeanOfRows
from mini_infer.program.kernels.reduction.pool import AveragePool, MaxPool, PoolShape
from mini_infer.program.strides import dense_strides


def lower_pool(node: Node, build: Builder) -> Sequence[Call]:
    """Lower `MaxPool`, `AveragePool`, `GlobalMaxPool` or `GlobalAveragePool`, planar or with channels last."""
    parts = take_apart(node)
    pool = parts.product
    found = build.strided if len(pool.writes) == 1 else build.view
    x, y = found(pool.inputs[0]), found(node.outputs[0])
    calls = pool_calls(
        pool,
        (x, Layout.at(x, channels_last=pool.inputs[0] in parts.channels_last)),
        (y, Layout.at(y, channels_last=parts.writes_channels_last)),
        build,
    )
    if len(pool.writes) == 1:
        return calls
    if parts.channels_last:
        raise ValueError("positions of maxima count planar elements")
    numbering = _numbering(x.type.shape, column_major=bool(integer(pool, "storage_order")))
    positions = build.view(pool.outputs[1])
    return [
        Call(replace(call.kernel, numbering=numbering), (*call.operands, positions))
        for call in calls
        if isinstance(call.kernel, MaxPool)
    ]


def _numbering(shape: Sequence[int], *, column_major: bool) -> tuple[int, ...]:
    """How `MaxPool` numbers the elements of x: in their order, or with the first spatial axis running fastest."""
    strides = dense_strides(shape)
    if not column_major:
        return strides
    return (*strides[:2], *(math.prod(shape[2:axis]) for axis in range(2, len(shape))))


def pool_calls(
    pool: Node,
    source: tuple[View, Layout],
    target: tuple[View, Layout],
    build: Builder,
) -> Sequence[Call]:
    """Pool one tensor into another.

    Raises
    ------
    NotNativeError
        For windows without elements.
    """
    (x_view, x), (y_view, y) = source, target
    dtype = x_view.type.dtype
    if 0 in x.shape:
        raise NotNativeError("a pool over an empty tensor")
    kernel = x.shape[2:] if pool.op.startswith("Global") else integers(pool, "kernel_shape")
    windows = Window.of(pool, kernel, x.shape[2:])
    axes = axes_of(pool, windows, x, y.strides[2:])
    if tuple(axis.output for axis in axes) != y.shape[2:]:
        raise ValueError(f"{[axis.output for axis in axes]} windows where shape inference says {y.shape[2:]}")
    if not all(axis.always_reads for axis in axes):
        raise NotNativeError("a window lies in the padding altogether")
    counted: tuple[int, ...] = ()
    if pool.op.startswith("Global") or all(axis.is_everything for axis in axes):
        axes = merged(axes)
        if "Max" not in pool.op and (call := _mean_of_rows(axes, source, target, build)) is not None:
            return (call,)
    elif integer(pool, "count_include_pad"):
        counted = tuple(axis.input + window.after for axis, window in zip(axes, windows, strict=True))
    shape = PoolShape(x.shape[0], x.shape[1], axes, x.strides[0], x.strides[1], y.strides[0], y.strides[1])
    operands = (x_view, y_view)
    if "Max" in pool.op:
        return (Call(MaxPool(shape, dtype), operands),)
    return (Call(AveragePool(shape, dtype, counted), operands),)


def _mean_of_rows(
    axes: tuple[Axis, ...], source: tuple[View, Layout], target: tuple[View, Layout], build: Builder
) -> Call | None:
    """The mean over one axis of a single image whose channels are neighbors, which can be made band by band."""
    (x_view, x), (y_view, y) = source, target
    neighbors = (x.shape[1] == 1 or x.strides[1] == 1) and (y.shape[1] == 1 or y.strides[1] == 1)
    if x_view.type.dtype is not DType.FLOAT32 or len(axes) != 1 or x.shape[0] != 1 or not neighbors:
        return None
    rows, channels = axes[0].input, x.shape[1]
    sums = build.workspace(TensorType(DType.FLOAT64, (channels,)))
    return Call(MeanOfRows(rows, channels, axes[0].x_stride, rows), (x_view, y_view, sums))
