"""`If`: taken ahead where its condition is known, both branches read where it is not."""

import numpy as np
import pytest
from onnx import TensorProto
from tiny_models import body, model, node, read, shapes_of, tensor

from mini_infer.errors import ModelError
from mini_infer.interpreter import run_graph
from mini_infer.ir import Graph, OpaqueType

BOOL = TensorProto.BOOL
X = np.array([-1.0, 2.0], np.float32)


def choice(then, otherwise, **options):
    return node("If", "flag", "y", then_branch=then, else_branch=otherwise, **options)


def test_a_known_condition_takes_the_branch():
    then = body([node("Relu", "x", "t"), node("Add", "t one", "o")], [], ["o"], {"one": np.float32(1)})
    otherwise = body([node("Neg", "x", "o")], [], ["o"])
    proto = model([choice(then, otherwise)], [tensor("x", [2]), tensor("flag", [], BOOL)], ["y"])
    for flag, ops, expected in ((True, ["Relu", "Add"], [1, 3]), (False, ["Neg"], [1, -2])):
        graph = read(proto, fixed={"flag": flag})
        assert [each.op for each in graph.nodes] == ops
        assert run_graph(graph, {"x": X})["y"].tolist() == expected


def test_a_condition_that_follows_from_an_input_and_shapes():
    """The way silero_vad chooses by the sampling rate."""
    then, otherwise = body([node("Relu", "x", "o")], [], ["o"]), body([node("Neg", "x", "o")], [], ["o"])
    nodes = [node("Equal", "rate wanted", "flag"), choice(then, otherwise)]
    inputs = [tensor("x", [2]), tensor("rate", [], TensorProto.INT64)]
    proto = model(nodes, inputs, ["y"], {"wanted": np.int64(16000)})
    assert [each.op for each in read(proto, fixed={"rate": 16000}).nodes] == ["Equal", "Relu"]
    assert [each.op for each in read(proto, fixed={"rate": 8000}).nodes] == ["Equal", "Neg"]
    assert [each.op for each in read(proto).nodes] == ["Equal", "If"]


def test_names_of_a_taken_branch_do_not_clash():
    """Both branches and the graph around them use the same inner names."""
    branch = body([node("Relu", "x", "a"), node("Neg", "a", "o")], [], ["o"])
    nodes = [
        node("If", "flag", "p", then_branch=branch, else_branch=branch, name="one"),
        node("If", "flag", "q", then_branch=branch, else_branch=branch, name="two"),
        node("Abs", "x", "one/a"),
        node("Sum", "p q one/a", "y"),
    ]
    graph = read(model(nodes, [tensor("x", [2])], ["y"], {"flag": np.True_}))
    assert [each.op for each in graph.nodes] == ["Relu", "Neg", "Relu", "Neg", "Abs", "Sum"]
    assert run_graph(graph, {"x": X})["y"].tolist() == [1, -2]


def test_a_branch_may_give_a_constant_or_one_value_twice():
    five = node("Constant", "", "c", value_float=5.0)
    five.ClearField("input")
    then = body([node("Relu", "x", "r"), five], [], ["c", "r", "r"])
    nodes = [node("If", "flag", "p q s", then_branch=then, else_branch=then)]
    graph = read(model(nodes, [tensor("x", [2])], ["p", "q", "s"], {"flag": np.True_}))
    values = run_graph(graph, {"x": X})
    assert [values[name].tolist() for name in ("p", "q", "s")] == [5, [0, 2], [0, 2]]


def test_known_branches_in_branches():
    inner = body(
        [choice(body([node("Relu", "a", "o")], [], ["o"]), body([node("Neg", "a", "o")], [], ["o"]))], [], ["y"]
    )
    outer = body([node("Abs", "x", "a"), *inner.node], [], ["y"])
    graph = read(model([choice(outer, outer)], [tensor("x", [2])], ["y"], {"flag": np.True_}))
    assert [each.op for each in graph.nodes] == ["Abs", "Relu"]


def test_an_unknown_condition_keeps_both_branches():
    then = body([node("Relu", "x", "o")], [], ["o"])
    otherwise = body([node("Neg", "x", "o")], [], ["o"])
    proto = model([choice(then, otherwise)], [tensor("x", [2]), tensor("flag", [], BOOL)], ["y"])
    graph = read(proto)
    (chosen,) = graph.nodes
    assert isinstance(chosen.attributes["then_branch"], Graph)
    assert chosen.reads == ("flag", "x")
    assert shapes_of(graph)["y"] == "float32[2]"
    assert run_graph(graph, {"x": X, "flag": np.array(True)})["y"].tolist() == [0, 2]
    assert run_graph(graph, {"x": X, "flag": np.array(False)})["y"].tolist() == [1, -2]


def test_branches_of_different_shapes_have_no_static_result():
    then, otherwise = body([node("Relu", "x", "o")], [], ["o"]), body([node("ReduceSum", "x", "o")], [], ["o"])
    proto = model([choice(then, otherwise)], [tensor("x", [2]), tensor("flag", [], BOOL)], ["y"])
    graph = read(proto)
    assert graph.types["y"] == OpaqueType("float32[?]")
    assert run_graph(graph, {"x": X, "flag": np.array(False)})["y"].tolist() == [1]


def test_a_branch_that_cannot_run_does_not_matter():
    then = body([node("Relu", "x", "o")], [], ["o"])
    broken = body([node("MatMul", "x w", "o")], [], ["o"], {"w": np.ones((3, 2), np.float32)})
    proto = model([choice(then, broken)], [tensor("x", [2]), tensor("flag", [], BOOL)], ["y"])
    assert shapes_of(read(proto))["y"] == "float32[2]"


@pytest.mark.parametrize("op", ["Relu", "Clip", "Softmax", "Celu", "LayerNormalization"])
def test_what_follows_on_something_broken_is_unknown(op):
    """Also for operators that stand for others, depending on types that nobody knows here."""
    then = body([node("Relu", "x", "o")], [], ["o"])
    reads = "t w" if op == "LayerNormalization" else "t"
    nodes = [node("MatMul", "x w", "t"), node(op, reads, "u"), node("Neg", "u", "o")]
    broken = body(nodes, [], ["o"], {"w": np.ones((3, 2), np.float32)})
    graph = read(model([choice(then, broken)], [tensor("x", [2]), tensor("flag", [], BOOL)], ["y"]))
    assert shapes_of(graph)["y"] == "float32[2]"
    assert isinstance(graph.nodes[0].attributes["else_branch"].types["u"], OpaqueType)


def test_two_branches_that_cannot_run_do():
    broken = body([node("MatMul", "x w", "o", name="product")], [], ["o"], {"w": np.ones((3, 2), np.float32)})
    proto = model([choice(broken, broken)], [tensor("x", [2]), tensor("flag", [], BOOL)], ["y"])
    with pytest.raises(ModelError, match="node 'product'"):
        read(proto)
