"""The skyline, in several variants: what large problems start from, one near-linear pass each."""

from typing import TYPE_CHECKING

from mini_infer.memory.bounds import lower_bound
from mini_infer.memory.limits import Budget, Limits
from mini_infer.memory.plan import Placement
from mini_infer.memory.problem import Problem
from mini_infer.memory.strategies import cheap

if TYPE_CHECKING:
    from mini_infer.memory.compiled.table import Table

SIZE_WEIGHTS = (0.2, 0.0, 1.0, 5.0, 0.5, 0.1, 2.0, 0.35)
FITS = (2.0, 0.0, 6.0)
_PASS_NANOSECONDS = 2500.0  # per buffer


def place(problem: Problem, limits: Limits) -> Placement:
    """Place by the first variant, then by others until the bound is met or the time is over. O(n log n) each."""
    from mini_infer.memory.compiled.table import tabulate

    budget = Budget(limits)
    best = best_skyline(problem, tabulate(problem), budget, limits.seconds)
    return best.placement(budget, done=best.height <= lower_bound(problem))


def best_skyline(problem: Problem, table: "Table", budget: Budget, seconds: float) -> cheap.Incumbent:
    """Try the variants in turn, at least one of them, for so many seconds; pinned buffers go to `window.fill`."""
    import numpy as np

    from mini_infer.memory.compiled import skyline

    edges = skyline.edges_of(table)
    best = np.zeros(len(table.size), dtype=np.int64)
    units = np.empty_like(best)
    lowest = -1
    until = budget.spent + seconds
    for fit in FITS:
        for weight in SIZE_WEIGHTS:
            height = int(skyline.place(edges, skyline.score_of(table, weight), fit, units))
            budget.spend(len(units), _PASS_NANOSECONDS, len(units))
            if lowest < 0 or height < lowest:
                lowest = height
                best[:] = units
            budget.report(lowest * table.unit, table.bound * table.unit, "skyline")
            if lowest <= table.bound or budget.spent + len(units) * _PASS_NANOSECONDS * 1e-9 > until:
                offsets = table.offsets(problem, best)
                return cheap.Incumbent(offsets, cheap.height_of(problem, offsets), "skyline")
    offsets = table.offsets(problem, best)
    return cheap.Incumbent(offsets, cheap.height_of(problem, offsets), "skyline")
