"""Types of operators with nested graphs: If, Loop, Scan and SequenceMap."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import onnx
from onnx import TensorProto, TypeProto, helper

from mini_infer.errors import ModelError
from mini_infer.frontend.inference.scope import Scope
from mini_infer.frontend.inference.types import join
from mini_infer.ir import Graph

Nested = Callable[
    [onnx.GraphProto, Scope, Sequence[TypeProto | None], Sequence[np.ndarray | None]], tuple[Graph, Scope]
]
"""Reads a nested graph: its message, the scope around it, its inputs' types and known values."""

_BATCHLESS_SCAN = 9
"""The opset from which Scan has no batch axis."""

Read = tuple[Mapping[str, Graph], Sequence[TypeProto | None]]
"""The nested graphs by attribute name, and the types of the node's outputs."""


def _if(node: onnx.NodeProto, version: int, scope: Scope, nested: Nested) -> Read:  # noqa: ARG001 - one shape for all
    """Both branches; an output has the type on which they agree, or that of the only branch that can run."""
    graphs, sound, error = {}, [], ""
    for attribute in node.attribute:
        graph, inner = nested(attribute.g, scope, (), ())
        graphs[attribute.name] = replace(graph, unusable=inner.error)
        error = error or inner.error
        if not inner.error:
            sound.append([inner.proto(name) for name in graphs[attribute.name].outputs])
    if not sound:
        scope.fail(error)
        return graphs, [None] * len(node.output)
    return graphs, [join(one, other) for one, other in zip(sound[0], sound[-1], strict=True)]


def _loop(node: onnx.NodeProto, version: int, scope: Scope, nested: Nested) -> Read:  # noqa: ARG001 - one shape for all
    """The body; scan outputs have rows where the trip count is known and the body never ends the loop early."""
    names = (*node.input, "", "")
    trips = scope.value(names[0])
    condition = scope.value(names[1]) if names[1] else np.asarray(True)  # noqa: FBT003 - a tensor
    counter = helper.make_tensor_type_proto(TensorProto.INT64, ())
    going = scope.proto(names[1]) or helper.make_tensor_type_proto(TensorProto.BOOL, ())
    carried = [scope.proto(name) for name in node.input[2:]]
    true = np.ones(() if condition is None else condition.shape, np.bool_)
    graph, inner, carried = _settle(
        _attribute(node, "body").g, scope, nested, ([counter, going], carried, []), [None, true]
    )
    goes_on = inner.value(graph.outputs[0])
    rows = None
    if condition is not None and not condition.item():
        rows = 0
    elif condition is not None and trips is not None and goes_on is not None and goes_on.item():
        rows = max(int(trips.item()), 0)
    scanned = [_stacked(inner.proto(name), rows) for name in graph.outputs[1 + len(carried) :]]
    return {"body": graph}, [*carried, *scanned]


def _scan(node: onnx.NodeProto, version: int, scope: Scope, nested: Nested) -> Read:
    """The body on one element of each scan input; outputs have as many rows as the inputs."""
    count = _attribute(node, "num_scan_inputs").i
    inputs = [scope.proto(name) for name in node.input]
    sequences = inputs[len(inputs) - count :]
    if version < _BATCHLESS_SCAN:
        batch, rows = _dimension(sequences[0], 0), _dimension(sequences[0], 1)
        states = [_without(kind, 0) for kind in inputs[1 : len(inputs) - count]]
        elements = [_without(_without(kind, 0), 0) for kind in sequences]
    else:
        axes = _ints(node, "scan_input_axes", count)
        states, rows = inputs[: len(inputs) - count], _dimension(sequences[0], axes[0])
        elements = [_without(kind, axis) for kind, axis in zip(sequences, axes, strict=True)]
    graph, inner, states = _settle(_attribute(node, "body").g, scope, nested, ([], states, elements), ())
    results = [inner.proto(name) for name in graph.outputs[len(states) :]]
    if version < _BATCHLESS_SCAN:
        stacked = [_stacked(kind, rows) for kind in results]
        return {"body": graph}, [_stacked(kind, batch) for kind in (*states, *stacked)]
    axes = _ints(node, "scan_output_axes", len(results))
    stacked = [_stacked(kind, rows, axis) for kind, axis in zip(results, axes, strict=True)]
    return {"body": graph}, [*states, *stacked]


