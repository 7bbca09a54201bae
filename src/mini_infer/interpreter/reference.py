"""A node's meaning by `onnx.reference`, for every operator that has no faster or more faithful version here."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import onnx
from onnx import AttributeProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from mini_infer.errors import UnsupportedError
from mini_infer.interpreter.operators.values import Value
from mini_infer.interpreter.widened import OPERATORS, narrowed, widened
from mini_infer.ir import Attribute, Graph, Node, TensorType

_KNOWN_SINCE = {"DequantizeLinear": 19}
"""Operators that `onnx.reference` knows only from some opset on, though their meaning did not change."""


_PRODUCT = 3
"""The output of `Attention` that shows the product of q and k."""


class Reference:
    """One node made ready for `onnx.reference`.

    Its evaluator is made at the first run; for the few operators whose meaning is a function of the input types, one
    per combination of types.
    """

    __slots__ = ("_by_types", "_node", "_prepared", "_proto", "_uncapped")

    def __init__(self, node: Node) -> None:
        schema: Any = _schema(node)  # onnx declares only a part of what its schemas have
        if node.op == "GroupNormalization" and "stash_type" in schema.attributes:
            # Its function casts to this type; what is widened would be float32 again.
            node = replace(node, attributes={**node.attributes, "stash_type": onnx.TensorProto.DOUBLE})
        self._node = node
        self._proto = to_proto(node, schema)
        self._by_types = schema.has_context_dependent_function
        self._prepared: dict[object, ReferenceEvaluator] = {}
        self._uncapped = Reference(_without_softcap(node)) if _shows_capped_product(node) else None

    def __call__(self, inputs: Sequence[Value]) -> Sequence[Value]:
        """The values of the node's outputs."""
        return narrowed(self._node, inputs, self._run(widened(self._node, inputs)))

    def _run(self, inputs: Sequence[Value]) -> Sequence[Value]:
        key = tuple(map(_type_key, inputs)) if self._by_types else None
        evaluator = self._prepared.get(key)
        if evaluator is None:
            evaluator = self._prepared[key] = self._prepare(inputs)
        feeds = {name: value for name, value in zip(self._node.inputs, inputs, strict=True) if name}
        values = dict(zip(evaluator.output_names, evaluator.run(None, feeds), strict=True))
        results = [values.get(name) for name in self._node.outputs]
        if self._uncapped is not None:
            results[_PRODUCT] = self._uncapped(inputs)[_PRODUCT]
        return results

    def _prepare(self, inputs: Sequence[Value]) -> ReferenceEvaluator:
        graph = helper.make_graph(
            [self._proto],
            self._node.op,
            [_value_info(name, value) for name, value in dict(zip(self._node.inputs, inputs, strict=True)).items()],
            [onnx.ValueInfoProto(name=name) for name in self._node.outputs if name],
        )
        version = max(self._node.version, _KNOWN_SINCE.get(self._node.op, 0))
        domains = {self._node.domain: version}
        domains.setdefault("", onnx.defs.onnx_opset_version())
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid(*item) for item in domains.items()])
        evaluator = ReferenceEvaluator(model)
        if self._node.op in OPERATORS:
            _widen_attributes(evaluator)
        return evaluator


def to_proto(node: Node, schema: Any) -> onnx.NodeProto:
    """A plain node as a protobuf, each attribute of the type that its schema says.

    `onnx.reference` fills omitted attributes from the newest schema, so the defaults that changed since the node's
    opset are written out.
    """
    proto = onnx.NodeProto(op_type=node.op, name=node.name, domain=node.domain, input=node.inputs, output=node.outputs)
    known = {name: int(declared.type.value) for name, declared in schema.attributes.items()}
    for name, value in node.attributes.items():
        proto.attribute.append(_to_attribute(name, value, known.get(name)))
    newest = onnx.defs.get_schema(node.op, domain=node.domain).attributes
    for name, declared in schema.attributes.items():
        has_changed = name in newest and declared.default_value != newest[name].default_value
        if has_changed and declared.default_value.type and name not in node.attributes:
            proto.attribute.append(declared.default_value)
    return proto


def _widen_attributes(evaluator: ReferenceEvaluator) -> None:
    """Numbers as Python has them: `onnx.reference` takes the root of Attention's scale in the type of the attribute."""
    for operator in evaluator.rt_nodes_:
        vars(operator).update({name: float(item) for name, item in vars(operator).items() if type(item) is np.float32})


def _shows_capped_product(node: Node) -> bool:
    """Whether `onnx.reference` gives Attention's product after the softcap, though mode 0 asks for it before."""
    asks = node.op == "Attention" and not node.domain and any(node.outputs[_PRODUCT:])
    return asks and not node.attributes.get("qk_matmul_output_mode", 0) and bool(node.attributes.get("softcap", 0.0))


def _without_softcap(node: Node) -> Node:
    return replace(node, attributes={name: value for name, value in node.attributes.items() if name != "softcap"})


def _schema(node: Node) -> Any:
    try:
        return onnx.defs.get_schema(node.op, node.version, node.domain)
    except onnx.defs.SchemaError as error:
        domain = node.domain or "ai.onnx"
        raise UnsupportedError(f"node {node.name!r}: onnx knows no {node.op} in {domain} {node.version}") from error


def _to_attribute(name: str, value: Attribute, kind: Any) -> AttributeProto:
    if isinstance(value, Graph):
        return AttributeProto(name=name, type=AttributeProto.GRAPH, g=_to_graph(value))
    if isinstance(value, np.ndarray):
        return AttributeProto(name=name, type=AttributeProto.TENSOR, t=numpy_helper.from_array(value))
    if kind == AttributeProto.TYPE_PROTO and isinstance(value, bytes):
        return AttributeProto(name=name, type=kind, tp=onnx.TypeProto.FromString(value))
    plain: Any = list(value) if isinstance(value, tuple) else value
    if kind == AttributeProto.FLOAT and isinstance(value, int):
        plain = float(value)
    return helper.make_attribute(name, plain, attr_type=kind)


def _to_graph(graph: Graph) -> onnx.GraphProto:
    """A nested graph as a protobuf."""
    return helper.make_graph(
        [to_proto(node, _schema(node)) for node in graph.nodes],
        graph.name,
        [_graph_value(graph, name) for name in graph.inputs],
        [_graph_value(graph, name) for name in graph.outputs],
        [numpy_helper.from_array(array, name) for name, array in graph.constants.items()],
    )


def _graph_value(graph: Graph, name: str) -> onnx.ValueInfoProto:
    kind = graph.types.get(name)
    if not isinstance(kind, TensorType):
        return onnx.ValueInfoProto(name=name)
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(kind.dtype.numpy), kind.shape)


def _type_key(value: Value) -> object:
    return (value.dtype, value.shape) if isinstance(value, np.ndarray) else type(value)


def _value_info(name: str, value: Value) -> onnx.ValueInfoProto:
    if not isinstance(value, np.ndarray):
        return onnx.ValueInfoProto(name=name)
    is_text = value.dtype.kind in "OUS"
    kind = onnx.TensorProto.STRING if is_text else helper.np_dtype_to_tensor_dtype(value.dtype)
    return helper.make_tensor_value_info(name, kind, value.shape)
