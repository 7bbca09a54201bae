"""The states of `beam`: who is alive and where it lies, and where the next buffer may go."""

from typing import Any, NamedTuple

import numpy as np

from mini_infer.memory.compiled.table import Float, Floats, Hashes, Int, Ints, Table
from mini_infer.memory.tier import compiled

NEEDS = 4  # larger buffers to come that are looked at
PER_STATE = 19  # live buffers that a state takes the time of
_FAR = 20  # sections: two deaths further apart are no worse


class Births(NamedTuple):
    """The buffers in the order of their births, the longest life first; `row` says which of the table each one is."""

    row: Ints
    start: Ints
    end: Ints
    size: Ints
    larger: Ints  # the next one born that is larger than this one, or the number of buffers
    latest: Ints  # when the last one dies of those born up to this one
    crowd: Int  # the most alive at once


class Beam(NamedTuple):
    """States: a hash, how many buffers are alive in each, which, and where they lie, from the lowest up."""

    hash: Hashes
    alive: Ints
    buffer: Ints
    offset: Ints


class Children(NamedTuple):
    """Where the next buffer may go: the state, how many of its buffers lie below, the offset, and the score."""

    parent: Ints
    below: Ints
    offset: Ints
    score: Floats


def births_of(table: Table, *, backward: bool = False) -> Births:
    """List the buffers by birth, or with time reversed."""
    start, end = (table.sections - table.end, table.sections - table.start) if backward else (table.start, table.end)
    row = np.lexsort((-table.size, -end, start))
    start, end, size = start[row], end[row], table.size[row]
    latest = np.maximum.accumulate(end)
    return Births(row, start, end, size, _next_larger(size), latest, np.int64(crowd_of(table)))


def crowd_of(table: Table) -> int:
    """Count the most buffers alive at once."""
    alive = np.zeros(table.sections + 1, dtype=np.int64)
    np.add.at(alive, table.start, 1)
    np.subtract.at(alive, table.end, 1)
    return int(np.cumsum(alive).max(initial=0))


@compiled
def _next_larger(size: Ints) -> Ints:
    count = len(size)
    larger = np.empty(count, np.int64)
    for buffer in range(count - 1, -1, -1):
        other = buffer + 1
        while other < count and size[other] <= size[buffer]:
            other = larger[other]
        larger[buffer] = other
    return larger


def new_beam(width: Int, most: Int) -> Beam:
    """Room for `width` states with at most so many buffers alive."""
    return Beam(
        np.zeros(width, np.uint64),
        np.zeros(width, np.int64),
        np.empty((width, most), np.int64),
        np.empty((width, most), np.int64),
    )


@compiled
def hash_of(buffer: Int, offset: Int) -> Any:
    """Hash a place; a state's hash is the sum of those of its buffers."""
    mixed = np.uint64(buffer + 1) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(offset) * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(32))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


# What runs for every state takes few arrays: to hand one to a compiled function costs more than to look into it.


@compiled
def _bury(buffers: Ints, offsets: Ints, alive: Int, end: Ints, now: Int) -> tuple[Int, Any]:
    """Take the dead out of a state; return how many are left and the sum of the hashes of the dead."""
    kept = 0
    gone = np.uint64(0)
    for place in range(alive):
        if end[buffers[place]] > now:
            buffers[kept], offsets[kept] = buffers[place], offsets[place]
            kept += 1
        else:
            gone += hash_of(buffers[place], offsets[place])
    return np.int64(kept), gone


@compiled
def _look_ahead(
    bottoms: Ints, tops: Ints, ends: Ints, alive: Int, now: Int, size: Int, capacity: Int, low: Ints, high: Ints
) -> Int:
    """Find the hole that will be around each hole of today at step `now`; return how many are `size` large."""
    fitting: Int = np.int64(0)
    bottom, top = np.int64(0), capacity
    for place in range(alive):
        low[place] = bottom
        if ends[place] > now:
            fitting += bottoms[place] - bottom >= size
            bottom = tops[place]
    low[alive] = bottom
    fitting += capacity - bottom >= size
    for place in range(alive, 0, -1):
        high[place] = top
        if ends[place - 1] > now:
            top = bottoms[place - 1]
    high[0] = top
    return fitting


