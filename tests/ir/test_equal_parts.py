"""Sizes of equal parts against counting them all; and of wholes that nobody could count through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mini_infer.ir.equal_parts import MOST_PARTS, divisors, parts


@given(st.integers(0, 3000))
def test_divisors_are_all_of_them(total):
    assert divisors(total) == [size for size in range(1, total + 1) if total % size == 0]


@given(st.integers(1, 3000))
def test_parts_are_all_that_are_equal(total):
    sizes = [size for size in range(1, total) if total % size == 0]
    assert parts(total) == [size for size in sizes if total // size <= MOST_PARTS]


@pytest.mark.parametrize("total", [1 << 40, (1 << 40) - 1])
def test_of_a_huge_whole(total):
    assert divisors(total)[-1] == total
    assert all(total % size == 0 and total // size <= MOST_PARTS for size in parts(total))
