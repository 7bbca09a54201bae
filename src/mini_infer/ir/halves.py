"""Numbers of 16 bits that stand for numbers of float32: how they lie in memory, and which ones they are.

A bfloat16 is the upper half of a float32; a float16 has more digits and a smaller range. What lies in memory are their
bits, of the type uint16, which every NumPy and every C compiler has.
"""

import numpy as np

from mini_infer.ir.types import DType

HALVES = (DType.BFLOAT16, DType.FLOAT16)
"""The types of 16 bits."""

STORED = DType.UINT16
"""The element type that their bits have in memory."""

_DROPPED = np.uint32(0xFFFF)


def rounded(numbers: np.ndarray, half: DType) -> np.ndarray:
    """The nearest numbers that a half can hold, of two the even one, as float32; what is too large is infinite."""
    if half is DType.FLOAT16:
        with np.errstate(over="ignore"):
            return numbers.astype(np.float16).astype(np.float32)
    bits = np.ascontiguousarray(numbers, np.float32).view(np.uint32)
    kept = (bits + ((bits >> 16) & 1) + 0x7FFF) & ~_DROPPED
    return np.where(np.isnan(numbers), numbers, kept.view(np.float32))


def holds(numbers: np.ndarray, half: DType) -> bool:
    """Whether each of these float32 is a finite number of the half."""
    return bool(np.isfinite(numbers).all()) and np.array_equal(rounded(numbers, half), numbers)


def narrowed(numbers: np.ndarray, half: DType) -> np.ndarray:
    """The bits of halves, of float32 that these hold (`holds`)."""
    if half is DType.FLOAT16:
        return numbers.astype(np.float16).view(np.uint16)
    return (np.ascontiguousarray(numbers).view(np.uint32) >> 16).astype(np.uint16)


def widened(halves: np.ndarray, half: DType) -> np.ndarray:
    """The float32 that halves stand for, of which these are the bits."""
    if half is DType.FLOAT16:
        return halves.view(np.float16).astype(np.float32)
    return (halves.astype(np.uint32) << 16).view(np.float32)
