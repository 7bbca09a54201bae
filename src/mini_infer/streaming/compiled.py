"""The rows of a stream, replayed: who makes its next rows when, and how many rows of each buffer are alive then.

Of the calls that can make their next rows, and whose rows somebody waits for, always the last one makes them: nothing
waits longer than it must, and nothing is made too early. Rows that nobody reads are made when all have been made who
could wait for them.

A member's first band is as many rows longer or shorter than its others as those look ahead who read it: then each band
ends where a band of its readers can be made, and no row lies there before it is needed.
"""

from typing import NamedTuple

import numpy as np

from mini_infer.memory.tier import compiled, compiled_inside, compiled_leaf, only_indexed

NOT_INNER, CARRIED, PASSING = 0, 1, 2
"""What a buffer is to a stream: known outside, alive from round to round, or only from one call to a later one."""


@only_indexed
class Flat(NamedTuple):
    """The accesses of a program as flat arrays; the entries of `i` are those from `a_start[i]` to `a_start[i + 1]`.

    Parameters
    ----------
    units
        For each member, how many units it has.
    wait_start, wait_member, wait_for, wait_at, needed
        Of each wait: who waits for whom, and where in `needed` it is said how many units of the other each unit takes.
    want_start, wants
        For each member, the waits for it.
    touch_start, touch_member, touch_buffer, touch_written, touch_kept, touch_at, low, high
        Of each touch: whose it is, of what, whether it writes, whether all bands find there what the one before left,
        and where in `low` and `high` the rows of each unit are.
    user_start, users
        For each buffer, its touches.
    rows, row_bytes
        For each buffer, its rows and the bytes of one.
    """

    units: np.ndarray
    wait_start: np.ndarray
    wait_member: np.ndarray
    wait_for: np.ndarray
    wait_at: np.ndarray
    needed: np.ndarray
    want_start: np.ndarray
    wants: np.ndarray
    touch_start: np.ndarray
    touch_member: np.ndarray
    touch_buffer: np.ndarray
    touch_written: np.ndarray
    touch_kept: np.ndarray
    touch_at: np.ndarray
    low: np.ndarray
    high: np.ndarray
    user_start: np.ndarray
    users: np.ndarray
    rows: np.ndarray
    row_bytes: np.ndarray


class Cut(NamedTuple):
    """For each member the units of its first band, and those of each other one."""

    first: np.ndarray
    others: np.ndarray


class Found(NamedTuple):
    """For each buffer what a replay finds: what it is to the stream, the most rows alive, its first and last member."""

    state: np.ndarray
    most: np.ndarray
    lives_from: np.ndarray
    lives_to: np.ndarray


