"""Windows that slide over images: what convolutions and pools have in common."""

from collections.abc import Callable, Sequence

from mini_infer.frontend.rules.claims import Claim, choice, least, length
from mini_infer.frontend.rules.operands import Operands, UnknownError, text

_PADDINGS = ("NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID")

Sizes = Callable[[Operands], Sequence[int]]


def spatial(o: Operands) -> tuple[int, ...]:
    """The sizes of the image: after the batch and the channels."""
    return o.shape(0)[2:]


def _rank(o: Operands) -> int:
    return len(spatial(o))


def slides(kernel: Sizes) -> tuple[Claim, ...]:
    """The attributes of a window fit its image, and each other."""
    return (
        choice("auto_pad", *_PADDINGS),
        length("kernel_shape", _rank),
        length("strides", _rank),
        length("dilations", _rank),
        length("pads", lambda o: 2 * _rank(o)),
        least("kernel_shape", 1),
        least("strides", 1),
        least("dilations", 1),
        least("pads", 0),
        lambda o: _positive(o, kernel(o)),
    )


def fits(kernel: Sizes) -> Claim:
    """The window has room in the image and its padding."""

    def claim(o: Operands) -> None:
        sizes, window = spatial(o), tuple(kernel(o))
        if o.attribute("auto_pad") in _PADDINGS[1:3]:
            return
        rank = len(sizes)
        pads = (0,) * 2 * rank if o.attribute("auto_pad") == "VALID" else o.listed("pads") or (0,) * 2 * rank
        dilations = o.listed("dilations") or (1,) * rank
        for k, size in enumerate(sizes):
            reach, room = (window[k] - 1) * dilations[k] + 1, size + pads[k] + pads[rank + k]
            if reach > room:
                raise o.wrong(f"a window of {reach} elements has no room in {room}, padding included: {o.say(0)}")

    return claim


def counts(o: Operands, window: Sequence[int]) -> tuple[int, ...]:
    """How many places the window has along each axis; unknown where padding is automatic."""
    if o.attribute("auto_pad") not in (None, "NOTSET") or o.integer("ceil_mode", 0):
        raise UnknownError
    sizes = spatial(o)
    rank = len(sizes)
    pads = o.listed("pads") or (0,) * 2 * rank
    strides, dilations = (o.listed(name) or (1,) * rank for name in ("strides", "dilations"))
    rooms = [sizes[k] + pads[k] + pads[rank + k] - (window[k] - 1) * dilations[k] - 1 for k in range(rank)]
    return tuple(room // stride + 1 for room, stride in zip(rooms, strides, strict=True))


def of_weights(position: int) -> Sizes:
    """The window that weights `[outputs, inputs, …]` have."""
    return lambda o: o.shape(position)[2:]


def of_attribute(o: Operands) -> Sequence[int]:
    """The window that an attribute gives."""
    given = o.listed("kernel_shape")
    if given is None:
        raise UnknownError
    return given


def as_weights(position: int) -> Claim:
    """The attribute, where it is given, says the same as the weights."""

    def claim(o: Operands) -> None:
        given, window = o.listed("kernel_shape"), o.shape(position)[2:]
        if given is not None and given != window:
            raise o.wrong(f"attribute kernel_shape is {text(given)}, but {o.say(position)}")

    return claim


def _positive(o: Operands, window: Sequence[int]) -> None:
    if any(size < 1 for size in window):
        raise o.wrong(f"its window is {text(window)}, which holds nothing")
