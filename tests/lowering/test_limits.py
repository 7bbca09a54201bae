"""What is more than C is written for is interpreted, and says why."""

import numpy as np
import onnx.helper
import onnx.numpy_helper
import onnx.parser
import pytest

import mini_infer as mi
from mini_infer.ir.equal_parts import MOST_PARTS
from mini_infer.lowering.movement.copy import _pieces


def compiled(body, opset=21):
    model = onnx.parser.parse_model(f'<ir_version: 10, opset_import: ["" : {opset}]> {body}')
    return mi.compile(model, compiler="none", time_limit=0)


@pytest.mark.parametrize(
    ("body", "opset", "reason"),
    [
        (
            """g (float[1,1,4] q, float[1,1,4] k, float[1,1,65537] v) => (y, s)
            { y, s = LinearAttention <q_num_heads = 1, kv_num_heads = 1, update_rule = "linear"> (q, k, v) }""",
            27,
            "rows of 65537 numbers, more than 65536",
        ),
        (
            "g (float[131072,131072] a, float[131072,131072] b) => (y) { y = MatMul (a, b) }",
            21,
            "it takes 2251799813685248 steps, more than 2^48",
        ),
        (
            "g (int32[2,2] a, int32[2,2] b) => (y) { y = Gemm <alpha = 0.5> (a, b) }",
            21,
            "0.5 is a parameter of Constant, but no int32",
        ),
        (
            "g (float[0,3] x, int64[2] i) => (y) { y = Gather (x, i) }",
            21,
            "no index can be right: there is nothing to index",
        ),
    ],
    ids=["a row", "a product", "a fraction", "nothing"],
)
def test_what_is_beyond_a_kernel_is_interpreted(body, opset, reason):
    (step,) = compiled(body, opset).program.steps
    assert step.interpreted_because == reason


@pytest.mark.parametrize(("alpha", "beta"), [(0.5, 1.5), (-0.5, 0.5), (0.25, 0.0), (3.0, -2.0)])
def test_integers_times_fractions_are_made_whole_once(alpha, beta):
    """As onnx's reference does it: halves of a product and of what is added to it make a whole."""
    body = (
        f"g (int32[2,3] a, int32[3,2] b, int32[2] c) => (y) {{ y = Gemm <alpha = {alpha}, beta = {beta}> (a, b, c) }}"
    )
    a, c = np.arange(-3, 3, dtype=np.int32).reshape(2, 3), np.array([1, -3], np.int32)
    b = a.reshape(3, 2) + 7
    exact = (int(alpha * 4) * (a.astype(np.int64) @ b) + int(beta * 4) * c.astype(np.int64)) / 4
    got = compiled(body).create_context().run({"a": a, "b": b, "c": c})["y"]
    np.testing.assert_array_equal(got, np.trunc(exact).astype(np.int32))


def test_a_pooled_convolution_streams_in_no_more_runs_than_anybody_could_read():
    nodes = "c = Conv (x, w) y = MaxPool <kernel_shape = [2, 2]> (c)"
    body = f"g (float[1,1,268435456,4] x, float[16,1,3,3] w) => (y) {{ {nodes} }}"
    model = onnx.parser.parse_model(f'<ir_version: 10, opset_import: ["" : 21]> {body}')
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.ones((16, 1, 3, 3), np.float32), "w"))
    for goal in ("memory", "speed"):
        program = mi.compile(model, compiler="none", time_limit=0, optimize=goal).program
        assert sum(len(step.stream.runs if step.stream else step.calls) for step in program.steps) <= 4 * MOST_PARTS


@pytest.mark.parametrize("mode", ["edge", "reflect", "wrap"])
@pytest.mark.parametrize(("before", "after"), [(0, 0), (2, 1), (-1, 3), (4, -2), (6, 13)])
def test_padding_of_a_huge_dimension_is_as_of_a_small_one(mode, before, after):
    """By the same pieces, and by what NumPy says for the small one."""
    kept = np.arange(max(-before, 0), 7 - max(-after, 0))
    wanted = np.pad(kept, (max(before, 0), max(after, 0)), mode)
    pieces = _pieces(7, (before, after), mode)
    found = [start + step * k for _, start, count, step in pieces for k in range(count)]
    assert found == wanted.tolist()
    assert [at for at, *_ in pieces] == np.cumsum([0, *(count for _, _, count, _ in pieces)])[:-1].tolist()
    assert len(_pieces(1 << 39, (before, after), mode)) <= 3


def test_padding_by_nan_on_several_sides_shares_one_constant():
    pad = "g (float[2,2] x) => (y) { y = Pad <pads = [1, 1, 1, 1]> (x) }"
    model = onnx.parser.parse_model(f'<ir_version: 10, opset_import: ["" : 10]> {pad}')
    model.graph.node[0].attribute.append(onnx.helper.make_attribute("value", float("nan")))
    y = mi.compile(model, compiler="none").create_context().run({"x": np.ones((2, 2), np.float32)})["y"]
    np.testing.assert_array_equal(y, np.pad(np.ones((2, 2), np.float32), 1, constant_values=np.nan))


@pytest.mark.parametrize(
    ("body", "opset"),
    [
        (
            """g (float[1,2,0,4] q, float[1,2,3,4] k, float[1,2,3,4] v, float[0,5] mask, float[1,2,2,4] pk,
               float[1,2,2,4] pv) => (float[1,2,0,4] y, float[1,2,5,4] keys, float[1,2,5,4] values)
            { y, keys, values = Attention (q, k, v, mask, pk, pv) }""",
            23,
        ),
        (
            """g (float[1,2,3,4] q, float[1,2,3,4] k, float[1,2,3,0] v, float[3,5] mask, float[1,2,2,4] pk,
               float[1,2,2,0] pv) => (float[1,2,3,0] y, float[1,2,5,4] keys, float[1,2,5,0] values)
            { y, keys, values = Attention (q, k, v, mask, pk, pv) }""",
            23,
        ),
        (
            """g (float[2,0] x, float[0] scale, float[0] bias) => (float[2,0] y, float[2,1] mean, float[2,1] inverse)
            { y, mean, inverse = LayerNormalization (x, scale, bias) }""",
            17,
        ),
    ],
)
def test_results_beside_an_empty_one_are_made(body, opset):
    engine = compiled(body, opset)
    random = np.random.default_rng(0)
    given = {port.name: random.standard_normal(port.type.shape).astype(np.float32) for port in engine.program.inputs}
    got = engine.create_context().run(given)
    assert got["y"].size == 0
    if "keys" in got:
        for name in "kv":
            whole = np.concatenate([given[f"p{name}"], given[name]], axis=2)
            np.testing.assert_array_equal(got["keys" if name == "k" else "values"], whole)
    else:
        assert np.isnan(got["mean"]).all()  # of nothing


@pytest.mark.parametrize(
    "body",
    [
        "g (float[1,2,0] x, float[2] s, float[2] b) => (y) { y = GroupNormalization <num_groups = 1> (x, s, b) }",
        "g (float[0,2,3,3] x) => (y) { y = MeanVarianceNormalization (x) }",
        "g (float[1,2,0,3] x) => (y) { y = MeanVarianceNormalization (x) }",
    ],
)
def test_normalizations_of_no_elements_have_a_type(body):
    engine = compiled(body)
    given = {port.name: np.zeros(port.type.shape, np.float32) for port in engine.program.inputs}
    assert engine.create_context().run(given)["y"].shape == given["x"].shape
