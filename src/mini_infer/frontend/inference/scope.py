"""What is known of the values visible in one graph: types always, values where they do not depend on inputs."""

import math
from collections import ChainMap
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from onnx import TensorProto, TypeProto, helper, numpy_helper

from mini_infer.errors import CapacityError, MiniInferError, ModelError
from mini_infer.frontend.inference.types import opened, type_proto, value_type
from mini_infer.ir import Dim, DType, Node, TensorType, ValueType
from mini_infer.ir.dims import greatest
from mini_infer.ir.operators import is_random

Evaluate = Callable[[Node, Sequence[np.ndarray | None]], list[np.ndarray]]
"""A plain node and its inputs' values → its outputs' values: the interpreter's, handed in."""

_OF_TYPE = frozenset({"Shape", "Size"})
"""Operators whose value is known as soon as their input's type is."""

_SMALL = 4096
"""Known values of at most so many elements are shown to shape inference: shapes, axes, sizes."""

_LARGEST = 1 << 40
"""Bytes of the largest tensor that is planned: beyond it, nothing that is computed from sizes is sure to fit."""

_LARGEST_COMPUTED = 1 << 30
"""Bytes of the largest value that is computed while a model is read."""


@dataclass(slots=True)
class _Known:
    """What is known of every visible value."""

    protos: MutableMapping[str, TypeProto | None] = field(default_factory=dict)
    types: MutableMapping[str, ValueType] = field(default_factory=dict)
    values: MutableMapping[str, np.ndarray] = field(default_factory=dict)
    pending: MutableMapping[str, Node | None] = field(default_factory=dict)
    open_values: MutableMapping[str, np.ndarray] = field(default_factory=dict)
    dims: dict[str, Dim] = field(default_factory=dict)

    around: "_Known | None" = None
    asked: int = 0

    def inside(self) -> "_Known":
        """The same, with room for what only a nested graph sees."""
        return _Known(
            ChainMap({}, self.protos),
            ChainMap({}, self.types),
            ChainMap({}, self.values),
            ChainMap({}, self.pending),
            ChainMap({}, self.open_values),
            self.dims,
            self,
        )

    def ask(self) -> None:
        """Note that somebody asks for a value, here and around."""
        known: _Known | None = self
        while known is not None:
            known.asked += 1
            known = known.around


