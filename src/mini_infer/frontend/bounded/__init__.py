"""Data-dependent sizes as upper bounds, from the operator that makes them to the outputs, as far as that goes.

A node is read in one of four ways:

1. An operator whose result has a data-dependent size gives a tensor of its upper bound and a count (`sources`).
2. A node that computes the elements along the bounded axis independently of each other computes those after the count
   too, and nobody looks at them (`rules`).
3. `Shape` gives the count among the other dimensions.
4. Every other reader gets the value trimmed to its true size: from there on, sizes are unknown, and steps interpreted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import onnx
from onnx import helper

from mini_infer.frontend.bounded.flow import Flow, end_of, shape_of
from mini_infer.frontend.bounded.rules import RULES
from mini_infer.frontend.bounded.sources import SOURCES
from mini_infer.frontend.composer import VERSION
from mini_infer.frontend.inference.scope import Scope
from mini_infer.frontend.inference.types import type_proto
from mini_infer.frontend.model.operators import plain_domain
from mini_infer.frontend.upgrade import Versioned
from mini_infer.ir import BOUNDED_DOMAIN, Bound, DType, TensorType

_COUNT = TensorType(DType.INT64, ())


@dataclass(slots=True)
class BoundedReader:
    """Rewrites the nodes of one graph, in order.

    Parameters
    ----------
    scope
        What is known of the graph's values.
    bounds
        Name of a value of data-dependent size → its bound; the tensor is called `name/padded`.
    """

    scope: Scope
    bounds: dict[str, Bound] = field(default_factory=dict)
    _trimmed: set[str] = field(default_factory=set)

    def read(self, node: onnx.NodeProto, version: int) -> list[Versioned]:
        """The nodes to read instead of a node: itself, as it is or on tensors of upper bounds, and what goes before."""
        if node.op_type in SOURCES or self.bounds:
            return [(each, version if each.op_type == node.op_type else VERSION) for each in self._read(node, version)]
        return [(node, version)]

    def _read(self, node: onnx.NodeProto, version: int) -> list[onnx.NodeProto]:
        if not plain_domain(node.domain):
            if node.op_type in SOURCES and (source := self._source(node)) is not None:
                return source
            if not self.bounds.keys().isdisjoint(node.input):
                flow = Flow(node, version, self.scope, self.bounds)
                if node.op_type == "Shape":
                    return shape_of(flow)
                if node.op_type == "Slice" and (ended := end_of(flow)) is not None:
                    nodes, bound = ended
                    self.bounds[node.output[0]] = bound
                    return nodes
                axes = RULES[node.op_type](flow) if node.op_type in RULES else None
                if axes is not None:
                    return [self._on_padded(node, flow.count, axes)]
        return [*(self._trim(name) for name in dict.fromkeys(_reads(node)) if self._has_to_be_trimmed(name)), node]

    def outputs(self, names: list[str]) -> tuple[list[onnx.NodeProto], Mapping[str, Bound]]:
        """What gives the graph's outputs that have bounds, the tensors under the outputs' names, and the bounds."""
        found = {name: self.bounds[name] for name in names if name in self.bounds and name not in self._trimmed}
        return [helper.make_node("Identity", [padded(name)], [name], f"{name}/bounded") for name in found], found

    def _source(self, node: onnx.NodeProto) -> list[onnx.NodeProto] | None:
        if all(self.scope.is_known(name) for name in node.input if name):
            return None  # it follows from constants, so its size does
        if not self.bounds.keys().isdisjoint(node.input):
            return None  # what lies after a count would be taken for data
        kind = SOURCES[node.op_type](node, self.scope)
        if kind is None:
            return None
        result, axis = kind
        name = node.output[0]
        count = f"{name}/count"
        made = onnx.NodeProto()
        made.CopyFrom(node)
        made.domain = BOUNDED_DOMAIN
        made.attribute.append(helper.make_attribute("size", result.shape[axis]))
        made.output[:] = [padded(name), count]
        self.scope.define(padded(name), type_proto(result))
        self.scope.define(count, type_proto(_COUNT))
        self.bounds[name] = Bound(count, axis)
        return [made]

    def _on_padded(self, node: onnx.NodeProto, count: str, axes: tuple[int, ...]) -> onnx.NodeProto:
        made = onnx.NodeProto()
        made.CopyFrom(node)
        made.input[:] = [padded(name) if name in self.bounds else name for name in node.input]
        made.output[:] = [padded(name) if name else "" for name in node.output]
        self.bounds.update({name: Bound(count, axis) for name, axis in zip(node.output, axes, strict=True) if name})
        return made

    def _has_to_be_trimmed(self, name: str) -> bool:
        return name in self.bounds and name not in self._trimmed

    def _trim(self, name: str) -> onnx.NodeProto:
        self._trimmed.add(name)
        bound = self.bounds[name]
        kind = onnx.TypeProto()
        kind.CopyFrom(self.scope.proto(padded(name)) or kind)
        kind.tensor_type.shape.dim[bound.axis].Clear()
        self.scope.define(name, kind)
        return helper.make_node(
            "Trim", [padded(name), bound.count], [name], f"{name}/trimmed", domain=BOUNDED_DOMAIN, axis=bound.axis
        )


def padded(name: str) -> str:
    """What the tensor of a bounded value is called."""
    return f"{name}/padded"


def _reads(node: onnx.NodeProto) -> Iterator[str]:
    """Names that a node reads, also those that its nested graphs may take from outside."""
    yield from node.input
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield from (output.name for output in attribute.g.output)
            for inner in attribute.g.node:
                yield from _reads(inner)
