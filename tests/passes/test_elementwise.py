import pytest
from pass_checks import apply, graph_of, operators

from mini_infer.passes import Remarks
from mini_infer.passes.fusion.elementwise import FuseElementwise


def fuse(text, **options):
    return apply(FuseElementwise(**options), graph_of(text), exact=True)


def test_a_chain_becomes_one_loop():
    graph, remarks = fuse(
        """g (float[2,3] x, float[3] row) => (float[2,3] y) <float two = {2}>
        { a = Mul (x, two) b = Add (a, row) y = Relu (b) }"""
    )
    assert operators(graph) == ["Elementwise[Mul Add Relu]"]
    assert graph.nodes[0].name == graph.nodes[0].body[-1].name
    assert graph.nodes[0].inputs == ("x", "two", "row")
    assert remarks.entries[0].text == "one loop for Mul, Add, Relu"


def test_branches_that_meet_again_become_one_loop():
    graph, _ = fuse(
        """g (float[4] x) => (float[4] y)
        { a = Exp (x) b = Sigmoid (a) c = Tanh (a) d = Mul (b, c) y = Add (d, a) }"""
    )
    assert operators(graph) == ["Elementwise[Exp Sigmoid Tanh Mul Add]"]


def test_results_of_other_element_types_in_between():
    graph, _ = fuse("g (float[4] x, float[4] z) => (float[4] y) { c = Less (x, z) y = Where (c, x, z) }")
    assert operators(graph) == ["Elementwise[Less Where]"]


def test_what_others_read_stays():
    graph, _ = fuse(
        "g (float[4] x) => (float[4] y, float z) { a = Exp (x) y = Neg (a) z = ReduceSum <keepdims = 0> (a) }"
    )
    assert operators(graph) == ["Exp", "Neg", "ReduceSum"]


def test_what_the_caller_gets_stays():
    graph = graph_of("g (float[4] x) => (float[4] a, float[4] y) { a = Exp (x) y = Neg (a) }")
    assert FuseElementwise()(graph, Remarks()) is graph


def test_smaller_operands_are_computed_before():
    graph, _ = fuse(
        "g (float[3] r, float[2,3] x) => (float[2,3] y) { a = Exp (r) b = Neg (a) c = Add (x, b) y = Relu (c) }"
    )
    assert operators(graph) == ["Elementwise[Exp Neg]", "Elementwise[Add Relu]"]


def test_regions_stay_small():
    lines = " ".join(f"v{i + 1} = Neg (v{i})" for i in range(10))
    graph, _ = fuse(f"g (float[4] v0) => (float[4] v10) {{ {lines} }}", limit=4)
    assert [len(node.primitives) for node in graph.nodes] == [4, 4, 2]


def test_sums_of_what_is_large_together_are_made_one_by_one():
    text = """g (float[2,3] x) => (float[2,3] y)
        { a = Neg (x) b = Exp (a) c = MatMul (x, w) d = Add (a, b) e = Add (d, c) f = MatMul (c, w) y = Add (e, f) }"""
    graph = graph_of(text, constants={"w": (3, 3)})
    whole, _ = apply(FuseElementwise(), graph)
    apart, _ = apply(FuseElementwise(size_threshold=2 * 3 * 4 * 2), graph)
    assert len(apart.nodes) > len(whole.nodes)


def test_quantization_by_one_scale_is_part_of_the_loop():
    graph, _ = fuse(
        """g (uint8[2,3] x, float[3] row) => (int8[2,3] y) <float s = {0.02}, uint8 u = {9}, int8 z = {-3}>
        { a = DequantizeLinear (x, s, u) b = Mul (a, row) c = Relu (b) y = QuantizeLinear (c, s, z) }"""
    )
    assert operators(graph) == ["Elementwise[DequantizeLinear Mul Relu QuantizeLinear]"]


@pytest.mark.parametrize(
    "text",
    [
        "(uint8[2,3] x) => (float[2,3] y) <float[3] s = {1, 2, 3}, uint8[3] z = {1, 2, 3}>",
        "(uint8[2,3] x) => (float[2,3] y) <float[1] s = {1}, uint16[1] z = {1}>",
    ],
    ids=["of each column", "of 16 bits"],
)
def test_other_quantization_stays(text):
    text = text.replace("uint8[2,3] x", "uint16[2,3] x") if "uint16" in text else text
    graph = graph_of(f"g {text} {{ a = DequantizeLinear <axis = 1> (x, s, z) y = Neg (a) }}", opset=21)
    assert FuseElementwise()(graph, Remarks()) is graph
