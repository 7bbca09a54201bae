"""Fill the space around fixed buffers, niche by niche: for the windows that local search opens.

The skyline rises section by section. Where no free buffer fits into a niche, the niche rises
to its lower wall or to the lowest fixed buffer above it, whichever comes first; a fixed buffer that is
reached becomes part of the skyline. O((free + fixed) x sections), meant for some thousand buffers.
"""

from typing import NamedTuple

import numpy as np

from mini_infer.memory.compiled.table import Int, Ints
from mini_infer.memory.tier import compiled

_INFINITY = np.int64(1) << 62


class Fixed(NamedTuple):
    """The fixed buffers of each section, lowest first: `bottom` and `top` from `first[section]` on."""

    first: Ints
    bottom: Ints
    top: Ints


def fixed_of(start: Ints, end: Ints, offset: Ints, size: Ints, sections: int) -> Fixed:
    """List fixed buffers by section; lifetimes are clipped to `[0, sections)`."""
    return Fixed(*_by_section(np.argsort(offset, kind="stable"), start, end, offset, size, sections))


@compiled
def _by_section(
    order: Ints, start: Ints, end: Ints, offset: Ints, size: Ints, sections: Int
) -> tuple[Ints, Ints, Ints]:
    first = np.zeros(sections + 1, np.int64)
    for buffer in order:
        for section in range(max(start[buffer], 0), min(end[buffer], sections)):
            first[section + 1] += 1
    for section in range(sections):
        first[section + 1] += first[section]
    at = first.copy()
    bottom = np.empty(first[sections], np.int64)
    top = np.empty(first[sections], np.int64)
    for buffer in order:
        for section in range(max(start[buffer], 0), min(end[buffer], sections)):
            bottom[at[section]] = offset[buffer]
            top[at[section]] = offset[buffer] + size[buffer]
            at[section] += 1
    return first, bottom, top


@compiled
def fill(
    start: Ints, end: Ints, size: Ints, order: Ints, fixed: Fixed, sections: Int, limit: Int, offset: Ints
) -> tuple[Int, Int]:
    """Place all free buffers, the first of `order` that fits each time; write `offset`, return height and work.

    The buffers are sorted by start. Gives up, with height -1, as soon as a section cannot stay within `limit`.
    Work counts what was examined.
    """
    count = len(order)
    rank = np.empty(count, np.int64)
    for first in range(count):
        rank[order[first]] = first
    first_start = np.full(sections + 1, count)  # the first buffer that starts at a section or later
    for at_start in range(count - 1, -1, -1):
        first_start[start[at_start]] = at_start
    for section in range(sections - 1, -1, -1):
        first_start[section] = min(first_start[section], first_start[section + 1])
    floor = np.zeros(sections, np.int64)
    ceiling = np.empty(sections, np.int64)
    at = fixed.first.copy()
    for section in range(sections):
        _stand_on_fixed(fixed, at, floor, ceiling, section)
    needed = np.zeros(sections, np.int64)  # by the unplaced, in each section
    for free in range(count):
        for section in range(start[free], end[free]):
            needed[section] += size[free]
    unplaced = np.ones(count, np.bool_)
    after = np.arange(1, count + 2)  # a list of the places in `order` not yet used; the head is after[count]
    after[count] = 0
    left = count
    height: Int = np.int64(0)
    work: Int = np.int64(0)
    low: Int = np.int64(0)
    buffer: Int
    while left > 0:
        base = floor[low]
        high = low
        while low > 0 and floor[low - 1] == base:
            low -= 1
        while high < sections and floor[high] == base:
            high += 1
        work += high - low
        if low > 0 and floor[low - 1] < base:  # downhill, until there is higher segments on both sides
            low -= 1
            continue
        if high < sections and floor[high] < base:
            low = high
            continue
        best: Int = count
        if 4 * (first_start[high] - first_start[low]) < left:
            for starting in range(first_start[low], first_start[high]):
                inside = unplaced[starting] and end[starting] <= high
                if inside and rank[starting] < best and _fits(starting, base, start, end, size, ceiling):
                    best = rank[starting]
            work += first_start[high] - first_start[low]
        else:
            before: Int = count
            place: Int = after[count]
            while place < count:
                buffer = order[place]
                work += 1
                if not unplaced[buffer]:
                    after[before] = after[place]
                else:
                    inside = start[buffer] >= low and end[buffer] <= high
                    if inside and _fits(buffer, base, start, end, size, ceiling):
                        best = place
                        break
                    before = place
                place = after[place]
        if best < count:
            buffer = order[best]
            unplaced[buffer] = False
            left -= 1
            offset[buffer] = base
            top = base + size[buffer]
            if top > limit:
                return np.int64(-1), work
            height = max(height, top)
            work += 2 * (end[buffer] - start[buffer])
            for section in range(start[buffer], end[buffer]):
                needed[section] -= size[buffer]
                floor[section] = top
                _stand_on_fixed(fixed, at, floor, ceiling, section)
        else:
            level = min(floor[low - 1] if low > 0 else _INFINITY, floor[high] if high < sections else _INFINITY)
            for section in range(low, high):
                level = min(level, ceiling[section])
            if level > limit:
                return np.int64(-1), work
            work += 2 * (high - low)
            for section in range(low, high):
                floor[section] = level
                _stand_on_fixed(fixed, at, floor, ceiling, section)
                if needed[section] > 0 and floor[section] + needed[section] > limit:
                    return np.int64(-1), work
    return height, work


@compiled
def _fits(buffer: Int, base: Int, start: Ints, end: Ints, size: Ints, ceiling: Ints) -> bool:
    """Whether a buffer stays below the fixed ones above it."""
    top = base + size[buffer]
    for section in range(start[buffer], end[buffer]):  # noqa: SIM110  numba compiles no generator here
        if top > ceiling[section]:
            return False
    return True


@compiled
def _stand_on_fixed(fixed: Fixed, at: Ints, floor: Ints, ceiling: Ints, section: Int) -> None:
    """Rise onto every fixed buffer that begins where the floor is, and find the next one above."""
    last = fixed.first[section + 1]
    while at[section] < last and fixed.bottom[at[section]] <= floor[section]:
        floor[section] = max(floor[section], fixed.top[at[section]])
        at[section] += 1
    ceiling[section] = fixed.bottom[at[section]] if at[section] < last else _INFINITY
