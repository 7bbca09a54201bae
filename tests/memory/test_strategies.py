"""What holds for every strategy, on any problem."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mini_infer.memory import STRATEGIES, Buffer, Problem, lower_bound, solve


@st.composite
def problems(draw, most=9, *, pins=False, gaps=False, alignments=(1,)):
    buffers = []
    top = 0
    for index in range(draw(st.integers(0, most))):
        start = draw(st.integers(0, 10))
        end = start + draw(st.integers(1, 8))
        size = draw(st.integers(0, 12))
        alignment = draw(st.sampled_from(alignments))
        hole = ()
        if gaps and end - start >= 3 and draw(st.booleans()):
            first = draw(st.integers(start + 1, end - 2))
            hole = ((first, draw(st.integers(first + 1, end - 1))),)
        offset = None
        if pins and draw(st.integers(0, 3)) == 0:
            offset = -(-(top + draw(st.integers(0, 9))) // alignment) * alignment
            top = offset + size
        buffers.append(Buffer(f"b{index}", size, start, end, alignment, offset, hole))
    return Problem(tuple(buffers))


@pytest.mark.parametrize("strategy", STRATEGIES)
@given(problem=problems(pins=True, gaps=True, alignments=(1, 2, 4, 8)))
def test_every_plan_is_valid_repeatable_and_above_the_bound(strategy, problem):
    plan = solve(problem, strategy, time_limit=0)
    assert plan.size >= plan.lower_bound >= lower_bound(problem)
    assert solve(problem, strategy, time_limit=0).offsets == plan.offsets


@pytest.mark.parametrize("strategy", sorted(set(STRATEGIES) - {"naive", "coloring"}))
def test_empty_buffers_take_no_room(strategy):
    problem = Problem((Buffer("empty", 0, 0, 5), Buffer("a", 7, 0, 5)))
    assert solve(problem, strategy).size == 7


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_problem_without_buffers_needs_no_arena(strategy):
    plan = solve(Problem(()), strategy)
    assert (plan.size, plan.optimal) == (0, True)


def test_coloring_of_a_chain_needs_two_pools():
    chain = Problem(tuple(Buffer(str(i), 10 * (i + 1), i, i + 2) for i in range(5)))
    plan = solve(chain, "coloring")
    assert [(pool.size, pool.members) for pool in plan.pools] == [(50, (0, 2, 4)), (40, (1, 3))]
