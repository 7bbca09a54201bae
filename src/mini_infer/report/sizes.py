"""Numbers of bytes and of things, and shares of them, as people read them."""

_UNITS = ("B", "kB", "MB", "GB", "TB")
_STEP = 1000


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


def counted(count: int, thing: str) -> str:
    """`1 sample`, `2 samples`."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
