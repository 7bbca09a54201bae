"""Right sides of Strassen's products."""

import numpy as np
import pytest

from mini_infer.program import StrassenPacking


@pytest.mark.parametrize("transposed", [False, True])
def test_weights_come_back_but_for_rounding(transposed):
    b = np.random.default_rng(0).standard_normal((24, 16)).astype(np.float32)
    packing = StrassenPacking(b.T.shape if transposed else b.shape, transposed, 3, 4)
    packed = packing.pack(b.T if transposed else b)
    assert packed.shape == packing.packed_shape == (3, 2, 7, 4, 4)
    again = packing.unpack(packed)
    again = again.T if transposed else again
    np.testing.assert_allclose(again, b, rtol=0, atol=1e-6)
    quarters = b.reshape(3, 2, 4, 2, 8)[:, [0, 1], :, [0, 1]]
    np.testing.assert_array_equal(again.reshape(3, 2, 4, 2, 8)[:, [0, 1], :, [0, 1]], quarters)


def test_seven_products_make_the_whole_one():
    rng = np.random.default_rng(1)
    a, b = rng.integers(-9, 9, (4, 8)).astype(np.float64), rng.integers(-9, 9, (8, 6)).astype(np.float64)
    right = StrassenPacking((8, 6), transposed=False, k_blocks=1, block=3).pack(b)[0, 0]
    upper, lower = np.split(a, 2)
    (aa, bb), (cc, dd) = np.split(upper, 2, 1), np.split(lower, 2, 1)
    left = (aa + dd, cc + dd, aa + bb, cc - aa, bb - dd, aa, dd)
    m = [one @ other for one, other in zip(left, right, strict=True)]
    result = np.block([[m[0] + m[6] - m[2] + m[4], m[5] + m[2]], [m[1] + m[6], m[0] - m[1] + m[5] + m[3]]])
    np.testing.assert_array_equal(result, a @ b)


def test_what_has_no_quarters():
    with pytest.raises(ValueError, match=r"\(10, 16\) has no quarters of 2 k-blocks and blocks of 4"):
        StrassenPacking((10, 16), transposed=False, k_blocks=2, block=4)
