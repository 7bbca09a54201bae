"""May buffers overlap as the problem says? What a step touches of both, call by call and run by run, tells.

Where a buffer begins `distance` bytes below another, its byte `b` lies at byte `b - distance` of the other or below. So
a run may write bytes up to `b` if neither it nor any later one touches the other before byte `b - distance`. What a
later run writes of the other is above that, too. It is enough to look at the runs of the one step in which both live,
since the lower one has nothing before it, and nobody needs the upper one after it. This module shares no code with what
finds distances.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

from mini_infer.errors import ProgramError
from mini_infer.memory import Overlap, Problem


@dataclass(slots=True)
class Diagonals:
    """Follows what one step touches of the buffers that overlap in it.

    Parameters
    ----------
    problem
        Whose buffers overlap.
    step
        Which step it is.

    Raises
    ------
    ProgramError
        When two buffers overlap, and the lower is not born in this step, or the upper does not die in it.
    """

    problem: Problem
    step: int
    pairs: list[Overlap] = field(init=False)
    runs: list[dict[int, tuple[int, int, bool]]] = field(init=False, default_factory=list)
    """For each run, what it touches: buffer → the bytes `[low, high)`, and whether it writes any."""

    def __post_init__(self) -> None:
        self.pairs = []
        for each in self.problem.overlaps:
            lower, upper = (self.problem.buffers[index] for index in (each.lower, each.upper))
            if not (lower.start <= self.step < lower.end and upper.start <= self.step < upper.end):
                continue
            if lower.start != self.step or upper.end != self.step + 1:
                raise ProgramError(f"is not where {lower.id!r} is born and {upper.id!r} dies, which overlap")
            self.pairs.append(each)

    def run(self, touched: Sequence[tuple[int, int, int, bool]]) -> None:
        """Note a run: (buffer, low, high, whether it is written) of each of its operands in the arena."""
        found: dict[int, tuple[int, int, bool]] = {}
        for buffer, low, high, written in touched:
            first, last, also = found.get(buffer, (low, high, False))
            found[buffer] = min(first, low), max(last, high), also or written
        self.runs.append(found)

    def finish(self) -> None:
        """Check that nothing is written where the other buffer of a pair is touched at the same time, or later.

        Raises
        ------
        ProgramError
            When something is.
        """
        for each in self.pairs:
            lower, upper = (self.problem.buffers[index] for index in (each.lower, each.upper))
            untouched = sys.maxsize
            for number in range(len(self.runs) - 1, -1, -1):
                low, _, _ = self.runs[number].get(each.upper, (untouched, 0, False))
                untouched = min(untouched, low)
                _, high, written = self.runs[number].get(each.lower, (0, 0, False))
                if written and high - each.distance > untouched:
                    raise ProgramError(
                        f"writes {lower.id!r} up to byte {high}, {each.distance} bytes below {upper.id!r}, which is "
                        f"touched from byte {untouched} on in that run or later"
                    )