class Scope:
    """Types and known values of one graph and of the graphs around it.

    A value that follows from constants alone is computed when somebody asks for it, not before: shape arithmetic is
    asked for, folded weights never are.
    """

    def __init__(
        self, evaluate: Evaluate, around: _Known | None = None, dims: Mapping[str, Dim] = MappingProxyType({})
    ) -> None:
        self._evaluate = evaluate
        self.is_nested = around is not None
        self._known = _Known(dims={**dims}) if around is None else around.inside()
        self._tensors: dict[str, TensorProto] = {}
        self.constants: dict[str, np.ndarray] = {}
        self.error = ""
        """What makes it impossible to run this graph; empty when nothing is known to."""

    def nested(self) -> "Scope":
        """A scope for a graph inside this one: it sees what is known here."""
        return Scope(self._evaluate, self._known)

    @property
    def types(self) -> dict[str, ValueType]:
        """The types of the values defined in this graph itself."""
        types = self._known.types
        return dict(types.maps[0] if isinstance(types, ChainMap) else types)

    @property
    def asked(self) -> int:
        """How often a value was asked for, here or inside: what is found out without asking follows from types."""
        return self._known.asked

    def define(self, name: str, proto: TypeProto | None) -> bool:
        """A value of some type, `None` when the type is unknown; whether its shape is static.

        Raises
        ------
        CapacityError
            When it is larger than any that can be planned.
        """
        kind = value_type(proto, self._known.dims)
        if not isinstance(kind, TensorType) and proto is not None:
            proto = opened(proto)
            kind = value_type(proto)
        self._known.protos[name], self._known.types[name] = proto, kind
        if not isinstance(kind, TensorType):
            return False
        sizes = map(greatest, kind.shape)
        span = math.prod(size for size in sizes if size) * kind.dtype.numpy.itemsize  # NumPy counts without zeros
        if span > _LARGEST:
            raise CapacityError(f"{name!r} is {kind}, of {span} bytes; the largest tensor possible has {_LARGEST}")
        return True

    def define_like(self, name: str, proto: TypeProto | None, kind: ValueType) -> None:
        """A value of the type of another one: as ONNX writes it, and in the graph's terms."""
        self._known.protos[name], self._known.types[name] = proto, kind

    def define_tensor(self, name: str, kind: TensorType) -> bool:
        """A tensor, of dimensions that may be given at run time."""
        self._known.dims.update((str(dim), dim) for dim in kind.shape if isinstance(dim, Dim))
        return self.define(name, type_proto(kind))

    def define_open_value(self, name: str, array: np.ndarray) -> None:
        """A value of which elements follow from sizes that are given at run time: an array of numbers and `Dim`s."""
        self._known.open_values[name] = array

    def define_value(self, name: str, array: np.ndarray) -> None:
        """A value that is known."""
        self._known.values[name] = array
        if array.dtype.kind in "OUS":
            self.define(name, helper.make_tensor_type_proto(TensorProto.STRING, array.shape))
        else:
            kind = TensorType(DType.of(array.dtype), array.shape)
            self._known.types[name], self._known.protos[name] = kind, type_proto(kind)

    def define_constant(self, name: str, array: np.ndarray) -> None:
        """A constant of this graph."""
        self.constants[name] = array
        self.define_value(name, array)

    def define_pending(self, node: Node) -> None:
        """Note a plain node: where it follows from constants and types, `value` can compute it."""
        if self.follows(node):
            self._known.pending.update(dict.fromkeys(node.writes, node))

    def fail(self, error: str) -> None:
        """Note that the graph cannot run, whatever its inputs: at the top an error, in a nested graph a remark.

        A branch that is never taken may be wrong: `silero_vad` has one for each sampling rate, of which one cannot
        take the input's shape.

        Raises
        ------
        ModelError
            When this is not a nested graph.
        """
        if not self.is_nested:
            raise ModelError(error)
        self.error = self.error or error

    def type(self, name: str) -> ValueType | None:
        """The type, in the graph's terms; `None` where the name is not defined."""
        return self._known.types.get(name)

    @property
    def has_dims(self) -> bool:
        """Whether there are dimensions that are given at run time."""
        return bool(self._known.dims)

    def open_value(self, name: str) -> np.ndarray | None:
        """An array of numbers and `Dim`s, if that is all that a value depends on."""
        return self._known.open_values.get(name)

    def is_known(self, name: str) -> bool:
        """Whether the value follows from constants and types."""
        self._known.ask()
        return name in self._known.values or self._known.pending.get(name) is not None

    def proto(self, name: str) -> TypeProto | None:
        """The type as ONNX writes it; `None` when unknown."""
        return self._known.protos.get(name)

    def tensor(self, name: str) -> TensorProto | None:
        """The value as ONNX writes it, where it is small and known without computing anything."""
        if name not in self._tensors:
            value = self._known.values.get(name)
            if value is None or value.size > _SMALL:
                return None
            self._tensors[name] = numpy_helper.from_array(value)
        return self._tensors[name]

    def value(self, name: str) -> np.ndarray | None:
        """The value, where it follows from constants and types; computed now if need be."""
        self._known.ask()
        waiting = [name]
        while waiting:
            node = self._known.pending.get(waiting[-1])
            if waiting[-1] in self._known.values or node is None:
                waiting.pop()
            elif (kind := self._type_read(node)) is not None:
                self._compute(node, [np.broadcast_to(np.zeros((), kind.dtype.numpy), kind.shape)])
            elif missing := [
                each for each in node.inputs if each not in self._known.values and self._known.pending.get(each)
            ]:
                waiting += missing
            else:
                self._compute(node, [self._known.values.get(each) for each in node.inputs])
        return self._known.values.get(name)

    def compute_inputs(self, node: Node) -> bool:
        """Compute the inputs of a node that can be and are small or of open size; whether that told anything new."""
        news = False
        for name in node.inputs:
            kind = self._known.types.get(name)
            is_small = not isinstance(kind, TensorType) or greatest(kind.elements) <= _SMALL
            if is_small and name not in self._known.values and self._known.pending.get(name) is not None:
                news |= self.value(name) is not None
        return news

    def follows(self, node: Node) -> bool:
        """Whether what a node produces is known, or can be computed, without any input."""
        known, pending = self._known.values, self._known.pending
        for name in node.inputs:
            if name and name not in known and pending.get(name) is None:
                return self._type_read(node) is not None
        return not is_random(node)

    def _type_read(self, node: Node) -> TensorType | None:
        """The static type that is all a `Shape` or `Size` reads."""
        kind = self._known.types.get(node.inputs[0]) if node.op in _OF_TYPE and node.domain == "" else None
        return kind if isinstance(kind, TensorType) and not kind.is_open else None

    def _compute(self, node: Node, inputs: Sequence[np.ndarray | None]) -> None:
        """Compute a pending node; where that fails, its values stay unknown, and running the node will say why."""
        self._known.pending.update(dict.fromkeys(node.writes))
        if any(value is None and name for name, value in zip(node.inputs, inputs, strict=True)):
            return
        kinds = (self._known.types.get(name) for name in node.writes)
        if any(isinstance(kind, TensorType) and kind.bytes > _LARGEST_COMPUTED for kind in kinds):
            return
        try:
            outputs = self._evaluate(node, inputs)
        except MiniInferError:
            return
        for name, array in zip(node.outputs, outputs, strict=False):
            if name and isinstance(array, np.ndarray):
                self.define_value(name, array)
