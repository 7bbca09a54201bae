import numpy as np
import pytest
from driver import FEW, SEEDS, WIDTHS, Case, check, meaning, run
from hypothesis import given

KINDS = ("int8", "uint8")


def bytes_of(rng, dtype, shape):
    limits = np.iinfo(dtype)
    return rng.integers(limits.min, limits.max + 1, shape).astype(dtype)


def scale(rng, shape=()):
    return rng.uniform(0.005, 0.02, shape).astype(np.float32)


def known(rng, *positions):
    return frozenset(positions if rng.random() < 0.5 else ())


def some_matrices(rng):
    m, k, n = (int(rng.integers(1, 40)) for _ in range(3))
    outer = [(), (2,), (3, 2)][int(rng.integers(0, 3))]
    a = bytes_of(rng, rng.choice(KINDS), (*outer, m, k))
    b = bytes_of(rng, rng.choice(KINDS), (*(outer if rng.random() < 0.5 else ()), k, n))
    return a, b


@FEW
@given(seed=SEEDS)
def test_matmul_integer(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for k in range(10):
        a, b = some_matrices(rng)
        zeros = [bytes_of(rng, a.dtype, ()), bytes_of(rng, b.dtype, (b.shape[-1],) if k % 2 else ())]
        cases.append(Case("MatMulInteger", [a, b, *zeros[: k % 3]], constants=known(rng, 1, 3)))
    vector = bytes_of(rng, "int8", (5,))
    cases.append(Case("MatMulInteger", [vector, bytes_of(rng, "uint8", (5, 3))]))
    check(cases)


@FEW
@given(seed=SEEDS)
def test_qlinear_matmul(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for k in range(10):
        a, b = some_matrices(rng)
        columns = (b.shape[-1],) if k % 2 else ()
        kind = rng.choice(KINDS)
        inputs = [a, scale(rng), bytes_of(rng, a.dtype, ()), b, scale(rng, columns), bytes_of(rng, b.dtype, columns)]
        inputs += [np.float32(a.shape[-1] / 4) * scale(rng), bytes_of(rng, kind, ())]
        cases.append(Case("QLinearMatMul", inputs, version=21, constants=known(rng, 1, 3, 4, 5, 6, 7)))
    expected = [[x.astype(np.int16) for x in ys] for ys in map(meaning, cases)]
    typed = [[np.zeros(ys[0].shape, case.inputs[7].dtype)] for case, ys in zip(cases, expected, strict=True)]
    for case, (got,), (want,) in zip(cases, run(cases, typed), expected, strict=True):
        # half a step, once rounded before the zero point is added and once after
        assert np.abs(got.astype(np.int16) - want).max() <= 1, str(case)


@FEW
@given(seed=SEEDS)
def test_convolutions(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for k in range(10):
        rank, groups = int(rng.integers(1, 4)), int(rng.choice([1, 1, 2, 3]))
        channels = int(rng.integers(1, 4))
        x = bytes_of(rng, rng.choice(KINDS), (2, channels * groups, *rng.integers(4, 9, rank)))
        w = bytes_of(rng, rng.choice(KINDS), (3 * groups, channels, *rng.integers(1, 4, rank)))
        attributes = {"group": groups, "pads": [int(p) for p in rng.integers(0, 2, 2 * rank)]}
        attributes["strides"] = [int(s) for s in rng.integers(1, 3, rank)]
        each = (w.shape[0],) if k % 2 else ()
        x_zero, w_zero = bytes_of(rng, x.dtype, ()), bytes_of(rng, w.dtype, each)
        cases.append(Case("ConvInteger", [x, w, x_zero, w_zero], attributes, constants=known(rng, 1, 3)))
        y = [np.float32(2 * w[0].size) * scale(rng), bytes_of(rng, rng.choice(KINDS), ())]
        bias = rng.integers(-999, 999, w.shape[0]).astype(np.int32)
        inputs = [x, scale(rng), x_zero, w, scale(rng, each), w_zero, *y, *([bias] if k % 3 else [])]
        cases.append(Case("QLinearConv", inputs, attributes, constants=known(rng, 1, 3, 4, 5, 6, 7, 8)))
    check(cases, expected=[meaning(case) for case in cases])


@FEW
@given(seed=SEEDS)
def test_dynamic_quantization(seed):
    rng = np.random.default_rng(seed)
    inputs = [(rng.standard_normal((3, 17)) + shift).astype(np.float32) for shift in (-5, 0, 0.3, 5)]
    cases = [Case("DynamicQuantizeLinear", [x], outputs=3) for x in (*inputs, np.zeros((2, 3), np.float32))]
    check(cases)


@pytest.mark.parametrize("vector_bytes", WIDTHS)
@FEW
@given(seed=SEEDS)
def test_products_with_constant_matrices_are_exact(seed, vector_bytes):
    rng = np.random.default_rng(seed)
    cases = []
    for _ in range(8):
        m, k, n = (int(rng.choice(sizes)) for sizes in ((1, 3, 17, 40), (2, 6, 64, 130), (1, 8, 17, 48, 100)))
        a, b = bytes_of(rng, rng.choice(KINDS), (2, m, k)), bytes_of(rng, rng.choice(KINDS), (k, n))
        zeros = [bytes_of(rng, a.dtype, ()), bytes_of(rng, b.dtype, (n,))]
        for extreme in (a, b):
            extreme[..., : k // 2] = np.iinfo(extreme.dtype).max if rng.random() < 0.5 else np.iinfo(extreme.dtype).min
        cases.append(Case("MatMulInteger", [a, b, *zeros], constants=frozenset({1, 3})))
    expected = []
    for case in cases:
        a, b, a_zero, b_zero = (x.astype(np.int64) for x in case.inputs)
        expected.append([((a - a_zero) @ (b - b_zero)).astype(np.int32)])
    check(cases, expected=expected, vector_bytes=vector_bytes)
