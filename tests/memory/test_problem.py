"""Bad problems cannot be built."""

import numpy as np
import pytest

from mini_infer.errors import PlanError, ProblemError, UsageError
from mini_infer.memory import (
    Buffer,
    Plan,
    Pool,
    Problem,
    interference_graph,
    lower_bound,
    peak,
    solve,
    validate,
)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"size": -1}, "'x' has size -1"),
        ({"size": 2**63}, "has size 9223372036854775808"),
        ({"end": 0}, r"lives in \[0, 0\), which is empty"),
        ({"end": 2**63}, "64-bit"),
        ({"alignment": 0}, "alignment 0"),
        ({"offset": -4}, "pinned at offset -4"),
        ({"offset": 6, "alignment": 4}, "no multiple of its alignment 4"),
        ({"offset": 2**63 - 1}, "pinned at offset"),
        ({"gaps": ((0, 2),)}, r"gap \[0, 2\)"),
        ({"gaps": ((2, 4), (4, 6))}, r"gap \[4, 6\)"),
        ({"gaps": ((3, 3),)}, r"gap \[3, 3\)"),
    ],
)
def test_a_bad_buffer(fields, message):
    with pytest.raises(ProblemError, match=message):
        Buffer(**{"id": "x", "size": 8, "start": 0, "end": 9} | fields)


A, B = Buffer("a", 8, 0, 4, offset=0), Buffer("b", 8, 2, 6, offset=4)
SRAM = Pool("sram", 64)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"buffers": (A, A)}, "'a' is used more than once"),
        ({"buffers": (A, B)}, r"'a' at \[0, 8\) and 'b' at \[4, 12\) are pinned to the same bytes"),
        ({"buffers": (A,), "capacity": -1}, "capacity is -1"),
        ({"buffers": (B,), "capacity": 10}, "end at 12, beyond the capacity 10"),
        ({"buffers": (Buffer("x", 2**62, 0, 1), Buffer("y", 2**62, 0, 1))}, "2\\^63 or more"),
        ({"buffers": (Buffer("x", 1, 0, 1, 2**62), Buffer("y", 1, 0, 1, 3))}, "multiple of the alignments is 1383505"),
        ({"buffers": (Buffer("x", 1, 0, 1, 2**61), Buffer("y", 2**62, 0, 1, 3))}, "2\\^63 or more"),
        ({"buffers": (), "pools": (SRAM, SRAM)}, "'sram' is given more than once"),
        ({"buffers": (), "pools": (SRAM,), "capacity": 9}, "both a capacity"),
        ({"buffers": (Buffer("x", 1, 0, 1, pools=("flash",)),), "pools": (SRAM,)}, "'flash', which is not given"),
        ({"buffers": (A,), "pools": (SRAM, Pool("dram"))}, "pinned but may live in sram, dram"),
    ],
)
def test_a_bad_problem(fields, message):
    with pytest.raises(ProblemError, match=message):
        Problem(**fields)


@pytest.mark.parametrize(("name", "capacity"), [("", 1), ("sram", -1), ("sram", 2**63)])
def test_a_bad_pool(name, capacity):
    with pytest.raises(ProblemError):
        Pool(name, capacity)


def test_gaps_leave_the_intervals_between_them():
    assert Buffer("x", 1, 0, 10, gaps=((2, 3), (5, 9))).intervals == ((0, 2), (3, 5), (9, 10))


def test_pins_that_meet_only_in_a_gap_may_share_bytes():
    Problem((Buffer("a", 8, 0, 9, offset=0, gaps=((2, 5),)), Buffer("b", 8, 2, 5, offset=0)))


class TestTypes:
    """What is no integer, no name or no problem is a typed error, not a plan of half bytes."""

    @pytest.mark.parametrize("value", [1.5, 4.0, True, "4", float("nan"), None, np.float32(4), np.bool_(True), [4]])
    @pytest.mark.parametrize("field", ["size", "start", "end", "alignment"])
    def test_numbers_of_a_buffer(self, field, value):
        fields = {"id": "a", "size": 4, "start": 0, "end": 2, "alignment": 1} | {field: value}
        with pytest.raises(ProblemError, match=f"the {field} of buffer 'a' is .*; it must be an integer"):
            Buffer(**fields)

    def test_integers_of_numpy_become_plain(self):
        buffer = Buffer(
            "a", np.int32(4), np.uint8(0), np.int64(9), np.int8(2), np.int16(2), [[np.int64(2), 3]], ["sram"]
        )
        assert buffer == Buffer("a", 4, 0, 9, 2, 2, ((2, 3),), ("sram",))
        assert hash(buffer) is not None
        values = (buffer.size, buffer.start, buffer.end, buffer.alignment, buffer.offset, *buffer.gaps[0])
        assert {type(value) for value in values} == {int}
        assert Problem([buffer], pools=[Pool("sram", np.int64(64))]).pools[0].capacity == 64

    @pytest.mark.parametrize(
        "wrong",
        [
            {"id": 3},
            {"offset": 0.0},
            {"offset": "0"},
            {"gaps": 3},
            {"gaps": [3]},
            {"gaps": ((1, 2, 3),)},
            {"gaps": ((1.0, 2),)},
            {"gaps": "1-2"},
            {"pools": "sram"},
            {"pools": (3,)},
        ],
    )
    def test_other_fields_of_a_buffer(self, wrong):
        with pytest.raises(ProblemError):
            Buffer(**({"id": "a", "size": 4, "start": 0, "end": 9} | wrong))

    @pytest.mark.parametrize(
        "make",
        [
            lambda: Pool("p", 1.5),
            lambda: Pool("p", "much"),
            lambda: Pool(3),
            lambda: Problem(3),
            lambda: Problem("buffers"),
            lambda: Problem([("a", 4, 0, 1)]),
            lambda: Problem((), 1.5),
            lambda: Problem((), "1X"),
            lambda: Problem((), None, ["sram"]),
            lambda: solve(Problem(()), capacity="-1M"),
            lambda: solve(Problem(()), capacity=1.5),
            lambda: solve([Buffer("a", 4, 0, 1)]),
            lambda: solve("buffers.csv"),
            lambda: lower_bound([]),
            lambda: peak([]),
            lambda: interference_graph([]),
        ],
    )
    def test_pools_problems_and_who_takes_them(self, make):
        with pytest.raises(ProblemError):
            make()

    def test_capacities_in_words(self):
        assert Pool("p", "256K").capacity == 1 << 18
        assert Problem((), "1M").capacity == solve(Problem(()), capacity="1M").problem.capacity == 1 << 20

    @pytest.mark.parametrize("limit", ["1", -1, float("nan"), float("inf"), None])
    def test_limits(self, limit):
        with pytest.raises(UsageError, match="choose 0 or more"):
            solve(Problem(()), time_limit=limit)

    @pytest.mark.parametrize("strategy", ["best", None, ["auto"], 3])
    def test_strategies(self, strategy):
        with pytest.raises(UsageError, match="choose one of"):
            solve(Problem(()), strategy)

    @pytest.mark.parametrize("offset", [0.5, 0.0, "0", None, True])
    def test_offsets_of_a_plan(self, offset):
        with pytest.raises(PlanError, match="no integer"):
            validate(Plan(Problem((Buffer("a", 4, 0, 1),)), (offset,), "somebody", 0))

    def test_no_plan(self):
        with pytest.raises(PlanError, match="a list is no plan"):
            validate([])
