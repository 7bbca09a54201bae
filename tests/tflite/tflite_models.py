"""TFLite models that are made here: chains and diamonds of Relu and Add on vectors of float32."""

import numpy as np

from mini_infer.tflite.library import schema
from mini_infer.tflite.model import serialized

RELU, ADD = 19, 0


def model(sizes, nodes, inputs, outputs, *, weights=(), variables=(), subgraphs=1):
    """A model's object: `sizes` of its tensors, `nodes` as (operands, result), one operand a Relu, two an Add.

    `weights` are tensors with constants, the same number as many times as it takes.
    """
    tables = schema()
    made = tables.ModelT()
    made.version, made.description = 3, "made by a test"
    made.operatorCodes = []
    for number in (RELU, ADD):
        code = tables.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = number
        code.version = 1
        made.operatorCodes.append(code)
    made.buffers = [tables.BufferT()]
    graph = tables.SubGraphT()
    graph.name, graph.inputs, graph.outputs, graph.tensors, graph.operators = "net", inputs, outputs, [], []
    for index, size in enumerate(sizes):
        tensor = tables.TensorT()
        tensor.name, tensor.shape, tensor.type, tensor.buffer = f"t{index}", [1, size], tables.TensorType.FLOAT32, 0
        tensor.isVariable = index in variables
        if index in weights:
            tensor.buffer = len(made.buffers)
            made.buffers.append(tables.BufferT(np.full(size, 0.5 + index, np.float32).view(np.uint8)))
        graph.tensors.append(tensor)
    for operands, result in nodes:
        node = tables.OperatorT()
        node.opcodeIndex, node.inputs, node.outputs = len(operands) - 1, list(operands), [result]
        if len(operands) == 2:
            node.builtinOptionsType, node.builtinOptions = tables.BuiltinOptions.AddOptions, tables.AddOptionsT()
        graph.operators.append(node)
    made.subgraphs = [graph] * subgraphs
    return made


def diamonds():
    """Several vectors alive at once, of sizes that are no multiples of 16 bytes, with a constant between."""
    sizes = [5, 5, 5, 5, 5, 5, 5]
    nodes = [((0,), 1), ((1, 2), 3), ((0,), 4), ((3, 4), 5), ((5, 1), 6)]
    return model(sizes, nodes, [0], [6], weights=[2])


def save(made, path):
    path.write_bytes(serialized(made))
    return path
