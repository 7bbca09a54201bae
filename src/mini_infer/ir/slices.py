"""Which indices a slice takes, by ONNX's rules."""

from mini_infer.ir.dims import LARGEST, UndecidedError

_FAR = LARGEST // 2
"""Beyond every axis that fits into memory."""


def slice_range(size: int, start: int, end: int, step: int) -> range:
    """The indices along an axis of so many elements; a start or end below 0 counts from the end of the axis.

    What lies outside is clamped as ONNX says, not as Python does: with a negative step, a start before the first
    element is the first element.
    """
    first, last = (bound + size if bound < 0 else bound for bound in (start, end))
    low, high = (0, size) if step > 0 else (-1, size - 1)
    first = min(max(first, 0), high)
    return range(first, min(max(last, low), high), step)


def first_of_slice(size: int, start: int) -> int:
    """The first index of a slice by a positive step, whose numbers may be given at run time.

    Raises
    ------
    UndecidedError
        When whether it is clamped depends on the sizes.
    """
    return min(max(_from_front(size, start), 0), size)


def _from_front(size: int, bound: int) -> int:
    """A start or end as ONNX has it, counted from the front; numbers far outside of the axis are as good as nearer."""
    if isinstance(bound, int):
        bound = max(-_FAR, min(bound, _FAR))
    return bound if bound >= 0 else bound + size


def open_slice(size: int, start: int, end: int, step: int) -> tuple[int, int]:
    """The first index and how many, of a slice whose numbers may be given at run time, but for the step.

    Raises
    ------
    UndecidedError
        When what is clamped depends on the sizes.
    """
    if not isinstance(step, int) or step == 0:
        raise UndecidedError(f"a slice by {step}")
    low, high = (0, size) if step > 0 else (-1, size - 1)
    first, last = (_from_front(size, bound) for bound in (start, end))
    first, last = min(max(first, 0), high), min(max(last, low), high)
    span = last - first if step > 0 else first - last
    return first, (-(-span // abs(step)) if span >= 0 else 0)
