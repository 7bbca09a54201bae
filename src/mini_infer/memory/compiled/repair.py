"""Large-neighbourhood search: open a window around the highest buffer, fill it anew, keep what is lower.

The buffers alive near the highest one are taken out, all others stay fixed, and `window.fill` puts the
ones taken out back in several orders. Whatever brings all of them below the old height is kept. Windows
grow where that fails. After Shaw 1998, "Using Constraint Programming and Local Search Methods to Solve
Vehicle Routing Problems", for the idea of large neighbourhoods.
"""

import numpy as np

from mini_infer.memory.compiled import window
from mini_infer.memory.compiled.table import Ints, Table
from mini_infer.memory.limits import Budget

_STEP_NANOSECONDS = 2.0
_WINDOWS = (60, 200, 600, 2000, 4000)  # buffers taken out
_ORDERS = 6  # tried per window
_FIXED_ENTRIES = 20_000_000  # a window that would list more fixed buffers by section is too wide


def repair(table: Table, offset: Ints, target: int, budget: Budget, seconds: float, seed: int = 0) -> Ints:
    """Lower the highest buffers of a plan until `target` units, or until the time is over; return new offsets."""
    random = np.random.default_rng(seed)
    offset = offset.copy()
    until = budget.spent + seconds
    fails = 0
    while budget.spent < until and budget.left > 0:
        tops = offset + table.size
        height = int(tops.max(initial=0))
        if height <= target:
            break
        budget.report(height * table.unit, table.bound * table.unit, "local search")
        highest = np.flatnonzero(tops == height)
        center = int(highest[random.integers(len(highest))])
        level = min(fails // 2, len(_WINDOWS) - 1) if fails < 2 * len(_WINDOWS) else int(random.integers(len(_WINDOWS)))
        free = _choose(table, offset, center, _WINDOWS[level], random)
        better = _refill(table, offset, free, height - 1, random, budget)
        if better is None:
            fails += 1
        else:
            offset[free] = better
            fails = 0
    return offset


def _choose(table: Table, offset: Ints, center: int, most: int, random: np.random.Generator) -> Ints:
    """Choose at most `most` buffers around a moment in the life of `center`; never a pinned one."""
    moment = int(random.integers(table.start[center], table.end[center]))
    distance = np.maximum(np.maximum(table.start - moment, moment + 1 - table.end), 0)
    movable = np.flatnonzero(table.pin < 0)
    keys = distance[movable] * 4.0
    tops = (offset + table.size)[movable]
    # Among those alive at the moment, rather the higher ones; now and then any of them.
    keys -= tops / max(int(tops.max()), 1) * (1.0 if random.random() < 0.7 else 0.0)  # noqa: PLR2004
    keys += random.uniform(0, 0.5, len(movable))
    chosen = movable[np.argpartition(keys, most)[:most]] if most < len(movable) else movable
    if center not in chosen and table.pin[center] < 0:
        chosen = np.append(chosen, center)
    return np.sort(chosen)


def _refill(
    table: Table, offset: Ints, free: Ints, limit: int, random: np.random.Generator, budget: Budget
) -> Ints | None:
    """Fill the window anew in several orders; return offsets for `free` that end by `limit`, or None."""
    start, end, size = table.start[free], table.end[free], table.size[free]
    # Only sections at which a free buffer starts or ends matter: between two of them all see the same fixed ones.
    edges = np.unique(np.concatenate([start, end]))
    new_start, new_end = np.searchsorted(edges, start), np.searchsorted(edges, end)
    sections = len(edges) - 1
    is_fixed = np.ones(len(table.size), dtype=bool)
    is_fixed[free] = False
    fixed = np.flatnonzero(is_fixed & (table.start < edges[-1]) & (table.end > edges[0]))
    fixed_start = np.searchsorted(edges, table.start[fixed], side="right") - 1
    fixed_end = np.searchsorted(edges, table.end[fixed], side="left")
    entries = int((np.minimum(fixed_end, sections) - np.maximum(fixed_start, 0)).sum())
    if entries > _FIXED_ENTRIES:
        budget.spend(len(table.size), 20.0)
        return None
    listed = window.fixed_of(fixed_start, fixed_end, offset[fixed], table.size[fixed], sections)
    budget.spend(entries + 20 * len(table.size), 5.0)
    duration, large = np.log(table.duration[free] + 1.0), np.log(size + 1.0)
    old = offset[free]
    result = np.empty(len(free), dtype=np.int64)
    for attempt in range(_ORDERS):
        if attempt == 0:  # as they were, but settled
            order = np.argsort(old + size * random.uniform(0, 1, len(free)), kind="stable")
        else:
            score = duration * random.uniform(0, 1) + large * random.uniform(0, 1)
            score += random.normal(0, random.choice((0.02, 0.3)), len(free))
            order = np.argsort(-score, kind="stable")
        height, work = window.fill(new_start, new_end, size, order, listed, sections, limit, result)
        budget.spend(work, _STEP_NANOSECONDS, len(free))
        if height >= 0:
            return result
    return None
