"""A value that a node reads as its data and as its weights keeps the layout of both."""

import numpy as np
import pytest
from onnx import TensorProto, helper

import mini_infer as mi


def engine(op, **attributes):
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, 3, 3])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph([helper.make_node(op, ["x", "x"], ["y"], **attributes)], "twice", [x], [y])
    return mi.compile(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8))


X = np.arange(9, dtype=np.float32).reshape(1, 1, 3, 3)


@pytest.mark.parametrize("pads", [0, 1, 2])
def test_convolution(pads):
    got = engine("Conv", pads=[pads] * 4).create_context().run({"x": X})["y"]
    wide = np.pad(X[0, 0], pads)
    size = 1 + 2 * pads
    expected = [[(wide[i : i + 3, j : j + 3] * X[0, 0]).sum() for j in range(size)] for i in range(size)]
    np.testing.assert_array_equal(got[0, 0], expected)


def test_transposed_convolution():
    got = engine("ConvTranspose", strides=[3, 2], pads=[1, 2, 1, 2]).create_context().run({"x": X})["y"]
    whole = np.zeros((9, 7), np.float32)
    for i in range(3):
        for j in range(3):
            whole[3 * i : 3 * i + 3, 2 * j : 2 * j + 3] += X[0, 0, i, j] * X[0, 0]
    np.testing.assert_array_equal(got[0, 0], whole[1:-1, 2:-2])
