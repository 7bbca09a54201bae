"""The weights of a model, taken out of its message."""

from collections.abc import Iterable, Iterator

import numpy as np
import onnx
from onnx import TensorProto, helper

from mini_infer.errors import ModelError
from mini_infer.frontend.inference.control import CONTROL
from mini_infer.frontend.model.tensors import Data, Folder, dense, internalise, nested_tensors, to_array

_LARGE = 1 << 16
"""Bytes of a tensor that is taken out of the message wherever it stands; nobody reads sizes or axes from so many."""


def detach_weights(
    model: onnx.ModelProto, folder: Folder | None
) -> tuple[onnx.ModelProto, dict[str, np.ndarray], Data]:
    """A model light enough to be copied: inputs stand where initializers were, and references for other large tensors.

    Besides it come the initializers' values, and what finds the values of all tensors left in the message. External
    data of these (attributes, nested graphs, functions) is fetched.

    Raises
    ------
    ModelError
        When a tensor's data are wrong or two initializers have one name.
    """
    graph = model.graph
    data = Data(folder)
    weights: dict[str, np.ndarray] = {}
    elements: dict[str, int] = {}
    tensors = [(tensor.name, tensor.data_type, to_array(tensor, data)) for tensor in graph.initializer]
    tensors += [
        (sparse.values.name, sparse.values.data_type, dense(sparse, data)) for sparse in graph.sparse_initializer
    ]
    for name, element, array in tensors:
        if name in weights:
            raise ModelError(f"two initializers are called {name!r}")
        weights[name], elements[name] = array, element
    del graph.initializer[:], graph.sparse_initializer[:]
    for nodes in (graph.node, *(function.node for function in model.functions)):
        for tensor in nested_tensors(nodes):
            if tensor.data_location == TensorProto.EXTERNAL:
                internalise(tensor, folder)
        for tensor in _detachable(nodes):
            if tensor.ByteSize() >= _LARGE and tensor.data_type != TensorProto.STRING:
                data.detach(tensor)
    light = onnx.ModelProto()
    light.CopyFrom(model)  # the message it came in keeps the memory of what was deleted
    declared = {info.name for info in light.graph.input}
    for name, array in weights.items():
        if name not in declared:
            light.graph.input.append(helper.make_tensor_value_info(name, elements[name], array.shape))
    return light, weights, data


def _detachable(nodes: Iterable[onnx.NodeProto]) -> Iterator[TensorProto]:
    """Constants whose type onnx is never asked to infer: those of nodes, and of nested graphs that are read here."""
    for node in nodes:
        for attribute in node.attribute:
            if node.op_type == "Constant" and attribute.HasField("t"):
                yield attribute.t
            if node.op_type in CONTROL and attribute.HasField("g"):
                yield from attribute.g.initializer
                yield from _detachable(attribute.g.node)
