"""Nodes, graphs, their rules and their text."""

import numpy as np
import pytest

from mini_infer.errors import ModelError
from mini_infer.ir import DType, Graph, Node, OpaqueType, TensorType, format_graph, verify
from mini_infer.ir.alias import in_place_inputs, is_view

F = TensorType(DType.FLOAT32, (2, 3))


def chain(*nodes: Node, outputs: tuple[str, ...] = ("y",), **types) -> Graph:
    values = {"x": F, **{name: F for node in nodes for name in node.writes}, **types}
    return Graph("test", nodes, ("x",), outputs, values)


def relu(source: str, target: str) -> Node:
    return Node(f"relu_{target}", "Relu", (source,), (target,))


def test_a_tensor_knows_its_bytes():
    assert TensorType(DType.FLOAT32, (2, 3)).bytes == 24
    assert TensorType(DType.BFLOAT16, (5,)).bytes == 10
    assert TensorType(DType.INT64, ()).bytes == 8
    assert TensorType(DType.BOOL, (0, 4)).bytes == 0


def test_a_shape_has_no_negative_dimensions():
    with pytest.raises(ValueError, match="negative"):
        TensorType(DType.FLOAT32, (1, -1))


def test_readers_and_producers():
    first, second = relu("x", "a"), Node("add", "Add", ("a", "a"), ("y",))
    graph = chain(first, second)
    assert graph.producers == {"a": first, "y": second}
    assert graph.readers == {"x": (first,), "a": (second,)}


def test_a_nested_graph_captures_from_outside():
    inner = Graph("then", (relu("x", "inner"),), (), ("inner",), {"x": F, "inner": F})
    node = Node("if", "If", ("c",), ("y",), {"then_branch": inner})
    assert inner.captured == ("x",)
    assert node.reads == ("c", "x")


def test_replace_drops_what_nothing_mentions():
    graph = Graph(
        "test",
        (relu("x", "a"), Node("add", "Add", ("a", "w"), ("y",))),
        ("x",),
        ("y",),
        {"x": F, "a": F, "w": F, "y": F},
        {"w": np.zeros((2, 3), np.float32)},
    )
    smaller = graph.replace(nodes=[relu("x", "y")])
    assert dict(smaller.constants) == {}
    assert set(smaller.types) == {"x", "y"}
    verify(smaller)


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (chain(relu("a", "y")), "reads 'a', which nothing before it defines"),
        (chain(relu("x", "y"), relu("x", "y")), "defines 'y', which is defined already"),
        (chain(relu("x", "a")), "output 'y' is defined by nothing"),
        (Graph("g", (relu("x", "y"),), ("x",), ("y",), {"x": F}), "which has no type"),
        (
            Graph("g", (), ("x",), ("x",), {"x": F, "w": F}, {"w": np.zeros(3, np.float32)}),
            "constant 'w' is float32",
        ),
        (
            chain(Node("f", "Conv", ("x",), ("y",), domain="mini_infer", body=(relu("b", "y"),))),
            "reads 'b' from nowhere",
        ),
        (
            chain(Node("f", "Conv", ("x",), ("y",), domain="mini_infer", body=(relu("x", "b"),))),
            "does not produce 'y'",
        ),
    ],
)
def test_a_broken_graph_is_named(graph, message):
    with pytest.raises(ModelError, match=message.replace("(", r"\(")):
        verify(graph)


def test_a_body_and_its_domain_go_together():
    with pytest.raises(ValueError, match="go together"):
        Node("f", "Conv", ("x",), ("y",), domain="mini_infer")


def test_a_graph_prints_one_line_a_node():
    body = (Node("c", "Conv", ("x", "w"), ("c",), {"strides": (2, 2)}), relu("c", "y"))
    graph = Graph(
        "test",
        (Node("y", "Conv", ("x", "w"), ("y",), domain="mini_infer", body=body),),
        ("x",),
        ("y",),
        {"x": F, "w": F, "y": OpaqueType("sequence")},
        {"w": np.zeros((2, 3), np.float32)},
    )
    assert format_graph(graph) == (
        "graph 'test'\n"
        "  input x: float32[2x3]\n"
        "  const w: float32[2x3]\n"
        "  y: sequence = mini_infer.Conv(x, w)\n"
        "    | c = Conv(x, w) {strides=[2, 2]}\n"
        "    | y = Relu(c)\n"
        "  return y\n"
    )


def test_which_inputs_an_operator_may_overwrite():
    conv = Node("c", "Conv", ("x", "w"), ("c",))
    add = Node("s", "Add", ("c", "r"), ("y",))
    fused = Node("y", "Conv", ("x", "w", "r"), ("y",), domain="mini_infer", body=(conv, add))
    assert in_place_inputs(relu("x", "y")) == ("x",)
    assert in_place_inputs(conv) == ()
    assert in_place_inputs(fused) == ("r",)
    turned = (
        Node("t", "Transpose", ("x_last",), ("x",)),
        Node("t", "Transpose", ("r_last",), ("r",)),
        conv,
        add,
        Node("t", "Transpose", ("y",), ("y_last",)),
    )
    wrapped = Node("y", "Conv", ("x_last", "w", "r_last"), ("y_last",), domain="mini_infer", body=turned)
    assert in_place_inputs(wrapped) == ("r_last",)
    assert in_place_inputs(turned[0]) == ()
    assert is_view(Node("r", "Reshape", ("x", "s"), ("y",)))
    assert not is_view(conv)
