"""The exact strategy against trying everything, and what it proves."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples import examples
from mini_infer.memory import Buffer, Problem, find_plan, solve
from mini_infer.memory.problem import align_up


def smallest(problem):
    """The smallest arena: every order, each buffer at its lowest offset above all those before it that it meets."""
    buffers = [buffer for buffer in problem.buffers if buffer.size]
    pinned = [(b, b.offset) for b in buffers if b.offset is not None]
    best = sum(b.size + b.alignment for b in buffers) + sum(offset + b.size for b, offset in pinned) + 1
    for order in permutations([b for b in buffers if b.offset is None]):
        placed = list(pinned)
        for buffer in order:
            spots = [0, *(offset + other.size for other, offset in placed)]
            placed.append(
                (buffer, min(s for spot in spots if fits(buffer, s := align_up(spot, buffer.alignment), placed)))
            )
        best = min(best, max((offset + b.size for b, offset in placed), default=0))
    return best


def fits(buffer, offset, placed):
    return all(
        offset + buffer.size <= at
        or at + other.size <= offset
        or not any(s < e2 and s2 < e for s, e in buffer.intervals for s2, e2 in other.intervals)
        for other, at in placed
    )


@st.composite
def small_problems(draw):
    alignments = draw(st.sampled_from([(1,), (4,), (1, 2, 8)]))
    pinned_top = 0
    buffers = []
    for index in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, 5))
        end = start + draw(st.integers(1, 5))
        gaps = ((start + 1, end - 1),) if end - start > 2 and draw(st.integers(0, 4)) == 0 else ()
        alignment = draw(st.sampled_from(alignments))
        offset = None
        if draw(st.integers(0, 6)) == 0:
            offset = align_up(pinned_top + draw(st.integers(0, 5)), alignment)
        size = draw(st.integers(0, 9))
        if offset is not None:
            pinned_top = offset + size
        buffers.append(Buffer(str(index), size, start, end, alignment, offset, gaps))
    return Problem(tuple(buffers))


@examples(60)
@given(small_problems())
def test_exact_is_as_small_as_any_plan(problem):
    plan = solve(problem, "exact")
    assert plan.size == smallest(problem)
    assert plan.optimal or len({b.alignment for b in problem.buffers}) == 1


# Twelve buffers whose smallest arena is above the lower bound: the proof takes a search.
LOOSE = Problem(
    tuple(
        Buffer(f"b{i}", size, start, end)
        for i, (size, start, end) in enumerate(
            [
                (3, 0, 3),
                (2, 0, 1),
                (4, 1, 2),
                (2, 2, 5),
                (4, 3, 4),
                (3, 4, 7),
                (2, 5, 6),
                (4, 6, 8),
                (2, 7, 8),
                (3, 2, 3),
            ]
        )
    )
)


def test_an_exhausted_search_raises_the_lower_bound():
    plan = find_plan(LOOSE, "exact")
    assert plan.optimal
    assert plan.search.ended_by == "done"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_cut_arena_is_put_together_again(cut_arena, seed):
    problem = cut_arena(60, seed)
    plan = solve(problem, "exact")
    assert plan.size == plan.lower_bound == 1 << 20


@pytest.mark.slow
def test_the_search_is_repeatable_in_every_step(cut_arena):
    problem = cut_arena(80, 5)
    first, second = (find_plan(problem, time_limit=0.5) for _ in range(2))
    assert first.offsets == second.offsets
    assert first.search.nodes == second.search.nodes


def test_nodes_are_few_where_choices_are_forced(cut_arena):
    assert find_plan(cut_arena(150, 1), "exact").search.nodes < 2_000
