"""Drive the compiled searches: which one, in which variant, towards which height, for how long."""

from collections.abc import Iterator

import numpy as np

from mini_infer.memory.compiled import valley
from mini_infer.memory.compiled.table import Ints, Table, tabulate
from mini_infer.memory.limits import Budget
from mini_infer.memory.plan import Placement
from mini_infer.memory.problem import Problem
from mini_infer.memory.strategies.cheap import Incumbent, height_of

_REFUTED_STATES = 1 << 20  # remembered; a power of two
_WORK_NANOSECONDS = 8.0  # per buffer and section looked at in a node
_SLICE_SECONDS = 1.0  # a single run is never longer, so that an interrupt is heard


class Tree:
    """The branch and bound on one table, with what it learned: failures per section and refuted states."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.instance = valley.instance_of(table)
        self.weight = np.ones(max(table.sections, 1))
        self.refuted = np.zeros(_REFUTED_STATES, dtype=np.uint64)
        self.refuted_at = -1
        self.slice_work = len(table.size) * int((table.end - table.start).sum() + 1)

    def attempt(self, capacity: int, seconds: float, budget: Budget) -> tuple[int, Ints]:
        """Look for a placement within `capacity` units, in runs that grow longer, each with the next variant.

        Returns FOUND, REFUTED or LIMIT, and the offsets in units.
        """
        if capacity > self.refuted_at:  # what was refuted at a lower capacity may be possible now
            self.refuted[:] = 0
        self.refuted_at = capacity
        solution = np.empty(len(self.table.size), dtype=np.int64)
        slice_work = self.slice_work
        until = budget.spent + seconds
        runs = 0
        variants = _variants(self.table)
        while budget.spent < until and budget.left > 0:
            rank, bonus = next(variants)
            seconds_left = min(until - budget.spent, budget.left, _SLICE_SECONDS)
            limit = int(min(slice_work, seconds_left * 1e9 / _WORK_NANOSECONDS)) + 1
            status, work, nodes = valley.search(
                self.instance, capacity, rank, bonus, self.weight, self.refuted, limit, solution
            )
            budget.spend(work + 1, _WORK_NANOSECONDS, nodes)
            if status != valley.LIMIT:
                return int(status), solution
            runs += 1
            if runs % _ROUND == 0:
                slice_work *= 2
        return valley.LIMIT, solution


_ROUND = 6
"""Variants of a round: runs grow longer from one round to the next."""


def _variants(table: Table) -> Iterator[tuple[Ints, int]]:
    """Yield orders of the candidates at an edge with the bonus for a level skyline: four fixed, then noisy ones."""
    count = len(table.size)
    duration, size = np.log(table.duration + 1.0), np.log(table.size + 1.0)
    noise = np.random.default_rng(0)
    fixed = [(size * 1e3 + duration, 0), (size * 1e3 + duration, 2), (duration * 1e3 + size, 2), (duration + size, 2)]
    while True:
        for score, bonus in fixed:
            yield _rank(score), bonus * count
        for bonus in (0, 2):
            mixed = duration * noise.uniform(0, 1) + size * noise.uniform(0, 2) + noise.normal(0, 0.3, count)
            yield _rank(mixed), bonus * count


def _rank(score: np.ndarray) -> Ints:
    rank = np.empty(len(score), dtype=np.int64)
    rank[np.argsort(-score, kind="stable")] = np.arange(len(score))
    return rank


def minimise_exactly(problem: Problem, start: Incumbent, budget: Budget) -> Placement:
    """Close the distance between the lower bound and `start` from both sides."""
    table = tabulate(problem)
    best, proved = search_tree(problem, table, start, budget, budget.left)
    return best.placement(
        budget, done=best.height <= max(proved, table.bound * table.unit - table.padding), proved=proved
    )


def search_tree(
    problem: Problem, table: Table, best: Incumbent, budget: Budget, seconds: float
) -> tuple[Incumbent, int]:
    """Search towards the lower bound; return the best plan and the bytes proved necessary.

    Tries the proved bound first, then the middle between what was not found and what was, with more
    time in every round. A capacity that is met ends the search.
    """
    tree = Tree(table)
    low, high = table.bound, -(-best.height // table.unit)
    enough = -1 if budget.limits.capacity is None else budget.limits.capacity // table.unit
    until = budget.spent + seconds
    share = seconds / 64
    not_found = low - 1  # capacities up to this one were not found with the current share
    while low < high and high > enough and budget.spent < until and budget.left > 0:
        target = low if not_found < low else max((not_found + high) // 2, low)
        if enough > target:
            target = enough if not_found >= low else target
        status, units = tree.attempt(target, min(share, until - budget.spent), budget)
        if status == valley.FOUND:
            high = int((units + table.size).max())
            offsets = table.offsets(problem, units)
            best = Incumbent(offsets, height_of(problem, offsets), "exact")
        elif status == valley.REFUTED:
            low = target + 1
        else:
            not_found = target
        budget.report(best.height, low * table.unit, "branch and bound")
        if not_found >= high - max(1, high >> 10):
            share *= 2
            not_found = low - 1
    return best, table.proved_bytes(low)
