from dataclasses import replace

import numpy as np
import pytest
from driver import FEW, SEEDS, Case, check, run
from hypothesis import given
from values import tensor

DTYPES = ("float32", "float64", "float16", "int8", "int32", "int64", "uint8", "bool")
REDUCTIONS = ("none", "add", "mul", "max", "min")


def some_shape(rng, rank, sizes=(1, 2, 3, 5, 9)):
    return tuple(int(rng.choice(sizes)) for _ in range(rank))


def some_indices(rng, shape, size):
    return rng.integers(-size, size, shape).astype(rng.choice(["int32", "int64"]))


def known(rng, *positions):
    """Indices are known at build time every other time."""
    return frozenset(positions if rng.random() < 0.5 else ())


@FEW
@given(seed=SEEDS)
def test_gather_takes_slices(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for dtype in DTYPES:
        x = tensor(rng, dtype, some_shape(rng, int(rng.integers(1, 5))))
        axis = int(rng.integers(-x.ndim, x.ndim))
        indices = some_indices(rng, some_shape(rng, int(rng.integers(0, 3))), x.shape[axis])
        cases.append(Case("Gather", [x, indices], {"axis": axis}, constants=known(rng, 1)))
    cases += [
        Case("Gather", [tensor(rng, "float32", (3, 4)), np.zeros((2, 0), np.int64)], {"axis": 1}),
        Case("Gather", [tensor(rng, "float32", (3, 0)), np.array([1, 2])]),
        Case("Gather", [tensor(rng, "float32", (5,)), np.array(-2)], constants=frozenset({1})),
    ]
    check(cases)


@FEW
@given(seed=SEEDS)
def test_gather_nd_takes_slices_at_tuples(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for dtype in DTYPES:
        x = tensor(rng, dtype, some_shape(rng, int(rng.integers(2, 5))))
        batch = int(rng.integers(0, 2))
        depth = int(rng.integers(1, x.ndim - batch + 1))
        shape = (*x.shape[:batch], *some_shape(rng, int(rng.integers(1, 3))))
        parts = [rng.integers(-size, size, shape) for size in x.shape[batch : batch + depth]]
        cases.append(Case("GatherND", [x, np.stack(parts, -1)], {"batch_dims": batch}, constants=known(rng, 1)))
    check(cases)


@FEW
@given(seed=SEEDS)
def test_gather_elements_takes_single_ones(seed):
    rng = np.random.default_rng(seed)
    cases, expected = [], []
    for dtype in DTYPES:
        x = tensor(rng, dtype, some_shape(rng, int(rng.integers(1, 5))))
        axis = int(rng.integers(-x.ndim, x.ndim))
        shape = list(x.shape)
        shape[axis] = int(rng.integers(1, 7))
        indices = some_indices(rng, shape, x.shape[axis])
        cases.append(Case("GatherElements", [x, indices], {"axis": axis}, constants=known(rng, 1)))
        expected.append([np.take_along_axis(x, indices.astype(np.int64), axis)])
    check(cases, expected=expected)


def test_gather_elements_of_a_part_of_the_tensor():
    x, indices = np.arange(20.0).reshape(4, 5), np.array([[-1, 0], [3, 2]])
    case = Case("GatherElements", [x, indices], {"axis": 1})
    ((got,),) = run([case], [[np.zeros((2, 2))]])
    assert got.tolist() == [[4, 0], [8, 7]]


@FEW
@given(seed=SEEDS)
def test_scatter_nd_with_every_reduction(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for reduction in REDUCTIONS:
        for dtype in ("float32", "float64", "int32", "int64", "uint8"):
            x = tensor(rng, dtype, some_shape(rng, int(rng.integers(1, 5))), special=False)
            depth = int(rng.integers(1, x.ndim + 1))
            total = int(np.prod(x.shape[:depth]))
            count = int(rng.integers(1, 5)) if reduction != "none" else min(3, total)
            flat = rng.choice(total, count, replace=reduction != "none")
            parts = np.stack(np.unravel_index(flat, x.shape[:depth]), -1)
            negative = rng.random(parts.shape) < 0.5
            indices = np.where(negative, parts - x.shape[:depth], parts)
            updates = tensor(rng, dtype, (count, *x.shape[depth:]), special=False)
            cases.append(
                Case("ScatterND", [x, indices, updates], {"reduction": reduction}, 18, constants=known(rng, 1))
            )
    check(cases)


@FEW
@given(seed=SEEDS)
def test_scatter_elements_with_every_reduction(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for reduction in REDUCTIONS:
        for dtype in ("float32", "float64", "int32", "int64", "uint8"):
            x = tensor(rng, dtype, some_shape(rng, int(rng.integers(1, 5))), special=False)
            axis = int(rng.integers(-x.ndim, x.ndim))
            shape = [int(rng.integers(1, size + 1)) for size in x.shape]
            if reduction == "none":  # which of two updates of one element stays is not said
                order = np.argsort(rng.random(x.shape), axis=axis)
                indices = order[tuple(slice(size) for size in shape)]
            else:
                indices = some_indices(rng, shape, x.shape[axis])
            updates = tensor(rng, dtype, shape, special=False)
            attributes = {"axis": axis, "reduction": reduction}
            cases.append(Case("ScatterElements", [x, indices, updates], attributes, 18, constants=known(rng, 1)))
    check(cases)


BAD = [
    Case("Gather", [np.zeros((3, 2), np.float32), np.array([0, 3])]),
    Case("GatherND", [np.zeros((3, 2), np.float32), np.array([[0, 1], [0, -3]])]),
    Case("GatherElements", [np.zeros((3, 2), np.float32), np.array([[0, -4]])]),
    Case("ScatterND", [np.zeros((3, 2)), np.array([[3]]), np.ones((1, 2))], version=18),
    Case("ScatterElements", [np.zeros((3, 2)), np.array([[0, -4]]), np.ones((1, 2))], version=18),
]


@pytest.mark.parametrize("known", [False, True], ids=["computed", "known"])
@pytest.mark.parametrize("case", BAD, ids=lambda case: case.op)
def test_an_index_out_of_range_is_an_error_where_it_is_used(case, known):
    result = {"Gather": (2, 2), "GatherND": (2,), "GatherElements": (1, 2)}.get(case.op, (3, 2))
    expected = [[np.zeros(result, case.inputs[0].dtype)]]
    with pytest.raises(AssertionError, match="failed with code 1"):
        run([replace(case, constants=frozenset({1} if known else ()))], expected)
