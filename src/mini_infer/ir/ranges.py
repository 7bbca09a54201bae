"""The sizes that a dimension can have, as a user gives them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from operator import index
from typing import SupportsIndex

from mini_infer.errors import UsageError
from mini_infer.ir.dims import LARGEST, Symbol
from mini_infer.quantities import equated

SIZE = r"\d+(?:\.\.\d+(?::\d+)?(?:@\d+)?)?"
"""What a size or a range looks like: `8`, `1..512`, `32..960:32@320`."""

_FORM = re.compile(r"(?P<low>\d+)(?:\.\.(?P<high>\d+)(?::(?P<step>\d+))?(?:@(?P<typical>\d+))?)?")
_SIZES = rf"{SIZE}(x{SIZE})*"
_SHAPE = re.compile(rf"(?P<alone>{_SIZES})|(?P<name>.+?)[:=](?P<dims>({_SIZES})?)", re.DOTALL)
_SUM = re.compile(r"[A-Za-z_]\w*(?: *(?:[-+*]|//) *\w+)*")


@dataclass(frozen=True, slots=True)
class Range:
    """The sizes that a dimension can have at run time.

    >>> print(Range(1, 512, typical=128), Range(32, 960, step=32))
    1..512@128 32..960:32

    Parameters
    ----------
    low, high
        The least and the greatest.
    step
        From one to the next; both ends and the typical size are multiples of it.
    typical
        What choices that cost only time are made for: tiles, orders, threads; the greatest when absent.
    """

    low: int
    high: int
    step: int = 1
    typical: int | None = None

    def symbol(self, name: str) -> Symbol:
        """The range as the symbol of that name.

        Raises
        ------
        UsageError
            When there is no such range.
        """
        typical = self.high if self.typical is None else self.typical
        text = f"{name}={self}"
        numbers = (self.low, self.high, self.step, typical)
        if any(isinstance(each, bool) or not isinstance(each, SupportsIndex) for each in numbers):
            raise UsageError(f"{text}: give whole numbers")
        if not 0 <= self.low <= self.high < LARGEST or self.step < 1:
            raise UsageError(f"{text}: give a range from low to high, such as {name}=1..512")
        for end in (self.low, self.high, typical):
            if end % self.step:
                raise UsageError(f"{text}: {end} is no multiple of {self.step}")
        if not self.low <= typical <= self.high:
            raise UsageError(f"{text}: the typical size is {typical}, outside the range")
        return Symbol(name, *map(index, numbers))

    def __str__(self) -> str:
        step = f":{self.step}" if self.step != 1 else ""
        return f"{self.low}..{self.high}{step}" + ("" if self.typical is None else f"@{self.typical}")


Shape = tuple[int | Range, ...]
"""The size of each dimension, or the range of its sizes."""

Dims = Mapping[str, "int | Range | str"]
"""The name of a dimension → its size, the range of its sizes, or an expression of others, such as `past + seq`."""


def parse_dim(text: str) -> "tuple[str, int | Range | str]":
    """`NAME=8`, `NAME=1..512`, `NAME=1..512@128`, `NAME=32..960:32@320`, `NAME=past+seq` → the name and what it is.

    Raises
    ------
    UsageError
        When the text is not of this form.
    """
    name, equals, given = equated(text).rpartition("=")
    if equals and name and _SUM.fullmatch(given):
        return name, given
    if not equals or not name or _FORM.fullmatch(given) is None:
        raise UsageError(f"{text!r} is no dimension: write NAME=8, NAME=1..512, NAME=1..512@128 or NAME=32..960:32")
    return name, parse_size(name, given)


def parse_range(name: str, given: "int | Range | str") -> "int | Range | str":
    """What is given for a dimension, of which text that is a size or a range is read: `1..512` is `Range(1, 512)`."""
    return parse_size(name, given) if isinstance(given, str) and _FORM.fullmatch(given) else given


def parse_size(name: str, text: str) -> "int | Range":
    """`8`, `1..512`, `1..512@128`, `32..960:32@320` → the size or the range of the dimension of that name.

    Raises
    ------
    UsageError
        When the text is not of this form, or the range is none.
    """
    form = _FORM.fullmatch(text)
    if form is None:
        raise UsageError(f"{name}: {text!r} is no size: write 8, 1..512, 1..512@128 or 32..960:32")
    low, high, step, typical = (None if part is None else int(part) for part in form.groups())
    if high is None:
        return int(low or 0)
    found = Range(int(low or 0), high, 1 if step is None else step, typical)
    found.symbol(name)
    return found


def parse_shape(text: str) -> tuple[str, Shape]:
    """`name:1x3x224x224` → name and dimensions, which may be ranges: `name:1x3x32..960:32x32..960:32`.

    The name may hold colons; `name:` is a scalar; `name=1x3` is the same as `name:1x3`. Where a model has one input,
    the shape says enough: `1x3` has no name, "".

    Raises
    ------
    UsageError
        When the text is not of this form.
    """
    found = _SHAPE.fullmatch(text)
    if found is None:
        raise UsageError(f"{text!r} is not a shape: write NAME:DIMxDIM..., for example x:1x3x224x224 or x:1..8x3")
    name, dims = found["name"] or "", found["alone"] or found["dims"]
    return name, tuple(parse_size(name, dim) for dim in dims.split("x")) if dims else ()
