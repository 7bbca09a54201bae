import pytest
from pass_checks import apply, graph_of, operators, reasons

from mini_infer.passes.fusion.pads import FoldPads

WEIGHTS = {"w": (2, 2, 3, 3)}


def fold(pad, conv="Conv (p, w)", made="1,2,5,6"):
    text = f"""g (float[1,2,4,5] x) => (float[{made}] y)
    <int64[8] space = {{0, 0, 1, 2, 0, 0, 2, 1}}, int64[4] listed = {{1, 2, 2, 1}}, int64[2] axes = {{2, -1}},
     int64[8] channels = {{0, 1, 1, 2, 0, -1, 2, 1}}, float zero = {{0}}, float one = {{1}}>
    {{ p = {pad} y = {conv} }}"""
    return apply(FoldPads(), graph_of(text, constants=WEIGHTS))


@pytest.mark.parametrize("pad", ["Pad (x, space)", "Pad (x, space, zero)", "Pad (x, listed, , axes)"])
def test_zeros_around_space_are_the_convolution_s(pad):
    graph, _ = fold(pad)
    assert operators(graph)[-1] == "Conv"
    assert graph.nodes[-1].inputs[0] == "x"
    assert graph.nodes[-1].attributes["pads"] == (1, 2, 2, 1)


def test_padding_adds_up():
    graph, _ = fold("Pad (x, space)", "Conv <pads = [1, 0, 0, 1]> (p, w)", "1,2,6,7")
    assert graph.nodes[-1].attributes["pads"] == (2, 2, 2, 2)


@pytest.mark.parametrize(
    ("pad", "reason"),
    [
        ("Pad (x, space, one)", "something else than zeros"),
        ('Pad <mode = "edge"> (x, space)', "its mode is 'edge'"),
    ],
)
def test_other_pads_stay(pad, reason):
    graph, remarks = fold(pad)
    assert operators(graph) == ["Pad", "Conv"]
    assert reason in reasons(remarks)


def test_pads_of_channels_stay():
    graph, remarks = apply(
        FoldPads(),
        graph_of(
            """g (float[1,1,4,4] x) => (float[1,2,2,2] y) <int64[8] more = {0, 1, 0, 0, 0, 0, 0, 0}>
            { p = Pad (x, more) y = Conv (p, w) }""",
            constants=WEIGHTS,
        ),
    )
    assert operators(graph) == ["Pad", "Conv"]
    assert "it pads more than space" in reasons(remarks)


def test_convolutions_that_compute_their_padding_stay():
    graph, remarks = fold("Pad (x, space)", 'Conv <auto_pad = "SAME_UPPER"> (p, w)', "1,2,7,8")
    assert operators(graph) == ["Pad", "Conv"]
    assert "the convolution pads by 'SAME_UPPER'" in reasons(remarks)
