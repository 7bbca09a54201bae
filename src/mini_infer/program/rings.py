"""Is a stream right? Every run finds the rows that it reads in its rings, as they would be if the calls ran whole.

Its runs are followed one by one, with a note at each row of each ring which row of the value lies there. This module
shares no code with what makes streams.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from mini_infer.errors import ProgramError
from mini_infer.program.footprint import apart
from mini_infer.program.operand import Access, Operand
from mini_infer.program.types import Call, Ring, Run, Space, Stream, View

_NOTHING = -1
_MOST = 1 << 16
"""Rows of a value: far more than any stream is made of, and few enough to be followed one by one."""


@dataclass(slots=True)
class _State:
    """A ring, the row of the value at each of its rows, and the rings that have some of its bytes at other times.

    `made` are the rows that were written. What one call alone touches means nothing after each of its runs: it is
    `scratch`.
    """

    ring: Ring
    rows: list[int]
    made: bytearray
    scratch: bool = True
    others: "list[_State]" = field(default_factory=list)

    def bytes_of(self, low: int, high: int) -> tuple[int, int]:
        """The bytes of some of its rows in the stream's buffer."""
        return self.ring.offset + low * self.ring.row, self.ring.offset + high * self.ring.row

    def forget(self, begin: int, end: int) -> None:
        """Another ring has written these bytes of the buffer."""
        low = max(0, (begin - self.ring.offset) // self.ring.row)
        high = min(max(0, -((self.ring.offset - end) // self.ring.row)), len(self.rows))
        if low < high:
            self.rows[low:high] = [_NOTHING] * (high - low)

    def write(self, first: int, last: int, row: int) -> None:
        """Note that rows from one on are written at the ring's `[first, last)`: there alone, if they are made again."""
        end = row + last - first
        if not self.scratch and 1 in self.made[row:end]:
            for place, again in enumerate(range(row, end), first):
                # Where a row was moved to, and what it was moved from, is a revolution away.
                for copy in range(place % self.ring.revolution, len(self.rows), self.ring.revolution):
                    if self.rows[copy] == again:
                        self.rows[copy] = _NOTHING
        self.rows[first:last] = range(row, end)
        self.made[row:end] = bytes([1]) * (end - row)
        begin, stop = self.bytes_of(first, last)
        for other in self.others:
            other.forget(begin, stop)


class Follower:
    """Follows the runs of a stream.

    Parameters
    ----------
    calls, stream
        Those of a step.
    size
        Bytes of the stream's buffer.

    Raises
    ------
    ProgramError
        When the rings do not lie in the buffer.
    """

    def __init__(self, calls: Sequence[Call], stream: Stream, size: int) -> None:
        self.calls = calls
        self.stream = stream
        self.operands = [call.kernel.operands() for call in calls]
        bands = [call.kernel.bands() for call in calls]
        self.lengths = [1 if each is None else each.rows for each in bands]
        self.touches = [_touches(call, operands) for call, operands in zip(calls, self.operands, strict=True)]
        self.done = [0] * len(calls)
        self.states = [_state(ring, size) for ring in stream.rings]
        self.inside = [
            [self.states[view.index] if view.space is Space.RING else None for view in call.operands] for call in calls
        ]
        for one, other in itertools.permutations(self.states, 2):
            (begin, end), (start, stop) = (each.bytes_of(0, len(each.rows)) for each in (one, other))
            if begin < stop and start < end:
                one.others.append(other)
        self.conflicts = self._conflicts()
        self.reached: dict[tuple[int, int], int] = {}

    def _conflicts(self) -> dict[tuple[int, int], list[tuple[int, int]]]:
        """(call, position) → the operands of later calls before which it must be done, as what they have in common."""
        places: dict[tuple[Space, int], list[tuple[int, int, Operand, View]]] = {}
        for call, operands in enumerate(self.operands):
            for position, (operand, view) in enumerate(zip(operands, self.calls[call].operands, strict=True)):
                places.setdefault((view.space, view.index), []).append((call, position, operand, view))
        found: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for (space, index), there in places.items():
            if space is Space.RING:
                self.states[index].scratch = len({call for call, *_ in there}) == 1
            for (call, position, operand, view), (later, other_position, other, other_view) in itertools.combinations(
                there, 2
            ):
                if call == later or not (operand.written or other.written):
                    continue
                if not apart(operand, view.offset, other, other_view.offset):
                    found.setdefault((call, position), []).append((later, other_position))
        return found

    def run(self, run: Run, reaches: Sequence[tuple[int, int]]) -> None:
        """Follow one run, whose operands touch the bytes `[low, high)` of what they lie in.

        Raises
        ------
        ProgramError
            When it is not its turn, or rows are not where it looks for them.
        """
        call = run.call
        if run.first != self.done[call] or run.rows <= 0:
            raise ProgramError(f"runs from row {run.first} of call {call}")
        self.done[call] += run.rows
        for position, operand, written in self.touches[call]:
            low, high = reaches[position]
            state = self.inside[call][position]
            if state is not None and low < high:
                self._touch(state, run.frames[position], operand, low, high, written=written)
        for position, (begin, end) in enumerate(reaches):
            if begin == end:
                continue  # what is not touched lies nowhere
            state, moved, key = self.inside[call][position], 0, (call, position)
            if state is not None:  # bytes of the whole value stand for those of a ring
                moved = (run.frames[position] - state.ring.apron) * state.ring.row - state.ring.offset
            for later in self.conflicts.get(key, ()):
                if begin + moved < self.reached.get(later, 0):
                    raise ProgramError(f"runs call {call} after call {later[0]} had its rows")
            self.reached[key] = max(self.reached.get(key, 0), end + moved)

    def _touch(self, state: _State, frame: int, operand: Operand, low: int, high: int, *, written: bool) -> None:
        """Check rows of a ring that are read, or note what is written."""
        ring = state.ring
        first, last = (low - ring.offset) // ring.row, -((ring.offset - high) // ring.row)
        row = first - ring.apron + frame
        end = row + last - first
        inside = first >= 0 and last <= len(state.rows) and row >= 0 and end <= len(state.made)
        if not inside:
            self._refuse(operand, first, last, ring, f"which has {len(state.rows)} for {len(state.made)}")
        there = state.rows[first:last]
        right = there == list(range(row, end))
        if written and not right:
            # What is written again is written where it is.
            made = b"" if state.scratch else state.made[row:end]
            right = 1 not in made or all(at == row + i for i, at in enumerate(there) if made[i])
        if not right:
            self._refuse(operand, first, last, ring, "where there are others")
        if written:
            state.write(first, last, row)

    @staticmethod
    def _refuse(operand: Operand, first: int, last: int, ring: Ring, why: str) -> NoReturn:
        what = f"{operand.access.value} {operand.name} at rows [{first}, {last}) of the ring of {ring.id!r}"
        raise ProgramError(f"{what}, {why}")

    def turn(self, number: int) -> None:
        """The last rows of a ring's revolution are moved to its apron."""
        state = self.states[number]
        ring = state.ring
        state.rows[: ring.apron] = state.rows[ring.revolution :]
        for other in state.others:
            other.forget(*state.bytes_of(0, ring.apron))

    def finish(self) -> None:
        """Check that every call was run to its end."""
        for call, (done, rows) in enumerate(zip(self.done, self.lengths, strict=True)):
            _require(done == rows, f"runs {done} rows of call {call}, which has {rows}")


def _touches(call: Call, operands: Sequence[Operand]) -> list[tuple[int, Operand, bool]]:
    """The operands in rings, first those that are read: (position, operand, whether it is written then)."""
    inside = [each for each in enumerate(operands) if call.operands[each[0]].space is Space.RING]
    read = [(*each, False) for each in inside if each[1].access is not Access.WRITE]
    return read + [(*each, True) for each in inside if each[1].written]


def _state(ring: Ring, size: int) -> _State:
    counts = ring.row > 0 and ring.revolution > 0 and ring.apron >= 0 and ring.offset >= 0
    _require(counts and ring.offset + ring.bytes <= size, f"has the ring of {ring.id!r} outside its buffer")
    longest = max(-(-ring.size // ring.row), ring.revolution + ring.apron)
    _require(ring.size > 0 and longest <= _MOST, f"has {longest} rows of {ring.id!r} in a ring, not 1 to {_MOST}")
    return _State(ring, [_NOTHING] * (ring.revolution + ring.apron), bytearray(-(-ring.size // ring.row)))


def _require(holds: bool, text: str) -> None:  # noqa: FBT001 - what must hold comes first
    if not holds:
        raise ProgramError(text)
