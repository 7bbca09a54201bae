"""The validator catches every kind of bad plan."""

from dataclasses import replace
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mini_infer.errors import CapacityError, PlanError
from mini_infer.memory import Buffer, Plan, Problem, solve, validate
from mini_infer.memory import clash as clash_module
from mini_infer.memory.clash import first_clash


class Rectangle(NamedTuple):
    start: int
    end: int
    bottom: int
    top: int


def clash_of(rectangles):
    found = first_clash(*(list(column) for column in zip(*rectangles, strict=True)) if rectangles else [[]] * 4)
    return found and tuple(rectangles[index] for index in found)


def plan_of(*placed, capacity=None):
    buffers = tuple(buffer for buffer, _ in placed)
    return Plan(Problem(buffers, capacity), tuple(offset for _, offset in placed), strategy="hand", lower_bound=0)


def test_a_clash_names_both_buffers_and_the_steps():
    plan = plan_of((Buffer("relu_3", 8, 0, 2), 0), (Buffer("conv_4", 8, 1, 3), 4))
    with pytest.raises(PlanError, match=r"'relu_3' at \[0, 8\) and 'conv_4' at \[4, 12\) .* live in steps \[1, 2\)"):
        validate(plan)


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (plan_of((Buffer("a", 8, 0, 2), -8)), "before the arena begins"),
        (plan_of((Buffer("a", 8, 0, 2, alignment=16), 8)), "no multiple of its alignment 16"),
        (plan_of((Buffer("a", 8, 0, 2, offset=16), 8)), "pinned at 16"),
        (replace(plan_of((Buffer("a", 8, 0, 2), 8)), offsets=()), "0 offsets for 1 buffers"),
    ],
)
def test_each_rule(plan, message):
    with pytest.raises(PlanError, match=message):
        validate(plan)


def test_capacity_is_checked():
    with pytest.raises(CapacityError, match=r"'a' at \[8, 16\) ends beyond the 12 bytes"):
        validate(plan_of((Buffer("a", 8, 0, 2), 8), capacity=12))


def test_buffers_that_meet_only_in_a_gap_may_share_bytes():
    around, inside = Buffer("around", 8, 0, 10, gaps=((2, 5),)), Buffer("inside", 8, 2, 5)
    validate(plan_of((around, 0), (inside, 0)))
    with pytest.raises(PlanError):
        validate(plan_of((around, 0), (replace(inside, end=6), 0)))


rectangles = st.lists(
    st.builds(
        lambda start, length, bottom, height: Rectangle(start, start + length, bottom, bottom + height),
        st.integers(-3, 12), st.integers(1, 6), st.integers(0, 12), st.integers(0, 4),
    ),
    max_size=12,
)  # fmt: skip


def clashes(a, b):
    return a.start < b.end and b.start < a.end and a.bottom < b.top and b.bottom < a.top and a.bottom < a.top


@pytest.mark.parametrize("compile_from", [20_000, 1])
@given(found=rectangles)
def test_both_sweeps_agree_with_comparing_all_pairs(compile_from, found):
    expected = any(clashes(a, b) and b.bottom < b.top for i, a in enumerate(found) for b in found[:i])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clash_module, "_COMPILE_FROM", compile_from)
        clash = clash_of(found)
    assert (clash is not None) == expected
    if clash is not None:
        low, high = clash
        assert clashes(low, high)
        assert low.bottom <= high.bottom


@given(st.integers(0, 3), st.integers(0, 9), st.integers(1, 40))
def test_a_valid_plan_moved_into_a_neighbor_is_caught(seed, which, down):
    buffers = tuple(Buffer(str(i), 5 + (i * 7 + seed) % 11, i % 4, i % 4 + 3 + i % 3) for i in range(10))
    plan = solve(Problem(buffers), "greedy-by-size")
    moved = tuple(o - down if i == which else o for i, o in enumerate(plan.offsets))
    below = plan.offsets[which] >= down and not any(
        clashes(
            Rectangle(b.start, b.end, o, o + b.size),
            Rectangle(buffers[which].start, buffers[which].end, moved[which], moved[which] + buffers[which].size),
        )
        for i, (b, o) in enumerate(zip(buffers, plan.offsets, strict=True))
        if i != which
    )
    if below:
        validate(replace(plan, offsets=moved))
    else:
        with pytest.raises(PlanError):
            validate(replace(plan, offsets=moved))


def test_the_compiled_sweep_names_the_lower_rectangle_first(monkeypatch):
    monkeypatch.setattr(clash_module, "_COMPILE_FROM", 0)
    apart = [Rectangle(0, 2, 0, 4), Rectangle(1, 3, 4, 8), Rectangle(2, 4, 0, 4)]
    assert clash_of(apart) is None
    low, high = Rectangle(2, 5, 3, 9), Rectangle(1, 3, 4, 8)
    assert clash_of([*apart, low]) == (apart[2], low)
    assert clash_of([low, high]) == (low, high)
