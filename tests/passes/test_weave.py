import pytest
from pass_checks import apply, graph_of, operators

from mini_infer.passes import Remarks
from mini_infer.passes.fusion.weave import Weave

QUANTIZED = """g (float[1,{channels},5,7] x) => (uint8[{result}] y)
<float s = {{0.5}}, uint8 z = {{3}}>
{{ q = QuantizeLinear (x, s, z) y = Transpose <perm = [{perm}]> (q) }}"""


def quantized(channels=3, result="1,5,7,3", perm="0, 2, 3, 1"):
    return graph_of(QUANTIZED.format(channels=channels, result=result, perm=perm))


def stays(graph):
    return Weave()(graph, Remarks()) is graph


def test_planes_become_pixels():
    graph, _ = apply(Weave(), quantized(), exact=True)
    assert operators(graph) == ["Transpose[QuantizeLinear Transpose]"]


@pytest.mark.parametrize("channels", [1, 5])
def test_one_plane_and_many_stay(channels):
    assert stays(quantized(channels, f"1,5,7,{channels}"))


def test_other_orders_stay():
    assert stays(quantized(result="1,3,7,5", perm="0, 1, 3, 2"))


def test_what_others_read_stays():
    text = """g (float[1,3,5,7] x) => (uint8[1,5,7,3] y, uint8[1,3,5,7] q) <float s = {0.5}, uint8 z = {3}>
    { q = QuantizeLinear (x, s, z) y = Transpose <perm = [0, 2, 3, 1]> (q) }"""
    assert stays(graph_of(text))


def test_numbers_by_channel_stay():
    text = """g (float[1,3,5,7] x) => (uint8[1,5,7,3] y) <float[3] s = {0.5, 1.0, 2.0}, uint8[3] z = {3, 2, 1}>
    { q = QuantizeLinear <axis = 1> (x, s, z) y = Transpose <perm = [0, 2, 3, 1]> (q) }"""
    assert stays(graph_of(text))
