"""Unknown operators: all of them at once."""

import pytest
from onnx import TensorProto, helper
from tiny_models import body, model, node, read, tensor

from mini_infer.errors import UnsupportedError
from mini_infer.frontend import unknown_operators


def test_all_unknown_operators_are_named():
    branch = body([node("Frobnicate", "x", "b", name="inner")], [], ["b"])
    proto = model(
        [
            node("Relu", "x", "a"),
            node("Wibble", "a", "c", name="first", domain="com.example"),
            node("If", "p", "d", then_branch=branch, else_branch=branch),
            node("Relux", "d", "y"),
        ],
        [tensor("x", [1]), tensor("p", [], TensorProto.BOOL)],
        ["y"],
        imports=[helper.make_opsetid("com.example", 3)],
    )
    found = [(each.node, each.op, each.domain, each.version) for each in unknown_operators(proto)]
    inner = ("inner", "Frobnicate", "", 21)
    assert found == [("first", "Wibble", "com.example", 3), inner, inner, ("", "Relux", "", 21)]
    with pytest.raises(UnsupportedError) as caught:
        read(proto)
    text = str(caught.value)
    assert text.startswith(
        "4 operators unknown: node 'first': Wibble of com.example, opset 3; node 'inner': Frobnicate"
    )
    assert "\n" not in text


def test_operators_of_another_opset_are_unknown():
    late = model([node("Gelu", "x", "y")], [tensor("x", [1])], ["y"], opset=19)
    assert [each.op for each in unknown_operators(late)] == ["Gelu"]
    gone = model([node("Upsample", "x s", "y")], [tensor("x", [1])], ["y"], {"s": [2.0]}, opset=10)
    assert [each.op for each in unknown_operators(gone)] == ["Upsample"]


def test_a_domain_that_the_model_does_not_import():
    proto = model([node("Scaler", "x", "y", domain="ai.onnx.ml")], [tensor("x", [1])], ["y"])
    (found,) = unknown_operators(proto)
    assert str(found) == "node '': Scaler of ai.onnx.ml, an opset that the model does not import"


def test_functions_of_the_model_are_known():
    function = helper.make_function(
        "mine", "Twice", ["a"], ["b"], [node("Add", "a a", "b")], [helper.make_opsetid("", 21)]
    )
    call = node("Twice", "x", "y", domain="mine")
    proto = model([call], [tensor("x", [1])], ["y"], imports=[helper.make_opsetid("mine", 1)], functions=[function])
    assert unknown_operators(proto) == ()