def _sequence_map(node: onnx.NodeProto, version: int, scope: Scope, nested: Nested) -> Read:  # noqa: ARG001
    """The body on one element of each sequence and on tensors whole."""
    kinds = [scope.proto(name) for name in node.input]
    elements = [
        kind.sequence_type.elem_type if kind is not None and kind.HasField("sequence_type") else kind for kind in kinds
    ]
    graph, inner, _ = _settle(_attribute(node, "body").g, scope, nested, (elements, [], []), ())
    results = [inner.proto(name) for name in graph.outputs]
    return {"body": graph}, [None if kind is None else helper.make_sequence_type_proto(kind) for kind in results]


def _settle(
    body: onnx.GraphProto,
    scope: Scope,
    nested: Nested,
    types: tuple[list[TypeProto | None], list[TypeProto | None], list[TypeProto | None]],
    values: Sequence[np.ndarray | None],
) -> tuple[Graph, Scope, list[TypeProto | None]]:
    """The body with its carried types widened until one trip does not change them.

    `types` are those of the inputs before the carried ones, of the carried ones, and of those after.
    """
    before, carried, after = types
    first = 1 if before else 0  # a loop's body gives its condition first
    while True:
        graph, inner = nested(body, scope, [*before, *carried, *after], values)
        if inner.error:
            scope.fail(inner.error)
        results = [inner.proto(name) for name in graph.outputs[first : first + len(carried)]]
        wider = [join(one, other) for one, other in zip(carried, results, strict=True)]
        if wider == carried:
            return graph, inner, carried
        carried = wider


def _attribute(node: onnx.NodeProto, name: str) -> onnx.AttributeProto:
    found: onnx.AttributeProto | None = next((each for each in node.attribute if each.name == name), None)
    if found is None:
        raise ModelError(f"node {node.name!r} ({node.op_type}) has no attribute {name!r}")
    return found


def _ints(node: onnx.NodeProto, name: str, count: int) -> Sequence[int]:
    return next((tuple(attribute.ints) for attribute in node.attribute if attribute.name == name), (0,) * count)


def _dimension(kind: TypeProto | None, axis: int) -> int | None:
    if kind is None or not kind.tensor_type.HasField("shape"):
        return None
    dim = kind.tensor_type.shape.dim[axis]
    return dim.dim_value if dim.HasField("dim_value") else None


def _without(kind: TypeProto | None, axis: int) -> TypeProto | None:
    """The tensor type with one axis removed."""
    if kind is None or not kind.tensor_type.HasField("shape"):
        return kind
    element = TypeProto()
    element.CopyFrom(kind)
    del element.tensor_type.shape.dim[axis]
    return element


def _stacked(kind: TypeProto | None, rows: int | None, axis: int = 0) -> TypeProto | None:
    """The type of `rows` tensors along a new axis."""
    if kind is None or not kind.HasField("tensor_type"):
        return None
    dims: list[int | None] | None = None
    if kind.tensor_type.HasField("shape"):
        dims = [dim.dim_value if dim.HasField("dim_value") else None for dim in kind.tensor_type.shape.dim]
        dims.insert(axis % (len(dims) + 1), rows)
    return helper.make_tensor_type_proto(kind.tensor_type.elem_type, dims)


CONTROL: Mapping[str, Callable[[onnx.NodeProto, int, Scope, Nested], Read]] = {
    "If": _if,
    "Loop": _loop,
    "Scan": _scan,
    "SequenceMap": _sequence_map,
}
"""Operators with nested graphs → what reads them."""
