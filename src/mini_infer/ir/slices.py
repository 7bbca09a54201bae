"""Which indices a slice takes, by ONNX's rules."""

from mini_infer.ir.dims import UndecidedError


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
    first = start if start >= 0 else start + size
    first = max(first, 0)
    return min(first, size)


def open_slice(size: int, start: int, end: int, step: int) -> tuple[int, int]:
    """The first index and how many, of a slice by a positive step whose numbers may be given at run time.

    Raises
    ------
    UndecidedError
        When what is clamped depends on the sizes.
    """
    if not isinstance(step, int) or step < 1:
        raise UndecidedError(f"a slice by {step}")
    first, last = first_of_slice(size, start), first_of_slice(size, end)
    span = last - first
    return first, (-(-span // step) if span >= 0 else 0)
