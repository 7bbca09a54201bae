"""Normalizations, softmaxes and losses."""

from collections.abc import Mapping

import numpy as np
from onnx import TensorProto

from mini_infer.frontend.rules.claims import (
    Claim,
    axes,
    axis,
    choice,
    distinct_axes,
    divides,
    inside,
    known_indices,
    least,
    least_rank,
    shaped,
    stretches,
    vector,
)
from mini_infer.frontend.rules.operands import Operands


def _channels(o: Operands) -> int:
    """How many channels an input has; a tensor of one dimension has one."""
    return o.size(0, 1) if o.rank() > 1 else 1


def _batch(position: int) -> Claim:
    """BatchNormalization's parameters: one for each channel; in an old form, one for each position."""

    def claim(o: Operands) -> None:
        if o.integer("spatial", 1):
            vector(position, _channels)(o)
        else:
            shaped(position, lambda o: o.shape(0)[1:])(o)

    return claim


def _behind_axis(position: int) -> Claim:
    """A scale or bias broadcasts to what is normalized."""
    return stretches(position, lambda o: o.shape(0))


def _loss(o: Operands) -> None:
    """A class for each place, and a weight for each class."""
    x = o.shape(0)
    wanted = (x[0], *x[2:])
    if o.shape(1) != wanted:
        raise o.wrong(f"{o.say(1)}, but must name a class for each place: {o.say(0)}")


def _classes(o: Operands) -> None:
    """There is a class, and those that are known exist, but for those that are to be ignored."""
    if o.size(0, 1) < 1:
        raise o.wrong(f"{o.say(0)}, which has no classes")
    named, ignored = known_indices(o, 1), o.attribute("ignore_index")
    inside(o, named[named != ignored] if isinstance(ignored, int) else named, np.array(o.size(0, 1)))


def _softmax(o: Operands) -> None:
    """The axis is the input's; of a scalar, which has none, the only one it could have."""
    default = -1 if o.version >= 13 else 1  # noqa: PLR2004 - until then everything after the axis was one
    value, rank = o.integer("axis", default), max(o.rank(), 1)
    if not -rank <= value < rank:
        raise o.wrong(f"attribute axis is {value}, but must be in [{-rank}, {rank}): {o.say(0)}")


def _default_axes(o: Operands) -> None:
    """Unless axes are given, they are those of images."""
    if o.attribute("axes") is None:
        distinct_axes(o, "axes", (0, 2, 3), o.rank())


_STASHED = choice("stash_type", TensorProto.FLOAT, TensorProto.BFLOAT16)
_LAYER = (axis(-1), _behind_axis(1), _behind_axis(2), _STASHED)
_LOSS = (
    least_rank(0, 2),
    _loss,
    _classes,
    vector(2, lambda o: o.size(0, 1)),
    choice("reduction", "none", "sum", "mean"),
)

RULES: Mapping[str, tuple[Claim, ...]] = {
    "BatchNormalization": (least_rank(0, 1), *(_batch(position) for position in range(1, 5))),
    "GroupNormalization": (
        least_rank(0, 2),
        divides("num_groups", 0, 0, 1),
        vector(1, _channels),
        vector(2, _channels),
    ),
    "Hardmax": (_softmax,),
    "InstanceNormalization": (
        least_rank(0, 3),
        vector(1, _channels),
        vector(2, _channels),
    ),
    "LRN": (least_rank(0, 2), least("size", 1, required=True)),
    "LayerNormalization": _LAYER,
    "LogSoftmax": (_softmax,),
    "LpNormalization": (axis(-1), choice("p", 1, 2)),
    "MeanVarianceNormalization": (least_rank(0, 1), axes(-1), _default_axes),
    "NegativeLogLikelihoodLoss": _LOSS,
    "RMSNormalization": (axis(-1), _behind_axis(1), _STASHED),
    "Softmax": (_softmax,),
    "SoftmaxCrossEntropyLoss": _LOSS,
}
"""Operator → what must be so."""
