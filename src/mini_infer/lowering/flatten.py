"""Nested graphs into one sequence of nodes: `If` and `Loop` become markers around their bodies.

The steps of both branches and of a loop's body get places in one timeline, so one plan covers them: the branches of an
`If` follow each other and share bytes, so the arena holds the larger; a loop's body is planned once, and its carried
values live in the loop's own outputs from the first iteration to the last.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from mini_infer.ir import Attribute, DType, Graph, Node, TensorType, ValueType
from mini_infer.ir.alias import viewed_values
from mini_infer.lowering.attributes import given
from mini_infer.lowering.storage.outputs import ONNX_VERSION, separate
from mini_infer.program import ControlKind

CONTROL_DOMAIN = "mini_infer.control"
"""The domain of marker nodes; their operators are the values of `ControlKind`, or `COPY`."""

COPY = "copy"
"""An Identity that must copy: its output has a place already, or gets one of its own."""

_COUNT = TensorType(DType.INT64, ())
_FLAG = TensorType(DType.BOOL, ())


@dataclass(slots=True)
class FlatGraph:
    """Nodes in execution order, with the types and constants of nested graphs beside those of the outer one.

    `loops` holds, for each loop, the positions of its ``LOOP`` and ``END_LOOP`` markers. `origin` says of each node
    inside a nested graph which outermost node it came from.
    """

    graph: Graph
    nodes: list[Node] = field(default_factory=list)
    types: dict[str, ValueType] = field(default_factory=dict)
    constants: dict[str, np.ndarray] = field(default_factory=dict)
    loops: list[tuple[int, int]] = field(default_factory=list)
    origin: dict[int, Node] = field(default_factory=dict)

    def merged(self) -> Graph:
        """The outer graph with all nodes, types and constants. Values carried or chosen have several writers."""
        graph = replace(self.graph, nodes=tuple(self.nodes))
        if not self.types and not self.constants:
            return graph
        return replace(graph, types={**graph.types, **self.types}, constants={**graph.constants, **self.constants})

    def add(self, node: Node, rejected: frozenset[str]) -> None:
        """Append a node: expanded if it is an `If` or a `Loop` that can be, and its name is not rejected."""
        if node.domain == "" and node.name not in rejected and self._expandable(node):
            {"If": self._if, "Loop": self._loop}[node.op](node)
        else:
            self.nodes.append(node)

    def _expandable(self, node: Node) -> bool:
        if node.op not in {"If", "Loop"}:
            return False
        types = {**self.graph.types, **self.types}
        steering = filter(None, node.inputs[: 1 if node.op == "If" else 2])
        if not all(isinstance(types[name], TensorType) for name in (*steering, *node.writes)):
            return False
        return node.op == "If" or self._is_regular(node, types)

    def _is_regular(self, node: Node, types: Mapping[str, ValueType]) -> bool:
        """Whether a loop's carried values keep their shapes, and its slices are as many as its outputs say."""
        body = _nested(node, "body")
        carried = len(body.inputs) - 1
        for name, result, outer in zip(body.inputs[1:], body.outputs, ("", *node.inputs[2:]), strict=False):
            if not body.types[name] == body.types[result] == types.get(outer, body.types[name]):
                return False
        trips = self.constants.get(node.inputs[0], self.graph.constants.get(node.inputs[0]))
        condition = body.outputs[0]
        endless = viewed_values(body).get(condition, condition) == body.inputs[1]
        scans = [types[name] for name in node.outputs[carried - 1 :] if name]
        return not scans or (
            endless
            and trips is not None
            and all(isinstance(kind, TensorType) and kind.shape[0] == trips.item() for kind in scans)
        )

    def _if(self, node: Node) -> None:
        self._mark(ControlKind.IF, node, (node.inputs[0],), node.outputs)
        self._branch(node, "then_branch")
        self._mark(ControlKind.ELSE, node)
        self._branch(node, "else_branch")
        self._mark(ControlKind.END_IF, node, node.writes)

    def _branch(self, node: Node, name: str) -> None:
        body = _nested(node, name)
        if body.unusable:
            self._mark(ControlKind.FAIL, node)
            return
        names = self._inline(body, f"{node.name}/{name}/", {})
        for source, target in zip(body.outputs, node.outputs, strict=True):
            self._copy(names.get(source, source), target)

    def _loop(self, node: Node) -> None:
        body = _nested(node, "body")
        prefix = f"{node.name}/body/"
        carried = len(body.inputs) - 2
        states, scans = node.outputs[:carried], node.outputs[carried:]
        trips = self._default(node.inputs[0], prefix + "trips", np.array(np.iinfo(np.int64).max))
        iteration, condition = prefix + "iteration", prefix + "condition"
        self.types.update({iteration: _COUNT, condition: _FLAG})
        initial = [self._default(given(node, 1), prefix + "true", np.array(True)), *node.inputs[2:]]  # noqa: FBT003
        names = [condition, *(name or f"{prefix}unused{i}" for i, name in enumerate(states))]
        for source, name, target in zip(initial, body.inputs[1:], names, strict=True):
            self.types.setdefault(target, body.types[name])
            self._copy(source, target)
        start = self._mark(ControlKind.LOOP, node, (trips, condition), (iteration, *(name for name in scans if name)))
        formal = dict(zip(body.inputs, (iteration, *names), strict=True))
        targets = (*names, *scans)
        changed = [i for i, name in enumerate(body.outputs) if targets[i] and (name,) != body.inputs[i + 1 : i + 2]]
        body = _with_copies(separate(replace(body, outputs=tuple(body.outputs[i] for i in changed))), len(body.nodes))
        inner = self._inline(body, prefix, formal)
        for name, i in zip(body.outputs, changed, strict=True):
            source = inner.get(name, name)
            if i <= carried:
                self._copy(source, targets[i])
            else:
                self._mark(ControlKind.APPEND, node, (source, iteration), (targets[i],))
        end = self._mark(ControlKind.END_LOOP, node, (trips, condition, iteration, *(name for name in targets if name)))
        self.loops.append((start, end))

    def _default(self, name: str, default: str, value: np.ndarray) -> str:
        """`name`, or a constant of that value where the input is omitted."""
        if name:
            return name
        self.constants[default] = value
        self.types[default] = TensorType(DType.of(value.dtype), ())
        return default

    def _inline(self, body: Graph, prefix: str, formal: Mapping[str, str]) -> dict[str, str]:
        """Append the body's nodes under unique names; returns its names → the flat ones."""
        own = itertools.chain(body.constants, *(node.writes for node in body.nodes))
        names = {**{name: prefix + name for name in own}, **formal}
        for name, array in body.constants.items():
            self.constants[names[name]] = array
        for name, flat_name in names.items():
            self.types.setdefault(flat_name, body.types[name])
        for node in body.nodes:
            self.add(rename(node, names, prefix), frozenset())
        return names

    def _copy(self, source: str, target: str) -> None:
        if target:
            self.nodes.append(Node(f"{target} = {source}", COPY, (source,), (target,), domain=CONTROL_DOMAIN))

    def _mark(self, kind: ControlKind, node: Node, inputs: tuple[str, ...] = (), outputs: tuple[str, ...] = ()) -> int:
        self.nodes.append(Node(f"{node.name} ({kind.value})", kind.value, inputs, outputs, domain=CONTROL_DOMAIN))
        return len(self.nodes) - 1


