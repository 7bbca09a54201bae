"""Arenas without slack: restarts of the limited-backtracking search, and the orders of the exact one."""

from itertools import islice

import numpy as np
import pytest

from mini_infer.memory import Limits, Plan, find_plan, lower_bound, validate
from mini_infer.memory.compiled import limited_backtracking, skyline
from mini_infer.memory.compiled.minimize import _slices
from mini_infer.memory.compiled.portfolio import _BACKTRACKING_VARIANTS
from mini_infer.memory.compiled.restarts import restart
from mini_infer.memory.compiled.table import tabulate
from mini_infer.memory.limits import Budget


@pytest.fixture(scope="module")
def stubborn(cut_arena):
    """A cut arena that none of the fixed variants puts together."""
    return cut_arena(1200, 6)


def test_restarts_put_together_what_no_fixed_variant_does(stubborn):
    table = tabulate(stubborn)
    edges = skyline.edges_of(table)
    units = np.empty(len(table.size), dtype=np.int64)
    for weight, fit in _BACKTRACKING_VARIANTS:
        score = skyline.score_of(table, weight)
        height, _ = limited_backtracking.search(edges, table.live, score, fit, table.bound, table.bound, 30, units)
        assert height < 0
    budget = Budget(Limits(seconds=2.0))
    found = restart(table, edges, table.bound, budget, 2.0)
    assert found is not None
    plan = Plan(stubborn, table.offsets(stubborn, found), "restarts", lower_bound(stubborn))
    validate(plan)
    assert plan.optimal
    assert budget.nodes < 40_000


def test_restarts_are_repeatable_and_end_with_their_time(stubborn):
    table = tabulate(stubborn)
    edges = skyline.edges_of(table)
    budgets = [Budget(Limits(seconds=1.0)) for _ in range(2)]
    assert [restart(table, edges, table.bound, budget, 0.05) for budget in budgets] == [None, None]
    assert budgets[0].nodes == budgets[1].nodes
    assert 0.05 <= budgets[0].spent < 0.1


def test_a_tight_problem_with_a_capacity_is_decided(stubborn):
    plan = find_plan(stubborn, capacity=1 << 20, time_limit=5)
    assert (plan.size, plan.search.ended_by) == (1 << 20, "done")


def test_failures_are_shared_by_half_of_the_slices_and_kept_apart_in_the_others(cut_arena):
    table = tabulate(cut_arena(60, 1))
    rounds = list(islice(_slices(table, 100), 16))
    shared, own = [s[2] for s in rounds[:4]], [s[2] for s in rounds[4:8]]
    assert all(weight is shared[0] for weight in shared)
    assert len({id(weight) for weight in [shared[0], *own]}) == 5
    assert [id(s[2]) for s in rounds[8:]] == [id(s[2]) for s in rounds[:8]]
    assert [s[3] for s in rounds] == [100] * 8 + [200] * 8
    assert all(sorted(s[0].tolist()) == list(range(60)) for s in rounds)
