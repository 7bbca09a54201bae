import pytest
from pass_checks import apply, graph_of, operators, reasons

from mini_infer.passes import Remarks
from mini_infer.passes.cleanup.identities import Identities
from mini_infer.passes.layout.required_layouts import required_layouts
from mini_infer.passes.layout.transposes import Transposes


def push(text, constants=None, opset=18, *, exact=True):
    """The graph after the pass; where transposes cancelled before an output, without the copy that remains."""
    graph, remarks = apply(Transposes(), graph_of(text, opset, constants), exact=exact)
    return Identities()(graph, Remarks()), remarks


def test_inverse_transposes_cancel():
    graph, _ = push(
        """g (float[2,3,4] x) => (float[2,3,4] y)
        { a = Transpose <perm = [1, 2, 0]> (x) b = Transpose <perm = [2, 0, 1]> (a) y = Relu (b) }"""
    )
    assert operators(graph) == ["Relu"]
    assert graph.nodes[0].inputs == ("x",)


def test_two_transposes_become_one():
    graph, _ = push(
        """g (float[2,3,4] x) => (float[2,4,3] y)
        { a = Transpose <perm = [1, 2, 0]> (x) y = Transpose <perm = [2, 1, 0]> (a) }"""
    )
    assert operators(graph) == ["Transpose"]
    assert graph.nodes[0].attributes["perm"] == (0, 2, 1)


def test_constants_are_transposed_at_build_time():
    graph, _ = push("g (float[4,3] x) => (float[4,3] y) { a = Transpose (w) y = Add (x, a) }", {"w": (3, 4)})
    assert operators(graph) == ["Add"]
    assert graph.constants["a"].flags["C_CONTIGUOUS"]


AROUND = "a = Transpose <perm = [0, 3, 1, 2]> (x)", "y = Transpose <perm = [0, 2, 3, 1]> (b)"


@pytest.mark.parametrize(
    "line",
    [
        "b = Relu (a)",
        "b = Clip (a, low, high)",
        "b = Add (a, per_channel)",
        "b = Mul (row, a)",
        "b = Sub (a, low)",
        "b = PRelu (a, per_channel)",
        "b = Where (flag, a, per_channel)",
        "b = Max (a, a, per_channel)",
        "b = Concat <axis = 1> (a, a)",
        "b = Concat <axis = -2> (a, a)",
        "b = Softmax <axis = 1> (a)",
        "b = LogSoftmax (a)",
        "b = Pad (a, pads)",
        "b = Pad (a, two_pads, , two_axes)",
        "b = Slice (a, starts, ends)",
        "b = Slice (a, starts, ends, two_axes, steps)",
        "b = Tile (a, repeats)",
        "b = ReduceSum (a, two_axes)",
        "b = ReduceMean (a)",
        "b = ReduceMax <noop_with_empty_axes = 1> (a)",
        "b = Resize (a, , scales)",
        "b = Resize <axes = [1, 2]> (a, , , one_size)",
        "b = Gather <axis = 1> (a, list)",
        "b = ArgMax <axis = 1> (a) ",
    ],
)
def test_operators_between_inverse_transposes(line):
    text = f"""g (float[2,3,4,5] x) => (float[n,p,q,r] y)
        <float low = {{-1}}, float high = {{1}}, bool flag = {{1}}, int64[8] pads = {{0, 1, 2, 3, 3, 2, 1, 0}},
         int64[4] two_pads = {{1, 2, 3, 4}}, int64[2] two_axes = {{1, -1}}, int64[2] starts = {{0, 1}},
         int64[2] ends = {{2, 4}}, int64[2] steps = {{1, 2}}, int64[4] repeats = {{1, 2, 1, 3}},
         float[4] scales = {{1, 2, 1, 3}}, int64[2] one_size = {{4, 6}}, int64[3] list = {{4, 0, 2}}>
        {{ {AROUND[0]} {line} {AROUND[1]} }}"""
    text = text.replace("float[n,p,q,r] y", "int64[n,p,q,r] y") if "ArgMax" in line else text
    exact = not any(word in line for word in ("Softmax", "Mean", "Sum"))
    graph, _ = push(text, {"per_channel": (5, 1, 1), "row": (4,)}, exact=exact)
    assert operators(graph) == [line.split()[2]]


def test_an_expansion_moves_only_where_that_saves_transposes():
    text = """g (float[2,1,3] x) => (float[2,4,3] y) <int64[3] shape = {2, 3, 4}>
    { a = Transpose <perm = [0, 2, 1]> (x) b = Expand (a, shape) y = Transpose <perm = [0, 2, 1]> (b) }"""
    assert operators(push(text)[0]) == ["Expand"]
    text = """g (float[2,3,2] x) => (float[4,2,2,3] y) <int64[4] shape = {4, 2, 1, 1}>
    { a = Transpose <perm = [0, 2, 1]> (x) y = Expand (a, shape) }"""
    assert operators(push(text)[0]) == ["Transpose", "Expand"]


