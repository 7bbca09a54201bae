"""Every value gets the type it will have, or none."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tiny_models import model, node, read, shapes_of, tensor

from mini_infer import frontend
from mini_infer.frontend import graphs
from mini_infer.interpreter import evaluate, run_graph
from mini_infer.ir import OpaqueType


def test_shape_arithmetic_resolves():
    """Shape → Gather → Concat → Reshape, as exporters write a flatten."""
    proto = model(
        [
            node("Shape", "x", "s"),
            node("Gather", "s zero", "batch", axis=0),
            node("Unsqueeze", "batch axis", "rows"),
            node("Concat", "rows rest", "target", axis=0),
            node("Reshape", "x target", "y"),
        ],
        [tensor("x", ["n", 3, 4])],
        ["y"],
        {"zero": np.int64(0), "axis": [0], "rest": [-1]},
    )
    assert shapes_of(read(proto, shapes={"x": (5, 3, 4)}))["y"] == "float32[5x12]"


def test_arithmetic_in_floats_resolves():
    """Sizes computed as many exporters compute them for Resize: by casting, scaling and flooring."""
    proto = model(
        [
            node("Shape", "x", "s", start=2),
            node("Cast", "s", "f", to=TensorProto.FLOAT),
            node("Mul", "f scale", "g"),
            node("Floor", "g", "h"),
            node("Cast", "h", "sizes", to=TensorProto.INT64),
            node("Concat", "outer sizes", "all", axis=0),
            node("Resize", "x   all", "y", mode="nearest"),
        ],
        [tensor("x", [1, 2, 5, 7])],
        ["y"],
        {"scale": np.float32(1.5), "outer": [1, 2]},
    )
    proto.graph.node[-1].input[:] = ["x", "", "", "all"]
    assert shapes_of(read(proto))["y"] == "float32[1x2x7x10]"


def test_sizes_that_depend_on_data_are_opaque():
    proto = model([node("Unique", "x", "u"), node("Neg", "u", "y")], [tensor("x", [4])], ["y"])
    graph = read(proto)
    assert isinstance(graph.types["u"], OpaqueType)
    assert shapes_of(graph) == {"x": "float32[4]", "u": "float32[?]", "y": "float32[?]"}


def test_sizes_that_depend_on_constants_are_not():
    proto = model([node("NonZero", "mask", "y")], [tensor("x", [1])], ["y"], {"mask": np.eye(3, dtype=np.float32)})
    assert shapes_of(read(proto))["y"] == "int64[2x3]"


def test_sizes_that_depend_on_large_constants_are_not():
    mask = np.zeros(10_000, np.float32)
    mask[::100] = 1
    nodes = [node("Not", "zero", "b"), node("Compress", "mask b", "c"), node("NonZero", "c", "y")]
    proto = model(nodes, [tensor("x", [1])], ["y"], {"mask": mask, "zero": mask == 0})
    assert shapes_of(read(proto))["y"] == "int64[1x100]"


def test_random_numbers_are_not_computed_ahead():
    nodes = [node("RandomUniform", "", "r", shape=[8], seed=1.0), node("Unique", "r", "y")]
    nodes[0].ClearField("input")
    assert isinstance(read(model(nodes, [tensor("x", [1])], ["y"])).types["y"], OpaqueType)


@pytest.mark.parametrize("asked", [[3, 1], [9, 12], [2, 4, 3, 1]])
def test_a_transposed_convolution_has_the_shape_it_is_asked_for(asked):
    """Also one smaller than its input, and with the batch and the channels in front."""
    nodes = [node("ConvTranspose", "x w", "y", strides=[2, 3], output_shape=asked)]
    proto = model(nodes, [tensor("x", [2, 3, 4, 4])], ["y"], {"w": np.ones((3, 4, 2, 3), np.float32)})
    assert shapes_of(read(proto))["y"] == f"float32[2x4x{asked[-2]}x{asked[-1]}]"


def test_operators_defined_by_a_function_without_inference():
    proto = model(
        [node("GroupNormalization", "x s b", "y", num_groups=2)],
        [tensor("x", [2, 4, 3])],
        ["y"],
        {"s": np.ones(4, np.float32), "b": np.ones(4, np.float32)},
    )
    assert shapes_of(read(proto))["y"] == "float32[2x4x3]"


def test_declared_shapes_of_inner_values_are_not_believed():
    proto = model([node("Relu", "x", "a"), node("Relu", "a", "y")], [tensor("x", ["n"])], ["y"])
    proto.graph.value_info.append(tensor("a", [7]))
    proto.graph.output[0].CopyFrom(tensor("y", [9]))
    assert shapes_of(read(proto, shapes={"x": (3,)})) == {"x": "float32[3]", "a": "float32[3]", "y": "float32[3]"}


def test_constants_of_every_kind():
    sparse = helper.make_sparse_tensor(
        helper.make_tensor("v", TensorProto.FLOAT, [2], [5.0, 7.0]),
        helper.make_tensor("i", TensorProto.INT64, [2], [1, 3]),
        [4],
    )
    nodes = [
        node("Constant", "", "tensor", value=numpy_helper.from_array(np.eye(2, dtype=np.float16))),
        node("Constant", "", "sparse", sparse_value=sparse),
        node("Constant", "", "float", value_float=1.5),
        node("Constant", "", "floats", value_floats=[1.5, 2.5]),
        node("Constant", "", "int", value_int=3),
        node("Constant", "", "ints", value_ints=[3, 4]),
        node("Constant", "", "string", value_string="a"),
        node("Constant", "", "strings", value_strings=["a", "b"]),
    ]
    for each in nodes:
        each.ClearField("input")
    names = [each.output[0] for each in nodes]
    graph = read(model(nodes, [tensor("x", [1])], names))
    assert graph.nodes == ()
    assert [str(graph.types[name]) for name in names] == [
        *("float16[2x2]", "float32[4]", "float32[]", "float32[2]", "int64[]", "int64[2]", "string[]", "string[2]")
    ]
    assert graph.constants["sparse"].tolist() == [0, 5, 0, 7]
    assert graph.constants["strings"].tolist() == ["a", "b"]


def test_sparse_initializers_become_dense():
    proto = model([node("Add", "x w", "y")], [tensor("x", [2, 2])], ["y"])
    values = helper.make_tensor("w", TensorProto.FLOAT, [2], [5.0, 7.0])
    indices = helper.make_tensor("i", TensorProto.INT64, [2, 2], [0, 1, 1, 0])
    proto.graph.sparse_initializer.append(helper.make_sparse_tensor(values, indices, [2, 2]))
    assert read(proto).constants["w"].tolist() == [[0, 5], [7, 0]]


def test_initializers_that_are_inputs_too_are_constants():
    proto = model([node("Add", "x w", "y")], [tensor("x", [2]), tensor("w", [2])], ["y"], {"w": np.ones(2, np.float32)})
    graph = read(proto)
    assert graph.inputs == ("x",)
    assert graph.constants["w"].tolist() == [1, 1]


def test_nodes_have_names_of_their_own():
    nodes = [node("Relu", "x", "a"), node("Relu", "a", "b", name="act"), node("Relu", "b", "y", name="act")]
    graph = read(model(nodes, [tensor("x", [1])], ["y"]))
    assert [each.name for each in graph.nodes] == ["Relu_0", "act", "act_2"]


def test_unused_inputs_stay():
    proto = model([node("Relu", "x", "y")], [tensor("x", [1]), tensor("z", [2])], ["y"])
    assert read(proto).inputs == ("x", "z")


def test_an_output_may_be_an_input_or_a_constant():
    graph = read(model([node("Relu", "x", "y")], [tensor("x", [1])], ["x", "w", "y"], {"w": np.float32(1)}))
    assert graph.outputs == ("x", "w", "y")


@pytest.mark.parametrize("element", ["FLOAT16", "BFLOAT16", "DOUBLE", "FLOAT8E4M3FN", "INT4", "UINT8", "COMPLEX64"])
def test_element_types_are_kept(element):
    kind = TensorProto.DataType.Value(element)
    graph = read(model([node("Identity", "x", "y")], [tensor("x", [3], kind)], ["y"]))
    assert graph.types["x"] == graph.types["y"]
    assert graph.tensor("y").dtype.numpy == helper.tensor_dtype_to_np_dtype(kind)


def test_of_a_chain_of_equal_nodes_one_is_looked_at(monkeypatch):
    visits = []
    infer = graphs.NodeInference.types

    def counting(self, node, proto, scope):
        visits.append(node.name)
        return infer(self, node, proto, scope)

    monkeypatch.setattr(graphs.NodeInference, "types", counting)
    chain = [node("Relu", f"v{i}", f"v{i + 1}") for i in range(1000)]
    graph = read(model(chain, [tensor("v0", [2])], ["v1000"]))
    assert len(graph.nodes) == 1000
    assert visits == ["Relu_0"]  # the others are like it


def test_a_chain_of_shape_arithmetic_is_computed_once():
    """Each link asks for the value of the one before; values are kept."""
    calls = []
    nodes = [node("Shape", "x", "s0")]
    for i in range(200):
        nodes += [node("Add", f"s{i} one", f"s{i + 1}"), node("Expand", f"zero s{i + 1}", f"e{i}")]
    proto = model(nodes, [tensor("x", [1])], ["e199"], {"one": [1], "zero": np.float32(0)})

    def counting(node, inputs):
        calls.append(node.name)
        return evaluate(node, inputs)

    graph = frontend.read(proto, evaluate=counting)
    assert str(graph.types["e199"]) == "float32[201]"
    assert len(calls) == len(set(calls)) == 201


def test_functions_are_inlined():
    square = helper.make_function(
        *("mine", "Square", ["a"], ["b"]), [node("Mul", "a a", "b")], [helper.make_opsetid("", 21)]
    )
    twice = helper.make_function(
        *("mine", "Fourth", ["a"], ["b"]),
        [node("Square", "a", "t", domain="mine"), node("Square", "t", "b", domain="mine")],
        [helper.make_opsetid("", 21), helper.make_opsetid("mine", 1)],
    )
    proto = model(
        [node("Fourth", "x", "y", domain="mine")],
        [tensor("x", [3])],
        ["y"],
        imports=[helper.make_opsetid("mine", 1)],
        functions=[square, twice],
    )
    graph = read(proto)
    assert [each.op for each in graph.nodes] == ["Mul", "Mul"]
    values = run_graph(graph, {"x": np.array([1, 2, 3], np.float32)})
    assert values["y"].tolist() == [1, 16, 81]


def test_reading_is_silent(capfd):
    read(onnx.ModelProto.FromString(model([node("Relu", "x", "y")], [tensor("x", [1])], ["y"]).SerializeToString()))
    assert capfd.readouterr() == ("", "")
