"""A problem as arrays over sections: the reduction every search starts from."""

from dataclasses import dataclass
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mini_infer.memory.problem import Problem

Float = Any
Int = Any
"""An int or a numpy integer: compiled code has one type for both, 64 bits."""
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Hashes = NDArray[np.uint64]
NO_PIN = -1


@dataclass(frozen=True, slots=True)
class Table:
    """Solid buffers (size > 0), sorted by (start, end), in units of the common alignment.

    Where all sizes have a larger common divisor, the units are larger still: a buffer that rests on others
    lies at a sum of sizes.

    Time is mapped to *sections*: only a step at which something was born since the last death can be a
    maximal set of buffers alive together, so a section is one such step, and a buffer is alive in the
    sections `[start, end)`. Sizes are rounded up to the unit, so every multiple of it is a legal offset.

    Attributes
    ----------
    row
        Index of each buffer in its problem.
    start, end
        Sections, half-open.
    size
        Units.
    duration
        Steps.
    pin
        Offset in units, or `NO_PIN`.
    live
        Units alive in each section; its maximum is the lower bound in units.
    unit
        Bytes.
    exact
        Whether the reduction loses nothing: one alignment, no gaps, no pins.
    padding
        The most bytes that rounding up added to one buffer.
    """

    row: Ints
    start: Ints
    end: Ints
    size: Ints
    duration: Ints
    pin: Ints
    live: Ints
    unit: int
    exact: bool
    padding: int

    @property
    def sections(self) -> int:
        """The number of sections."""
        return len(self.live)

    @property
    def bound(self) -> int:
        """The lower bound in units."""
        return int(self.live.max(initial=0))

    def proved_bytes(self, units: int) -> int:
        """Bytes that every plan needs when it is proved that `units` are needed; 0 where nothing follows."""
        return max(units * self.unit - self.padding, 0) if self.exact else 0

    def offsets(self, problem: Problem, units: Ints) -> tuple[int, ...]:
        """Turn offsets in units, one per row of the table, into bytes, one per buffer of the problem without pins."""
        offsets = np.zeros(len(problem.buffers), dtype=np.int64)
        offsets[self.row] = units * self.unit
        return tuple(offsets.tolist())


def tabulate(problem: Problem) -> Table:
    """Reduce `problem`. Gaps are filled: what fits without them fits with them. O(n log n)."""
    buffers = problem.buffers
    unit = lcm(*{buffer.alignment for buffer in buffers})
    size_bytes = np.array([buffer.size for buffer in buffers], dtype=np.int64)
    start_step = np.array([buffer.start for buffer in buffers], dtype=np.int64)
    end_step = np.array([buffer.end for buffer in buffers], dtype=np.int64)
    pin = np.array([NO_PIN if buffer.offset is None else buffer.offset for buffer in buffers], dtype=np.int64)
    row = np.flatnonzero(size_bytes > 0)
    size_bytes, start_step, end_step, pin = size_bytes[row], start_step[row], end_step[row], pin[row]
    size = -(-size_bytes // unit)
    if (pin < 0).all() and len(size):
        divisor = int(np.gcd.reduce(size))
        size, unit = size // divisor, unit * divisor
    start, end, sections = _sections(start_step, end_step)
    order = np.argsort(start * (sections + 1) + end, kind="stable")
    return Table(
        row=row[order],
        start=start[order],
        end=end[order],
        size=size[order],
        duration=(end_step - start_step)[order],
        pin=np.where(pin >= 0, pin // unit, NO_PIN)[order],
        live=_live(start, end, size, sections),
        unit=unit,
        exact=problem.plain,
        padding=int((size * unit - size_bytes).max(initial=0)),
    )


def part_of(table: Table, left: int, right: int) -> Table:
    """Take what is alive in the sections [left, right), without what it does outside; pins are left out.

    The unit of the part is as many units of `table` as divide all its sizes, and `row` refers to `table`.
    """
    row = np.flatnonzero((table.start < right) & (table.end > left))
    size = table.size[row]
    unit = max(int(np.gcd.reduce(size)), 1)
    start, end, sections = _sections(np.maximum(table.start[row], left), np.minimum(table.end[row], right))
    order = np.argsort(start * (sections + 1) + end, kind="stable")
    return Table(
        row=row[order],
        start=start[order],
        end=end[order],
        size=size[order] // unit,
        duration=table.duration[row][order],
        pin=np.full(len(row), NO_PIN),
        live=_live(start, end, size // unit, sections),
        unit=unit,
        exact=table.exact,
        padding=0,
    )


def _live(start: Ints, end: Ints, size: Ints, sections: int) -> Ints:
    """Sum the sizes alive in each section."""
    live = np.zeros(sections + 1, dtype=np.int64)
    np.add.at(live, start, size)
    np.subtract.at(live, end, size)
    return np.cumsum(live)[:-1]


def _sections(start: Ints, end: Ints) -> tuple[Ints, Ints, int]:
    """Number the maximal sets of buffers alive together: one is complete at the first death after a birth."""
    by_start, by_end = np.argsort(start, kind="stable"), np.argsort(end, kind="stable")
    births, deaths = start[by_start], end[by_end]
    born = np.searchsorted(births, deaths, side="left")  # before each death
    complete = np.concatenate([[0], np.cumsum(np.diff(born, prepend=0) > 0)])  # sets, after each number of deaths
    sections = np.empty((2, len(start)), dtype=np.int64)
    sections[0, by_start] = complete[np.searchsorted(deaths, births, side="right")]
    sections[1, by_end] = complete[np.searchsorted(deaths, deaths, side="right")]
    return sections[0], sections[1], int(complete[-1])
