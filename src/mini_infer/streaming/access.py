"""Which rows of which buffer each call of a program touches, and which calls have to wait for which.

All of it is read off the kernels: how they pass over their operands (`Kernel.bands`), and how far these reach.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate

import numpy as np

from mini_infer.ir.equal_parts import divisors
from mini_infer.program import Call, Program, Space, View
from mini_infer.program.footprint import apart
from mini_infer.program.kernels import Kernel
from mini_infer.program.kernels.bands import Bands, Pass
from mini_infer.program.operand import Operand

_MOST_ROWS = 512
"""Of a buffer: where it has more, several make one."""


@dataclass(frozen=True, slots=True)
class Member:
    """A call that may become part of a stream.

    Parameters
    ----------
    step, call
        The call and its step.
    bands
        How it can be cut; none: it can only be run whole.
    operands
        The kernel's.
    rows
        Rows of the kernel that are one unit: what is never cut.
    units
        How many there are.
    """

    step: int
    call: Call
    bands: Bands | None
    operands: tuple[Operand, ...]
    rows: int
    units: int

    @property
    def all_rows(self) -> int:
        """Rows of the kernel; one, where it can only be run whole."""
        return self.bands.rows if self.bands else 1

    def span(self, first: int, units: int) -> tuple[int, int]:
        """The kernel's first row of so many units, and how many rows they are."""
        start = first * self.rows
        return start, min((first + units) * self.rows, self.all_rows) - start


@dataclass(frozen=True, slots=True)
class Touch:
    """What a member does to one buffer, with one operand.

    Parameters
    ----------
    member, position, buffer
        Which member, with which of its operands, what.
    operand, offset
        What is touched, and where it begins in the buffer, in bytes.
    low, high
        For each unit of the member, the rows `[low, high)` of the buffer that it touches, from the one on in which its
        view begins.
    """

    member: int
    position: int
    buffer: int
    operand: Operand
    offset: int
    low: np.ndarray
    high: np.ndarray

    @property
    def bytes(self) -> int:
        """From the first byte that the whole member touches to the last."""
        low, high = _reach(self.operand)
        return high - low


