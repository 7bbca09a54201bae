"""Numbers of bytes, as people write and read them."""

import re

from mini_infer.errors import UsageError

_FACTORS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
_WRITTEN = re.compile(r"(\d+(?:\.\d+)?)\s*([KMG]?)(?:i?B)?", re.IGNORECASE)
_UNITS = ("B", "kB", "MB", "GB", "TB")
_STEP = 1000


def parse_bytes(text: str) -> int:
    """`4096`, `512K`, `1.5M` or `2G` → bytes; K, M and G are powers of 1024.

    Raises
    ------
    UsageError
        When the text is not of this form, or is no whole number of bytes.
    """
    match = _WRITTEN.fullmatch(text.strip())
    size = float(match[1]) * _FACTORS[match[2].upper()] if match else 0.5
    if not size.is_integer():
        raise UsageError(f"{text!r} is no number of bytes: write 4096, 512K, 1.5M or 2G (K is 1024)")
    return int(size)


def short_bytes(size: int) -> str:
    """Three digits and a decimal unit: `4.61 kB`, `27.6 kB`, `5.22 MB`."""
    value, unit = float(size), 0
    while value >= _STEP and unit < len(_UNITS) - 1:
        value, unit = value / _STEP, unit + 1
    digits = 0 if unit == 0 or value >= 100 else 1 if value >= 10 else 2  # noqa: PLR2004 - three digits in all
    return f"{value:.{digits}f} {_UNITS[unit]}"


def exact_bytes(size: int) -> str:
    """Every digit, in groups of three: `4,608`."""
    return f"{size:,}"


def percent(ratio: float) -> str:
    """`89.3 %`."""
    return f"{100 * ratio:.1f} %"
