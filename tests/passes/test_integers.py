import numpy as np
import pytest
from pass_checks import apply, graph_of, operators, reasons

from mini_infer.ir import DType, Graph, Node, TensorType
from mini_infer.ir.quantized import contrib, requantize
from mini_infer.passes import Remarks
from mini_infer.passes.fusion.integers import FuseIntegers

RANDOM = np.random.default_rng(0)
CONSTANTS = {
    "w": RANDOM.integers(-128, 128, (8, 6), dtype=np.int8),
    "bias": RANDOM.integers(-999, 999, 6, dtype=np.int32),
    "row": RANDOM.integers(0, 256, 6, dtype=np.uint8),
    "scales": RANDOM.uniform(0.001, 0.01, 6).astype(np.float32),
    "offsets": RANDOM.uniform(-1, 1, 6).astype(np.float32),
    "s": np.array(0.02, np.float32),
    "z": np.array(100, np.uint8),
}
INPUTS = {"x": (DType.UINT8, (5, 8)), "other": (DType.UINT8, (5, 6)), "real": (DType.FLOAT32, (5, 6))}
INPUTS |= {"found": (DType.INT8, (8, 6)), "tall": (DType.UINT8, (3, 5, 6))}
SUMS = Node("m", "MatMulInteger", ("x", "w", "z"), ("sums",), version=10)
SCALED = [SUMS, requantize("r", "sums", "scales", "z", "y")]
MADE_REAL = [
    SUMS,
    Node("c", "Cast", ("sums",), ("cast",), {"to": 1}, version=13),
    Node("t", "Mul", ("cast", "scales"), ("y",), version=13),
]


def graph_with(*nodes, result, outputs=None):
    """Everything in between has the type that its operator gives it; the last is the result."""
    kinds = {"sums": DType.INT32, "biased": DType.INT32, "cast": DType.FLOAT32}
    types = {name: TensorType(dtype, shape) for name, (dtype, shape) in INPUTS.items()}
    types |= {name: TensorType(DType.of(array.dtype), array.shape) for name, array in CONSTANTS.items()}
    for node in nodes:
        kind = kinds.get(node.outputs[0]) or (DType.FLOAT32 if node.op in REAL else DType.UINT8)
        types[node.outputs[0]] = TensorType(kind, (5, 6))
    types[nodes[-1].outputs[0]] = result if isinstance(result, TensorType) else TensorType(result, (5, 6))
    used = {name for node in nodes for name in (*node.inputs, *node.outputs)}
    inputs = tuple(name for name in INPUTS if name in used)
    known = {name: array for name, array in CONSTANTS.items() if name in used}
    outputs = outputs or (nodes[-1].outputs[0],)
    return Graph("g", nodes, inputs, outputs, {name: types[name] for name in used}, known)


REAL = {"Mul", "Add", "Relu", "DequantizeLinear"}


def plain(op, *inputs, result="last", **attributes):
    return Node(result, op, inputs, (result,), attributes, version=13)


def fused(graph):
    after, _ = apply(FuseIntegers(), graph, exact=True)
    return after


def stays(graph, reason):
    remarks = Remarks()
    after = FuseIntegers()(graph, remarks)
    assert reason in reasons(remarks)
    return len(after.nodes)


@pytest.mark.parametrize(
    ("after", "result"),
    [
        (SCALED[1:], DType.UINT8),
        ([plain("Add", "sums", "bias", result="biased"), requantize("r", "biased", "s", "z", "y")], DType.UINT8),
        ([*SCALED[1:], contrib("q", "QLinearAdd", ["y", "s", "z", "other", "s", "z", "s", "z"], "last")], DType.UINT8),
        ([*SCALED[1:], contrib("q", "QLinearAdd", ["row", "s", "z", "y", "s", "z", "s", "z"], "last")], DType.UINT8),
        ([*SCALED[1:], contrib("q", "QLinearMul", ["y", "s", "z", "row", "s", "z", "s", "z"], "last")], DType.UINT8),
        ([*SCALED[1:], plain("DequantizeLinear", "y", "s", "z")], DType.FLOAT32),
        (MADE_REAL[1:], DType.FLOAT32),
        ([*MADE_REAL[1:], plain("Add", "y", "offsets")], DType.FLOAT32),
        ([*MADE_REAL[1:], plain("Add", "real", "y")], DType.FLOAT32),
        ([*MADE_REAL[1:], plain("Relu", "y")], DType.FLOAT32),
        ([*MADE_REAL[1:], plain("QuantizeLinear", "y", "s", "z")], DType.UINT8),
        (
            [*SCALED[1:], plain("DequantizeLinear", "y", "s", "z", result="d"), plain("Add", "d", "offsets")],
            DType.FLOAT32,
        ),
    ],
    ids=lambda value: " ".join(node.op for node in value) if isinstance(value, list) else None,
)
def test_what_follows_is_done_by_the_contraction(after, result):
    (node,) = fused(graph_with(SUMS, *after, result=result)).nodes
    assert node.op == "MatMulInteger"
    assert [inner.op for inner in node.body] == ["MatMulInteger", *(each.op for each in after)]


def test_sums_that_others_read_stay():
    graph = graph_with(*SCALED, result=DType.UINT8, outputs=("y", "sums"))
    assert stays(graph, "'sums' is read by others too") == 2


def test_products_of_what_is_found_at_run_time_are_quantized():
    product = Node("m", "MatMulInteger", ("x", "found", "z"), ("sums",), version=10)
    (node,) = fused(graph_with(product, requantize("r", "sums", "s", "z", "y"), result=DType.UINT8)).nodes
    assert [inner.op for inner in node.body] == ["MatMulInteger", "Requantize"]


def test_scales_by_column_of_what_is_found_at_run_time_stay():
    product = Node("m", "MatMulInteger", ("x", "found", "z"), ("sums",), version=10)
    assert stays(graph_with(product, *SCALED[1:], result=DType.UINT8), "its weights are no constant bytes") == 2


def test_what_broadcasts_the_contraction_stays():
    last = contrib("q", "QLinearAdd", ["y", "s", "z", "tall", "s", "z", "s", "z"], "last")
    graph = graph_with(*SCALED, last, result=TensorType(DType.UINT8, (3, 5, 6)))
    assert stays(graph, "the contraction is broadcast") == 2


def test_a_second_residual_stays():
    residual = ["s", "z", "other", "s", "z", "s", "z"]
    nodes = [
        contrib("a", "QLinearAdd", ["y", *residual], "first"),
        contrib("b", "QLinearAdd", ["first", *residual], "l"),
    ]
    assert stays(graph_with(*SCALED, *nodes, result=DType.UINT8), "another tensor is added there already") == 2


def test_a_conversion_after_a_residual_stays():
    nodes = [plain("Add", "real", "y", result="sum"), plain("QuantizeLinear", "sum", "s", "z")]
    graph = graph_with(*MADE_REAL, *nodes, result=DType.UINT8)
    assert stays(graph, "a tensor of another type is added there") == 2


def test_real_operators_stay_apart():
    graph = graph_of("g (float[5,8] x, float[8,6] w) => (float[5,6] y) { a = MatMul (x, w) y = Relu (a) }")
    assert operators(FuseIntegers()(graph, Remarks())) == ["MatMul", "Relu"]
