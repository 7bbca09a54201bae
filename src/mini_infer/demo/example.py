"""The small network of the documents' examples, and an input for it."""

import io
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from mini_infer.files import write_atomically

_WEIGHTS = {"w1": (8, 3, 3, 3), "w2": (8, 8, 3, 3), "w3": (10, 8)}


def example() -> tuple[onnx.ModelProto, np.ndarray]:
    """Two convolutions with a skip connection, a mean and a classifier: `x` 1x3x32x32 → `y` 1x10; and an `x`.

    Weights and input are random, and the same every time.
    """
    generator = np.random.default_rng(0)
    nodes = [
        helper.make_node("Conv", ["x", "w1"], ["a"], "conv1", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["a"], ["b"], "relu1"),
        helper.make_node("Conv", ["b", "w2"], ["c"], "conv2", pads=[1, 1, 1, 1]),
        helper.make_node("Add", ["b", "c"], ["d"], "residual"),
        helper.make_node("GlobalAveragePool", ["d"], ["e"], "pool"),
        helper.make_node("Flatten", ["e"], ["f"], "flatten"),
        helper.make_node("Gemm", ["f", "w3"], ["y"], "classify", transB=1),
    ]
    weights = [
        numpy_helper.from_array(generator.standard_normal(shape).astype(np.float32) / 8, name)
        for name, shape in _WEIGHTS.items()
    ]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 32, 32])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 10])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    return model, generator.standard_normal((1, 3, 32, 32)).astype(np.float32)


def save_example(path: Path) -> Path:
    """Write the network, and its input as `x.npy` beside it; returns the latter's path.

    Raises
    ------
    InputError
        When a file cannot be written.
    """
    model, array = example()
    beside = path.with_name("x.npy")
    write_atomically(path, [model.SerializeToString(deterministic=True)])
    content = io.BytesIO()
    np.save(content, array, allow_pickle=False)
    write_atomically(beside, [content.getvalue()])
    return beside
