"""A graph message as a graph: every type inferred, nested graphs read, known branches taken."""

from collections import deque
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import onnx
from onnx import TypeProto
from onnx.checker import ValidationError
from onnx.shape_inference import InferenceError

from mini_infer.errors import ModelError
from mini_infer.frontend import branches
from mini_infer.frontend.bounded import BoundedReader
from mini_infer.frontend.composer import VERSION, UnexpressibleError
from mini_infer.frontend.contrib import express
from mini_infer.frontend.decomposed import decompose
from mini_infer.frontend.inference.control import CONTROL
from mini_infer.frontend.inference.forms import Form, Forms, Known
from mini_infer.frontend.inference.open_types import define_open_types, unlike
from mini_infer.frontend.inference.open_values import with_sizes
from mini_infer.frontend.inference.outputs import NodeInference, expand
from mini_infer.frontend.inference.scope import Scope
from mini_infer.frontend.model.check import one_line
from mini_infer.frontend.model.operators import opset_versions, plain_domain
from mini_infer.frontend.model.tensors import Data, dense, to_array
from mini_infer.frontend.nodes import NodeReader
from mini_infer.frontend.rules import check_operands
from mini_infer.frontend.rules.operands import Operands
from mini_infer.frontend.sequences import Sequences
from mini_infer.frontend.upgrade import Versioned, upgrade
from mini_infer.ir import BOUNDED_DOMAIN, Bound, Graph, Node

_MISFITS = (ArithmeticError, LookupError, TypeError, ValueError)
"""What code that takes a node apart raises where an attribute or an input is not what no rule had asked for."""


