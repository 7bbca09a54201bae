"""Operators that read, write, choose or order by indices."""

from collections.abc import Mapping

import numpy as np

from mini_infer.frontend.rules.claims import (
    Claim,
    axes,
    axis,
    choice,
    inside,
    known_indices,
    least,
    least_rank,
    ranks,
    same_shape,
    shaped,
    single,
    typed,
    vector,
)
from mini_infer.frontend.rules.operands import Operands
from mini_infer.ir import DType


def _along_axis(o: Operands) -> None:
    inside(o, known_indices(o, 1), np.array(o.size(0, o.integer("axis", 0)), np.int64))


def _elements(o: Operands) -> None:
    """Indices for elements: of the data's rank, and no further than the data but along the axis."""
    data, indices, along = o.shape(0), o.shape(1), o.integer("axis", 0)
    fits = len(data) == len(indices) and all(
        count <= size for k, (count, size) in enumerate(zip(indices, data, strict=True)) if k != along % len(data)
    )
    if not fits:
        raise o.wrong(f"{o.say(1)}, which reaches beyond {o.say(0)}, not counting axis {along}")


def _depth(o: Operands) -> int:
    """How many axes an index of GatherND or ScatterND names."""
    depth, room = o.size(1, -1), o.rank() - o.integer("batch_dims", 0)
    if not 1 <= depth <= room:
        raise o.wrong(f"{o.say(1)}, whose last axis must be in [1, {room}] for {o.say(0)}")
    return depth


def _indexes(o: Operands) -> None:
    _depth(o)


def _batches(o: Operands) -> None:
    shared = o.integer("batch_dims", 0)
    if not 0 <= shared < min(o.rank(0), o.rank(1)) or o.shape(0)[:shared] != o.shape(1)[:shared]:
        raise o.wrong(f"attribute batch_dims is {shared}: {o.say(0)}; {o.say(1)}")


def _positions(o: Operands) -> None:
    shared = o.integer("batch_dims", 0)
    sizes = np.array(o.shape(0)[shared : shared + _depth(o)], np.int64)
    inside(o, known_indices(o, 1), np.broadcast_to(sizes, o.shape(1)))


def _updates(o: Operands) -> tuple[int, ...]:
    return (*o.shape(1)[:-1], *o.shape(0)[_depth(o) :])


def _cache(o: Operands) -> None:
    """TensorScatter: an update like the cache, but for the axis along which it is written."""
    cache, update, along = o.shape(0), o.shape(1), o.integer("axis", -2)
    rank = len(cache)
    if not -rank <= along < rank or along % rank == 0:
        raise o.wrong(f"attribute axis is {along}, but must be another axis than the batch's: {o.say(0)}")
    along %= rank
    if update[:along] != cache[:along] or update[along + 1 :] != cache[along + 1 :] or update[along] > cache[along]:
        raise o.wrong(f"{o.say(1)}, which does not fit along axis {along} into {o.say(0)}")


def _written(o: Operands) -> None:
    start, along = known_indices(o, 2), o.integer("axis", -2)
    room = o.size(0, along) - (o.size(1, along) if o.attribute("mode") != "circular" else 1)
    if start.size and (start.min() < 0 or start.max() > room):
        raise o.wrong(f"input write_indices is {start.ravel()[:8].tolist()}, but must be in [0, {room}]")


def _count(o: Operands) -> None:
    """TopK: no more elements than there are."""
    given, size = (o.integer("k", 1),) if not o.has(1) else o.integers(1), o.size(0, o.integer("axis", -1))
    if len(given) != 1 or not 0 <= given[0] <= size:
        raise o.wrong(f"k is {list(given)}, but must be one number in [0, {size}]: {o.say(0)}")


def _classes(o: Operands) -> None:
    depth = o.value(1)
    if depth.size != 1 or not 0 <= float(depth.item()) < 2**31:
        raise o.wrong(f"input depth is {depth.ravel()[:4]}, which is no number of classes")


def _along(o: Operands) -> None:
    """CumSum: one axis, known or not."""
    (value,), rank = o.integers(1), o.rank()
    if not -rank <= value < rank:
        raise o.wrong(f"input axis is {value}, but must be in [{-rank}, {rank}): {o.say(0)}")


def _compress(o: Operands) -> None:
    if o.attribute("axis") is not None:
        axis(None)(o)


def _any(o: Operands) -> None:
    """ArgMax: there is something to choose, wherever something is asked for."""
    along = o.integer("axis", 0)
    if (
        o.rank()
        and not o.size(0, along)
        and 0 not in (size for k, size in enumerate(o.shape(0)) if k != along % o.rank())
    ):
        raise o.wrong(f"{o.say(0)}, which has no element along axis {along} to choose")


_REDUCTION = choice("reduction", "none", "add", "mul", "max", "min")
_CUMULATE = (least_rank(0, 1), single(1), _along)
_KEEPING = choice("keepdims", 0, 1)
_ARG = (axis(0), _any, _KEEPING)

RULES: Mapping[str, tuple[Claim, ...]] = {
    "ArgMax": _ARG,
    "ArgMin": _ARG,
    "Compress": (ranks(1, 1), typed(DType.BOOL, 1), _compress),
    "CumProd": _CUMULATE,
    "CumSum": _CUMULATE,
    "Gather": (least_rank(0, 1), axis(0), _along_axis),
    "GatherElements": (least_rank(0, 1), axis(0), _elements, _along_axis),
    "GatherND": (least_rank(0, 1), least_rank(1, 1), _batches, _indexes, _positions),
    "NonMaxSuppression": (
        shaped(0, lambda o: (*o.shape(0)[:2], 4)),
        ranks(1, 3),
        shaped(1, lambda o: (o.size(0, 0), o.size(1, 1), o.size(0, 1))),
        single(2, 3, 4),
        *(typed(DType.FLOAT32, position) for position in (0, 1, 3, 4)),
        typed(DType.INT64, 2),
        choice("center_point_box", 0, 1),
    ),
    "OneHot": (axis(-1, more=1), single(1), vector(2, lambda _: 2), _classes),
    **{
        name: (ranks(1, 0, 1), axes(1), _KEEPING)
        for name in (
            "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum "
            "ReduceSumSquare"
        ).split()
    },
    "ScatterElements": (least_rank(0, 1), axis(0), _REDUCTION, _elements, same_shape(1, 2), _along_axis),
    "ScatterND": (
        least_rank(0, 1),
        least_rank(1, 1),
        _REDUCTION,
        _indexes,
        shaped(2, _updates),
        _positions,
    ),
    "TensorScatter": (
        choice("mode", "linear", "circular"),
        _cache,
        vector(2, lambda o: o.size(0, 0)),
        _written,
    ),
    "TopK": (axis(-1), single(1), _count, least("k", 0)),
    "Unique": (_compress,),
}
"""Operator → what must be so."""
