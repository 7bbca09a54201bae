import numpy as np
import pytest
from pass_checks import apply, reasons

from mini_infer.ir import DType, Graph, Node, TensorType
from mini_infer.ir.quantized import requantize
from mini_infer.passes import Remarks
from mini_infer.passes.fusion.integers import FuseIntegers
from mini_infer.passes.fusion.operands import FuseOperands

RANDOM = np.random.default_rng(0)
CONSTANTS = {
    "w": RANDOM.integers(-128, 128, (8, 6), dtype=np.int8),
    "kernel": RANDOM.integers(-128, 128, (6, 8, 3, 1), dtype=np.int8),
    "point": RANDOM.integers(-128, 128, (6, 8, 1, 1), dtype=np.int8),
    "s": np.array(0.02, np.float32),
    "each": np.full(8, 0.02, np.float32),
    "zeros": np.full(8, 100, np.uint8),
    "z": np.array(100, np.uint8),
    "shape": np.array([5, 8]),
}
TYPES = {
    "x": TensorType(DType.FLOAT32, (5, 8)),
    "flat": TensorType(DType.FLOAT32, (40,)),
    "image": TensorType(DType.FLOAT32, (1, 8, 5, 1)),
    "found": TensorType(DType.INT8, (8, 6)),
}
QUANTIZED = Node("q", "QuantizeLinear", ("x", "s", "z"), ("bytes",), version=13)
PRODUCT = Node("m", "MatMulInteger", ("bytes", "w", "z"), ("sums",), version=10)
INNER = {
    "bytes": TensorType(DType.UINT8, (5, 8)),
    "sums": TensorType(DType.INT32, (5, 6)),
    "y": TensorType(DType.UINT8, (5, 6)),
    "real": TensorType(DType.FLOAT32, (5, 8)),
}
OF_IMAGE = {"bytes": TensorType(DType.UINT8, (1, 8, 5, 1))}


def graph_with(*nodes, outputs=("sums",), **types):
    kinds = {
        **TYPES,
        **INNER,
        **{name: TensorType(DType.of(a.dtype), a.shape) for name, a in CONSTANTS.items()},
        **types,
    }
    used = {name for node in nodes for name in (*node.inputs, *node.outputs)}
    inputs = tuple(name for name in TYPES if name in used and all(name not in node.outputs for node in nodes))
    known = {name: array for name, array in CONSTANTS.items() if name in used}
    return Graph("g", nodes, inputs, outputs, {name: kinds[name] for name in used}, known)


def stays(graph, reason):
    remarks = Remarks()
    after = FuseOperands()(graph, remarks)
    assert reason in reasons(remarks)
    assert after is graph


def test_a_product_quantizes_what_the_caller_gives():
    after, _ = apply(FuseOperands(), graph_with(QUANTIZED, PRODUCT), exact=True)
    (node,) = after.nodes
    assert node.op == "MatMulInteger"
    assert [inner.op for inner in node.body] == ["QuantizeLinear", "MatMulInteger"]


def test_a_fused_product_and_a_view_of_what_the_caller_gives():
    view = Node("v", "Reshape", ("flat", "shape"), ("real",), version=13)
    quantize = Node("q", "QuantizeLinear", ("real", "s", "z"), ("bytes",), version=13)
    graph = graph_with(view, quantize, PRODUCT, requantize("r", "sums", "s", "z", "y"), outputs=("y",))
    graph = FuseIntegers()(graph, Remarks())
    after, _ = apply(FuseOperands(), graph, exact=True)
    assert [node.op for node in after.nodes] == ["Reshape", "MatMulInteger"]
    assert [inner.op for inner in after.nodes[1].body] == ["QuantizeLinear", "MatMulInteger", "Requantize"]


def convolution(weights, height):
    quantize = Node("q", "QuantizeLinear", ("image", "s", "z"), ("bytes",), version=13)
    conv = Node("m", "ConvInteger", ("bytes", weights, "z"), ("sums",), version=10)
    return graph_with(quantize, conv, **OF_IMAGE, sums=TensorType(DType.INT32, (1, 6, height, 1)))


def test_windows_of_single_elements():
    after, _ = apply(FuseOperands(), convolution("point", 5), exact=True)
    assert [node.op for node in after.nodes] == ["ConvInteger"]


def test_windows_of_several_elements_stay():
    stays(convolution("kernel", 3), "the window has several elements")


def test_bytes_that_others_get_stay():
    stays(graph_with(QUANTIZED, PRODUCT, outputs=("sums", "bytes")), "'bytes' is read by others too")


def test_weights_found_at_run_time_stay():
    product = Node("m", "MatMulInteger", ("bytes", "found", "z"), ("sums",), version=10)
    stays(graph_with(QUANTIZED, product), "the weights are no constant bytes")


def test_several_scales_stay():
    quantize = Node("q", "QuantizeLinear", ("x", "each", "zeros"), ("bytes",), {"axis": 1}, version=13)
    stays(graph_with(quantize, PRODUCT), "none of float32 by one constant scale")


@pytest.mark.parametrize("op", ["Relu", "Neg"])
def test_numbers_that_a_node_makes_stay(op):
    made = Node("r", op, ("x",), ("real",), version=13)
    quantize = Node("q", "QuantizeLinear", ("real", "s", "z"), ("bytes",), version=13)
    graph = graph_with(made, quantize, PRODUCT)
    assert FuseOperands()(graph, Remarks()) is graph