@dataclass(frozen=True)
class Accesses:
    """What a program's calls touch.

    Parameters
    ----------
    steps
        Of the program.
    members
        The calls, in order.
    row_bytes, rows
        For each buffer of the program, and then for each output: the bytes of a row, and how many there are.
    touches
        Of all members, in their order.
    touched, born, dead
        For each of them, whether any call touches it, and the steps `[born, dead)` in which it lives; outputs live on,
        and inputs in the arena are born before the first step, -1.
    waits
        (member, earlier member) → for each unit of the member, how many units of the other must be done before it.
    """

    steps: int
    members: tuple[Member, ...]
    row_bytes: tuple[int, ...]
    rows: tuple[int, ...]
    touches: tuple[Touch, ...]
    touched: np.ndarray
    born: np.ndarray
    dead: np.ndarray
    waits: dict[tuple[int, int], np.ndarray]

    @classmethod
    def of(cls, program: Program) -> "Accesses":
        """Those of all calls of a program."""
        sizes = [buffer.size for buffer in program.problem.buffers]
        sizes += [getattr(port.type, "bytes", 0) for port in program.outputs]
        given = [
            (step, call, *_described(call.kernel)) for step, each in enumerate(program.steps) for call in each.calls
        ]
        row_bytes = _row_bytes(program, [(call, bands, operands) for _, call, bands, operands in given], sizes)
        rows = tuple(-(-size // row) for size, row in zip(sizes, row_bytes, strict=True))
        members = tuple(_member(program, row_bytes, *each) for each in given)
        touches = tuple(
            touch for number, member in enumerate(members) for touch in _touches(program, row_bytes, number, member)
        )
        touched = np.zeros(len(sizes), np.bool_)
        touched[[touch.buffer for touch in touches]] = True
        buffers, outputs = program.problem.buffers, len(program.outputs)
        born = np.array([*(buffer.start for buffer in buffers), *[0] * outputs], np.int64)
        dead = np.array([*(buffer.end for buffer in buffers), *[len(program.steps) + 1] * outputs], np.int64)
        born[list(program.given)] = -1
        dead[list(program.taken)] = len(program.steps) + 1
        return cls(len(program.steps), members, row_bytes, rows, touches, touched, born, dead, _waits(touches))

    @cached_property
    def first(self) -> np.ndarray:
        """For each step, and for the end, the first member of it or of a later one."""
        steps = np.array([member.step for member in self.members], np.int64)
        found: np.ndarray = np.searchsorted(steps, np.arange(self.steps + 1))
        return found

    def inner(self, start: int, end: int) -> np.ndarray:
        """For each buffer and output, whether it is touched, and lives in the steps `[start, end)` alone."""
        found: np.ndarray = self.touched & (self.born >= start) & (self.dead <= end)
        return found


def buffer_of(program: Program, view: View) -> int:
    """The number of what a view lies in: a buffer, or an output; -1: it is never written."""
    if view.space is Space.ARENA:
        return view.index
    return len(program.problem.buffers) + view.index if view.space is Space.OUTPUT else -1


def _steps(call: Call, bands: Bands | None, operands: Sequence[Operand]) -> list[tuple[View, Pass, int]]:
    """The views that bands pass over, how, and the bytes from slice to slice."""
    if bands is None:
        return []
    found = zip(call.operands, bands.passes, operands, strict=True)
    return [(view, each, each.step * operand.element_bytes) for view, each, operand in found if each is not None]


def _row_bytes(
    program: Program, calls: Sequence[tuple[Call, Bands | None, tuple[Operand, ...]]], sizes: Sequence[int]
) -> tuple[int, ...]:
    """For each buffer the bytes of the widest slice that any call passes over; all of it where none does."""
    widest = [0] * len(sizes)
    for call, bands, operands in calls:
        for view, _, step in _steps(call, bands, operands):
            if (buffer := buffer_of(program, view)) >= 0:
                widest[buffer] = max(widest[buffer], step)
    return tuple(_coarse(row or size, size) if size else 1 for row, size in zip(widest, sizes, strict=True))


def _coarse(row: int, size: int) -> int:
    """Bytes of a row, of which there are not too many."""
    count = -(-size // row)
    if count <= _MOST_ROWS:
        return row
    factors = (factor for factor in divisors(count) if count // factor <= _MOST_ROWS)
    return row * next(factors)


def _member(
    program: Program,
    row_bytes: Sequence[int],
    step: int,
    call: Call,
    bands: Bands | None,
    operands: tuple[Operand, ...],
) -> Member:
    """A call, whose units are about a row of what it writes; or else of what it reads."""
    if bands is None or bands.rows == 1:
        return Member(step, call, None, operands, 1, 1)
    sizes = [1]
    for view, each, bytes_of_slice in _steps(call, bands, operands):
        buffer = buffer_of(program, view)
        if buffer >= 0:
            sizes.append(row_bytes[buffer] // (bytes_of_slice * each.stride))
    rows = min(-(-max(sizes) // bands.multiple) * bands.multiple, bands.rows)
    return Member(step, call, bands, operands, rows, -(-bands.rows // rows))


def _touches(program: Program, row_bytes: Sequence[int], number: int, member: Member) -> list[Touch]:
    """What a member does to buffers and outputs."""
    found = []
    passes = member.bands.passes if member.bands else (None,) * len(member.operands)
    given = zip(member.call.operands, member.operands, passes, strict=True)
    for position, (view, operand, each) in enumerate(given):
        buffer = buffer_of(program, view)
        if buffer < 0 or not operand.points:
            continue
        cut = member.units, member.rows, member.all_rows
        rows = _rows_touched(operand, each, view.offset, row_bytes[buffer], cut)
        found.append(Touch(number, position, buffer, operand, view.offset, *rows))
    return found


@lru_cache(maxsize=1 << 12)
def _rows_touched(
    operand: Operand, each: Pass | None, offset: int, row: int, cut: tuple[int, int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """The rows of so many bytes `[low, high)` that each unit touches of an operand that begins somewhere.

    `cut` are the units, the rows of one, and all rows. Candidates ask the same again.
    """
    units, rows, all_rows = cut
    low, high = _reach(operand)
    starts = np.arange(units, dtype=np.int64) * rows
    if each is None:
        first, last = np.full(units, min(low, 0)), np.full(units, high)
    else:
        step = each.step * operand.element_bytes
        begin, end = each.slices(0, all_rows)
        from_slice, to_slice = each.slices_of(starts, np.minimum(starts + rows, all_rows) - starts)
        first = np.minimum(low + (from_slice - begin) * step, from_slice * step)
        last = high + (to_slice - end) * step
    found = (offset + first) // row, -((-offset - last) // row)
    for side in found:
        side.flags.writeable = False
    return found


def _waits(touches: Sequence[Touch]) -> dict[tuple[int, int], np.ndarray]:
    """Who waits for whom: where one of two writes what the other touches, the earlier one comes first, row by row."""
    by_buffer: dict[int, list[Touch]] = {}
    for touch in touches:
        by_buffer.setdefault(touch.buffer, []).append(touch)
    waits: dict[tuple[int, int], np.ndarray] = {}
    for there in by_buffer.values():
        for index, later in enumerate(there):
            for earlier in there[:index]:
                if earlier.member == later.member or not (earlier.operand.written or later.operand.written):
                    continue
                if _apart(earlier.operand, later.operand, later.offset - earlier.offset):
                    continue
                needed = np.searchsorted(earlier.low, later.high, side="left")
                pair = later.member, earlier.member
                waits[pair] = np.maximum(waits[pair], needed) if pair in waits else needed
    return waits


@lru_cache(maxsize=1 << 14)
def _apart(earlier: Operand, later: Operand, distance: int) -> bool:
    """Whether operands are apart whose views begin so many bytes from each other: candidates ask the same again."""
    return apart(earlier, 0, later, distance)


@lru_cache(maxsize=1 << 14)
def _reach(operand: Operand) -> tuple[int, int]:
    """Its `reach`, which candidates ask for again."""
    return operand.reach


@lru_cache(maxsize=1 << 14)
def _described(kernel: Kernel) -> tuple[Bands | None, tuple[Operand, ...]]:
    """How a kernel can be cut, and its operands, which candidates ask for again."""
    return kernel.bands(), kernel.operands()


def starts_of(lengths: Sequence[int]) -> list[int]:
    """Where each of some stretches begins, laid one after the other, and where the last one ends."""
    return [0, *accumulate(lengths)]
