"""Attention's fourth output, as ONNX's text has each mode: product, softcap, mask, softmax."""

import numpy as np
import pytest
from onnx import TensorProto, helper

import mini_infer

SIZES = {"q": [1, 2, 3, 4], "k": [1, 2, 5, 4], "v": [1, 2, 5, 4], "mask": [3, 5]}


def shown(mode, cap, q, k, mask):
    """What mode `mode` shows, in float64."""
    scores = q.astype(np.float64) @ k.astype(np.float64).transpose(0, 1, 3, 2) / 2
    if mode and cap:
        scores = cap * np.tanh(scores / cap)
    if mode > 1:
        scores = scores + mask
    if mode > 2:
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        scores /= scores.sum(-1, keepdims=True)
    return scores


@pytest.mark.parametrize("compiler", [None, "none"])
@pytest.mark.parametrize("cap", [0.0, 0.5])
def test_the_product_is_shown_where_the_mode_says(compiler, cap):
    rng = np.random.default_rng(0)
    given = {name: rng.standard_normal(shape).astype(np.float32) for name, shape in SIZES.items()}
    nodes = [
        helper.make_node(
            "Attention",
            [*SIZES],
            [f"y{mode}", "", "", f"s{mode}"],
            qk_matmul_output_mode=mode,
            **({"softcap": cap} if cap else {}),
        )
        for mode in range(4)
    ]
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in SIZES.items()]
    outputs = [helper.make_tensor_value_info(f"s{mode}", TensorProto.FLOAT, None) for mode in range(4)]
    graph = helper.make_graph(nodes, "g", inputs, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 23)], ir_version=11)
    made = mini_infer.compile(model, compiler=compiler).create_context().run(given)
    for mode in range(4):
        expected = shown(mode, cap, given["q"], given["k"], given["mask"])
        np.testing.assert_allclose(made[f"s{mode}"], expected, rtol=1e-5, atol=1e-5, err_msg=f"mode {mode}")


@pytest.mark.parametrize("compiler", [None, "none"])
def test_a_scale_without_an_exact_root(compiler):
    q, k, v = (np.array(x, np.float64).reshape(1, 1, -1, 1) for x in ([1.0], [1.0, -1.0], [1.0, 0.0]))
    node = helper.make_node("Attention", ["q", "k", "v"], ["y"], scale=0.5)
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.DOUBLE, x.shape)
        for name, x in zip("qkv", (q, k, v), strict=True)
    ]
    graph = helper.make_graph([node], "g", inputs, [helper.make_tensor_value_info("y", TensorProto.DOUBLE, None)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 23)], ir_version=11)
    got = mini_infer.compile(model, compiler=compiler).create_context().run({"q": q, "k": k, "v": v})["y"]
    np.testing.assert_allclose(got, 1 / (1 + np.exp(-1.0)), rtol=1e-15)
