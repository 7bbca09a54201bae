"""Is a stream right? Every run finds the rows that it reads in its rings, as they would be if the calls ran whole.

Its runs are followed one by one, with a note at each row of each ring which row of the value lies there. This module
shares no code with what makes streams.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from mini_infer.errors import ProgramError
from mini_infer.program.footprint import apart
from mini_infer.program.operand import Operand
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
    rows: np.ndarray
    made: np.ndarray
    scratch: bool = True
    others: "list[_State]" = field(default_factory=list)

    def bytes_of(self, low: int, high: int) -> tuple[int, int]:
        """The bytes of some of its rows in the stream's buffer."""
        return self.ring.offset + low * self.ring.row, self.ring.offset + high * self.ring.row

    def forget(self, begin: int, end: int) -> None:
        """Another ring has written these bytes of the buffer."""
        low = max(0, (begin - self.ring.offset) // self.ring.row)
        high = max(0, -((self.ring.offset - end) // self.ring.row))
        self.rows[low:high] = _NOTHING


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
        self.done = [0] * len(calls)
        self.states = [_state(ring, size) for ring in stream.rings]
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
        _require(run.first == self.done[run.call] and run.rows > 0, f"runs from row {run.first} of call {run.call}")
        self.done[run.call] += run.rows
        for written in (False, True):
            for position, operand in enumerate(self.operands[run.call]):
                if operand.written is written or (written is False and operand.access.value == "updates"):
                    self._touch(run, position, operand, *reaches[position], written=written)
        for position, (begin, end) in enumerate(reaches):
            if begin == end:
                continue  # what is not touched lies nowhere
            low, high = self._whole(run, position, begin, end)
            for later in self.conflicts.get((run.call, position), ()):
                _require(low >= self.reached.get(later, 0), f"runs call {run.call} after call {later[0]} had its rows")
            key = run.call, position
            self.reached[key] = max(self.reached.get(key, 0), high)

    def _touch(self, run: Run, position: int, operand: Operand, low: int, high: int, *, written: bool) -> None:
        """Check rows of a ring that are read, or note what is written."""
        view = self.calls[run.call].operands[position]
        if view.space is not Space.RING or low == high:
            return
        state = self.states[view.index]
        ring, frame = state.ring, run.frames[position]
        first, last = (low - ring.offset) // ring.row, -((ring.offset - high) // ring.row)
        what = f"{operand.access.value} {operand.name} at rows [{first}, {last}) of the ring of {ring.id!r}"
        rows = np.arange(first, last) - ring.apron + frame
        inside = first >= 0 and last <= len(state.rows) and rows[0] >= 0 and rows[-1] < len(state.made)
        _require(inside, f"{what}, which has {len(state.rows)} for {len(state.made)}")
        known = state.made[rows] & (not state.scratch)
        alike = state.rows[first:last] == rows
        if not written:
            _require(bool(alike.all()), f"{what}, where there are others")
            return
        _require(bool(alike[known].all()), f"{what}, where there are others")
        state.rows[np.isin(state.rows, rows[known])] = _NOTHING
        state.rows[first:last] = rows
        state.made[rows] = True
        for other in state.others:
            other.forget(*state.bytes_of(first, last))

    def _whole(self, run: Run, position: int, low: int, high: int) -> tuple[int, int]:
        """Bytes of the whole value that stand for these of a ring; others as they are."""
        view = self.calls[run.call].operands[position]
        if view.space is not Space.RING:
            return low, high
        ring = self.stream.rings[view.index]
        moved = (run.frames[position] - ring.apron) * ring.row - ring.offset
        return low + moved, high + moved

    def turn(self, number: int) -> None:
        """The last rows of a ring's revolution are moved to its apron."""
        state = self.states[number]
        ring = state.ring
        state.rows[: ring.apron] = state.rows[ring.revolution :].copy()
        for other in state.others:
            other.forget(*state.bytes_of(0, ring.apron))

    def finish(self) -> None:
        """Check that every call was run to its end."""
        for call, (done, rows) in enumerate(zip(self.done, self.lengths, strict=True)):
            _require(done == rows, f"runs {done} rows of call {call}, which has {rows}")


def _state(ring: Ring, size: int) -> _State:
    counts = ring.row > 0 and ring.revolution > 0 and ring.apron >= 0 and ring.offset >= 0
    _require(counts and ring.offset + ring.bytes <= size, f"has the ring of {ring.id!r} outside its buffer")
    longest = max(-(-ring.size // ring.row), ring.revolution + ring.apron)
    _require(ring.size > 0 and longest <= _MOST, f"has {longest} rows of {ring.id!r} in a ring, not 1 to {_MOST}")
    rows = np.full(ring.revolution + ring.apron, _NOTHING, np.int64)
    return _State(ring, rows, np.zeros(-(-ring.size // ring.row), np.bool_))


def _require(holds: bool, text: str) -> None:  # noqa: FBT001 - what must hold comes first
    if not holds:
        raise ProgramError(text)
