"""Everything compiled, one after another, on a table: passes over all buffers first, then the searches."""

import numpy as np

from mini_infer.memory.compiled import inorder, limited_backtracking, skyline
from mini_infer.memory.compiled.beam_state import crowd_of
from mini_infer.memory.compiled.minimize import search_tree
from mini_infer.memory.compiled.narrow import Beams
from mini_infer.memory.compiled.orders import orders
from mini_infer.memory.compiled.repair import repair
from mini_infer.memory.compiled.restarts import restart
from mini_infer.memory.compiled.table import Ints, Table
from mini_infer.memory.compiled.window_bound import WindowBound
from mini_infer.memory.incumbent import Incumbent, height_of
from mini_infer.memory.limits import Budget
from mini_infer.memory.liveness import NARROW
from mini_infer.memory.problem import Problem

_TREE_UP_TO = 5_000  # buffers: a node of the tree looks at all of them
_TREE_ALONE_UP_TO = 500  # buffers: needs no start from the limited-backtracking search
_ORDERS_UP_TO = 70_000  # buffers: a greedy pass is quadratic
_SKYLINE_NANOSECONDS = 1_250.0  # per buffer
_BACKTRACKING_NANOSECONDS = 5_000.0  # per step
_BACKTRACK_ANYWAY_UP_TO = 20_000  # buffers
_FAILURE_LIMITS = (30, 100, 300, 1000, 3000)
_BACKTRACKING_VARIANTS = ((50.0, 8.0), (1.0, 8.0), (0.2, 8.0), (50.0, 0.0))  # as `_VARIANTS`
_BACKTRACKING_SHARES = ((0.35, 0.1), (0.2, 0.4))
"""Of what is left, for rising capacities and for the target alone; the second pair where there is a capacity."""
_NARROW_SHARES = ((0.02, 0.05, 0.1), (0.25, 0.0, 0.4))  # of the time: beams, search for small and large, windows
_GREEDY_NANOSECONDS = 1.3  # per pair of buffers
_VARIANTS = ((0.0, 0.0), (0.2, 2.0), (1.0, 2.0), (5.0, 2.0), (0.0, 2.0), (0.2, 0.0), (1.0, 0.0), (5.0, 0.0))
"""The weight of the size in a buffer's score, and the bonus for a wall it fits."""


