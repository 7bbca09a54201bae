"""A lower bound above max live: what the buffers of a short window of time need, by exhaustive search.

Any plan is also a plan of the buffers that live within a window, so their smallest arena is a lower bound of all. In
rings the same few buffers overlap again and again, and some twenty of them already tell that they cannot be packed
without waste, while an exhaustive search over all of them would never end. A window grows around a crowded section as
long as its buffers fit into the bound; once they do not, it is asked for higher and higher capacities.
"""

from dataclasses import dataclass

import numpy as np

from mini_infer.memory.compiled import niche_search
from mini_infer.memory.compiled.minimize import rank_of
from mini_infer.memory.compiled.niche_state import instance_of
from mini_infer.memory.compiled.table import Table, part_of
from mini_infer.memory.limits import Budget

_REFUTED_STATES = 1 << 16  # remembered; a power of two
_CROWDED = 0.85  # of the bound: windows begin where at least so much lives
_WINDOWS = 8  # of different shapes
_BUFFERS_UP_TO = 64  # in a window
_FIRST_WORK = 100_000  # of a search, in the first round
_LONGEST_WORK = 30_000_000  # a second of it, so that an interrupt is noticed
_WORK_NANOSECONDS = 32.0


@dataclass(slots=True)
class _Window:
    """The sections [left, right), and how many buffers live within."""

    left: int
    right: int
    count: int = 0


class WindowBound:
    """What windows of one table have proved so far: any plan needs `low` units. Goes on where it stopped."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.low = table.bound
        self.work = _FIRST_WORK
        self.windows = [_Window(section, section + 1) for section in _peaks(table)]

    def rise(self, height: int, budget: Budget, seconds: float) -> None:
        """Raise `low` up to `height`, the best plan's, for so many seconds.

        In every round half of the windows go on, those with the fewest buffers, with four times the work.
        """
        until = budget.spent + seconds
        while self.windows and self.low < height and self.work <= _LONGEST_WORK:
            undecided = []
            for window in self.windows:
                self.low, more = _ask(self.table, window, self.low, height, self.work, budget, until)
                if budget.spent >= until or budget.left == 0:
                    return
                if more:
                    undecided.append(window)
            self.windows = sorted(undecided, key=lambda window: window.count)[: max(len(self.windows) // 2, 1)]
            self.work *= 4


def _peaks(table: Table) -> list[int]:
    """List sections with more live units than their neighbors, the most crowded first, those that look alike once."""
    live = table.live
    before, after = np.append(-1, live[:-1]), np.append(live[1:], -1)
    peaks = np.flatnonzero((live >= before) & (live > after) & (live > _CROWDED * table.bound))
    shapes: dict[tuple[int, ...], int] = {}
    for section in peaks[np.argsort(-live[peaks], kind="stable")].tolist():
        around = live[max(section - 4, 0) : section + 5]
        shapes.setdefault(tuple(around.tolist()), section)
        if len(shapes) == _WINDOWS:
            break
    return list(shapes.values())


def _ask(
    table: Table, window: _Window, low: int, height: int, work: int, budget: Budget, until: float
) -> tuple[int, bool]:
    """Grow a window until it needs more than `low` units, or a search of it is cut off; return what it needs.

    Also return whether the window may tell more, given more time.
    """
    while True:
        part = part_of(table, window.left, window.right)
        within = low // part.unit  # all heights of the part are multiples of its unit
        status = _search(part, within, work, budget, until)
        if status == niche_search.LIMIT:
            return low, True
        if status == niche_search.REFUTED:
            break
        if not _grow(table, window):
            return low, False
    step = 1
    while (within + 1) * part.unit < height:
        higher = min(within + step, (height - 1) // part.unit)
        status = _search(part, higher, work, budget, until)
        if status == niche_search.REFUTED:
            within, step = higher, 2 * step
        elif step > 1:
            step //= 2
        else:
            break
    return (within + 1) * part.unit, status != niche_search.FOUND


def _search(part: Table, within: int, work: int, budget: Budget, until: float) -> int:
    """Search for a plan of a part within so many of its units; return FOUND, REFUTED or LIMIT."""
    affordable = min(until - budget.spent, budget.left) * 1e9 / _WORK_NANOSECONDS
    if affordable <= 0:
        return niche_search.LIMIT
    status, done, nodes = niche_search.search(
        instance_of(part),
        within,
        True,
        rank_of(np.log(part.duration + 1.0)),
        0,
        np.ones(max(part.sections, 1)),
        np.zeros(_REFUTED_STATES, dtype=np.uint64),
        int(min(work, affordable)) + 1,
        np.empty(len(part.size), dtype=np.int64),
    )
    budget.spend(done + 1, _WORK_NANOSECONDS, nodes)
    return int(status)


def _grow(table: Table, window: _Window) -> bool:
    """Add the section at the side where more lives; return whether there was one, and not too many buffers."""
    left = table.live[window.left - 1] if window.left > 0 else -1
    right = table.live[window.right] if window.right < table.sections else -1
    if left < 0 and right < 0:
        return False
    if left > right or (left == right and window.left % 2):
        window.left -= 1
    else:
        window.right += 1
    window.count = int(((table.start < window.right) & (table.end > window.left)).sum())
    return window.count <= _BUFFERS_UP_TO
