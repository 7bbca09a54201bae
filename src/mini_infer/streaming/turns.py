"""Rows that rings move to their aprons, before a ring is made: how often, how many, and what more room saves."""

import math

import numpy as np

from mini_infer.memory.tier import compiled_leaf
from mini_infer.streaming.compiled import Cut, Flat, Found

ROOMS = (0.0, 1 / 64, 1 / 16, 1 / 4, 1.0)
"""Parts of the bytes of a stream's rings by which they may grow together, for which it is said what moves then cost."""

_HALVINGS = 24
"""Of the range in which it is looked for how much a byte of room saves."""


@compiled_leaf
def revolved(flat: Flat, first: int, end: int, cut: Cut, found: Found, buffer: int) -> tuple[int, int, int]:
    """About how often rows of a ring are moved to its apron, how many, and how many more it has than are ever alive.

    The smallest ring has room for the rows that are alive and no more (`rings.sizes_of`). If no window lies over the
    end of a revolution, it may be as long as that; or else it is as long as what is made or read at once, and all
    others move. Where several write a row, all of them need its one place: a revolution can only end when all that is
    read at once has been read, so that some rows more are needed if that is no multiple of what is made.
    """
    most, begun, made, writers, apart = found.most[buffer], 0, 0, 0, True
    taken: int = most
    for index in range(flat.user_start[buffer], flat.user_start[buffer + 1]):
        touch = flat.users[index]
        member = flat.touch_member[touch]
        if first <= member < end and flat.touch_written[touch]:
            at, before, to = flat.touch_at[touch], *_middle(flat, cut, member)
            writers += 1
            begun = max(begun, flat.high[at + cut.first[member] - 1])
            made = max(made, flat.high[at + to - 1] - flat.high[at + before - 1])
    if made <= 0 or begun + made > flat.rows[buffer]:
        return 0, 0, 0
    for index in range(flat.user_start[buffer], flat.user_start[buffer + 1]):
        touch = flat.users[index]
        member = flat.touch_member[touch]
        if first <= member < end and not flat.touch_written[touch]:
            at, before, to = flat.touch_at[touch], *_middle(flat, cut, member)
            if before < to:
                high, low = flat.high[at + before - 1], flat.low[at + before]
                step = flat.high[at + to - 1] - high
                taken = step  # of the last one, for which rows wait longest
                apart = apart and high <= low and (high - begun) % max(1, min(step, made)) == 0
    revolution = most if apart and most % made == 0 else max(made, taken // made * made)
    more = 0
    if writers > 1 and taken > made and taken % made:
        revolution = -(-taken // made) * made
        more = 2 * made + revolution - taken
    turns: int = max(0, -(-(flat.rows[buffer] - begun + made) // revolution) - 1)
    return turns, most + more - revolution, more


@compiled_leaf
def _middle(flat: Flat, cut: Cut, member: int) -> tuple[int, int]:
    """The units `[start, end)` of a band in the middle; none, where there is only one band."""
    start, units, band = cut.first[member], flat.units[member], cut.others[member]
    start += (units - start) // band // 2 * band
    if start + band > units:
        start = max(cut.first[member], start - band)
    return start, min(start + band, units)


@compiled_leaf
def with_room(cycles: np.ndarray, sizes: np.ndarray, room: float) -> float:
    """What moves cost where revolutions of these sizes may grow by so many bytes together.

    A ring whose revolution is n times as long moves its rows an n-th as often. Each grows as long as a byte saves more
    there than elsewhere; how much that is, is found by halving a range.
    """
    low = high = total = 0.0
    for ring in range(cycles.shape[0]):
        total += cycles[ring]
        high = max(high, cycles[ring] / sizes[ring])
    if room <= 0 or total == 0:
        return total
    for _ in range(_HALVINGS):
        saved = (low + high) / 2
        taken = 0.0
        for ring in range(cycles.shape[0]):
            taken += max(0.0, math.sqrt(cycles[ring] * sizes[ring] / saved) - sizes[ring])
        low, high = (saved, high) if taken > room else (low, saved)
    left = 0.0
    for ring in range(cycles.shape[0]):
        left += min(cycles[ring], math.sqrt(cycles[ring] * sizes[ring] * high))
    return left
