"""The types of one node's outputs: onnx's inference, shown what is known."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import onnx
from onnx import TensorProto, TypeProto, helper, inliner
from onnx.shape_inference import infer_node_outputs

from mini_infer.frontend.inference import quantized
from mini_infer.frontend.inference.scope import Scope
from mini_infer.frontend.inference.shaped import GUESSED, SHAPED
from mini_infer.frontend.inference.types import type_proto
from mini_infer.frontend.rules.operands import Operands
from mini_infer.frontend.rules.results import check_results
from mini_infer.ir import Node, TensorType

_SCALARS = frozenset({"Range"})
"""Operators whose inputs must be scalars for onnx's inference, though every runtime takes tensors of one element."""

_SHAPED_BY_REALS = frozenset({"OneHot", "Range", "Resize", "Upsample"})
"""Operators whose results' shapes may follow from the values of real inputs; from those of integers, any may."""

_INFERRED_AS = {"AveragePool": 22, "LpPool": 22, "MaxPool": 22}
"""Operators whose inference was wrong before some opset, in `ceil_mode`: the later one knows all earlier attributes."""

_DEFAULTS_UNKNOWN = frozenset({"STFT"})
"""Operators whose inference takes an omitted attribute for 0 instead of its default."""


class NodeInference:
    """Infers types by the schemas of one model's opsets."""

    def __init__(self, imports: Sequence[onnx.OperatorSetIdProto]) -> None:
        self._imports = list(imports)
        self._schemas: dict[tuple[str, str, int], onnx.defs.OpSchema] = {}
        self._known: dict[Hashable, list[TypeProto | None]] = {}

    def schema(self, node: Node) -> onnx.defs.OpSchema:
        """What onnx says of the node's operator."""
        key = node.domain, node.op, node.version
        if key not in self._schemas:
            self._schemas[key] = onnx.defs.get_schema(node.op, node.version, node.domain)
        return self._schemas[key]

    def is_function(self, node: Node) -> bool:
        """Whether onnx says which nodes the operator stands for."""
        return node.domain not in quantized.DOMAINS and is_function(self.schema(node))

    def types(self, node: Node, proto: onnx.NodeProto, scope: Scope) -> Mapping[str, TypeProto]:
        """Output name → type, as far as onnx can tell without computing anything.

        Raises
        ------
        InferenceError, ValidationError, ValueError, ModelError
            When the inputs or attributes do not fit the operator.
        """
        if node.domain in quantized.DOMAINS:
            return quantized.types(node, proto, scope)
        if not node.domain and node.op in SHAPED and (made := _shaped(node, scope)) is not None:
            return made
        key = self._key(node, scope)
        if key is None:
            return self._checked(node, proto, scope)
        if key not in self._known:
            inferred = self._checked(node, proto, scope)
            self._known[key] = [inferred.get(name) for name in node.outputs]
        known = zip(node.outputs, self._known[key], strict=True)
        return {name: kind for name, kind in known if name and kind is not None}

    def _checked(self, node: Node, proto: onnx.NodeProto, scope: Scope) -> Mapping[str, TypeProto]:
        """What onnx infers, held against what follows from the inputs."""
        inferred = self._infer(node, proto, scope)
        check_results(Operands(proto, node.version, scope), inferred)
        return inferred

    def _key(self, node: Node, scope: Scope) -> Hashable | None:
        """What the types of a plain node follow from; `None` where the values of its inputs count too."""
        kinds = types_read(node.op, node.inputs, scope)
        attributes = tuple(node.attributes.items())
        if kinds is None or not all(isinstance(value, int | float | str | bytes | tuple) for _, value in attributes):
            return None
        return node.domain, node.op, node.version, attributes, kinds, tuple(map(bool, node.outputs))

    def _infer(self, node: Node, proto: onnx.NodeProto, scope: Scope) -> Mapping[str, TypeProto]:
        types, data = {}, {}
        for name in proto.input:
            if name:
                types[name] = scope.proto(name) or TypeProto()
                tensor = scope.tensor(name)
                if tensor is not None:
                    data[name] = tensor
        types.update((name, scope.proto(name) or TypeProto()) for name in node.captured)
        if node.op in _DEFAULTS_UNKNOWN:
            proto = _with_defaults(proto, self.schema(node))
        if node.op in _SCALARS:
            types = {name: _scalar_type(kind) for name, kind in types.items()}
            data = {name: _scalar(tensor) for name, tensor in data.items()}
        inferred: Mapping[str, TypeProto] = infer_node_outputs(
            self._inferring_schema(node), proto, types, data, opset_imports=self._imports
        )
        return inferred

    def _inferring_schema(self, node: Node) -> onnx.defs.OpSchema:
        schema = self.schema(node)
        if node.domain or node.op not in _INFERRED_AS or schema.since_version >= _INFERRED_AS[node.op]:
            return schema
        return onnx.defs.get_schema(node.op, _INFERRED_AS[node.op])


