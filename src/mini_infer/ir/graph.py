"""Nodes and graphs: the model as static-shaped nodes and values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Union

import numpy as np

from mini_infer.ir.bounded import Bound
from mini_infer.ir.types import DType, TensorType, ValueType

Attribute = Union[int, float, str, bytes, tuple["Attribute", ...], np.ndarray, "Graph"]

FUSED_DOMAIN = "mini_infer"
"""The domain of nodes that stand for several ONNX nodes (`Node.body`)."""

QUANTIZED_DOMAIN = "mini_infer.quantized"
"""The domain of operators on quantized tensors that neither ONNX nor onnxruntime has (`ir.quantized`)."""

CONTRIB_DOMAIN = "com.microsoft"
"""The domain of onnxruntime's own operators, of which the graph has those on quantized tensors (`ir.quantized`)."""


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One operator applied to named values.

    A plain node means what ONNX says of `op` in `domain` at opset `version`. A fused node has the domain
    `FUSED_DOMAIN` and a `body`: the plain ONNX nodes it stands for, in order. The body reads the node's inputs by
    name, names its inner values itself, and produces every output of the node. It stands for the body's nodes.

    An omitted optional input or output is the empty name.
    """

    name: str
    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    domain: str = ""
    version: int = 0
    body: tuple["Node", ...] = ()

    def __post_init__(self) -> None:
        if bool(self.body) != (self.domain == FUSED_DOMAIN):
            raise ValueError(f"node {self.name!r}: a body and the domain {FUSED_DOMAIN!r} go together")

    @property
    def reads(self) -> tuple[str, ...]:
        """The values read: inputs present, and what nested graphs capture from outside."""
        names = self.inputs
        for node in (self, *self.body):
            if node.attributes:
                names += node.captured
        if "" in names or (len(names) > 1 and len(set(names)) < len(names)):
            names = tuple(filter(None, dict.fromkeys(names)))
        return names

    @property
    def captured(self) -> tuple[str, ...]:
        """The outer values that this node's nested graphs read without naming them as inputs."""
        return tuple(
            name
            for attribute in self.attributes.values()
            if isinstance(attribute, Graph)
            for name in attribute.captured
        )

    @property
    def writes(self) -> tuple[str, ...]:
        """The values produced: the outputs present."""
        return tuple(filter(None, self.outputs)) if "" in self.outputs else self.outputs

    @property
    def primitives(self) -> tuple["Node", ...]:
        """The plain ONNX nodes this node stands for: its body, or itself."""
        return self.body or (self,)


@dataclass(frozen=True, eq=False)
class Graph:
    """Nodes in topological order over named values; each value is produced once.

    Parameters
    ----------
    name
        The model's name.
    nodes
        In an order in which they can run.
    inputs, outputs
        Names of the values that the caller gives and gets, in order.
    types
        The type of every value: inputs, constants and node outputs.
    constants
        Values known at build time (weights). They are neither inputs nor node outputs.
    bounds
        Of the outputs whose true size is known only at run time: the tensor is as large as it can become, and the count
        that its bound names is an output too.
    unusable
        Of a branch that cannot run with the shapes around it: why. Taking it at run time is an error.
    states
        Which input has from run to run what which output had in the run before: their positions.

    `verify` checks all this.
    """

    name: str
    nodes: tuple[Node, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    types: Mapping[str, ValueType]
    constants: Mapping[str, np.ndarray] = field(default_factory=dict)
    bounds: Mapping[str, Bound] = field(default_factory=dict)
    unusable: str = ""
    states: tuple[tuple[int, int], ...] = ()

    @cached_property
    def operators(self) -> frozenset[str]:
        """The operators of the nodes, whatever their domain; not those in bodies and nested graphs."""
        return frozenset({node.op for node in self.nodes})

    @cached_property
    def producers(self) -> Mapping[str, Node]:
        """Value name → the node that produces it."""
        return {name: node for node in self.nodes for name in node.writes}

    @cached_property
    def readers(self) -> Mapping[str, tuple[Node, ...]]:
        """Value name → the nodes that read it, in order. Names that nobody reads are absent."""
        readers: dict[str, list[Node]] = {}
        for node in self.nodes:
            for name in node.reads:
                readers.setdefault(name, []).append(node)
        return {name: tuple(nodes) for name, nodes in readers.items()}

    @cached_property
    def captured(self) -> tuple[str, ...]:
        """Names read inside but defined outside: what a nested graph takes from the graph around it."""
        known = {"", *self.inputs, *self.constants}
        captured: dict[str, None] = {}
        for node in self.nodes:
            captured.update((name, None) for name in node.reads if name not in known)
            known.update(node.outputs)
        captured.update((name, None) for name in self.outputs if name not in known)
        return tuple(captured)

    def tensor(self, name: str) -> TensorType:
        """The tensor type of a value.

        Raises
        ------
        TypeError
            When the value has no static shape.
        """
        kind = self.types[name]
        if not isinstance(kind, TensorType):
            raise TypeError(f"{name!r} is {kind}, which has no static shape")
        return kind

    def replace(
        self,
        *,
        nodes: Iterable[Node] | None = None,
        types: Mapping[str, ValueType] | None = None,
        constants: Mapping[str, np.ndarray] | None = None,
        outputs: tuple[str, ...] | None = None,
    ) -> "Graph":
        """A graph with other nodes.

        `types` and `constants` are added to the present ones; what no node, input or output mentions is dropped.
        """
        nodes = self.nodes if nodes is None else tuple(nodes)
        outputs = self.outputs if outputs is None else outputs
        all_constants = {**self.constants, **(constants or {})}
        all_types = {**self.types, **(types or {})}
        for name, array in (constants or {}).items():
            if name not in all_types:  # strings have a type of the graph's, and none of the element types
                all_types[name] = TensorType(DType.of(array.dtype), array.shape)
        used = {*self.inputs, *outputs}
        for node in nodes:
            used.update(node.reads, node.writes)
        return Graph(
            name=self.name,
            nodes=nodes,
            inputs=self.inputs,
            outputs=outputs,
            types={name: kind for name, kind in all_types.items() if name in used},
            constants={name: array for name, array in all_constants.items() if name in used},
            bounds=self.bounds,
            unusable=self.unusable,
            states=self.states,
        )
