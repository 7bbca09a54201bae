"""The sizes of equal parts of a whole, found in time that does not follow the whole."""

import math

MOST_PARTS = 1024
"""Into how many parts a node is cut at most: each becomes nodes or calls of its own."""


def divisors(total: int) -> list[int]:
    """All whole sizes of which `total` is a multiple, the smallest first; none of no elements."""
    low = [size for size in range(1, math.isqrt(total) + 1) if total % size == 0] if total > 0 else []
    return low + [total // size for size in reversed(low) if size * size != total]


def parts(total: int, *, fewest: int = 2) -> list[int]:
    """Sizes of `fewest` to `MOST_PARTS` equal parts, the smallest first."""
    return [total // count for count in range(min(total, MOST_PARTS), fewest - 1, -1) if total % count == 0]
