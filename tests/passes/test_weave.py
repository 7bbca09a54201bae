import pytest
from pass_checks import apply, graph_of, operators

from mini_infer.passes import Remarks
from mini_infer.passes.fusion.elementwise import FuseElementwise
from mini_infer.passes.fusion.weave import Weave

SCALE = "<float s = {0.02}, uint8 z = {9}>"
BODY = "q = QuantizeLinear (x, s, z) y = Transpose <perm = [0, 2, 3, 1]> (q)"


def test_an_image_is_quantized_as_it_is_transposed():
    graph, _ = apply(Weave(), graph_of(f"g (float[2,3,5,4] x) => (uint8[2,5,4,3] y) {SCALE} {{ {BODY} }}"), exact=True)
    assert operators(graph) == ["Transpose[QuantizeLinear Transpose]"]


def test_what_was_fused_is_written_so_too():
    text = f"g (float[2,3,5,4] x) => (uint8[2,5,4,3] y) {SCALE} {{ r = Relu (x) {BODY.replace('(x,', '(r,')} }}"
    graph, _ = apply(FuseElementwise(), graph_of(text), exact=True)
    graph, _ = apply(Weave(), graph, exact=True)
    assert operators(graph) == ["Transpose[Relu QuantizeLinear Transpose]"]


@pytest.mark.parametrize(
    "text",
    [
        f"(float[2,3,5,4] x) => (uint8[2,5,4,3] y, uint8[2,3,5,4] q) {SCALE} {{ {BODY} }}",
        f"(float[2,8,5,4] x) => (uint8[2,5,4,8] y) {SCALE} {{ {BODY} }}",
        f"(float[2,3,5,4] x) => (uint8[2,4,5,3] y) {SCALE} {{ {BODY.replace('2, 3, 1', '3, 2, 1')} }}",
        f"(float[2,3,5,4] x) => (uint8[2,5,4,3] y) <float[3] s = {{1, 2, 3}}, uint8[3] z = {{1, 2, 3}}> {{ {BODY} }}",
    ],
    ids=["the caller gets it", "many channels", "another order", "of each channel"],
)
def test_others_stay(text):
    graph = graph_of(f"g {text}")
    assert Weave()(graph, Remarks()) is graph
