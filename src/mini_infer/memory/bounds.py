"""What no placement can beat: the largest sum of sizes alive in one step, and the step that makes it."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import gcd

from mini_infer.memory.problem import Buffer, Problem, align_up


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
    buffers = [buffer for buffer in problem.buffers if buffer.size]
    pinned = max((b.offset + b.size for b in buffers if b.offset is not None), default=0)
    unit = 1 if problem.pools else gcd(*(buffer.alignment for buffer in buffers))
    if unit <= 1:
        return max(_max_live((b, b.size) for b in buffers), pinned)
    rounded = _max_live((b, align_up(b.size, unit)) for b in buffers)
    padding = max(align_up(b.size, unit) - b.size for b in buffers)
    return max(rounded - padding, _max_live((b, b.size) for b in buffers), pinned)


def _max_live(sized: Iterable[tuple[Buffer, int]]) -> int:
    events: list[tuple[int, int]] = []
    for buffer, size in sized:
        for start, end in buffer.intervals:
            events.append((start, size))
            events.append((end, -size))
    events.sort()  # at equal steps the negative come first: intervals are half-open
    best = total = 0
    for _, change in events:
        total += change
        best = max(best, total)
    return best
