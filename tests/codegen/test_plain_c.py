"""Machines without vectors get plain C, which computes the same."""

import ctypes

import numpy as np
import pytest
from driver import RUNTIME_VERSION, Case, check, check_against_onnxruntime, run_graph
from onnx import helper

from mini_infer import lowering, memory
from mini_infer.codegen import generate, prelude
from mini_infer.ir import DType, Graph, Node, TensorType
from mini_infer.machine import MACHINES
from mini_infer.objective import OBJECTIVES
from mini_infer.program.kernels import TiledContraction
from mini_infer.toolchain import Target, build, find, load

M4 = MACHINES["cortex-m4"]
BOARDS = ("cortex-m0plus", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m33", "rv32imc")
RNG = np.random.default_rng(0)


def _floats(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


def _conv(attributes, *body, inputs=(), channels=8, outputs=8):
    group = attributes.get("group", 1)
    given = [_floats(2, channels, 9, 7), _floats(outputs, channels // group, 3, 3), _floats(outputs), *inputs]
    first = helper.make_node("Conv", ["x0", "x1", "x2"], ["v"], pads=[1] * 4, **attributes)
    nodes = [first, *body] if body else [helper.make_node("Conv", *[["x0", "x1", "x2"], ["y0"]], pads=[1] * 4)]
    return Case("Conv", given, attributes, constants=frozenset({1, 2}), body=nodes, version=RUNTIME_VERSION)


CASES = {
    "elements": [Case(op, [_floats(3, 17)]) for op in ("Exp", "Tanh", "Sigmoid", "Erf", "Floor", "Softplus", "Gelu")],
    "pairs": [Case("Add", [_floats(5, 33), _floats(33)]), Case("Max", [_floats(40), _floats(40)])],
    "folds": [
        *(Case(op, [_floats(6, 50)], {"axis": axis}, version=13) for op in ("Softmax",) for axis in (0, 1)),
        Case("ReduceMean", [_floats(4, 70), np.array([1])], constants=frozenset({1})),
        Case("ReduceMax", [_floats(40, 30), np.array([0])], constants=frozenset({1})),
    ],
    "copies": [Case("Transpose", [_floats(40, 50)], {"perm": [1, 0]}), Case("Tile", [_floats(3, 4), np.array([2, 3])])],
    "products": [
        Case("MatMul", [_floats(6, 20), _floats(20, 10)], constants=frozenset({1})),
        Case("MatMul", [_floats(2, 6, 20), _floats(2, 20, 10)]),
        Case("Gemm", [_floats(5, 8), _floats(7, 8), _floats(7)], {"transB": 1}, constants=frozenset({1, 2})),
    ],
    "convolutions": [
        _conv({"strides": [2, 2]}, helper.make_node("Relu", ["v"], ["y0"])),
        _conv({"group": 8}, helper.make_node("Clip", ["v"], ["y0"])),
        _conv(
            {},
            helper.make_node("Relu", ["v"], ["z"]),
            helper.make_node("Add", ["z", "x3"], ["y0"]),
            inputs=[_floats(2, 8, 9, 7)],
        ),
        _conv({}, helper.make_node("MaxPool", ["v"], ["y0"], kernel_shape=[3, 3], strides=[3, 3])),
    ],
    "pools": [
        Case("MaxPool", [_floats(2, 8, 9, 9)], {"kernel_shape": [3, 3], "strides": [2, 2]}),
        Case("AveragePool", [_floats(2, 8, 9, 9)], {"kernel_shape": [2, 2]}),
    ],
    "quantized": [
        Case(
            "MatMulInteger",
            [
                RNG.integers(0, 255, (5, 16), np.uint8),
                RNG.integers(-99, 99, (16, 6), np.int8),
                np.uint8(7),
                np.int8(-3),
            ],
            constants=frozenset({1, 2, 3}),
        ),
        Case(
            "ConvInteger",
            [RNG.integers(0, 255, (1, 4, 6, 6), np.uint8), RNG.integers(-99, 99, (3, 4, 3, 3), np.int8), np.uint8(7)],
            constants=frozenset({1, 2}),
        ),
    ],
    "attention": [Case("Attention", [_floats(1, 2, 6, 8), _floats(1, 2, 10, 8), _floats(1, 2, 10, 8)])],
}


@pytest.mark.parametrize("family", CASES)
def test_results_are_the_same(family):
    check(CASES[family], rtol=1e-5, atol=1e-5, machine=M4)


def test_recurrences_and_local_responses_are_the_same():
    inputs = [_floats(7, 2, 10), _floats(1, 20, 10), _floats(1, 20, 5), _floats(1, 40)]
    case = Case("LSTM", inputs, {"hidden_size": 5}, constants=frozenset({1, 2, 3}), outputs=3, version=RUNTIME_VERSION)
    response = Case("LRN", [_floats(2, 8, 5, 5)], {"size": 3}, version=RUNTIME_VERSION)
    check_against_onnxruntime([case, response], machine=M4)


WEIGHTS = {"w": _floats(4, 3, 3, 3), "m": _floats(8, 8)}


def _network():
    """A convolution, its product with a matrix, and the softmax of that."""
    types = {
        "x": TensorType(DType.FLOAT32, (1, 3, 8, 8)),
        "c": TensorType(DType.FLOAT32, (1, 4, 8, 8)),
        "p": TensorType(DType.FLOAT32, (1, 4, 8, 8)),
        "y": TensorType(DType.FLOAT32, (1, 4, 8, 8)),
        "w": TensorType(DType.FLOAT32, (4, 3, 3, 3)),
        "m": TensorType(DType.FLOAT32, (8, 8)),
    }
    nodes = (
        Node("conv", "Conv", ("x", "w"), ("c",), {"pads": (1, 1, 1, 1)}, version=22),
        Node("product", "MatMul", ("c", "m"), ("p",), version=13),
        Node("softmax", "Softmax", ("p",), ("y",), {"axis": -1}, version=13),
    )
    return Graph("network", nodes, ("x",), ("y",), types, WEIGHTS)


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("goal", OBJECTIVES)
def test_no_board_gets_a_vector(board, goal):
    graph, machine = _network(), MACHINES[board]
    program = lowering.place(lowering.select(graph, lowering.Selector(machine)), objective=OBJECTIVES[goal])
    assert program.native_steps == len(program.steps)
    kernels = [call.kernel for step in program.steps for call in step.calls]
    assert {kernel.tile.width for kernel in kernels if isinstance(kernel, TiledContraction)} == {1}
    (text,) = generate(program, memory.solve(program.problem, "first-fit"), machine).files.values()
    assert not {"vector_size", "mi_load", "mi_store", "VL"} & set(text.replace("(", " ").split())


def test_the_exponential_needs_no_library():
    """The bound of `mi_exp`, from where it is 0 to where it is infinite."""
    text = prelude(M4) + "MI_EXPORT void run(const float *x, float *y, long n) { while (n--) y[n] = mi_exp1(x[n]); }\n"
    run = load(build({"exp.c": text}, find(), Target.host())).run
    x = np.concatenate([np.linspace(-106, 90, 200_001), [0.0, np.inf, -np.inf, np.nan]]).astype(np.float32)
    y = np.empty_like(x)
    run(*(ctypes.c_void_p(array.ctypes.data) for array in (x, y)), ctypes.c_long(len(x)))
    with np.errstate(over="ignore"):
        expected = np.exp(x.astype(np.float64))
        rounded = expected.astype(np.float32)
    finite = np.isfinite(rounded)
    unit = np.spacing(np.maximum(rounded[finite], np.float32(1.17549435e-38))).astype(np.float64)
    assert np.max(np.abs(y[finite] - expected[finite]) / unit) <= 1.1
    np.testing.assert_array_equal(y[~finite], rounded[~finite])


def test_plain_c_and_vectors_agree_on_a_network():
    x = _floats(1, 3, 8, 8)
    (plain,), (vectors,) = (run_graph(_network(), [x], machine=MACHINES[name]) for name in ("cortex-m4", "x86-64-v2"))
    np.testing.assert_allclose(plain, vectors, rtol=1e-5, atol=1e-6)
