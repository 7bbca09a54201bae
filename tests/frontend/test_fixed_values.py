"""Inputs that become constants."""

import numpy as np
import pytest
from onnx import TensorProto
from tiny_models import model, node, read, shapes_of, tensor

from mini_infer.errors import ModelError

PROTO = model(
    [node("Cast", "rate", "r", to=TensorProto.FLOAT), node("Mul", "x r", "y")],
    [tensor("x", [2, 3]), tensor("rate", [1], TensorProto.INT64)],
    ["y"],
)


@pytest.mark.parametrize("value", [16000, [16000], 16000.0, np.array([16000], np.int32)])
def test_a_value_takes_the_inputs_type(value):
    graph = read(PROTO, fixed={"rate": value})
    assert graph.inputs == ("x",)
    assert graph.constants["rate"].dtype == np.int64
    assert graph.constants["rate"].tolist() == [16000]


def test_a_value_gives_open_dimensions():
    proto = model([node("Add", "x w", "y")], [tensor("x", [2, 3]), tensor("w", ["n", 3])], ["y"])
    graph = read(proto, fixed={"w": np.ones((2, 3))})
    assert graph.constants["w"].dtype == np.float32
    assert shapes_of(graph)["w"] == "float32[2x3]"


@pytest.mark.parametrize(
    ("fixed", "text"),
    [
        ({"speed": 1}, "no input 'speed' to fix; its inputs are x, rate"),
        ({"rate": 1.5}, r"'rate' is int64\[1\], so it cannot be fixed at 1.5"),
        ({"rate": [1, 2]}, r"cannot be fixed at int64\[2\]"),
        ({"rate": "fast"}, "cannot be fixed at 'fast'"),
        ({"x": np.zeros((3, 2))}, r"'x' is float32\[2x3\], so it cannot be fixed at float64\[3x2\]"),
    ],
)
def test_values_that_do_not_fit(fixed, text):
    with pytest.raises(ModelError, match=text):
        read(PROTO, fixed=fixed)
