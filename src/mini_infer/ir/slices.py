"""Which indices a slice takes, by ONNX's rules."""


def slice_range(size: int, start: int, end: int, step: int) -> range:
    """The indices along an axis of so many elements; a start or end below 0 counts from the end of the axis.

    What lies outside is clamped as ONNX says, not as Python does: with a negative step, a start before the first
    element is the first element.
    """
    first, last = (bound + size if bound < 0 else bound for bound in (start, end))
    low, high = (0, size) if step > 0 else (-1, size - 1)
    first = min(max(first, 0), high)
    return range(first, min(max(last, low), high), step)