@compiled
def replay(
    flat: Flat,
    span: tuple[int, int],
    cut: Cut,
    lazy: int,
    inner: np.ndarray,
    found: Found,
    runs: np.ndarray,
) -> int:
    """Run members to their ends; return how many runs that takes.

    Parameters
    ----------
    flat
        What members touch, and whom they wait for.
    span
        The members `[first, end)` of the stream.
    cut
        How members are cut into bands.
    lazy
        1: no rows are made before whatever else is needed with them can be made, too; 0: they are.
    inner
        For each buffer, whether only members of the stream touch it.
    found
        Written.
    runs
        Rows of (member, first unit, units), written as far as there is room.
    """
    first, end = span
    _begin(flat, first, end, inner, found)
    state = _state(flat, first, end, cut, lazy)
    bounds = _bounds(flat, first, end)
    watched = np.empty(flat.rows.shape[0], np.int64)  # those that pass, as far as is known, and have rows alive
    count = made = 0
    begin = end - 1
    while True:
        chosen = _next(flat, first, begin, lazy, state)
        if chosen < 0:
            return made
        at = state.done[chosen - first]
        to = _end_of_band(flat, cut, chosen, at)
        if made < runs.shape[0]:
            runs[made, 0] = chosen
            runs[made, 1] = at
            runs[made, 2] = to - at
        made += 1
        begin = max(chosen, _supply(flat, first, end, chosen, to, lazy, state))
        _expect(flat, first, cut, chosen, state)
        if lazy and state.lacks[chosen - first]:
            _block(flat, first, end, chosen, state)
        for touch in range(flat.touch_start[chosen], flat.touch_start[chosen + 1]):
            buffer = flat.touch_buffer[touch]
            if inner[buffer] and flat.touch_written[touch]:
                passes = found.state[buffer] == PASSING and found.lives_from[buffer] < found.lives_to[buffer]
                if passes and bounds.top[buffer] <= bounds.freed[buffer]:
                    watched[count] = buffer
                    count += 1
                bounds.top[buffer] = max(bounds.top[buffer], flat.high[flat.touch_at[touch] + to - 1])
                found.most[buffer] = max(found.most[buffer], bounds.top[buffer] - bounds.freed[buffer])
        count = _passing(found, watched, count, chosen)
        for touch in range(flat.touch_start[chosen], flat.touch_start[chosen + 1]):
            buffer = flat.touch_buffer[touch]
            if inner[buffer] and found.lives_from[buffer] < found.lives_to[buffer]:
                _free(flat, first, touch, to, bounds)
                if bounds.freed[buffer] >= bounds.top[buffer]:
                    count = _without(watched, count, buffer)


@compiled_inside
def _passing(found: Found, watched: np.ndarray, count: int, member: int) -> int:
    """Leave out those that are carried: they have rows while a member runs that is not between their first and last."""
    kept = 0
    for index in range(count):
        buffer = watched[index]
        if found.lives_from[buffer] <= member <= found.lives_to[buffer]:
            watched[kept] = buffer
            kept += 1
        else:
            found.state[buffer] = CARRIED
    return kept


