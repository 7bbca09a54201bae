"""What the fields of a kernel must be, whoever made it: a file can bring any numbers, and C is written of them."""

import math
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from typing import Any

from mini_infer.ir import DType

NATIVE = frozenset(
    DType(name) for name in "float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool".split()
)
"""The element types that C computes with."""

REALS = frozenset(dtype for dtype in NATIVE if dtype.is_float)
"""Those that are floating point."""

INDICES = frozenset({DType.INT32, DType.INT64})
"""Element types of positions."""

LARGEST = 2**62
"""Every size and distance is smaller, so that sums of two stay 64-bit integers."""

LONGEST = 2**48
"""Steps of one kernel: hours of work. What takes more is no model's."""


class KernelError(ValueError):
    """A kernel that means nothing; the text says why, as the end of a sentence."""


class LimitError(KernelError):
    """A kernel that means something, but is more than C is written for."""


def limit(holds: bool, text: str) -> None:  # noqa: FBT001 - what must hold comes first
    """Raise `LimitError` unless something holds."""
    if not holds:
        raise LimitError(text)


def require(holds: bool, text: str) -> None:  # noqa: FBT001 - what must hold comes first
    """Raise `KernelError` unless something holds."""
    if not holds:
        raise KernelError(text)


def check_numbers(part: Any, signed: frozenset[str]) -> None:
    """Check every number in a description and in its parts: none is negative but those named, none out of range."""
    for field in fields(part):
        _check_number(field.name, getattr(part, field.name), signed)


def _check_number(name: str, value: Any, signed: frozenset[str]) -> None:
    if isinstance(value, int):
        require(value >= 0 or name in signed, f"{name} is {value}, negative")
        limit(-LARGEST < value < LARGEST, f"{name} is {value}, beyond 64-bit integers")
    elif isinstance(value, tuple):
        for item in value:
            _check_number(name, item, signed)
    elif is_dataclass(value):
        check_numbers(value, signed)


def positive(part: Any, *names: str) -> None:
    """Check that these sizes are at least 1."""
    for name in names:
        value = getattr(part, name)
        sizes = value if isinstance(value, tuple) else (value,)
        require(all(size >= 1 for size in sizes), f"{name} is {value}; it must be at least 1")


def one_of(name: str, value: Any, known: Iterable[Any]) -> None:
    """Check that a choice is one that there is."""
    require(value in known, f"{name} is {value!r}, which is not known")


def element(dtype: Any, known: frozenset[DType] = NATIVE, name: str = "dtype") -> None:
    """Check that C computes with an element type."""
    limit(dtype in known, f"{name} is {dtype.value}, which this kernel has no code for")


def ranks(name: str, rank: int, *lists: tuple[Any, ...]) -> None:
    """Check that there is one number for each dimension."""
    require(all(len(item) == rank for item in lists), f"{name} does not have one number for each of {rank} dimensions")


def move(element_bytes: int) -> None:
    """Check the size of an element that is moved as one."""
    one_of("element_bytes", element_bytes, (1, 2, 4, 8))


def finite(name: str, value: float) -> None:
    """Check that a number is no infinity and no NaN."""
    require(math.isfinite(value), f"{name} is {value}")
