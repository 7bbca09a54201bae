"""Drive the branch and bound: in which variant, towards which height, for how long."""

from collections.abc import Iterator

import numpy as np

from mini_infer.memory.compiled import niche_search
from mini_infer.memory.compiled.niche_state import instance_of
from mini_infer.memory.compiled.orders import crowding
from mini_infer.memory.compiled.table import Floats, Ints, Table
from mini_infer.memory.incumbent import Incumbent, height_of
from mini_infer.memory.limits import Budget
from mini_infer.memory.problem import Problem

_REFUTED_STATES = 1 << 20  # remembered; a power of two
_WORK_NANOSECONDS = 8.0  # per buffer and section examined in a node
_SLICE_SECONDS = 1.0  # a single run is never longer, so that an interrupt is noticed

_EDGES_ALONE = 8  # times the first slices' work: until then nothing else is tried
_SHORT = 3  # of the first slices: the work in which a random order is given up
_SHORT_SLICES = 2  # for each of the first slices' work
_SPREADS = (0.3, 0.1, 0.05)  # of random orders

Slice = tuple[bool, Ints, int, Floats, int]
"""What `_slices` yields."""


class Tree:
    """The branch and bound on one table, with what it has learned: failures per section and refuted states.

    It runs in slices: each with the next way of branching and the next order of the candidates, and longer from round
    to round, so that none has to be the right one. What was refuted holds for all of them. Failures are counted for all
    orders together and, in other slices, for each order alone: some problems are solved only with what another order
    has learned, others only without. An attempt at a capacity goes on where the last one at that capacity ended.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self.instance = instance_of(table)
        self.refuted = np.zeros(_REFUTED_STATES, dtype=np.uint64)
        self.refuted_at = -1
        self.first_slice = len(table.size) * int((table.end - table.start).sum() + 1)
        self.slices: dict[int, Iterator[Slice]] = {}

    def attempt(self, capacity: int, seconds: float, budget: Budget) -> tuple[int, Ints]:
        """Look for a placement within `capacity` units for so many seconds.

        Returns FOUND, REFUTED or LIMIT, and the offsets in units.
        """
        if capacity > self.refuted_at:  # what was refuted at a lower capacity may be possible now
            self.refuted[:] = 0
        self.refuted_at = capacity
        solution = np.empty(len(self.table.size), dtype=np.int64)
        slices = self.slices.setdefault(capacity, _slices(self.table, self.first_slice))
        until = budget.spent + seconds
        while budget.spent < until and budget.left > 0:
            by_edge, rank, bonus, weight, slice_work = next(slices)
            most = min(until - budget.spent, budget.left, _SLICE_SECONDS) * 1e9 / _WORK_NANOSECONDS
            status, work, nodes = niche_search.search(
                self.instance,
                capacity,
                by_edge,
                rank,
                bonus,
                weight,
                self.refuted,
                int(min(slice_work, most)) + 1,
                solution,
            )
            budget.spend(work + 1, _WORK_NANOSECONDS, nodes)
            if status != niche_search.LIMIT:
                return int(status), solution
        return niche_search.LIMIT, solution


def _slices(table: Table, work: int) -> Iterator[Slice]:
    """Yield where to branch, orders of the candidates, the bonus for a level skyline, failures so far, and work to do.

    At edges: by size, duration, area, the crowd a buffer lives in, and a mixture that is new in every round. On the
    lowest buffer, once edges had three rounds: by duration, and by crowd with area or duration. Most problems that some
    order places within seconds, a few orders place at once, so a third of the work goes then to mixtures that are given
    up early.
    """
    count = len(table.size)
    duration, size = np.log(table.duration + 1.0), np.log(table.size + 1.0)
    crowd = crowding(table).astype(np.float64)
    by_size = rank_of(size * 1e3 + duration), 0
    by_duration = rank_of(duration * 1e3 + size), 2 * count
    by_area = rank_of(duration + size), 2 * count
    by_crowd = rank_of(crowd * 1e3 + duration + size), 2 * count
    by_crowd_and_duration = rank_of(crowd * 1e6 + duration * 1e3 + size)
    shared, unused, *own = (np.ones(max(table.sections, 1)) for _ in range(6))
    noise, short = np.random.default_rng(0), np.random.default_rng(1)
    shortest = work
    while True:
        for rank, bonus in (by_size, by_duration, by_area):
            yield True, rank, bonus, shared, work
        mixed = duration * noise.uniform(0, 1) + size * noise.uniform(0, 2) + noise.normal(0, 0.3, count)
        yield True, rank_of(mixed), 0, shared, work
        for (rank, bonus), weight in zip((by_size, by_duration, by_area, by_crowd), own, strict=True):
            yield True, rank, bonus, weight, work
        if work >= _EDGES_ALONE * shortest:
            for rank in (by_duration[0], by_crowd[0], by_crowd_and_duration):
                yield False, rank, 0, unused, work
            for number in range(_SHORT_SLICES * work // shortest):
                spread = _SPREADS[number % len(_SPREADS)]
                mixed = duration + size * short.uniform(0, 1) ** 2 + short.normal(0, 1, count) * spread
                yield number % 4 == 0, rank_of(mixed), 0, unused, _SHORT * shortest
        work *= 2


def rank_of(score: np.ndarray) -> Ints:
    """Number the buffers by descending score."""
    rank = np.empty(len(score), dtype=np.int64)
    rank[np.argsort(-score, kind="stable")] = np.arange(len(score))
    return rank


def search_tree(
    problem: Problem, table: Table, best: Incumbent, budget: Budget, seconds: float, low: int
) -> tuple[Incumbent, int]:
    """Search towards `low` units, which any plan needs; return the best plan and the bytes proved necessary.

    Tries the proved bound first, then the middle between what was not found and what was, with more
    time in every round. Where there is a capacity, nothing but it matters after the first try.
    """
    tree = Tree(table)
    # Begin with an easy capacity, whatever is known already: failures on the way down show which sections are hard.
    known = -(-best.height // table.unit)
    high = max(known, low + low // 3 + 1)
    capacity = budget.limits.capacity
    enough = -1 if capacity is None else capacity // table.unit
    until = budget.spent + seconds
    share = seconds / 64
    not_found = low - 1  # capacities up to this one were not found with the current share
    while low < known and high > enough and budget.spent < until and budget.left > 0:
        target = low if not_found < low else max((not_found + high) // 2, low)
        if low <= enough and (not_found >= low or low == enough):
            target, share = enough, seconds
        status, units = tree.attempt(target, min(share, until - budget.spent), budget)
        if status == niche_search.FOUND:
            high = int((units + table.size).max())
            offsets = table.offsets(problem, units)
            height = height_of(problem, offsets)
            if height < best.height:
                best = Incumbent(offsets, height, "exact")
            known = min(known, high)
        elif status == niche_search.REFUTED:
            low = target + 1
        else:
            not_found = target
        budget.report(best.height, low * table.unit, "branch and bound")
        if not_found >= high - max(1, high >> 10):
            share *= 2
            not_found = low - 1
    return best, table.proved_bytes(low)
