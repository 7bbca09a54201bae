"""Operators that only move elements."""

import math

import numpy as np

from harness.ball import Ball, known, move
from harness.oracle.call import Call


def _joined(balls, axis):
    return Ball(
        np.concatenate([b.value for b in balls], axis), np.concatenate([b.error for b in balls], axis), balls[0].dtype
    )


def _reshape(call: Call) -> Ball:
    x, shape = call[0], call.listed("shape", 1)
    keep = call.get("allowzero", 0)
    sizes = [x.shape[i] if size == 0 and not keep else size for i, size in enumerate(shape)]
    return move(x, lambda v: v.reshape(sizes))


def _squeeze(call: Call) -> Ball:
    axes = call.listed("axes", 1)
    return move(call[0], lambda v: v.squeeze(tuple(axes) if axes is not None else None))


def _unsqueeze(call: Call) -> Ball:
    axes = call.listed("axes", 1)
    return move(call[0], lambda v: np.expand_dims(v, tuple(axes)))


def _flatten(call: Call) -> Ball:
    axis = call.get("axis", 1)
    shape = call[0].shape
    axis = axis + len(shape) if axis < 0 else axis
    return move(call[0], lambda v: v.reshape(math.prod(shape[:axis]), -1))


def _taken(size: int, start: int, end: int, step: int) -> list[int]:
    """The indices of a slice: bounds are clamped as the specification says, which is not what Python does."""
    begin = int(np.clip(float(start + size * (start < 0)), 0, max(0, size - (step < 0))))
    stop = int(np.clip(float(end + size * (end < 0)), -(step < 0), size - (step < 0)))
    return list(range(begin, stop, step)) if size else []


def _slice(call: Call) -> Ball:
    starts, ends = call.listed("starts", 1), call.listed("ends", 2)
    axes, steps = call.listed("axes", 3), call.listed("steps", 4)
    axes = list(range(len(starts))) if axes is None else axes
    steps = [1] * len(starts) if steps is None else steps
    index: list[slice] = [slice(None)] * call[0].value.ndim
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        size = call[0].shape[axis]
        index[axis] = _taken(size, start, end, step)  # type: ignore[call-overload]
    value, error = call[0].value, call[0].error
    for axis, taken in enumerate(index):
        if isinstance(taken, list):
            value, error = value.take(taken, axis), error.take(taken, axis)
    return Ball(value, error, call[0].dtype)


