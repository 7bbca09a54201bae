import pytest
from pass_checks import apply, graph_of, operators, reasons

from mini_infer.passes.fusion.bias import FuseBias
from mini_infer.passes.fusion.epilogue import FuseEpilogues

CONV = {"w": (2, 2, 1, 1)}
IMAGE = "float[1,2,4,4]"


def fuse(text, constants, opset=18):
    return apply(FuseEpilogues(), graph_of(text, opset, constants), exact=True)


@pytest.mark.parametrize(
    "line",
    [
        "y = Relu (a)",
        "y = Sigmoid (a)",
        "y = Tanh (a)",
        "y = LeakyRelu <alpha = 0.1> (a)",
        "y = HardSwish (a)",
        "y = HardSigmoid (a)",
        "y = Clip (a, low, high)",
        "y = Clip (a, , high)",
        "y = Clip (a)",
    ],
)
def test_activations_are_done_by_the_convolution(line):
    graph, _ = fuse(
        f"g ({IMAGE} x) => ({IMAGE} y) <float low = {{0}}, float high = {{1}}> {{ a = Conv (x, w) {line} }}", CONV
    )
    assert len(graph.nodes) == 1
    assert graph.nodes[0].op == "Conv"
    assert [inner.op for inner in graph.nodes[0].body] == ["Conv", line.split()[2]]


def test_bounds_computed_at_run_time_stay():
    graph, remarks = fuse(f"g ({IMAGE} x, float low) => ({IMAGE} y) {{ a = Conv (x, w) y = Clip (a, low) }}", CONV)
    assert operators(graph) == ["Conv", "Clip"]
    assert "bounds" in reasons(remarks)


@pytest.mark.parametrize(
    ("product", "shape"), [("Gemm (x, w)", (3, 4)), ("MatMul (x, w)", (3, 4)), ("Gemm <transB = 1> (x, w)", (4, 3))]
)
def test_activations_are_done_by_matrix_products(product, shape):
    graph, _ = fuse(f"g (float[2,3] x) => (float[2,4] y) {{ a = {product} y = Relu (a) }}", {"w": shape})
    assert len(graph.nodes) == 1


def test_a_matmul_with_bias_takes_activation_and_residual():
    graph = graph_of(
        """g (float[2,5,3] x, float[2,5,4] r) => (float[2,5,4] y)
        { a = MatMul (x, w) b = Add (a, c) d = Add (r, b) y = Relu (d) }""",
        constants={"w": (3, 4), "c": (4,)},
    )
    graph, _ = apply(FuseBias(), graph, exact=True)
    graph, _ = apply(FuseEpilogues(), graph, exact=True)
    assert operators(graph) == ["MatMul[MatMul Add Add Relu]"]
    assert graph.nodes[0].inputs == ("x", "w", "c", "r")


def test_a_product_of_vectors_has_no_bias():
    graph, _ = fuse(
        "g (float[3] x, float r) => (float y) { a = MatMul (x, w) b = Add (a, r) y = Relu (b) }", {"w": (3,)}
    )
    assert operators(graph) == ["MatMul[MatMul Add Relu]"]


def test_the_later_of_two_convolutions_takes_their_sum():
    graph, _ = fuse(
        f"""g ({IMAGE} x) => ({IMAGE} y)
        {{ a = Conv (x, w) b = Relu (a) c = Conv (b, w) d = Conv (x, w) e = Add (c, d) y = Relu (e) }}""",
        CONV,
    )
    assert operators(graph) == ["Conv[Conv Relu]", "Conv", "Conv[Conv Add Relu]"]
    assert graph.nodes[2].inputs == ("x", "w", "c")
    assert graph.nodes[2].name == graph.nodes[2].body[-1].name


def test_activation_residual_activation():
    graph, _ = fuse(
        f"g ({IMAGE} x) => ({IMAGE} y) {{ a = Conv (x, w) b = Sigmoid (a) c = Add (b, x) y = Relu (c) }}", CONV
    )
    assert operators(graph) == ["Conv[Conv Sigmoid Add Relu]"]


