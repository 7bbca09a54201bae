"""A graph while one forward sweep rewrites it, and nodes made of others: fused, or under other names."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from mini_infer.ir import Dim, DType, Graph, Node, TensorType
from mini_infer.ir.graph import FUSED_DOMAIN
from mini_infer.passes.remarks import Remarks


class GraphRewriter:
    """The new nodes of a graph, appended in order while its old ones are visited once.

    A rewrite of several nodes erases the earlier ones and appends what stands for all of them in the place of the last.
    That keeps the order valid as long as nothing else reads what lies between (`has_one_use`), and makes every pass
    linear: no position is looked for, no node is visited twice.

    Parameters
    ----------
    graph
        The graph that is rewritten.
    pass_name, remarks
        Who rewrites it, and where that is recorded.
    """

    def __init__(self, graph: Graph, pass_name: str, remarks: Remarks) -> None:
        self.graph = graph
        self.types = dict(graph.types)
        self.constants = dict(graph.constants)
        self.changed = False
        self._pass_name = pass_name
        self._remarks = remarks
        self._outputs = frozenset(graph.outputs)
        self._appended = 0
        self._nodes: dict[int, Node] = {}
        self._position: dict[str, int] = {}
        self._counts: Counter[str] = Counter()

    def applied(self, node: str, text: str) -> None:
        """Record a rewrite."""
        self.changed = True
        self._remarks.applied(self._pass_name, node, text)

    def missed(self, node: str, reason: str) -> None:
        """Record a rewrite that nearly fired, and why it did not."""
        self._remarks.missed(self._pass_name, node, reason)

    def tensor(self, name: str) -> TensorType | None:
        """The type of a value, when it is a tensor of static shape."""
        kind = self.types.get(name)
        return kind if isinstance(kind, TensorType) else None

    def scalar(self, name: str) -> float | None:
        """The value of a constant whose elements are all equal, whatever its shape."""
        array = self.constants.get(name)
        if array is None or array.size == 0 or array.dtype.kind not in "fiu":
            return None
        first = array.flat[0]
        return float(first) if bool(np.all(array == first)) else None

    def append(self, node: Node) -> None:
        """Append a node."""
        for name in node.outputs:
            self._position[name] = self._appended
        self._nodes[self._appended] = node
        self._appended += 1

    def erase(self, name: str) -> Node:
        """Remove the appended node that produces a value, and return it."""
        return self._nodes.pop(self._position[name])

    def producer(self, name: str, *plain: str) -> Node | None:
        """The appended node that produces a value; of the operators in `plain`, if any are given."""
        node = self._nodes.get(self.position(name))
        if node is None or (plain and (node.domain or node.op not in plain)):
            return None
        return node

    def position(self, name: str) -> int:
        """Where the producer of a value was appended; -1 for inputs and constants."""
        return self._position.get(name, -1)

    def has_one_use(self, name: str) -> bool:
        """Whether exactly one node reads a value and the caller does not get it."""
        return len(self.graph.readers.get(name, ())) == 1 and name not in self._outputs

    def is_output(self, name: str) -> bool:
        """Whether the caller gets this value."""
        return name in self._outputs

    def _unique_name(self, hint: str) -> str:
        """`hint`, or `hint_2`, `hint_3`, …: a name that no value of the graph has."""
        name = hint
        while name in self.types:
            self._counts[hint] += 1
            name = f"{hint}_{self._counts[hint] + 1}"
        return name

    def new_value(self, hint: str, kind: TensorType) -> str:
        """A new value of the given type; its name."""
        name = self._unique_name(hint)
        self.types[name] = kind
        return name

    def new_constant(self, hint: str, array: np.ndarray) -> str:
        """A new constant; its name."""
        name = self._unique_name(hint)
        self.set_constant(name, array)
        return name

    def set_constant(self, name: str, array: np.ndarray) -> None:
        """Make a value that a node computed a constant."""
        self.types[name] = TensorType(DType.of(array.dtype), array.shape)
        self.constants[name] = array

    def reshape(self, node: str, source: str, result: str, shape: Sequence[int]) -> Node:
        """A Reshape of that name; sizes that are given at run time are an attribute, as until opset 5."""
        if any(isinstance(size, Dim) for size in shape):
            return Node(node, "Reshape", (source,), (result,), {"shape": tuple(shape)}, version=1)
        constant = self.new_constant(f"{result}_shape", np.asarray(shape, dtype=np.int64))
        return Node(node, "Reshape", (source, constant), (result,), version=13)

    def finish(self) -> Graph:
        """The graph of the appended nodes; the very graph when nothing changed."""
        if not self.changed:
            return self.graph
        return self.graph.replace(nodes=self._nodes.values(), types=self.types, constants=self.constants)


def fuse(op: str, nodes: Iterable[Node]) -> Node:
    """One node that stands for several, which end in the only one whose outputs anyone else reads.

    It has the last node's name and outputs; its inputs are what the nodes read from outside, in order of first use.
    Fused nodes among them give their bodies.
    """
    nodes = tuple(nodes)
    body = tuple(inner for node in nodes for inner in node.primitives)
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
    written = {old: new for old, new in inside.items() if old not in node.outputs}
    return replace(node, inputs=inputs, body=tuple(_renamed(inner, inside, written) for inner in node.body))


def rename_outputs(node: Node, names: Mapping[str, str]) -> Node:
    """The node writing other values, in its body too."""
    if names.keys().isdisjoint(node.outputs):
        return node
    outputs = tuple(names.get(name, name) for name in node.outputs)
    mine = {old: new for old, new in zip(node.outputs, outputs, strict=True) if old != new}
    return replace(node, outputs=outputs, body=tuple(_renamed(inner, mine, mine) for inner in node.body))


def _renamed(node: Node, read: Mapping[str, str], written: Mapping[str, str]) -> Node:
    """The node of a body reading and writing other values."""
    inputs = tuple(read.get(name, name) for name in node.inputs)
    return replace(node, inputs=inputs, outputs=tuple(written.get(name, name) for name in node.outputs))
