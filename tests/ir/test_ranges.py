"""The ranges that users give."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mini_infer as mi
from mini_infer.errors import UsageError
from mini_infer.ir.dims import Symbol
from mini_infer.ir.ranges import Range, parse_dim

STEPS = st.integers(1, 64)


@st.composite
def ranges(draw):
    step = draw(STEPS)
    low, typical, high = sorted(step * draw(st.integers(0, 1000)) for _ in range(3))
    return Range(low, high, step, draw(st.sampled_from([None, typical])))


@given(ranges(), st.text(min_size=1))
def test_a_range_is_read_as_it_is_written(sizes, name):
    assert parse_dim(f"{name}={sizes}") == (name, sizes)
    typical = sizes.high if sizes.typical is None else sizes.typical
    assert sizes.symbol(name) == Symbol(name, sizes.low, sizes.high, sizes.step, typical)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("batch=1", ("batch", 1)),
        ("seq=1..512@128", ("seq", Range(1, 512, typical=128))),
        ("h=32..960:32@320", ("h", Range(32, 960, 32, 320))),
        ("x.2=0..7", ("x.2", Range(0, 7))),
        ("a=b=3", ("a=b", 3)),
    ],
)
def test_forms(text, expected):
    assert parse_dim(text) == expected


@pytest.mark.parametrize("text", ["", "seq", "=3", "seq=", "seq=1..", "seq=-1", "seq=1-5", "seq=1..5:", "seq=8@3"])
def test_what_is_no_dimension(text):
    with pytest.raises(UsageError, match=r"write NAME=8, NAME=1\.\.512"):
        parse_dim(text)


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        (Range(5, 1), "give a range from low to high, such as n=1..512"),
        (Range(-1, 1), "give a range from low to high"),
        (Range(1, 1 << 62), "give a range from low to high"),
        (Range(0, 8, 0), "give a range from low to high"),
        (Range(32, 100, 32), "100 is no multiple of 32"),
        (Range(32, 96, 32, 50), "50 is no multiple of 32"),
        (Range(1, 8, 1, 9), "the typical size is 9, outside the range"),
        (Range(1, 2.5), "give whole numbers"),
        (Range(True, 4), "give whole numbers"),
    ],
)
def test_what_is_no_range(sizes, said):
    with pytest.raises(UsageError, match=said):
        sizes.symbol("n")


def test_numbers_of_numpy_are_numbers():
    assert Range(np.int64(1), np.int32(8)).symbol("n") == Symbol("n", 1, 8, 1, 8)
    assert mi.Range is Range


def test_what_people_are_told():
    assert Symbol("n", 1, 512, 1, 1).said == "1 to 512"
    assert Symbol("n", 32, 960, 32, 32).said == "32 to 960 in steps of 32"
    assert Symbol("n", 64, 64, 32, 64).said == "64"
