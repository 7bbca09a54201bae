"""Small ONNX models, and reading them with the interpreter's evaluation."""

from collections.abc import Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from mini_infer import frontend
from mini_infer.interpreter import evaluate
from mini_infer.ir import Graph

OPSET = 21


def node(op, inputs, outputs, **attributes) -> onnx.NodeProto:
    return helper.make_node(op, inputs.split(), outputs.split(), **attributes)


def tensor(name, shape, element=TensorProto.FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, element, shape)


def model(nodes, inputs, outputs, constants=(), *, opset=OPSET, **options) -> onnx.ModelProto:
    """`outputs` are names; `constants` is name → array."""
    graph = helper.make_graph(
        nodes,
        "tiny",
        inputs,
        [tensor(name, None) for name in outputs],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in dict(constants).items()],
    )
    imports = [helper.make_opsetid("", opset), *options.pop("imports", ())]
    return helper.make_model(graph, opset_imports=imports, ir_version=10, **options)


def body(nodes, inputs: Sequence[onnx.ValueInfoProto], outputs, constants=()) -> onnx.GraphProto:
    """A nested graph; `outputs` are names."""
    return model(nodes, inputs, outputs, constants).graph


def read(source, **options) -> Graph:
    return frontend.read(source, evaluate=evaluate, **options)


def shapes_of(graph: Graph) -> dict[str, str]:
    return {name: str(kind) for name, kind in graph.types.items()}
