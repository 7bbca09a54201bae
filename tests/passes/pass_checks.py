"""Graphs from ONNX text, and whether two graphs mean the same."""

import numpy as np
import onnx.parser

from mini_infer import frontend
from mini_infer.interpreter import evaluate, run_graph
from mini_infer.ir import Graph, TensorType, format_graph, verify
from mini_infer.passes import Remarks


def graph_of(text, opset=18, constants=None):
    """The graph of a model's text; `constants` adds random ones of the given shapes: name → shape."""
    if "opset_import" not in text:
        text = f'<ir_version: 9, opset_import: ["": {opset}]>\n{text}'
    model = onnx.parser.parse_model(text)
    generator = np.random.default_rng(0)
    for name, shape in (constants or {}).items():
        array = generator.uniform(0.25, 1.25, shape).astype(np.float32)
        model.graph.initializer.append(onnx.numpy_helper.from_array(array, name))
    return frontend.read(model, evaluate=evaluate)


def random_inputs(graph, seed=0):
    generator = np.random.default_rng(seed)
    return {name: random_array(generator, graph.types[name]) for name in graph.inputs}


def random_array(generator, kind):
    assert isinstance(kind, TensorType)
    if kind.dtype.is_float:
        return generator.standard_normal(kind.shape).astype(kind.dtype.numpy)
    return generator.integers(0, 2, kind.shape).astype(kind.dtype.numpy)


def assert_same_meaning(before, after, *, exact=False, seed=0):
    """Both graphs give the same outputs for random inputs, exactly or up to rounding."""
    verify(after)
    assert after.inputs == before.inputs
    assert after.outputs == before.outputs
    inputs = random_inputs(before, seed)
    expected, actual = run_graph(before, inputs), run_graph(after, inputs)
    for name in before.outputs:
        assert actual[name].dtype == expected[name].dtype
        assert actual[name].shape == expected[name].shape
        if exact or expected[name].dtype.kind != "f":
            np.testing.assert_array_equal(actual[name], expected[name])
        else:
            scale = np.abs(expected[name]).max(initial=1e-30)
            np.testing.assert_allclose(actual[name], expected[name], rtol=1e-5, atol=2e-6 * scale)


def apply(rewrite, graph, *, exact=False):
    """The graph after a pass, checked: same meaning, and a second time nothing more happens. And the remarks."""
    remarks = Remarks()
    after = rewrite(graph, remarks)
    assert_same_meaning(graph, after, exact=exact)
    again = Remarks()
    assert format_graph(rewrite(after, again)) == format_graph(after)
    return after, remarks


def operators(graph):
    """The operators in order; of fused nodes, those of the body in brackets."""
    return [f"{node.op}[{' '.join(inner.op for inner in node.body)}]" if node.body else node.op for node in graph.nodes]


def reasons(remarks):
    """Every reason for a refusal, as one text."""
    return "\n".join(rewrite.text for rewrite in remarks.entries if not rewrite.applied)


__all__ = ["Graph", "apply", "assert_same_meaning", "graph_of", "operators", "random_inputs", "reasons"]
