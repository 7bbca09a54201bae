"""Buffers that may share bytes while both live: plans against trying everything, bounds, files, and what is refused."""

import random
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples import examples
from mini_infer.errors import PlanError, ProblemError
from mini_infer.memory import (
    STRATEGIES,
    Buffer,
    Overlap,
    Plan,
    Pool,
    Problem,
    alive_bytes,
    lower_bound,
    peak,
    peak_bytes,
    read_csv,
    read_csv_plan,
    read_json,
    read_json_plan,
    solve,
    validate,
    write_csv,
    write_json,
)

PAIR = Problem((Buffer("in", 100, 0, 2), Buffer("out", 60, 1, 3)), overlaps=(Overlap(1, 0, 20),))
"""What is written grows into what is read, twenty bytes behind."""


def bytes_of(problem, offsets, step):
    """For each byte of the arena, who lives there in a step."""
    found = {}
    for index, (buffer, offset) in enumerate(zip(problem.buffers, offsets, strict=True)):
        if any(start <= step < end for start, end in buffer.intervals):
            for byte in range(offset, offset + buffer.size):
                found.setdefault(byte, []).append(index)
    return found


def is_sound(problem, offsets):
    """Whether no byte has two buffers, but those that overlap and keep their distance, by looking at every byte."""
    allowed = {frozenset((each.lower, each.upper)): each for each in problem.overlaps}
    steps = {step for buffer in problem.buffers for step in range(buffer.start, buffer.end)}
    for step in steps:
        for there in bytes_of(problem, offsets, step).values():
            for at, one in enumerate(there):
                for other in there[:at]:
                    each = allowed.get(frozenset((one, other)))
                    if each is None or offsets[each.lower] + each.distance > offsets[each.upper]:
                        return False
    return all(offset % buffer.alignment == 0 for offset, buffer in zip(offsets, problem.buffers, strict=True))


def smallest(problem):
    """The smallest arena of all orders in which each buffer goes as low as those before it allow."""
    best = 1 << 30
    for order in permutations(range(len(problem.buffers))):
        offsets = [1 << 20] * len(problem.buffers)
        for place, index in enumerate(order):
            there = (*order[:place], index)
            kept = {number: at for at, number in enumerate(there)}
            part = Problem(
                tuple(problem.buffers[number] for number in there),
                overlaps=tuple(
                    replace(each, lower=kept[each.lower], upper=kept[each.upper])
                    for each in problem.overlaps
                    if each.lower in kept and each.upper in kept
                ),
            )
            offset = 0
            while not is_sound(part, [*(offsets[number] for number in order[:place]), offset]):
                offset += 1
            offsets[index] = offset
        best = min(best, max(o + b.size for o, b in zip(offsets, problem.buffers, strict=True)))
    return best


@st.composite
def small_problems(draw, most=4):
    count = draw(st.integers(2, most))
    alignment = draw(st.sampled_from([1, 1, 4]))
    buffers = []
    for index in range(count):
        start = draw(st.integers(0, 3))
        end = start + draw(st.integers(1, 3))
        buffers.append(Buffer(str(index), draw(st.integers(0, 7)), start, end, alignment))
    pairs = draw(st.lists(st.permutations(range(count)).map(lambda order: tuple(order[:2])), max_size=3))
    unique = {frozenset(pair): pair for pair in pairs}
    overlaps = tuple(Overlap(lower, upper, draw(st.integers(1, 8))) for lower, upper in unique.values())
    return Problem(tuple(buffers), overlaps=overlaps)


@examples(60)
@given(small_problems())
def test_small_problems_are_solved_exactly(problem):
    best = smallest(problem)
    for strategy in ("auto", "exact"):
        plan = solve(problem, strategy)
        assert is_sound(problem, plan.offsets)
        assert plan.lower_bound <= best <= plan.size
        if plan.search.ended_by == "done":
            assert plan.size == best


@examples(30)
@given(small_problems(most=9), st.sampled_from([*STRATEGIES]))
def test_every_strategy_keeps_the_distances(problem, strategy):
    plan = solve(problem, strategy, time_limit=0.1)
    assert is_sound(problem, plan.offsets)
    assert lower_bound(problem) <= plan.size


@examples(60)
@given(small_problems(), st.integers(0, 2**32 - 1))
def test_the_validator_refuses_what_is_not_sound(problem, seed):
    random_offsets = random.Random(seed)
    alignment = problem.buffers[0].alignment
    offsets = tuple(alignment * random_offsets.randrange(4) for _ in problem.buffers)
    plan = Plan(problem, offsets, "hand", 0)
    if is_sound(problem, offsets):
        validate(plan)
    else:
        with pytest.raises(PlanError, match="share bytes"):
            validate(plan)


@pytest.mark.parametrize("offsets", [(20, 0), (100, 0), (60, 0), (0, 100), (21, 1), (84, 64)])
def test_a_pair_keeps_its_distance_or_is_apart(offsets):
    validate(Plan(PAIR, offsets, "hand", 0))


@pytest.mark.parametrize("offsets", [(19, 0), (0, 0), (0, 20), (0, 99), (60, 41)])
def test_a_pair_that_is_too_near_is_refused(offsets):
    with pytest.raises(PlanError, match=r"'out' at .* and 'in' at .*must begin 20 bytes below"):
        validate(Plan(PAIR, offsets, "hand", 0))


