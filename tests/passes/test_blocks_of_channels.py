import pytest
from pass_checks import apply, graph_of, operators, reasons

from mini_infer.passes import Remarks
from mini_infer.passes.fusion.epilogue import FuseEpilogues
from mini_infer.passes.tiling.blocks import Blocks

WEIGHTS = {"w": (48, 3, 1, 1), "b": (48,), "d": (48, 1, 3, 3), "e": (48,)}
MIDDLE = 48 * 16 * 4
"""Bytes between the convolutions."""


def blocked(lines, outputs="float[1,48,4,4] y", size_threshold=MIDDLE // 3, weights=WEIGHTS):
    graph = graph_of(f"g (float[1,3,4,4] x) => ({outputs}) {{ {lines} }}", constants=weights)
    graph = FuseEpilogues()(graph, Remarks())
    return apply(Blocks("channels", size_threshold), graph)


FEWER = {name: (44, *shape[1:]) for name, shape in WEIGHTS.items()}
PLAIN = "a = Conv (x, w, b) y = Conv <group = 48, pads = [1,1,1,1]> (a, d, e)"
ODD = PLAIN.replace("48", "44")


@pytest.mark.parametrize(
    "lines", [PLAIN, "a = Conv (x, w, b) r = Relu (a) c = Conv <group = 48, pads = [1,1,1,1]> (r, d) y = Sigmoid (c)"]
)
def test_a_block_of_channels_at_a_time(lines):
    graph, remarks = blocked(lines)
    assert [node.op for node in graph.nodes] == ["Conv", "Conv"] * 3 + ["Concat"]
    assert {graph.tensor(node.outputs[0]).shape for node in graph.nodes[:-1]} == {(1, 16, 4, 4)}
    assert "16 of 48 channels at a time" in remarks.entries[-1].text


def test_the_smallest_block_where_none_fits():
    graph, _ = blocked(PLAIN, size_threshold=0)
    assert graph.tensor(graph.nodes[0].outputs[0]).shape == (1, 8, 4, 4)


@pytest.mark.parametrize(
    ("lines", "options", "reason"),
    [
        (PLAIN, {"size_threshold": MIDDLE}, ""),
        (ODD, {"outputs": "float[1,44,4,4] y", "weights": FEWER}, "44 channels have no blocks"),
        (PLAIN + " z = Neg (a)", {"outputs": "float[1,48,4,4] y, float[1,48,4,4] z"}, "others read 'a', too"),
    ],
    ids=["small", "odd", "read by others"],
)
def test_what_stays(lines, options, reason):
    graph, remarks = blocked(lines, **options)
    assert "Concat" not in operators(graph)
    assert reason in reasons(remarks)
