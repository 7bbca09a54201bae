"""Winograd's weights."""

import numpy as np
import pytest

from mini_infer.program import WinogradPacking
from mini_infer.program.winograd import PAIRS, points, weight_points, weight_transform

CASES = [(size, stride) for stride, pairs in PAIRS.items() for size in pairs]


def _polynomials(size, stride):
    """A^T and B^T by their definition: powers of the points, and the polynomials that are 0 at all points but one."""
    pairs = [sign * point for point in PAIRS[stride][size] for sign in (1.0, -1.0)]
    finite = [0.0, *pairs] if stride == 1 else pairs
    last = [*[0.0] * (size - 1), 1.0]
    output = np.array([[*(point**power for point in finite), last[power]] for power in range(size)])
    rows = [np.poly([other for other in finite if other != point])[::-1] for point in finite]
    return output, np.array([[*row, 0.0] for row in rows] + [np.poly(finite)[::-1]])


def _tile(size, stride, x, w):
    """A tile's outputs along one axis."""
    output, forward = _polynomials(size, stride)
    weights = weight_transform(size, stride) @ w
    if stride == 1:
        return output @ (weights * (forward @ x))
    return output @ (weights[:-1] * (forward @ x[0::2])) + weights[-1] * x[1::2]


@pytest.mark.parametrize(("size", "stride"), CASES)
def test_products_at_the_points_are_a_correlation(size, stride):
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal(points(size, stride)), rng.standard_normal(3)
    np.testing.assert_allclose(_tile(size, stride, x, w), np.correlate(x, w)[::stride], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("size", "stride"), CASES)
def test_weights_come_back_but_for_rounding(size, stride):
    w = np.random.default_rng(1).standard_normal((21, 5, 3, 3)).astype(np.float32)
    packing = WinogradPacking(w.shape, size, 8, stride)
    packed = packing.pack(w)
    assert packed.shape == packing.packed_shape == (3, weight_points(size) ** 2, 5, 8)
    assert packed.nbytes == packing.bytes
    assert not packed[2, :, :, 5:].any()
    np.testing.assert_allclose(packing.unpack(packed), w, rtol=0, atol=1e-6 * np.abs(w).max())


def test_other_windows_have_no_transform():
    with pytest.raises(ValueError, match=r"no transform of weights \(8, 4, 5, 5\)"):
        WinogradPacking((8, 4, 5, 5), 4, 16)
    with pytest.raises(ValueError, match="tiles of 3 x 3"):
        WinogradPacking((8, 4, 3, 3), 3, 16)
    with pytest.raises(ValueError, match="no transform"):
        WinogradPacking((8, 4, 3, 3), 4, 16, stride=3)
