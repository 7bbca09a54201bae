"""Reductions, normalizations, softmax, positions of extremes."""

import math

import numpy as np

from harness.ball import DIGITS, UNIT, Ball, chain, grid, known, mapped, rounded
from harness.oracle.call import Call

_EPSILON = 3e-13
"""What an epsilon of 1e-5 differs by, in float32 and in float64."""


def _axes(call: Call) -> tuple[int, ...] | None:
    """The axes to reduce; none: nothing is."""
    rank = call[0].value.ndim
    axes = call.listed("axes", 1)
    if not axes:
        return None if call.get("noop_with_empty_axes", 0) else tuple(range(rank))
    return tuple(sorted({a % rank for a in axes}))


def total(x: Ball, axes: tuple[int, ...], *, keep: bool) -> Ball:
    """A sum in float32 (float64), not rounded to half floats."""
    value, size = x.value.sum(axes, keepdims=keep), np.abs(x.value).sum(axes, keepdims=keep)
    error = x.error.sum(axes, keepdims=keep)
    work = "float64" if x.dtype == "float64" else "float32"
    count = math.prod(x.shape[a] for a in axes)
    step = grid(x.value)
    if not (x.exact and step and size.max(initial=0) < step * 2.0 ** DIGITS[work]):
        error = error + chain(count) * UNIT[work] * size
    return Ball(value, error, work, size)


def _reduced(call: Call) -> Ball:
    x, op = call[0], call.node.op_type
    axes, keep = _axes(call), bool(call.get("keepdims", 1))
    if axes is None:
        axes, keep = (), True
    if 0 in x.shape:
        return _of_nothing(call, axes, keep=keep)
    if op in {"ReduceMax", "ReduceMin"}:
        function = np.max if op == "ReduceMax" else np.min
        return Ball(function(x.value, axes, keepdims=keep), x.error.max(axes, keepdims=keep), x.dtype)
    if not x.real:
        return _of_integers(call, axes, keep=keep)
    count = math.prod(x.shape[a] for a in axes)
    work = "float64" if x.dtype == "float64" else "float32"
    wide = Ball(x.value, x.error, work)
    match op:
        case "ReduceSum":
            result = total(wide, axes, keep=keep)
        case "ReduceMean":
            result = mapped(lambda v: v / count, [total(wide, axes, keep=keep)], work, scaled=lambda s: s / count)
        case "ReduceL1":
            result = total(mapped(np.abs, [wide], work), axes, keep=keep)
        case "ReduceSumSquare":
            result = total(_squares(wide), axes, keep=keep)
        case "ReduceL2":
            result = mapped(np.sqrt, [total(_squares(wide), axes, keep=keep)], work)
        case "ReduceLogSum":
            result = mapped(np.log, [total(wide, axes, keep=keep)], work, 8, scaled=lambda s: s * 0 + 1)
        case "ReduceLogSumExp":
            most = x.value.max(axes, keepdims=True)
            shifted = mapped(lambda v: np.exp(v - most), [wide], work, 16, scaled=lambda s: s + 1)
            summed = mapped(np.log, [total(shifted, axes, keep=True)], work, 8, scaled=lambda s: s * 0 + 1)
            result = mapped(lambda v: v + most, [summed], work, 4, scaled=lambda s: s + np.abs(most))
            if not keep:
                result = Ball(result.value.squeeze(axes), result.error.squeeze(axes), work)
        case "ReduceProd":
            value = np.prod(x.value, axes, keepdims=keep)
            error = np.zeros(value.shape) if np.all(np.abs(value) < 2**20) else np.abs(value) * count * UNIT[work]
            result = Ball(value, error, work)
    if x.dtype == work:
        return result
    return rounded(result.value, result.error, x.dtype)


def _of_nothing(call: Call, axes: tuple[int, ...], *, keep: bool) -> Ball:
    """What no elements give: what changes nothing where it is combined, then what the operator makes of that."""
    x, op = call[0], call.node.op_type
    shape = np.sum(np.zeros(x.shape), axes, keepdims=keep).shape
    number: float
    match op:
        case "ReduceLogSum" | "ReduceLogSumExp":
            number = -np.inf
        case "ReduceMean":
            number = np.nan if x.real else 0
        case "ReduceProd":
            number = 1
        case "ReduceMax" | "ReduceMin":
            least = op == "ReduceMax"
            if x.real:
                number = -np.inf if least else np.inf
            else:
                number = not least if x.dtype == "bool" else getattr(np.iinfo(x.dtype), "min" if least else "max")
        case _:
            number = 0
    return Ball(np.full(shape, number, np.float64 if x.real else x.dtype), np.zeros(shape), x.dtype)


def _squares(x: Ball) -> Ball:
    return mapped(lambda v: v * v, [x], x.dtype)


