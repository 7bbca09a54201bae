"""The accesses of a program as flat arrays, and a stream replayed on them."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from mini_infer.streaming.access import Accesses, starts_of
from mini_infer.streaming.compiled import CARRIED, PASSING, Cut, Flat, Found, cut_into, replay
from mini_infer.streaming.turns import revolved

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
    spare
        For each buffer, how many rows more its ring has, so that it moves few.
    """

    runs: int
    carried: np.ndarray
    passing: np.ndarray
    most: np.ndarray
    lives_from: np.ndarray
    lives_to: np.ndarray
    spare: np.ndarray


def flattened(accesses: Accesses) -> Flat:
    """The accesses of a program as flat arrays."""
    members, touches, waits = accesses.members, accesses.touches, accesses.waits
    pairs = sorted(waits)
    wait_member, wait_for = (_integers(pair[side] for pair in pairs) for side in (0, 1))
    wants = np.lexsort((wait_member, wait_for))
    touch_member, touch_buffer = (_integers(getattr(touch, name) for touch in touches) for name in ("member", "buffer"))
    users = np.argsort(touch_buffer, kind="stable")
    numbers, buffers = np.arange(len(members) + 1), np.arange(len(accesses.rows) + 1)
    return Flat(
        units=_integers(member.units for member in members),
        wait_start=np.searchsorted(wait_member, numbers),
        wait_member=wait_member,
        wait_for=wait_for,
        wait_at=_integers(starts_of([len(waits[pair]) for pair in pairs])),
        needed=_joined(waits[pair] for pair in pairs),
        want_start=np.searchsorted(wait_for[wants], numbers),
        wants=wants,
        touch_start=np.searchsorted(touch_member, numbers),
        touch_member=touch_member,
        touch_buffer=touch_buffer,
        touch_written=np.array([touch.operand.written for touch in touches], np.bool_),
        touch_kept=np.array([touch.operand.kept for touch in touches], np.bool_),
        touch_at=_integers(starts_of([len(touch.low) for touch in touches])),
        low=_joined(touch.low for touch in touches),
        high=_joined(touch.high for touch in touches),
        user_start=np.searchsorted(touch_buffer[users], buffers),
        users=users,
        rows=_integers(accesses.rows),
        row_bytes=_integers(accesses.row_bytes),
    )


def replayed(
    flat: Flat, first: int, end: int, bands: int, inner: np.ndarray, runs: np.ndarray = _NO_RUNS, *, lazy: bool = False
) -> Replay:
    """The members `[first, end)`, each in so many bands; parameters are those of `compiled.replay`."""
    found = Found(*np.zeros((4, len(flat.rows)), np.int64))
    cut = Cut(*np.empty((2, len(flat.units)), np.int64))
    cut_into(flat, first, end, bands, cut)
    made = replay(flat, (first, end), cut, int(lazy), inner, found, runs)
    carried, passing = (np.flatnonzero(found.state == each) for each in (CARRIED, PASSING))
    spare = np.zeros(len(flat.rows), np.int64)
    for buffer in (*carried.tolist(), *passing.tolist()):
        if found.lives_from[buffer] < found.lives_to[buffer]:
            spare[buffer] = revolved(flat, first, end, cut, found, buffer)[2]
    return Replay(made, carried, passing, found.most, found.lives_from, found.lives_to, spare)


def _integers(values: Iterable[int]) -> np.ndarray:
    return np.fromiter(values, np.int64)


def _joined(parts: Iterable[np.ndarray]) -> np.ndarray:
    return np.concatenate([np.empty(0, np.int64), *parts])
