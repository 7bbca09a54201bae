"""What a contraction of bytes does to its sums before it stores them, against the interpreter: every tail."""

import numpy as np
import pytest
from driver import MACHINES, run_graph
from machines import SCALAR

from mini_infer.interpreter import run_graph as interpreted
from mini_infer.ir import DType, Graph, Node, TensorType
from mini_infer.ir.quantized import contrib, requantize
from mini_infer.passes import Remarks
from mini_infer.passes.fusion.integers import FuseIntegers

COLUMNS = [1, 5, 16, 17, 33, 70]
DEPTH = 12
REAL = {"Add", "DequantizeLinear", "Mul", "Relu"}


def plain(op, *inputs, result, **attributes):
    return Node(result, op, inputs, (result,), attributes, version=13)


def quantized(op, *operands, result):
    return contrib(result, op, [name for operand in operands for name in (operand, "s", "z")] + ["s", "z"], result)


REQUANTIZED = [plain("Add", "sums", "bias", result="biased"), requantize("r", "biased", "scales", "z", "a")]
CAST = [plain("Cast", "sums", result="cast", to=1), plain("Mul", "cast", "scales", result="a")]
FORMS = {
    "requantized": REQUANTIZED,
    "by one scale": [requantize("r", "sums", "s", "z", "a")],
    "added to a residual": [*REQUANTIZED, quantized("QLinearAdd", "other", "a", result="b")],
    "times a residual": [*REQUANTIZED, quantized("QLinearMul", "a", "other", result="b")],
    "added to a constant row": [*REQUANTIZED, quantized("QLinearAdd", "a", "row", result="b")],
    "made real": [*REQUANTIZED, plain("DequantizeLinear", "a", "s", "z", result="b")],
    "real": [*CAST, plain("Add", "a", "offsets", result="b")],
    "an activation": [*CAST, plain("Relu", "a", result="b")],
    "a real residual": [*CAST, plain("Add", "a", "real", result="b")],
    "scaled by columns found at run time": [*CAST, plain("Mul", "a", "found", result="b")],
    "quantized again": [
        *CAST,
        plain("Add", "a", "offsets", result="b"),
        plain("QuantizeLinear", "b", "s", "z", result="c"),
    ],
}


def graph_of(form, columns, dtype):
    """The form behind a product, fused; and its inputs."""
    random, low = np.random.default_rng(columns), np.iinfo(dtype).min
    given = {
        "x": random.integers(low, low + 256, (5, DEPTH)).astype(dtype),
        "other": random.integers(0, 256, (5, columns)).astype(np.uint8),
        "real": random.standard_normal((5, columns)).astype(np.float32),
        "found": random.uniform(1, 3, columns).astype(np.float32),
    }
    constants = {
        "w": random.integers(-128, 128, (DEPTH, columns), dtype=np.int8),
        "bias": random.integers(-9999, 9999, columns, dtype=np.int32),
        "row": random.integers(0, 256, columns).astype(np.uint8),
        "scales": random.uniform(0.0005, 0.002, columns).astype(np.float32),
        "offsets": random.uniform(-1, 1, columns).astype(np.float32),
        "s": np.array(0.004, np.float32),
        "z": np.array(100, np.uint8),
        "x_zero": np.array(7, dtype),
    }
    nodes = [Node("m", "MatMulInteger", ("x", "w", "x_zero"), ("sums",), version=10), *FORMS[form]]
    kinds = {"sums": DType.INT32, "biased": DType.INT32, "cast": DType.FLOAT32}
    types = {name: TensorType(DType.of(array.dtype), array.shape) for name, array in {**given, **constants}.items()}
    for node in nodes:
        kind = kinds.get(node.outputs[0]) or (DType.FLOAT32 if node.op in REAL else DType.UINT8)
        types[node.outputs[0]] = TensorType(kind, (5, columns))
    used = {name for node in nodes for name in (*node.inputs, *node.outputs)}
    inputs = tuple(name for name in given if name in used)
    known = {name: array for name, array in constants.items() if name in used}
    outputs = (nodes[-1].outputs[0],)
    graph = Graph("g", tuple(nodes), inputs, outputs, {name: types[name] for name in used}, known)
    return FuseIntegers()(graph, Remarks()), {name: given[name] for name in inputs}


@pytest.mark.parametrize("machine", [*MACHINES, pytest.param(SCALAR, id="plain C")])
def test_products_of_what_is_found_at_run_time(machine):
    for batch, columns in [((), 5), ((), 64), ((2, 3), 33)]:
        random = np.random.default_rng(columns)
        a = random.integers(0, 256, (*batch, 5, DEPTH)).astype(np.uint8)
        b = random.integers(-128, 128, (*batch, DEPTH, columns)).astype(np.int8)
        constants = {"s": np.array(0.0007, np.float32), "z": np.array(100, np.uint8), "b_zero": np.array(-9, np.int8)}
        product = Node("m", "MatMulInteger", ("a", "b", "z", "b_zero"), ("sums",), version=10)
        types = {name: TensorType(DType.of(array.dtype), array.shape) for name, array in constants.items()}
        types |= {"a": TensorType(DType.UINT8, a.shape), "b": TensorType(DType.INT8, b.shape)}
        types |= {
            name: TensorType(kind, (*batch, 5, columns)) for name, kind in (("sums", DType.INT32), ("y", DType.UINT8))
        }
        nodes = (product, requantize("r", "sums", "s", "z", "y"))
        graph = FuseIntegers()(Graph("g", nodes, ("a", "b"), ("y",), types, constants), Remarks())
        assert len(graph.nodes) == 1
        (found,) = run_graph(graph, [a, b], machine=machine)
        np.testing.assert_array_equal(found, interpreted(graph, {"a": a, "b": b})["y"])


@pytest.mark.parametrize("machine", [*MACHINES, pytest.param(SCALAR, id="plain C")])
@pytest.mark.parametrize("form", FORMS)
def test_the_end_of_each_sum(machine, form):
    for columns in COLUMNS:
        graph, given = graph_of(form, columns, np.uint8 if columns % 2 else np.int8)
        assert len(graph.nodes) == 1
        (found,) = run_graph(graph, list(given.values()), machine=machine)
        wanted = interpreted(graph, given)[graph.outputs[0]]
        if found.dtype == np.float32:
            np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-6)
        else:
            np.testing.assert_array_equal(found, wanted)
