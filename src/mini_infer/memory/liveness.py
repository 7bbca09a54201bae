"""What is alive when: the bytes of buffers in each step, and the steps in which they are most.

Whoever asks how many bytes are alive asks here; only the validators count for themselves.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from mini_infer.memory.overlap import Overlap, together
from mini_infer.memory.problem import Buffer, Problem, expect_problem

_ARRAYS_FROM = 20_000
"""Lifetimes from which numpy is quicker than plain Python."""

NARROW = 30
"""Buffers alive at once up to which a search that goes through time, and remembers who lies where, sees far enough."""


@dataclass(frozen=True, slots=True)
class Peak:
    """The steps `[start, end)` in which most bytes are alive, and the buffers (indices) alive in them.

    `size` is the sum of their sizes, less what overlaps may share; zero for a problem without buffers.
    """

    start: int
    end: int
    size: int
    live: tuple[int, ...]


def peak(problem: Problem) -> Peak:
    """Find the first stretch of steps with the largest sum of live sizes. O(n log n)."""
    expect_problem(problem, "peak")
    return peak_of(problem.buffers, problem.overlaps)


def peak_of(buffers: Sequence[Buffer], overlaps: Sequence[Overlap] = ()) -> Peak:
    """Find the peak of buffers that are no problem yet."""
    changes: dict[int, int] = {}
    for start, end, size in _lives(buffers, overlaps):
        changes[start] = changes.get(start, 0) + size
        changes[end] = changes.get(end, 0) - size
    steps = sorted(changes)
    best, best_at, total = 0, 0, 0
    for index, step in enumerate(steps):
        total += changes[step]
        if total > best:
            best, best_at = total, index
    if not steps:
        return Peak(0, 0, 0, ())
    start, end = steps[best_at], steps[min(best_at + 1, len(steps) - 1)]
    live = tuple(i for i, b in enumerate(buffers) if any(s <= start < e for s, e in b.intervals))
    return Peak(start, end, best, live)


def _lives(buffers: Sequence[Buffer], overlaps: Sequence[Overlap]) -> Iterator[tuple[int, int, int]]:
    """When how many bytes live; fewer than none, where two share some."""
    for buffer in buffers:
        for start, end in buffer.intervals:
            yield start, end, buffer.size
    for each in overlaps:
        for start, end in together(buffers[each.lower], buffers[each.upper]):
            yield start, end, -each.shared(buffers)


def peak_bytes(buffers: Sequence[Buffer], overlaps: Sequence[Overlap] = ()) -> int:
    """Find the largest sum of sizes alive in one step: `Peak.size`, without who makes it."""
    if overlaps or any(buffer.gaps for buffer in buffers):
        lives = list(_lives(buffers, overlaps))
    else:
        lives = [(b.start, b.end, b.size) for b in buffers]
    if len(lives) < _ARRAYS_FROM:
        changes = [(start, size) for start, _, size in lives]
        changes += [(end, -size) for _, end, size in lives]
        changes.sort()  # at equal steps what makes fewer bytes comes first: intervals are half-open
        return max(accumulate(change for _, change in changes), default=0)
    import numpy as np

    start, end, size = np.array(lives, dtype=np.int64).T
    by_start, by_end = np.lexsort((size, start)), np.argsort(end)
    dead = np.concatenate([[0], np.cumsum(size[by_end])])[np.searchsorted(end[by_end], start[by_start], side="right")]
    return int((np.cumsum(size[by_start]) - dead).max())


def most_alive(buffers: Sequence[Buffer]) -> int:
    """Count the buffers alive in one step, at the most; their gaps count as life."""
    changes = [(buffer.start, 1) for buffer in buffers]
    changes += [(buffer.end, -1) for buffer in buffers]
    changes.sort()
    return max(accumulate(change for _, change in changes), default=0)


def alive_bytes(buffers: Sequence[Buffer], steps: int, overlaps: Sequence[Overlap] = ()) -> list[int]:
    """Bytes alive in each of the steps `[0, steps)`, what is shared counted once."""
    changes = [0] * (steps + 1)
    for start, end, size in _lives(buffers, overlaps):
        changes[min(start, steps)] += size
        changes[min(end, steps)] -= size
    return list(accumulate(changes[:-1]))
