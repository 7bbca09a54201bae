"""Evaluating nodes: plain, fused, with nested graphs, and what cannot be evaluated."""

import numpy as np
import pytest

from mini_infer.errors import InputError, UnsupportedError
from mini_infer.interpreter import Evaluator, evaluate
from mini_infer.ir import Graph, Node
from mini_infer.ir.graph import FUSED_DOMAIN

X = np.array([-1.0, 4.0], np.float32)


def plain(op, inputs, outputs, version=21, domain="", **attributes) -> Node:
    return Node(
        f"{op.lower()}_{outputs}", op, tuple(inputs.split()), tuple(outputs.split()), attributes, domain, version
    )


def test_attributes_get_the_type_their_operator_wants():
    """1 is a float for LeakyRelu, an empty list a list of integers for Unsqueeze."""
    assert evaluate(plain("LeakyRelu", "x", "y", alpha=2), [X])[0].tolist() == [-2, 4]
    assert evaluate(plain("ReduceSum", "x", "y", version=11, axes=()), [X])[0].tolist() == [3]


def test_defaults_are_those_of_the_nodes_opset():
    x = np.float32([[2.0]])
    old = evaluate(plain("Selu", "x", "y", version=1), [-x])[0]
    new = evaluate(plain("Selu", "x", "y", version=6), [-x])[0]
    assert old.item() == pytest.approx(1.0507 * 1.6732 * np.expm1(-2.0), rel=1e-6)
    assert new.item() == pytest.approx(1.05070102214813232421875 * 1.67326319217681884765625 * np.expm1(-2.0), rel=1e-7)


def test_omitted_inputs_and_outputs():
    clip = Node("clip", "Clip", ("x", "", "high"), ("y",), version=13)
    assert evaluate(clip, [X, None, np.float32(2)])[0].tolist() == [-1, 2]
    top = Node("top", "TopK", ("x", "k"), ("", "i"), version=11)
    nothing, indices = evaluate(top, [X, np.array([1])])
    assert nothing is None
    assert indices.tolist() == [1]


def test_an_evaluator_serves_many_runs():
    evaluator = Evaluator(plain("Sqrt", "x", "y"))
    assert [evaluator([np.float32([value])])[0].item() for value in (4, 9, 16)] == [2, 3, 4]


def test_functions_of_the_input_types():
    """`onnx.reference` makes these anew for each combination of types; one evaluator takes them all."""
    evaluator = Evaluator(plain("GroupNormalization", "x s b", "y", num_groups=1, epsilon=0.5))
    for dtype in (np.float32, np.float64):
        x = np.arange(16.0).reshape(1, 1, 4, 4)
        (y,) = evaluator([x.astype(dtype), np.ones(1, dtype), np.zeros(1, dtype)])
        assert y.dtype == dtype
        np.testing.assert_allclose(y, (x - x.mean()) / np.sqrt(x.var() + 0.5), rtol=2 * np.finfo(dtype).eps)


def test_a_fused_node_is_its_body():
    body = (plain("Add", "a b", "t"), plain("Relu", "t", "u"), plain("Mul", "u b", "y"))
    fused = Node("fused", "Chain", ("a", "b"), ("y", "t"), {}, FUSED_DOMAIN, 0, body)
    y, t = evaluate(fused, [X, np.float32(2)])
    assert (y.tolist(), t.tolist()) == ([2, 12], [1, 6])


def test_nested_graphs_see_the_values_around_them():
    branch = Graph("branch", (plain("Add", "x around", "y"),), (), ("y",), {})
    choice = plain("If", "flag", "z", then_branch=branch, else_branch=branch)
    assert evaluate(choice, [np.True_], outer={"x": X, "around": np.float32(1)})[0].tolist() == [0, 5]


def test_a_fused_nodes_body_may_have_nested_graphs():
    branch = Graph("branch", (plain("Add", "t around", "y"),), (), ("y",), {})
    body = (plain("Relu", "x", "t"), plain("If", "flag", "z", then_branch=branch, else_branch=branch))
    fused = Node("fused", "Chain", ("x", "flag"), ("z",), {}, FUSED_DOMAIN, 0, body)
    assert evaluate(fused, [X, np.True_], outer={"around": np.float32(1)})[0].tolist() == [1, 5]


def test_graph_attributes_of_other_operators():
    """FlexAttention takes a graph that changes the scores."""
    pytest.importorskip("onnx", minversion="1.23")
    double = Graph("double", (plain("Add", "s s", "t"),), ("s",), ("t",), {})
    node = Node("attention", "FlexAttention", ("q", "k", "v"), ("y",), {"score_mod": double}, "ai.onnx.preview", 1)
    q = np.random.default_rng(0).standard_normal((1, 1, 2, 4)).astype(np.float32)
    scores = 2 * (q[0, 0] @ q[0, 0].T) / 2
    weights = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(evaluate(node, [q, q, q])[0][0, 0], weights @ q[0, 0], rtol=1e-5)


def test_optionals():
    present, absent = plain("Optional", "x", "o"), Node("none", "Optional", (), ("o",), version=15)
    assert evaluate(present, [X])[0] is X
    assert evaluate(absent, [])[0] is None
    assert evaluate(plain("OptionalHasElement", "o", "y", version=18), [None])[0].item() is False
    with pytest.raises(InputError, match="of an optional that is empty"):
        evaluate(plain("OptionalGetElement", "o", "y", version=18), [None])


def test_an_operator_that_nobody_knows():
    with pytest.raises(UnsupportedError, match=r"node 'wibble_y': onnx knows no Wibble in ai.onnx 21"):
        evaluate(plain("Wibble", "x", "y"), [X])


def test_values_that_do_not_fit_are_one_line():
    with pytest.raises(UnsupportedError) as caught:
        evaluate(plain("Reshape", "x s", "y"), [X, np.array([3])])
    assert str(caught.value).startswith("node 'reshape_y' (Reshape of ai.onnx 21) cannot be evaluated: ")
    assert "\n" not in str(caught.value)


def test_arithmetic_warnings_are_silent():
    assert evaluate(plain("Log", "x", "y"), [np.float32([0.0])])[0].tolist() == [-np.inf]
    assert np.isnan(evaluate(plain("Div", "x z", "y"), [np.float32([0.0]), np.float32([0.0])])[0]).all()


def test_attributes_that_no_operator_could_have_are_one_line():
    """As a crafted engine has them; also of a node in a body."""
    wrong = plain("ReduceSum", "x", "y", version=11, axes=((),))
    for node in (wrong, Node("fused", "F", ("x",), ("y",), domain=FUSED_DOMAIN, body=(wrong,))):
        with pytest.raises(UnsupportedError, match=r"^node 'reducesum_y' .* cannot be evaluated: [^\n]*$"):
            Evaluator(node)
