"""Kernels that are alike but for some numbers: one description for all, whose C function is given these numbers.

Bands of a layer are such kernels: they have the tiles and the sums of the whole, but not as many rows, nor as much of
their windows beyond the input.
"""

import dataclasses
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mini_infer.ir.dims import Sizes, Symbol
from mini_infer.program.kernels import Kernel


@dataclass(frozen=True, slots=True)
class Form:
    """A kernel as one of several that are alike.

    Parameters
    ----------
    kernel
        The description of all of them: in place of each number in which they differ it has a size given at run time.
    sizes
        What these are for this one.
    """

    kernel: Kernel
    sizes: Sizes


def forms(kernels: Iterable[Kernel]) -> dict[Kernel, Form]:
    """The form of each kernel; one that none is like is its own.

    They are alike where they differ in `Kernel.given` alone. What is the same number in all of them stays a number, and
    what is one number in each is one size.
    """
    groups: dict[Kernel, dict[Kernel, list[tuple[str, int]]]] = {}
    for kernel in dict.fromkeys(kernels):
        numbers: list[tuple[str, int]] = []
        groups.setdefault(_changed(kernel, kernel.given, _collected(numbers)), {})[kernel] = numbers
    return {kernel: form for group in groups.values() for kernel, form in _alike(group).items()}


def _collected(numbers: list[tuple[str, int]]) -> Callable[[str, int], int]:
    """What notes the numbers and their fields, and leaves 0 in their places."""

    def note(name: str, number: int) -> int:
        numbers.append((name, number))
        return 0

    return note


def _alike(group: Mapping[Kernel, list[tuple[str, int]]]) -> dict[Kernel, Form]:
    """The forms of kernels that are alike, given their numbers."""
    names = [name for name, _ in next(iter(group.values()))]
    columns = list(zip(*([number for _, number in numbers] for numbers in group.values()), strict=True))
    symbols: dict[tuple[int, ...], Symbol] = {}
    for name, column in zip(names, columns, strict=True):
        if len(set(column)) > 1 and column not in symbols:
            counts = _counts(column)
            low, high = min(counts), max(counts)
            symbols[column] = Symbol(f"{name}{len(symbols)}", low, high, math.gcd(*counts), high)
    places = iter([symbols[column].dim + min(0, *column) if column in symbols else column[0] for column in columns])
    first = next(iter(group))
    shared = _changed(first, first.given, lambda _name, _number: next(places))
    return {
        kernel: Form(shared, {symbol.name: _counts(column)[index] for column, symbol in symbols.items()})
        for index, kernel in enumerate(group)
    }


def _counts(column: tuple[int, ...]) -> list[int]:
    """The numbers as sizes, none of which is negative: those above the least, if that is."""
    return [number - min(0, *column) for number in column]


def _changed(part: Any, given: frozenset[str], change: Callable[[str, int], int], name: str = "") -> Any:
    """A description with every number changed that stands in one of the given fields, also of its parts."""
    if isinstance(part, tuple):
        return tuple(_changed(item, given, change, name) for item in part)
    if dataclasses.is_dataclass(part) and not isinstance(part, type):
        fields = {field.name: getattr(part, field.name) for field in dataclasses.fields(part)}
        new = {key: _changed(value, given, change, key) for key, value in fields.items()}
        return dataclasses.replace(part, **{key: value for key, value in new.items() if value is not fields[key]})
    return change(name, part) if name in given and type(part) is int else part
