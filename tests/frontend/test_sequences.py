"""Sequences of known tensors are read as the tensors."""

import numpy as np
import pytest
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator
from tiny_models import model, node, read, tensor

import mini_infer
from mini_infer.interpreter import run_graph

X = np.arange(24, dtype=np.float32).reshape(4, 6)
X_INFO = tensor("x", X.shape)
CONSTANTS = {
    "one": np.array(1),
    "last": np.array(-1),
    "two": np.array(2),
    "uneven": np.array([1, 3]),
    "far": np.array(9),
}


def compared(nodes):
    proto = model(nodes, [X_INFO], ["y"], CONSTANTS, opset=17)
    expected = ReferenceEvaluator(proto).run(None, {"x": X})[0]
    np.testing.assert_array_equal(run_graph(read(proto), {"x": X})["y"], expected)
    engine = mini_infer.compile(proto, compiler="none")
    assert engine.program.native_steps == len(engine.program.steps)
    np.testing.assert_array_equal(engine.create_context().run({"x": X})["y"], expected)


@pytest.mark.parametrize("new_axis", [0, 1])
def test_lists_that_are_joined(new_axis):
    nodes = [node("Neg", "x", "a"), node("SequenceConstruct", "x a", "s")]
    compared([*nodes, node("ConcatFromSequence", "s", "y", axis=1, new_axis=new_axis)])


@pytest.mark.parametrize("place", ["one", "last"])
def test_elements(place):
    nodes = [node("Neg", "x", "a"), node("SequenceConstruct", "x a", "s"), node("Identity", "s", "t")]
    compared([*nodes, node("SequenceAt", f"t {place}", "y")])


@pytest.mark.parametrize("options", [{"axis": 0}, {"axis": -1}, {"axis": 1, "keepdims": 0}])
@pytest.mark.parametrize("sizes", ["", " two", " uneven"])
def test_what_is_split(options, sizes):
    if sizes == " uneven" and options["axis"]:
        options = {"axis": 0}
    nodes = [node("SplitToSequence", f"x{sizes}", "s", **options), node("SequenceAt", "s one", "y")]
    compared(nodes)


def test_insertions_and_erasures():
    nodes = [
        node("SequenceEmpty", "", "e"),
        node("Neg", "x", "a"),
        node("SequenceInsert", "e x", "s1"),
        node("SequenceInsert", "s1 a last", "s2"),
        node("SequenceErase", "s2 last", "s3"),
        node("SequenceErase", "s2", "s4"),
        node("SequenceAt", "s3 last", "p"),
        node("SequenceAt", "s4 last", "q"),
        node("SequenceLength", "s2", "n"),
        node("Cast", "n", "r", to=1),
        node("Add", "p q", "t"),
        node("Mul", "t r", "y"),
    ]
    nodes[0].ClearField("input")
    compared(nodes)


def test_what_is_not_known_stays():
    given = helper.make_tensor_sequence_value_info("s", TensorProto.FLOAT, None)
    graph = read(
        model([node("SequenceInsert", "s x", "t"), node("SequenceAt", "t one", "y")], [given, X_INFO], ["y"], CONSTANTS)
    )
    assert [each.op for each in graph.nodes] == ["SequenceInsert", "SequenceAt"]
    results = run_graph(graph, {"s": [X + 1, X + 2], "x": X})
    np.testing.assert_array_equal(results["y"], X + 2)


def test_an_element_that_is_not_there_is_an_error_of_the_run():
    proto = model(
        [node("SequenceConstruct", "x x", "s"), node("SequenceAt", "s far", "y")], [tensor("x", (2,))], ["y"], CONSTANTS
    )
    assert "SequenceAt" in {each.op for each in read(proto).nodes}
