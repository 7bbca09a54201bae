"""Resizing, and transforms of signals."""

from collections.abc import Mapping

from mini_infer.frontend.rules.claims import (
    Claim,
    axes,
    choice,
    distinct_axes,
    least_rank,
    ranks,
    single,
)
from mini_infer.frontend.rules.operands import Operands, text

_ROI, _SCALES, _SIZES = 1, 2, 3
_STEP, _WINDOW, _LENGTH = 1, 2, 3


def _factors(o: Operands) -> None:
    """A scale or a size for each axis that is resized."""
    chosen = o.listed("axes")
    count = o.rank() if chosen is None else len(chosen)
    scales = 1 if o.version < 11 else _SCALES  # noqa: PLR2004 - until then there was no region
    given = [position for position in (scales, _SIZES) if o.has(position) and o.type(position).elements]
    if len(given) != 1:
        raise o.wrong("either scales or sizes must be given")
    (position,) = given
    if o.shape(position) != (count,):
        raise o.wrong(f"{o.say(position)}, but must have {count} elements, one for each axis resized of {o.say(0)}")
    values = o.value(position)
    if not (values > 0 if position == scales else values >= 0).all():
        raise o.wrong(f"{o.say(position)} with the values {values.tolist()}, which must be positive")
    if position == _SIZES and any(
        size and not have
        for size, have in zip(values, (o.size(0, axis) for axis in chosen or range(o.rank())), strict=True)
    ):
        raise o.wrong(f"{o.say(0)}, of which nothing can be sampled for sizes {values.tolist()}")
    if position == scales and not (values.astype("float64") < 2.0**31).all():
        raise o.wrong(f"{o.say(position)} with the values {values.tolist()}, which are no scales")


def _region(o: Operands) -> None:
    """Where a region is cropped, its start and end along each axis."""
    chosen = o.listed("axes")
    count = 2 * (o.rank() if chosen is None else len(chosen))
    cropped = o.attribute("coordinate_transformation_mode") == "tf_crop_and_resize"
    if cropped and o.version >= 11 and (not o.has(_ROI) or o.shape(_ROI) != (count,)):  # noqa: PLR2004
        raise o.wrong(f"input roi must have {count} elements to crop, start and end of each axis of {o.say(0)}")


def _transform_axis(o: Operands) -> None:
    """DFT: any axis but the last, which holds real and imaginary parts."""
    as_input = o.version >= 20  # noqa: PLR2004 - until then an attribute
    value = o.integers(2)[0] if as_input and o.has(2) else o.integer("axis", -2 if as_input else 1)
    distinct_axes(o, "axis", (value,), o.rank())
    if value % o.rank() == o.rank() - 1:
        raise o.wrong(f"axis {value} is the last one, which holds real and imaginary parts: {o.say(0)}")
    if o.size(0, -1) not in (1, 2):
        raise o.wrong(f"{o.say(0)}, but its last axis must hold a real part, or a real and an imaginary one")


def _positive(position: int) -> Claim:
    def claim(o: Operands) -> None:
        if min(o.integers(position), default=0) < 1:
            raise o.wrong(f"{o.say(position)} with the value {text(o.integers(position))}, which must be positive")

    return claim


def _frames(o: Operands) -> None:
    """STFT: a frame is as long as the window, and no longer than the signal."""
    length = o.integers(_LENGTH)[0] if o.has(_LENGTH) else o.size(_WINDOW, 0)
    if o.has(_WINDOW) and o.shape(_WINDOW) != (length,):
        raise o.wrong(f"{o.say(_WINDOW)}, but must have {length} elements, as a frame has")
    if not 1 <= length <= o.size(0, 1):
        raise o.wrong(f"a frame of {length} has no room: {o.say(0)}")
    if o.rank() == 3 and o.size(0, 2) not in (1, 2):  # noqa: PLR2004 - batch, samples, parts
        raise o.wrong(f"{o.say(0)}, but its last axis must hold a real part, or a real and an imaginary one")


_WINDOW_SIZE = (single(0), _positive(0))
_RESIZE = (
    choice("mode", "nearest", "linear", "cubic"),
    choice(
        "coordinate_transformation_mode",
        "half_pixel",
        "half_pixel_symmetric",
        "pytorch_half_pixel",
        "align_corners",
        "asymmetric",
        "tf_half_pixel_for_nn",
        "tf_crop_and_resize",
    ),
    choice("nearest_mode", "round_prefer_floor", "round_prefer_ceil", "floor", "ceil"),
    choice("keep_aspect_ratio_policy", "stretch", "not_larger", "not_smaller"),
    axes(-1),
    _region,
    _factors,
)

RULES: Mapping[str, tuple[Claim, ...]] = {
    "BlackmanWindow": _WINDOW_SIZE,
    "DFT": (least_rank(0, 2), single(1), single(2), _positive(1), _transform_axis),
    "HammingWindow": _WINDOW_SIZE,
    "HannWindow": _WINDOW_SIZE,
    "MelWeightMatrix": (single(0, 1, 2, 3, 4),),
    "Range": (single(0, 1, 2),),
    "Resize": _RESIZE,
    "STFT": (ranks(0, 2, 3), single(_STEP), _positive(_STEP), ranks(_WINDOW, 1), single(_LENGTH), _frames),
}
"""Operator → what must be so."""
