"""Products of every element type, with something fused behind: whole numbers that are exact in their type alone.

Doubles are larger than any float32 holds exactly, half floats smaller than 2,048: the oracle is integer arithmetic.
"""

import numpy as np
import pytest
from driver import SLOW, Case, run
from onnx import TensorProto, helper

import mini_infer
from mini_infer.ir import DType
from mini_infer.lowering.contraction.matrix import Matrix
from mini_infer.lowering.contraction.plain import plain_product
from mini_infer.machine import GENERIC
from mini_infer.program.kernels import Epilogue, Operation, Tile, TiledContraction
from mini_infer.program.kernels.rules import KernelError

LARGEST = {"float64": 1 << 24, "float32": 20, "float16": 5, "int32": 1 << 13, "int64": 1 << 28}
SLOPE = 0.5


def _whole(rng, dtype, shape):
    return rng.integers(-LARGEST[dtype], LARGEST[dtype] + 1, shape).astype(dtype)


def _behind(value, steps, residual):
    """Nodes behind a product."""
    nodes = []
    for index, step in enumerate(steps):
        result = "y0" if index == len(steps) - 1 else f"s{index}"
        match step:
            case "relu":
                nodes.append(helper.make_node("Relu", [value], [result]))
            case "leak":
                nodes.append(helper.make_node("LeakyRelu", [value], [result], alpha=SLOPE))
            case "residual":
                nodes.append(helper.make_node("Add", [residual, value], [result]))
        value = result
    return nodes


def _expected(exact, steps, residual, dtype):
    """The same by Python's numbers."""
    y = exact.astype(object)
    for step in steps:
        match step:
            case "relu":
                y = np.where(y < 0, 0, y)
            case "leak":
                y = np.where(y < 0, y * SLOPE, y)
            case "residual":
                y = y + residual.astype(np.int64).astype(object)
    return y.astype(dtype)


def _with_epilogues(dtype, product, inputs, exact, constants):
    """A product with each kind of epilogue, and what is right; `exact` is its own result in int64."""
    rng = np.random.default_rng(1)
    found = []
    for steps in (["relu"], ["residual", "relu"], ["relu", "residual"], ["leak"]):
        if "leak" in steps and not dtype.startswith("float"):
            continue
        residual = _whole(rng, dtype, exact.shape)
        given = [*inputs, *([residual] if "residual" in steps else [])]
        body = [product, *_behind(product.output[0], steps, f"x{len(inputs)}")]
        case = Case(product.op_type, given, body=body, constants=frozenset(constants))
        found.append((case, _expected(exact, steps, residual, dtype)))
    return found


def _check(found):
    """Compare with what is right, to the last bit."""
    results = run([case for case, _ in found], [[want] for _, want in found])
    for (case, want), (got,) in zip(found, results, strict=True):
        assert got.dtype == want.dtype
        np.testing.assert_array_equal(got, want, err_msg=f"{case} {[node.op_type for node in case.body]}")


def test_matrix_products():
    rng = np.random.default_rng(0)
    product = helper.make_node("MatMul", ["x0", "x1"], ["v"])
    found = []
    for dtype in LARGEST:
        a, b = _whole(rng, dtype, (5, 11)), _whole(rng, dtype, (11, 7))
        exact = a.astype(np.int64) @ b.astype(np.int64)
        for constants in ((1,), ()):
            found += _with_epilogues(dtype, product, [a, b], exact, constants)
    _check(found)


@pytest.mark.parametrize(
    "dtype", ["float32", "int64", *(pytest.param(name, marks=SLOW) for name in ("float64", "float16", "int32"))]
)
def test_gemm_whose_c_is_known_at_run_time(dtype):
    rng = np.random.default_rng(2)
    gemm = helper.make_node("Gemm", ["x0", "x1", "x2"], ["v"], alpha=2.0)
    found = []
    for shape in ((), (1,), (7,), (5, 1), (5, 7)):
        a, b, c = _whole(rng, dtype, (5, 11)), _whole(rng, dtype, (11, 7)), _whole(rng, dtype, shape)
        exact = 2 * (a.astype(np.int64) @ b.astype(np.int64)) + c.astype(np.int64)
        found += _with_epilogues(dtype, gemm, [a, b, c], exact, (1,))
    _check(found)


@pytest.mark.parametrize("dtype", ["float16", *(pytest.param(name, marks=SLOW) for name in ("float64", "float32"))])
def test_convolutions(dtype):
    rng = np.random.default_rng(3)
    x, w, b = _whole(rng, dtype, (2, 3, 6, 9)), _whole(rng, dtype, (4, 3, 2, 2)), _whole(rng, dtype, (4,))
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(np.int64), (2, 2), axis=(2, 3))
    exact = np.einsum("nchwij,ocij->nohw", windows, w.astype(np.int64)) + b.astype(np.int64)[:, None, None]
    conv = helper.make_node("Conv", ["x0", "x1", "x2"], ["v"], kernel_shape=[2, 2])
    found = _with_epilogues(dtype, conv, [x, w, b], exact, (1, 2))
    blocks = np.einsum("nchw,coij->nohiwj", x.astype(np.int64), w[:3].astype(np.int64))
    transposed = helper.make_node("ConvTranspose", ["x0", "x1"], ["v"], strides=[2, 2])
    found += _with_epilogues(dtype, transposed, [x, w[:3]], blocks.reshape(2, 3, 12, 18), (1,))
    _check(found)


@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize("compiler", [None, "none"])
def test_half_floats_are_rounded_once(compiler, relu):
    rng = np.random.default_rng(4)
    a, b = (rng.integers(-40, 40, shape).astype(np.float16) for shape in ((9, 32), (32, 20)))
    c = (rng.integers(-8000, 8000, (9, 20)) / 4).astype(np.float16)
    nodes = [helper.make_node("Gemm", ["a", "b", "c"], ["v"], alpha=0.5, beta=2.0)]
    nodes.append(helper.make_node("Relu" if relu else "Identity", ["v"], ["y"]))
    infos = [
        helper.make_tensor_value_info(n, TensorProto.FLOAT16, x.shape) for n, x in zip("abc", (a, b, c), strict=True)
    ]
    graph = helper.make_graph(nodes, "g", infos, [helper.make_tensor_value_info("y", TensorProto.FLOAT16, [9, 20])])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    want = (0.5 * (a.astype(np.float64) @ b.astype(np.float64)) + 2 * c.astype(np.float64)).astype(np.float16)
    got = mini_infer.compile(model, compiler=compiler).create_context().run({"a": a, "b": b, "c": c})["y"]
    np.testing.assert_array_equal(got, np.maximum(want, 0) if relu else want)


def test_an_epilogue_of_another_type_is_refused():
    product = Matrix(2, 3, 4, 4, 1, 3)
    single = Epilogue(expression=(Operation("Relu", (0,), DType.FLOAT32),))
    double = Epilogue(expression=(Operation("Relu", (0,), DType.FLOAT64),))
    with pytest.raises(KernelError, match="float16"):
        plain_product(product, (DType.FLOAT16, DType.FLOAT16), single, (3, 1)).check(GENERIC)
    with pytest.raises(KernelError, match="float64"):
        TiledContraction(product.shape, Tile(2, 1, 4), 1, epilogue=double).check(GENERIC)