def _split(call: Call) -> list[Ball]:
    axis, x = call.get("axis", 0), call[0]
    sizes = call.listed("split", 1)
    if sizes is None:
        count = call.get("num_outputs") or len(call.node.output)
        each = -(-x.shape[axis] // count)
        sizes = [min(each, x.shape[axis] - each * k) for k in range(count)]
    stops = np.cumsum(sizes)
    return [
        move(x, lambda v, a=stop - size, b=stop: v.take(range(a, b), axis))
        for size, stop in zip(sizes, stops, strict=True)
    ]


def _pad(call: Call) -> Ball:
    x, mode = call[0], call.get("mode", "constant")
    pads, axes = call.listed("pads", 1) or call.get("paddings"), call.listed("axes", 3)
    rank = x.value.ndim
    axes = list(range(rank)) if axes is None else [a % rank for a in axes]
    sides = [(0, 0)] * rank
    for position, axis in enumerate(axes):
        sides[axis] = (pads[position], pads[position + len(axes)])
    fill = call.optional(2)
    number = fill.value.item() if fill is not None else call.get("value", 0)
    cropped = tuple(
        slice(max(-before, 0), size - max(-behind, 0)) for (before, behind), size in zip(sides, x.shape, strict=True)
    )
    widths = [(max(before, 0), max(behind, 0)) for before, behind in sides]

    def padded(v, number):
        v = v[cropped]
        return np.pad(v, widths, mode, **({"constant_values": number} if mode == "constant" else {}))

    return Ball(padded(x.value, number), padded(x.error, 0), x.dtype)


def _depth_to_space(call: Call) -> Ball:
    block, mode = call.get("blocksize"), call.get("mode", "DCR")

    def function(v):
        n, c, h, w = v.shape
        if mode == "DCR":
            v = v.reshape(n, block, block, c // block**2, h, w).transpose(0, 3, 4, 1, 5, 2)
        else:
            v = v.reshape(n, c // block**2, block, block, h, w).transpose(0, 1, 4, 2, 5, 3)
        return v.reshape(n, c // block**2, h * block, w * block)

    return move(call[0], function)


def _space_to_depth(call: Call) -> Ball:
    block, mode = call.get("blocksize"), call.get("mode", "DCR")

    def function(v):
        n, c, h, w = v.shape
        v = v.reshape(n, c, h // block, block, w // block, block)
        v = v.transpose((0, 3, 5, 1, 2, 4) if mode == "DCR" else (0, 1, 3, 5, 2, 4))
        return v.reshape(n, c * block**2, h // block, w // block)

    return move(call[0], function)


def _center(call: Call) -> Ball:
    x, wanted, axes = call[0], call.listed("shape", 1), call.get("axes")
    axes = list(range(x.value.ndim)) if axes is None else axes
    result = x
    for size, axis in zip(wanted, axes, strict=True):
        have = result.shape[axis]
        before = abs(size - have) // 2
        if size < have:
            result = move(result, lambda v, a=before, n=size, axis=axis: v.take(range(a, a + n), axis))
        else:
            widths = [(0, 0)] * x.value.ndim
            widths[axis] = (before, size - have - before)
            result = move(result, lambda v, w=tuple(widths): np.pad(v, w))
    return result


def _constant_of_shape(call: Call) -> Ball:
    import onnx

    value = call.get("value")
    number = onnx.numpy_helper.to_array(value) if value is not None else np.zeros(1, np.float32)
    return known(np.full(tuple(call.listed("", 0)), number.item(), number.dtype))


def _eye_like(call: Call) -> Ball:
    from onnx import helper

    kind = call.get("dtype")
    dtype = np.dtype(call[0].dtype) if kind is None else helper.tensor_dtype_to_np_dtype(kind)
    return known(np.eye(*call[0].shape, k=call.get("k", 0), dtype=dtype))


def _dropout(call: Call) -> list[Ball]:
    return [call[0], known(np.ones(call[0].shape, np.bool_))]


def _trilu(call: Call) -> Ball:
    k = call.optional(1)
    k = int(k.value.item()) if k is not None else 0
    return move(call[0], lambda v: np.triu(v, k) if call.get("upper", 1) else np.tril(v, k))


def _reverse_sequence(call: Call) -> Ball:
    lengths = call[1].value
    time, batch = call.get("time_axis", 0), call.get("batch_axis", 1)

    def function(v):
        v = np.moveaxis(v, (batch, time), (0, 1)).copy()
        for row, length in zip(v, lengths, strict=True):
            row[:length] = row[:length][::-1].copy()
        return np.moveaxis(v, (0, 1), (batch, time))

    return move(call[0], function)


OPERATORS = {
    "Reshape": _reshape,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Flatten": _flatten,
    "Transpose": lambda call: move(call[0], lambda v: v.transpose(call.get("perm"))),
    "Slice": _slice,
    "Split": _split,
    "Concat": lambda call: _joined([b for b in call.inputs if b is not None], call.get("axis")),
    "Expand": lambda call: move(call[0], lambda v: v * np.ones(call.listed("", 1), v.dtype)),
    "Tile": lambda call: move(call[0], lambda v: np.tile(v, call.listed("", 1))),
    "Pad": _pad,
    "DepthToSpace": _depth_to_space,
    "SpaceToDepth": _space_to_depth,
    "CenterCropPad": _center,
    "ConstantOfShape": _constant_of_shape,
    "EyeLike": _eye_like,
    "Dropout": _dropout,
    "Trilu": _trilu,
    "ReverseSequence": _reverse_sequence,
}