def test_what_two_share_is_alive_once():
    assert alive_bytes(PAIR.buffers, 4, PAIR.overlaps) == [100, 120, 60, 0]
    assert peak_bytes(PAIR.buffers, PAIR.overlaps) == peak(PAIR).size == lower_bound(PAIR) == 120
    plan = solve(PAIR)
    assert plan.size == 120
    assert plan.optimal


def test_sizes_that_are_no_multiples_of_the_alignment():
    """Both ends are rounded up, save the topmost."""
    buffers = (Buffer("in", 100, 0, 2, 64), Buffer("out", 60, 1, 3, 64), Buffer("third", 10, 0, 3, 64))
    problem = Problem(buffers, overlaps=(Overlap(1, 0, 20),))
    plan = solve(problem)
    assert plan.optimal
    assert plan.size == 64 + 128 + 10


def test_a_chain_goes_down_until_a_value_is_put_apart():
    """Each value may grow into the one before it, but not all of them: the first would begin above them all."""
    sizes = [90, 80, 70, 60, 50, 40]
    buffers = [Buffer(f"v{i}", size, i, i + 2) for i, size in enumerate(sizes)]
    overlaps = tuple(Overlap(i + 1, i, 10) for i in range(len(sizes) - 1))
    problem = Problem(tuple(buffers), overlaps=overlaps)
    plan = solve(problem, time_limit=0)
    assert plan.size == plan.lower_bound == smallest(problem) == 120
    assert lower_bound(problem) == 100
    apart = replace(problem, overlaps=())
    assert solve(apart, time_limit=0).size == 170


def test_many_pairs_are_placed_at_their_bound():
    """Pairs one after another, each with rings beside it that fill the arena: the search finds room for all."""
    buffers, overlaps = [], []
    for number in range(20):
        first = len(buffers)
        buffers += [
            Buffer(f"in{number}", 640, 3 * number, 3 * number + 2, 64),
            Buffer(f"out{number}", 320, 3 * number + 1, 3 * number + 3, 64),
            Buffer(f"rings{number}", 256 + 64 * (number % 3), 3 * number + 1, 3 * number + 2, 64),
        ]
        overlaps.append(Overlap(first + 1, first, 64))
    problem = Problem(tuple(buffers), overlaps=tuple(overlaps))
    plan = solve(problem, time_limit=0)
    assert plan.size == plan.lower_bound == 640 + 64 + 256 + 128


@pytest.mark.parametrize(
    ("overlap", "message"),
    [
        (Overlap(0, 0, 1), "each pair once"),
        (Overlap(0, 2, 1), "each pair once"),
        (Overlap(-1, 0, 1), "each pair once"),
        (Overlap(0, 1, 0), "a distance of 1 byte or more"),
        (Overlap(0, 1, True), "a distance of 1 byte or more"),
        (Overlap(0, 1, 2**63), "a distance of 1 byte or more"),
        ((0, 1, 8), "each must be an Overlap"),
    ],
)
def test_a_bad_overlap(overlap, message):
    with pytest.raises(ProblemError, match=message):
        replace(PAIR, overlaps=(overlap,))


def test_a_pair_is_given_once_and_is_not_pinned():
    with pytest.raises(ProblemError, match="each pair once"):
        replace(PAIR, overlaps=(Overlap(0, 1, 8), Overlap(1, 0, 8)))
    with pytest.raises(ProblemError, match="pinned"):
        replace(PAIR, buffers=(replace(PAIR.buffers[0], offset=0), PAIR.buffers[1]))


def test_files_keep_overlaps(tmp_path):
    problem = Problem((*PAIR.buffers, Buffer("more", 8, 2, 4)), overlaps=(Overlap(1, 0, 20), Overlap(2, 1, 5)))
    plan = solve(problem)
    write_json(plan, tmp_path / "plan.json")
    write_csv(plan, tmp_path / "plan.csv")
    write_csv(problem, tmp_path / "problem.csv")
    assert read_json(tmp_path / "plan.json") == read_csv(tmp_path / "problem.csv") == problem
    for read in (read_json_plan(tmp_path / "plan.json"), read_csv_plan(tmp_path / "plan.csv")):
        assert (read.problem, read.offsets) == (problem, plan.offsets)
        validate(read)


@pytest.mark.parametrize("cell", ["0", "0+", "+8", "0+x", "0-8", "7+1"])
def test_a_bad_cell_is_refused(tmp_path, cell):
    path = tmp_path / "problem.csv"
    path.write_text(f"id,lower,upper,size,overlaps\na,0,2,8,\nb,1,3,8,{cell}\n")
    with pytest.raises(ProblemError, match=r"problem\.csv.*overlap"):
        read_csv(path)


def test_an_overlap_of_a_buffer_that_is_not_there(tmp_path):
    path = tmp_path / "problem.json"
    write_json(PAIR, path)
    path.write_text(path.read_text().replace('"upper": "in"', '"upper": "on"'))
    with pytest.raises(ProblemError, match=r"overlaps\[0\]: upper is 'on', which is no buffer"):
        read_json(path)


def test_pools_keep_the_overlaps_of_what_is_together():
    problem = replace(PAIR, pools=(Pool("sram", 120), Pool("dram")))
    plan = solve(problem)
    assert set(plan.regions) == {"sram"}
    assert plan.size == 120
