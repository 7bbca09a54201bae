"""Quantities, and what has a name, as people write them."""

import math
import re

from mini_infer.errors import UsageError

_PREFIXES = ("", "K", "M", "G", "T")
_BYTES = re.compile(r"(\d+)(\.\d+)?\s*([KMGT]?)(i?B)?", re.IGNORECASE)


def parse_bytes(text: str) -> int:
    """`4096`, `512K`, `1.5M`, `2GiB` → bytes; K and KiB are 1024 as for linkers, and kB is 1000 as in reports.

    Raises
    ------
    UsageError
        When the text is not of this form, or is no whole number of bytes.
    """
    match = _BYTES.fullmatch(text.strip())
    if match is not None:
        decimal = (match[4] or "").upper() == "B"
        factor = int((1000 if decimal else 1024) ** _PREFIXES.index(match[3].upper()))
        part = float(match[2] or 0) * factor
        if part.is_integer():
            return int(match[1]) * factor + int(part)
    raise UsageError(f"{text!r} is no number of bytes: write 4096, 512K, 1.5M or 2G (K is 1024, kB is 1000)")


def parse_seconds(text: str) -> float:
    """A number of seconds that is not negative, and finite.

    Raises
    ------
    UsageError
        When it is none.
    """
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise UsageError(f"{text!r} is no time: write seconds, 0 or more")
    return seconds


def parse_count(text: str) -> int:
    """A whole number from 1 on.

    Raises
    ------
    UsageError
        When it is none.
    """
    if not text.isdecimal() or int(text) < 1:
        raise UsageError(f"{text!r} is no count: write 1 or more")
    return int(text)


def parse_factor(text: str) -> float:
    """A factor of 1 or more, and finite.

    Raises
    ------
    UsageError
        When it is none.
    """
    try:
        factor = float(text)
    except ValueError:
        factor = math.nan
    if not 1 <= factor < math.inf:
        raise UsageError(f"{text!r} is no factor: write 1 or more, such as 1.15")
    return factor


def equated(text: str) -> str:
    """`name:value` as `name=value`, where it has no equals sign: both are taken everywhere."""
    return text if "=" in text else text.replace(":", "=", 1)
