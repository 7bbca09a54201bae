import numpy as np
import pytest
from pass_checks import graph_of, reasons

from mini_infer.interpreter import run_graph
from mini_infer.ir import DType, verify
from mini_infer.ir.halves import HALVES, holds, rounded
from mini_infer.passes import Remarks
from mini_infer.passes.halves import RoundWeights


def rewrite(graph, half=DType.BFLOAT16):
    remarks = Remarks()
    after = RoundWeights(half)(graph, remarks)
    verify(after)
    assert RoundWeights(half)(after, Remarks()) is after
    return after, remarks


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize(
    ("body", "shape", "weights"),
    [
        ("y = MatMul(x, w)", "3,5", (5, 7)),
        ("y = Gemm<transB = 1>(x, w)", "3,5", (7, 5)),
        ("y = Conv(x, w)", "1,4,6,6", (3, 4, 3, 3)),
        ("y = ConvTranspose(x, w)", "1,4,6,6", (4, 3, 2, 2)),
    ],
)
def test_weights_become_the_nearest_numbers_of_16_bits(body, shape, weights, half):
    before = graph_of(f"g (float[{shape}] x) => (float y) {{ {body} }}", constants={"w": weights})
    after, remarks = rewrite(before, half)
    (node,) = after.nodes
    made = after.constants[node.inputs[1]]
    assert holds(made, half)
    np.testing.assert_array_equal(made, rounded(before.constants["w"], half))
    assert f"weights as {half.value}" in remarks.entries[0].text


def test_tables_of_gather_are_weights_and_shared_ones_are_made_once():
    text = "g (int64[3] i, float[2,5] x) => (float[3,5] a, float b) { a = Gather(w, i)  b = MatMul(x, w) }"
    before = graph_of(text, constants={"w": (5, 5)})
    after, _ = rewrite(before)
    gather, product = after.nodes
    assert gather.inputs[0] == product.inputs[1]
    assert run_graph(after, {"i": np.int64([0, 2, 4]), "x": np.zeros((2, 5), np.float32)})["a"].shape == (3, 5)


@pytest.mark.parametrize(
    "body",
    [
        "y = Conv<group = 4>(x, w)",  # depthwise
        "y = Mul(x, w)",
        "y = Add(x, w)",
    ],
)
def test_other_constants_stay(body):
    before = graph_of(f"g (float[1,4,6,6] x) => (float y) {{ {body} }}", constants={"w": (4, 1, 1, 1)})
    assert rewrite(before)[0] is before


def test_what_is_held_exactly_stays():
    before = graph_of("g (float[3,5] x) => (float y) { y = MatMul(x, w) }", constants={"w": (5, 7)})
    held = before.replace(constants={"w": np.arange(35, dtype=np.float32).reshape(5, 7)})
    assert rewrite(held)[0] is held


def test_what_has_no_finite_number_of_16_bits_stays():
    before = graph_of("g (float[3,5] x) => (float y) { y = MatMul(x, w) }", constants={"w": (5, 7)})
    large = before.replace(constants={"w": before.constants["w"] * np.float32(1e5)})
    after, remarks = rewrite(large, DType.FLOAT16)
    assert after is large
    assert "numbers that float16 has no finite one for" in reasons(remarks)
    assert rewrite(large)[0] is not large