def _of_integers(call: Call, axes: tuple[int, ...], *, keep: bool) -> Ball:
    """Integers wrap around where the reduction stays in them; others are computed in float64 and truncated."""
    x, op = call[0], call.node.op_type
    v = x.value.astype(np.int64)
    count = math.prod(x.shape[a] for a in axes)
    real = v.astype(np.float64)
    with np.errstate(all="ignore"):
        match op:
            case "ReduceSum":
                value = v.sum(axes, keepdims=keep)
            case "ReduceL1":
                value = np.abs(v).sum(axes, keepdims=keep)
            case "ReduceSumSquare":
                value = (v * v).sum(axes, keepdims=keep)
            case "ReduceProd":
                value = v.prod(axes, keepdims=keep)
            case "ReduceMean":
                value = np.trunc(v.sum(axes, keepdims=keep) / count)
            case "ReduceL2":
                value = np.trunc(np.sqrt((v * v).sum(axes, keepdims=keep).astype(np.float64)))
            case "ReduceLogSum":
                value = np.trunc(np.log(real.sum(axes, keepdims=keep)))
            case _:
                value = np.trunc(np.log(np.exp(real).sum(axes, keepdims=keep)))
    return Ball(value.astype(x.dtype), np.zeros(np.shape(value)), x.dtype)


def _flat_axis(call: Call) -> tuple[Ball, int, tuple[int, ...]]:
    """The input as softmax sees it, and along which axis."""
    x = call[0]
    rank = x.value.ndim
    if call.version >= 13:
        return x, call.get("axis", -1) % max(rank, 1), x.shape
    axis = call.get("axis", 1) % rank
    shape = (math.prod(x.shape[:axis]), math.prod(x.shape[axis:]))
    return Ball(x.value.reshape(shape), x.error.reshape(shape), x.dtype), 1, x.shape


def softmax(x: Ball, axis: int, *, logarithm: bool = False) -> Ball:
    """Along one axis; the errors of what goes in move both terms of the quotient."""
    with np.errstate(all="ignore"):
        most = x.value.max(axis, keepdims=True)
        shifted = np.where(np.isneginf(x.value), -np.inf, x.value - most)
        powers = np.exp(shifted)
        sums = powers.sum(axis, keepdims=True)
        work = "float64" if x.dtype == "float64" else "float32"
        unit, count = UNIT[work], x.shape[axis]
        finite = np.where(np.isfinite(shifted), np.abs(shifted), 0)
        moved = x.error + unit * (finite + 2)
        most_moved = np.where(np.isfinite(moved), moved, 0).max(axis, keepdims=True)
        if logarithm:
            value = shifted - np.log(sums)
            error = (
                x.error
                + 2 * most_moved
                + unit * (chain(count) + 12 + 4 * np.abs(np.where(np.isfinite(value), value, 0)))
            )
            return rounded(value, error, x.dtype, 2)
        value = powers / sums
        relative = moved + x.error.max(axis, keepdims=True) + most_moved + unit * (chain(count) + 16)
        return rounded(value, value * np.expm1(np.minimum(relative, 700)) + 2.0**-126, x.dtype, 2)


def _softmax(call: Call) -> Ball:
    x, axis, shape = _flat_axis(call)
    result = softmax(x, axis, logarithm=call.node.op_type == "LogSoftmax")
    return Ball(result.value.reshape(shape), result.error.reshape(shape), x.dtype)


def _hardmax(call: Call) -> Ball:
    x, axis, shape = _flat_axis(call)
    value = np.zeros(x.shape)
    np.put_along_axis(value, x.value.argmax(axis, keepdims=True), 1, axis)
    return known(value.reshape(shape).astype(x.dtype))


def _standardized(x: Ball, axes: tuple[int, ...], epsilon: float) -> tuple[Ball, Ball, Ball]:
    """To mean 0 and variance 1, in the type to compute in; the mean, and one over the deviation."""
    work = "float64" if x.dtype == "float64" else "float32"
    count = math.prod(x.shape[a] for a in axes)
    mean = mapped(lambda v: v / count, [total(Ball(x.value, x.error, work), axes, keep=True)], work, 2)
    away = mapped(lambda v, m: v - m, [Ball(x.value, x.error, work), mean], work)
    variance = mapped(lambda v: v / count, [total(_squares(away), axes, keep=True)], work, 2)
    variance = Ball(variance.value, variance.error + _EPSILON, work)
    factor = mapped(lambda v: 1 / np.sqrt(np.maximum(v, 0) + epsilon), [variance], work, 6)
    return mapped(lambda a, f: a * f, [away, factor], work, 2), mean, factor


def _affine(x: Ball, parameters: list[Ball], dtype: str) -> Ball:
    for ball, function in zip(parameters, (np.multiply, np.add), strict=False):
        x = mapped(function, [x, Ball(ball.value, ball.error, x.dtype)], x.dtype, scaled=function)
    return rounded(x.value, x.error, dtype, 2, x.scale)


