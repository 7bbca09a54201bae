"""What no placement can beat: the largest sum of sizes alive in one step, and the step that makes it."""

import heapq
from dataclasses import dataclass
from itertools import accumulate
from math import gcd

from mini_infer.memory.problem import Problem, align_up, expect_problem

_ARRAYS_FROM = 20_000
"""Lifetimes from which numpy is quicker than plain Python."""


@dataclass(frozen=True, slots=True)
class Peak:
    """The steps `[start, end)` in which most bytes are alive, and the buffers (indices) alive in them.

    `size` is the sum of their sizes; zero for a problem without buffers.
    """

    start: int
    end: int
    size: int
    live: tuple[int, ...]


def peak(problem: Problem) -> Peak:
    """Find the first stretch of steps with the largest sum of live sizes. O(n log n)."""
    expect_problem(problem, "peak")
    changes: dict[int, int] = {}
    for buffer in problem.buffers:
        for start, end in buffer.intervals:
            changes[start] = changes.get(start, 0) + buffer.size
            changes[end] = changes.get(end, 0) - buffer.size
    steps = sorted(changes)
    best, best_at, total = 0, 0, 0
    for index, step in enumerate(steps):
        total += changes[step]
        if total > best:
            best, best_at = total, index
    if not steps:
        return Peak(0, 0, 0, ())
    start, end = steps[best_at], steps[min(best_at + 1, len(steps) - 1)]
    live = tuple(i for i, b in enumerate(problem.buffers) if any(s <= start < e for s, e in b.intervals))
    return Peak(start, end, best, live)


def lower_bound(problem: Problem) -> int:
    """Bytes that every plan of one arena needs at least: max live, sharpened by alignment and pins.

    All offsets are multiples of the common divisor g of the alignments, so buffers alive together take
    their sizes rounded up to g, save that the last bytes of the topmost one need not be rounded. A
    pinned buffer needs the arena to reach its end. With pools, the bound is for their sum. O(n log n).
    """
    expect_problem(problem, "lower_bound")
    buffers = [buffer for buffer in problem.buffers if buffer.size]
    pinned = 0
    if not problem.plain:
        pinned = max((b.offset + b.size for b in buffers if b.offset is not None), default=0)
    unit = 1 if problem.pools else gcd(*{buffer.alignment for buffer in buffers})
    if not problem.plain:
        lives = [(start, end, b.size) for b in buffers for start, end in b.intervals]
        plain = _max_live(
            [start for start, _, _ in lives], [end for _, end, _ in lives], [size for _, _, size in lives]
        )
    else:
        plain = _max_live([b.start for b in buffers], [b.end for b in buffers], [b.size for b in buffers])
    if unit <= 1:
        return max(plain, pinned)
    rounded = [(start, end, align_up(b.size, unit), b.size) for b in buffers for start, end in b.intervals]
    return max(_max_live_rounded(rounded), plain, pinned)


def _max_live(starts: list[int], ends: list[int], sizes: list[int]) -> int:
    """Find the largest sum of sizes alive in one step."""
    if len(starts) < _ARRAYS_FROM:
        births, deaths = zip(starts, sizes, strict=True), ((end, -size) for end, size in zip(ends, sizes, strict=True))
        changes = sorted([*births, *deaths])  # at equal steps deaths come first: intervals are half-open
        return max(accumulate(change for _, change in changes), default=0)
    import numpy as np

    start, end, size = (np.array(column, dtype=np.int64) for column in (starts, ends, sizes))
    by_start, by_end = np.argsort(start), np.argsort(end)
    dead = np.concatenate([[0], np.cumsum(size[by_end])])[np.searchsorted(end[by_end], start[by_start], side="right")]
    return int((np.cumsum(size[by_start]) - dead).max())


def _max_live_rounded(lives: list[tuple[int, int, int, int]]) -> int:
    """Find the largest sum alive in one step, of `(start, end, rounded size, size)`, one buffer's padding less."""
    best = total = 0
    ending: list[tuple[int, int]] = []  # (end, rounded size) of those alive
    padded: list[tuple[int, int]] = []  # (-padding, end) of those alive, and of some that are dead
    for start, end, rounded, size in sorted(lives):
        while ending and ending[0][0] <= start:
            total -= heapq.heappop(ending)[1]
        heapq.heappush(ending, (end, rounded))
        heapq.heappush(padded, (size - rounded, end))
        total += rounded
        while padded[0][1] <= start:
            heapq.heappop(padded)
        best = max(best, total + padded[0][0])
    return best
