"""Pooling, over windows or over everything."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mini_infer.ir import DType, Node, TensorType
from mini_infer.ir.dims import at_least
from mini_infer.ir.graph import CONTRIB_DOMAIN
from mini_infer.ir.quantized import is_scale
from mini_infer.lowering.attributes import integer, integers
from mini_infer.lowering.builder import Builder, NotNativeError
from mini_infer.lowering.contraction.spatial import Window, axes_of, merged
from mini_infer.lowering.fused import Layout, take_apart
from mini_infer.lowering.reduction.reduction import Folding
from mini_infer.lowering.term import Term
from mini_infer.program import Call, View
from mini_infer.program.kernels import Axis
from mini_infer.program.kernels.reduction.mean_of_rows import MeanOfRows
from mini_infer.program.kernels.reduction.pool import AveragePool, MaxPool, PoolShape, Requantization
from mini_infer.program.kernels.reduction.quantized_mean import MOST, QuantizedMean
from mini_infer.program.strides import dense_strides


def lower_pool(node: Node, build: Builder) -> Sequence[Call]:
    """Lower `MaxPool`, `AveragePool`, their global forms or those on quantized tensors, planar or channels last."""
    parts = take_apart(node)
    pool = parts.product
    found = build.strided if len(pool.writes) == 1 and not _is_folded(pool, build) else build.view
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


def _is_folded(pool: Node, build: Builder) -> bool:
    """Whether a kernel computes it that takes no gaps."""
    return pool.op == "QLinearGlobalAveragePool" and build.type(pool.inputs[0]).shape[0] != 1


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
    kernel = x.shape[2:] if "Global" in pool.op else integers(pool, "kernel_shape")
    windows = Window.of(pool, kernel, x.shape[2:])
    axes = axes_of(pool, windows, x, y.strides[2:])
    if tuple(axis.output for axis in axes) != y.shape[2:]:
        raise ValueError(f"{[axis.output for axis in axes]} windows where shape inference says {y.shape[2:]}")
    if not all(axis.always_reads for axis in axes):
        raise NotNativeError("a window lies in the padding altogether")
    counted: tuple[int, ...] = ()
    meaning = _requantization(pool, build) if pool.domain == CONTRIB_DOMAIN else None
    if "Global" in pool.op or all(axis.is_everything for axis in axes):
        axes = merged(axes)
        if meaning is not None and (calls := _quantized_mean(pool.op, axes, source, target, meaning, build)):
            return calls
        if "Max" not in pool.op and (call := _mean_of_rows(axes, source, target, build)) is not None:
            return (call,)
    elif integer(pool, "count_include_pad"):
        counted = tuple(axis.input + window.after for axis, window in zip(axes, windows, strict=True))
    shape = PoolShape(x.shape[0], x.shape[1], axes, x.strides[0], x.strides[1], y.strides[0], y.strides[1])
    operands = (x_view, y_view)
    if "Max" in pool.op:
        return (Call(MaxPool(shape, dtype), operands),)
    return (Call(AveragePool(shape, dtype, counted, meaning), operands),)


def _requantization(pool: Node, build: Builder) -> Requantization:
    """What the 8-bit elements of a pool's input and output mean.

    Raises
    ------
    NotNativeError
        Where that is not known before the run.
    """
    known = [build.constant(name) for name in pool.inputs[1:]]
    numbers = [array.item() for array in known if array is not None]
    if len(numbers) != len(known):
        raise NotNativeError("no native code for scales that are computed at run time")
    x_scale, x_zero, y_scale, y_zero = numbers
    if not is_scale(float(x_scale)) or not is_scale(float(y_scale)):
        raise NotNativeError("no native code for scales that are not positive")
    return Requantization(float(x_scale), int(x_zero), float(y_scale), int(y_zero))


def _quantized_mean(
    op: str,
    axes: tuple[Axis, ...],
    source: tuple[View, Layout],
    target: tuple[View, Layout],
    meaning: Requantization,
    build: Builder,
) -> Sequence[Call]:
    """The mean of everything: of exact sums where the operator says so, which lie in any order; else none."""
    (x_view, x), (y_view, y) = source, target
    exact = op == "QLinearGlobalAveragePool"
    batch, channels = x.shape[:2]
    neighbors = (channels == 1 or x.strides[1] == 1) and (channels == 1 or y.strides[1] == 1)
    if batch == 1 and neighbors and len(axes) == 1:
        rows = axes[0].input
        sums = build.workspace(TensorType(DType.INT32 if exact else DType.FLOAT32, (channels,)))
        kernel = QuantizedMean(rows, channels, axes[0].x_stride, rows, x_view.type.dtype, meaning, exact)
        return (Call(kernel, (x_view, y_view, sums)),)
    if not exact:
        return ()
    return _exact_means(source, target, meaning)


def _exact_means(source: tuple[View, Layout], target: tuple[View, Layout], meaning: Requantization) -> Sequence[Call]:
    """The means of all channels of all images, of sums in int32."""
    (x_view, x), (y_view, _) = source, target
    batch, channels, *space = x.shape
    count = math.prod(space)
    if not at_least(MOST, count):
        raise NotNativeError(f"{count} elements are too many for sums of 32 bits")
    planar = x.strides == dense_strides(x.shape)
    folding = Folding(x_view, (batch * channels, count) if planar else (batch, count, channels), [1])
    dtype = x_view.type.dtype
    scale = np.float32(meaning.x_scale) / (np.float32(meaning.y_scale) * np.float32(count))

    def mean(total: Term) -> Term:
        less = total - float(meaning.x_zero * count)
        return (less.cast(DType.FLOAT32) * float(scale)).quantize(
            dtype, Term(DType.FLOAT32, "Constant", (), (float(meaning.y_zero),))
        )

    return folding.call(None, None, [(folding.fold("Add", folding.element.cast(DType.INT32), mean), y_view)])


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
