"""A model whose rows are independent: `y = relu(x @ w)` and its row's sum, with an open batch and its NumPy answer."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

import mini_infer as mi


def model(columns="columns", *, scale=1):
    """`x` [batch, 6] → `y` [batch, 4]; `t` [batch, columns] → `s` [batch]. Whole numbers: sums are exact."""
    weights = weights_of(scale)
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["a"]),
        helper.make_node("Relu", ["a"], ["y"]),
        helper.make_node("ReduceSum", ["t", "axis"], ["s"], keepdims=0),
    ]
    graph = helper.make_graph(
        nodes,
        "net",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 6]),
            helper.make_tensor_value_info("t", TensorProto.FLOAT, ["batch", columns]),
        ],
        [
            helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 4]),
            helper.make_tensor_value_info("s", TensorProto.FLOAT, ["batch"]),
        ],
        [numpy_helper.from_array(weights, "w"), numpy_helper.from_array(np.array([1]), "axis")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


def weights_of(scale=1):
    return scale * np.random.default_rng(6).integers(-9, 9, (6, 4)).astype(np.float32)


def expected(feed, *, scale=1):
    return {"y": np.maximum(feed["x"] @ weights_of(scale), 0), "s": feed["t"].sum(1)}


def feed_of(rows, columns=3):
    generator = np.random.default_rng(rows)
    shapes = {"x": (rows, 6), "t": (rows, columns)}
    return {name: generator.integers(-9, 9, shape).astype(np.float32) for name, shape in shapes.items()}


def save_engine(path, rows, *, scale=1, columns=3):
    """An engine file for `rows`, a number or a `Range`."""
    dims = {"batch": rows} if isinstance(columns, int) else {"batch": rows, "columns": mi.Range(1, 5)}
    mi.compile(model(columns, scale=scale), dims=dims, compiler="none").save(path)
    return str(path)
