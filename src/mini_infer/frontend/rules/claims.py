"""What rules are made of: each makes one claim about a node, with the words to say that it does not hold."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from mini_infer.frontend.rules.operands import Operands, UnknownError, text
from mini_infer.ir import DType

Claim = Callable[[Operands], None]
"""Raises ModelError where the node breaks it, UnknownError where too little is known to say."""

Number = Callable[[Operands], int]
Shape = Callable[[Operands], Sequence[int]]


def none_missing(o: Operands) -> None:
    """Of inputs that an operator takes any number of, none is left out between the others.

    Of the rest, models leave out what they may and, where its value makes no difference, what they may not.
    """
    for position in range(len(o.node.input)):
        if not o.has(position) and o.is_variadic(position):
            raise o.wrong(f"input {position} is left out, but it is one of any number")


def ranks(position: int, *allowed: int) -> Claim:
    """An input has one of some ranks."""

    def claim(o: Operands) -> None:
        if o.rank(position) not in allowed:
            raise o.wrong(f"{o.say(position)}, but its rank must be {' or '.join(map(str, allowed))}")

    return claim


def least_rank(position: int, least: int) -> Claim:
    """An input has so many dimensions or more."""

    def claim(o: Operands) -> None:
        if o.rank(position) < least:
            raise o.wrong(f"{o.say(position)}, but it must have {least} or more dimensions")

    return claim


def typed(dtype: DType, *positions: int) -> Claim:
    """Inputs have an element type."""

    def claim(o: Operands) -> None:
        for position in positions:
            if o.has(position) and o.type(position).dtype is not dtype:
                raise o.wrong(f"{o.say(position)}, but its elements must be {dtype.value}")

    return claim


def of_types(position: int, *allowed: DType) -> Claim:
    """An input has one of some element types."""

    def claim(o: Operands) -> None:
        if o.has(position) and o.type(position).dtype not in allowed:
            names = " or ".join(dtype.value for dtype in allowed)
            raise o.wrong(f"{o.say(position)}, but its elements must be {names}")

    return claim


def single(*positions: int) -> Claim:
    """Inputs have one element."""

    def claim(o: Operands) -> None:
        for position in positions:
            if o.has(position) and math.prod(o.shape(position)) != 1:
                raise o.wrong(f"{o.say(position)}, but it must be one element")

    return claim


def shaped(position: int, shape: Shape) -> Claim:
    """An input has exactly a shape that follows from the others."""

    def claim(o: Operands) -> None:
        have = o.shape(position)
        wanted = tuple(shape(o))
        if have != wanted:
            raise o.wrong(f"{o.say(position)}, but its shape must be {text(wanted)}, as {_others(o, position)}")

    return claim


def vector(position: int, length: Number) -> Claim:
    """An input has one dimension of a length that follows from the others."""
    return shaped(position, lambda o: (length(o),))


def same_shape(first: int, second: int) -> Claim:
    """Two inputs have one shape."""
    return shaped(second, lambda o: o.shape(first))


def equal(position: int, axis: int, other: int, other_axis: int) -> Claim:
    """A dimension of one input is one of another."""

    def claim(o: Operands) -> None:
        have, wanted = o.size(position, axis), o.size(other, other_axis)
        if have != wanted:
            raise o.wrong(
                f"{o.say(position)}, but its axis {axis} must have {wanted} elements, as axis {other_axis} of "
                f"{o.say(other)}"
            )

    return claim


def broadcast(*positions: int) -> Claim:
    """Inputs (all, unless some are named) broadcast to one shape."""

    def claim(o: Operands) -> None:
        broadcast_shape(o, positions or [k for k in range(len(o.node.input)) if o.has(k)])

    return claim


def broadcast_shape(o: Operands, positions: Sequence[int]) -> tuple[int, ...]:
    """The shape to which inputs broadcast."""
    result: tuple[int, ...] = ()
    for position in positions:
        merged = merged_shape(result, o.shape(position))
        if merged is None:
            raise o.wrong(f"{o.say(position)}, which does not broadcast with {text(result)} of the inputs before it")
        result = merged
    return result


def merged_shape(one: Sequence[int], other: Sequence[int]) -> tuple[int, ...] | None:
    """What two shapes broadcast to; `None` when they do not."""
    rank = max(len(one), len(other))
    left, right = ((1,) * (rank - len(each)) + tuple(each) for each in (one, other))
    if any(a != b and 1 not in (a, b) for a, b in zip(left, right, strict=True)):
        return None
    return tuple(b if a == 1 else a for a, b in zip(left, right, strict=True))


def stretches(position: int, to: Shape) -> Claim:
    """An input broadcasts to a shape, which it does not change."""

    def claim(o: Operands) -> None:
        have, wanted = o.shape(position), tuple(to(o))
        if merged_shape(have, wanted) != wanted:
            raise o.wrong(f"{o.say(position)}, which does not broadcast to {text(wanted)}")

    return claim


def axis(default: int | None, position: int = 0, *, name: str = "axis", more: int = 0) -> Claim:
    """An attribute names an axis of an input; with `more`, one of a tensor of so many dimensions more."""

    def claim(o: Operands) -> None:
        value, rank = _attribute(o, name, default), o.rank(position) + more
        if not -rank <= value < rank:
            raise o.wrong(f"attribute {name} is {value}, but {o.say(position)}: it must be in [{-rank}, {rank})")

    return claim


def axes(at: int, position: int = 0, *, name: str = "axes", more: bool = False) -> Claim:
    """Integers, in an attribute or the input `at`, name axes of an input, each once.

    With `more`, of a tensor that has them in addition to the input's.
    """

    def claim(o: Operands) -> None:
        values = o.given(name, at)
        if values is not None:
            distinct_axes(o, name, values, o.rank(position) + (len(values) if more else 0))

    return claim


def distinct_axes(o: Operands, name: str, values: Sequence[int], rank: int) -> None:
    """The integers are axes of a tensor of a rank, each named once."""
    outside = [value for value in values if not -rank <= value < rank]
    if outside:
        raise o.wrong(f"{name} are {list(values)}, but {outside[0]} is not in [{-rank}, {rank}), the tensor's axes")
    if len({value % rank for value in values}) != len(values):
        raise o.wrong(f"{name} are {list(values)}, which name an axis twice")


def choice(name: str, *allowed: str | int) -> Claim:
    """An attribute, where it is given, has one of some values."""

    def claim(o: Operands) -> None:
        value = o.attribute(name)
        if value is not None and value not in allowed:
            raise o.wrong(f"attribute {name} is {value!r}, but must be one of {', '.join(map(str, allowed))}")

    return claim


def least(name: str, smallest: int, *, most: int | None = None, required: bool = False) -> Claim:
    """An integer attribute, or each of a list, is at least so much where it is given, and at most so much."""
    limit, wanted = (math.inf, f"{smallest} or more") if most is None else (most, f"{smallest} to {most}")

    def claim(o: Operands) -> None:
        value = o.attribute(name)
        if value is None and not required:
            return
        values = value if isinstance(value, tuple) else (value,)
        if not all(isinstance(item, int) and smallest <= item <= limit for item in values):
            raise o.wrong(f"attribute {name} is {value}, but must be {wanted}")

    return claim


def length(name: str, count: Number) -> Claim:
    """An attribute, where it is given, lists so many values."""

    def claim(o: Operands) -> None:
        value = o.attribute(name)
        if isinstance(value, tuple) and len(value) != count(o):
            raise o.wrong(f"attribute {name} is {list(value)}, but must have {count(o)} values, as {_others(o)}")

    return claim


def divides(name: str, default: int, position: int, axis_: int) -> Claim:
    """An attribute is positive and divides a dimension of an input."""

    def claim(o: Operands) -> None:
        value, size = _attribute(o, name, default), o.size(position, axis_)
        if value < 1 or size % value:
            raise o.wrong(f"attribute {name} is {value}, which does not divide axis {axis_}: {o.say(position)}")

    return claim


def known_indices(o: Operands, position: int) -> np.ndarray:
    """The values of an input of integers that are known before the run."""
    value = o.value(position)
    if value.dtype.kind not in "iu":
        raise UnknownError
    return value


def inside(o: Operands, indices: np.ndarray, sizes: np.ndarray) -> None:
    """Indices are in `[-size, size)`, the sizes broadcasting to them."""
    outside = (indices < -sizes) | (indices >= sizes)
    if outside.any():
        raise o.wrong(f"index {indices[outside].flat[0]} is outside: {o.say(0)}")


def _attribute(o: Operands, name: str, default: int | None) -> int:
    if default is None and o.attribute(name) is None:
        raise o.wrong(f"attribute {name} is missing")
    return o.integer(name, default or 0)


def _others(o: Operands, position: int = -1) -> str:
    """The inputs but one, for people; the first few of many."""
    shown = [o.say(k) for k in range(len(o.node.input)) if o.has(k) and k != position]
    return "; ".join(shown[:3])
