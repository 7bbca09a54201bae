"""The weights of a model, taken out of its message."""

import numpy as np
import onnx
from onnx import TensorProto, helper

from mini_infer.errors import ModelError
from mini_infer.frontend.tensors import Folder, dense, internalise, nested_tensors, to_array


def detach_weights(model: onnx.ModelProto, folder: Folder | None) -> tuple[onnx.ModelProto, dict[str, np.ndarray]]:
    """A model with inputs where initialisers were, light enough to be copied, and the initialisers' values.

    External data of other tensors (attributes, nested graphs) is fetched into the message.

    Raises
    ------
    ModelError
        When a tensor's data are wrong or two initialisers have one name.
    """
    graph = model.graph
    weights: dict[str, np.ndarray] = {}
    elements: dict[str, int] = {}
    tensors = [(tensor.name, tensor.data_type, to_array(tensor, folder)) for tensor in graph.initializer]
    tensors += [
        (sparse.values.name, sparse.values.data_type, dense(sparse, folder)) for sparse in graph.sparse_initializer
    ]
    for name, element, array in tensors:
        if name in weights:
            raise ModelError(f"two initialisers are called {name!r}")
        weights[name], elements[name] = array, element
    del graph.initializer[:], graph.sparse_initializer[:]
    for tensor in nested_tensors(graph):
        if tensor.data_location == TensorProto.EXTERNAL:
            internalise(tensor, folder)
    light = onnx.ModelProto()
    light.CopyFrom(model)  # the message it came in keeps the memory of what was deleted
    declared = {info.name for info in light.graph.input}
    for name, array in weights.items():
        if name not in declared:
            light.graph.input.append(helper.make_tensor_value_info(name, elements[name], array.shape))
    return light, weights
