import numpy as np
import pytest
from pass_checks import apply, graph_of, operators, reasons

from mini_infer.ir import DType, Graph, Node, TensorType
from mini_infer.ir.quantized import contrib, requantize
from mini_infer.passes import Remarks
from mini_infer.passes.fusion.epilogue import FuseEpilogues
from mini_infer.passes.fusion.integers import FuseIntegers
from mini_infer.passes.layout.channels_last import ChannelsLast

WIDE = {"w": (8, 8, 3, 3)}


def wrap(text, constants=None):
    return apply(ChannelsLast(), graph_of(text, constants=constants), exact=True)


def test_a_convolution_stands_between_transposes():
    graph, _ = wrap("g (float[1,8,5,5] x) => (float[1,8,3,3] y) { y = Conv (x, w) }", WIDE)
    assert operators(graph) == ["Transpose", "Conv[Transpose Conv Transpose]", "Transpose"]
    assert [node.name for node in graph.nodes] == ["x_last", "Conv_0", "y"]
    assert graph.tensor("x_last").shape == (1, 5, 5, 8)
    assert graph.tensor("y_last").shape == (1, 3, 3, 8)
    assert [inner.outputs[0] for inner in graph.nodes[1].body] == ["x", "y", "y_last"]


def test_neighbors_share_their_channels_last_form():
    graph, _ = wrap("g (float[1,8,7,7] x) => (float[1,8,3,3] y) { a = Conv (x, w) y = Conv (a, w) }", WIDE)
    assert [node.inputs[0] for node in graph.nodes] == ["x", "x_last", "a_last", "a_last", "y_last"]


def test_signals_count_as_images_of_one_row():
    graph, _ = wrap("g (float[1,8,9] x) => (float[1,8,7] y) { y = Conv (x, w) }", {"w": (8, 8, 3)})
    assert graph.tensor("x_last").shape == (1, 9, 8)


def test_few_planar_channels_are_read_as_they_are():
    graph, remarks = wrap("g (float[1,3,5,5] x) => (float[1,8,3,3] y) { y = Conv (x, w) }", {"w": (8, 3, 3, 3)})
    assert operators(graph) == ["Conv[Conv Transpose]", "Transpose"]
    assert "reads planar input as it is" in remarks.entries[0].text


def test_few_channels_that_are_last_already_are_read_so():
    graph, _ = wrap(
        "g (float[1,8,7,7] x) => (float[1,8,3,3] y) { a = Conv (x, w) b = Relu (a) y = Conv (b, v) }",
        {"w": (3, 8, 3, 3), "v": (8, 3, 3, 3)},
    )
    assert operators(graph).count("Conv[Transpose Conv Transpose]") == 2


def test_the_residual_is_read_with_channels_last_too():
    graph = graph_of(
        "g (float[1,8,5,5] x, float[1,8,3,3] r) => (float[1,8,3,3] y) { a = Conv (x, w) b = Add (r, a) y = Relu (b) }",
        constants=WIDE,
    )
    graph, _ = apply(FuseEpilogues(), graph, exact=True)
    graph, _ = apply(ChannelsLast(), graph, exact=True)
    assert operators(graph)[2] == "Conv[Transpose Transpose Conv Add Relu Transpose]"
    assert set(graph.nodes[2].inputs) == {"x_last", "r_last", "w"}


def test_a_convolution_that_adds_its_own_input_reads_it_once():
    graph = graph_of(
        "g (float[1,3,5,5] x) => (float[1,3,5,5] y) { a = Conv (x, w) y = Add (a, x) }", constants={"w": (3, 3, 1, 1)}
    )
    graph, _ = apply(FuseEpilogues(), graph, exact=True)
    graph, _ = apply(ChannelsLast(), graph, exact=True)
    assert operators(graph)[1] == "Conv[Transpose Conv Add Transpose]"


@pytest.mark.parametrize(
    "pool",
    ["MaxPool <kernel_shape = [2, 2]>", "AveragePool <kernel_shape = [2, 2]>", "GlobalAveragePool", "GlobalMaxPool"],
)
def test_pools_follow_convolutions(pool):
    made = "1,8,1,1" if pool.startswith("Global") else "1,8,2,2"
    graph, _ = wrap(
        f"g (float[1,8,5,5] x) => (float[{made}] y) {{ a = Conv (x, w) b = Relu (a) y = {pool} (b) }}", WIDE
    )
    assert graph.nodes[-2].op == pool.split()[0]
    assert graph.nodes[-2].body


@pytest.mark.parametrize("pool", ["MaxPool", "QLinearAveragePool", "QLinearGlobalAveragePool"])
def test_pools_of_bytes_follow_convolutions(pool):
    constants = {
        "w": np.random.default_rng(0).integers(-128, 128, (8, 8, 3, 3)).astype(np.int8),
        "w_zero": np.array(0, np.int8),
        "scale": np.array(0.002, np.float32),
        "zero": np.array(3, np.uint8),
    }
    made = (1, 8, 1, 1) if pool == "QLinearGlobalAveragePool" else (1, 8, 2, 2)
    types = {name: TensorType(DType.of(array.dtype), array.shape) for name, array in constants.items()}
    types |= {"x": TensorType(DType.UINT8, (1, 8, 5, 5)), "y": TensorType(DType.UINT8, made)}
    types |= {"sums": TensorType(DType.INT32, (1, 8, 3, 3)), "a": TensorType(DType.UINT8, (1, 8, 3, 3))}
    window = {} if pool == "QLinearGlobalAveragePool" else {"kernel_shape": (2, 2)}
    meaning = ["scale", "zero"] * 2
    last = Node("p", pool, ("a",), ("y",), window, version=12)
    nodes = (
        Node("c", "ConvInteger", ("x", "w", "zero", "w_zero"), ("sums",), version=10),
        requantize("r", "sums", "scale", "zero", "a"),
        last if pool == "MaxPool" else contrib("p", pool, ["a", *meaning], "y", **window),
    )
    graph = Graph("g", nodes, ("x",), ("y",), types, constants)
    graph, _ = apply(FuseIntegers(), graph, exact=True)
    graph, _ = apply(ChannelsLast(), graph, exact=True)
    assert operators(graph)[-2] == f"{pool}[Transpose {pool} Transpose]"


def test_pools_of_planar_tensors_stay():
    graph = graph_of("g (float[1,8,4,4] x) => (float[1,8,3,3] y) { y = MaxPool <kernel_shape = [2, 2]> (x) }")
    remarks = Remarks()
    assert ChannelsLast()(graph, remarks) is graph
    assert "its input is planar" in reasons(remarks)


def test_pools_that_give_indices_stay():
    graph, remarks = wrap(
        """g (float[1,8,5,5] x) => (float[1,8,2,2] y, int64[1,8,2,2] i)
        { a = Conv (x, w) y, i = MaxPool <kernel_shape = [2, 2]> (a) }""",
        WIDE,
    )
    assert operators(graph)[-1] == "MaxPool"
    assert "count planar elements" in reasons(remarks)


def test_volumes_stay():
    graph = graph_of(
        "g (float[1,8,3,3,3] x) => (float[1,8,1,1,1] y) { y = Conv (x, w) }", constants={"w": (8, 8, 3, 3, 3)}
    )
    remarks = Remarks()
    assert ChannelsLast()(graph, remarks) is graph
    assert "rank 3 or 4" in reasons(remarks)