@compiled
def _apart(end: Int, other: Int) -> Int:
    """How many sections one neighbor dies before the other; 0 at the walls, which never die."""
    return min(abs(end - other), _FAR) if end >= 0 and other >= 0 else np.int64(0)


@compiled
def _noise(seed: Any, offset: Int) -> Float:
    """Draw a number from [0, 1), the same one for the same state and offset."""
    mixed = (seed ^ (np.uint64(offset) * np.uint64(0x9E3779B97F4A7C15))) * np.uint64(0xBF58476D1CE4E5B9)
    return float(mixed >> np.uint64(40)) / (1 << 24)


@compiled
def extend(
    births: Births,
    beam: Beam,
    states: Int,
    buffer: Int,
    capacity: Int,
    weights: tuple[Float, Float, Float],
    scratch: Ints,
    children: Children,
) -> tuple[Int, Int]:
    """List the children of all states that leave room for what comes; return how many, and the steps.

    `scratch` has room for `3 + 2 * NEEDS` rows of what is alive, and the two walls.
    """
    start, end, size = births.start, births.end, births.size
    parents, belows, offsets, scores = children.parent, children.below, children.offset, children.score
    bottoms, tops, ends = scratch[0], scratch[1], scratch[2]
    lows, highs = scratch[3 : 3 + NEEDS], scratch[3 + NEEDS :]
    need_size, need_step, fitting = np.empty(NEEDS, np.int64), np.empty(NEEDS, np.int64), np.empty(NEEDS, np.int64)
    own, own_end, now = size[buffer], end[buffer], start[buffer]
    needs, later = 0, buffer + 1
    while later < len(size) and needs < NEEDS and start[later] < births.latest[buffer]:
        need_size[needs], need_step[needs] = size[later], start[later]
        needs += 1
        later = births.larger[later]
    used: Int = np.int64(0)
    steps: Int = np.int64(0)
    for state in range(states):
        held, at = beam.buffer[state], beam.offset[state]
        alive, gone = _bury(held, at, beam.alive[state], end, now)
        beam.alive[state] = alive
        beam.hash[state] -= gone
        steps += alive + PER_STATE
        apart, holes = np.int64(0), 0
        low, below_end = np.int64(0), np.int64(-1)
        for place in range(alive):
            bottoms[place], tops[place], ends[place] = at[place], at[place] + size[held[place]], end[held[place]]
            holes += bottoms[place] > low
            apart += _apart(ends[place], below_end)
            low, below_end = tops[place], ends[place]
        bottoms[alive], ends[alive] = capacity, np.int64(-1)
        holes += capacity > low
        room_ahead = True
        for need in range(needs):
            step, wanted = need_step[need], need_size[need]
            fitting[need] = _look_ahead(bottoms, tops, ends, alive, step, wanted, capacity, lows[need], highs[need])
            room_ahead = room_ahead and fitting[need] > 0
        if not room_ahead:
            continue
        low, below_end = np.int64(0), np.int64(-1)
        for place in range(alive + 1):
            room = bottoms[place] - low - own
            if room >= 0:
                near = apart + _apart(own_end, below_end) + _apart(own_end, ends[place])
                near -= _apart(ends[place], below_end)
                score = weights[0] * near + weights[1] * (holes - (room == 0))
                for side in range(1 + (room > 0)):
                    offset = low + side * room
                    fits = True
                    for need in range(needs):
                        # Only where the one hole that is large enough is the one that gets smaller.
                        bottom, top, wanted = lows[need, place], highs[need, place], need_size[need]
                        if fitting[need] == 1 and own_end > need_step[need] and top - bottom >= wanted:
                            fits = fits and (offset - bottom >= wanted or top - offset - own >= wanted)
                    if fits:
                        parents[used], belows[used], offsets[used] = state, place, offset
                        scores[used] = score + weights[2] * _noise(beam.hash[state], offset)
                        used += 1
            if place < alive:
                low, below_end = tops[place], ends[place]
    return used, steps
