"""Beam search over time for problems in which buffers overlap: see `memory.overlap`.

Buffers are placed in the order of their births, or of their deaths with time reversed. Of two buffers that live
together the one that begins lower has to begin so many units before the other: its size, or less where the two may
overlap. So each buffer that is alive forbids a range of offsets, and the next one goes to an end of such a range, to
the ground or to the ceiling. Every step keeps the best `width` states: with few holes, and a little noise. A state is
dropped where one of the next buffers would find no offset among those that are still alive when it is born.

Not complete: where it fails it says nothing. O(buffers x width x (alive at once)^2).
"""

import numpy as np

from mini_infer.memory.compiled.beam_state import hash_of
from mini_infer.memory.compiled.table import Float, Int, Ints
from mini_infer.memory.tier import compiled

_AHEAD = 4  # buffers to come that must find room, each larger than the one before


@compiled
def _is_free(at: Int, lows: Ints, highs: Ints, count: Int) -> bool:
    """Whether an offset is in none of so many ranges, whose ends are free."""
    for place in range(count):  # noqa: SIM110 - compiled code has no generators
        if lows[place] < at < highs[place]:
            return False
    return True


@compiled
def _options(
    buffer: Int,
    held: Ints,
    offsets: Ints,
    alive: Int,
    now: Int,
    end: Ints,
    size: Ints,
    before: Ints,
    capacity: Int,
    first: bool,
    ranges: tuple[Ints, Ints],
    found: Ints,
) -> Int:
    """Write the offsets at which a buffer may begin, beside those that are alive from `now` on; only one if `first`.

    `ranges` are written: what each of these forbids.
    """
    lows, highs = ranges
    highest = capacity - size[buffer]
    forbidden = 0
    for place in range(alive):
        other = held[place]
        if end[other] > now:
            lows[forbidden] = offsets[place] - before[buffer, other]
            highs[forbidden] = offsets[place] + before[other, buffer]
            forbidden += 1
    count: Int = np.int64(0)
    for place in range(-1, forbidden):
        for side in range(2):
            if place >= 0:
                at = highs[place] if side else lows[place]
            elif side:
                at = highest
            else:
                at = np.int64(0)
            if at < 0 or at > highest or not _is_free(at, lows, highs, forbidden):
                continue
            known = False
            for other in range(count):
                known = known or found[other] == at
            if not known:
                found[count] = at
                count += 1
                if first:
                    return count
    return count


@compiled
def _sort(held: Ints, offsets: Ints, alive: Int, size: Ints, bottoms: Ints, tops: Ints) -> None:
    """Write where those that are alive begin and end, the lowest first."""
    for place in range(alive):
        bottom, top = offsets[place], offsets[place] + size[held[place]]
        at = place
        while at > 0 and bottoms[at - 1] > bottom:
            bottoms[at], tops[at] = bottoms[at - 1], tops[at - 1]
            at -= 1
        bottoms[at], tops[at] = bottom, top


@compiled
def _holes(bottoms: Ints, tops: Ints, alive: Int, at: Int, size: Int, capacity: Int) -> Int:
    """How many holes are left where so many units are placed, those below and above all counted."""
    top: Int = np.int64(0)
    count: Int = np.int64(0)
    passed = False
    for place in range(alive):
        if not passed and at <= bottoms[place]:
            count += at > top
            top = max(top, at + size)
            passed = True
        count += bottoms[place] > top
        top = max(top, tops[place])
    if not passed:
        count += at > top
        top = max(top, at + size)
    return count + (top < capacity)


@compiled
def _noise(seed: Int) -> Float:
    mixed = (np.uint64(seed) ^ (np.uint64(seed) >> np.uint64(31))) * np.uint64(0xBF58476D1CE4E5B9)
    return float(mixed >> np.uint64(40)) / (1 << 24)


