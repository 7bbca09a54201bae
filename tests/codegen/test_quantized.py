import exact
import numpy as np
import pytest
from driver import FEW, MACHINES, SEEDS, Case, check, run
from hypothesis import given
from machines import SCALAR

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
    expected = []
    for case in cases:
        a, b, *zeros = case.inputs
        a_zero, b_zero = (*zeros, 0, 0)[:2]
        expected.append([(exact.centered(a, a_zero) @ exact.centered(b, b_zero)).astype(np.int32)])
    check(cases, expected=expected)


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
    typed = [[np.zeros((*case.inputs[0].shape[:-1], case.inputs[3].shape[-1]), case.inputs[7].dtype)] for case in cases]
    for case, (got,) in zip(cases, run(cases, typed), strict=True):
        a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero = case.inputs
        sums = exact.centered(a, a_zero) @ exact.centered(b, b_zero)
        exact.assert_nearest_level(got, sums * (np.float64(a_scale) * b_scale), y_scale, y_zero, str(case))


@pytest.mark.slow
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
    sums, typed = [], []
    for case in cases:
        integer = case.op == "ConvInteger"
        x, x_zero, w, w_zero = (case.inputs[k] for k in ((0, 2, 1, 3) if integer else (0, 2, 3, 5)))
        each = w_zero.reshape(-1, *[1] * (w.ndim - 1))
        bias = case.inputs[8] if len(case.inputs) > 8 else None
        sums.append(exact.conv(exact.centered(x, x_zero), exact.centered(w, each), bias, **case.attributes))
        typed.append([np.zeros(sums[-1].shape, np.int32 if integer else case.inputs[7].dtype)])
    for case, (got,), wanted in zip(cases, run(cases, typed), sums, strict=True):
        if case.op == "ConvInteger":
            np.testing.assert_array_equal(got, wanted, str(case))
        else:
            _, x_scale, _, _, w_scale, _, y_scale, y_zero, *_ = case.inputs
            factor = np.float64(x_scale) * w_scale.reshape(-1, *[1] * (wanted.ndim - 2))
            exact.assert_nearest_level(got, wanted * factor, y_scale, y_zero, str(case))


@FEW
@given(seed=SEEDS)
def test_dynamic_quantization(seed):
    rng = np.random.default_rng(seed)
    inputs = [(rng.standard_normal((3, 17)) + shift).astype(np.float32) for shift in (-5, 0, 0.3, 5)]
    cases = [Case("DynamicQuantizeLinear", [x], outputs=3) for x in (*inputs, np.zeros((2, 3), np.float32))]
    check(cases)


@pytest.mark.parametrize("machine", [*MACHINES, pytest.param(SCALAR, id="plain C")])
def test_dynamic_quantization_finds_the_ends_anywhere(machine):
    """In each lane of each vector that is gone through at once, and in what is left after these; not NaN."""
    rng = np.random.default_rng(0)
    for size in (1, 7, 33, 64, 65, 200, 383):
        x = rng.uniform(-1, 1, size).astype(np.float32)
        ends = [np.array(x) for _ in range(min(size, 70))]
        for at, each in enumerate(ends):
            each[-1 - at], each[(at * 5) % size] = 3, -2
        cases = [Case("DynamicQuantizeLinear", [each], outputs=3) for each in ends]
        check(cases, expected=[exact.dynamically_quantized(each) for each in ends], machine=machine)
    x[5::7] = np.nan
    expected = exact.dynamically_quantized(np.nan_to_num(x))
    (found,) = run([Case("DynamicQuantizeLinear", [x], outputs=3)], [expected], machine=machine)
    assert found[1:] == list(expected[1:])


@pytest.mark.parametrize("machine", MACHINES)
@FEW
@given(seed=SEEDS)
def test_products_with_constant_matrices_are_exact(seed, machine):
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
        a, b, a_zero, b_zero = case.inputs
        expected.append([(exact.centered(a, a_zero) @ exact.centered(b, b_zero)).astype(np.int32)])
    check(cases, expected=expected, machine=machine)
