import numpy as np
import pytest
from pass_checks import apply, graph_of, operators, reasons

from mini_infer.passes import Remarks
from mini_infer.passes.fusion.affine import FoldAffine

PARAMETERS = {"s": 3, "b": 3, "m": 3, "v": 3}


def fold(text, constants):
    return apply(FoldAffine(), graph_of(text, constants=constants))


def test_batch_normalization_goes_into_a_convolution():
    graph, remarks = fold(
        """g (float[1,2,5,5] x) => (float[1,3,3,3] y)
        { a = Conv (x, w) y = BatchNormalization <epsilon = 0.001> (a, s, b, m, v) }""",
        {"w": (3, 2, 3, 3), **PARAMETERS},
    )
    assert operators(graph) == ["Conv"]
    assert len(graph.nodes[0].inputs) == 3
    assert "in float64, rounded once" in remarks.entries[0].text


@pytest.mark.parametrize("group", [1, 3])
def test_batch_normalization_goes_into_a_transposed_convolution(group):
    graph, _ = fold(
        f"""g (float[1,3,4,4] x) => (float[1,6,9,9] y)
        {{ a = ConvTranspose <group = {group}, strides = [2, 2]> (x, w, c) y = BatchNormalization (a, s, b, m, v) }}""",
        {"w": (3, 6 // group, 3, 3), "c": (6,), "s": 6, "b": 6, "m": 6, "v": 6},
    )
    assert operators(graph) == ["ConvTranspose"]


@pytest.mark.parametrize(("transposed", "shape"), [(0, (4, 3)), (1, (3, 4))])
def test_batch_normalization_goes_into_a_gemm(transposed, shape):
    graph, _ = fold(
        f"""g (float[2,4] x) => (float[2,3] y)
        {{ a = Gemm <alpha = 0.5, beta = 2.0, transB = {transposed}> (x, w, c)
        y = BatchNormalization (a, s, b, m, v) }}""",
        {"w": shape, "c": (3,), **PARAMETERS},
    )
    assert operators(graph) == ["Gemm"]


def test_batch_normalization_after_a_matmul_leaves_an_add():
    graph, _ = fold(
        "g (float[2,4] x) => (float[2,3] y) { a = MatMul (x, w) y = BatchNormalization (a, s, b, m, v) }",
        {"w": (4, 3), **PARAMETERS},
    )
    assert operators(graph) == ["MatMul", "Add"]


def test_a_chain_is_rounded_once():
    graph = graph_of(
        """g (float[1,2,4,4] x) => (float[1,3,4,4] y)
        { a = Conv (x, w) b = Mul (a, s) c = Div (b, t) d = Sub (u, c) y = Add (d, u) }""",
        constants={"w": (3, 2, 1, 1), "s": (3, 1, 1), "t": (1, 3, 1, 1), "u": ()},
    )
    after, _ = apply(FoldAffine(), graph)
    assert operators(after) == ["Conv"]
    w, s, t, u = (graph.constants[name].astype(np.float64) for name in "wstu")
    scale = -(s.ravel() / t.ravel())
    weight, bias = (after.constants[name] for name in after.nodes[0].inputs[1:])
    np.testing.assert_array_equal(weight, (w * scale.reshape(3, 1, 1, 1)).astype(np.float32))
    np.testing.assert_array_equal(bias, np.full(3, u + u).astype(np.float32))


def test_batch_normalization_alone_becomes_mul_and_add():
    graph, _ = fold(
        "g (float[1,3,4,4] x) => (float[1,3,4,4] y) { a = Relu (x) y = BatchNormalization (a, s, b, m, v) }",
        PARAMETERS,
    )
    assert operators(graph) == ["Relu", "Mul", "Add"]


def test_a_product_that_others_read_keeps_its_weights():
    graph, remarks = fold(
        """g (float[1,2,4,4] x) => (float[1,3,4,4] y, float[1,3,4,4] z)
        { a = Conv (x, w) y = Mul (a, s) z = Neg (a) }""",
        {"w": (3, 2, 1, 1), "s": (3, 1, 1)},
    )
    assert operators(graph) == ["Conv", "Mul", "Neg"]
    assert "'a' is read by others too" in reasons(remarks)


def test_a_product_that_the_caller_gets_keeps_its_weights():
    graph, _ = fold(
        "g (float[1,2,4,4] x) => (float[1,3,4,4] a, float[1,3,4,4] y) { a = Conv (x, w) y = Mul (a, s) }",
        {"w": (3, 2, 1, 1), "s": (3, 1, 1)},
    )
    assert operators(graph) == ["Conv", "Mul"]


@pytest.mark.parametrize(("shape", "reason"), [((4,), "not one value per channel"), ((2, 1, 1, 1), "another shape")])
def test_constants_along_other_axes_stay(shape, reason):
    batch = 2 if shape[0] == 2 else 1
    graph, remarks = fold(
        f"g (float[1,2,4,4] x) => (float[{batch},3,4,4] y) {{ a = Conv (x, w) y = Mul (a, s) }}",
        {"w": (3, 2, 1, 1), "s": shape},
    )
    assert operators(graph) == ["Conv", "Mul"]
    assert reason in reasons(remarks)


def test_weights_computed_at_run_time_stay():
    graph, remarks = fold(
        "g (float[1,2,4,4] x, float[3,2,1,1] w) => (float[1,3,4,4] y) { a = Conv (x, w) y = Mul (a, s) }",
        {"s": (3, 1, 1)},
    )
    assert operators(graph) == ["Conv", "Mul"]
    assert "not floating-point constants" in reasons(remarks)


def test_division_by_the_product_and_by_zero_stay():
    text = """g (float[1,1,2,2] x) => (float[1,1,2,2] y) <float[1,1,1,1] w = {2}, float zero = {0}, float one = {1}>
    { a = Conv (x, w) b = Div (one, a) c = Conv (b, w) y = Div (c, zero) }"""
    graph = graph_of(text)
    remarks = Remarks()
    assert FoldAffine()(graph, remarks) is graph
    assert "it divides by zero" in reasons(remarks)


def test_batch_normalization_whose_scale_is_infinite_stays():
    graph = graph_of(
        """g (float[1,1,2,2] x) => (float[1,1,2,2] y) <float[1] s = {1}, float[1] v = {0}>
        { y = BatchNormalization <epsilon = 0.0> (x, s, s, s, v) }"""
    )
    remarks = Remarks()
    assert FoldAffine()(graph, remarks) is graph
    assert "its scale is not finite" in reasons(remarks)


def test_a_matmul_with_a_bias_only_is_left_to_the_bias_pass():
    graph = graph_of(
        "g (float[2,4] x) => (float[2,3] y) { a = MatMul (x, w) y = Add (a, s) }", constants={"w": (4, 3), "s": 3}
    )
    assert FoldAffine()(graph, Remarks()) is graph