class Portfolio:
    """The best placement of a table so far, and the methods that better it. Offsets are in the table's units."""

    def __init__(self, problem: Problem, table: Table, budget: Budget) -> None:
        self.problem = problem
        self.table = table
        self.budget = budget
        self.offset = np.zeros(len(table.size), dtype=np.int64)
        self.height = int(table.size.sum()) + 1  # more than any placement has
        self.strategy = ""
        self.edges = skyline.edges_of(table)
        self.bound = table.bound
        self.proved = table.proved_bytes(table.bound)

    @property
    def target(self) -> int:
        """Units at which to stop: the bound, or the capacity where there is one."""
        capacity = self.budget.limits.capacity
        return max(self.bound, capacity // self.table.unit) if capacity is not None else self.bound

    @property
    def incumbent(self) -> Incumbent:
        """The best placement in bytes."""
        offsets = self.table.offsets(self.problem, self.offset)
        height = height_of(self.problem, offsets) if self.table.padding else self.height * self.table.unit
        return Incumbent(offsets, height, self.strategy)

    def offer(self, offset: Ints, strategy: str) -> None:
        """Take a placement where it is lower than the best so far."""
        height = int((offset + self.table.size).max(initial=0))
        if height < self.height:
            self.height, self.strategy = height, strategy
            self.offset[:] = offset
        self.budget.report(self.height * self.table.unit, self.bound * self.table.unit, strategy)

    def take(self, best: Incumbent) -> None:
        """Take a plan in bytes whose offsets are multiples of the unit."""
        offsets = np.array(best.offsets, dtype=np.int64)[self.table.row]
        self.offer(offsets // self.table.unit, best.strategy)

    def skylines(self, seconds: float) -> None:
        """Skyline passes: fixed variants first, then random ones; at least one."""
        random = np.random.default_rng(0)
        offset = np.empty_like(self.offset)
        until = self.budget.spent + seconds
        for number in range(1_000_000):
            if number < len(_VARIANTS):
                weight, fit = _VARIANTS[number]
            else:
                weight, fit = (
                    float(random.choice((0.0, random.uniform(0, 0.5), random.uniform(0, 3)))),
                    float(random.choice((0, 2, 4, 8))),
                )
            skyline.place(self.edges, skyline.score_of(self.table, weight), fit, offset)
            self.offer(offset, "skyline")
            # The first pass always runs: the limits are for what comes after.
            self.budget.spend(len(offset) if number else 0, _SKYLINE_NANOSECONDS, len(offset))
            next_ends = self.budget.spent + len(offset) * _SKYLINE_NANOSECONDS * 1e-9
            if self.height <= self.target or next_ends > until or self.budget.left == 0:
                break

    def limited_backtracking(self, seconds: float) -> None:
        """Limited-backtracking search from the bound upwards, with a higher failure limit in every round.

        The first search runs in any case where it takes less than a tenth of a second.
        """
        offset = np.empty_like(self.offset)
        until = self.budget.spent + seconds
        free = len(offset) <= _BACKTRACK_ANYWAY_UP_TO
        for failure_limit in _FAILURE_LIMITS:
            for weight, fit in _BACKTRACKING_VARIANTS:
                shortest = len(offset) * _BACKTRACKING_NANOSECONDS * 1e-9
                late = self.budget.spent + shortest > until or self.budget.left == 0
                if self.height <= self.target or (late and not free):
                    return
                free = False
                height, steps = limited_backtracking.search(
                    self.edges,
                    self.table.live,
                    skyline.score_of(self.table, weight),
                    fit,
                    self.target,
                    self.height - 1,
                    failure_limit,
                    offset,
                )
                self.budget.spend(steps, _BACKTRACKING_NANOSECONDS, steps)
                if height >= 0:
                    self.offer(offset, "limited-backtracking")

    def restarts(self, seconds: float) -> None:
        """Limited-backtracking searches at the target itself, in ever new orders."""
        if self.height > self.target and seconds > 0:
            found = restart(self.table, self.edges, self.target, self.budget, seconds)
            if found is not None:
                self.offer(found, "limited-backtracking")

    def greedy(self, seconds: float) -> None:
        """Greedy passes in the orders of `orders`; none where one would take longer than that."""
        offset = np.empty_like(self.offset)
        until = self.budget.spent + seconds
        steps = len(offset) ** 2 // 2
        if steps * _GREEDY_NANOSECONDS * 1e-9 > seconds:
            return
        for order, tightest in orders(self.table):
            if (
                self.height <= self.target
                or self.budget.spent + steps * _GREEDY_NANOSECONDS * 1e-9 > until
                or self.budget.left == 0
            ):
                break
            inorder.place_in_order(order, self.table.start, self.table.end, self.table.size, tightest, offset)
            self.offer(offset, "greedy")
            self.budget.spend(steps, _GREEDY_NANOSECONDS, len(offset))

    def beams(self, beams: Beams, seconds: float, *, free: bool = False) -> None:
        """Beam searches over time from the best so far; where `free`, one of them costs nothing and always runs."""
        if self.height > self.target:
            self.offer(beams.lower(self.offset, self.target, self.budget, seconds, free=free), "beam")

    def windows(self, windows: WindowBound, seconds: float) -> None:
        """Prove that more units than max live are needed, where a short window of time tells."""
        if self.table.exact and self.height > self.target:
            windows.rise(self.height, self.budget, seconds)
            self.bound = max(self.bound, windows.low)
            self.proved = max(self.proved, self.table.proved_bytes(self.bound))

    def tree(self, seconds: float) -> None:
        """Branch and bound below the best so far."""
        if not self.table.exact or self.height <= self.target:
            return
        best, proved = search_tree(self.problem, self.table, self.incumbent, self.budget, seconds, self.bound)
        self.proved = max(self.proved, proved)
        if best.strategy == "exact":
            self.take(best)

    def repair(self, seconds: float) -> None:
        """Local search from the best so far."""
        if self.height > self.target:
            self.offer(repair(self.table, self.offset, self.target, self.budget, seconds), "local-search")

    def narrow(self, beams: Beams, seconds: float) -> None:
        """Where few buffers live at once: beam searches, a little of the tree, and proofs, in turn."""
        self.beams(beams, 0.0, free=True)
        windows = WindowBound(self.table)
        for for_beams, for_tree, for_windows in _NARROW_SHARES:
            self.beams(beams, for_beams * seconds)
            if len(self.offset) > _TREE_ALONE_UP_TO and for_tree * seconds > 0:
                self.limited_backtracking(for_tree * seconds)
            elif for_tree:
                self.tree(for_tree * seconds)
            self.windows(windows, for_windows * seconds)

    def run(self) -> None:
        """Spend the budget on all of them."""
        seconds = self.budget.limits.seconds
        count = len(self.offset)
        small = count <= _TREE_UP_TO
        self.skylines((0.004 if small else 0.1) * seconds)
        self.greedy((0.004 if small else 0.55) * seconds)
        crowd = crowd_of(self.table)
        if crowd <= NARROW:
            self.narrow(Beams(self.table, crowd), seconds)
        elif count > _TREE_ALONE_UP_TO:
            for_rising, for_restarts = _BACKTRACKING_SHARES[self.budget.limits.capacity is not None]
            self.limited_backtracking(for_rising * self.budget.left)
            self.restarts(for_restarts * self.budget.left)
        if small:
            self.tree(seconds)
        self.repair(self.budget.left)
