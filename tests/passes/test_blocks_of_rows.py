import pytest
from pass_checks import apply, graph_of, reasons

from mini_infer.ir.equal_parts import MOST_PARTS
from mini_infer.passes import Remarks
from mini_infer.passes.fusion.bias import FuseBias
from mini_infer.passes.fusion.elementwise import FuseElementwise
from mini_infer.passes.fusion.epilogue import FuseEpilogues
from mini_infer.passes.layout.channels_last import ChannelsLast
from mini_infer.passes.layout.transposes import Transposes
from mini_infer.passes.tiling.blocks import Blocks

WEIGHTS = {"w": (6, 40), "b": (40,), "u": (40, 6), "v": (6,), "rows": (1, 16, 40)}
FORWARD = "a = MatMul (x, w) h = Add (a, b) g = Relu (h) c = MatMul (g, u) d = Add (c, v) y = Add (d, x)"
BYTES = 16 * 40 * 4


def blocked(
    lines,
    inputs="float[1,16,6] x",
    outputs="float[1,16,6] y",
    size_threshold=BYTES // 4,
    *,
    allow_weight_rereads=True,
    weights=WEIGHTS,
):
    graph = graph_of(f"g ({inputs}) => ({outputs}) {{ {lines} }}", constants=weights)
    for rewrite in (FuseBias(), FuseEpilogues(), ChannelsLast(), Transposes(), FuseElementwise()):
        graph = rewrite(graph, Remarks())
    remarks = Remarks()
    return *apply(Blocks("rows", size_threshold, allow_weight_rereads=allow_weight_rereads), graph), remarks


def test_feed_forward_a_few_tokens_at_a_time():
    graph, remarks, _ = blocked(FORWARD)
    assert [node.op for node in graph.nodes] == ["Slice", "MatMul", "MatMul"] * 4 + ["Concat"]
    assert {graph.tensor(node.outputs[0]).shape for node in graph.nodes if node.op == "Slice"} == {(1, 4, 6)}
    assert "4 of 16 rows at a time" in remarks.entries[-1].text


def test_rows_of_several_sequences_are_cut_between_these():
    graph, *_ = blocked(FORWARD, "float[8,16,6] x", "float[8,16,6] y", size_threshold=BYTES * 4)
    assert graph.tensor(graph.nodes[0].outputs[0]).shape == (4, 16, 6)


def test_a_normalization_before_a_convolution_with_channels_last():
    lines = "n = Conv (x, k) a = Mul (n, s) b = Add (a, t) r = Relu (b) y = Conv (r, q)"
    weights = {"k": (8, 3, 1, 1), "s": (1, 8, 1, 1), "t": (1, 8, 1, 1), "q": (5, 8, 1, 1)}
    graph, *_ = blocked(
        lines,
        "float[1,3,8,8] x",
        "float[1,5,8,8] y",
        size_threshold=8 * 64 * 4 // 2,
        allow_weight_rereads=False,
        weights=weights,
    )
    operators = [node.op for node in graph.nodes]
    assert operators.count("Elementwise") == 2
    assert operators.count("Concat") == 1


@pytest.mark.parametrize(
    ("lines", "options", "reason"),
    [
        (FORWARD, {"size_threshold": BYTES}, ""),
        (
            FORWARD,
            {
                "inputs": "float[1,8,6] x",
                "outputs": "float[1,8,6] y",
                "allow_weight_rereads": False,
                "weights": {**WEIGHTS, "w": (6, 400), "b": (400,), "u": (400, 6)},
            },
            "every block would read weights",
        ),
        (FORWARD + " z = Neg (g)", {"outputs": "float[1,16,6] y, float[1,16,40] z"}, ""),
        ("a = MatMul (x, w) g = Add (a, rows) y = MatMul (g, u)", {}, "'rows' differs from row to row"),
        (
            FORWARD,
            {"inputs": "float[1,7,6] x", "outputs": "float[1,7,6] y", "size_threshold": 0},
            "7 rows have no blocks",
        ),
    ],
    ids=["small", "heavy weights", "read by others", "constants of rows", "prime"],
)
def test_what_stays(lines, options, reason):
    graph, remarks, _ = blocked(lines, **options)
    assert "Concat" not in [node.op for node in graph.nodes]
    assert reason in reasons(remarks)


@pytest.mark.parametrize("given", ["", "1", "40", "1,40", "16,1", "16,40", "1,1,1", "1,1,40", "1,16,1", "1,16,40"])
def test_operands_computed_at_run_time_broadcast_to_the_rows(given):
    """What has rows of its own is sliced along them, wherever they lie; what has one row for all is read whole."""
    kind = f"float[{given}] t" if given else "float t"
    lines = "a = MatMul (x, w) s = Mul (a, t) g = Relu (s) c = MatMul (g, u) y = Add (c, x)"
    graph, *_ = blocked(lines, inputs=f"float[1,16,6] x, {kind}")
    operators = [node.op for node in graph.nodes]
    assert operators.count("Concat") == 1
    slices = sum(node.op == "Slice" and node.inputs[0] == "t" for node in graph.nodes)
    assert slices == (4 if "16" in given else 0)


def test_weights_that_are_added_too_are_no_weights():
    """The rows of what is added are those of the blocks, whatever else the same constant is."""
    lines = "a = MatMul (x, w) b = Add (a, w) g = Relu (b) y = MatMul (g, w)"
    graph, remarks, _ = blocked(
        lines, "float[16,16] x", "float[16,16] y", size_threshold=16 * 16, weights={"w": (16, 16)}
    )
    assert "Concat" not in [node.op for node in graph.nodes]
    assert "no axis in common" in reasons(remarks)


def test_rows_that_nobody_could_count_through():
    rows = "float[1,2147483648,6]"
    graph = graph_of(f"g ({rows} x) => ({rows} y) {{ a = MatMul (x, w) y = MatMul (a, u) }}", constants=WEIGHTS)
    blocks = Blocks("rows", BYTES)(graph, Remarks())
    assert len(blocks.nodes) == 3 * MOST_PARTS + 1
