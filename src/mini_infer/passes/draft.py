"""A graph while one forward sweep rewrites it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from mini_infer.ir import DType, Graph, Node, TensorType
from mini_infer.ir.graph import FUSED_DOMAIN


class Draft:
    """The new nodes of a graph, emitted in order while its old ones are swept once.

    A rewrite of several nodes takes the earlier ones back (`take`) and emits what stands for all of them in the place
    of the last. That keeps the order valid as long as nothing else reads what lies between (`only_use`), and makes
    every pass linear: no position is looked for, no node is visited twice.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.types = dict(graph.types)
        self.constants = dict(graph.constants)
        self._outputs = frozenset(graph.outputs)
        self._nodes: list[Node | None] = []
        self._position: dict[str, int] = {}
        self._counts: Counter[str] = Counter()

    def tensor(self, name: str) -> TensorType | None:
        """The type of a value, when it is a tensor of static shape."""
        kind = self.types.get(name)
        return kind if isinstance(kind, TensorType) else None

    def emit(self, node: Node) -> None:
        """Append a node."""
        nodes = self._nodes
        for name in node.outputs:
            self._position[name] = len(nodes)
        nodes.append(node)

    def producer(self, name: str) -> Node | None:
        """The emitted node that produces a value."""
        position = self._position.get(name)
        return None if position is None else self._nodes[position]

    def position(self, name: str) -> int:
        """Where the producer of a value was emitted; -1 for inputs and constants."""
        return self._position.get(name, -1)

    def take(self, name: str) -> Node:
        """Remove and return the emitted node that produces a value."""
        position = self._position[name]
        node = self._nodes[position]
        if node is None:
            raise KeyError(f"the producer of {name!r} was taken already")
        self._nodes[position] = None
        for output in node.outputs:
            self._position.pop(output, None)
        return node

    def uses(self, name: str) -> int:
        """How many of the old nodes read a value, plus one when the caller gets it."""
        return len(self.graph.readers.get(name, ())) + (name in self._outputs)

    def only_use(self, name: str) -> bool:
        """Whether exactly one node reads a value and the caller does not get it."""
        return len(self.graph.readers.get(name, ())) == 1 and name not in self._outputs

    def is_output(self, name: str) -> bool:
        """Whether the caller gets this value."""
        return name in self._outputs

    def fresh(self, hint: str) -> str:
        """`hint`, or `hint_2`, `hint_3`, …: a name that no value of the graph has."""
        name = hint
        while name in self.types:
            self._counts[hint] += 1
            name = f"{hint}_{self._counts[hint] + 1}"
        return name

    def declare(self, hint: str, kind: TensorType) -> str:
        """A new value of the given type; its name."""
        name = self.fresh(hint)
        self.types[name] = kind
        return name

    def constant(self, hint: str, array: np.ndarray) -> str:
        """A new constant; its name."""
        name = self.declare(hint, TensorType(DType.of(array.dtype), array.shape))
        self.constants[name] = array
        return name

    def define(self, name: str, array: np.ndarray) -> None:
        """Make a value that a node computed a constant."""
        self.types[name] = TensorType(DType.of(array.dtype), array.shape)
        self.constants[name] = array

    def finish(self) -> Graph:
        """The graph of the emitted nodes."""
        nodes = (node for node in self._nodes if node is not None)
        return self.graph.replace(nodes=nodes, types=self.types, constants=self.constants)


def fuse(op: str, nodes: Iterable[Node]) -> Node:
    """One node that stands for several, which end in the only one whose outputs anyone else reads.

    It has the last node's name and outputs; its inputs are what the nodes read from outside, in order of first use.
    Fused nodes among them give their bodies.
    """
    nodes = tuple(nodes)
    body = tuple(inner for node in nodes for inner in node.meaning)
    inside = {name for inner in body for name in inner.outputs}
    inputs = dict.fromkeys(name for inner in body for name in inner.inputs if name and name not in inside)
    last = nodes[-1]
    return Node(last.name, op, tuple(inputs), last.outputs, domain=FUSED_DOMAIN, body=body)


def rename(node: Node, names: Mapping[str, str]) -> Node:
    """The node reading other values: `names` maps old names to new ones. Nested graphs are left alone.

    Values inside a body that have one of the new names step aside.
    """
    if not names or names.keys().isdisjoint(node.inputs):
        return node
    names = {name: names[name] for name in node.inputs if name in names}
    inputs = tuple(names.get(name, name) for name in node.inputs)
    if not node.body:
        return replace(node, inputs=inputs)
    taken = {*inputs, *node.outputs}
    inside = dict(names)
    for inner in node.body:
        for name in inner.outputs:
            if name in taken and name not in node.outputs:
                fresh = f"{name}_inner"
                while fresh in taken:
                    fresh += "_"
                inside[name] = fresh
    body = tuple(
        replace(
            inner,
            inputs=tuple(inside.get(name, name) for name in inner.inputs),
            outputs=tuple(name if name in node.outputs else inside.get(name, name) for name in inner.outputs),
        )
        for inner in node.body
    )
    return replace(node, inputs=inputs, body=body)


def rename_outputs(node: Node, names: Mapping[str, str]) -> Node:
    """The node writing other values, in its body too."""
    outputs = tuple(names.get(name, name) for name in node.outputs)
    mine = {old: new for old, new in zip(node.outputs, outputs, strict=True) if old != new}
    body = tuple(
        replace(
            inner,
            inputs=tuple(mine.get(name, name) for name in inner.inputs),
            outputs=tuple(mine.get(name, name) for name in inner.outputs),
        )
        for inner in node.body
    )
    return replace(node, outputs=outputs, body=body)
