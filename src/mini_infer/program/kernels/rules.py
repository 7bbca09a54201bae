"""What the fields of a kernel must be, whoever made it: a file can bring any numbers, and C is written of them.

What one field must be by itself, its annotation says: `Size`, `RealType`, `choice`. `Kernel.check` has what fields must
be together.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Annotated, Any, cast, get_type_hints

from mini_infer.ir import Dim, DType
from mini_infer.ir.dims import bounds

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
    """A kernel that means something, but is larger than C is written for, or empty."""


def limit(holds: bool, text: str) -> None:  # noqa: FBT001 - what must hold comes first
    """Raise `LimitError` unless something holds."""
    if not holds:
        raise LimitError(text)


def require(holds: bool, text: str) -> None:  # noqa: FBT001 - what must hold comes first
    """Raise `KernelError` unless something holds."""
    if not holds:
        raise KernelError(text)


Rule = Callable[[str, Any], None]
"""A field's name and value → an error, unless the value is what the field must be."""


def one_of(name: str, value: Any, known: Iterable[Any]) -> None:
    """Check that a choice is one that there is."""
    require(value in known, f"{name} is {value!r}, which is not known")


def element(dtype: DType, known: frozenset[DType] = NATIVE, name: str = "dtype") -> None:
    """Check that C computes with an element type."""
    limit(dtype in known, f"{name} is {dtype.value}, which this kernel has no code for")


def choice(*known: Any) -> Rule:
    """A field that is one of these."""
    return lambda name, value: one_of(name, value, known)


def at_least_one(name: str, value: int | tuple[int, ...]) -> None:
    """Check that a size is not 0, or that none of some is: C is written where there is something to compute."""
    sizes = value if isinstance(value, tuple) else (value,)
    fits = all(isinstance(size, Dim) or size >= 1 for size in sizes)  # what is given at run time may be 0: loops end
    limit(fits, f"{name} is {value}; it must be at least 1")


def of_types(*known: DType) -> Rule:
    """A field that is an element type, of which C knows these."""
    return lambda name, value: element(value, frozenset(known), name)


Size = Annotated[int, at_least_one]
"""A size that is not 0."""

Sizes = Annotated[tuple[int, ...], at_least_one]
"""Sizes that are not 0, of any number of dimensions."""

Shape = Annotated[Sizes, lambda _name, sizes: require(bool(sizes), "there is no dimension")]
"""The same of at least one dimension."""

ElementBytes = Annotated[int, choice(1, 2, 4, 8)]
"""The size of an element that is moved as one, whatever it means."""

NativeType = Annotated[DType, of_types(*NATIVE)]
"""An element type that C computes with."""

RealType = Annotated[DType, of_types(*REALS)]
"""One of those that are floating point."""

IndexType = Annotated[DType, of_types(*INDICES)]
"""The element type of positions."""


@cache
def _rules(kind: Any) -> Mapping[str, tuple[Rule, ...]]:
    """Field → what its annotation asks for."""
    hints = get_type_hints(kind, include_extras=True)
    return {name: getattr(hint, "__metadata__", ()) for name, hint in hints.items()}


def check_numbers(part: Any, signed: frozenset[str], given: frozenset[str] = frozenset()) -> None:
    """Check every field of a description and of its parts by itself.

    No number is negative but those `signed`, none is out of range, none is `given` at run time but those, and each is
    what its annotation asks for.
    """
    rules = _rules(cast("Hashable", type(part)))
    for field in fields(part):
        value = getattr(part, field.name)
        _check_number(field.name, value, signed, given)
        for rule in rules[field.name]:
            rule(field.name, value)


def _check_number(name: str, value: Any, signed: frozenset[str], given: frozenset[str]) -> None:
    if isinstance(value, int | Dim):
        if isinstance(value, Dim):
            limit(name in given, f"{name} is given at run time")
        low, high = bounds(value)
        require(low >= 0 or name in signed, f"{name} is {value}, negative")
        limit(-LARGEST < low <= high < LARGEST, f"{name} is {value}, beyond 64-bit integers")
    elif isinstance(value, tuple):
        for item in value:
            _check_number(name, item, signed, given)
    elif is_dataclass(value):
        check_numbers(value, signed, given)


def positive(part: Any, *names: str) -> None:
    """Check that these sizes are at least 1."""
    for name in names:
        at_least_one(name, getattr(part, name))


def ranks(name: str, rank: int, *lists: tuple[Any, ...]) -> None:
    """Check that there is one number for each dimension."""
    require(all(len(item) == rank for item in lists), f"{name} does not have one number for each of {rank} dimensions")
