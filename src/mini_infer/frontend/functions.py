"""Model-local functions in place of their calls."""

from collections.abc import Iterable, Mapping

import onnx
from onnx import inliner

from mini_infer.errors import ModelError, UnsupportedError
from mini_infer.frontend.model.check import one_line

_Key = tuple[str, str, str]
"""Of a function: its domain, name and overload."""

_Attributes = Mapping[str, onnx.AttributeProto]

_NOTHING: _Attributes = {}


def inline_functions(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model without functions; one written for another opset than the model is converted to the model's.

    Raises
    ------
    ModelError
        When a function calls itself, or a call has more inputs or outputs than the function, or onnx refuses.
    UnsupportedError
        When a function cannot be converted.
    """
    if not model.functions:
        return model
    model = _Binder(model).run()
    try:
        inlined = inliner.inline_local_functions(model)
        if inlined.functions:
            inlined = inliner.inline_local_functions(model, convert_version=True)
    except RuntimeError as error:  # an assertion of onnx's
        raise ModelError(f"the model's functions cannot be inlined: {one_line(error)}") from error
    if inlined.functions:
        names = ", ".join(f"{function.domain}.{function.name.rpartition('_')[0]}" for function in inlined.functions)
        raise UnsupportedError(f"functions for another opset than the model's cannot be inlined: {names}")
    return inlined


class _Binder:
    """Gives every call a function of its own without attributes: their values are written where they are referred to.

    onnx's inliner knows no default values, and drops what refers to an attribute that the call leaves out, though
    `FunctionProto.attribute_proto` says what that is then. Without a default, the operator's own counts.
    """

    def __init__(self, model: onnx.ModelProto) -> None:
        self._functions = {(each.domain, each.name, each.overload): each for each in model.functions}
        self._bound: dict[tuple[_Key, bytes], onnx.FunctionProto] = {}
        self._open: list[_Key] = []
        self._model = onnx.ModelProto()
        self._model.CopyFrom(model)

    def run(self) -> onnx.ModelProto:
        self._visit(self._model.graph.node, _NOTHING)
        del self._model.functions[:]
        self._model.functions.extend(self._bound.values())
        return self._model

    def _visit(self, nodes: Iterable[onnx.NodeProto], values: _Attributes) -> None:
        """Bind the calls among nodes, nested graphs included; `values` are those of the function around them."""
        for node in nodes:
            given = [_resolved(each, values) for each in node.attribute]
            del node.attribute[:]
            node.attribute.extend(each for each in given if each is not None)
            for each in node.attribute:
                for graph in (*([each.g] if each.HasField("g") else []), *each.graphs):
                    self._visit(graph.node, values)
            key = node.domain, node.op_type, node.overload
            if key in self._functions:
                self._call(node, key)

    def _call(self, node: onnx.NodeProto, key: _Key) -> None:
        """Bind one call: it gets the function with its attributes' values."""
        function = self._functions[key]
        if key in self._open:
            raise ModelError(f"function {function.domain}.{function.name} calls itself")
        for what, given, taken in (
            ("inputs", node.input, function.input),
            ("outputs", node.output, function.output),
        ):
            if len(given) > len(taken):
                call = f"node {node.name or next(filter(None, node.output), '')!r} ({node.op_type} of {node.domain})"
                raise ModelError(f"{call} has {len(given)} {what}, but its function has {len(taken)}")
        values = {each.name: each for each in (*function.attribute_proto, *node.attribute)}
        known = (key, b"".join(values[name].SerializeToString(deterministic=True) for name in sorted(values)))
        if known not in self._bound:
            bound = onnx.FunctionProto()
            bound.CopyFrom(function)
            del bound.attribute[:], bound.attribute_proto[:]
            self._open.append(key)
            self._visit(bound.node, values)
            self._open.pop()
            bound.name = f"{function.name}_{len(self._bound)}"
            self._bound[known] = bound
        node.op_type = self._bound[known].name
        del node.attribute[:]


def _resolved(attribute: onnx.AttributeProto, values: _Attributes) -> onnx.AttributeProto | None:
    """An attribute with the value that it refers to; none where that is left out."""
    if not attribute.ref_attr_name:
        return attribute
    value = values.get(attribute.ref_attr_name)
    if value is None:
        return None
    made = onnx.AttributeProto()
    made.CopyFrom(value)
    made.name = attribute.name
    return made