class GraphReader:
    """Reads the graphs of one model.

    Types come from onnx, node by node, each node seeing the known values of its inputs; so `Shape → Gather → Concat →
    Reshape` has a static shape at its end.
    """

    def __init__(self, model: onnx.ModelProto, data: Data) -> None:
        self._imports = list(model.opset_import)
        self._versions = opset_versions(model.opset_import)
        self._data = data
        self._nodes = NodeReader(data)
        self._forms = Forms()
        self._inference = NodeInference(model.opset_import)
        self._graph = model.graph
        self._sequences = Sequences()
        self.refusals: list[str] = []
        """Why nodes were left out that cannot be written as ONNX nodes; with any, what was read is of no use."""

    def read(self, proto: onnx.GraphProto, scope: Scope, inputs: Sequence[str]) -> Graph:
        """The graph, its inputs being defined in `scope` already.

        Data-dependent sizes get upper bounds in the outermost graph; in a nested one they are unknown.
        """
        bounded = None if scope.is_nested else BoundedReader(scope)
        self._define_initializers(proto, scope)
        nodes: list[Node] = []
        waiting = deque((node, self._versions[plain_domain(node.domain)]) for node in proto.node)
        while waiting:
            node, version = waiting.popleft()
            form = None if bounded is not None and bounded.bounds else Form.of(node, version, scope)
            known = None if form is None else self._forms.find(form)
            if form is not None and known is not None:
                nodes.append(self._another(node, form, known, scope))
                continue
            asked = scope.asked
            try:
                others = self._replaced(node, version, scope)
                if others is None:
                    kept = self._kept(node, version, scope, bounded)
                    nodes += kept
                    if form is not None and scope.asked == asked:
                        self._forms.note(form, kept, scope)
                else:
                    waiting.extendleft(reversed(others))
            except ModelError as error:
                nodes.append(self._unusable(node, version, scope, str(error)))
            except _MISFITS as error:
                reason = f"it cannot be read: {type(error).__name__}: {one_line(error)}"
                nodes.append(self._unusable(node, version, scope, str(Operands(node, version, scope).wrong(reason))))
        outputs = [output.name for output in proto.output]
        bounds: Mapping[str, Bound] = {}
        if bounded is not None:
            copies, bounds = bounded.outputs(outputs)
            nodes += [self._node(each, VERSION, scope) for each in copies]
        return Graph(
            name=proto.name,
            nodes=tuple(nodes),
            inputs=tuple(inputs),
            outputs=tuple(dict.fromkeys([*outputs, *(bound.count for bound in bounds.values())])),
            types=scope.types,
            constants=scope.constants,
            bounds=bounds,
        )

    def nested(
        self,
        proto: onnx.GraphProto,
        scope: Scope,
        types: Sequence[TypeProto | None],
        values: Sequence[np.ndarray | None] = (),
    ) -> tuple[Graph, Scope]:
        """A nested graph whose inputs have the given types (and values, where known); and what is known inside."""
        inner = scope.nested()
        names = [info.name for info in proto.input]
        for name, kind in zip(names, types, strict=True):
            inner.define(name, kind)
        for name, value in zip(names, values, strict=False):
            if value is not None:
                inner.define_value(name, value)
        return self.read(proto, inner, names), inner

    def _define_initializers(self, proto: onnx.GraphProto, scope: Scope) -> None:
        for tensor in proto.initializer:
            scope.define_constant(tensor.name, to_array(tensor, self._data))
        for sparse in proto.sparse_initializer:
            scope.define_constant(sparse.values.name, dense(sparse, self._data))

    @cached_property
    def _value_names(self) -> set[str]:
        """Every value name of the model, nested graphs included; few models need new ones."""
        return _value_names(self._graph)

    def _unique_value(self, wanted: str) -> str:
        name, repeats = wanted, 1
        while name in self._value_names:
            repeats += 1
            name = f"{wanted}_{repeats}"
        self._value_names.add(name)
        return name

    def _replaced(self, node: onnx.NodeProto, version: int, scope: Scope) -> list[Versioned] | None:
        """The nodes to read in place of one; `None` for one that stays as it is.

        Rules are about nodes in their latest form, before they are taken apart.
        """
        upgraded = upgrade(node, version, scope)
        if upgraded is not None:
            return upgraded
        check_operands(node, version, scope)
        branch = _known_branch(node, scope)
        if branch is None:
            named = self._all_named(node)
            return self._taken_apart(node, version, scope) if named is None else [(named, version)]
        taken, renamed = branches.inline(node, branch, self._unique_value)
        self._define_initializers(renamed, scope)
        return [(each, self._versions[plain_domain(each.domain)]) for each in taken]

    def _all_named(self, node: onnx.NodeProto) -> onnx.NodeProto | None:
        """A Split that leaves parts out with names for those too, as each says where the next one begins."""
        if node.op_type != "Split" or plain_domain(node.domain) or all(node.output):
            return None
        named = onnx.NodeProto()
        named.CopyFrom(node)
        named.output[:] = [name or self._unique_value(f"{node.name}/part_{k}") for k, name in enumerate(node.output)]
        return named

    def _taken_apart(self, proto: onnx.NodeProto, version: int, scope: Scope) -> list[Versioned] | None:
        """The nodes that stand for one; `None` for one that stays as it is."""
        try:
            for rewrite in (express, decompose, self._sequences.rewrite):
                others = rewrite(proto, version, scope)
                if others is not None:
                    return others
        except UnexpressibleError as error:
            if not self.refusals or all(scope.proto(name) is not None for name in proto.input if name):
                self.refusals.append(str(error))  # of one that reads what another should give, nothing is known
            for name in filter(None, proto.output):
                scope.define(name, None)
            return []
        return None

    def _kept(self, node: onnx.NodeProto, version: int, scope: Scope, bounded: BoundedReader | None) -> list[Node]:
        """The nodes of the graph that a node becomes: none for a constant, several where sizes have bounds."""
        nodes = []
        for each, opset in [(node, version)] if bounded is None else bounded.read(node, version):
            if each.op_type == "Constant" and not plain_domain(each.domain):
                scope.define_constant(each.output[0], self._nodes.constant(each))
                continue
            if each is not node:
                check_operands(each, opset, scope)  # now on the tensors of upper bounds
            nodes.append(self._node(each, opset, scope))
        return nodes

    def _another(self, proto: onnx.NodeProto, form: Form, known: Known, scope: Scope) -> Node:
        """The node of a form that is known."""
        node = self._nodes.another(proto, known.node, form.inputs, form.outputs)
        for name, result in zip(form.outputs, known.results, strict=True):
            if result is not None:
                scope.define_like(name, *result)
        scope.define_pending(node)
        return node

    def _unusable(self, proto: onnx.NodeProto, version: int, scope: Scope, error: str) -> Node:
        """A node that cannot run: at the top an error; in a nested graph it stays, and the graph is not to be run.

        Raises
        ------
        ModelError
            When the graph is the model's own.
        """
        scope.fail(error)
        for name in filter(None, proto.output):
            scope.define(name, None)
        unread = {each.name: Graph(each.g.name, (), (), (), {}) for each in proto.attribute if each.HasField("g")}
        return self._nodes.read(proto, version, unread)

    def _node(self, proto: onnx.NodeProto, version: int, scope: Scope) -> Node:
        if proto.domain == BOUNDED_DOMAIN:
            return self._nodes.read(proto, version, {})  # its types are defined already
        rule = CONTROL.get(proto.op_type) if not plain_domain(proto.domain) else None
        if rule is not None:
            graphs, types = rule(proto, version, scope, self.nested)
            for name, kind in zip(proto.output, types, strict=True):
                scope.define(name, kind)
            return self._nodes.read(proto, version, graphs)
        graphs = {
            each.name: self.nested(each.g, scope, [info.type for info in each.g.input])[0]
            for each in proto.attribute
            if each.HasField("g")
        }
        node = self._nodes.read(proto, version, graphs)
        is_static = self._define_outputs(node, proto, scope)
        if not is_static and scope.compute_inputs(node):
            is_static = self._define_outputs(node, proto, scope)
        if not is_static and self._inference.is_function(node):
            is_static = self._define_by_body(node, proto, scope)
        if not graphs:
            scope.define_pending(node)
        if not is_static:
            for name in node.writes:
                scope.value(name)
        return with_sizes(node, scope)

    def _define_outputs(self, node: Node, proto: onnx.NodeProto, scope: Scope) -> bool:
        """Define what a node produces as onnx infers it; whether all is static."""
        try:
            inferred = self._inference.types(node, proto, scope)
        except (InferenceError, ValidationError, ValueError) as error:
            if all(scope.proto(name) is not None for name in node.inputs if name):
                scope.fail(f"node {node.name!r} ({node.op}) is wrong: {one_line(error)}")
            inferred = {}
        if scope.has_dims and (reason := unlike(node, scope)):
            scope.fail(f"node {node.name!r} ({node.op}) {reason}: give such sizes alone, as a range with a step")
        is_static = _define(node, inferred, scope)
        return is_static or (scope.has_dims and define_open_types(node, proto, inferred, scope))

    def _define_by_body(self, node: Node, proto: onnx.NodeProto, scope: Scope) -> bool:
        """Define what a node produces as the nodes that its schema says it stands for; whether all is static."""
        types = {name: scope.proto(name) for name in node.inputs if name}
        body = expand(proto, self._inference.schema(node), self._imports, types)
        if body is None:
            return False
        inner = scope.nested()
        GraphReader(body, self._data).read(body.graph, inner, ())
        return _define(node, {} if inner.error else {name: inner.proto(name) for name in node.writes}, scope)


def _define(node: Node, types: Mapping[str, TypeProto | None], scope: Scope) -> bool:
    """Define what a node produces; whether all of it is static."""
    is_static = True
    for name in node.writes:
        is_static &= scope.define(name, types.get(name))
    return is_static


def _known_branch(node: onnx.NodeProto, scope: Scope) -> onnx.GraphProto | None:
    """The branch that an `If` always takes, where its condition follows from constants and types."""
    if node.op_type != "If" or plain_domain(node.domain):
        return None
    condition = scope.value(node.input[0])
    if condition is None or condition.size != 1:
        return None
    wanted = "then_branch" if condition.item() else "else_branch"
    return next((attribute.g for attribute in node.attribute if attribute.name == wanted), None)


def _value_names(graph: onnx.GraphProto) -> set[str]:
    """Every value name, nested graphs included."""
    names = {info.name for info in graph.input} | {tensor.name for tensor in graph.initializer}
    for node in graph.node:
        names.update(node.output)
        for attribute in node.attribute:
            if attribute.HasField("g"):
                names |= _value_names(attribute.g)
    return names
