import pytest
from pass_checks import apply, graph_of, operators

from mini_infer.passes import Remarks
from mini_infer.passes.fusion.activations import RecognizeActivations

CONSTANTS = """<float half = {0.5}, float one = {1}, float two = {2}, float three = {3}, float six = {6},
 float zero = {0}, float sixth = {0.16666667},
 float root = {1.4142135}, float over_root = {0.70710677}, float cubic = {0.044715},
 float factor = {0.7978846}, float quick = {1.702}, float near = {1.41}>"""


def recognize(lines, kind="float[2,3]"):
    return apply(RecognizeActivations(), graph_of(f"g ({kind} x) => ({kind} y) {CONSTANTS} {{ {lines} }}"))


@pytest.mark.parametrize(
    ("lines", "operator"),
    [
        ("s = Sigmoid (x) y = Mul (x, s)", "Swish"),
        ("s = Sigmoid (x) y = Mul (s, x)", "Swish"),
        ("q = Mul (x, quick) s = Sigmoid (q) y = Mul (x, s)", "Swish"),
        ("a = Add (x, three) c = Clip (a, zero, six) y = Div (c, six)", "HardSigmoid"),
        ("a = Mul (sixth, x) b = Add (a, half) y = Clip (b, zero, one)", "HardSigmoid"),
        ("a = Add (x, three) c = Clip (a, zero, six) d = Div (c, six) y = Mul (x, d)", "HardSwish"),
        ("a = Add (three, x) c = Clip (a, zero, six) d = Mul (x, c) y = Div (d, six)", "HardSwish"),
        ("a = Add (x, three) c = Clip (a, zero, six) d = Mul (c, x) y = Mul (sixth, d)", "HardSwish"),
        ("d = HardSigmoid <alpha = 0.16666667, beta = 0.5> (x) y = Mul (x, d)", "HardSwish"),
        ("a = Div (x, root) e = Erf (a) p = Add (e, one) m = Mul (x, p) y = Mul (m, half)", "Gelu"),
        ("a = Mul (x, over_root) e = Erf (a) p = Add (one, e) h = Mul (half, x) y = Mul (h, p)", "Gelu"),
        ("a = Div (x, root) e = Erf (a) p = Add (e, one) h = Mul (p, half) y = Mul (x, h)", "Gelu"),
        ("a = Div (x, root) e = Erf (a) p = Add (e, one) h = Div (x, two) y = Mul (p, h)", "Gelu"),
        (
            """c = Pow (x, three) d = Mul (c, cubic) s = Add (x, d) f = Mul (s, factor) t = Tanh (f) p = Add (t, one)
            h = Mul (x, half) y = Mul (h, p)""",
            "Gelu",
        ),
        (
            """a = Mul (x, x) c = Mul (a, x) d = Mul (cubic, c) s = Add (d, x) f = Mul (s, factor) t = Tanh (f)
            p = Add (t, one) m = Mul (x, p) y = Mul (m, half)""",
            "Gelu",
        ),
        ("a = Softplus (x) t = Tanh (a) y = Mul (x, t)", "Mish"),
    ],
)
def test_what_is_recognized(lines, operator):
    graph, remarks = recognize(lines)
    assert operators(graph) == [operator]
    assert remarks.entries[-1].text.endswith(f"is {operator}")


@pytest.mark.parametrize(
    "lines",
    [
        "a = Div (x, near) e = Erf (a) p = Add (e, one) m = Mul (x, p) y = Mul (m, half)",
        "a = Add (x, three) c = Clip (a, zero, three) y = Div (c, six)",
        "a = Add (x, two) c = Clip (a, zero, six) y = Div (c, six)",
        "a = Neg (x) s = Sigmoid (a) y = Mul (x, s)",
        "d = HardSigmoid (x) y = Mul (x, d)",
        "s = Sigmoid (x) a = Mul (x, s) y = Add (a, s)",
    ],
)
def test_what_only_looks_like_an_activation(lines):
    graph = graph_of(f"g (float[2,3] x) => (float[2,3] y) {CONSTANTS} {{ {lines} }}")
    assert RecognizeActivations()(graph, Remarks()) is graph


def test_a_part_that_the_caller_gets_stays():
    graph = graph_of("g (float[3] x) => (float[3] s, float[3] y) { s = Sigmoid (x) y = Mul (x, s) }")
    assert RecognizeActivations()(graph, Remarks()) is graph


def test_a_constant_that_broadcasts_the_result_is_no_part():
    graph = graph_of(
        """g (float[3] x) => (float[2,3] y)
        <float[2,1] six = {6, 6}, float three = {3}, float zero = {0}, float top = {6}>
        { a = Add (x, three) c = Clip (a, zero, top) y = Div (c, six) }"""
    )
    assert RecognizeActivations()(graph, Remarks()) is graph
