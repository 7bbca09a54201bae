"""One node as its rule sees it: what is known of its attributes and inputs before anything is computed from them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import helper

from mini_infer.errors import ModelError
from mini_infer.frontend.inference.scope import Scope
from mini_infer.frontend.model.operators import plain_domain
from mini_infer.ir import TensorType
from mini_infer.ir.dims import at


class UnknownError(Exception):
    """What a claim asks for is not known before the run, or is not given at all: the claim says nothing."""


@dataclass(frozen=True, slots=True)
class Operands:
    """A node, its opset, and what is known around it.

    Dimensions that are given at run time are `typical`, or as they are.
    """

    node: onnx.NodeProto
    version: int
    scope: Scope
    typical: bool = True

    def has(self, position: int) -> bool:
        """Whether an input is given."""
        return 0 <= position < len(self.node.input) and bool(self.node.input[position])

    def type(self, position: int) -> TensorType:
        """The type of an input, where it is a tensor of static shape."""
        kind = self.scope.type(self.node.input[position]) if self.has(position) else None
        if not isinstance(kind, TensorType):
            raise UnknownError
        return at(kind) if self.typical and kind.is_open else kind

    def shape(self, position: int) -> tuple[int, ...]:
        """The shape of an input."""
        return self.type(position).shape

    def rank(self, position: int = 0) -> int:
        """How many dimensions an input has."""
        return len(self.shape(position))

    def size(self, position: int, axis: int) -> int:
        """One dimension of an input; nothing is known where it has no such axis, which another claim is about."""
        shape = self.shape(position)
        if not -len(shape) <= axis < len(shape):
            raise UnknownError
        return shape[axis]

    def shapes(self) -> list[tuple[int, ...]]:
        """The shapes of all inputs given."""
        return [self.shape(position) for position in range(len(self.node.input)) if self.has(position)]

    def value(self, position: int) -> np.ndarray:
        """The value of an input, where it follows from constants and types."""
        value = self.scope.value(self.node.input[position]) if self.has(position) else None
        if value is None:
            raise UnknownError
        return value

    def integers(self, position: int) -> tuple[int, ...]:
        """The value of an input of integers."""
        value = self.value(position)
        if value.dtype.kind not in "iu":
            raise UnknownError
        return tuple(map(int, value.ravel()))

    def attribute(self, name: str) -> object:
        """The value of an attribute, lists as tuples, text decoded; `None` when it is not given."""
        found = next((each for each in self.node.attribute if each.name == name), None)
        if found is None:
            return None
        value = helper.get_attribute_value(found)
        if isinstance(value, bytes):
            return value.decode(errors="replace")
        return value if isinstance(value, int | float | str) else tuple(value) if isinstance(value, Sequence) else value

    def integer(self, name: str, default: int) -> int:
        """An integer attribute."""
        value = self.attribute(name)
        if value is None:
            return default
        if not isinstance(value, int):
            raise self.wrong(f"attribute {name} is {value!r}, which is not an integer")
        return value

    def listed(self, name: str) -> tuple[int, ...] | None:
        """An attribute that lists integers; `None` when it is not given."""
        value = self.attribute(name)
        if value is None:
            return None
        if not isinstance(value, tuple) or not all(isinstance(item, int) for item in value):
            raise self.wrong(f"attribute {name} is {value!r}, which is not a list of integers")
        return value

    def given(self, name: str, position: int) -> tuple[int, ...] | None:
        """Integers that are an attribute in some opsets and an input in others; `None` when there are none."""
        return self.integers(position) if self.has(position) else self.listed(name)

    def say(self, position: int) -> str:
        """An input, for people: its place in the operator, its name and its type."""
        name = self.node.input[position]
        return f"{self._formal(position)} {name!r} is {self.scope.type(name)}"

    def wrong(self, reason: str) -> ModelError:
        """The error that says what is wrong with the node."""
        domain = plain_domain(self.node.domain)
        op = f"{self.node.op_type} of {domain}" if domain else self.node.op_type
        label = self.node.name or next(filter(None, self.node.output), "")
        return ModelError(f"node {label!r} ({op}): {reason}")

    def is_variadic(self, position: int) -> bool:
        """Whether an input is one of any number."""
        last = len(self._declared) - 1
        variadic = onnx.defs.OpSchema.FormalParameterOption.Variadic
        return 0 <= last <= position and self._declared[last].option == variadic

    @property
    def _declared(self) -> Sequence["onnx.defs.OpSchema.FormalParameter"]:
        """The inputs as the operator's schema has them."""
        try:
            return onnx.defs.get_schema(self.node.op_type, self.version, plain_domain(self.node.domain)).inputs
        except onnx.defs.SchemaError:
            return ()

    def _formal(self, position: int) -> str:
        """What the operator calls an input."""
        declared = self._declared
        return f"input {declared[position].name}" if position < len(declared) else f"input {position}"


def text(shape: Sequence[int | None]) -> str:
    """A shape or a list of integers, for people."""
    return f"[{'x'.join('?' if size is None else str(size) for size in shape)}]"
