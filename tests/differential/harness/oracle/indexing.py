"""Operators that read or write where indices say."""

import math

import numpy as np

from harness.ball import Ball, known, move
from harness.oracle.call import Call


def _gather(call: Call) -> Ball:
    axis, indices = call.get("axis", 0), call[1].value
    return move(call[0], lambda v: v.take(np.where(indices < 0, indices + v.shape[axis], indices), axis))


def _gather_elements(call: Call) -> Ball:
    axis, indices = call.get("axis", 0), call[1].value
    axis %= indices.ndim

    def function(v):
        where = list(np.indices(indices.shape))
        where[axis] = np.where(indices < 0, indices + v.shape[axis], indices)
        return v[tuple(where)]

    return move(call[0], function)


def _gather_nd(call: Call) -> Ball:
    shared, indices = call.get("batch_dims", 0), call[1].value
    depth = indices.shape[-1]

    def function(v):
        count = math.prod(v.shape[:shared])
        rows = v.reshape(count, *v.shape[shared:])
        wanted = indices.reshape(count, -1, depth)
        taken = np.stack([row[tuple(places.T)] for row, places in zip(rows, wanted, strict=True)])
        return taken.reshape(*indices.shape[:-1], *v.shape[shared + depth :])

    return move(call[0], function)


_COMBINE = {
    "none": lambda _old, new: new,
    "add": lambda old, new: old + new,
    "mul": lambda old, new: old * new,
    "max": np.maximum,
    "min": np.minimum,
}


def _scatter_elements(call: Call) -> Ball:
    data, indices, updates = call[0], call[1].value, call[2].value
    axis = call.get("axis", 0) % indices.ndim
    combine = _COMBINE[call.get("reduction", "none")]
    value = data.value.copy()
    for place in np.ndindex(indices.shape):
        at = list(place)
        at[axis] = int(indices[place]) % value.shape[axis]
        with np.errstate(all="ignore"):
            value[tuple(at)] = combine(value[tuple(at)], updates[place])
    return Ball(value, np.zeros(value.shape), data.dtype)


def _scatter_nd(call: Call) -> Ball:
    data, indices, updates = call[0], call[1].value, call[2].value
    combine = _COMBINE[call.get("reduction", "none")]
    value = data.value.copy()
    for place in np.ndindex(indices.shape[:-1]):
        at = tuple(int(i) for i in indices[place])
        with np.errstate(all="ignore"):
            value[at] = combine(value[at], updates[place])
    return Ball(value, np.zeros(value.shape), data.dtype)


def _one_hot(call: Call) -> Ball:
    indices, depth, values = call[0].value, int(call[1].value.item()), call[2]
    axis = call.get("axis", -1)
    wanted = np.where(indices < 0, indices + depth, indices).astype(np.int64)
    axis = axis % (indices.ndim + 1)
    steps = np.arange(depth).reshape([-1 if a == axis else 1 for a in range(indices.ndim + 1)])
    hot = np.expand_dims(wanted, axis) == steps
    off, on = values.value
    return Ball(np.where(hot, on, off), np.zeros(hot.shape), values.dtype)


def _top_k(call: Call) -> list[Ball]:
    x, count = call[0], int(call.listed("k", 1)[0]) if call.version >= 10 else call.get("k")
    axis, largest = call.get("axis", -1), call.get("largest", 1)
    v = x.value.astype(np.float64) if x.real else x.value.astype(np.int64)
    order = np.argsort(-v if largest else v, axis=axis, kind="stable").take(range(count), axis)
    return [
        Ball(np.take_along_axis(x.value, order, axis), np.zeros(order.shape), x.dtype),
        known(order.astype(np.int64)),
    ]


def _cumulate(call: Call) -> Ball:
    x, axis = call[0], int(call[1].value.item())
    exclusive, reverse, product = call.get("exclusive", 0), call.get("reverse", 0), call.node.op_type == "CumProd"
    v = np.flip(x.value, axis) if reverse else x.value
    neutral = 1 if product else 0
    with np.errstate(all="ignore"):
        value = (np.cumprod if product else np.cumsum)(v, axis, dtype=v.dtype)
    if exclusive:
        head = np.full_like(value.take([0], axis), neutral)
        value = np.concatenate([head, value.take(range(value.shape[axis] - 1), axis)], axis)
    value = np.flip(value, axis) if reverse else value
    return Ball(value, np.zeros(value.shape), x.dtype)


def _non_zero(call: Call) -> Ball:
    return known(np.stack(np.nonzero(call[0].value)).astype(np.int64))


def _compress(call: Call) -> Ball:
    return move(call[0], lambda v: np.compress(call[1].value, v, call.get("axis")))


OPERATORS = {
    "Gather": _gather,
    "GatherElements": _gather_elements,
    "GatherND": _gather_nd,
    "ScatterElements": _scatter_elements,
    "ScatterND": _scatter_nd,
    "OneHot": _one_hot,
    "TopK": _top_k,
    "CumSum": _cumulate,
    "CumProd": _cumulate,
    "NonZero": _non_zero,
    "Compress": _compress,
}