@compiled_leaf
def cut_into(flat: Flat, first: int, end: int, bands: int, cut: Cut) -> None:
    """Cut members `[first, end)` into so many bands; one less or one more, where their first is of another length."""
    for member in range(end - 1, first - 1, -1):
        others = cut.others[member] = -(-flat.units[member] // bands)
        wanted = 0
        for index in range(flat.want_start[member], flat.want_start[member + 1]):
            wait = flat.wants[index]
            other = flat.wait_member[wait]
            if other >= end:
                break
            needed = flat.needed[flat.wait_at[wait] + cut.first[other] - 1]
            if needed < flat.units[member]:
                wanted = max(wanted, needed)
        rest = wanted % others
        cut.first[member] = min(rest if 2 * rest > others else rest + others, flat.units[member])


@compiled_leaf
def _end_of_band(flat: Flat, cut: Cut, member: int, at: int) -> int:
    """Where the band of a member ends that begins with so many units done."""
    end: int = min(at + cut.others[member] if at else cut.first[member], flat.units[member])
    return end


@compiled_leaf
def _begin(flat: Flat, first: int, end: int, inner: np.ndarray, found: Found) -> None:
    """Note which members touch each inner buffer, first and last."""
    found.state[:] = NOT_INNER
    for member in range(first, end):
        for touch in range(flat.touch_start[member], flat.touch_start[member + 1]):
            buffer = flat.touch_buffer[touch]
            if inner[buffer]:
                if found.state[buffer] == NOT_INNER:
                    found.state[buffer] = PASSING
                    found.most[buffer] = 0
                    found.lives_from[buffer] = member
                found.lives_to[buffer] = member
                if flat.touch_kept[touch]:
                    found.state[buffer] = CARRIED


class _State(NamedTuple):
    """How far members are: by their place in the stream, and waits from its first one on.

    Parameters
    ----------
    done
        Of each member, the units that are made.
    lacks
        How many waits keep it from its next band.
    wanting
        How many members lack units of it for their next band.
    waiting
        How many members wait for it that are unfinished.
    blocked, able
        Known if no rows are made early: how many members it lacks units of that cannot make these now, and how many
        lack units of it, and otherwise only such as can be made now.
    needs, short
        Of each wait: the units that the next band takes, and 1 where these are not all made.
    """

    done: np.ndarray
    lacks: np.ndarray
    wanting: np.ndarray
    waiting: np.ndarray
    blocked: np.ndarray
    able: np.ndarray
    needs: np.ndarray
    short: np.ndarray


@compiled
def _state(flat: Flat, first: int, end: int, cut: Cut, lazy: int) -> _State:
    """Nothing is made yet."""
    counts = np.zeros((6, end - first), np.int64)
    waits = np.zeros((2, flat.wait_start[end] - flat.wait_start[first]), np.int64)
    state = _State(counts[0], counts[1], counts[2], counts[3], counts[4], counts[5], waits[0], waits[1])
    for member in range(first, end):
        for wait in range(flat.wait_start[member], flat.wait_start[member + 1]):
            if flat.wait_for[wait] >= first:
                state.waiting[flat.wait_for[wait] - first] += 1
        _expect(flat, first, cut, member, state)
    if lazy:
        for member in range(first, end):
            _find_blocked(flat, first, member, state)
    return state


@compiled_inside
def _expect(flat: Flat, first: int, cut: Cut, member: int, state: _State) -> None:
    """Note what a member's next band lacks; one that is finished waits for nobody."""
    at = state.done[member - first]
    start = flat.wait_start[first]
    last = _end_of_band(flat, cut, member, at) - 1
    for wait in range(flat.wait_start[member], flat.wait_start[member + 1]):
        other = flat.wait_for[wait] - first
        if other < 0:
            continue
        if at == flat.units[member]:
            state.waiting[other] -= 1
            continue
        state.needs[wait - start] = flat.needed[flat.wait_at[wait] + last]
        if state.done[other] < state.needs[wait - start]:
            state.short[wait - start] = 1
            state.lacks[member - first] += 1
            state.wanting[other] += 1


@compiled_inside
def _supply(flat: Flat, first: int, end: int, member: int, to: int, lazy: int, state: _State) -> int:
    """Note that units of a member up to `to` are made; the last member that may go on now, -1: none.

    Where a member waits for several, the last of these may be wanted now.
    """
    state.done[member - first] = to
    start = flat.wait_start[first]
    found = -1
    for index in range(flat.want_start[member], flat.want_start[member + 1]):
        wait = flat.wants[index]
        other = flat.wait_member[wait]
        if other >= end:
            break
        if state.short[wait - start] and to >= state.needs[wait - start]:
            if lazy and state.blocked[other - first] == 0:
                state.able[member - first] -= 1
            state.short[wait - start] = 0
            state.lacks[other - first] -= 1
            state.wanting[member - first] -= 1
            if state.lacks[other - first] == 0:
                found = max(found, other)
                if lazy:
                    found = max(found, _unblock(flat, first, end, other, state))
    return found


@compiled_inside
def _find_blocked(flat: Flat, first: int, member: int, state: _State) -> None:
    """Count whom a member lacks units of who cannot make them now; where all can, that is known of them."""
    start = flat.wait_start[first]
    blocked = 0
    for wait in range(flat.wait_start[member], flat.wait_start[member + 1]):
        other = flat.wait_for[wait] - first
        if other >= 0 and state.short[wait - start] and state.lacks[other]:
            blocked += 1
    state.blocked[member - first] = blocked
    if blocked == 0:
        _enable(flat, first, member, 1, state)


@compiled_inside
def _enable(flat: Flat, first: int, member: int, more: int, state: _State) -> int:
    """Note of all whose units a member lacks that they are one more, or one less, from going on; the last of them."""
    start = flat.wait_start[first]
    found = -1
    for wait in range(flat.wait_start[member], flat.wait_start[member + 1]):
        other = flat.wait_for[wait]
        if other >= first and state.short[wait - start]:
            state.able[other - first] += more
            found = max(found, other)
    return found


@compiled_inside
def _unblock(flat: Flat, first: int, end: int, member: int, state: _State) -> int:
    """Note that a member can make rows now; the last member that is wanted now, since those who want it can go on."""
    start = flat.wait_start[first]
    found = -1
    for index in range(flat.want_start[member], flat.want_start[member + 1]):
        wait = flat.wants[index]
        other = flat.wait_member[wait]
        if other >= end:
            break
        if state.short[wait - start]:
            state.blocked[other - first] -= 1
            if state.blocked[other - first] == 0:
                found = max(found, _enable(flat, first, other, 1, state))
    return found


@compiled_inside
def _block(flat: Flat, first: int, end: int, member: int, state: _State) -> None:
    """Note that a member can make no more rows now."""
    start = flat.wait_start[first]
    _find_blocked(flat, first, member, state)
    for index in range(flat.want_start[member], flat.want_start[member + 1]):
        wait = flat.wants[index]
        other = flat.wait_member[wait]
        if other >= end:
            break
        if state.short[wait - start]:
            if state.blocked[other - first] == 0:
                _enable(flat, first, other, -1, state)
            state.blocked[other - first] += 1


@compiled_inside
def _next(flat: Flat, first: int, begin: int, lazy: int, state: _State) -> int:
    """The last member up to `begin` that can make rows which are wanted; -1: none can.

    If `lazy`, somebody must want them who can have all else that is lacking now: until then, they would lie there.
    """
    for member in range(begin, first - 1, -1):
        place = member - first
        if state.lacks[place] or state.done[place] == flat.units[member]:
            continue
        if state.waiting[place] == 0 or (state.able[place] if lazy else state.wanting[place]):
            return member
    return -1


class _Bounds(NamedTuple):
    """Which rows are alive, and who still needs which.

    Parameters
    ----------
    freed, top
        Of each buffer, the rows `[freed, top)` that are alive.
    least
        Of each buffer, the first row that some member still touches.
    following
        Of each touch, by its place in the stream, the first row that it still touches.
    """

    freed: np.ndarray
    top: np.ndarray
    least: np.ndarray
    following: np.ndarray


@compiled
def _bounds(flat: Flat, first: int, end: int) -> _Bounds:
    """No rows are alive yet."""
    rows = np.zeros((2, flat.rows.shape[0]), np.int64)
    start = flat.touch_start[first]
    following = np.empty(flat.touch_start[end] - start, np.int64)
    least = np.empty(flat.rows.shape[0], np.int64)
    least[:] = flat.rows
    for touch in range(start, flat.touch_start[end]):
        following[touch - start] = flat.low[flat.touch_at[touch]]
        least[flat.touch_buffer[touch]] = min(least[flat.touch_buffer[touch]], following[touch - start])
    return _Bounds(rows[0], rows[1], least, following)


@compiled_leaf
def _free(flat: Flat, first: int, touch: int, done: int, bounds: _Bounds) -> None:
    """Free the rows of a buffer that nobody needs when a touch goes on with so many units done."""
    buffer, member = flat.touch_buffer[touch], flat.touch_member[touch]
    start = flat.touch_start[first]
    before = bounds.following[touch - start]
    over = done == flat.units[member]
    bounds.following[touch - start] = flat.rows[buffer] if over else flat.low[flat.touch_at[touch] + done]
    if before == bounds.least[buffer]:
        least: int = flat.rows[buffer]
        for index in range(flat.user_start[buffer], flat.user_start[buffer + 1]):
            least = min(least, bounds.following[flat.users[index] - start])
        bounds.least[buffer] = least
    bounds.freed[buffer] = min(bounds.least[buffer], bounds.top[buffer])


@compiled_leaf
def _without(watched: np.ndarray, count: int, buffer: int) -> int:
    """Take a buffer off a list of so many; how many are left."""
    for index in range(count):
        if watched[index] == buffer:
            watched[index] = watched[count - 1]
            return count - 1
    return count