@compiled
def search(
    start: Ints, end: Ints, size: Ints, before: Ints, capacity: Int, width: Int, noise: Float, offset: Ints
) -> tuple[Int, Int]:
    """Place all buffers, which are in the order of their births, within `capacity` units.

    Parameters
    ----------
    start, end, size
        Of each buffer; steps half-open.
    before
        `before[i, j]`: by how many units i has to begin before j, where it begins lower.
    capacity, width, noise
        Of the arena, in units; of the beam; weight against holes.
    offset
        Written where all find a place.

    Returns
    -------
    tuple of int
        How many were placed, and how many offsets were looked at.
    """
    count = len(size)
    crowd = 1
    for buffer in range(count):
        alive = 0
        for other in range(buffer + 1):
            alive += end[other] > start[buffer]
        crowd = max(crowd, alive)
    most = 2 * crowd + 4
    held, offsets = np.empty((width, crowd + 1), np.int64), np.empty((width, crowd + 1), np.int64)
    new_held, new_offsets = np.empty_like(held), np.empty_like(offsets)
    alive_in, new_alive = np.zeros(width, np.int64), np.zeros(width, np.int64)
    parents, chosen = np.empty((count, width), np.int32), np.empty((count, width), np.int64)
    child_of, child_at = np.empty(width * most, np.int64), np.empty(width * most, np.int64)
    child_score, child_key = np.empty(width * most, np.float64), np.empty(width * most, np.int64)
    found, room = np.empty(most, np.int64), np.empty(most, np.int64)
    bottoms, tops = np.empty(crowd, np.int64), np.empty(crowd, np.int64)
    ranges = np.empty(crowd + 1, np.int64), np.empty(crowd + 1, np.int64)
    ahead = np.empty(_AHEAD, np.int64)
    states = 1
    looked: Int = np.int64(0)
    for buffer in range(count):
        now = start[buffer]
        used = needs = 0
        wanted, lives = np.int64(0), end[: buffer + 1].max()
        for later in range(buffer + 1, count):
            if needs == _AHEAD or start[later] >= lives:
                break
            if size[later] > wanted:
                ahead[needs], wanted = later, size[later]
                needs += 1
        for state in range(states):
            alive = 0
            key = np.int64(0)
            mine, places = held[state], offsets[state]
            for place in range(alive_in[state]):
                if end[mine[place]] > now:
                    mine[alive], places[alive] = mine[place], places[place]
                    key += np.int64(hash_of(mine[place], places[place]))
                    alive += 1
            alive_in[state] = alive
            options = _options(buffer, mine, places, alive, now, end, size, before, capacity, False, ranges, found)
            looked += alive + options
            _sort(mine, places, alive, size, bottoms, tops)
            mine[alive] = buffer
            for option in range(options):
                at = found[option]
                places[alive] = at
                fits = True
                for later in ahead[:needs]:
                    if fits:
                        looked += 1
                        fits = (
                            _options(
                                later,
                                mine,
                                places,
                                alive + 1,
                                start[later],
                                end,
                                size,
                                before,
                                capacity,
                                True,
                                ranges,
                                room,
                            )
                            > 0
                        )
                if fits:
                    child_of[used], child_at[used] = state, at
                    child_key[used] = key + np.int64(hash_of(buffer, at))
                    holes = _holes(bottoms, tops, alive, at, size[buffer], capacity)
                    child_score[used] = holes + noise * _noise(child_key[used])
                    used += 1
        if used == 0:
            return np.int64(buffer), looked
        kept = 0
        known = set([np.int64(0)])  # noqa: C405 - a literal has no type in numba
        for child in np.argsort(child_score[:used], kind="mergesort"):
            if child_key[child] in known:
                continue
            known.add(child_key[child])
            state = child_of[child]
            alive = alive_in[state]
            for place in range(alive):
                new_held[kept, place], new_offsets[kept, place] = held[state, place], offsets[state, place]
            new_held[kept, alive], new_offsets[kept, alive] = buffer, child_at[child]
            new_alive[kept] = alive + 1
            parents[buffer, kept], chosen[buffer, kept] = state, child_at[child]
            kept += 1
            if kept == width:
                break
        states = kept
        held, new_held = new_held, held
        offsets, new_offsets = new_offsets, offsets
        alive_in, new_alive = new_alive, alive_in
    state = 0
    for buffer in range(count - 1, -1, -1):
        offset[buffer] = chosen[buffer, state]
        state = parents[buffer, state]
    return np.int64(count), looked
