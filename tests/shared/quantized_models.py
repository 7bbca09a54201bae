"""Small models with QuantizeLinear and DequantizeLinear around operators."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

CONTRIB = "com.microsoft"


class Quantized:
    """A model that grows node by node.

    Parameters
    ----------
    dtype
        Of quantized activations.
    seed
        Of scales, zero points and weights.
    """

    def __init__(self, dtype=np.uint8, seed=0, opset=17):
        self.dtype = np.dtype(dtype)
        self.opset = opset
        self.generator = np.random.default_rng(seed)
        self.nodes, self.constants, self.inputs, self.outputs = [], {}, [], []

    def constant(self, array):
        name = f"c{len(self.constants)}"
        self.constants[name] = np.asarray(array)
        return name

    def op(self, op, *inputs, **attributes):
        """Add a node of one output; arrays among its inputs become constants."""
        names = [each if isinstance(each, str) else self.constant(each) for each in inputs]
        made = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, names, [made], f"{op}_{made}", **attributes))
        return made

    def input(self, *shape):
        name = f"x{len(self.inputs)}"
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        return name

    def quantize(self, value, scale=None, zero=None):
        """Quantize a value; the node's result, its scale and its zero point."""
        low = np.iinfo(self.dtype).min
        scale = np.float32(self.generator.uniform(0.01, 0.05) if scale is None else scale)
        zero = np.asarray(low + int(self.generator.integers(90, 160)) if zero is None else zero, self.dtype)
        return self.op("QuantizeLinear", value, scale, zero), scale, zero

    def pair(self, value, scale=None, zero=None):
        """Quantize a value, and make it real again."""
        return self.op("DequantizeLinear", *self.quantize(value, scale, zero))

    def weights(self, *shape, dtype=np.int8, axis=None):
        """Quantized weights made real: with one scale, or one for each index of an axis; and the scales."""
        limits = np.iinfo(dtype)
        array = self.generator.integers(limits.min, limits.max + 1, shape).astype(dtype)
        count = () if axis is None else shape[axis]
        scale = self.generator.uniform(0.001, 0.02, count).astype(np.float32)
        place = {} if axis is None else {"axis": axis}
        return self.op("DequantizeLinear", array, scale, np.zeros(count, dtype), **place), scale

    def output(self, value):
        self.outputs.append(value)

    def model(self):
        graph = helper.make_graph(
            self.nodes,
            "quantized",
            self.inputs,
            [
                helper.make_value_info(name, helper.make_tensor_type_proto(self._type(name), None))
                for name in self.outputs
            ],
            [numpy_helper.from_array(array, name) for name, array in self.constants.items()],
        )
        imports = [helper.make_opsetid("", self.opset), helper.make_opsetid(CONTRIB, 1)]
        return helper.make_model(graph, opset_imports=imports, ir_version=8)

    def samples(self, count=3):
        """Real inputs, from small to large."""
        generator = np.random.default_rng(1)
        for size in range(count):
            yield {
                each.name: (
                    generator.standard_normal([dim.dim_value for dim in each.type.tensor_type.shape.dim]) * 2**size
                ).astype(np.float32)
                for each in self.inputs
            }

    def _type(self, name):
        made = next(node for node in self.nodes if name in node.output)
        quantized = made.op_type == "QuantizeLinear"
        return helper.np_dtype_to_tensor_dtype(self.dtype) if quantized else TensorProto.FLOAT


def classifier(dtype):
    """Two quantized convolutions, a pool and a product."""
    build = Quantized(dtype)
    value = build.pair(build.input(1, 3, 12, 12))
    for channels, given in ((8, 3), (4, 8)):
        weights, _ = build.weights(channels, given, 3, 3, axis=0)
        value = build.pair(build.op("Relu", build.op("Conv", value, weights, pads=[1] * 4)), scale=4.0)
    value = build.pair(build.op("MaxPool", value, kernel_shape=[2, 2], strides=[2, 2]))
    weights, _ = build.weights(144, 10)
    value = build.pair(build.op("MatMul", build.op("Flatten", value), weights), scale=30.0)
    build.output(value)
    return build.model()


def convolutions():
    """Three in 8 bits: with a few numbers in a window's row, with many, and of single elements."""
    shapes = {"long": (8, 8, 3, 3), "short": (8, 1, 5, 4), "alone": (8, 8, 1, 1)}
    random = np.random.default_rng(0)
    constants = {name: random.integers(-99, 99, shape, dtype=np.int8) for name, shape in shapes.items()}
    constants |= {"scale": np.float32(0.01), "zero": np.int8(0)}
    nodes, before = [], "x"
    for name in ("short", "long", "alone"):
        operands = [before, "scale", "zero", name, "scale", "zero", "scale", "zero"]
        nodes.append(helper.make_node("QLinearConv", operands, [f"{name}_y"], name))
        before = f"{name}_y"
    ports = [("x", [1, 1, 16, 16]), (before, [1, 8, 10, 11])]
    values = [[helper.make_tensor_value_info(name, TensorProto.INT8, shape)] for name, shape in ports]
    initializers = [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "small", *values, initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