def _normalized(call: Call) -> list[Ball] | Ball:
    x, op = call[0], call.node.op_type
    rank = x.value.ndim
    parameters = [ball for ball in call.inputs[1:] if ball is not None]
    epsilon = float(np.float32(call.get("epsilon", 1e-5)))
    if op == "LayerNormalization":
        axes = tuple(range(call.get("axis", -1) % rank, rank))
        result, mean, factor = _standardized(x, axes, epsilon)
        statistics = [
            rounded(b.value, b.error, "float32") for b in (mean, factor)
        ]  # of the type that `stash_type` says
        return [_affine(result, parameters, x.dtype), *statistics]
    if op == "InstanceNormalization":
        along = (1, -1, *[1] * (rank - 2))
        result, _, _ = _standardized(x, tuple(range(2, rank)), epsilon)
        parameters = [Ball(b.value.reshape(along), b.error.reshape(along), b.dtype) for b in parameters]
        return _affine(result, parameters, x.dtype)
    if op == "MeanVarianceNormalization":
        axes = tuple(a % rank for a in call.get("axes") or (0, 2, 3))
        result, _, _ = _standardized(x, axes, 1e-18)
        return _affine(result, [], x.dtype)
    groups = call.get("num_groups")
    shape = (x.shape[0], groups, x.shape[1] // groups, *x.shape[2:])
    split = Ball(x.value.reshape(shape), x.error.reshape(shape), x.dtype)
    result, _, _ = _standardized(split, tuple(range(2, rank + 1)), epsilon)
    inner = shape[2] if call.version >= 21 else 1
    along = (1, groups, inner, *[1] * (rank - 2))
    parameters = [Ball(b.value.reshape(along), b.error.reshape(along), b.dtype) for b in parameters]
    result = _affine(result, parameters, x.dtype)
    return Ball(result.value.reshape(x.shape), result.error.reshape(x.shape), x.dtype)


def _rms(call: Call) -> Ball:
    x, scale = call[0], call[1]
    rank = x.value.ndim
    axes = tuple(range(call.get("axis", -1) % rank, rank))
    count = math.prod(x.shape[a] for a in axes)
    work = "float64" if x.dtype == "float64" else "float32"
    wide = Ball(x.value, x.error, work)
    epsilon = float(np.float32(call.get("epsilon", 1e-5)))
    mean = mapped(lambda v: v / count, [total(_squares(wide), axes, keep=True)], work, 2)
    mean = Ball(mean.value, mean.error + _EPSILON, work)
    factor = mapped(lambda v: 1 / np.sqrt(v + epsilon), [mean], work, 6)
    result = mapped(lambda v, f: v * f, [wide, factor], work, 2)
    half = rounded(result.value, result.error, x.dtype, 2)
    return mapped(np.multiply, [half, scale], x.dtype, 2)


def _lp(call: Call) -> Ball:
    x, p, axis = call[0], call.get("p", 2), call.get("axis", -1)
    norm = (np.abs(x.value) ** p).sum(axis, keepdims=True) ** (1 / p)
    value = x.value / np.where(norm == 0, 1, norm)
    return rounded(value, x.error * 4 / np.where(norm == 0, 1, norm), x.dtype, chain(x.shape[axis]) + 8)


def _arg(call: Call) -> Ball:
    x, axis = call[0], call.get("axis", 0)
    v = x.value if call.node.op_type == "ArgMax" else -x.value.astype(np.float64 if x.real else np.int64)
    if x.dtype in {"uint64", "bool"}:
        v = x.value.astype(np.int64) * (1 if call.node.op_type == "ArgMax" else -1)
    value = v.argmax(axis)
    if call.get("select_last_index", 0):
        value = x.shape[axis] - 1 - np.flip(v, axis).argmax(axis)
    error = np.zeros(value.shape) if x.exact else np.full(value.shape, np.inf)
    if call.get("keepdims", 1):
        value, error = np.expand_dims(value, axis), np.expand_dims(error, axis)
    return Ball(value.astype(np.int64), error, "int64")


OPERATORS = {
    **{f"Reduce{name}": _reduced for name in "L1 L2 LogSum LogSumExp Max Mean Min Prod Sum SumSquare".split()},
    "Softmax": _softmax,
    "LogSoftmax": _softmax,
    "Hardmax": _hardmax,
    "LayerNormalization": _normalized,
    "InstanceNormalization": _normalized,
    "GroupNormalization": _normalized,
    "MeanVarianceNormalization": _normalized,
    "RMSNormalization": _rms,
    "LpNormalization": _lp,
    "ArgMax": _arg,
    "ArgMin": _arg,
}
