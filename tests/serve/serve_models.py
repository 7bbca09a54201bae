"""Models to serve: `y = relu(x @ w)` with an open batch, of several sizes."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

import mini_infer as mi


def model(width, *, batch="batch", hidden=8):
    """`x` [batch, width] → `y` [batch, 4] and `n`, the argmax."""
    generator = np.random.default_rng(width)
    weights = {
        "w": generator.standard_normal((width, hidden)).astype(np.float32),
        "v": generator.standard_normal((hidden, 4)).astype(np.float32),
    }
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["a"]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("MatMul", ["b", "v"], ["y"]),
        helper.make_node("ArgMax", ["y"], ["n"], axis=1, keepdims=0),
    ]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, width])],
        [
            helper.make_tensor_value_info("y", TensorProto.FLOAT, [batch, 4]),
            helper.make_tensor_value_info("n", TensorProto.INT64, [batch]),
        ],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    return made, weights


def save_engine(path, width, *, rows=4, hidden=8):
    """An engine file for batches of 1 to `rows`; returns what it computes."""
    made, weights = model(width, hidden=hidden)
    mi.compile(made, dims={"batch": mi.Range(1, rows) if rows > 1 else 1}, compiler="none").save(path)

    def expected(x):
        return np.maximum(x @ weights["w"], 0) @ weights["v"]

    return expected
