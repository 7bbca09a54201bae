import numpy as np
import pytest
from driver import FEW, SEEDS, Case, check, run
from hypothesis import given
from values import INTEGERS, REALS, tensor


def some_shape(rng, rank, sizes=(1, 2, 3, 5, 9)):
    return tuple(int(rng.choice(sizes)) for _ in range(rank))


@FEW
@given(seed=SEEDS)
def test_trilu(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for dtype in ("float32", "float64", "float16", "int8", "int64", "bool"):
        for upper in (0, 1):
            x = tensor(rng, dtype, some_shape(rng, int(rng.integers(2, 5))))
            k = None if rng.random() < 0.3 else np.array(int(rng.integers(-12, 12)))
            cases.append(Case("Trilu", [x, k][: 1 + (k is not None)], {"upper": upper}))
    x = tensor(rng, "float32", (3, 4))
    cases += [Case("Trilu", [x, np.array(k)], {"upper": u}) for k in (-(2**62), 2**62) for u in (0, 1)]
    cases.append(Case("Trilu", [tensor(rng, "float32", (2, 0, 3))]))
    check(cases)


@FEW
@given(seed=SEEDS)
def test_one_hot(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for index in ("int32", "int64", "uint8", "float32"):
        for dtype in ("float32", "int32", "int8"):
            shape = some_shape(rng, int(rng.integers(1, 4)))
            depth = int(rng.integers(1, 7))
            indices = rng.integers(0 if index == "uint8" else -depth, depth, shape).astype(index)
            axis = int(rng.integers(-len(shape) - 1, len(shape) + 1))
            values = np.array([0, 1]).astype(dtype)
            cases.append(Case("OneHot", [indices, np.array(depth), values], {"axis": axis}, constants=frozenset({1})))
    check(cases)


def test_one_hot_of_an_index_that_is_nowhere():
    case = Case("OneHot", [np.array([3, -4, -1]), np.array(3), np.array([5.0, 6.0])], constants=frozenset({1}))
    ((got,),) = run([case], [[np.zeros((3, 3))]])
    assert got.tolist() == [[5, 5, 5], [5, 5, 5], [5, 5, 6]]


@FEW
@given(seed=SEEDS)
def test_reverse_sequence(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for dtype in ("float32", "int8", "float64"):
        for time in (0, 1):
            x = tensor(rng, dtype, some_shape(rng, int(rng.integers(2, 5))))
            lengths = rng.integers(1, x.shape[time] + 1, x.shape[1 - time])
            cases.append(Case("ReverseSequence", [x, lengths], {"time_axis": time, "batch_axis": 1 - time}))
    check(cases)


def test_reversing_more_than_there_is_is_an_error():
    case = Case("ReverseSequence", [np.zeros((3, 2)), np.array([1, 4])])
    with pytest.raises(AssertionError, match="failed with code 2"):
        run([case], [[np.zeros((3, 2))]])


@FEW
@given(seed=SEEDS)
def test_top_k_with_ties(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for dtype in (*REALS, "int8", "int32", "int64", "uint8", "uint64"):
        for largest in (0, 1):
            x = tensor(rng, dtype, some_shape(rng, int(rng.integers(1, 4)), (1, 2, 7, 20)), special=False)
            x = np.round(x) if x.dtype.kind == "f" else x
            axis = int(rng.integers(-x.ndim, x.ndim))
            k = np.array([int(rng.integers(1, x.shape[axis] + 1))])
            attributes = {"axis": axis, "largest": largest}
            cases.append(Case("TopK", [x, k], attributes, outputs=2, constants=frozenset({1})))
    check(cases)


def test_top_k_counts_nan_as_greatest():
    x = np.array([1, np.nan, np.inf, -np.inf, 2], np.float32)
    cases = [
        Case("TopK", [x, np.array([3])], {"largest": largest}, outputs=2, constants=frozenset({1}))
        for largest in (0, 1)
    ]
    smallest, largest = run(cases, [[np.zeros(3, np.float32), np.zeros(3, np.int64)]] * 2)
    assert smallest[1].tolist() == [3, 0, 4]
    assert largest[1].tolist() == [1, 2, 4]


@FEW
@given(seed=SEEDS)
def test_running_sums_and_products(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for op in ("CumSum", "CumProd"):
        for dtype in ("float32", "float64", "int32", "int64"):
            for exclusive in (0, 1):
                for reverse in (0, 1):
                    x = tensor(rng, dtype, some_shape(rng, int(rng.integers(1, 4))), special=dtype in INTEGERS)
                    axis = np.array(int(rng.integers(-x.ndim, x.ndim)))
                    attributes = {"exclusive": exclusive, "reverse": reverse}
                    constants = frozenset({1} if rng.random() < 0.5 else ())
                    cases.append(Case(op, [x, axis], attributes, 26, constants))
    check(cases, rtol=1e-4, atol=1e-4)
