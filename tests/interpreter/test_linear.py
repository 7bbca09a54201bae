"""Products against exact ones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from one_node import interpreted

from examples import examples

FEW = examples(30)
SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.integers(1, 5)


@FEW
@given(
    SIZES,
    SIZES,
    SIZES,
    st.integers(0, 1),
    st.integers(0, 1),
    st.sampled_from([None, (), (1,), "n", "1n", "m1", "mn"]),
    SEEDS,
)
def test_gemm(m, k, n, trans_a, trans_b, c, seed):
    random = np.random.default_rng(seed)
    shape = {"n": (n,), "1n": (1, n), "m1": (m, 1), "mn": (m, n)}.get(c, c)
    a = random.standard_normal((k, m) if trans_a else (m, k), np.float32)
    b = random.standard_normal((n, k) if trans_b else (k, n), np.float32)
    added = [] if shape is None else [np.asarray(random.standard_normal(shape), np.float32)]
    attributes = {"transA": trans_a, "transB": trans_b, "alpha": 0.5, "beta": 2.0}
    (got,) = interpreted("Gemm", [a, b, *added], attributes)
    left, right = a.astype(np.float64), b.astype(np.float64)
    product = 0.5 * (left.T if trans_a else left) @ (right.T if trans_b else right)
    wanted = product + (2.0 * added[0].astype(np.float64) if added else 0)
    np.testing.assert_allclose(got, wanted, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((3, 4), (4, 5)),
        ((2, 3, 4), (4, 5)),
        ((2, 1, 3, 4), (4, 5)),
        ((2, 3, 4), (2, 4, 5)),
        ((6, 1, 3, 4), (2, 4, 5)),
        ((4,), (4, 5)),
        ((3, 4), (4,)),
        ((2, 3, 4), (4,)),
        ((4,), (4,)),
        ((2, 0, 4), (4, 5)),
        ((3, 0), (0, 5)),
    ],
)
def test_matmul(left, right):
    random = np.random.default_rng(0)
    a, b = random.standard_normal(left, np.float32), random.standard_normal(right, np.float32)
    (got,) = interpreted("MatMul", [a, b])
    np.testing.assert_allclose(got, a.astype(np.float64) @ b.astype(np.float64), rtol=1e-6, atol=1e-6)
    assert got.shape == (a @ b).shape


def test_float32_is_summed_in_float64():
    random = np.random.default_rng(0)
    a, b = (random.standard_normal((300, 300)).astype(np.float32) for _ in range(2))
    (y,) = interpreted("MatMul", [a, b])
    np.testing.assert_array_equal(y, (a.astype(np.float64) @ b).astype(np.float32))
