"""Drive the beam search where few buffers live at once: how wide, in which direction of time, towards which height."""

import numpy as np

from mini_infer.memory.compiled import beam
from mini_infer.memory.compiled.beam_state import PER_STATE, births_of
from mini_infer.memory.compiled.table import Ints, Table
from mini_infer.memory.limits import Budget

_NANOSECONDS = 21.0  # per live buffer looked at
_QUICK_STEPS = 200  # per buffer, in the pass that always runs
_PASSES = 5  # of one width: towards the target, then between what failed and what was found
_STATES_UP_TO = 4_000_000  # remembered, of all buffers
_LONGEST_SECONDS = 1.0  # of one pass, so that an interrupt is noticed
_WEIGHTS = ((0.2, 10.0, 1.0), (1.0, 5.0, 20.0))  # of deaths apart, of holes, of noise: in turn


def _widths(crowd: int) -> list[tuple[int, bool]]:
    """List widths, and whether time runs backward: one narrow search, then pairs four times as wide."""
    width = max(_QUICK_STEPS // (crowd + PER_STATE), 1)
    wider = [(width << 2 * number, backward) for number in range(1, 8) for backward in (False, True)]
    return [(width, False), *wider]


class Beams:
    """The beam searches of one table, narrow ones first; they go on where they stopped."""

    def __init__(self, table: Table, crowd: int) -> None:
        self.table = table
        self.crowd = crowd
        self.rounds = _widths(crowd)
        self.births = {False: births_of(table)}

    def lower(self, best: Ints, target: int, budget: Budget, seconds: float, *, free: bool) -> Ints:
        """Look for less than `best`, down to `target` units, for so many seconds; return what is best then.

        Where `free`, the first round takes nothing from the budget and always runs.
        """
        count = len(best)
        height = int((best + self.table.size).max(initial=0))
        until = budget.spent + seconds
        while self.rounds and height > target:
            width, backward = self.rounds[0]
            cost = count * width * (self.crowd + PER_STATE) * _NANOSECONDS * 1e-9
            late = budget.spent + cost > until or cost > _LONGEST_SECONDS or budget.left == 0
            if (late and not free) or count * width > _STATES_UP_TO:
                break
            if backward not in self.births:
                self.births[backward] = births_of(self.table, backward=True)
            best, height = self._round(best, height, target, budget, free=free)
            free = False
            self.rounds.pop(0)
        return best

    def _round(self, best: Ints, height: int, target: int, budget: Budget, *, free: bool) -> tuple[Ints, int]:
        """Search with one width: towards `target`, then between the last height that failed and the best."""
        table = self.table
        width, backward = self.rounds[0]
        offset = np.empty_like(best)
        failed, aim = target - 1, target
        for number in range(_PASSES):
            weights = _WEIGHTS[number % len(_WEIGHTS)]
            placed, steps = beam.search(self.births[backward], aim, width, weights, offset)
            budget.spend(0 if free else steps, _NANOSECONDS, placed * width)
            if placed == len(best):
                height = int(beam.settle(table.start, table.end, table.size, table.sections, offset))
                best = offset.copy()
            else:
                failed = aim
            aim = (failed + height) // 2
            if height <= failed + 1 or (budget.left == 0 and not free):
                break
        return best, height
