"""Several pools with capacities, and several models in one arena."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples import examples
from mini_infer.errors import CapacityError, PlanError
from mini_infer.memory import Buffer, Place, Pool, Problem, find_plan, solve, solve_group, spilled, validate

POOLS = (Pool("sram", 20), Pool("dram", 10_000))

problems = st.lists(
    st.tuples(st.integers(1, 15), st.integers(0, 6), st.integers(1, 5), st.sampled_from([(), ("dram",), ("sram",)])),
    max_size=7,
).map(
    lambda rows: Problem(
        tuple(
            Buffer(str(i), size if where != ("sram",) else 1, start, start + length, pools=where)
            for i, (size, start, length, where) in enumerate(rows)
        ),
        pools=POOLS,
    )
)


@given(problems)
def test_every_buffer_lives_where_it_may(problem):
    plan = solve(problem, time_limit=0)
    validate(plan)
    assert sum(pool.size for pool in plan.pools) == plan.size
    assert all(r in problem.pools_of(b) for r, b in zip(plan.regions, problem.buffers, strict=True))


@examples(40)
@given(problems)
def test_no_smaller_set_of_buffers_could_have_been_spilled(problem):
    plan = solve(problem)
    free = [b for b in problem.buffers if not b.pools]
    must = [b for b in problem.buffers if b.pools == ("sram",)]
    smallest = min(
        sum(b.size for b in gone)
        for count in range(len(free) + 1)
        for gone in combinations(free, count)
        if fits([b for b in free if b not in gone] + must, 20)
    )
    assert spilled(plan) == smallest


def fits(buffers, capacity):
    part = Problem(tuple(Buffer(b.id, b.size, b.start, b.end) for b in buffers), capacity)
    return find_plan(part, "exact").fits


@examples(40)
@given(problems, st.data())
def test_no_set_of_less_traffic_could_have_been_spilled(problem, data):
    buffers = tuple(replace(each, pools=(), traffic=data.draw(st.integers(0, 20))) for each in problem.buffers)
    plan = solve(replace(problem, buffers=buffers))
    out = [b for b, region in zip(buffers, plan.regions, strict=True) if region == "dram"]
    least = min(
        sum(b.traffic for b in gone)
        for count in range(len(buffers) + 1)
        for gone in combinations(buffers, count)
        if fits([b for b in buffers if b not in gone], 20)
    )
    assert sum(b.traffic for b in out) == least


def test_bytes_decide_where_traffic_leaves_no_room():
    """Without `b` the first pool has room for the busier `a`, but the second has none for `b`."""
    both = (Buffer("a", 8, 0, 2, traffic=100), Buffer("b", 15, 0, 2, traffic=1))
    assert solve(Problem(both, pools=(Pool("fast", 20), Pool("slow", 15)))).regions == ("fast", "slow")
    assert solve(Problem(both, pools=(Pool("fast", 20), Pool("slow", 10)))).regions == ("slow", "fast")


def test_what_must_live_in_a_full_pool_is_named():
    both = tuple(Buffer(name, 15, 0, 2, pools=("sram",)) for name in "ab")
    with pytest.raises(CapacityError, match=r"'a' \(15 bytes\) and 1 others have to live in pool 'sram'"):
        solve(Problem(both, pools=POOLS))


def test_what_fits_nowhere_is_named():
    with pytest.raises(CapacityError, match=r"'x' \(20,000 bytes\) and 0 others have to live in pool 'dram'"):
        solve(Problem((Buffer("x", 20_000, 0, 1),), pools=POOLS))


def test_pinned_buffers_stay_in_their_pool():
    pin = Buffer("pin", 8, 0, 4, offset=8, pools=("sram",))
    plan = solve(Problem((pin, Buffer("x", 10, 0, 4)), pools=POOLS))
    assert plan.regions == ("sram", "dram")


def test_the_validator_knows_the_pools():
    plan = solve(Problem((Buffer("x", 10, 0, 4, pools=("sram",)),), pools=POOLS))
    broken = type(plan)(plan.problem, plan.offsets, "hand", 0, regions=("dram",))
    with pytest.raises(PlanError, match="'x' lies in pool 'dram' but may only live in sram"):
        validate(broken)


def test_a_group_takes_the_maximum_or_the_sum():
    small, large = (Problem((Buffer("x", size, 0, 1, alignment=64),)) for size in (100, 1000))
    apart = solve_group({"small": small, "large": large})
    assert (apart.size, apart.bases) == (1000, {"small": 0, "large": 0})
    together = solve_group({"small": small, "large": large}, concurrent=True)
    assert (together.size, together.bases) == (1128, {"small": 0, "large": 128})


def test_each_pool_has_a_bound_of_its_own_and_each_buffer_a_place():
    plan = solve(Problem((Buffer("a", 10, 0, 5), Buffer("b", 20, 2, 5)), pools=(Pool("small", 20), Pool("large"))))
    assert [(pool.size, pool.lower_bound) for pool in plan.pools] == [(20, 20), (10, 10)]
    assert plan.places == {"a": Place(0, 10, "large"), "b": Place(0, 20, "small")}
