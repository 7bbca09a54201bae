"""The ground of a dive (see `dive`): a skyline of segments that rise, join and are cut, and all of it can be undone."""

from typing import NamedTuple

import numpy as np

from mini_infer.memory.compiled.jit import compiled
from mini_infer.memory.compiled.skyline import Edges
from mini_infer.memory.compiled.table import Flags, Int, Ints
from mini_infer.memory.compiled.tree import insert

_FAR = np.int64(1) << 62
_END, _HEIGHT, _BEFORE, PLACED, _WASTE = 0, 1, 2, 3, 4  # kinds of trail entries


class Ground(NamedTuple):
    """The skyline: segments known by their first section (end -1: none begins here), and what they may still waste."""

    end: Ints
    height: Ints
    before: Ints
    from_left: Ints  # trees of the unplaced, see `skyline`
    from_right: Ints
    fill: Ints  # a tree of maxima over sections: live units plus wasted ones, without the additions above
    added: Ints  # per node: what all sections below it have in addition
    offset: Ints


class Work(NamedTuple):
    """What is to be undone, and what is to be looked at again; `counts` has the lengths of both."""

    trail: Ints
    todo: Ints
    counts: Ints
    version: Ints  # per segment: bumped when it changes, so that old entries of `ready` are known
    queued: Flags  # per segment: whether it is to be looked at


@compiled
def _add(ground: Ground, left: Int, right: Int, units: Int) -> None:
    """Add wasted units to the sections [left, right)."""
    width = len(ground.fill) // 2
    low, high = left + width, right + width
    first, last = low, high - 1
    while low < high:
        if low & 1:
            ground.fill[low] += units
            ground.added[low] += units
            low += 1
        if high & 1:
            high -= 1
            ground.fill[high] += units
            ground.added[high] += units
        low >>= 1
        high >>= 1
    for leaf in (first, last):
        node = leaf >> 1
        while node > 0:
            ground.fill[node] = max(ground.fill[2 * node], ground.fill[2 * node + 1]) + ground.added[node]
            node >>= 1


@compiled
def fill_of(ground: Ground, section: Int) -> Int:
    """Live and wasted units of a section."""
    node = section + len(ground.fill) // 2
    total = ground.fill[node]
    node >>= 1
    while node > 0:
        total += ground.added[node]
        node >>= 1
    return total


@compiled
def note(work: Work, kind: Int, index: Int, old: Int, other: Int) -> None:
    """Write on the trail what a step changed."""
    at = work.counts[0]
    work.trail[at, 0], work.trail[at, 1], work.trail[at, 2], work.trail[at, 3] = kind, index, old, other
    work.counts[0] = at + 1


@compiled
def look_at(work: Work, segment: Int) -> None:
    """Have a segment looked at again."""
    work.version[segment] += 1
    if not work.queued[segment]:
        work.queued[segment] = True
        work.todo[work.counts[1]] = segment
        work.counts[1] += 1


@compiled
def _set(ground: Ground, work: Work, kind: Int, index: Int, value: Int) -> None:
    if kind == _END:
        note(work, kind, index, ground.end[index], 0)
        ground.end[index] = value
    elif kind == _HEIGHT:
        note(work, kind, index, ground.height[index], 0)
        ground.height[index] = value
    else:
        note(work, kind, index, ground.before[index], 0)
        ground.before[index] = value


@compiled
def cut(ground: Ground, work: Work, left: Int, at: Int) -> None:
    """Cut the segment that begins at `left` in two, at section `at`."""
    right = ground.end[left]
    _set(ground, work, _END, left, at)
    _set(ground, work, _END, at, right)
    _set(ground, work, _HEIGHT, at, ground.height[left])
    _set(ground, work, _BEFORE, at, left)
    if right < len(ground.end) - 1:
        _set(ground, work, _BEFORE, right, at)
    look_at(work, at)


@compiled
def _join(ground: Ground, work: Work, left: Int) -> None:
    """Join the segment at `left` with the next one."""
    right = ground.end[left]
    _set(ground, work, _END, left, ground.end[right])
    _set(ground, work, _END, right, -1)
    work.version[right] += 1
    if ground.end[left] < len(ground.end) - 1:
        _set(ground, work, _BEFORE, ground.end[left], left)


@compiled
def lift(ground: Ground, work: Work, left: Int, level: Int) -> None:
    """Raise a segment to `level`, join it with neighbours of that height, and look at all of them again."""
    sections = len(ground.end) - 1
    _set(ground, work, _HEIGHT, left, level)
    if ground.end[left] < sections and ground.height[ground.end[left]] == level:
        _join(ground, work, left)
    if left > 0 and ground.height[ground.before[left]] == level:
        left = ground.before[left]
        _join(ground, work, left)
    look_at(work, left)
    if left > 0:
        look_at(work, ground.before[left])
    if ground.end[left] < sections:
        look_at(work, ground.end[left])


@compiled
def waste(ground: Ground, work: Work, left: Int, right: Int, level: Int) -> None:
    """Raise the segment [left, right), which nothing can fill any more, to `level`."""
    lost = level - ground.height[left]
    if level < _FAR:
        _add(ground, left, right, lost)
        note(work, _WASTE, left, lost, right)
    lift(ground, work, left, level)


@compiled
def undo(edges: Edges, ground: Ground, work: Work, mark: Int) -> Int:
    """Take back everything on the trail beyond `mark`; return how many buffers were placed in it."""
    placed = 0
    while work.counts[0] > mark:
        work.counts[0] -= 1
        at = work.counts[0]
        kind, index, old = work.trail[at, 0], work.trail[at, 1], work.trail[at, 2]
        if kind == PLACED:
            placed += 1
            ground.offset[index] = -1
            insert(ground.from_left, index, edges.end[index])
            insert(ground.from_right, edges.place_right[index], edges.sections - edges.start[index])
        elif kind == _WASTE:
            _add(ground, index, work.trail[at, 3], -old)
        else:
            if kind == _END:
                ground.end[index] = old
            elif kind == _HEIGHT:
                ground.height[index] = old
            else:
                ground.before[index] = old
            look_at(work, index)
    for at in range(work.counts[1]):  # what lies beside them may have been a valley, or be one again
        segment = work.todo[at]
        if ground.end[segment] >= 0:
            if segment > 0:
                look_at(work, ground.before[segment])
            if ground.end[segment] < edges.sections:
                look_at(work, ground.end[segment])
    return placed
