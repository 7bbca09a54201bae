"""A model without its weights: what others need to see what happens to it, and may be shown."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import onnx
from onnx import AttributeProto, numpy_helper

_MOST_NUMBERS = 16
"""Of a constant whose integers are told: shapes, axes and sizes have fewer. Real numbers never are."""

_MOST_LETTERS = 64
"""Of a text attribute: modes and equations have fewer."""


def outline(model: onnx.ModelProto) -> dict[str, Any]:
    """The graph as JSON: nodes, names, types, attributes; of constants their types, and integers where they are few.

    Documentation strings, metadata and the values of weights are left out.
    """
    return {
        "ir_version": model.ir_version,
        "producer": f"{model.producer_name} {model.producer_version}".strip(),
        "opsets": {each.domain or "ai.onnx": each.version for each in model.opset_import},
        "functions": [f"{each.domain}.{each.name}" for each in model.functions],
        "graph": _graph(model.graph),
    }


def _graph(graph: onnx.GraphProto) -> dict[str, Any]:
    return {
        "inputs": _values(graph.input),
        "outputs": _values(graph.output),
        "constants": {tensor.name: _constant(tensor) for tensor in graph.initializer},
        "nodes": [
            {
                "name": node.name,
                "op": f"{node.domain}.{node.op_type}" if node.domain else node.op_type,
                "inputs": list(node.input),
                "outputs": list(node.output),
                "attributes": {each.name: _attribute(each) for each in node.attribute},
            }
            for node in graph.node
        ],
    }


def _values(infos: Iterable[onnx.ValueInfoProto]) -> dict[str, str]:
    return {info.name: _type(info.type) for info in infos}


def _type(kind: onnx.TypeProto) -> str:
    if not kind.HasField("tensor_type"):
        return str(kind.WhichOneof("value"))
    dims = [dim.dim_param or str(dim.dim_value) for dim in kind.tensor_type.shape.dim]
    shape = "x".join(dims) if kind.tensor_type.HasField("shape") else "?"
    return f"{_element(kind.tensor_type.elem_type)}[{shape}]"


def _constant(tensor: onnx.TensorProto) -> str:
    text = f"{_element(tensor.data_type)}[{'x'.join(map(str, tensor.dims))}]"
    whole = tensor.data_type in (onnx.TensorProto.INT64, onnx.TensorProto.INT32, onnx.TensorProto.BOOL)
    if whole and not tensor.external_data and 0 < int(np.prod(tensor.dims)) <= _MOST_NUMBERS:
        text += f" = {numpy_helper.to_array(tensor).tolist()}"
    return text


def _element(number: int) -> str:
    known = number in onnx.TensorProto.DataType.values()
    return onnx.TensorProto.DataType.Name(number).lower() if known else f"type {number}"


def _attribute(attribute: AttributeProto) -> Any:
    match attribute.type:
        case AttributeProto.INT:
            return attribute.i
        case AttributeProto.INTS if len(attribute.ints) <= _MOST_NUMBERS:
            return list(attribute.ints)
        case AttributeProto.FLOAT:
            return repr(attribute.f)
        case AttributeProto.STRING if len(attribute.s) <= _MOST_LETTERS:
            return attribute.s.decode("utf-8", "replace")
        case AttributeProto.TENSOR:
            return _constant(attribute.t)
        case AttributeProto.GRAPH:
            return _graph(attribute.g)
        case kind:
            return AttributeProto.AttributeType.Name(kind).lower()
