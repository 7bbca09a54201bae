"""Values that are parts of other values: what a concatenation joins, what a split or slice takes.

A part needs no bytes of its own and no copy: who makes it writes straight into the whole, who reads it reads there. It
lies there with the whole's strides, so its rows have gaps between them unless it was cut along the outermost axis.

The graph is swept backwards, so that the last concatenation a value goes into gets it:

1. `Concat` gets each input that a node makes for it, that is no output of the graph, no view, and no part of another
   value. Where all inputs are neighbours in one whole already (DenseNet joins the same tensors again and again), the
   result is a part of that whole.
2. `Split` and `Slice` (steps of 1): the results are parts of what is cut. Where all results of a split are neighbours
   in one whole already, what is cut is a part of that whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mini_infer.ir import Graph, Node, TensorType
from mini_infer.ir.alias import is_view
from mini_infer.lowering.attributes import integer, integers
from mini_infer.program.strides import dense_strides

OPERATORS = frozenset({"Concat", "Slice", "Split"})
"""Operators whose results, or whose inputs, are parts."""


@dataclass(frozen=True, slots=True)
class Part:
    """A box of another value: `starts` is where its first element lies there, along each axis."""

    of: str
    starts: tuple[int, ...]

    def moved(self, axis: int, by: int) -> "Part":
        """The box so much further along an axis."""
        starts = list(self.starts)
        starts[axis] += by
        return Part(self.of, tuple(starts))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part lies in the value that has bytes: its first element, and the strides, in elements."""

    whole: str
    offset: int
    strides: tuple[int, ...]


def find(
    graph: Graph,
    nodes: Sequence[Node],
    *,
    outputs: frozenset[str] = frozenset(),
    whole: frozenset[str] = frozenset(),
    apart: frozenset[str] = frozenset(),
) -> Mapping[str, Place]:
    """The parts of a graph.

    Parameters
    ----------
    graph
        For types and constants.
    nodes
        In execution order.
    outputs
        Values that lie in the caller's outputs: part of nothing.
    whole
        Values that must have bytes of their own, without gaps.
    apart
        Names of nodes whose parts are copied.
    """
    return _Finder(graph, nodes, outputs | whole, apart).run()


class _Finder:
    def __init__(self, graph: Graph, nodes: Sequence[Node], whole: frozenset[str], apart: frozenset[str]) -> None:
        self.graph = graph
        self.nodes = nodes
        self.whole = whole
        self.apart = apart
        self.parts: dict[str, Part] = {}
        self.makers = {name: node for node in nodes for name in node.writes}

    def run(self) -> Mapping[str, Place]:
        for node in reversed(self.nodes):
            if node.domain or node.op not in OPERATORS or node.name in self.apart:
                continue
            if node.op == "Concat":
                self._join(node)
            elif node.op == "Split" and self._is_tensor(node.inputs[0]) and self._have_shapes(node.writes):
                self._cut(node)
            elif node.op == "Slice" and self._is_tensor(node.inputs[0]):
                self._slice(node)
        return {name: self._resolve(name) for name in self.parts}

    def _is_tensor(self, name: str) -> bool:
        kind = self.graph.types.get(name)
        return isinstance(kind, TensorType) and kind.elements > 0 and name not in self.graph.constants

    def _have_shapes(self, names: Sequence[str]) -> bool:
        return all(isinstance(self.graph.types[name], TensorType) for name in names)

    def _may_move(self, name: str) -> bool:
        """Whether a value may become a part."""
        maker = self.makers.get(name)
        return (
            maker is not None
            and not is_view(maker)
            and name not in self.parts
            and name not in self.whole
            and self._is_tensor(name)
        )

    def _join(self, node: Node) -> None:
        result = node.outputs[0]
        if not self._is_tensor(result):
            return
        axis = integer(node, "axis", 1) % len(self.graph.tensor(result).shape)
        if self._may_move(result) and (first := self._neighbours(node.inputs, axis)):
            self.parts[result] = first
            return
        place = Part(result, (0,) * len(self.graph.tensor(result).shape))
        for name in node.inputs:
            if self._may_move(name) and node.inputs.count(name) == 1:
                self.parts[name] = place
            place = place.moved(axis, self.graph.tensor(name).shape[axis])

    def _cut(self, node: Node) -> None:
        source = node.inputs[0]
        axis = integer(node, "axis") % len(self.graph.tensor(source).shape)
        if self._may_move(source) and (first := self._neighbours(node.writes, axis)):
            self.parts[source] = first
            return
        place = Part(source, (0,) * len(self.graph.tensor(source).shape))
        for name in node.outputs:
            if not name:
                return
            if self._may_move(name):
                self.parts[name] = place
            place = place.moved(axis, self.graph.tensor(name).shape[axis])

    def _slice(self, node: Node) -> None:
        starts = self._starts(node)
        if starts is not None and self._may_move(node.outputs[0]):
            self.parts[node.outputs[0]] = Part(node.inputs[0], starts)

    def _starts(self, node: Node) -> tuple[int, ...] | None:
        """Where a slice begins along each axis, if its bounds are known and its steps are 1."""
        if not all(name in self.graph.constants for name in node.inputs[1:] if name):
            return None
        starts, axes, steps = (self._numbers(node, *which) for which in (("starts", 1), ("axes", 3), ("steps", 4)))
        if starts is None or any(step != 1 for step in steps or ()):
            return None
        shape = self.graph.tensor(node.inputs[0]).shape
        first = [0] * len(shape)
        for start, axis in zip(starts, axes or range(len(starts)), strict=True):
            first[axis] = range(shape[axis])[start:].start
        return tuple(first)

    def _numbers(self, node: Node, name: str, position: int) -> tuple[int, ...] | None:
        given = node.inputs[position] if len(node.inputs) > position else ""
        if not given:
            return integers(node, name)
        return tuple(int(item) for item in self.graph.constants[given].ravel())

    def _neighbours(self, names: Sequence[str], axis: int) -> Part | None:
        """The first of some parts, if they follow each other along an axis of one whole."""
        expected: Part | None = None
        for name in names:
            part = self.parts.get(name)
            if part is None or (expected is not None and part != expected):
                return None
            expected = part.moved(axis, self.graph.tensor(name).shape[axis])
        return self.parts[names[0]]

    def _chain(self, name: str) -> Iterator[Part]:
        while name in self.parts:
            yield self.parts[name]
            name = self.parts[name].of

    def _resolve(self, name: str) -> Place:
        """Where a part lies in the outermost whole."""
        starts = [0] * len(self.graph.tensor(name).shape)
        whole = name
        for part in self._chain(name):
            whole = part.of
            starts = [a + b for a, b in zip(starts, part.starts, strict=True)]
        strides = dense_strides(self.graph.tensor(whole).shape)
        return Place(whole, sum(start * stride for start, stride in zip(starts, strides, strict=True)), strides)
