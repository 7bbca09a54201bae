import numpy as np
import pytest
from driver import FEW, SEEDS, Case, check, reference, run, run_graph
from hypothesis import given
from machines import WIDTHS
from values import tensor

from mini_infer.ir import DType, Graph, Node, TensorType

SIZES = [1, 2, 5, 16, 19, 64, 70]


def some_shape(rng, low=1, high=5):
    shape = [int(rng.choice(SIZES)) for _ in range(int(rng.integers(low, high)))]
    while np.prod(shape, dtype=int) > 20_000:
        shape[int(np.argmax(shape))] = 3
    return tuple(shape)


def real(rng, dtype, shape, scale=1.5):
    return tensor(rng, dtype, shape, scale=scale, special=False)


@FEW
@given(seed=SEEDS)
def test_softmax_along_any_axis(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for op in ("Softmax", "LogSoftmax", "Hardmax"):
        for dtype in ("float32", "float32", "float32", "float64", "float16"):
            x = real(rng, dtype, some_shape(rng))
            cases.append(Case(op, [x], {"axis": int(rng.integers(-x.ndim, x.ndim))}))
    check(cases, atol=1e-5)


def test_softmax_of_early_opsets_sees_a_matrix():
    x = real(np.random.default_rng(0), "float32", (3, 4, 5))
    flat = np.exp(x.reshape(3, 20)) / np.exp(x.reshape(3, 20)).sum(1, keepdims=True)
    case = Case("Softmax", [x], version=11)
    np.testing.assert_allclose(run([case], [[x]])[0][0], flat.reshape(x.shape), rtol=1e-5)


def test_softmax_does_not_overflow():
    x = np.array([[1000, 1001, -1000], [-np.inf, 0, 1], [88, 89, 90]], np.float32)
    check([Case("Softmax", [x]), Case("Softmax", [x], {"axis": 0})])
    logarithms = (
        x
        - np.log(np.exp((x - x.max(1, keepdims=True)).astype(np.float64)).sum(1, keepdims=True))
        - x.max(1, keepdims=True)
    )
    np.testing.assert_allclose(run([Case("LogSoftmax", [x])], [[x]])[0][0], logarithms, rtol=1e-5)


@FEW
@given(seed=SEEDS)
def test_layer_and_rms_normalization(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for dtype in ("float32", "float32", "float32", "float64"):
        x = real(rng, dtype, some_shape(rng))
        axis = int(rng.integers(-x.ndim, x.ndim))
        scale, bias = (real(rng, dtype, x.shape[axis % x.ndim :]) for _ in range(2))
        attributes = {"axis": axis, "epsilon": 1e-2}
        known = frozenset({1, 2} if rng.random() < 0.5 else {})
        outputs = 3 if dtype == "float32" and rng.random() < 0.5 else 1
        cases.append(Case("LayerNormalization", [x, scale, bias], attributes, constants=known, outputs=outputs))
        cases.append(Case("LayerNormalization", [x, scale], attributes))
        cases.append(Case("RMSNormalization", [x, scale], attributes))
    check(cases, rtol=1e-4, atol=1e-4)


def test_half_floats_are_normalized_in_single_precision():
    rng = np.random.default_rng(0)
    inputs = [real(rng, "float32", shape).astype(np.float16) for shape in ((19, 70), (70,), (70,))]
    for op, given_inputs in (("LayerNormalization", inputs), ("RMSNormalization", inputs[:2])):
        (exact,) = reference(Case(op, [x.astype(np.float32) for x in given_inputs]))
        ((got,),) = run([Case(op, given_inputs)], [[exact.astype(np.float16)]])
        np.testing.assert_allclose(got.astype(np.float32), exact, rtol=2e-3, atol=2e-3)


@FEW
@given(seed=SEEDS)
def test_instance_group_and_mean_variance_normalization(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for dtype in ("float32", "float32", "float64"):
        n, c, *space = (2, int(rng.choice([4, 8])), *some_shape(rng, 1, 3))
        x = real(rng, dtype, (n, c, *space))
        scale, bias = (real(rng, dtype, (c,)) for _ in range(2))
        cases.append(Case("InstanceNormalization", [x, scale, bias], {"epsilon": 1e-2}))
        attributes = {"num_groups": int(rng.choice([1, 2, c])), "epsilon": 1e-2}
        cases.append(Case("GroupNormalization", [x, scale, bias], attributes))
    cases.append(Case("MeanVarianceNormalization", [real(rng, "float32", (2, 3, 5, 7))]))
    cases.append(Case("MeanVarianceNormalization", [real(rng, "float32", (2, 3, 17))], {"axes": [0, -1]}))
    check(cases, rtol=2e-4, atol=2e-4)


@FEW
@given(seed=SEEDS)
def test_lp_normalization(seed):
    rng = np.random.default_rng(seed)
    cases = []
    for dtype in ("float32", "float32", "float64"):
        x = real(rng, dtype, some_shape(rng))
        axis = int(rng.integers(-x.ndim, x.ndim))
        cases.append(Case("LpNormalization", [x], {"axis": axis, "p": 2}))
        cases.append(Case("LpNormalization", [np.abs(x)], {"axis": axis, "p": 1}))
    cases.append(Case("LpNormalization", [np.zeros((2, 5), np.float32)]))
    check(cases)


@pytest.mark.parametrize("beta", [0.75, 0.5, 1.3])
def test_local_response(beta):
    rng = np.random.default_rng(0)
    cases = []
    for dtype in ("float32", "float64", "float16"):
        for size, space in ((1, (5, 7)), (3, (1, 1)), (5, (4, 4)), (4, (3, 11))):
            x = real(rng, dtype, (9, 9, *space))  # as many channels as samples: onnx.reference confuses the two
            cases.append(Case("LRN", [x], {"size": size, "beta": beta, "alpha": 0.3, "bias": 1.5}))
    check(cases)


def test_softmax_and_normalization_in_place():
    rng = np.random.default_rng(1)
    x, scale = real(rng, "float32", (6, 37)), real(rng, "float32", (37,))
    kind = TensorType(DType.FLOAT32, x.shape)
    types = dict.fromkeys(("x", "a", "b", "c", "y"), kind) | {"scale": TensorType(DType.FLOAT32, (37,))}
    nodes = (
        Node("1", "Neg", ("x",), ("a",), version=21),
        Node("2", "Softmax", ("a",), ("b",), {"axis": 1}, version=21),
        Node("3", "LayerNormalization", ("b", "scale"), ("c",), version=21),
        Node("4", "Softmax", ("c",), ("y",), {"axis": 0}, version=21),
    )
    (got,) = run_graph(Graph("chain", nodes, ("x", "scale"), ("y",), types), [x, scale])
    soft = np.exp(-x) / np.exp(-x).sum(1, keepdims=True)
    normal = (soft - soft.mean(1, keepdims=True)) / np.sqrt(soft.var(1, keepdims=True) + 1e-5) * scale
    np.testing.assert_allclose(got, np.exp(normal) / np.exp(normal).sum(0), rtol=1e-4)


@pytest.mark.parametrize("machine", [WIDTHS[16], WIDTHS[32]])
def test_narrow_vectors(machine):
    rng = np.random.default_rng(2)
    x = real(rng, "float32", (3, 13, 21))
    cases = [Case("Softmax", [x], {"axis": axis}) for axis in range(3)]
    cases.append(Case("LayerNormalization", [x, real(rng, "float32", (21,)), real(rng, "float32", (21,))]))
    cases.append(Case("InstanceNormalization", [x, real(rng, "float32", (13,)), real(rng, "float32", (13,))]))
    check(cases, rtol=1e-4, atol=1e-5, machine=machine)
