"""The compiled methods, each on its own: what they place is sound, and their work is counted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mini_infer.memory import STRATEGIES, Buffer, Limits, Plan, Problem, lower_bound, validate
from mini_infer.memory.compiled import inorder, limited_backtracking, repair, skyline, window
from mini_infer.memory.compiled.orders import crowding, orders
from mini_infer.memory.compiled.table import tabulate
from mini_infer.memory.interference import interference_graph
from mini_infer.memory.limits import Budget
from mini_infer.memory.strategies.greedy import place_in_order

problems = st.lists(st.tuples(st.integers(1, 40), st.integers(0, 30), st.integers(1, 12)), min_size=1, max_size=40).map(
    lambda rows: Problem(tuple(Buffer(str(i), z, s, s + n) for i, (z, s, n) in enumerate(rows)))
)


def check(problem, table, units):
    plan = Plan(problem, table.offsets(problem, units), "compiled", lower_bound(problem))
    validate(plan)
    return plan.size


@given(problems)
def test_sections_keep_who_meets_whom_and_the_bound(problem):
    table = tabulate(problem)
    assert table.bound * table.unit == lower_bound(problem)
    met = {
        (int(min(a, b)), int(max(a, b)))
        for i, a in enumerate(table.row)
        for j, b in enumerate(table.row)
        if i != j and table.start[i] < table.end[j] and table.start[j] < table.end[i]
    }
    assert met == {(i, j) for i, others in enumerate(interference_graph(problem)) for j in others if i < j}


@given(problems)
def test_crowding_is_the_most_alive_in_a_lifetime(problem):
    table = tabulate(problem)
    expected = [table.live[s:e].max() for s, e in zip(table.start, table.end, strict=True)]
    assert crowding(table).tolist() == expected


@given(problems, st.sampled_from([0.0, 0.3, 5.0]), st.sampled_from([0.0, 4.0]))
def test_a_skyline_is_sound_and_tells_its_height(problem, weight, fit):
    table = tabulate(problem)
    units = np.empty(len(table.size), dtype=np.int64)
    height = skyline.place(skyline.edges_of(table), skyline.score_of(table, weight), fit, units)
    assert check(problem, table, units) == height * table.unit


@pytest.mark.slow
@given(problems, st.integers(0, 30))
def test_limited_backtracking_is_sound_and_no_higher_than_allowed(problem, failure_limit):
    table = tabulate(problem)
    units = np.empty(len(table.size), dtype=np.int64)
    score = skyline.score_of(table, 50.0)
    most = 3 * table.bound
    height, _ = limited_backtracking.search(
        skyline.edges_of(table), table.live, score, 8.0, table.bound, most, failure_limit, units
    )
    if height >= 0:
        assert check(problem, table, units) == height * table.unit <= most * table.unit


@pytest.mark.slow
def test_limited_backtracking_puts_a_cut_arena_together_in_as_many_steps(cut_arena):
    problem = cut_arena(1500, 1)
    table = tabulate(problem)
    units = np.empty(len(table.size), dtype=np.int64)
    score = skyline.score_of(table, 50.0)
    height, steps = limited_backtracking.search(
        skyline.edges_of(table), table.live, score, 8.0, table.bound, 2 * table.bound, 30, units
    )
    assert check(problem, table, units) == height * table.unit == lower_bound(problem)
    assert steps < 2_000


@given(problems, st.booleans())
def test_the_compiled_greedy_is_the_interpreted_one(problem, tightest):
    table = tabulate(problem)
    order, _ = next(orders(table))
    units = np.empty(len(table.size), dtype=np.int64)
    inorder.place_in_order(order, table.start, table.end, table.size, tightest, units)
    rows = [int(table.row[at]) for at in order]
    expected = place_in_order(problem, interference_graph(problem), rows, tightest=tightest)
    assert table.offsets(problem, units) == expected


@pytest.mark.slow
@given(problems, st.data())
def test_a_window_is_filled_around_what_is_fixed(problem, data):
    table = tabulate(problem)
    units = np.empty(len(table.size), dtype=np.int64)
    skyline.place(skyline.edges_of(table), skyline.score_of(table, 0.0), 0.0, units)
    free = np.array([data.draw(st.booleans()) for _ in units])
    fixed = window.fixed_of(table.start[~free], table.end[~free], units[~free], table.size[~free], table.sections)
    placed = np.empty(int(free.sum()), dtype=np.int64)
    order = np.arange(len(placed))
    start, end, size = table.start[free], table.end[free], table.size[free]
    height, _ = window.fill(start, end, size, order, fixed, table.sections, 1 << 40, placed)
    units[free] = placed
    assert height >= 0
    check(problem, table, units)


@given(problems)
def test_repair_makes_nothing_worse(problem):
    table = tabulate(problem)
    units = np.cumsum(table.size) - table.size
    better = repair.repair(table, units, table.bound, Budget(Limits(seconds=0.02)), 0.02)
    assert check(problem, table, better) <= check(problem, table, units)


@pytest.mark.parametrize("strategy", ["skyline", "local-search", "exact", "auto"])
def test_a_capacity_is_good_enough(strategy, cut_arena):
    problem = cut_arena(120, 2)
    loose = Problem(problem.buffers, capacity=2 << 20)
    assert STRATEGIES[strategy](loose, Limits(seconds=1.0, capacity=2 << 20)).search.nodes < 20_000


def test_a_skyline_of_many_buffers_takes_one_step_each():
    count = 50_000
    problem = Problem(tuple(Buffer(str(i), 1 + i * 7919 % 997, i, i + 1 + i * 104_729 % 400) for i in range(count)))
    assert STRATEGIES["skyline"](problem, Limits(seconds=0)).search.nodes == count
