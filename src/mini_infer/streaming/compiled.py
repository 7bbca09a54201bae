"""The rows of a stream, replayed: who makes its next rows when, and how many rows of each buffer are alive then.

Of the calls that can make their next rows, and whose rows somebody waits for, always the last one makes them: nothing
waits longer than it must, and nothing is made too early.
"""

import numpy as np

from mini_infer.memory.compiled.jit import compiled

NOT_INNER, CARRIED, PASSING = 0, 1, 2
"""What a buffer is to a stream: known outside, alive from round to round, or only from one call to a later one."""


@compiled
def replay(
    first: int,
    end: int,
    together: np.ndarray,
    inner: np.ndarray,
    units: np.ndarray,
    wait_start: np.ndarray,
    wait_for: np.ndarray,
    wait_at: np.ndarray,
    needed: np.ndarray,
    want_start: np.ndarray,
    wants: np.ndarray,
    wait_member: np.ndarray,
    touch_start: np.ndarray,
    touch_buffer: np.ndarray,
    touch_written: np.ndarray,
    touch_at: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    user_start: np.ndarray,
    users: np.ndarray,
    touch_member: np.ndarray,
    rows: np.ndarray,
    state: np.ndarray,
    most: np.ndarray,
    lives_from: np.ndarray,
    lives_to: np.ndarray,
    runs: np.ndarray,
) -> int:
    """Run the members `[first, end)` to their ends; return how many runs that took.

    Parameters
    ----------
    first, end
        The members of the stream.
    together
        For each member, the units that it makes at once.
    inner
        For each buffer, whether only members of the stream touch it.
    units, wait_*, needed, want*, touch_*, low, high, user_*, rows
        `flat.Flat`.
    state, most, lives_from, lives_to
        For each inner buffer, whether it is carried or passing, the most rows alive, and its first and last member;
        written.
    runs
        Rows of (member, first unit, units), written as far as there is room.
    """
    done = np.zeros(end - first, np.int64)
    freed = np.zeros(rows.shape[0], np.int64)
    top = np.zeros(rows.shape[0], np.int64)
    state[:] = NOT_INNER
    for member in range(first, end):
        for touch in range(touch_start[member], touch_start[member + 1]):
            buffer = touch_buffer[touch]
            if inner[buffer]:
                if state[buffer] == NOT_INNER:
                    state[buffer] = PASSING
                    most[buffer] = 0
                    lives_from[buffer] = member
                lives_to[buffer] = member
    watched = np.empty(rows.shape[0], np.int64)  # those that pass, as far as is known, and have rows alive
    count = 0
    made = 0
    begin = end - 1
    while True:
        chosen = -1
        for member in range(begin, first - 1, -1):
            at = done[member - first]
            if at >= units[member]:
                continue
            last = min(at + together[member], units[member]) - 1
            ready = True
            for wait in range(wait_start[member], wait_start[member + 1]):
                other = wait_for[wait]
                if other >= first and done[other - first] < needed[wait_at[wait] + last]:
                    ready = False
                    break
            if not ready:
                continue
            wanted = True
            for index in range(want_start[member], want_start[member + 1]):
                wait = wants[index]
                other = wait_member[wait]
                if other >= end:
                    break
                wanted = False
                next_unit = done[other - first]
                if next_unit < units[other]:
                    last = min(next_unit + together[other], units[other]) - 1
                    if at < needed[wait_at[wait] + last]:
                        wanted = True
                        break
            if wanted:
                chosen = member
                break
        if chosen < 0:
            return made
        at = done[chosen - first]
        to = min(at + together[chosen], units[chosen])
        if made < runs.shape[0]:
            runs[made, 0] = chosen
            runs[made, 1] = at
            runs[made, 2] = to - at
        made += 1
        done[chosen - first] = to
        begin = chosen  # nothing changed for those behind the last one that waits for it
        for index in range(want_start[chosen + 1] - 1, want_start[chosen] - 1, -1):
            if wait_member[wants[index]] < end:
                begin = max(begin, wait_member[wants[index]])
                break
        for touch in range(touch_start[chosen], touch_start[chosen + 1]):
            buffer = touch_buffer[touch]
            if inner[buffer] and touch_written[touch]:
                if top[buffer] <= freed[buffer] and state[buffer] == PASSING and lives_from[buffer] < lives_to[buffer]:
                    watched[count] = buffer
                    count += 1
                top[buffer] = max(top[buffer], high[touch_at[touch] + to - 1])
                most[buffer] = max(most[buffer], top[buffer] - freed[buffer])
        kept = 0
        for index in range(count):
            buffer = watched[index]
            if not lives_from[buffer] <= chosen <= lives_to[buffer]:
                state[buffer] = CARRIED
            else:
                watched[kept] = buffer
                kept += 1
        count = kept
        for touch in range(touch_start[chosen], touch_start[chosen + 1]):
            buffer = touch_buffer[touch]
            if not inner[buffer] or lives_from[buffer] == lives_to[buffer]:
                continue
            least = rows[buffer]
            for index in range(user_start[buffer], user_start[buffer + 1]):
                user = users[index]
                member = touch_member[user]
                progress = done[member - first]
                if progress < units[member]:
                    least = min(least, low[touch_at[user] + progress])
            freed[buffer] = min(least, top[buffer])
            if freed[buffer] >= top[buffer]:
                for index in range(count):
                    if watched[index] == buffer:
                        count -= 1
                        watched[index] = watched[count]
                        break


@compiled
def settle(
    revolution: int,
    runs: np.ndarray,
    written: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    frames: np.ndarray,
    turns: np.ndarray,
) -> int:
    """Find the fewest rows of apron with which a ring of this revolution serves all touches; -1: none does.

    Touches come run by run, in each run those that write first. `frames` are written, and in `turns` how often the
    revolution ends before each touch's run.
    """
    touches = low.shape[0]
    again = True
    apron = 0
    shared = False
    top = 0
    for touch in range(touches):
        if written[touch]:
            shared |= high[touch] <= top  # rows are written again: there must be one place of each
            top = max(top, high[touch])
    while again:
        again = False
        top = 0
        start = 0
        for touch in range(touches):
            turns[touch] = 0
            if written[touch] and high[touch] > top:
                while top >= start + revolution:
                    start += revolution
                    turns[touch] += 1
                if high[touch] > start + revolution:
                    return -1
                top = high[touch]
        top = 0
        start = 0
        first = 0
        while first < touches and not again:
            end = first
            while end < touches and runs[end] == runs[first]:
                if written[end] and high[end] > top:
                    start += turns[end] * revolution
                    top = high[end]
                end += 1
            for touch in range(first, end):
                frames[touch] = start
                if low[touch] >= start - apron:
                    continue
                settled = start - apron if shared else start
                if high[touch] <= settled and low[touch] >= top - revolution:
                    frames[touch] = start - revolution
                    continue
                apron = start - low[touch]
                again = True
                break
            first = end
    return apron