def flatten(graph: Graph, nodes: Sequence[Node], rejected: frozenset[str]) -> FlatGraph:
    """Expand every `If` and `Loop` among `nodes`, but those whose names are rejected."""
    flat = FlatGraph(graph)
    for node in nodes:
        start = len(flat.nodes)
        flat.add(node, rejected)
        if len(flat.nodes) > start + 1:
            flat.origin.update((index, node) for index in range(start, len(flat.nodes)))
    return flat


def shown(node: Node) -> Node:
    """A node as a program shows it: a copy is ONNX's Identity."""
    is_copy = node.domain == CONTROL_DOMAIN and node.op == COPY
    return replace(node, op="Identity", domain="", version=ONNX_VERSION) if is_copy else node


def rename(node: Node, names: Mapping[str, str], prefix: str) -> Node:
    """The node reading and writing other names, its nested graphs and its body included."""
    attributes: dict[str, Attribute] = {
        key: _rename_captured(value, names) if isinstance(value, Graph) else value
        for key, value in node.attributes.items()
    }
    return replace(
        node,
        name=prefix + node.name,
        inputs=tuple(names.get(name, name) for name in node.inputs),
        outputs=tuple(names.get(name, name) for name in node.outputs),
        attributes=attributes,
        body=tuple(rename(inner, names, prefix) for inner in node.body),
    )


def _rename_captured(graph: Graph, names: Mapping[str, str]) -> Graph:
    """A nested graph whose captured values have other names."""
    captured = {name: names[name] for name in graph.captured if name in names}
    return replace(
        graph,
        nodes=tuple(rename(node, captured, "") for node in graph.nodes),
        outputs=tuple(captured.get(name, name) for name in graph.outputs),
        types={captured.get(name, name): kind for name, kind in graph.types.items()},
    )


def _with_copies(body: Graph, nodes: int) -> Graph:
    """The body with every node from position `nodes` on, an Identity that `separate` added, as a real copy."""
    copies = (replace(node, op=COPY, domain=CONTROL_DOMAIN, version=0) for node in body.nodes[nodes:])
    return replace(body, nodes=(*body.nodes[:nodes], *copies))


def _nested(node: Node, attribute: str) -> Graph:
    body = node.attributes[attribute]
    assert isinstance(body, Graph)  # noqa: S101 - the schema says so
    return body
