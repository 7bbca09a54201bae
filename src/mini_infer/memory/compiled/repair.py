"""Large-neighborhood search: open a window around the highest buffer, fill it anew, keep what is lower.

The buffers alive near the highest one are taken out, all others stay fixed, and `window.fill` puts the
ones taken out back in several orders. Whatever brings all of them below the old height is kept. Windows
grow where that fails. After Shaw 1998, "Using Constraint Programming and Local Search Methods to Solve
Vehicle Routing Problems", for the idea of large neighborhoods.
"""

import numpy as np

from mini_infer.memory.compiled import window
from mini_infer.memory.compiled.table import Ints, Table
from mini_infer.memory.limits import Budget

_STEP_NANOSECONDS = 4.0
_WINDOWS = (200, 2000, 4000)  # buffers taken out
_WIDEST_FROM = 50_000  # buffers in all: from there on only the widest windows are worth their preparation
_ORDERS = 6  # tried per window
_CALLS = 300_000  # steps that the calls around a window take the time of
_REACH = 8  # times the window, in buffers born before it
_FIXED_ENTRIES = 10_000_000  # a window that would list more fixed buffers by section is too wide


def repair(table: Table, offset: Ints, target: int, budget: Budget, seconds: float, seed: int = 0) -> Ints:
    """Lower the highest buffers of a plan until `target` units, or until the time is over; return new offsets."""
    random = np.random.default_rng(seed)
    offset = offset.copy()
    until = budget.spent + seconds
    latest_end = np.maximum.accumulate(table.end)
    windows = _WINDOWS if len(table.size) < _WIDEST_FROM else _WINDOWS[-1:]
    fails = 0
    while budget.spent < until and budget.left > 0:
        tops = offset + table.size
        height = int(tops.max(initial=0))
        if height <= target:
            break
        budget.report(height * table.unit, table.bound * table.unit, "local search")
        highest = np.flatnonzero(tops == height)
        center = int(highest[random.integers(len(highest))])
        level = min(fails // 2, len(windows) - 1) if fails < 2 * len(windows) else int(random.integers(len(windows)))
        free = _choose(table, offset, center, windows[level], random)
        better = _refill(table, latest_end, offset, free, height - 1, random, budget)
        if better is None:
            fails += 1
        else:
            offset[free] = better
            fails = 0
    return offset


def _choose(table: Table, offset: Ints, center: int, most: int, random: np.random.Generator) -> Ints:
    """Choose at most `most` buffers around a moment in the life of `center`, often its most crowded one."""
    first, last = int(table.start[center]), int(table.end[center])
    crowded = first + int(table.live[first:last].argmax())
    moment = crowded if random.random() < 0.5 else int(random.integers(first, last))  # noqa: PLR2004
    # Buffers are sorted by start: those born long before or after the moment stay where they are.
    here = int(np.searchsorted(table.start, moment, side="right"))
    near = np.arange(max(here - _REACH * most, 0), min(here + 2 * most, len(table.size)))
    near = near[table.pin[near] < 0]
    distance = np.maximum(np.maximum(table.start[near] - moment, moment + 1 - table.end[near]), 0)
    # Among those alive at the moment, rather the higher ones; now and then any of them.
    tops = (offset[near] + table.size[near]) / max(int((offset[near] + table.size[near]).max()), 1)
    keys = 4.0 * distance - tops * (random.random() < 0.7) + random.uniform(0, 0.5, len(near))  # noqa: PLR2004
    chosen = near[np.argpartition(keys, most)[:most]] if most < len(near) else near
    return np.union1d(chosen, [center]) if table.pin[center] < 0 else chosen


def _refill(
    table: Table, latest_end: Ints, offset: Ints, free: Ints, limit: int, random: np.random.Generator, budget: Budget
) -> Ints | None:
    """Fill the window anew in several orders; return offsets for `free` that end by `limit`, or None."""
    start, end, size = table.start[free], table.end[free], table.size[free]
    # Only sections at which a free buffer starts or ends matter: between two of them all see the same fixed ones.
    edges = np.unique(np.concatenate([start, end]))
    new_start, new_end = np.searchsorted(edges, start), np.searchsorted(edges, end)
    sections = len(edges) - 1
    oldest = int(np.searchsorted(latest_end, edges[0], side="right"))  # all before it have ended
    near = np.arange(oldest, int(np.searchsorted(table.start, edges[-1])))
    fixed = np.setdiff1d(near[table.end[near] > edges[0]], free, assume_unique=True)
    fixed_start = np.searchsorted(edges, table.start[fixed], side="right") - 1
    fixed_end = np.searchsorted(edges, table.end[fixed], side="left")
    entries = int((np.minimum(fixed_end, sections) - np.maximum(fixed_start, 0)).sum())
    if entries > _FIXED_ENTRIES:
        budget.spend(10 * len(near) + len(table.size), 4.0)
        return None
    listed = window.fixed_of(fixed_start, fixed_end, offset[fixed], table.size[fixed], sections)
    budget.spend(entries + 10 * len(near) + len(table.size) + _CALLS, 4.0)
    duration, large = np.log(table.duration[free] + 1.0), np.log(size + 1.0)
    old = offset[free]
    result = np.empty(len(free), dtype=np.int64)
    best = None
    for attempt in range(_ORDERS):
        if attempt == 0:  # as they were, but settled
            order = np.argsort(old + size * random.uniform(0, 1, len(free)), kind="stable")
        else:
            weights = (
                (1.0, random.choice((0.0, 0.1, 0.2, 0.3, 0.5, 1.0))) if attempt < _ORDERS - 1 else random.random(2)
            )
            score = weights[0] * duration + weights[1] * large
            score += random.normal(0, random.choice((0.02, 0.3)), len(free))
            order = np.argsort(-score, kind="stable")
        height, work = window.fill(new_start, new_end, size, order, listed, sections, limit, result)
        budget.spend(work, _STEP_NANOSECONDS, len(free))
        if height >= 0:
            limit, best = int(height) - 1, result.copy()
    return best