def types_read(op: str, names: Iterable[str], scope: Scope) -> tuple[TensorType | None, ...] | None:
    """The types of a node's inputs, `None` for an omitted one, if its results' types follow from them.

    None at all where an input has no static shape, or where its value, which is known, counts too.
    """
    kinds: list[TensorType | None] = []
    for name in names:
        kind = scope.type(name) if name else None
        if isinstance(kind, TensorType):
            if (op in _SHAPED_BY_REALS or not kind.dtype.is_float) and scope.tensor(name) is not None:
                return None
            if scope.open_value(name) is not None:
                return None
            kinds.append(kind)
        elif name:
            return None
        else:
            kinds.append(None)
    return tuple(kinds)


def _shaped(node: Node, scope: Scope) -> Mapping[str, TypeProto] | None:
    """The type of what a node of `SHAPED` produces; none to ask onnx."""
    kinds = [scope.type(name) for name in node.inputs if name]
    static = [kind for kind in kinds if isinstance(kind, TensorType)]
    if len(static) == len(kinds):
        made = SHAPED[node.op](node, static)
        return None if made is None else {node.outputs[0]: type_proto(made)}
    proto = scope.proto(node.inputs[0])
    if node.op not in GUESSED or proto is None:
        return None
    return {node.outputs[0]: helper.make_tensor_type_proto(proto.tensor_type.elem_type, None)}


def is_function(schema: Any) -> bool:
    """Whether the schema says which nodes the operator stands for."""
    return bool(schema.has_function or schema.has_context_dependent_function)


def expand(
    proto: onnx.NodeProto,
    schema: onnx.defs.OpSchema,
    imports: Sequence[onnx.OperatorSetIdProto],
    types: Mapping[str, TypeProto | None],
) -> onnx.ModelProto | None:
    """A model of the nodes that the node stands for; `None` when too little is known of its inputs to say."""
    complete = _with_defaults(proto, schema)  # the inliner leaves out what is left out
    inputs = [onnx.ValueInfoProto(name=name, type=kind) for name, kind in types.items()]
    outputs = [onnx.ValueInfoProto(name=name) for name in proto.output if name]
    model = helper.make_model(helper.make_graph([complete], proto.op_type, inputs, outputs), opset_imports=imports)
    wanted = [(proto.domain, proto.op_type)]
    try:
        expanded = inliner.inline_selected_functions(model, wanted, inline_schema_functions=True)
    except RuntimeError:  # an assertion of onnx's that every type is known
        return None
    return None if any(each.op_type == proto.op_type for each in expanded.graph.node) else expanded


def _with_defaults(proto: onnx.NodeProto, schema: onnx.defs.OpSchema) -> onnx.NodeProto:
    """The node with every attribute written out."""
    complete = onnx.NodeProto()
    complete.CopyFrom(proto)
    given = {attribute.name for attribute in proto.attribute}
    for name, declared in schema.attributes.items():
        if name not in given and declared.default_value.type:
            complete.attribute.append(declared.default_value)
    return complete


def _scalar_type(kind: TypeProto) -> TypeProto:
    dims = kind.tensor_type.shape.dim
    if any(dim.HasField("dim_value") and dim.dim_value != 1 for dim in dims):
        return kind
    return helper.make_tensor_type_proto(kind.tensor_type.elem_type, ())


def _scalar(tensor: TensorProto) -> TensorProto:
    scalar = TensorProto()
    scalar.CopyFrom(tensor)
    del scalar.dims[:]
    return scalar
