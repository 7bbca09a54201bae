"""Random graphs, natively: values written into each other's bytes are what they are with bytes of their own."""

import os

import numpy as np
import pytest
from all_passes import pipeline
from driver import FEW, SANITIZE, SEEDS, run_graph
from hypothesis import given
from onnx import helper, numpy_helper

import mini_infer
from mini_infer import frontend, passes
from mini_infer.interpreter import evaluate

GRAPHS = 2 if SANITIZE in os.environ else 6
"""Graphs in one model: compiling is what takes time."""
NODES = 12
SIZE = 7


class Sketch:
    """Models of random graphs over images of one size, with few channels."""

    def __init__(self, rng):
        self.rng = rng
        self.nodes, self.constants, self.outputs = [], [], []
        self.channels = {}

    def constant(self, array):
        self.constants.append(numpy_helper.from_array(array, f"c{len(self.constants)}"))
        return self.constants[-1].name

    def make(self, op, inputs, channels, **attributes):
        names = [f"v{len(self.nodes)}_{k}" for k in range(len(channels))]
        self.nodes.append(helper.make_node(op, inputs, names, **attributes))
        self.channels.update(zip(names, channels, strict=True))
        return names

    def graph(self, source):
        """Grow nodes from a source; what nobody reads becomes an output."""
        values = [source]
        for _ in range(NODES):
            values += self.grow([self.rng.choice(values[-5:]) for _ in range(3)])
        read = {name for node in self.nodes for name in node.input}
        self.outputs += [name for name in values[1:] if name not in read or self.rng.random() < 0.1]

    def grow(self, values):
        x, *_ = values
        c = self.channels[x]
        kind = self.rng.choice(["Conv", "Concat", "Concat", "Split", "Slice", "Relu", "Add", "MaxPool", "Resize", "Up"])
        if kind == "Concat" or c < 2:
            parts = list(dict.fromkeys(values))
            return self.make("Concat", parts, [sum(self.channels[part] for part in parts)], axis=1)
        if kind == "Conv" or c > 40:
            made, size = int(self.rng.choice([4, 8, 11, 16])), int(self.rng.choice([1, 3]))
            weights = self.constant(self.rng.standard_normal((made, c, size, size), np.float32) / c)
            return self.make("Conv", [x, weights], [made], pads=[size // 2] * 4)
        if kind == "Split":
            first = int(self.rng.integers(1, c))
            sizes = self.constant(np.array([first, c - first]))
            return self.make("Split", [x, sizes], [first, c - first], axis=1)
        if kind == "Slice":
            start, stop = sorted(self.rng.choice(c + 1, 2, replace=False))
            bounds = [self.constant(np.array([bound])) for bound in (start, stop, 1)]
            return self.make("Slice", [x, *bounds], [int(stop - start)])
        if kind == "Add":
            (y,) = self.make("Sigmoid", [x], [c])
            return self.make("Add", [x, y], [c])
        if kind == "MaxPool":
            return self.make("MaxPool", [x], [c], kernel_shape=[3, 3], pads=[1, 1, 1, 1])
        if kind == "Resize":
            scales = self.constant(np.array([1, 1, 2, 2], np.float32))
            (wide,) = self.make("Resize", [x, "", scales], [c], mode="nearest")
            return self.make("MaxPool", [wide], [c], kernel_shape=[2, 2], strides=[2, 2])
        if kind == "Up":
            weights = self.constant(self.rng.standard_normal((c, 6, 3, 3), np.float32) / c)
            return self.make("ConvTranspose", [x, weights], [6], pads=[1, 1, 1, 1])
        return self.make("Relu", [x], [c])

    def model(self, inputs):
        kinds = [helper.make_tensor_value_info(name, 1, x.shape) for name, x in inputs.items()]
        outputs = [helper.make_tensor_value_info(name, 1, None) for name in dict.fromkeys(self.outputs)]
        graph = helper.make_graph(self.nodes, "random", kinds, outputs, self.constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def random_model(seed):
    """A model of several random graphs, and its inputs."""
    rng = np.random.default_rng(seed)
    sketch = Sketch(rng)
    inputs = {}
    for index in range(GRAPHS):
        name, channels = f"x{index}", int(rng.choice([3, 8, 12]))
        inputs[name] = rng.standard_normal((int(rng.choice([1, 1, 2])), channels, SIZE, SIZE), np.float32)
        sketch.channels[name] = channels
        sketch.graph(name)
    return sketch.model(inputs), inputs


@pytest.mark.slow
@FEW
@given(seed=SEEDS)
def test_aliases_change_no_bit(seed):
    model, inputs = random_model(seed)
    graph = frontend.read(model, evaluate=evaluate)
    graph = passes.run(graph, pipeline(), passes.Remarks())
    arrays = list(inputs.values())
    apart, together = (run_graph(graph, arrays, in_place=in_place) for in_place in (False, True))
    for ours, theirs in zip(together, apart, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    for goal in ("balanced", "memory"):
        context = mini_infer.compile(model, compiler="none", optimize=goal).create_context(poison=True)
        for ours, theirs in zip(together, context.run(inputs).values(), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)
