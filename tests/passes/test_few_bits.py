import ml_dtypes
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from pass_checks import apply, operators, reasons

from mini_infer import frontend
from mini_infer.interpreter import evaluate
from mini_infer.passes.quantization.few_bits import FewBits

RNG = np.random.default_rng(6)


def pack(nodes, constants, shape, *, kind=TensorProto.FLOAT):
    """The graph after the pass, of a model that reads `x` and gives `y`."""
    graph = helper.make_graph(
        [helper.make_node(op, inputs, outputs, **attributes) for op, inputs, outputs, attributes in nodes],
        "g",
        [helper.make_tensor_value_info("x", kind, shape)],
        [onnx.ValueInfoProto(name="y")],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    return apply(FewBits(), frontend.read(model, evaluate=evaluate))


def numbers(shape, dtype):
    info = ml_dtypes.iinfo(dtype)
    return RNG.integers(info.min, info.max, shape, endpoint=True).astype(dtype)


def scales(*shape):
    return RNG.uniform(0.5, 1.5, shape).astype(np.float32)


def dequantize(*inputs, **attributes):
    return ("DequantizeLinear", inputs, ["r"], attributes)


PRODUCT = ("MatMul", ["x", "r"], ["y"], {})
GATHER = ("Gather", ["r", "x"], ["y"], {})


@pytest.mark.parametrize("zero", [False, True])
@pytest.mark.parametrize("dtype", [ml_dtypes.int4, ml_dtypes.uint4, np.int8])
def test_blocks_of_columns_stay_packed(dtype, zero):
    made = {"w": numbers((70, 5), dtype), "s": scales(3, 5), **({"z": numbers((3, 5), dtype)} if zero else {})}
    graph, _ = pack([dequantize(*made, axis=0, block_size=32), PRODUCT], made, [2, 70])
    (node,) = graph.nodes
    assert node.op == "MatMulNBits"
    bits = 8 if dtype == np.int8 else 4
    assert node.attributes == {"K": 70, "N": 5, "bits": bits, "block_size": 32}
    assert graph.constants[node.inputs[1]].nbytes == 5 * 96 * bits // 8
    middle = not zero and dtype != ml_dtypes.uint4
    assert len(node.inputs) == (3 if middle else 4)


@pytest.mark.parametrize(("shape", "axis"), [((), 1), ((5,), 1)])
def test_one_scale_for_all_or_for_each_column(shape, axis):
    made = {"w": numbers((33, 5), ml_dtypes.int4), "s": scales(*shape)}
    graph, _ = pack([dequantize(*made, axis=axis), PRODUCT], made, [3, 33])
    assert operators(graph) == ["MatMulNBits"]
    assert graph.nodes[0].attributes["block_size"] == 33


def test_transposed_weights():
    made = {"w": numbers((6, 64), ml_dtypes.int4), "s": scales(6, 2)}
    turn = ("Transpose", ["r"], ["t"], {"perm": [1, 0]})
    product = ("MatMul", ["x", "t"], ["y"], {})
    graph, _ = pack([dequantize(*made, axis=1, block_size=32), turn, product], made, [4, 64])
    assert operators(graph) == ["MatMulNBits"]


@pytest.mark.parametrize("bias", [(6,), (1, 6), None])
def test_gemm_that_only_multiplies(bias):
    made = {"w": numbers((6, 64), ml_dtypes.int4), "s": scales(6, 2)}
    added = {} if bias is None else {"b": scales(*bias)}
    gemm = ("Gemm", ["x", "r", *added], ["y"], {"transB": 1})
    graph, _ = pack([dequantize(*made, axis=1, block_size=32), gemm], {**made, **added}, [4, 64])
    assert operators(graph) == ["MatMulNBits"]
    assert len(graph.nodes[0].inputs) == (3 if bias is None else 5)


def test_gemm_that_does_more():
    made = {"w": numbers((64, 6), ml_dtypes.int4), "s": scales(2, 6)}
    gemm = ("Gemm", ["x", "r"], ["y"], {"alpha": 2.0})
    graph, remarks = pack([dequantize(*made, axis=0, block_size=32), gemm], made, [4, 64])
    assert operators(graph) == ["DequantizeLinear", "Gemm"]
    assert "does more than to multiply" in reasons(remarks)


@pytest.mark.parametrize(("shape", "axis", "block"), [((7, 2), 1, 32), ((7,), 0, 0), ((), 0, 0)])
def test_rows_of_a_table_stay_packed(shape, axis, block):
    made = {"w": numbers((7, 64), ml_dtypes.uint4), "s": scales(*shape)}
    options = {"axis": axis, **({"block_size": block} if block else {})}
    graph, _ = pack([dequantize(*made, **options), GATHER], made, [2, 3], kind=TensorProto.INT64)
    assert operators(graph) == ["GatherBlockQuantized"]
    assert graph.constants[graph.nodes[0].inputs[0]].nbytes == 7 * 32


def test_a_constant_added_is_the_bias():
    made = {"w": numbers((32, 5), ml_dtypes.int4), "s": scales(1, 5)}
    nodes = [
        dequantize(*made, axis=0, block_size=32),
        ("MatMul", ["x", "r"], ["p"], {}),
        ("Add", ["b", "p"], ["y"], {}),
    ]
    graph, _ = pack(nodes, {**made, "b": scales(5)}, [2, 3, 32])
    assert operators(graph) == ["MatMulNBits"]
    assert graph.nodes[0].inputs[3:] == ("", "b")


def test_a_product_that_others_read_keeps_its_addition():
    made = {"w": numbers((32, 5), ml_dtypes.int4), "s": scales(1, 5)}
    nodes = [
        dequantize(*made, axis=0, block_size=32),
        ("MatMul", ["x", "r"], ["p"], {}),
        ("Add", ["p", "b"], ["q"], {}),
        ("Mul", ["q", "p"], ["y"], {}),
    ]
    graph, remarks = pack(nodes, {**made, "b": scales(5)}, [3, 32])
    assert operators(graph) == ["MatMulNBits", "Add", "Mul"]
    assert "read by others" in reasons(remarks)


@pytest.mark.parametrize(
    ("dtype", "shape", "scale", "options"),
    [
        (ml_dtypes.int4, (64, 6), (64, 3), {"axis": 1, "block_size": 2}),  # along the columns
        (ml_dtypes.int4, (64, 6), (64,), {"axis": 0}),  # for each row of the matrix
        (ml_dtypes.int4, (64, 6), (16, 6), {"axis": 0, "block_size": 4}),  # blocks that are no words
        (np.int8, (64, 6), (6,), {"axis": 1}),  # bytes without blocks
        (ml_dtypes.int4, (2, 64, 6), (2, 2, 6), {"axis": 1, "block_size": 32}),  # no matrix
    ],
)
def test_other_weights_become_real(dtype, shape, scale, options):
    made = {"w": numbers(shape, dtype), "s": scales(*scale)}
    graph, _ = pack([dequantize(*made, **options), PRODUCT], made, [2, 64])
    assert operators(graph) == ["DequantizeLinear", "MatMul"]
