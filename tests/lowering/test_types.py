"""What no kernel has code for is interpreted, whatever lowering thought of it: the kernels themselves know."""

import ml_dtypes
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import mini_infer as mi

BFLOAT16 = TensorProto.BFLOAT16
MODELS = {
    "BatchNormalization": ("s m v w".split(), {}),
    "Hardmax": ([], {"axis": 1}),
}


@pytest.mark.parametrize("op", MODELS)
def test_a_type_without_code_is_interpreted(op):
    names, attributes = MODELS[op]
    shapes = {"x": [2, 3, 4], **{name: [3] for name in names}}
    inputs = [helper.make_tensor_value_info(name, BFLOAT16, shape) for name, shape in shapes.items()]
    outputs = [helper.make_tensor_value_info("y", BFLOAT16, [2, 3, 4])]
    graph = helper.make_graph([helper.make_node(op, list(shapes), ["y"], **attributes)], op, inputs, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=9)
    onnx.checker.check_model(model)
    engine = mi.compile(model)
    assert [bool(step.interpreted_because) for step in engine.program.steps] == [True]
    x = np.arange(24.0).reshape(2, 3, 4)[:, ::-1].copy()
    given = {"x": x.astype(ml_dtypes.bfloat16)} | {name: np.ones(3, ml_dtypes.bfloat16) for name in names}
    y = engine.create_context().run(given)["y"].astype(np.float64)
    if op == "Hardmax":
        np.testing.assert_array_equal(y, x == x.max(axis=1, keepdims=True))
    else:  # ones for scale, shift, mean and variance
        np.testing.assert_allclose(y, (x - 1) / np.sqrt(1 + 1e-5) + 1, rtol=2**-8)
