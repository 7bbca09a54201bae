import pytest
from pass_checks import apply, graph_of, operators, reasons

from mini_infer.passes import Remarks
from mini_infer.passes.fusion.attention import FuseAttention

HEADS = "float[2,3,6,8]"
NUMBERS = "float two = {2}, float half = {0.5}, float low = {-10000}, int64[4] heads = {2, 6, 3, 8}"


def fuse(lines, inputs="", outputs=f"{HEADS} y", keys="float[2,3,8,6]"):
    text = f"g ({HEADS} q, {keys} k, {HEADS} v{inputs}) => ({outputs}) <{NUMBERS}> {{ {lines} }}"
    return apply(FuseAttention(), graph_of(text))


@pytest.mark.parametrize("scale", ["", "t = Mul (half, {})", "u = Mul ({}, half) t = Div (u, two)"])
@pytest.mark.parametrize(
    ("mask", "inputs"),
    [
        ("", ""),
        ("m = Add ({}, n)", ", float[6,6] n"),
        ("m = Add (n, {})", ", float[2,1,1,6] n"),
        ("m = Where (n, {}, low)", ", bool[6,6] n"),
        ("m = Where (n, low, {})", ", bool[1,1,6,6] n"),
    ],
)
def test_scales_and_masks(scale, mask, inputs):
    scaled = "t" if scale else "s"
    masked = "m" if mask else scaled
    scores = f"s = MatMul (q, k) {scale.format('s')} {mask.format(scaled)}"
    graph, _ = fuse(f"{scores} p = Softmax <axis = -1> ({masked}) y = MatMul (p, v)", inputs)
    assert [node.op for node in graph.nodes] == ["Attention"]
    assert operators(graph)[0].endswith("Softmax MatMul]")


def test_transposes_reshapes_and_numbers_around_it():
    graph, _ = fuse(
        """a = Reshape (r, heads) b = Transpose <perm = [0, 2, 1, 3]> (a) c = Mul (b, half)
        d = Transpose <perm = [0, 1, 3, 2]> (k) e = Mul (half, d)
        s = MatMul (c, e) p = Softmax (s) o = MatMul (p, v) y = Transpose <perm = [0, 2, 1, 3]> (o)""",
        ", float[2,6,24] r",
        "float[2,6,3,8] y",
        HEADS,
    )
    assert operators(graph) == ["Reshape", "Attention[Transpose Mul Transpose Mul MatMul Softmax MatMul Transpose]"]


PACKED = """u = Unsqueeze (r, first) t = Transpose <perm = [3, 1, 2, 0, 4]> (u) w = Squeeze (t, third)
    a = Gather <axis = 0> (w, zero) b = Gather <axis = 0> (w, one) c = Gather <axis = 0> (w, minus)
    d = Transpose <perm = [1, 0, 2]> (a) e = Transpose <perm = [1, 2, 0]> (b) f = Transpose <perm = [1, 0, 2]> (c)
    s = MatMul (d, e) p = Softmax <axis = -1> (s) y = MatMul (p, f)"""


def packed(lines=PACKED, outputs="float[2,6,8] y"):
    numbers = "int64 zero = {0}, int64 one = {1}, int64 minus = {-1}, int64[1] first = {0}, int64[1] third = {3}"
    return apply(FuseAttention(), graph_of(f"g (float[6,2,3,8] r) => ({outputs}) <{numbers}> {{ {lines} }}"))


def test_queries_keys_and_values_in_one_tensor():
    graph, _ = packed()
    inside = "Unsqueeze Transpose Squeeze Gather Gather Gather Transpose Transpose Transpose MatMul Softmax MatMul"
    assert operators(graph) == [f"Attention[{inside}]"]


def test_one_tensor_that_others_read_stays():
    graph, _ = packed(f"{PACKED} z = Neg (w)", "float[2,6,8] y, float[3,6,2,8] z")
    assert [node.op for node in graph.nodes][:4] == ["Unsqueeze", "Transpose", "Squeeze", "Attention"]


def test_queries_that_are_their_own_keys_and_values():
    text = """g (float[2,8,8] x) => (float[2,8,8] y) {
        t = Transpose <perm = [0, 2, 1]> (x) s = MatMul (t, t) p = Softmax <axis = -1> (s) y = MatMul (p, t) }"""
    graph, _ = apply(FuseAttention(), graph_of(text))
    assert operators(graph) == ["Attention[Transpose MatMul Softmax MatMul]"]


def test_the_end_keeps_elements_together():
    graph, _ = fuse(
        "s = MatMul (q, k) p = Softmax (s) o = MatMul (p, v) y = Transpose <perm = [0, 1, 3, 2]> (o)",
        outputs="float[2,3,8,6] y",
    )
    assert [node.op for node in graph.nodes] == ["Attention", "Transpose"]


@pytest.mark.parametrize(
    ("lines", "outputs", "reason"),
    [
        ("s = MatMul (q, k) p = Softmax (s) y = MatMul (p, v) z = Neg (p)", f"{HEADS} y, float[2,3,6,6] z", "others"),
        ("s = MatMul (q, k) p = Softmax (s) y = MatMul (p, v) z = Neg (s)", f"{HEADS} y, float[2,3,6,6] z", "others"),
        ("s = MatMul (q, k) p = Softmax <axis = 2> (s) y = MatMul (p, v)", f"{HEADS} y", "along axis 2"),
        ("s = MatMul (q, k) t = Neg (s) u = Add (t, two) p = Softmax (u) y = MatMul (p, v)", f"{HEADS} y", "no mask"),
        ("s = Abs (q) p = Softmax (s) y = MatMul (p, k)", "float[2,3,6,6] y", "no plain MatMul"),
    ],
)
def test_what_is_refused(lines, outputs, reason):
    graph, remarks = fuse(lines, outputs=outputs)
    assert "Attention" not in [node.op for node in graph.nodes]
    assert reason in reasons(remarks)


def test_few_queries_other_types_and_broadcasts_are_refused():
    lines = "s = MatMul (q, k) p = Softmax (s) y = MatMul (p, v)"
    for kinds, reason in (
        (("float[2,3,8]", "float[2,8,6]", "float[2,6,8]", "float[2,3,8]"), "fewer than 4"),
        (("double[2,6,8]", "double[2,8,6]", "double[2,6,8]", "double[2,6,8]"), "float64"),
        (("float[2,6,8]", "float[1,8,6]", "float[2,6,8]", "float[2,6,8]"), "broadcast"),
        (("float[6,8]", "float[8,6]", "float[6,8]", "float[6,8]"), "axis"),
    ):
        q, k, v, y = kinds
        remarks = Remarks()
        graph = graph_of(f"g ({q} q, {k} k, {v} v) => ({y} y) {{ {lines} }}")
        assert FuseAttention()(graph, remarks) is graph
        assert reason in reasons(remarks)
