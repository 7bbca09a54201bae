"""Functions of a model: attributes, their defaults, and what refers to them at any depth."""

import numpy as np
import onnx
import pytest
from onnx import AttributeProto, TensorProto, helper
from tiny_models import body, model, node, read, tensor

from mini_infer.errors import ModelError
from mini_infer.interpreter import run_graph

ONNX = helper.make_opsetid("", 21)
MINE = helper.make_opsetid("mine", 1)
X = np.float32([-8, 4])


def referring(proto, **names):
    """The node with attributes that are those of the function around it: name → the function's name."""
    for name, outer in names.items():
        proto.attribute.append(AttributeProto(name=name, ref_attr_name=outer, type=AttributeProto.FLOAT))
    return proto


def leaky(*attributes, defaults=(), name="Leaky"):
    """A LeakyRelu whose slope is called `slope`."""
    nodes = [referring(node("LeakyRelu", "a", "b"), alpha="slope")]
    function = helper.make_function("mine", name, ["a"], ["b"], nodes, [ONNX], attributes=attributes)
    function.attribute_proto.extend(helper.make_attribute(*each) for each in defaults)
    return function


def called(functions, *calls):
    """The outputs of a model of these calls, one after the other."""
    outputs = [each.output[0] for each in calls]
    proto = model(list(calls), [tensor("x", [2])], outputs, imports=[MINE], functions=functions)
    values = run_graph(read(proto), {"x": X})
    return [values[name].tolist() for name in outputs]


def test_an_attribute_left_out_has_the_functions_default():
    calls = [node("Leaky", "x", "y", domain="mine"), node("Leaky", "x", "z", domain="mine", slope=0.5)]
    assert called([leaky(defaults=[("slope", 0.25)])], *calls) == [[-2, 4], [-4, 4]]


def test_without_a_default_the_operators_own_counts():
    (made,) = called([leaky("slope")], node("Leaky", "x", "y", domain="mine"))
    np.testing.assert_array_equal(made, np.float32([np.float32(0.01) * -8, 4]))


def test_defaults_reach_the_functions_that_a_function_calls():
    inner = referring(node("Leaky", "a", "b", domain="mine"), slope="steep")
    outer = helper.make_function("mine", "Outer", ["a"], ["b"], [inner], [ONNX, MINE])
    outer.attribute_proto.append(helper.make_attribute("steep", 0.125))
    calls = [node("Outer", "x", "y", domain="mine"), node("Outer", "x", "z", domain="mine", steep=0.5)]
    assert called([outer, leaky(defaults=[("slope", 0.25)])], *calls) == [[-1, 4], [-4, 4]]


def test_references_inside_nested_graphs():
    """Both branches of an If in a function, and a function called in there."""
    then = body([referring(node("LeakyRelu", "a", "t"), alpha="slope")], [], ["t"])
    other = body([referring(node("Leaky", "a", "e", domain="mine"), slope="slope")], [], ["e"])
    nodes = [
        node("ReduceSum", "a", "s", keepdims=0),
        helper.make_node("Constant", [], ["zero"], value_float=0.0),
        node("Less", "s zero", "negative"),
        node("If", "negative", "b", then_branch=then, else_branch=other),
    ]
    function = helper.make_function("mine", "Choose", ["a"], ["b"], nodes, [ONNX, MINE])
    function.attribute_proto.append(helper.make_attribute("slope", 0.25))
    calls = [
        node("Choose", "x", "y", domain="mine"),
        node("Neg", "x", "n"),
        node("Choose", "n", "z", domain="mine", slope=0.5),
    ]
    assert called([function, leaky(defaults=[("slope", 2.0)])], *calls) == [[-2, 4], [8, -4], [8, -2]]


def test_a_function_that_calls_itself_is_refused():
    nodes = [node("Leaky", "a", "b", domain="mine")]
    proto = model(
        [node("Leaky", "x", "y", domain="mine")],
        *([tensor("x", [2])], ["y"]),
        imports=[MINE],
        functions=[helper.make_function("mine", "Leaky", ["a"], ["b"], nodes, [ONNX, MINE])],
    )
    with pytest.raises(ModelError, match="Leaky"):
        read(proto)


@pytest.mark.parametrize("imported", [["ai.onnx"], [""], ["", "ai.onnx"]])
def test_onnxs_own_domain_has_two_names(imported):
    branch = body([node("Neg", "x", "n", domain="ai.onnx")], [], ["n"])
    nodes = [node("Relu", "x", "y", domain="ai.onnx"), node("If", "c", "z", then_branch=branch, else_branch=branch)]
    inputs = [tensor("x", [2]), tensor("c", [], TensorProto.BOOL)]
    proto = model(nodes, inputs, ["y", "z"])
    del proto.opset_import[:]
    proto.opset_import.extend(helper.make_opsetid(name, 17) for name in imported)
    values = run_graph(read(proto), {"x": X, "c": np.array(True)})
    assert values["y"].tolist() == [0, 4]
    assert values["z"].tolist() == [8, -4]


def test_one_domain_has_one_opset():
    proto = model([node("Relu", "x", "y")], [tensor("x", [2])], ["y"])
    del proto.opset_import[:]
    proto.opset_import.extend([helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx", 18)])
    with pytest.raises(ModelError, match=r"imports ONNX opsets \[17, 18\]"):
        read(proto)


def test_outputs_need_no_type():
    proto = model([node("Relu", "x", "t"), node("Neg", "t", "y")], [tensor("x", [2])], ["y"])
    proto.graph.output.append(onnx.ValueInfoProto(name="t"))
    graph = read(proto)
    assert str(graph.types["t"]) == "float32[2]"
    assert run_graph(graph, {"x": X})["t"].tolist() == [0, 4]


@pytest.mark.parametrize(("inputs", "outputs", "what"), [("x x", "y", "2 inputs"), ("x", "y z", "2 outputs")])
def test_a_call_with_more_than_the_function_has(inputs, outputs, what):
    call = node("Leaky", inputs, outputs, domain="mine")
    with pytest.raises(ModelError, match=rf"^node 'y' \(Leaky of mine\) has {what}, but its function has 1$"):
        called([leaky()], call)
