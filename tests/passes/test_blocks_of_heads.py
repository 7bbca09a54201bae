import pytest
from pass_checks import apply, graph_of, reasons

from mini_infer.passes import Remarks
from mini_infer.passes.fusion.attention import FuseAttention
from mini_infer.passes.fusion.bias import FuseBias
from mini_infer.passes.fusion.epilogue import FuseEpilogues
from mini_infer.passes.fusion.heads import HeadBlocks

WEIGHTS = dict.fromkeys(("wq", "wk", "wv"), (8, 24)) | {"bias": (24,), "ww": (24, 24)}
SHAPES = "<int64[4] heads = {1, 5, 6, 4}, float scale = {0.5}>"
HEADS = """
    {0}p = MatMul (x, w{0}) {0}r = Reshape ({0}p, heads) {0}t = Transpose <perm = [0, 2, {1}]> ({0}r)
"""
ATTENTION = """
    s = MatMul (qt, kt) m = Mul (s, scale) n = Add (m, mask) a = Softmax <axis = -1> (n) o = MatMul (a, vt)
    y = Transpose <perm = [0, 2, 1, 3]> (o)
"""
TOGETHER = 3 * 5 * 24 * 4
"""Bytes of q, k and v."""


def blocked(size_threshold=TOGETHER // 3, mask="1,1,5,5", outputs="float[1,5,6,4] y", more="", changed=("", "")):
    lines = HEADS.format("q", "1, 3") + HEADS.format("k", "3, 1") + HEADS.format("v", "1, 3") + ATTENTION
    lines = lines.replace(*changed) if changed[0] else lines
    text = f"g (float[1,5,8] x, float[{mask}] mask, float[1,5,24] all) => ({outputs}) {SHAPES} {{ {lines} {more} }}"
    graph = graph_of(text, constants=WEIGHTS)
    for rewrite in (FuseAttention(), FuseBias(), FuseEpilogues()):
        graph = rewrite(graph, Remarks())
    assert "Attention" in [node.op for node in graph.nodes]
    return apply(HeadBlocks(size_threshold), graph)


@pytest.mark.parametrize("mask", ["1,1,5,5", "1,6,5,5"])
def test_a_few_heads_at_a_time(mask):
    graph, remarks = blocked(mask=mask)
    operators = [node.op for node in graph.nodes]
    assert operators.count("Attention") == 3
    assert operators.count("MatMul") == 9
    assert operators[-1] == "Concat"
    assert operators.count("Slice") == (3 if mask == "1,6,5,5" else 0)
    assert "2 of 6 heads at a time" in remarks.entries[-1].text


def test_one_head_where_no_block_is_small_enough():
    graph, _ = blocked(size_threshold=0)
    assert [node.op for node in graph.nodes].count("Attention") == 6


def test_small_attention_and_projections_that_others_read_stay():
    assert "Concat" not in [node.op for node in blocked(size_threshold=TOGETHER)[0].nodes]
    graph, remarks = blocked(outputs="float[1,5,6,4] y, float[1,5,6,4] z", more="z = Neg (qr)")
    assert "Concat" not in [node.op for node in graph.nodes]
    assert "q, k and v are no three projections" in reasons(remarks)


PRODUCT = "qp = MatMul (x, wq)"


@pytest.mark.parametrize(("added", "slices"), [("bias", 0), ("all", 3)], ids=["a bias", "a value of all heads"])
def test_what_a_projection_adds_is_cut_with_its_columns(added, slices):
    graph, _ = blocked(changed=(PRODUCT, f"qs = MatMul (x, wq) qp = Add (qs, {added})"))
    operators = [node.op for node in graph.nodes]
    assert operators.count("Attention") == 3
    assert operators.count("Slice") == slices


@pytest.mark.parametrize(
    ("changed", "outputs", "reason"),
    [
        (("y = Transpose <perm = [0, 2, 1, 3]> (o)", "y = Neg (o)"), "float[1,6,5,4] y", "the result lie along axis 1"),
        (
            (PRODUCT, "qs = MatMul (all, ww) qp = Add (qs, all)"),
            "float[1,5,6,4] y",
            "'all' would be read both whole and in",
        ),
    ],
    ids=["no transpose behind it", "the input is added to the product"],
)
def test_heads_that_are_not_to_themselves_stay(changed, outputs, reason):
    graph, remarks = blocked(changed=changed, outputs=outputs)
    assert "Concat" not in [node.op for node in graph.nodes]
    assert reason in reasons(remarks)
