"""Which buffer is the next from the lowest offset up, and where it lies at the lowest if not there."""

import numpy as np

from mini_infer.memory.compiled.niche_state import LOWEST, Instance, State
from mini_infer.memory.compiled.table import Int, Ints
from mini_infer.memory.tier import compiled

_INFINITY = np.int64(1) << 62


@compiled
def choose_lowest(instance: Instance, state: State, first: Int, right: Int, rank: Ints) -> tuple[Int, Int, bool]:
    """Find the unplaced buffer of a part with the lowest offset left to it, of equals the first by rank.

    All that meet it lie at least as high, so nothing will ever lie below it. Also return how low it can be if it is not
    there, which is the lowest top of another one that meets it (infinity where none does), and whether it can be there:
    a floor may be higher, where floors were not raised to the end.
    """
    start, end, lowest = instance.start, instance.end, state.lowest
    best: Int = np.int64(-1)
    height: Int = _INFINITY
    buffer = first
    while buffer < len(start) and start[buffer] < right:
        height = lowest[buffer]
        if best < 0 or height < lowest[best] or (height == lowest[best] and rank[buffer] < rank[best]):
            best = buffer
        buffer = state.next[buffer]
    height = lowest[best]
    for section in range(start[best], end[best]):
        height = max(height, state.floor[section])
    if height > lowest[best]:
        return best, height, False
    height = _INFINITY
    buffer = first
    while buffer < len(start) and start[buffer] < end[best]:
        if buffer != best and end[buffer] > start[best]:
            height = min(height, lowest[buffer] + instance.size[buffer])
        buffer = state.next[buffer]
    return best, height, True


@compiled
def lift(instance: Instance, state: State, chosen: Int, height: Int, trail: Ints, used: Int) -> Int:
    """Raise the lowest offset of a buffer, and of the unplaced ones just like it; return the trail's length."""
    start, end, size, old = instance.start, instance.end, instance.size, state.lowest[chosen]
    buffer = chosen
    while buffer > 0 and start[buffer - 1] == start[chosen] and end[buffer - 1] == end[chosen]:
        buffer -= 1
    while buffer < len(start) and start[buffer] == start[chosen] and end[buffer] == end[chosen]:
        if state.offset[buffer] < 0 and size[buffer] == size[chosen] and state.lowest[buffer] == old:
            trail[used, 0], trail[used, 1], trail[used, 2] = LOWEST, buffer, old
            used += 1
            state.lowest[buffer] = height
        buffer += 1
    return used
