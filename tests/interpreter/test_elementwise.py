"""Erf and Mean against onnxruntime, and float64 activations against their formulas."""

import math

import numpy as np
import pytest
from against_onnxruntime import agree
from onnx import TensorProto, helper

from mini_infer import compile  # noqa: A004 - as users import it


def test_erf_is_exact_to_single_precision():
    x = np.concatenate([np.linspace(-7, 7, 4001), [0.46875, 4, -4, np.inf, -np.inf, np.nan, 0.0]]).astype(np.float32)
    agree("Erf", [x], rtol=3e-7, atol=3e-7)


def test_mean_broadcasts_both_ways():
    random = np.random.default_rng(0)
    agree("Mean", [random.standard_normal(shape, np.float32) for shape in ((3, 1), (1, 4), (2, 1, 1))])


@pytest.mark.parametrize(
    ("op", "attributes", "function"),
    [
        ("HardSwish", {}, lambda v: v * min(max(v / 6 + 0.5, 0), 1)),
        ("HardSigmoid", {}, lambda v: min(max(v * float(np.float32(0.2)) + 0.5, 0), 1)),
        ("LeakyRelu", {}, lambda v: v if v >= 0 else v * float(np.float32(0.01))),
        ("Gelu", {}, lambda v: v * math.erfc(-v / math.sqrt(2)) / 2),
        (
            "Gelu",
            {"approximate": "tanh"},
            lambda v: v / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (v + 0.044715 * v**3))),
        ),
    ],
)
@pytest.mark.parametrize("shape", [(), (41,)])
@pytest.mark.parametrize("compiler", [None, "none"])
def test_constants_of_activations_are_those_of_onnx_in_float64_too(op, attributes, function, shape, compiler):
    x = np.linspace(-4, 4, 41) if shape else np.array(-1.0)
    node = helper.make_node(op, ["x"], ["y"], **attributes)
    ports = [helper.make_tensor_value_info(name, TensorProto.DOUBLE, shape) for name in "xy"]
    graph = helper.make_graph([node], op, ports[:1], ports[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)
    got = compile(model, compiler=compiler).create_context().run({"x": x})["y"]
    np.testing.assert_allclose(got, np.vectorize(function, otypes=[float])(x), rtol=1e-14, atol=1e-14)
