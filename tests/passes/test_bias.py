import pytest
from pass_checks import apply, graph_of, operators, reasons

from mini_infer.passes.fusion.bias import FuseBias


def fuse(text, constants):
    return apply(FuseBias(), graph_of(text, constants=constants), exact=True)


@pytest.mark.parametrize("shape", [(4,), (1, 4), (1, 1, 4)])
@pytest.mark.parametrize("order", ["a, b", "b, a"])
def test_a_constant_vector_is_the_bias(shape, order):
    graph, _ = fuse(
        f"g (float[2,5,3] x) => (float[2,5,4] y) {{ a = MatMul (x, w) y = Add ({order}) }}", {"w": (3, 4), "b": shape}
    )
    assert operators(graph) == ["MatMul[MatMul Add]"]
    assert graph.nodes[0].inputs == ("x", "w", "b")


@pytest.mark.parametrize(
    ("shape", "made", "reason"),
    [((5, 1), "2,5,4", "not one value per column"), ((2, 2, 5, 4), "2,2,5,4", "another shape")],
)
def test_other_constants_are_no_bias(shape, made, reason):
    graph, remarks = fuse(
        f"g (float[2,5,3] x) => (float[{made}] y) {{ a = MatMul (x, w) y = Add (a, b) }}", {"w": (3, 4), "b": shape}
    )
    assert operators(graph) == ["MatMul", "Add"]
    assert reason in reasons(remarks)


def test_the_product_with_a_vector_has_no_columns():
    graph, remarks = fuse("g (float[2,4,3] x) => (float[2,4] y) { a = MatMul (x, w) y = Add (a, b) }", {"w": 3, "b": 4})
    assert operators(graph) == ["MatMul", "Add"]
    assert "a vector" in reasons(remarks)


def test_a_product_that_others_read_stays():
    graph, remarks = fuse(
        "g (float[2,3] x) => (float[2,4] y, float[2,4] z) { a = MatMul (x, w) y = Add (a, b) z = Neg (a) }",
        {"w": (3, 4), "b": 4},
    )
    assert operators(graph) == ["MatMul", "Add", "Neg"]
    assert "read by others" in reasons(remarks)
