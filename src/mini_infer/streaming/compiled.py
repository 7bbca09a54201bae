"""The rows of a stream, replayed: who makes its next rows when, and how many rows of each buffer are alive then.

Of the calls that can make their next rows, and whose rows somebody waits for, always the last one makes them: nothing
waits longer than it must, and nothing is made too early. Rows that nobody reads are made when all have been made who
could wait for them.
"""

from typing import NamedTuple

import numpy as np

from mini_infer.memory.compiled.jit import compiled

NOT_INNER, CARRIED, PASSING = 0, 1, 2
"""What a buffer is to a stream: known outside, alive from round to round, or only from one call to a later one."""


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
    together: np.ndarray,
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
    together
        For each member, the units that it makes at once.
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
    done = np.zeros(end - first, np.int64)
    freed = np.zeros(flat.rows.shape[0], np.int64)
    top = np.zeros(flat.rows.shape[0], np.int64)
    watched = np.empty(flat.rows.shape[0], np.int64)  # those that pass, as far as is known, and have rows alive
    count = made = 0
    begin = end - 1
    while True:
        chosen = _next(flat, first, end, begin, together, lazy, done)
        if chosen < 0:
            return made
        at = done[chosen - first]
        to = min(at + together[chosen], flat.units[chosen])
        if made < runs.shape[0]:
            runs[made, 0] = chosen
            runs[made, 1] = at
            runs[made, 2] = to - at
        made += 1
        done[chosen - first] = to
        begin = _last_to_gain(flat, chosen, end)
        for touch in range(flat.touch_start[chosen], flat.touch_start[chosen + 1]):
            buffer = flat.touch_buffer[touch]
            if inner[buffer] and flat.touch_written[touch]:
                passes = found.state[buffer] == PASSING and found.lives_from[buffer] < found.lives_to[buffer]
                if passes and top[buffer] <= freed[buffer]:
                    watched[count] = buffer
                    count += 1
                top[buffer] = max(top[buffer], flat.high[flat.touch_at[touch] + to - 1])
                found.most[buffer] = max(found.most[buffer], top[buffer] - freed[buffer])
        kept = 0
        for index in range(count):
            buffer = watched[index]
            if found.lives_from[buffer] <= chosen <= found.lives_to[buffer]:
                watched[kept] = buffer
                kept += 1
            else:
                found.state[buffer] = CARRIED
        count = kept
        for touch in range(flat.touch_start[chosen], flat.touch_start[chosen + 1]):
            buffer = flat.touch_buffer[touch]
            if inner[buffer] and found.lives_from[buffer] < found.lives_to[buffer]:
                freed[buffer] = min(_needed_from(flat, buffer, first, done), top[buffer])
                if freed[buffer] >= top[buffer]:
                    count = _without(watched, count, buffer)


@compiled
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


@compiled
def _next(flat: Flat, first: int, end: int, begin: int, together: np.ndarray, lazy: int, done: np.ndarray) -> int:
    """The last member up to `begin` that can make rows which are wanted; -1: none can."""
    for member in range(begin, first - 1, -1):
        unfinished = done[member - first] < flat.units[member]
        if (
            unfinished
            and _is_ready(flat, first, member, together, done)
            and _is_wanted(flat, first, end, member, together, lazy, done)
        ):
            return member
    return -1


@compiled
def _is_ready(flat: Flat, first: int, member: int, together: np.ndarray, done: np.ndarray) -> bool:
    """Whether all is there that a member needs for its next rows."""
    last = min(done[member - first] + together[member], flat.units[member]) - 1
    for wait in range(flat.wait_start[member], flat.wait_start[member + 1]):
        other = flat.wait_for[wait]
        if other >= first and done[other - first] < flat.needed[flat.wait_at[wait] + last]:
            return False
    return True


@compiled
def _is_wanted(
    flat: Flat, first: int, end: int, member: int, together: np.ndarray, lazy: int, done: np.ndarray
) -> bool:
    """Whether a member of the stream needs more of this one for its next rows, or none that is unfinished waits for it.

    If `lazy`, what else that member needs must be ready to be made as well: until then, rows would lie there and wait.
    """
    waiting = False
    for index in range(flat.want_start[member], flat.want_start[member + 1]):
        wait = flat.wants[index]
        other = flat.wait_member[wait]
        if other >= end:
            break
        following = done[other - first]
        if following >= flat.units[other]:
            continue
        waiting = True
        last = min(following + together[other], flat.units[other]) - 1
        lacking = done[member - first] < flat.needed[flat.wait_at[wait] + last]
        if lacking and (lazy == 0 or _are_ready(flat, first, other, last, together, done)):
            return True
    return not waiting


@compiled
def _are_ready(flat: Flat, first: int, member: int, last: int, together: np.ndarray, done: np.ndarray) -> bool:
    """Whether whatever a member lacks to make its units up to `last` can be made now."""
    for wait in range(flat.wait_start[member], flat.wait_start[member + 1]):
        other = flat.wait_for[wait]
        lacking = other >= first and done[other - first] < flat.needed[flat.wait_at[wait] + last]
        if lacking and not _is_ready(flat, first, other, together, done):
            return False
    return True


@compiled
def _last_to_gain(flat: Flat, chosen: int, end: int) -> int:
    """The last member that may go on now that this one has: what waits for it, and what these wait for together."""
    last = chosen
    for index in range(flat.want_start[chosen], flat.want_start[chosen + 1]):
        other: int = flat.wait_member[flat.wants[index]]
        if other >= end:
            break
        last = max(last, other, _last_waiting(flat, other, end))
    return last


@compiled
def _last_waiting(flat: Flat, member: int, end: int) -> int:
    """The last member of the stream that waits for this one; -1: none does."""
    for index in range(flat.want_start[member + 1] - 1, flat.want_start[member] - 1, -1):
        other: int = flat.wait_member[flat.wants[index]]
        if other < end:
            return other
    return -1


@compiled
def _needed_from(flat: Flat, buffer: int, first: int, done: np.ndarray) -> int:
    """The first row of a buffer that some member still touches."""
    least: int = flat.rows[buffer]
    for index in range(flat.user_start[buffer], flat.user_start[buffer + 1]):
        touch = flat.users[index]
        member = flat.touch_member[touch]
        progress = done[member - first]
        if progress < flat.units[member]:
            least = min(least, flat.low[flat.touch_at[touch] + progress])
    return least


@compiled
def _without(watched: np.ndarray, count: int, buffer: int) -> int:
    """Take a buffer off a list of so many; how many are left."""
    for index in range(count):
        if watched[index] == buffer:
            watched[index] = watched[count - 1]
            return count - 1
    return count