@pytest.mark.parametrize(
    ("lines", "outputs", "reason"),
    [
        ("y = Relu (a) z = Neg (a)", f"{IMAGE} y, {IMAGE} z", "'a' is read by others too"),
        ("y = Relu (a)", f"{IMAGE} a, {IMAGE} y", "'a' is read by others too"),
        ("y = Add (a, a)", f"{IMAGE} y", "adds the contraction to itself"),
        ("y = Add (a, v)", f"{IMAGE} y", "the residual is float32[4], the result float32[1x2x4x4]"),
        ("b = Relu (a) y = Tanh (b)", f"{IMAGE} y", "Relu is done there already"),
        ("b = Add (a, x) c = Relu (b) y = Add (c, x)", f"{IMAGE} y", "an addition is done there already"),
    ],
)
def test_what_is_refused(lines, outputs, reason):
    graph, remarks = fuse(f"g ({IMAGE} x, float[4] v) => ({outputs}) {{ a = Conv (x, w) {lines} }}", CONV)
    assert reason in reasons(remarks)
    assert len(graph.nodes) > 1


def pooled(pool, size=4, made="1,2,2,2"):
    text = f"g (float[1,2,{size},{size}] x) => (float[{made}] y) {{ a = Conv (x, w) b = Relu (a) y = {pool} (b) }}"
    return fuse(text, CONV)


def test_pools_of_neighboring_windows_are_done_by_the_convolution():
    graph, _ = pooled("MaxPool <kernel_shape = [2, 2], strides = [2, 2]>")
    assert operators(graph) == ["Conv[Conv Relu MaxPool]"]


def test_means_are_taken_after_any_activation():
    graph, _ = fuse(
        f"""g ({IMAGE} x) => (float[1,2,2,2] y)
        {{ a = Conv (x, w) b = HardSwish (a) y = AveragePool <kernel_shape = [2, 2], strides = [2, 2]> (b) }}""",
        CONV,
    )
    assert operators(graph) == ["Conv[Conv HardSwish AveragePool]"]


@pytest.mark.parametrize(
    ("line", "op"), [("b = HardSwish (a)", "HardSwish"), ("b = LeakyRelu <alpha = -0.1> (a)", "LeakyRelu")]
)
def test_maxima_are_not_taken_before_what_falls(line, op):
    graph, remarks = fuse(
        f"""g ({IMAGE} x) => (float[1,2,2,2] y)
        {{ a = Conv (x, w) {line} y = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (b) }}""",
        CONV,
    )
    assert operators(graph) == [f"Conv[Conv {op}]", "MaxPool"]
    assert f"{op} must be done before the maximum is taken" in reasons(remarks)


def test_sums_with_a_residual_are_pooled_outside():
    graph, remarks = fuse(
        f"""g ({IMAGE} x) => (float[1,2,2,2] y)
        {{ a = Conv (x, w) b = Add (a, x) y = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (b) }}""",
        CONV,
    )
    assert operators(graph) == ["Conv[Conv Add]", "MaxPool"]
    assert "without residual" in reasons(remarks)


def test_depthwise_convolutions_are_pooled_outside():
    graph, remarks = fuse(
        f"""g ({IMAGE} x) => (float[1,2,2,2] y)
        {{ a = Conv <group = 2> (x, w) y = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (a) }}""",
        {"w": (2, 1, 1, 1)},
    )
    assert operators(graph) == ["Conv", "MaxPool"]
    assert "each channel by itself" in reasons(remarks)


@pytest.mark.parametrize(
    ("pool", "size", "made"),
    [
        ("MaxPool <kernel_shape = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]>", 4, "1,2,2,2"),
        ("MaxPool <kernel_shape = [2, 2], strides = [2, 2]>", 5, "1,2,2,2"),
        ("MaxPool <kernel_shape = [2, 2], strides = [2, 2], dilations = [2, 2]>", 4, "1,2,1,1"),
        ("MaxPool <kernel_shape = [2, 2]>", 4, "1,2,3,3"),
    ],
)
def test_maxima_of_windows_that_overlap_or_reach_over_the_border_are_taken_there_too(pool, size, made):
    graph, _ = pooled(pool, size, made)
    assert operators(graph) == ["Conv[Conv Relu MaxPool]"]


def test_means_of_windows_that_overlap_stay():
    graph, remarks = pooled("AveragePool <kernel_shape = [2, 2]>", 4, "1,2,3,3")
    assert operators(graph) == ["Conv[Conv Relu]", "AveragePool"]
    assert "overlap or reach over the border" in reasons(remarks)
