"""Two buffers that share bytes while both live: one is written from its beginning on, as the other dies from there on.

A step that reads its input from the first byte to the last needs less and less of it; a step that writes its result in
this order takes more and more. The result may grow into what is dead of the input, if it begins below::

    offset
      │   ┌──────────────┐ upper: its first bytes die first
      │   │     ┌────────┼──────┐
      │   │     │ lower  │      │   ↕ distance: how far the lower begins below the upper at least
      │   └─────┼────────┘      │
      │         └───────────────┘
      └──────────────▶ time

Who makes the problem knows the distance; a plan either keeps it, or keeps the two apart.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mini_infer.memory.problem import Buffer


@dataclass(frozen=True, slots=True)
class Overlap:
    """Buffers that may share bytes while both live, if one begins below the other.

    Parameters
    ----------
    lower, upper
        Indices of the buffers in their problem.
    distance
        Bytes by which the lower begins before the upper, at least, where they share any; 1 or more.
    """

    lower: int
    upper: int
    distance: int

    def shared(self, buffers: "Sequence[Buffer]", unit: int = 1) -> int:
        """Bytes that the two can share at most, where sizes and offsets are multiples of a unit."""
        lower, upper = (-(-buffers[index].size // unit) * unit for index in (self.lower, self.upper))
        return max(0, min(upper, lower - -(-self.distance // unit) * unit))


def together(one: "Buffer", other: "Buffer") -> Iterator[tuple[int, int]]:
    """The step intervals in which both live, ascending."""
    for start, end in one.intervals:
        for other_start, other_end in other.intervals:
            if start < other_end and other_start < end:
                yield max(start, other_start), min(end, other_end)


def reaches(overlaps: Sequence[Overlap], buffers: "Sequence[Buffer]") -> dict[tuple[int, int], int]:
    """(buffer, other) → bytes by which the buffer must begin before the other, if it does not begin at its end.

    That is its size, where the two are no entry.
    """
    found = {}
    for each in overlaps:
        found[each.lower, each.upper] = min(each.distance, buffers[each.lower].size)
    return found