@pytest.mark.parametrize(
    ("line", "shape", "made"),
    [
        ("y = Reshape (a, target)", (2, 5, 12), ["Reshape", "Transpose"]),
        ("y = Flatten <axis = 2> (a)", (10, 12), ["Transpose", "Flatten"]),
        ("y = ReduceMean <keepdims = 0> (a, axes)", (2, 5), ["ReduceMean"]),
        ("y = ReduceSum <keepdims = 0> (a)", (), ["ReduceSum"]),
        ("y = Gather <axis = 1> (a, number)", (2, 3, 4), ["Gather"]),
        ("y = ArgMin <axis = 1, keepdims = 0> (a)", (2, 3, 4), ["ArgMin"]),
        ("b = Unsqueeze (a, axes) y = Squeeze (b)", (2, 5, 3, 4), ["Reshape", "Transpose"]),
    ],
)
def test_axes_that_disappear(line, shape, made):
    kind = "int64" if "Arg" in line else "float"
    graph, _ = push(
        f"""g (float[2,3,4,5] x) => ({kind}[{",".join(map(str, shape))}] y)
        <int64[3] target = {{2, 5, 12}}, int64[2] axes = {{2, 3}}, int64 number = {{1}}>
        {{ a = Transpose <perm = [0, 3, 1, 2]> (x) {line} }}""",
        exact=False,
    )
    assert operators(graph) == made


def test_both_operands_transposed():
    graph, _ = push(
        """g (float[2,3] x, float[2,3] z) => (float[2,3] y)
        { a = Transpose (x) b = Transpose (z) c = Add (a, b) y = Transpose (c) }"""
    )
    assert operators(graph) == ["Add"]


@pytest.mark.parametrize("op", ["Add", "Sum"])
def test_a_constant_that_gives_the_result_its_rank_keeps_it(op):
    graph, _ = push(
        f"""g (float[2,3] x) => (float[1,2,3] y)
        {{ a = Transpose (x) b = {op} (k, a) y = Transpose <perm = [0, 2, 1]> (b) }}""",
        {"k": (1, 3, 2)},
    )
    assert operators(graph) == [op]
    assert graph.constants[graph.nodes[0].inputs[0]].ndim == len((1, 2, 3))


def test_the_other_operand_is_transposed_where_that_wins():
    graph, _ = push(
        """g (float[9,3] x, float[3,1] z) => (float[9,3] y)
        { a = Transpose (x) c = Add (a, z) d = Exp (c) y = Transpose (d) }"""
    )
    assert operators(graph) == ["Reshape", "Add", "Exp"]


def test_the_other_operand_is_not_transposed_where_that_loses():
    graph, remarks = push(
        """g (float[3,9] x, float[9,3] z) => (float[9,3] y) { a = Transpose (x) c = Add (a, z) y = Exp (c) }"""
    )
    assert operators(graph) == ["Transpose", "Add", "Exp"]
    assert "transposing the other operands costs more" in reasons(remarks)


def test_the_rows_of_weights_change_places_after_flattening():
    graph, _ = push(
        """g (float[2,3,4,5] x) => (float[2,7] y)
        { a = Transpose <perm = [0, 3, 1, 2]> (x) b = Flatten (a) c = Gemm <transB = 1> (b, w) d = MatMul (b, v)
        y = Add (c, d) }""",
        {"w": (7, 60), "v": (60, 7)},
        exact=False,
    )
    assert operators(graph) == ["Reshape", "Gemm", "MatMul", "Add"]


@pytest.mark.parametrize(
    ("lines", "constants"),
    [
        ("b = Flatten (a) y = Neg (b)", {}),
        ("b = Flatten (a) y = MatMul (w, b)", {"w": (2, 2)}),
        ("b = Flatten (a) c = MatMul (b, w) d = ReduceSum (b) y = Add (c, d)", {"w": (60, 7)}),
    ],
)
def test_a_flattened_tensor_that_others_read_is_transposed(lines, constants):
    graph, remarks = push(
        f"g (float[2,3,4,5] x) => (float[n,m] y) {{ a = Transpose <perm = [0, 3, 1, 2]> (x) {lines} }}",
        constants,
        exact=False,
    )
    assert operators(graph)[0] == "Transpose"
    assert "merges axes that the transpose moves apart" in reasons(remarks)


