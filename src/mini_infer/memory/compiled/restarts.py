"""Restarts of the limited-backtracking search at one capacity, each with another order of the buffers.

In a tight packing most choices are forced, and a wrong one among the first shows at once or never. So it is better to
give up after some failures and to begin anew with another order than to backtrack: a run of 4,000 buffers takes a
hundredth of a second, and one in twenty or so goes through to the end.
"""

import numpy as np

from mini_infer.memory.compiled import limited_backtracking
from mini_infer.memory.compiled.skyline import Edges
from mini_infer.memory.compiled.table import Ints, Table
from mini_infer.memory.limits import Budget

_STEP_NANOSECONDS = 7_000.0
_START_NANOSECONDS = 300.0  # per buffer
_FAILURE_LIMITS = (30, 30, 300, 30, 30, 300, 3000)
_NOISE = 0.5  # of the score, at most
_FITS = (0.0, 1.0, 2.0, 8.0, 30.0)


def restart(table: Table, edges: Edges, capacity: int, budget: Budget, seconds: float, seed: int = 0) -> Ints | None:
    """Look for a placement within `capacity` units for so many seconds."""
    random = np.random.default_rng(seed)
    duration, size = np.log2(table.duration), np.log2(table.size)
    offset = np.empty(len(size), dtype=np.int64)
    until = budget.spent + seconds
    number = 0
    while budget.spent < until and budget.left > 0:
        weight = float(2.0 ** random.uniform(-4, 6)) if random.random() < 0.8 else 0.0  # noqa: PLR2004
        scale = max(weight, 1.0)
        score = (duration + weight * size) / scale + random.normal(0, _NOISE * random.random(), len(size))
        height, steps = limited_backtracking.search(
            edges,
            table.live,
            score,
            float(random.choice(_FITS)) / scale,
            capacity,
            capacity,
            _FAILURE_LIMITS[number % len(_FAILURE_LIMITS)],
            offset,
        )
        budget.spend(steps, _STEP_NANOSECONDS, steps)
        budget.spend(len(size), _START_NANOSECONDS)
        if height >= 0:
            return offset
        number += 1
    return None
