"""Bad problems cannot be built."""

import pytest

from mini_infer.errors import ProblemError
from mini_infer.memory import Buffer, Pool, Problem


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
