import numpy as np
import pytest
from driver import FEW, SEEDS, Case, check, reference, run
from hypothesis import given
from machines import WIDTHS
from values import INTEGERS, tensor

SUMS = "ReduceL1 ReduceL2 ReduceMean ReduceSum ReduceSumSquare".split()
LOGARITHMS = "ReduceLogSum ReduceLogSumExp".split()
SIZES = [1, 2, 3, 7, 16, 33, 64, 70]


def some_shape(rng):
    shape = [int(rng.choice(SIZES)) for _ in range(int(rng.integers(0, 5)))]
    while np.prod(shape, dtype=int) > 20_000:
        shape[int(np.argmax(shape))] = 2
    return tuple(shape)


def some_axes(rng, rank):
    axes = [int(a) for a in rng.permutation(rank)[: int(rng.integers(0, rank + 1))]]
    return np.array([a - rank if rng.random() < 0.5 else a for a in axes], np.int64)


def case(rng, op, x):
    attributes = {"keepdims": int(rng.random() < 0.5), "noop_with_empty_axes": int(rng.random() < 0.2)}
    return Case(op, [x, some_axes(rng, x.ndim)], attributes, constants=frozenset({1}))


@FEW
@given(seed=SEEDS)
def test_sums_and_logarithms(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for op in (*SUMS, *LOGARITHMS):
        for dtype in ("float32", "float32", "float64", "int32", "int64"):
            if dtype.startswith("int") and (op in LOGARITHMS or (op, dtype) == ("ReduceSumSquare", "int32")):
                continue  # the latter is int64 in onnx.reference
            x = tensor(rng, dtype, some_shape(rng) or (3,), scale=1.0, special=False)
            cases.append(case(rng, op, np.abs(x) if op == "ReduceLogSum" else x))
    check(cases, rtol=2e-5, atol=1e-4)


@FEW
@given(seed=SEEDS)
def test_sums_of_half_precision_are_rounded_once(seed):
    """Sums cancel, so no bound relative to a sum that is rounded at every step holds: onnx.reference's is one."""
    rng = np.random.default_rng(seed)
    cases, expected, narrow = [], [], frozenset({1})
    for op in (*SUMS, *LOGARITHMS):
        x = tensor(rng, "float16", some_shape(rng) or (3,), scale=1.0, special=False)
        cases.append(case(rng, op, np.abs(x) if op == "ReduceLogSum" else x))
        x, axes = cases[-1].inputs
        wide = Case(op, [x.astype(np.float64), axes], cases[-1].attributes, constants=narrow)
        expected.append(reference(wide))
    typed = [[np.asarray(y, np.float16) for y in ys] for ys in expected]
    for each, (got,), (wanted,) in zip(cases, run(cases, typed), expected, strict=True):
        # half a step of float16, and what float32 loses in sums of up to 20,000 numbers around 1
        bound = np.spacing(np.abs(wanted).astype(np.float16)).astype(np.float64) / 2 + 1e-4 * (1 + np.abs(wanted) / 100)
        assert (np.abs(got - wanted) <= bound).all(), str(each)


@FEW
@given(seed=SEEDS)
def test_extremes_and_products(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for op in ("ReduceMax", "ReduceMin"):
        dtypes = ("float32", "float32", "float64", "float16", *INTEGERS, "bool")
        cases += [case(rng, op, tensor(rng, d, some_shape(rng), special=rng.random() < 0.7)) for d in dtypes]
    for dtype in ("float32", "float32", "float64", "int32", "uint8"):
        x = tensor(rng, "float32", some_shape(rng), special=False)
        x = (1 + x / 50).astype(dtype) if dtype.startswith("float") else tensor(rng, dtype, x.shape, special=False)
        if dtype != "uint8":
            cases.append(case(rng, "ReduceProd", x))
    check(cases, rtol=1e-4)


@pytest.mark.parametrize("machine", [WIDTHS[16], WIDTHS[32]])
def test_narrow_vectors(machine):
    rng = np.random.default_rng(3)
    cases = [case(rng, op, tensor(rng, "float32", (5, 37, 21), special=False)) for op in (*SUMS, *LOGARITHMS)[:6]]
    cases += [case(rng, op, tensor(rng, "float32", (4, 70, 3))) for op in ("ReduceMax", "ReduceMin")]
    check(cases, rtol=2e-5, atol=1e-4, machine=machine)


def test_infinities_and_nan():
    x = np.array([[np.inf, 1, 2], [-np.inf, -np.inf, -np.inf], [np.nan, 1, 2], [-np.inf, 3, 1e30]], np.float32)
    cases = [
        Case(op, [y, np.array([axis])], constants=frozenset({1}))
        for op in ("ReduceMax", "ReduceMin", "ReduceSum", "ReduceMean")
        for y, axis in ((x, 1), (np.ascontiguousarray(x.T), 0))
    ]
    check(cases)


def test_log_sum_exp_does_not_overflow():
    x = np.array([[1000, 999, 0], [-1000, -1001, -2000], [-np.inf, 5, 6]], np.float32)
    known = frozenset({1})
    check([Case("ReduceLogSumExp", [x, np.array([1])], constants=known)])
    check([Case("ReduceLogSumExp", [np.ascontiguousarray(x.T), np.array([0])], constants=known)])


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint32", "uint64"])
def test_log_sum_exp_of_integers_is_that_of_the_reals(dtype):
    x = np.array([[1, 2, 3, 4], [5, 90, 7, 100], [0, 0, 1, 700]], dtype)
    cases = [Case("ReduceLogSumExp", [x, np.array(axes)], constants=frozenset({1})) for axes in ([1], [0, 1])]
    reals = x.astype(np.float64)
    expected = [
        [np.log(np.sum(np.exp(reals), axis=axis, keepdims=True)).astype(dtype)] for axis in (1, (0, 1))
    ]  # rounded towards zero
    for (got,), (wanted,) in zip(run(cases, expected), expected, strict=True):
        np.testing.assert_array_equal(got, wanted)


def test_reducing_nothing():
    x = np.zeros((2, 0, 3), np.float32)
    cases = [
        Case(op, [x, np.array([1])], constants=frozenset({1}))
        for op in ("ReduceSum", "ReduceProd", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceLogSum", "ReduceLogSumExp")
    ]
    cases.append(Case("ReduceMax", [x.astype(np.int32), np.array([1])], constants=frozenset({1})))
    cases.append(Case("ReduceSum", [x, np.array([0])], constants=frozenset({1})))
    check(cases)


def test_axes_as_an_attribute():
    x = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    check([Case("ReduceMean", [x], {"axes": [0, -1], "keepdims": 0}, version=11), Case("ReduceSum", [x], version=11)])


def test_global_norms():
    x = tensor(np.random.default_rng(0), "float32", (2, 3, 5, 7), special=False)
    cases = [Case("GlobalLpPool", [x], {"p": p}) for p in (1, 2)]
    expected = [np.linalg.norm(x.reshape(2, 3, 35), p, axis=2).reshape(2, 3, 1, 1) for p in (1, 2)]
    for got, want in zip(run(cases, [[y] for y in expected]), expected, strict=True):
        np.testing.assert_allclose(got[0], want, rtol=1e-5)


def test_long_sums_stay_accurate():
    rng = np.random.default_rng(5)
    x = (rng.random((2, 300_001)) + 1).astype(np.float32)
    known = frozenset({1})
    cases = [
        Case("ReduceSum", [x, np.array([1])], {"keepdims": 0}, constants=known),
        Case("ReduceSum", [np.ascontiguousarray(x.T), np.array([0])], {"keepdims": 0}, constants=known),
    ]
    exact = x.astype(np.float64).sum(1)
    for (got,) in run(cases, [[exact.astype(np.float32)]] * 2):
        np.testing.assert_allclose(got, exact, rtol=2e-6)


@FEW
@given(seed=SEEDS)
def test_arg_max_and_arg_min(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for op in ("ArgMax", "ArgMin"):
        for dtype in ("float32", "float64", "float16", "int32", "int64", "uint8"):
            shape = some_shape(rng) or (3,)
            x = tensor(rng, dtype, shape, special=rng.random() < 0.7)
            attributes = {
                "axis": int(rng.integers(-x.ndim, x.ndim)),
                "keepdims": int(rng.random() < 0.5),
                "select_last_index": int(rng.random() < 0.5),
            }
            cases.append(Case(op, [x], attributes))
    check(cases)
