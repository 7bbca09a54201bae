"""Convolutions."""

import math
from collections.abc import Mapping

from mini_infer.frontend.rules.claims import (
    Claim,
    choice,
    equal,
    least,
    least_rank,
    length,
    ranks,
    shaped,
    single,
    vector,
)
from mini_infer.frontend.rules.operands import Operands
from mini_infer.frontend.rules.windows import as_weights, counts, fits, of_weights, slides, spatial


def _same_rank(weights: int) -> Claim:
    def claim(o: Operands) -> None:
        if o.rank(weights) != o.rank(0):
            raise o.wrong(f"{o.say(weights)}, but must have as many dimensions as {o.say(0)}")

    return claim


def _groups(weights: int) -> Claim:
    """Each group has its share of the channels, going in and coming out."""

    def claim(o: Operands) -> None:
        group, channels, (outputs, share) = o.integer("group", 1), o.size(0, 1), o.shape(weights)[:2]
        if group < 1:
            raise o.wrong(f"attribute group is {group}, but must be 1 or more")
        if channels != share * group:
            raise o.wrong(f"{o.say(weights)}, for {share} channels in each of {group} groups, but {o.say(0)}")
        if outputs % group:
            raise o.wrong(f"{o.say(weights)}, whose {outputs} output channels do not divide among {group} groups")

    return claim


def _transposed_groups(o: Operands) -> None:
    group, channels = o.integer("group", 1), o.size(0, 1)
    if group < 1 or channels % group:
        raise o.wrong(f"attribute group is {group}, which does not divide the channels: {o.say(0)}")


def _per_channel(weights: int, *positions: int) -> tuple[Claim, ...]:
    """Scales and zero points of weights: one, or one for each output channel."""

    def claim_of(position: int) -> Claim:
        def claim(o: Operands) -> None:
            have, outputs = o.shape(position), o.size(weights, 0)
            if math.prod(have) != 1 and have != (outputs,):
                raise o.wrong(f"{o.say(position)}, but must be one element, or one for each of {outputs} channels")

        return claim

    return tuple(map(claim_of, positions))


def _convolution(weights: int) -> tuple[Claim, ...]:
    kernel = of_weights(weights)
    return (
        least_rank(0, 3),
        _same_rank(weights),
        _groups(weights),
        *slides(kernel),
        as_weights(weights),
        fits(kernel),
    )


def _spatial_rank(o: Operands) -> int:
    return len(spatial(o))


def _output_shape(o: Operands) -> None:
    """The sizes asked for are the image's; with the batch and the channels in front, they are those."""
    given = o.listed("output_shape")
    if given is not None and len(given) not in (_spatial_rank(o), o.rank(0)):
        raise o.wrong(f"attribute output_shape is {list(given)}, but {o.say(0)}")


def _offsets(o: Operands) -> None:
    """The offsets of a deformed window: one along each axis for each element of the window."""
    window = math.prod(o.shape(1)[2:])
    wanted = o.integer("offset_group", 1) * window * _spatial_rank(o)
    if o.integer("offset_group", 1) < 1 or o.size(2, 1) != wanted:
        raise o.wrong(f"{o.say(2)}, but its axis 1 must have {wanted} elements: {o.say(1)}")


RULES: Mapping[str, tuple[Claim, ...]] = {
    "CausalConvWithState": (
        ranks(0, 3),
        shaped(1, lambda o: (o.size(0, 1), 1, o.size(1, 2))),
        vector(2, lambda o: o.size(0, 1)),
        shaped(3, lambda o: (*o.shape(0)[:2], o.size(1, 2) - 1)),
        choice("activation", "silu", "swish", "none"),
    ),
    "Conv": (*_convolution(1), vector(2, lambda o: o.size(1, 0))),
    "ConvInteger": (*_convolution(1), single(2), *_per_channel(1, 3)),
    "ConvTranspose": (
        least_rank(0, 3),
        _same_rank(1),
        equal(1, 0, 0, 1),
        _transposed_groups,
        *slides(of_weights(1)),
        as_weights(1),
        vector(2, lambda o: o.size(1, 1) * o.integer("group", 1)),
        length("output_padding", _spatial_rank),
        least("output_padding", 0),
        least("output_shape", 0),
        _output_shape,
    ),
    "DeformConv": (
        *_convolution(1),
        vector(3, lambda o: o.size(1, 0)),
        _same_rank(2),
        shaped(2, lambda o: (o.size(0, 0), o.size(2, 1), *counts(o, o.shape(1)[2:]))),
        _offsets,
        shaped(4, lambda o: (o.size(0, 0), o.size(2, 1) // max(_spatial_rank(o), 1), *o.shape(2)[2:])),
    ),
    "QLinearConv": (
        *_convolution(3),
        single(1, 2, 6, 7),
        *_per_channel(3, 4, 5),
        vector(8, lambda o: o.size(3, 0)),
    ),
}
"""Operator → what must be so."""
