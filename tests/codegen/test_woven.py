"""Planes of numbers quantized into pixels, against the interpreter: of every width of rows, for every vector."""

import numpy as np
import pytest
from driver import MACHINES, run_graph
from machines import SCALAR

from mini_infer.interpreter import run_graph as interpreted
from mini_infer.ir import DType, Graph, Node, TensorType
from mini_infer.passes.rewriter import fuse

SIZES = [(1, 1), (2, 3), (3, 5), (1, 15), (4, 16), (5, 17), (2, 70)]


def woven(height, width, planes, dtype, batch):
    """A graph that quantizes an image, and its image."""
    shapes = {"x": (batch, planes, height, width), "y": (batch, height, width, planes)}
    quantize = Node("q", "QuantizeLinear", ("x", "s", "z"), ("q",), version=13)
    node = fuse("Transpose", (quantize, Node("t", "Transpose", ("q",), ("y",), {"perm": (0, 2, 3, 1)}, version=13)))
    constants = {"s": np.array(0.25, np.float32), "z": np.array(5, dtype)}
    types = {
        "x": TensorType(DType.FLOAT32, shapes["x"]),
        "y": TensorType(DType.of(np.dtype(dtype)), shapes["y"]),
        **{name: TensorType(DType.of(array.dtype), ()) for name, array in constants.items()},
    }
    image = np.random.default_rng(height * width).integers(-300, 300, shapes["x"]).astype(np.float32) / 8
    return Graph("g", (node,), ("x",), ("y",), types, constants), image


@pytest.mark.parametrize("machine", [*MACHINES, pytest.param(SCALAR, id="plain C")])
@pytest.mark.parametrize(("planes", "dtype", "batch"), [(3, np.uint8, 1), (2, np.int8, 2), (4, np.uint8, 2)])
def test_planes_become_pixels(machine, planes, dtype, batch):
    for height, width in SIZES:
        graph, image = woven(height, width, planes, dtype, batch)
        (found,) = run_graph(graph, [image], machine=machine)
        np.testing.assert_array_equal(found, interpreted(graph, {"x": image})["y"])
