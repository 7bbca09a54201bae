"""The accesses of a program as flat arrays, for `compiled.replay`, and one call of it."""

from dataclasses import dataclass

import numpy as np

from mini_infer.streaming.access import Accesses, starts_of
from mini_infer.streaming.compiled import CARRIED, PASSING, replay

_NO_RUNS = np.empty((0, 3), np.int64)


@dataclass(frozen=True, slots=True)
class Replay:
    """What happens in a stream of some members.

    Parameters
    ----------
    runs
        How many there are.
    carried, passing
        Buffers that live from round to round, and those that live only from one call to a later one.
    most, lives_from, lives_to
        For each buffer: the most rows alive, and the first and last member that touches it.
    """

    runs: int
    carried: np.ndarray
    passing: np.ndarray
    most: np.ndarray
    lives_from: np.ndarray
    lives_to: np.ndarray


class Flat:
    """Arrays; `a_start[i]` to `a_start[i + 1]` is where the entries of `i` are."""

    def __init__(self, accesses: Accesses) -> None:
        members, touches, waits = accesses.members, accesses.touches, accesses.waits
        integers = lambda values: np.array(values, np.int64)  # noqa: E731
        self.units = integers([member.units for member in members])
        self.rows = integers(accesses.rows)
        self.row_bytes = integers(accesses.row_bytes)
        pairs = sorted(waits)
        self.wait_member = integers([member for member, _ in pairs])
        self.wait_start = np.searchsorted(self.wait_member, np.arange(len(members) + 1))
        self.wait_for = integers([other for _, other in pairs])
        self.wait_at = integers(starts_of([len(waits[pair]) for pair in pairs]))
        self.needed = np.concatenate([np.empty(0, np.int64), *(waits[pair] for pair in pairs)])
        self.wants = np.lexsort((self.wait_member, self.wait_for))
        self.want_start = np.searchsorted(self.wait_for[self.wants], np.arange(len(members) + 1))
        self.touch_member = integers([touch.member for touch in touches])
        self.touch_start = np.searchsorted(self.touch_member, np.arange(len(members) + 1))
        self.touch_buffer = integers([touch.buffer for touch in touches])
        self.touch_written = np.array([touch.operand.written for touch in touches], np.bool_)
        self.touch_at = integers(starts_of([len(touch.low) for touch in touches]))
        self.low = np.concatenate([np.empty(0, np.int64), *(touch.low for touch in touches)])
        self.high = np.concatenate([np.empty(0, np.int64), *(touch.high for touch in touches)])
        self.users = np.argsort(self.touch_buffer, kind="stable")
        self.user_start = np.searchsorted(self.touch_buffer[self.users], np.arange(len(self.rows) + 1))

    def replay(self, first: int, end: int, bands: int, inner: np.ndarray, runs: np.ndarray = _NO_RUNS) -> Replay:
        """The members `[first, end)`, each in so many bands."""
        buffers = len(self.rows)
        state, most, lives_from, lives_to = (np.zeros(buffers, np.int64) for _ in range(4))
        together = -(-self.units // bands)
        made = replay(
            first,
            end,
            together,
            inner,
            self.units,
            self.wait_start,
            self.wait_for,
            self.wait_at,
            self.needed,
            self.want_start,
            self.wants,
            self.wait_member,
            self.touch_start,
            self.touch_buffer,
            self.touch_written,
            self.touch_at,
            self.low,
            self.high,
            self.user_start,
            self.users,
            self.touch_member,
            self.rows,
            state,
            most,
            lives_from,
            lives_to,
            runs,
        )
        carried, passing = (np.flatnonzero(state == each) for each in (CARRIED, PASSING))
        return Replay(made, carried, passing, most, lives_from, lives_to)
