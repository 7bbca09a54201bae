"""Values that are parts of other values: what a concatenation joins, what a split or slice takes.

A part needs no bytes of its own and no copy: who makes it writes straight into the whole, who reads it reads there. It
lies there with the whole's strides, so its rows have gaps between them unless it was cut along the outermost axis.

The graph is swept backwards, so that the last concatenation a value goes into gets it:

1. `Concat` gets each input that a node makes for it, that is no output of the graph, no view, and no part of another
   value. Where all inputs are neighbors in one whole already (DenseNet joins the same tensors again and again), the
   result is a part of that whole.
2. `Split` and `Slice` (steps of 1): the results are parts of what is cut. Where all results of a split are neighbors
   in one whole already, what is cut is a part of that whole.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import add

from mini_infer.ir import Graph, Node, TensorType, UndecidedError
from mini_infer.ir.alias import is_view
from mini_infer.ir.attributes import integer, setting
from mini_infer.ir.dims import greatest
from mini_infer.ir.operators import traits
from mini_infer.ir.slices import first_of_slice
from mini_infer.lowering.storage.states import Homes
from mini_infer.program.strides import dense_strides


@dataclass(frozen=True, slots=True)
class Part:
    """A box of another value: `starts` is where its first element lies there, along each axis."""

    of: str
    starts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part lies in the value that has bytes: its first element, and the strides, in elements."""

    whole: str
    offset: int
    strides: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Division:
    """What a Concat, Split or Slice named `node` says of a whole and its boxes, whatever becomes of other nodes.

    Those that are `movable` may lie there. A slice is not all of the whole: its division is not `complete`.
    """

    node: str
    whole: str
    boxes: tuple[tuple[str, Part], ...]
    movable: frozenset[str]
    complete: bool = True

    def first(self, parts: Mapping[str, Part]) -> Part | None:
        """The first of all boxes, if they lie in another whole already, and to each other as in this one."""
        first = parts.get(self.boxes[0][0]) if self.complete else None
        if first is None:
            return None
        moved = ((name, Part(first.of, tuple(map(add, first.starts, box.starts)))) for name, box in self.boxes)
        return first if all(parts.get(name) == part for name, part in moved) else None


class Finder:
    """The parts of a graph: what does not depend on which of them are copied is found once.

    Parameters
    ----------
    graph
        For types and constants.
    nodes
        In execution order.
    whole
        Values that are part of nothing: they lie in the caller's outputs, or must have bytes of their own.
    homes
        Where states lie. What is written whole at the end of a run has no parts that are read until then.
    """

    def __init__(
        self,
        graph: Graph,
        nodes: Sequence[Node],
        whole: frozenset[str] = frozenset(),
        homes: Homes | None = None,
    ) -> None:
        self._graph = graph
        self._strides = homes.strides if homes else {}
        self._written = {state.name for state in homes.states if not state.appended} if homes else set()
        makers = (node for node in nodes if not is_view(node))
        made = {name for node in makers for name in node.writes} - whole
        self._movable = frozenset(filter(self._is_tensor, made))
        joined = (node for node in reversed(nodes) if traits(node).subviews)
        self._divisions = [division for division in map(self._division, joined) if division is not None]

    def find(self, apart: frozenset[str] = frozenset()) -> Mapping[str, Place]:
        """Where each part lies, if those of the nodes named `apart` are copied."""
        parts: dict[str, Part] = {}
        for division in self._divisions:
            if division.node in apart:
                continue
            whole = division.whole
            if whole in self._movable and whole not in parts and (first := division.first(parts)):
                parts[whole] = first
                continue
            for name, part in division.boxes:
                if name in division.movable:
                    parts.setdefault(name, part)
        return self._resolved(parts)

    def _is_tensor(self, name: str) -> bool:
        kind = self._graph.types.get(name)
        return isinstance(kind, TensorType) and greatest(kind.elements) > 0 and name not in self._graph.constants

    def _division(self, node: Node) -> _Division | None:
        """What a node says of a whole and its parts; `None` where that is nothing."""
        if node.op == "Concat":
            return self._along(node, node.outputs[0], node.inputs, integer(node, "axis", 1))
        if not self._is_tensor(node.inputs[0]) or node.inputs[0] in self._written:
            return None
        if node.op == "Split":
            is_known = all(isinstance(self._graph.types.get(name), TensorType) for name in node.outputs)
            return self._along(node, node.inputs[0], node.outputs, integer(node, "axis")) if is_known else None
        starts, name = self._starts(node), node.outputs[0]
        if starts is None or name not in self._movable:
            return None
        box = (name, Part(node.inputs[0], starts))
        return _Division(node.name, node.inputs[0], (box,), frozenset({name}), complete=False)

    def _along(self, node: Node, whole: str, names: tuple[str, ...], axis: int) -> _Division | None:
        """A division of a whole along an axis, which may count from the end."""
        if not self._is_tensor(whole):
            return None
        rank = len(of := self._graph.tensor(whole).shape)
        axis %= rank
        others = (*of[:axis], *of[axis + 1 :])
        shapes = [self._graph.tensor(name).shape for name in names]
        fitting = (len(shape) == rank and (*shape[:axis], *shape[axis + 1 :]) == others for shape in shapes)
        if not all(fitting):  # they are as large as the whole at some sizes only
            return None
        sizes = (shape[axis] for shape in shapes[:-1])
        before, after = (0,) * axis, (0,) * (rank - axis - 1)
        boxes = (Part(whole, (*before, offset, *after)) for offset in accumulate(sizes, initial=0))
        once = {name for name, count in Counter(names).items() if count == 1}
        return _Division(node.name, whole, tuple(zip(names, boxes, strict=True)), self._movable & once)

    def _starts(self, node: Node) -> tuple[int, ...] | None:
        """Where a slice begins along each axis, if its bounds are known and its steps are 1."""
        if not all(name in self._graph.constants for name in node.inputs[1:] if name):
            return None
        starts, axes, steps = (
            setting(node, *which, self._graph.constants) for which in (("starts", 1), ("axes", 3), ("steps", 4))
        )
        if starts is None or any(step != 1 for step in steps or ()):
            return None
        shape = self._graph.tensor(node.inputs[0]).shape
        first = [0] * len(shape)
        for start, axis in zip(starts, axes or range(len(starts)), strict=True):
            try:
                first[axis] = first_of_slice(shape[axis], start)
            except UndecidedError:
                return None
        return tuple(first)

    def _resolved(self, parts: Mapping[str, Part]) -> Mapping[str, Place]:
        """Where parts lie in the outermost wholes."""
        places: dict[str, Place] = {}
        for name in parts:
            chain = [name]
            while chain[-1] in parts and chain[-1] not in places:
                chain.append(parts[chain[-1]].of)
            last = chain.pop()
            strides = self._strides.get(last) or dense_strides(self._graph.tensor(last).shape)
            place = places.get(last) or Place(last, 0, strides)
            for inner in reversed(chain):
                steps = zip(parts[inner].starts, place.strides, strict=True)
                offset = place.offset + sum(start * stride for start, stride in steps)
                place = places[inner] = Place(place.whole, offset, place.strides)
        return {name: places[name] for name in parts}
