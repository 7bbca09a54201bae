"""What no placement can beat: the largest sum of sizes alive in one step, alignment, pins and overlaps considered."""

import heapq
from math import gcd

from mini_infer.memory.liveness import peak_bytes
from mini_infer.memory.overlap import together
from mini_infer.memory.problem import Problem, align_up, expect_problem


def lower_bound(problem: Problem) -> int:
    """Bytes that every plan of one arena needs at least: max live, sharpened by alignment and pins.

    All offsets are multiples of the common divisor g of the alignments, so buffers alive together take
    their sizes rounded up to g, save that the last bytes of the topmost one need not be rounded. A
    pinned buffer needs the arena to reach its end. What two buffers may share counts once. With pools, the bound is for
    their sum. O(n log n).
    """
    expect_problem(problem, "lower_bound")
    buffers = [buffer for buffer in problem.buffers if buffer.size]
    pinned = 0
    if not problem.plain:
        pinned = max((b.offset + b.size for b in buffers if b.offset is not None), default=0)
    unit = 1 if problem.pools else gcd(*{buffer.alignment for buffer in buffers})
    plain = peak_bytes(problem.buffers, problem.overlaps)
    if unit <= 1 or not any(buffer.size % unit for buffer in buffers):
        return max(plain, pinned)
    rounded = [(start, end, align_up(b.size, unit), b.size) for b in buffers for start, end in b.intervals]
    if problem.overlaps:
        for each in problem.overlaps:
            shared = -each.shared(problem.buffers, unit)
            pair = problem.buffers[each.lower], problem.buffers[each.upper]
            rounded += [(start, end, shared, shared) for start, end in together(*pair)]
        return max(_max_live_padded(rounded), plain, pinned)
    return max(_max_live_rounded(rounded), plain, pinned)


def _max_live_padded(lives: list[tuple[int, int, int, int]]) -> int:
    """As `_max_live_rounded`, less the most padding of any: overlaps are among the lives, of negative sizes. O(n^2)."""
    padding = max(rounded - size for _, _, rounded, size in lives)
    totals = (
        sum(rounded for start, end, rounded, _ in lives if start <= step < end) for step in {life[0] for life in lives}
    )
    return max(totals) - padding


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
