"""Small models for the runtime's tests."""

import crafting
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import mini_infer as mi


@pytest.fixture(scope="session")
def model() -> onnx.ModelProto:
    """A small network with views, an in-place activation and two outputs, one of them read again."""
    rng = np.random.default_rng(0)
    weights = {
        "w1": rng.standard_normal((4, 2, 3, 3)).astype(np.float32),
        "w2": rng.standard_normal((64, 5)).astype(np.float32),
        "shape": np.array([1, 64], np.int64),
    }
    nodes = [
        helper.make_node("Conv", ["x", "w1"], ["c"], name="conv", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["r"], name="relu"),
        helper.make_node("Reshape", ["r", "shape"], ["flat"], name="flatten"),
        helper.make_node("MatMul", ["flat", "w2"], ["y"], name="matmul"),
        helper.make_node("Sigmoid", ["y"], ["p"], name="sigmoid"),
    ]
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2, 4, 4])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 5]) for name in ("y", "p")],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


@pytest.fixture
def x() -> np.ndarray:
    """An input for the small network."""
    return np.random.default_rng(1).standard_normal((1, 2, 4, 4)).astype(np.float32)


@pytest.fixture(scope="session")
def dynamic_model() -> onnx.ModelProto:
    """A row-wise network whose batch is open."""
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "w"], ["h"], name="matmul"),
            helper.make_node("Relu", ["h"], ["y"], name="relu"),
        ],
        "rows",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 4])],
        [numpy_helper.from_array(np.arange(12, dtype=np.float32).reshape(3, 4) - 6, "w")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


CRAFTED = {"convolutions": crafting.convolutions, "control": crafting.control, "attention": crafting.attention}


@pytest.fixture(scope="session")
def files(tmp_path_factory) -> dict[str, crafting.Parts]:
    """Name → a valid engine file taken apart."""
    folder = tmp_path_factory.mktemp("crafted")
    parts = {}
    for name, make in CRAFTED.items():
        mi.compile(make(), compiler="none").save(folder / f"{name}.engine")
        parts[name] = crafting.Parts.of(folder / f"{name}.engine")
    return parts
