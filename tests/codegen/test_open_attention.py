"""Attention over numbers of queries and keys that are given at run time: every one of them, against float64."""

import numpy as np
import onnx.parser
import pytest

import mini_infer as mi

TEXT = """<ir_version: 9, opset_import: ["": 18]>
g (float[2,SIZE,64] q, float[2,64,seq] k, float[2,seq,64] v, float[2,1,seq] mask) => (float[2,SIZE,64] y) {
    scores = MatMul (q, k)
    masked = Add (scores, mask)
    weights = Softmax <axis = -1> (masked)
    y = MatMul (weights, v)
}"""
MOST = 150
"""More keys than three blocks of columns of the widest vectors, and what is left of each number of them."""


def meaning(q, k, v, mask):
    scores = q.astype(np.float64) @ k.astype(np.float64) + mask
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True) @ v.astype(np.float64)


@pytest.mark.parametrize("queries", ["seq", "5"])
def test_every_number(queries):
    model = onnx.parser.parse_model(TEXT.replace("SIZE", queries))
    engine = mi.compile(model, dims={"seq": mi.Range(1, MOST, typical=128)})
    assert not [step.interpreted_because for step in engine.program.steps if step.interpreted_because]
    context, draw = engine.create_context(), np.random.default_rng(3)
    for seq in range(1, MOST + 1):
        rows = seq if queries == "seq" else 5
        shapes = {"q": (2, rows, 64), "k": (2, 64, seq), "v": (2, seq, 64), "mask": (2, 1, seq)}
        given = {name: draw.standard_normal(shape, np.float32) for name, shape in shapes.items()}
        np.testing.assert_allclose(context.run(given)["y"], meaning(**given), rtol=0, atol=2e-5, err_msg=f"seq = {seq}")
