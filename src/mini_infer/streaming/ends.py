"""The ends of a stream: what dies in it and what is made in it and lives on may share bytes.

The rows of an entry die one after the other, those of an exit are written one after the other. So the exit may begin
some bytes below the entry and grow into what is dead of it, if each of its rows is written when all is dead that it
meets. By how many bytes it must begin below, a replay of the stream's runs says.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mini_infer.memory.tier import compiled, compiled_leaf
from mini_infer.streaming.access import Accesses
from mini_infer.streaming.compiled import Flat


@dataclass(frozen=True, slots=True)
class Ends:
    """What a stream's steps have in the arena beside what lives in them alone.

    Parameters
    ----------
    entries
        Buffers that are there before, and die in the stream.
    exits
        Buffers that are born in it, and live on.
    """

    entries: np.ndarray
    exits: np.ndarray

    @classmethod
    def of(cls, accesses: Accesses, buffers: int, start: int, end: int) -> "Ends":
        """Those of steps `[start, end)`, of a program's so many buffers; the caller's outputs are none."""
        born, dead, touched = accesses.born[:buffers], accesses.dead[:buffers], accesses.touched[:buffers]
        entries = np.flatnonzero(touched & (born < start) & (dead > start) & (dead <= end))
        exits = np.flatnonzero(touched & (born >= start) & (born < end) & (dead > end))
        return cls(entries, exits)

    def __bool__(self) -> bool:
        return bool(len(self.entries) and len(self.exits))

    def pairs(self, distances: np.ndarray) -> Iterator[tuple[int, int, int]]:
        """(entry, exit, distance) of each pair, where `distances` has a row for each entry."""
        for row, entry in enumerate(self.entries.tolist()):
            for column, leaving in enumerate(self.exits.tolist()):
                yield entry, leaving, int(distances[row, column])


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the runs of a stream have come with its ends.

    Parameters
    ----------
    dead
        For each entry, before each run, how many bytes from its first on nobody touches any more.
    written
        For each exit, after each run, up to which byte it is written.
    sizes
        Of the entries, in bytes.
    """

    dead: np.ndarray
    written: np.ndarray
    sizes: np.ndarray

    @classmethod
    def of(cls, flat: Flat, first: int, runs: np.ndarray, ends: Ends, sizes: np.ndarray) -> "Progress":
        """That of runs (member, first unit, units), of a stream whose first member is `first`.

        `sizes` are those of the program's buffers, in bytes.
        """
        dead = np.empty((len(ends.entries), len(runs)), np.int64)
        written = np.empty((len(ends.exits), len(runs)), np.int64)
        follow(flat, first, runs, (ends.entries, ends.exits), sizes, dead, written)
        return cls(dead, written, sizes[ends.entries])

    def distances(self) -> np.ndarray:
        """For each entry and exit, by how many bytes the exit must begin below the entry at least."""
        found = np.ones((len(self.dead), len(self.written)), np.int64)
        for row, dead in enumerate(self.dead):
            for column, written in enumerate(self.written):
                found[row, column] = distance(dead, written, self.sizes[row])
        return found

    def below_entries(self, first_runs: np.ndarray, tops: np.ndarray) -> np.ndarray:
        """For each entry, by how many bytes a block below it must begin before it.

        Its parts are there from their first run on, up to a byte of the block.
        """
        dead = self.dead[:, first_runs]
        found: np.ndarray = np.where(dead < self.sizes[:, None], tops - dead, 1).max(axis=1, initial=1)
        return found

    def above_exits(self, last_runs: np.ndarray, bottoms: np.ndarray) -> np.ndarray:
        """For each exit, by how many bytes it must begin before a block above it.

        The block's parts are there up to their last run, from a byte of the block on.
        """
        found: np.ndarray = (self.written[:, last_runs] - bottoms).max(axis=1, initial=1)
        return found


@compiled
def follow(
    flat: Flat,
    first: int,
    runs: np.ndarray,
    ends: tuple[np.ndarray, np.ndarray],
    sizes: np.ndarray,
    dead: np.ndarray,
    written: np.ndarray,
) -> None:
    """Write what `Progress` has, of entries and exits."""
    entries, exits = ends
    row_of, column_of = np.full(flat.rows.shape[0], -1, np.int64), np.full(flat.rows.shape[0], -1, np.int64)
    row_of[entries] = np.arange(entries.shape[0])
    column_of[exits] = np.arange(exits.shape[0])
    done = np.zeros(flat.units.shape[0], np.int64)
    past, top = np.zeros(entries.shape[0], np.int64), np.zeros(exits.shape[0], np.int64)
    for row in range(entries.shape[0]):
        past[row] = _dead_bytes(flat, first, entries[row], sizes, done)
    for run in range(runs.shape[0]):
        member, end = runs[run, 0], runs[run, 1] + runs[run, 2]
        dead[:, run] = past
        done[member] = end
        for touch in range(flat.touch_start[member], flat.touch_start[member + 1]):
            buffer = flat.touch_buffer[touch]
            column, row = column_of[buffer], row_of[buffer]
            if column >= 0:
                high = flat.high[flat.touch_at[touch] + end - 1] * flat.row_bytes[buffer]
                top[column] = max(top[column], min(high, sizes[buffer]))
            if row >= 0:
                past[row] = _dead_bytes(flat, first, buffer, sizes, done)
        written[:, run] = top


@compiled_leaf
def _dead_bytes(flat: Flat, first: int, buffer: int, sizes: np.ndarray, done: np.ndarray) -> int:
    """How many bytes of an entry, from its first on, no member touches any more."""
    least: int = flat.rows[buffer]
    for index in range(flat.user_start[buffer], flat.user_start[buffer + 1]):
        touch = flat.users[index]
        member = flat.touch_member[touch]
        if member >= first and done[member] < flat.units[member]:
            least = min(least, flat.low[flat.touch_at[touch] + done[member]])
    dead: int = min(least * flat.row_bytes[buffer], sizes[buffer])
    return dead


@compiled_leaf
def distance(dead: np.ndarray, written: np.ndarray, size: int) -> int:
    """By how many bytes an exit must begin below an entry of this size, as they are dead and written run by run."""
    most = 1
    for run in range(dead.shape[0]):
        if dead[run] < size:
            most = max(most, written[run] - dead[run])
    return most
