"""Sequences whose tensors are known one by one: reading from them is reading the tensors.

Exporters write a list of tensors as a sequence (`torch.stack` of a list, `torch.split`). Where it is known which
tensors a sequence holds, `SequenceAt`, `SequenceLength` and `ConcatFromSequence` become operators on these tensors.
What makes the sequence stays, for readers that need it as a whole; with no such reader it is dead code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from mini_infer.frontend.composer import VERSION
from mini_infer.frontend.inference.scope import Scope
from mini_infer.frontend.upgrade import Versioned
from mini_infer.ir import TensorType

_MAKERS = frozenset("Identity SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SplitToSequence".split())


@dataclass(slots=True)
class Sequences:
    """The sequences of one model, as far as they are known.

    Parameters
    ----------
    tensors
        Name of a sequence → names of the tensors in it.
    """

    tensors: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def rewrite(self, node: onnx.NodeProto, version: int, scope: Scope) -> list[Versioned] | None:
        """The nodes that stand for one; `None` for one that stays as it is, a sequence that it makes being noted."""
        if node.op_type not in _OPERATORS or node.domain not in ("", "ai.onnx") or node.output[0] in self.tensors:
            return None
        if node.op_type in _MAKERS:
            extra, tensors = self._made(node, scope)
            if tensors is not None:
                self.tensors[node.output[0]] = tensors
            return [*((each, VERSION) for each in extra), (node, version)] if extra else None
        tensors = self.tensors.get(node.input[0])
        nodes = None if tensors is None else self._read(node, tensors, scope)
        return None if nodes is None else [(each, VERSION) for each in nodes]

    def _made(self, node: onnx.NodeProto, scope: Scope) -> tuple[list[onnx.NodeProto], tuple[str, ...] | None]:
        """The tensors of the sequence that a node makes, and nodes that make them."""
        known = self.tensors.get(node.input[0]) if node.input else ()
        match node.op_type:
            case "SequenceEmpty":
                return [], ()
            case "SequenceConstruct":
                return [], tuple(node.input)
            case "Identity":
                return [], known
            case "SplitToSequence":
                return _split(node, scope)
        place = _index(node, 2 if node.op_type == "SequenceInsert" else 1, scope)
        if known is None or place is None:
            return [], None
        if node.op_type == "SequenceInsert":
            at = len(known) if place is _END else place
            fits = -len(known) <= at <= len(known)
            return [], (*known[:at], node.input[1], *known[at:]) if fits else None
        at = -1 if place is _END else place
        at += len(known) if at < 0 else 0
        return [], (*known[:at], *known[at + 1 :]) if 0 <= at < len(known) else None

    def _read(self, node: onnx.NodeProto, tensors: tuple[str, ...], scope: Scope) -> list[onnx.NodeProto] | None:
        result = node.output[0]
        if node.op_type == "SequenceLength":
            return [_constant(len(tensors), result)]
        if node.op_type == "SequenceAt":
            place = _index(node, 1, scope)
            if place is None or not -len(tensors) <= place < len(tensors):
                return None
            return [helper.make_node("Identity", [tensors[place]], [result], node.name)]
        attributes = _attributes(node)
        axis = attributes["axis"]
        if not tensors:
            return None
        if not attributes.get("new_axis", 0):
            return [helper.make_node("Concat", tensors, [result], node.name, axis=axis)]
        axes, rows = f"{result}/axes", [f"{result}/{k}" for k in range(len(tensors))]
        raised = [helper.make_node("Unsqueeze", [t, axes], [row], row) for t, row in zip(tensors, rows, strict=True)]
        return [_constant([axis], axes), *raised, helper.make_node("Concat", rows, [result], node.name, axis=axis)]


_END = -(2**63)
"""The place of an omitted position."""
_MOST_PARTS = 1 << 14
"""Tensors that a sequence becomes, each a value of the graph; a longer one stays a sequence."""


def _split(node: onnx.NodeProto, scope: Scope) -> tuple[list[onnx.NodeProto], tuple[str, ...] | None]:
    """Split, and Squeeze where the axis goes."""
    kind = scope.type(node.input[0])
    if not isinstance(kind, TensorType):
        return [], None
    attributes = _attributes(node)
    axis = attributes.get("axis", 0) % len(kind.shape)
    length = kind.shape[axis]
    sizes: Any = np.array(1)
    if given := len(node.input) > 1 and node.input[1]:
        sizes = scope.value(node.input[1])
    if sizes is None or (not sizes.ndim and sizes < 1):
        return [], None
    if not sizes.ndim:
        step = int(sizes)
        if length > step * _MOST_PARTS:
            return [], None
        sizes = np.array([min(step, length - start) for start in range(0, length, step)])
    if not 0 < sizes.size <= _MOST_PARTS or sizes.sum() != length:
        return [], None
    name = node.output[0]
    parts = [f"{name}/part{k}" for k in range(sizes.size)]
    nodes = [
        _constant(sizes, f"{name}/sizes"),
        helper.make_node("Split", [node.input[0], f"{name}/sizes"], parts, f"{name}/split", axis=axis),
    ]
    if given or attributes.get("keepdims", 1):
        return nodes, tuple(parts)
    flat = [f"{part}/flat" for part in parts]
    axes = f"{name}/axes"
    nodes.append(_constant([axis], axes))
    nodes += [helper.make_node("Squeeze", [part, axes], [to], to) for part, to in zip(parts, flat, strict=True)]
    return nodes, tuple(flat)


def _index(node: onnx.NodeProto, position: int, scope: Scope) -> int | None:
    """A position that is known; `_END` where it is omitted."""
    if position >= len(node.input) or not node.input[position]:
        return _END
    value = scope.value(node.input[position])
    return None if value is None else int(value.item())


def _attributes(node: onnx.NodeProto) -> Mapping[str, Any]:
    return {each.name: helper.get_attribute_value(each) for each in node.attribute}


def _constant(value: Any, name: str) -> onnx.NodeProto:
    return helper.make_node("Constant", [], [name], value=numpy_helper.from_array(np.asarray(value, np.int64)))


_OPERATORS = _MAKERS | {"ConcatFromSequence", "SequenceAt", "SequenceLength"}
