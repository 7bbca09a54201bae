import numpy as np
import pytest
from driver import FEW, MACHINES, SEEDS, Case, check, run_graph
from hypothesis import given
from onnx import helper

from mini_infer.ir import DType, Graph, Node, TensorType

SIZES = (1, 2, 3, 5, 8, 16, 17, 40, 67)


def _tensor(rng, shape, dtype="float32"):
    if np.dtype(dtype).kind == "f":
        return rng.standard_normal(shape).astype(dtype)
    limits = np.iinfo(dtype)
    return rng.integers(limits.min, limits.max, shape, dtype=dtype, endpoint=True)


@pytest.mark.parametrize("machine", MACHINES)
@FEW
@given(seed=SEEDS)
def test_matmul_of_every_rank_and_batch(seed, machine):
    rng = np.random.default_rng(seed)
    cases = []
    for _ in range(12):
        m, k, n = (int(rng.choice(SIZES)) for _ in range(3))
        batch = [int(rng.integers(1, 4)) for _ in range(int(rng.integers(0, 3)))]
        a_shape, b_shape = (
            (*[1 if rng.random() < 0.3 else size for size in batch[int(rng.integers(0, len(batch) + 1)) :]], *matrix)
            for matrix in ((m, k), (k, n))
        )
        a_shape = (k,) if rng.random() < 0.1 else a_shape
        b_shape = (k,) if rng.random() < 0.1 else b_shape
        known = frozenset({1}) if rng.random() < 0.5 else frozenset()
        cases.append(Case("MatMul", [_tensor(rng, a_shape), _tensor(rng, b_shape)], constants=known))
    check(cases, rtol=1e-4, atol=1e-4, machine=machine)


@FEW
@given(seed=SEEDS)
def test_matmul_of_other_types_wraps_around(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for dtype in ("float64", "int32", "int64", "uint32", "uint64"):
        for _ in range(2):
            m, k, n = (int(rng.choice(SIZES)) for _ in range(3))
            a, b = _tensor(rng, (2, m, k), dtype), _tensor(rng, (k, n), dtype)
            cases.append(Case("MatMul", [a, b], constants=frozenset({1}) if rng.random() < 0.5 else frozenset()))
    check(cases, rtol=1e-9, atol=1e-9)


@FEW
@given(seed=SEEDS)
def test_gemm(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for dtype in ("float32",) * 12 + ("float64",) * 3:
        m, k, n = (int(rng.choice(SIZES)) for _ in range(3))
        attributes = {"transA": int(rng.integers(0, 2)), "transB": int(rng.integers(0, 2))}
        if rng.random() < 0.4:
            attributes |= {"alpha": float(rng.choice([0.0, 0.5, -2.0])), "beta": float(rng.choice([0.0, 1.0, 0.25]))}
        a = _tensor(rng, (k, m) if attributes["transA"] else (m, k), dtype)
        b = _tensor(rng, (n, k) if attributes["transB"] else (k, n), dtype)
        shapes = [(n,), (1, n), (m, 1), (m, n), (), (1,)]
        c = [_tensor(rng, shapes[int(rng.integers(0, len(shapes)))], dtype)] if rng.random() < 0.8 else []
        known = frozenset(i for i in (1, 2) if rng.random() < 0.7 and i < 2 + len(c))
        cases.append(Case("Gemm", [a, b, *c], attributes, constants=known))
    check(cases, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("machine", MACHINES)
@FEW
@given(seed=SEEDS)
def test_fused_products(seed, machine):
    rng = np.random.default_rng(seed)
    cases = []
    for op in ("Gemm", "MatMul"):
        for _ in range(6):
            m, k, n = (int(rng.choice(SIZES)) for _ in range(3))
            inputs = [_tensor(rng, (m, k)), _tensor(rng, (k, n)), _tensor(rng, (n,))]
            if op == "Gemm":
                body = [helper.make_node("Gemm", ["x0", "x1", "x2"], ["v0"])]
            else:
                body = [
                    helper.make_node("MatMul", ["x0", "x1"], ["v"]),
                    helper.make_node("Add", ["v", "x2"] if rng.random() < 0.5 else ["x2", "v"], ["v0"]),
                ]
            steps = [str(rng.choice(["Relu", "Gelu", "Tanh", "Erf", "Elu"]))]
            if rng.random() < 0.5:
                inputs.append(_tensor(rng, (m, n) if rng.random() < 0.7 else (m, 1)))
                steps.insert(int(rng.integers(0, 2)), "Add")
            for index, step in enumerate(steps):
                result = "y0" if index == len(steps) - 1 else f"v{index + 1}"
                body.append(helper.make_node(step, [f"v{index}", *(["x3"] if step == "Add" else [])], [result]))
            cases.append(Case(op, inputs, body=body, constants=frozenset({1, 2})))
    check(cases, rtol=1e-4, atol=1e-4, machine=machine)


def test_empty_results_and_empty_sums():
    zeros = [np.zeros(shape, np.float32) for shape in ((0, 3), (3, 4), (2, 0), (0, 5))]
    check([Case("MatMul", zeros[:2]), Case("MatMul", zeros[2:]), Case("Gemm", [*zeros[2:], np.ones(5, np.float32)])])


def test_a_residual_in_the_results_own_bytes_is_read_before_it_is_lost():
    rng = np.random.default_rng(0)
    a, b, r = (_tensor(rng, shape) for shape in ((5, 4), (4, 6), (5, 6)))
    matrix = TensorType(DType.FLOAT32, (5, 6))
    types = {name: TensorType(DType.FLOAT32, x.shape) for name, x in (("a", a), ("b", b), ("r", r))}
    types |= dict.fromkeys(("residual", "sum", "y"), matrix)
    body = (Node("", "Gemm", ("a", "b"), ("v",), {"alpha": 2.0}), Node("", "Add", ("residual", "v"), ("sum",)))
    nodes = (
        Node("before", "Relu", ("r",), ("residual",), version=14),
        Node("fused", "Gemm", ("a", "b", "residual"), ("sum",), domain="mini_infer", body=body),
        Node("after", "Relu", ("sum",), ("y",), version=14),
    )
    (y,) = run_graph(Graph("in place", nodes, ("a", "b", "r"), ("y",), types, {}), [a, b, r])
    np.testing.assert_allclose(y, np.maximum(2 * a @ b + np.maximum(r, 0), 0), rtol=1e-5, atol=1e-5)
