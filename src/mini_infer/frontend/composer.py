"""Writes the ONNX nodes that one node stands for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import ArrayLike
from onnx import TensorProto, helper, numpy_helper

from mini_infer.errors import UnsupportedError
from mini_infer.frontend.inference.scope import Scope
from mini_infer.ir import Dim, TensorType
from mini_infer.ir.quantized import VERSION as OWN_VERSION

VERSION = 23
"""The opset of the nodes written."""

UNDEFINED_DOMAIN = "mini_infer.undefined"
"""Of ONNX's own operators at opsets that do not define them, while a model is read: onnx's checker takes those."""


class UnexpressibleError(UnsupportedError):
    """A node that its rule cannot write as other nodes."""


class RefusedError(UnsupportedError):
    """A model with nodes that cannot be written as ONNX nodes: `reasons` has one for each."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = tuple(reasons)


@dataclass(slots=True)
class Composer:
    """The nodes written so far for one node. Called with an operator and its inputs, it adds a node.

    Parameters
    ----------
    node, version
        What is to be replaced, and the opset whose meaning it has.
    scope
        What is known of its inputs.
    nodes
        What was written.
    """

    node: onnx.NodeProto
    version: int
    scope: Scope
    nodes: list[onnx.NodeProto] = field(default_factory=list)

    def __call__(self, op: str, *inputs: str, **attributes: Any) -> str:
        """Add a node with one output; returns its name."""
        return self.several(op, inputs, 1, **attributes)[0]

    def several(self, op: str, inputs: Sequence[str], outputs: int, **attributes: Any) -> list[str]:
        """Add a node with several outputs; returns their names."""
        number = len(self.nodes)
        names = [f"{self._prefix}/{op}_{number}" + (f"_{k}" if k else "") for k in range(outputs)]
        name = f"{self.node.name or self._prefix}/{op}_{number}"
        self.nodes.append(helper.make_node(op, inputs, names, name, **attributes))
        return names

    def constant(self, value: ArrayLike, dtype: "np.dtype[Any] | type | None" = None) -> str:
        """Add a constant."""
        array = np.asarray(value, dtype)
        name = f"{self._prefix}/constant_{len(self.nodes)}"
        self.nodes.append(helper.make_node("Constant", [], [name], value=numpy_helper.from_array(array)))
        return name

    def integers(self, *values: int) -> str:
        """Add a constant of int64: axes, a shape."""
        return self.constant(values, np.int64)

    def like(self, value: float, name: str) -> str:
        """Add a constant of the element type that another value has."""
        kind = self.element_type(name) if self.scope.has_dims else 0  # of static sizes such nodes stay as they are
        if kind in (TensorProto.FLOAT, TensorProto.DOUBLE):
            return self.constant(value, np.dtype(helper.tensor_dtype_to_np_dtype(kind)))
        return self("CastLike", self.constant(value, np.float64), name)

    def input(self, position: int) -> str:
        """The name of an input; empty where it is omitted."""
        return self.node.input[position] if position < len(self.node.input) else ""

    def has_output(self, position: int) -> bool:
        """Whether anybody wants an output."""
        return position < len(self.node.output) and bool(self.node.output[position])

    def attribute(self, name: str, default: Any = None) -> Any:
        """An attribute's value, text decoded."""
        found = next((each for each in self.node.attribute if each.name == name), None)
        value = default if found is None else helper.get_attribute_value(found)
        return value.decode() if isinstance(value, bytes) else value

    def attributes(self, *names: str) -> dict[str, Any]:
        """Those of the named attributes that the node has, to be handed on."""
        return {each.name: helper.get_attribute_value(each) for each in self.node.attribute if each.name in names}

    def shape(self, name: str) -> tuple[int, ...]:
        """The static shape of a value.

        Raises
        ------
        UnexpressibleError
            When it is not known.
        """
        kind = self.scope.proto(name)
        dims = kind.tensor_type.shape.dim if kind is not None and kind.tensor_type.HasField("shape") else None
        if dims is None or not all(dim.HasField("dim_value") for dim in dims):
            raise self.refusal(f"has an input {name!r} whose shape is not known")
        return tuple(dim.dim_value for dim in dims)

    def sizes(self, name: str) -> tuple[int, ...]:
        """The shape of a value, of which dimensions may be given at run time.

        Raises
        ------
        UnexpressibleError
            When it is not known.
        """
        kind = self.scope.type(name)
        return kind.shape if isinstance(kind, TensorType) else self.shape(name)

    def size(self, name: str, axis: int) -> str:
        """Add nodes that give one dimension of a value, as int64 of shape [1]; one number where it is one."""
        size = self.sizes(name)[axis]
        return self("Shape", name, start=axis, end=axis + 1) if isinstance(size, Dim) else self.integers(size)

    def steps(self, name: str, axis: int) -> str:
        """Add nodes that count a dimension of a value: 0, 1, 2, …, as int64."""
        size = self.sizes(name)[axis]
        if not isinstance(size, Dim):
            return self.constant(np.arange(size), np.int64)
        zero, one = (self.constant(number, np.int64) for number in (0, 1))
        return self("Range", zero, self("Squeeze", self.size(name, axis)), one)

    def element_type(self, name: str) -> int:
        """ONNX's number of a value's element type; 0 when it is not known."""
        kind = self.scope.proto(name)
        return 0 if kind is None else kind.tensor_type.elem_type

    def value(self, position: int) -> np.ndarray:
        """The value of an input that has to be known.

        Raises
        ------
        UnexpressibleError
            When it is not known before the run.
        """
        value = self.scope.value(self.input(position))
        if value is None:
            raise self.refusal(f"takes {self.input(position)!r}, which must be a constant")
        return value

    def refusal(self, reason: str) -> UnexpressibleError:
        """The error that says why this node cannot be expressed: `reason` is the end of a sentence about it."""
        domain = "ai.onnx" if self.node.domain in {"", UNDEFINED_DOMAIN} else self.node.domain
        return UnexpressibleError(f"node {self.node.name!r} ({self.node.op_type} of {domain}) {reason}")

    @property
    def _prefix(self) -> str:
        return str(next(filter(None, self.node.output)))


Rule = Callable[[Composer], Sequence[str]]
"""Writes a node's meaning; returns the names of its outputs, empty or absent where nobody may ask for one."""


def compose(node: onnx.NodeProto, version: int, scope: Scope, rule: Rule) -> list[tuple[onnx.NodeProto, int]]:
    """The nodes that a rule writes, giving the node's own outputs, each with its opset.

    Raises
    ------
    UnexpressibleError
        When the rule cannot express the node, or does not give an output that somebody asks for.
    """
    composer = Composer(node, version, scope)
    results = [*rule(composer)]
    for position, wanted in enumerate(node.output):
        if wanted:
            if position >= len(results) or not results[position]:
                raise composer.refusal(f"is asked for its output {wanted!r}, which is not supported")
            composer.nodes.append(helper.make_node("Identity", [results[position]], [wanted], f"{wanted}/result"))
    return [(each, OWN_VERSION if each.domain else VERSION) for each in composer.nodes]
