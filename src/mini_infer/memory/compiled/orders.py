"""Orders for the greedy placement of large problems, the most promising first.

The lower bound is made in a few sections. What lives there (*critical*: alive where the live bytes are
above a share of the maximum) goes first, so that nothing else gets in its way; everything else has room.
"""

from collections.abc import Iterator

import numpy as np

from mini_infer.memory.compiled.table import Flags, Floats, Ints, Table


def orders(table: Table, seed: int = 0) -> Iterator[tuple[Ints, bool]]:
    """Yield orders (indices of the table) with whether to take the tightest hole rather than the lowest. Endless."""
    duration, size = np.log(table.duration + 1.0), np.log(table.size + 1.0)
    crowd = crowding(table) / max(table.bound, 1)
    random = np.random.default_rng(seed)
    nothing = np.zeros(len(size), dtype=bool)
    for first, among_first, among_rest, tightest in (
        (crowd, duration + size, duration, True),
        (crowd > 0.99, duration, duration, True),  # noqa: PLR2004  shares of the bound
        (crowd > 0.99, size, duration, False),  # noqa: PLR2004
        (crowd > 0.97, size, size, False),  # noqa: PLR2004
        (crowd, duration, size, True),
        (nothing, size, size, False),
        (nothing, size, size, True),
        (nothing, duration, duration, True),
    ):
        yield _order(first, among_first, among_rest), tightest
    while True:
        first = crowd > random.choice((0.999, 0.99, 0.97, 0.95, 0.9, 0.8))
        mixed = [duration * random.uniform(0, 1) + size * random.uniform(0, 1) for _ in range(2)]
        yield _order(first, mixed[0], mixed[1]), bool(random.random() < 0.5)  # noqa: PLR2004


def _order(first: Floats | Flags, among_first: Floats, among_rest: Floats) -> Ints:
    """Sort by `first`, then by one score where it is positive and by the other elsewhere; large ones come first."""
    return np.lexsort((-np.where(first > 0, among_first, among_rest), -first.astype(np.float64)))


def crowding(table: Table) -> Ints:
    """Find for each buffer the most units alive at one moment of its life. O(n log n)."""
    levels = [table.live]
    while 2 << (len(levels) - 1) <= table.sections:
        half = 1 << (len(levels) - 1)
        levels.append(np.maximum(levels[-1][:-half], levels[-1][half:]))
    level = np.frexp(table.end - table.start)[1] - 1  # the largest power of two within the lifetime
    most = np.zeros(len(table.size), dtype=np.int64)
    for power, maxima in enumerate(levels):
        rows = np.flatnonzero(level == power)
        most[rows] = np.maximum(maxima[table.start[rows]], maxima[table.end[rows] - (1 << power)])
    return most
