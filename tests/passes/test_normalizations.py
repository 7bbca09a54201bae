import pytest
from pass_checks import apply, graph_of, operators, reasons

from mini_infer.interpreter import evaluate
from mini_infer.passes import Remarks
from mini_infer.passes.cleanup.fold import FoldConstants
from mini_infer.passes.fusion.normalizations import RecognizeNormalizations

CONSTANTS = "<float e = {0.001}, float two = {2}, float one = {1}, int64[1] last = {-1}, int64[1] first = {0}>"
CENTERD = "m = ReduceMean (x, last) d = Sub (x, m)"


def recognize(lines, constants=None, outputs="float[2,5,8] y"):
    graph = graph_of(f"g (float[2,5,8] x) => ({outputs}) {CONSTANTS} {{ {lines} }}", constants=constants)
    return apply(RecognizeNormalizations(), graph)


@pytest.mark.parametrize("square", ["p = Pow (d, two)", "p = Mul (d, d)"])
@pytest.mark.parametrize(
    "end", ["y = Div (d, s)", "r = Reciprocal (s) y = Mul (d, r)", "r = Div (one, s) y = Mul (r, d)"]
)
def test_layer_normalization(square, end):
    graph, _ = recognize(f"{CENTERD} {square} v = ReduceMean (p, last) a = Add (v, e) s = Sqrt (a) {end}")
    assert operators(graph) == ["LayerNormalization"]


def test_layer_normalization_with_scale_and_bias():
    graph, _ = recognize(
        f"""{CENTERD} p = Pow (d, two) v = ReduceMean (p, last) a = Add (v, e) s = Sqrt (a) n = Div (d, s)
        k = Mul (scale, n) y = Add (k, bias)""",
        {"scale": (8,), "bias": (1, 1, 8)},
    )
    assert operators(graph) == ["LayerNormalization"]
    assert len(graph.nodes[0].inputs) == 3


@pytest.mark.parametrize("end", ["n = Div (x, s)", "r = Reciprocal (s) n = Mul (x, r)"])
def test_rms_normalization_with_scale(end):
    graph, _ = recognize(
        f"p = Pow (x, two) v = ReduceMean (p, last) a = Add (v, e) s = Sqrt (a) {end} y = Mul (scale, n)",
        {"scale": (8,)},
    )
    assert operators(graph) == ["RMSNormalization"]


def test_a_mean_over_other_axes_is_no_normalization():
    graph, _ = recognize("p = Pow (x, two) v = ReduceMean (p, first) a = Add (v, e) s = Sqrt (a) y = Div (x, s)")
    assert "RMSNormalization" not in operators(graph)


def test_different_axes_are_no_normalization():
    graph, _ = recognize(
        f"{CENTERD} p = Pow (d, two) v = ReduceMean (p, first) a = Add (v, e) s = Sqrt (a) y = Div (d, s)"
    )
    assert operators(graph)[-1] == "Div"


def test_a_part_that_others_read_stays():
    graph, _ = recognize(
        "p = Pow (x, two) v = ReduceMean (p, last) a = Add (v, e) s = Sqrt (a) y = Div (x, s) z = Neg (s)",
        outputs="float[2,5,8] y, float[2,5,1] z",
    )
    assert operators(graph)[-2:] == ["Div", "Neg"]


@pytest.mark.parametrize(
    ("end", "shape", "reason"),
    [
        ("y = Mul (n, c)", (5, 8), "not of the normalized shape [8]"),
        ("b = Mul (n, k) y = Mul (b, k)", (8,), "it has a scale already"),
        ("y = Add (n, c)", (8,), "RMSNormalization has no bias"),
    ],
)
def test_what_is_no_scale_or_bias(end, shape, reason):
    graph, remarks = recognize(
        f"p = Pow (x, two) v = ReduceMean (p, last) a = Add (v, e) s = Sqrt (a) n = Div (x, s) {end}",
        {"c": shape, "k": (8,)},
    )
    assert operators(graph) == ["RMSNormalization", end.split(" = ")[-1].split()[0]]
    assert reason in reasons(remarks)


def test_half_precision_stays():
    graph = graph_of(
        """g (float16[2,8] x) => (float16[2,8] y) <float small = {0.001}, float second = {2}, int64[1] last = {-1}>
        { e = Cast <to = 10> (small) two = Cast <to = 10> (second)
        p = Pow (x, two) v = ReduceMean (p, last) a = Add (v, e) s = Sqrt (a) y = Div (x, s) }"""
    )
    graph = FoldConstants(evaluate)(graph, Remarks())
    assert operators(graph) == ["Pow", "ReduceMean", "Add", "Sqrt", "Div"]
    assert RecognizeNormalizations()(graph, Remarks()) is graph
