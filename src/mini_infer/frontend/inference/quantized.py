"""Types of the operators on quantized tensors that onnx has no schema for (`ir.quantized`)."""

from collections.abc import Callable, Mapping, Sequence

import onnx
from onnx import TypeProto, helper
from onnx.shape_inference import infer_node_outputs

from mini_infer.frontend.inference.scope import Scope
from mini_infer.frontend.inference.types import type_proto
from mini_infer.frontend.rules.claims import merged_shape
from mini_infer.ir import DType, Node, TensorType
from mini_infer.ir.graph import CONTRIB_DOMAIN, QUANTIZED_DOMAIN

Shape = tuple[int, ...]

DOMAINS = frozenset({CONTRIB_DOMAIN, QUANTIZED_DOMAIN})
"""The domains of these operators."""

_POOLING = onnx.defs.get_schema("AveragePool", 22)


def types(node: Node, proto: onnx.NodeProto, scope: Scope) -> Mapping[str, TypeProto]:
    """Output name → type: complete where all inputs are static, otherwise its element type alone.

    Raises
    ------
    InferenceError, ValueError
        When the inputs do not fit.
    """
    typed_by, shape_of = _RULES[node.op]
    element = scope.type(node.inputs[typed_by])
    if not isinstance(element, TensorType):
        return {}
    kinds = [scope.type(name) for name in node.inputs if name]
    static = [kind for kind in kinds if isinstance(kind, TensorType) and not kind.is_open]
    if len(static) == len(kinds):
        return {node.outputs[0]: type_proto(TensorType(element.dtype, shape_of(proto, static)))}
    unknown = helper.make_tensor_type_proto(helper.np_dtype_to_tensor_dtype(element.dtype.numpy), None)
    return {node.outputs[0]: unknown}


def _first(_proto: onnx.NodeProto, kinds: Sequence[TensorType]) -> Shape:
    return kinds[0].shape


def _broadcast(_proto: onnx.NodeProto, kinds: Sequence[TensorType]) -> Shape:
    shape = merged_shape(kinds[0].shape, kinds[3].shape)
    if shape is None:
        raise ValueError(f"{kinds[0]} and {kinds[3]} do not broadcast")
    return shape


def _pooled(proto: onnx.NodeProto, kinds: Sequence[TensorType]) -> Shape:
    """As onnx infers the real pool."""
    real = onnx.NodeProto()
    real.CopyFrom(proto)
    real.op_type, real.domain = "AveragePool", ""
    del real.input[1:]
    given = {real.input[0]: type_proto(TensorType(DType.FLOAT32, kinds[0].shape))}
    made = infer_node_outputs(_POOLING, real, given)[real.output[0]]
    return tuple(dim.dim_value for dim in made.tensor_type.shape.dim)


def _pooled_whole(_proto: onnx.NodeProto, kinds: Sequence[TensorType]) -> Shape:
    shape = kinds[0].shape
    return (*shape[:2], *[1] * (len(shape) - 2))


def _gathered(proto: onnx.NodeProto, kinds: Sequence[TensorType]) -> Shape:
    data, indices = kinds[0].shape, kinds[1].shape
    return (*indices, *data[1:-1], data[-1] * 8 // _integer(proto, "bits"))


def _multiplied(proto: onnx.NodeProto, kinds: Sequence[TensorType]) -> Shape:
    return (*kinds[0].shape[:-1], _integer(proto, "N"))


def _integer(proto: onnx.NodeProto, name: str) -> int:
    return int(next(attribute.i for attribute in proto.attribute if attribute.name == name))


_RULES: Mapping[str, tuple[int, Callable[[onnx.NodeProto, Sequence[TensorType]], Shape]]] = {
    "GatherBlockQuantized": (2, _gathered),
    "Lookup": (1, _first),
    "MatMulNBits": (0, _multiplied),
    "QLinearAdd": (0, _broadcast),
    "QLinearAveragePool": (0, _pooled),
    "QLinearGlobalAveragePool": (0, _pooled_whole),
    "QLinearMul": (0, _broadcast),
    "QLinearSoftmax": (0, _first),
    "Requantize": (2, _first),
}
"""Operator → the input whose element type its result has, and the shape of that."""
