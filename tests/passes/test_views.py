import pytest
from pass_checks import apply, graph_of, operators

from mini_infer.passes import Remarks
from mini_infer.passes.layout.views import Views


def push(text, constants=None, *, exact=True):
    graph, _ = apply(Views(), graph_of(text, constants=constants), exact=exact)
    return graph


@pytest.mark.parametrize(
    "line",
    [
        "y = Relu (v)",
        "y = Mul (v, scalar)",
        "y = Add (ones, v)",
        "y = Add (v, full)",
        "y = Add (v, last)",
        "y = Sub (outer, v)",
        "y = Max (v, v)",
    ],
)
def test_views_move_behind_elementwise_operators(line):
    graph = push(
        f"""g (float[2,3,4] x) => (float[6,1,4] y) <float scalar = {{2}}, int64[3] shape = {{6, 1, 4}}>
        {{ v = Reshape (x, shape) {line} }}""",
        {"ones": (1, 1, 1), "full": (6, 1, 4), "last": (4,), "outer": (6, 1, 1)},
    )
    assert operators(graph) == [line.split()[2], "Reshape"]


def test_channels_follow_a_squeeze():
    graph = push(
        """g (float[1,3,5,1] x) => (float[1,3,5] y) <int64[1] axis = {3}>
        { v = Squeeze (x, axis) a = Add (v, bias) y = Relu (a) }""",
        {"bias": (3, 1)},
    )
    assert operators(graph) == ["Add", "Relu", "Reshape"]
    assert graph.tensor(graph.nodes[0].inputs[1]).shape == (3, 1, 1)


def test_views_of_values_of_one_shape_move_together():
    graph = push(
        """g (float[2,3] x, float[2,3] z) => (float[6] y) <int64[1] flat = {6}>
        { a = Reshape (x, flat) b = Reshape (z, flat) y = Add (a, b) }"""
    )
    assert operators(graph) == ["Add", "Reshape"]


def test_the_shape_of_a_product_decides():
    graph = push(
        """g (float[4,3] x, float[1,4,2] r) => (float[4,1,2] y) <int64[3] shape = {4, 1, 2}>
        { g = Gemm (x, w) a = Reshape (g, shape) b = Reshape (r, shape) y = Add (a, b) }""",
        {"w": (3, 2)},
        exact=False,
    )
    assert operators(graph) == ["Gemm", "Reshape", "Add", "Reshape"]
    assert graph.nodes[2].inputs[0] == "g"


@pytest.mark.parametrize(
    "text",
    [
        """g (float[2,3] x, float[6] z) => (float[6] y) <int64[1] flat = {6}>
        { a = Reshape (x, flat) y = Add (a, z) }""",
        """g (float[6] x, float[1,3] z) => (float[2,3] y) <int64[2] shape = {2, 3}>
        { a = Reshape (x, shape) y = Add (a, z) }""",
        """g (float[4] x) => (float[2,2] y) <int64[2] shape = {2, 2}> { a = Reshape (x, shape) y = MatMul (a, a) }""",
    ],
)
def test_views_that_stay(text):
    graph = graph_of(text)
    assert Views()(graph, Remarks()) is graph


def test_a_view_that_others_read_is_made_for_them():
    graph = push(
        """g (float[4] x) => (float[2,2] y, float[2,2] z) <int64[2] shape = {2, 2}>
        { a = Reshape (x, shape) y = Relu (a) z = MatMul (a, a) }"""
    )
    assert operators(graph) == ["Relu", "Reshape", "MatMul", "Reshape"]


def test_views_of_views_are_seen_through():
    graph = push(
        """g (float[4] x) => (float[2,2] y) <int64[1] axis = {0}, int64[2] shape = {2, 2}>
        { a = Unsqueeze (x, axis) b = Reshape (a, shape) y = Relu (b) }"""
    )
    assert operators(graph) == ["Relu", "Reshape"]
