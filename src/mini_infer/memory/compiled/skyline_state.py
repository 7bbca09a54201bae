"""The skyline of `limited_backtracking`: segments are raised, joined and split, and every change can be undone."""

from typing import NamedTuple

import numpy as np

from mini_infer.memory.compiled.skyline import Edges
from mini_infer.memory.compiled.table import Flags, Int, Ints
from mini_infer.memory.compiled.tree import insert
from mini_infer.memory.tier import compiled

_INFINITY = np.int64(1) << 62
_END, _HEIGHT, _PREVIOUS, PLACED, _PAD = 0, 1, 2, 3, 4  # kinds of trail entries


class SkylineState(NamedTuple):
    """The skyline: segments known by their first section (end -1: none begins here), and the load of each section."""

    end: Ints
    height: Ints
    previous: Ints
    from_left: Ints  # trees of the unplaced, see `skyline`
    from_right: Ints
    load: Ints  # a tree of maxima over sections: live units plus padding, without what is pending above
    pending: Ints  # per node: what is to be added to all sections below it
    offset: Ints


class Trail(NamedTuple):
    """The trail of changes to undo, and the worklist of segments to examine again; `counts` has the lengths of both."""

    entries: Ints
    worklist: Ints
    counts: Ints
    version: Ints  # per segment: incremented when it changes, so that stale entries of `ready` are known
    queued: Flags  # per segment: whether it is on the worklist


@compiled
def _add(state: SkylineState, left: Int, right: Int, units: Int) -> None:
    """Add padding to the load of the sections [left, right)."""
    width = len(state.load) // 2
    low, high = left + width, right + width
    first, last = low, high - 1
    while low < high:
        if low & 1:
            state.load[low] += units
            state.pending[low] += units
            low += 1
        if high & 1:
            high -= 1
            state.load[high] += units
            state.pending[high] += units
        low >>= 1
        high >>= 1
    for leaf in (first, last):
        node = leaf >> 1
        while node > 0:
            state.load[node] = max(state.load[2 * node], state.load[2 * node + 1]) + state.pending[node]
            node >>= 1


@compiled
def load_of(state: SkylineState, section: Int) -> Int:
    """Live units and padding of a section."""
    node = section + len(state.load) // 2
    total = state.load[node]
    node >>= 1
    while node > 0:
        total += state.pending[node]
        node >>= 1
    return total


@compiled
def push_trail(trail: Trail, kind: Int, index: Int, old: Int, other: Int) -> None:
    """Record a change, so that it can be undone."""
    at = trail.counts[0]
    trail.entries[at, 0], trail.entries[at, 1], trail.entries[at, 2], trail.entries[at, 3] = kind, index, old, other
    trail.counts[0] = at + 1


@compiled
def enqueue(trail: Trail, segment: Int) -> None:
    """Have a segment examined again."""
    trail.version[segment] += 1
    if not trail.queued[segment]:
        trail.queued[segment] = True
        trail.worklist[trail.counts[1]] = segment
        trail.counts[1] += 1


@compiled
def _set(state: SkylineState, trail: Trail, kind: Int, index: Int, value: Int) -> None:
    if kind == _END:
        push_trail(trail, kind, index, state.end[index], 0)
        state.end[index] = value
    elif kind == _HEIGHT:
        push_trail(trail, kind, index, state.height[index], 0)
        state.height[index] = value
    else:
        push_trail(trail, kind, index, state.previous[index], 0)
        state.previous[index] = value


@compiled
def split(state: SkylineState, trail: Trail, left: Int, at: Int) -> None:
    """Split the segment that begins at `left` at section `at`."""
    right = state.end[left]
    _set(state, trail, _END, left, at)
    _set(state, trail, _END, at, right)
    _set(state, trail, _HEIGHT, at, state.height[left])
    _set(state, trail, _PREVIOUS, at, left)
    if right < len(state.end) - 1:
        _set(state, trail, _PREVIOUS, right, at)
    enqueue(trail, at)


@compiled
def _join(state: SkylineState, trail: Trail, left: Int) -> None:
    """Join the segment at `left` with the next one."""
    right = state.end[left]
    _set(state, trail, _END, left, state.end[right])
    _set(state, trail, _END, right, -1)
    trail.version[right] += 1
    if state.end[left] < len(state.end) - 1:
        _set(state, trail, _PREVIOUS, state.end[left], left)


@compiled
def raise_segment(state: SkylineState, trail: Trail, left: Int, level: Int) -> None:
    """Raise a segment to `level`, join it with neighbors of that height, and have all of them examined again."""
    sections = len(state.end) - 1
    _set(state, trail, _HEIGHT, left, level)
    if state.end[left] < sections and state.height[state.end[left]] == level:
        _join(state, trail, left)
    if left > 0 and state.height[state.previous[left]] == level:
        left = state.previous[left]
        _join(state, trail, left)
    enqueue(trail, left)
    if left > 0:
        enqueue(trail, state.previous[left])
    if state.end[left] < sections:
        enqueue(trail, state.end[left])


@compiled
def pad(state: SkylineState, trail: Trail, left: Int, right: Int, level: Int) -> None:
    """Pad the segment [left, right), which no buffer can fill any more, up to `level`."""
    padding = level - state.height[left]
    if level < _INFINITY:
        _add(state, left, right, padding)
        push_trail(trail, _PAD, left, padding, right)
    raise_segment(state, trail, left, level)


@compiled
def undo(edges: Edges, state: SkylineState, trail: Trail, mark: Int) -> Int:
    """Undo everything on the trail beyond `mark`; return how many buffers were placed in it."""
    placed = 0
    while trail.counts[0] > mark:
        trail.counts[0] -= 1
        at = trail.counts[0]
        kind, index, old = trail.entries[at, 0], trail.entries[at, 1], trail.entries[at, 2]
        if kind == PLACED:
            placed += 1
            state.offset[index] = -1
            insert(state.from_left, index, edges.end[index])
            insert(state.from_right, edges.place_right[index], edges.sections - edges.start[index])
        elif kind == _PAD:
            _add(state, index, trail.entries[at, 3], -old)
        else:
            if kind == _END:
                state.end[index] = old
            elif kind == _HEIGHT:
                state.height[index] = old
            else:
                state.previous[index] = old
            enqueue(trail, index)
    for at in range(trail.counts[1]):  # their neighbors may have been niches, or be niches again
        segment = trail.worklist[at]
        if state.end[segment] >= 0:
            if segment > 0:
                enqueue(trail, state.previous[segment])
            if state.end[segment] < edges.sections:
                enqueue(trail, state.end[segment])
    return placed
