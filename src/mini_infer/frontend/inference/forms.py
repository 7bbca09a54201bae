"""Nodes alike: what reading one of them found out holds for all, so that a model of many nodes has few to think about.

Nodes are of one form when they have the same operator, opset and attributes, and inputs of the same static types. What
reading such a node needs to know follows from its form alone,

1. if it is read as a single node of this operator, with results of static types,
2. if nobody asked for a value meanwhile: a rule may ask for the axes, which are an input.

Nodes with nested graphs or tensors in their attributes have no form.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import onnx
from onnx import AttributeProto, TypeProto

from mini_infer.frontend.inference.outputs import types_read
from mini_infer.frontend.inference.scope import Scope
from mini_infer.ir import Node, TensorType

_PLAIN = frozenset(
    {
        AttributeProto.FLOAT,
        AttributeProto.INT,
        AttributeProto.STRING,
        AttributeProto.FLOATS,
        AttributeProto.INTS,
        AttributeProto.STRINGS,
    }
)
"""Attributes that are compared."""

Result = tuple[TypeProto | None, TensorType]
"""The type of an output, as ONNX writes it and in the graph's terms."""


class Form(NamedTuple):
    """A node as its message has it, and what all nodes alike have in common with it."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    key: Hashable

    @classmethod
    def of(cls, proto: onnx.NodeProto, version: int, scope: Scope) -> "Form | None":
        """The form of a node; none where more than that counts."""
        inputs = tuple(proto.input)
        kinds = types_read(proto.op_type, inputs, scope) if inputs else None
        if kinds is None:
            return None
        attributes: tuple[bytes, ...] = ()
        if proto.attribute:
            if any(each.type not in _PLAIN for each in proto.attribute):
                return None
            attributes = tuple(each.SerializeToString() for each in proto.attribute)
        outputs = tuple(proto.output)
        return cls(inputs, outputs, (proto.op_type, proto.domain, version, attributes, kinds, *map(bool, outputs)))


@dataclass(frozen=True, slots=True)
class Known:
    """The first node of a form, and the types of its outputs; none of an omitted one."""

    node: Node
    results: tuple[Result | None, ...]


@dataclass(slots=True)
class Forms:
    """What is known of the forms that were read, of one model."""

    _known: dict[Hashable, Known] = field(default_factory=dict)

    def find(self, form: Form) -> Known | None:
        """What reading a node of the form found out."""
        return self._known.get(form.key)

    def note(self, form: Form, nodes: Sequence[Node], scope: Scope) -> None:
        """Keep what a node of the form was read as, if that is what it is."""
        if len(nodes) != 1 or nodes[0].inputs != form.inputs or nodes[0].outputs != form.outputs:
            return
        results: list[Result | None] = []
        for name in form.outputs:
            kind = scope.type(name) if name else None
            if name and not isinstance(kind, TensorType):
                return
            results.append((scope.proto(name), kind) if isinstance(kind, TensorType) else None)
        self._known[form.key] = Known(nodes[0], tuple(results))
