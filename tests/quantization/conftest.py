from types import SimpleNamespace

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from mini_infer.demo import assets


@pytest.fixture
def lenet():
    """LeNet-5's file, and its digits as samples."""
    return SimpleNamespace(model=assets.MODEL, samples=[{"input": each[None]} for each in assets.load_digits().inputs])


@pytest.fixture
def make():
    """Make a model of nodes and weights: one input `x`, one output `y`."""

    def model(nodes, weights, x, y, *, opset=18):
        graph = helper.make_graph(
            nodes,
            "net",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, x)],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, y)],
            [numpy_helper.from_array(array, name) for name, array in weights.items()],
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)

    return model


@pytest.fixture
def samples():
    """Draw samples of `x`."""

    def draw(*shape, count=4):
        generator = np.random.default_rng(3)
        return [{"x": generator.standard_normal(shape).astype(np.float32)} for _ in range(count)]

    return draw
