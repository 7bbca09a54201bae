import ml_dtypes
import numpy as np
import pytest

from mini_infer.ir import DType
from mini_infer.ir.halves import HALVES, holds, narrowed, rounded, widened

KNOWN = {DType.BFLOAT16: ml_dtypes.bfloat16, DType.FLOAT16: np.float16}
EVERY = np.arange(2**16, dtype=np.uint16)


@pytest.mark.parametrize("half", HALVES)
def test_every_number_of_16_bits_comes_back(half):
    numbers = widened(EVERY, half)
    np.testing.assert_array_equal(numbers, EVERY.view(KNOWN[half]).astype(np.float32))
    real = np.isfinite(numbers)
    assert holds(numbers[real], half)
    np.testing.assert_array_equal(narrowed(numbers[real], half), EVERY[real])
    np.testing.assert_array_equal(rounded(numbers[real], half).view(np.uint32), numbers[real].view(np.uint32))


@pytest.mark.parametrize("half", HALVES)
def test_what_lies_between_becomes_the_nearest_of_two_the_even_one(half):
    numbers = widened(EVERY, half)
    finite = np.sort(numbers[np.isfinite(numbers)]).astype(np.float64)
    middles = ((finite[1:] + finite[:-1]) / 2).astype(np.float32)
    beside = [np.nextafter(middles, np.float32(to)) for to in (-np.inf, np.inf)]
    for asked in (middles, *beside, np.float32([3.4e38, -3.4e38, 1e-45, -0.0, np.inf, -np.inf])):
        with np.errstate(over="ignore"):
            expected = asked.astype(KNOWN[half]).astype(np.float32)
        np.testing.assert_array_equal(rounded(asked, half).view(np.uint32), expected.view(np.uint32))


@pytest.mark.parametrize("half", HALVES)
def test_what_is_not_finite_stays_and_is_not_held(half):
    assert np.isnan(rounded(np.float32([np.nan, 1]), half)).tolist() == [True, False]
    assert not holds(np.float32([np.nan, 1]), half)
    assert not holds(np.float32([np.inf]), half)
    assert not holds(np.float32([1.0009765625 + 2**-20]), half)


def test_float16_has_no_finite_number_for_what_is_too_large():
    assert np.isinf(rounded(np.float32([65520]), DType.FLOAT16)).all()
    assert rounded(np.float32([65519]), DType.FLOAT16) == 65504
    assert rounded(np.float32([65520]), DType.BFLOAT16) == 65536
