"""Whole graphs by their meaning."""

import numpy as np
import pytest

from mini_infer.errors import InputError, UnsupportedError
from mini_infer.interpreter import run_graph
from mini_infer.ir import DType, Graph, Node, OpaqueType, TensorType

F = TensorType(DType.FLOAT32, (2,))
X = np.array([-1.0, 4.0], np.float32)


def plain(op, inputs, outputs) -> Node:
    return Node(f"{op.lower()}_{outputs}", op, tuple(inputs.split()), tuple(outputs.split()), {}, "", 21)


GRAPH = Graph(
    "test",
    (plain("Relu", "x", "a"), plain("Add", "a w", "y"), plain("NonZero", "a", "i")),
    ("x",),
    ("y", "i"),
    {"x": F, "a": F, "w": F, "y": F, "i": OpaqueType("int64[1x?]")},
    {"w": np.ones(2, np.float32)},
)


def test_outputs_by_name():
    values = run_graph(GRAPH, {"x": X})
    assert list(values) == ["y", "i"]
    assert (values["y"].tolist(), values["i"].tolist()) == ([1, 5], [[1]])


def test_other_values_on_request():
    values = run_graph(GRAPH, {"x": X}, also=("a", "w", "x"))
    assert (values["a"].tolist(), values["w"].tolist(), values["x"].tolist()) == ([0, 4], [1, 1], [-1, 4])


def test_inputs_are_left_as_they_are():
    x = X.copy()
    run_graph(GRAPH, {"x": x})
    assert x.tolist() == X.tolist()


@pytest.mark.parametrize(
    ("inputs", "text"),
    [
        ({}, "input 'x' is missing; the graph's inputs are x"),
        ({"x": X, "z": X}, "no input 'z'; its inputs are x"),
        ({"x": X[:1]}, r"'x' is float32\[1\], but the graph says float32\[2\]"),
        ({"x": X.astype(np.float64)}, r"'x' is float64\[2\], but the graph says float32\[2\]"),
        ({"x": [1, 2]}, r"'x' is list, but the graph says float32\[2\]"),
    ],
)
def test_inputs_that_do_not_fit(inputs, text):
    with pytest.raises(InputError, match=text):
        run_graph(GRAPH, inputs)


def test_a_value_of_another_type_than_the_graph_says_is_found():
    wrong = Graph("wrong", (plain("Relu", "x", "y"),), ("x",), ("y",), {"x": F, "y": TensorType(DType.FLOAT32, (3,))})
    with pytest.raises(UnsupportedError, match=r"node 'relu_y' \(Relu\) makes 'y' a float32\[2\], but the graph says"):
        run_graph(wrong, {"x": X})