def test_axes_of_size_one_move_by_reshaping():
    graph, _ = push("g (float[1,1,28,28] x) => (float[1,28,28,1] y) { y = Transpose <perm = [0, 2, 3, 1]> (x) }")
    assert operators(graph) == ["Reshape"]


def test_rows_of_a_product_may_change_places():
    graph, _ = push(
        """g (float[2,3,4] x) => (float[2,3,5] y)
        { a = Transpose <perm = [1, 0, 2]> (x) b = MatMul (a, w) y = Transpose <perm = [1, 0, 2]> (b) }""",
        {"w": (4, 5)},
        exact=False,
    )
    assert operators(graph) == ["MatMul"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("y = MatMul (a, a)", "MatMul needs its rows in place"),
        ("y = CumSum (a, axis)", "CumSum has no form for transposed input"),
        ("y = LayerNormalization (a, scale)", "normalizes axes that the transpose moves"),
        ("y = Gather (a, table)", "its indices make new axes"),
    ],
)
def test_what_needs_its_input_as_it_is(line, reason):
    graph, remarks = push(
        f"""g (float[3,3] x) => (float[k,l] y) <int64 axis = {{0}}, int64[2,2] table = {{0, 1, 2, 0}}>
        {{ a = Transpose (x) {line} }}""".replace("float[k,l]", "float[2,2,3]" if "table)" in line else "float[3,3]"),
        {"scale": 3},
        exact=False,
    )
    assert operators(graph)[0] == "Transpose"
    assert reason in reasons(remarks)


def test_softmax_of_an_old_version_flattens():
    graph, remarks = push(
        "g (float[2,3,4] x) => (float[4,3,2] y) { a = Transpose (x) y = Softmax <axis = 1> (a) }", opset=11
    )
    assert operators(graph) == ["Transpose", "Softmax"]
    assert "works on a flattened tensor" in reasons(remarks)


@pytest.mark.parametrize("line", ["Cast <to = 11> (x)", "QuantizeLinear (x, s, z)", "LogSoftmax <axis = 1> (x)"])
def test_what_keeps_axes_wants_its_input_as_its_result_is_wanted(line):
    graph = graph_of(
        f"""g (float[2,3,4] x) => (y) <float s = {{0.5}}, int8 z = {{0}}>
        {{ a = {line} y = Transpose <perm = [0, 2, 1]> (a) }}"""
    )
    assert required_layouts(graph)["x"] == {(0, 2, 1)}


def test_what_the_caller_gets_is_transposed_last():
    graph, remarks = push("g (float[2,3] x) => (float[3,2] y) { a = Transpose (x) b = Exp (a) y = Relu (b) }")
    assert operators(graph) == ["Exp", "Relu", "Transpose"]
    assert "the caller gets the result" in reasons(remarks)


def test_what_a_nested_graph_reads_is_transposed():
    graph, _ = push(
        """g (float[2,3] x, bool c) => (float[3,2] y) {
            a = Transpose (x)
            y = If (c) <then_branch = t () => (float[3,2] p) { p = Neg (a) },
                        else_branch = e () => (float[3,2] q) { q = Abs (a) }>
        }"""
    )
    assert operators(graph) == ["Transpose", "If"]


def test_a_graph_without_transposes_is_returned_as_it_is():
    graph = graph_of("g (float[2,3] x) => (float[2,3] y) { y = Relu (x) }")
    assert Transposes()(graph, Remarks()) is graph


@pytest.mark.parametrize(
    ("axis", "shape"), [(0, (1, 3, 4, 5)), (1, (1, 3, 4, 5)), (2, (1, 3, 1, 5)), (3, (1, 3, 4, 2)), (1, (1, 1, 4, 5))]
)
@pytest.mark.parametrize("order", ["a, k", "k, a", "k, a, k"])
def test_a_concatenated_constant_keeps_its_axes(axis, shape, order):
    """Nothing is broadcast there; the same constant may be broadcast elsewhere, with fewer axes."""
    sizes = [1, 3, 4, 5]
    sizes[axis] += shape[axis] * order.count("k")
    kind = ",".join(map(str, sizes[:1] + sizes[2:] + sizes[1:2]))
    add = "p = Add (a, k) q = Transpose <perm = [0, 2, 3, 1]> (p)" if shape.count(1) > 1 or axis < 2 else ""
    graph, _ = push(
        f"""g (float[1,4,5,3] x) => (float[{kind}] y{", float[1,4,5,3] q" if add else ""})
        {{ a = Transpose <perm = [0, 3, 1, 2]> (x) {add}
        b = Concat <axis = {axis}> ({order}) y = Transpose <perm = [0, 2, 3, 1]> (b) }}""",
        {"k": shape},
    )
    assert sorted(operators(graph)) == (["Add"] if add else []) + ["Concat"]
