"""A quantized model at the limits of what real numbers tell apart."""

import numpy as np
import onnx
from onnx import helper, numpy_helper

KIND = onnx.TensorProto.FLOAT


def tied():
    """A product whose sums lie in the middle of two steps of its result, which real numbers miss by their last bits."""
    generator = np.random.default_rng(5)
    constants = {
        "s": np.float32(0.1),
        "z": np.uint8(128),
        "w": generator.integers(-9, 9, (64, 32)).astype(np.int8),
        "w_s": np.float32(1),
        "w_z": np.int8(0),
        "y_s": np.float32(1.6),  # of sums of tenths: many are 8 times an odd number
        "y_z": np.uint8(120),
    }
    steps = [
        ("QuantizeLinear", ["x", "s", "z"], "q"),
        ("DequantizeLinear", ["q", "s", "z"], "real"),
        ("DequantizeLinear", ["w", "w_s", "w_z"], "weights"),
        ("MatMul", ["real", "weights"], "product"),
        ("QuantizeLinear", ["product", "y_s", "y_z"], "made"),
        ("DequantizeLinear", ["made", "y_s", "y_z"], "y"),
    ]
    graph = helper.make_graph(
        [helper.make_node(op, inputs, [result], f"{op}_{result}") for op, inputs, result in steps],
        "ties",
        [helper.make_tensor_value_info("x", KIND, [48, 64])],
        [helper.make_tensor_value_info("y", KIND, [48, 32])],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
