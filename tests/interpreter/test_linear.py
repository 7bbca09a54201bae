"""Products, softmax and normalisation against onnxruntime."""

import numpy as np
import pytest
from against_onnxruntime import FEW, agree
from hypothesis import given
from hypothesis import strategies as st

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
    agree(
        "Gemm", [a, b, *added], {"transA": trans_a, "transB": trans_b, "alpha": 0.5, "beta": 2.0}, rtol=1e-4, atol=1e-5
    )


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
    agree("MatMul", [random.standard_normal(left, np.float32), random.standard_normal(right, np.float32)])


@pytest.mark.parametrize("op", ["Softmax", "LogSoftmax", "Hardmax"])
@pytest.mark.parametrize("opset", [7, 11, 13])
@FEW
@given(st.lists(SIZES, min_size=2, max_size=4), st.integers(-4, 3), st.booleans(), SEEDS)
def test_softmax_of_every_opset(op, opset, shape, axis, has_axis, seed):
    if not -len(shape) <= axis < len(shape) or (opset < 11 and axis < 0):
        axis = 0
    x = np.random.default_rng(seed).standard_normal(shape, np.float32)
    agree(op, [x], {"axis": axis} if has_axis else {}, opset=opset)


@pytest.mark.parametrize("opset", [7, 9, 14])
@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 4), (2, 3, 4, 5), (1, 3, 2, 2, 2)])
def test_batch_normalization(opset, shape):
    random = np.random.default_rng(0)
    statistics = [random.uniform(0.5, 2, 3).astype(np.float32) for _ in range(4)]
    agree(
        "BatchNormalization", [random.standard_normal(shape, np.float32), *statistics], {"epsilon": 1e-3}, opset=opset
    )


def test_batch_normalization_in_training():
    random = np.random.default_rng(0)
    statistics = [random.uniform(0.5, 2, 3).astype(np.float32) for _ in range(4)]
    inputs = [random.standard_normal((2, 3, 4, 5), np.float32), *statistics]
    agree("BatchNormalization", inputs, {"training_mode": 1, "momentum": 0.8}, opset=15, outputs=3)


def test_erf_is_exact_to_single_precision():
    x = np.concatenate([np.linspace(-7, 7, 4001), [0.46875, 4, -4, np.inf, -np.inf, np.nan, 0.0]]).astype(np.float32)
    agree("Erf", [x], rtol=3e-7, atol=3e-7)


@pytest.mark.parametrize("size", [1, 3, 5])
def test_lrn(size):
    x = np.random.default_rng(0).standard_normal((2, 7, 3, 4), np.float32)
    agree("LRN", [x], {"size": size, "alpha": 0.1, "beta": 0.6, "bias": 1.5})


@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize("axis", [0, -1])
def test_lp_normalization(p, axis):
    x = np.random.default_rng(0).standard_normal((2, 3, 4), np.float32)
    agree("LpNormalization", [x], {"p": p, "axis": axis})


def test_mean_broadcasts_both_ways():
    random = np.random.default_rng(0)
    agree("Mean", [random.standard_normal(shape, np.float32) for shape in ((3, 1), (1, 4), (2, 1, 1))])


def test_mean_variance_normalization():
    x = np.random.default_rng(0).standard_normal((2, 3, 4, 5), np.float32)
    agree("MeanVarianceNormalization", [x])
    agree("MeanVarianceNormalization", [x], {"axes": [0, 1, 2, 3]})
