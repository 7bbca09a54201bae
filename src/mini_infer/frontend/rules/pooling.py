"""Pools, and what samples regions of images."""

from collections.abc import Mapping

from mini_infer.frontend.rules.claims import (
    Claim,
    choice,
    least,
    least_rank,
    length,
    ranks,
    same_shape,
    shaped,
    vector,
)
from mini_infer.frontend.rules.operands import Operands, text
from mini_infer.frontend.rules.windows import fits, of_attribute, slides, spatial

_MOST_SAMPLES = 1 << 10
"""Of RoiAlign along each axis of a bin; models have 0 to 4, and each sample of the square takes time."""

_POOL = (least_rank(0, 3), *slides(of_attribute), fits(of_attribute))


def _unpooled_shape(o: Operands) -> None:
    wanted = o.integers(2)
    if len(wanted) != o.rank(0) or min(wanted, default=0) < 0:
        raise o.wrong(f"input output_shape is {text(wanted)}, which is no shape for {o.say(0)}")


def _affine(o: Operands) -> None:
    """One matrix for each image, of two or three dimensions."""
    size = o.integers(1)
    if len(size) not in (4, 5) or min(size) < 1:
        raise o.wrong(f"input size is {text(size)}, which is no shape of images")
    wanted = (size[0], len(size) - 2, len(size) - 1)
    if o.shape(0) != wanted:
        raise o.wrong(f"{o.say(0)}, but must be {text(wanted)} for images of {text(size)}")


def _columns(o: Operands) -> None:
    """Col2Im: the image's blocks are as many as there are columns."""
    size, block = o.integers(1), o.integers(2)
    rank = len(size)
    if min((*size, *block), default=0) < 1:
        raise o.wrong(f"an image of {text(size)} has no blocks of {text(block)}")
    elements, count = 1, 1
    strides, dilations = o.listed("strides") or (1,) * rank, o.listed("dilations") or (1,) * rank
    pads = o.listed("pads") or (0,) * 2 * rank
    for k in range(rank):
        room = size[k] + pads[k] + pads[rank + k] - (block[k] - 1) * dilations[k] - 1
        elements *= block[k]
        count *= max(room // strides[k] + 1, 0)
    if o.size(0, 1) % elements or o.size(0, 2) != count:
        raise o.wrong(f"{o.say(0)}, but must have {count} columns, of a multiple of {elements} elements")


def _images(o: Operands) -> None:
    """What is sampled holds something, wherever there is a sample."""
    if 0 in spatial(o) and 0 not in (*o.shape(0)[:2], *o.shape(1)):
        raise o.wrong(f"{o.say(0)}, of which nothing can be sampled")


def _grid(o: Operands) -> None:
    if o.rank(1) != o.rank(0) or o.size(1, -1) != len(spatial(o)) or o.size(1, 0) != o.size(0, 0):
        wanted = f"{o.size(0, 0)} in axis 0 and {len(spatial(o))} in its last"
        raise o.wrong(f"{o.say(1)}, but must have {o.rank(0)} dimensions with {wanted}: {o.say(0)}")


RULES: Mapping[str, tuple[Claim, ...]] = {
    "AffineGrid": (ranks(0, 3), ranks(1, 1), _affine),
    "AveragePool": _POOL,
    "Col2Im": (
        ranks(0, 3),
        ranks(1, 1),
        same_shape(1, 2),
        *(least(name, 1) for name in ("strides", "dilations")),
        least("pads", 0),
        *(length(name, lambda o: o.size(1, 0)) for name in ("strides", "dilations")),
        length("pads", lambda o: 2 * o.size(1, 0)),
        _columns,
    ),
    "GlobalAveragePool": (least_rank(0, 2),),
    "GlobalLpPool": (least_rank(0, 2), least("p", 1)),
    "GlobalMaxPool": (least_rank(0, 2),),
    "GridSample": (
        least_rank(0, 3),
        _grid,
        _images,
        choice("mode", "linear", "nearest", "cubic", "bilinear", "bicubic"),
        choice("padding_mode", "zeros", "border", "reflection"),
    ),
    "LpPool": (*_POOL, least("p", 1)),
    "MaxPool": (*_POOL, choice("storage_order", 0, 1)),
    "MaxRoiPool": (
        ranks(0, 4),
        shaped(1, lambda o: (o.size(1, 0), 5)),
        length("pooled_shape", lambda _: 2),
        least("pooled_shape", 1),
    ),
    "MaxUnpool": (least_rank(0, 3), same_shape(0, 1), *slides(of_attribute), ranks(2, 1), _unpooled_shape),
    "RoiAlign": (
        ranks(0, 4),
        shaped(1, lambda o: (o.size(1, 0), 4)),
        vector(2, lambda o: o.size(1, 0)),
        _images,
        choice("mode", "avg", "max"),
        choice("coordinate_transformation_mode", "half_pixel", "output_half_pixel"),
        least("output_height", 1),
        least("output_width", 1),
        least("sampling_ratio", 0, most=_MOST_SAMPLES),
    ),
}
"""Operator → what must be so."""
