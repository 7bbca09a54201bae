"""Arenas without slack: restarts of the limited-backtracking search, and the orders of the exact one."""

import random
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mini_infer.memory import Buffer, Limits, Plan, Problem, find_plan, lower_bound, validate
from mini_infer.memory.compiled import limited_backtracking, niche_search, skyline
from mini_infer.memory.compiled.minimize import Tree, _slices
from mini_infer.memory.compiled.niche_state import instance_of
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
    rounds = list(islice(_slices(table, 100), 24 + 11 + 16))
    first, second, fourth = rounds[:8], rounds[8:16], rounds[24:35]
    shared, own = [s[3] for s in first[:4]], [s[3] for s in first[4:]]
    assert all(weight is shared[0] for weight in shared)
    assert len({id(weight) for weight in [shared[0], *own]}) == 5
    assert [id(s[3]) for s in first] == [id(s[3]) for s in second] == [id(s[3]) for s in fourth[:8]]
    assert [s[0] for s in rounds[:35]] == [True] * 32 + [False] * 3
    assert [s[4] for s in rounds] == [100] * 8 + [200] * 8 + [400] * 8 + [800] * 11 + [300] * 16  # few long, many short
    assert all(sorted(s[1].tolist()) == list(range(60)) for s in rounds)


small = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 8), st.integers(1, 6)), min_size=1, max_size=9)


@given(small)
def test_both_ways_of_branching_decide_the_same(rows):
    problem = Problem(tuple(Buffer(str(i), z, s, s + n) for i, (z, s, n) in enumerate(rows)))
    table = tabulate(problem)
    instance, rank = instance_of(table), np.arange(len(rows))
    capacity = table.bound
    while True:
        decided = []
        for by_edge in (True, False):
            refuted, weight = np.zeros(1 << 10, dtype=np.uint64), np.ones(table.sections)
            units = np.empty(len(rows), dtype=np.int64)
            decided.append(niche_search.search(instance, capacity, by_edge, rank, 0, weight, refuted, 10**9, units)[0])
            if decided[-1] == niche_search.FOUND:
                validate(Plan(problem, table.offsets(problem, units), "tree", lower_bound(problem)))
                assert (units + table.size).max() <= capacity
        assert decided[0] == decided[1] != niche_search.LIMIT
        if decided[0] == niche_search.FOUND:
            break
        capacity += 1


def pinwheels(count, seed, free):
    """Pinwheels within pinwheels in an arena of 1 MiB, of which about a share of `free` bytes is free."""
    chance = random.Random(seed)
    pieces = [(0, 1 << 20, 0, 1 << 20)]
    while len(pieces) < count:
        pieces.sort(key=lambda piece: (piece[1] - piece[0]) * (piece[3] - piece[2]) * chance.random())
        start, end, bottom, top = pieces.pop()
        left, right = sorted(chance.sample(range(start + 1, end), 2))
        low, high = sorted(chance.sample(range(bottom + 1, top), 2))
        pieces += [(start, right, bottom, low), (right, end, bottom, high), (left, end, high, top)]
        pieces += [(start, left, low, top), (left, right, low, high)]
    smaller = [1 - 2 * free * chance.random() for _ in pieces]
    return Problem(tuple(Buffer(str(i), int((t - b) * smaller[i]), s, e) for i, (s, e, b, t) in enumerate(pieces)))


@pytest.mark.parametrize("seed", [0, 3, 8])
def test_short_searches_in_many_orders_place_what_long_ones_in_few_do_not(seed):
    """Four searches at the lowest buffers, of 20 million units of work each, place none of them (found by trying)."""
    problem = pinwheels(120, seed, 0.03)
    table = tabulate(problem)
    budget = Budget(Limits(seconds=20.0))
    status, units = Tree(table).attempt((1 << 20) // table.unit, 0.5, budget)
    assert status == niche_search.FOUND
    validate(Plan(replace(problem, capacity=1 << 20), table.offsets(problem, units), "exact", lower_bound(problem)))
