"""Which values share bytes, and for how long: aliases and liveness, before anything has an offset.

A *root* is a set of values that live in the same bytes. Views join the root of what they view; an operator that works
in place lets its output join the root of an input that dies with it. A root lies in one of the caller's outputs, in a
caller's input, in the constants, or in a buffer of its own that the planner will place. Where inputs and outputs lie in
the arena they have such buffers, too: an input from the first step on, an output up to the last.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from mini_infer.ir import Graph, Node, TensorType
from mini_infer.ir.alias import in_place_inputs, is_view, viewed_values
from mini_infer.ir.dims import greatest
from mini_infer.lowering.storage.states import Home, Homes
from mini_infer.lowering.storage.subviews import Place
from mini_infer.memory import Buffer
from mini_infer.program import Space, View
from mini_infer.program.strides import is_dense

_OWN = -1
"""The number of a home in the arena that is no output's."""


@dataclass(slots=True)
class _Root:
    """Values that share bytes, by the `name` of the first; it is written in step `start`, the last use is in `last`.

    `home` is what it is the memory of: a caller's input, an output or a state, or else its own.
    """

    name: str
    space: Space
    index: int
    size: int
    unit: int
    start: int
    last: int
    home: Home


@dataclass(frozen=True, slots=True)
class Places:
    """Where every tensor lives, and the buffers to plan.

    Parameters
    ----------
    views
        Tensor name → view; constants are absent.
    buffers
        What the planner places, in the order of first use; `View.index` counts them.
    sizes
        Of the buffers, whose own are the greatest.
    """

    views: Mapping[str, View]
    buffers: tuple[Buffer, ...]
    sizes: tuple[int, ...]


class Assigner:
    """Gives every tensor of a graph a place, for any choice of parts.

    Parameters
    ----------
    graph
        Its outputs must be distinct values produced by nodes, none a view of another (`outputs.separate` sees to that).
    nodes
        The graph's nodes in execution order.
    alignment
        Of every buffer, in bytes; it is at least that of an element.
    in_place
        Whether operators may write over an input that dies with them.
    loops
        First and last step of each loop: what comes from before it and is read inside lives until its end.
    homes
        Where inputs and outputs lie; with the caller, when absent.
    """

    def __init__(
        self,
        graph: Graph,
        nodes: Sequence[Node],
        *,
        alignment: int,
        in_place: bool,
        loops: Sequence[tuple[int, int]] = (),
        homes: Homes | None = None,
    ) -> None:
        self.graph = graph
        self.nodes = nodes
        self.alignment = alignment
        self.in_place = in_place
        self.homes = homes or Homes.of(graph, graph)
        self.output_of = output_roots(graph, self.homes)
        self.last_use = {name: len(nodes) for name in graph.outputs}
        for step, node in enumerate(nodes):
            for name in node.reads:
                self.last_use[name] = max(step, self.last_use.get(name, step))
        for start, end in loops:
            inside = {name for node in nodes[start:end] for name in node.writes}
            outer = {name for node in nodes[start:end] for name in node.reads} - inside
            self.last_use.update((name, max(end, self.last_use[name])) for name in outer)

    def assign(self, parts: Mapping[str, Place] = MappingProxyType({})) -> Places:
        """Every tensor's place, if these values lie inside others (`parts.Finder`)."""
        return _Assignment(self, parts).run(self.alignment)


class _Assignment:
    def __init__(self, given: Assigner, parts: Mapping[str, Place]) -> None:
        self.graph = given.graph
        self.nodes = given.nodes
        self.parts = parts
        self.in_place = given.in_place
        self.homes = given.homes
        self.output_of = given.output_of
        self.offsets: dict[str, int] = {}
        self.roots: dict[str, _Root] = {}
        self.arena: list[_Root] = []
        self.last_use = dict(given.last_use)
        for name, place in parts.items():
            lasts = (self.last_use[known] for known in (name, place.whole) if known in self.last_use)
            self.last_use[place.whole] = max(lasts, default=0)

    def run(self, alignment: int) -> Places:
        for name, home in zip(self.graph.inputs, self.homes.inputs, strict=True):
            self._new_root(name, (Space.ARENA, _OWN) if home[0] is Space.ARENA else home, 0)
        for step, node in enumerate(self.nodes):
            for name in node.writes:
                self._place(name, node, step)
        steps = max(1, len(self.nodes))
        buffers = tuple(
            Buffer(
                root.name,
                greatest(root.size),
                root.start,
                min(root.last + 1, steps),
                alignment=max(alignment, root.unit),
            )
            for root in self.arena
        )
        views = {name: self._view(name, root) for name, root in self.roots.items()}
        return Places(views, buffers, tuple(root.size for root in self.arena))

    def _view(self, name: str, root: _Root) -> View:
        kind, strides = self.graph.tensor(name), self._strides(name)
        return View(root.space, root.index, self.offsets[name], kind, () if is_dense(kind.shape, strides) else strides)

    def _place(self, name: str, node: Node, step: int) -> None:
        if name in self.roots or not isinstance(self.graph.types[name], TensorType):
            return
        part = self.parts.get(name)
        if part is not None:
            if part.whole not in self.roots:
                self._new_whole(part.whole, step)
            size = self.graph.tensor(name).dtype.numpy.itemsize
            self._join(name, self.roots[part.whole], step, self.offsets[part.whole] + part.offset * size)
        elif root := self._shared_root(name, node, step):
            root.home = self.output_of.get(name, root.home)
            self._join(name, root, step, self.offsets[node.inputs[0]] if is_view(node) else 0)
        else:
            self._new_whole(name, step)

    def _join(self, name: str, root: _Root, step: int, offset: int) -> None:
        root.last = max(root.last, self.last_use.get(name, step))
        self.roots[name] = root
        self.offsets[name] = offset

    def _new_whole(self, name: str, step: int) -> None:
        self._new_root(name, self.output_of.get(name, (Space.ARENA, _OWN)), step)

    def _new_root(self, name: str, home: Home, step: int) -> None:
        kind = self.graph.types[name]
        if not isinstance(kind, TensorType):
            return
        space, index = home
        index = len(self.arena) if space is Space.ARENA else index
        last = self.last_use.get(name, step)
        root = _Root(name, space, index, kind.bytes, kind.dtype.numpy.itemsize, step, last, home)
        self.roots[name] = root
        self.offsets[name] = 0
        if space is Space.ARENA:
            self.arena.append(root)

    def _shared_root(self, name: str, node: Node, step: int) -> _Root | None:
        """The root that the value joins, if it can share bytes with an input of its node."""
        output = self.output_of.get(name)
        if is_view(node):
            root = self.roots.get(node.inputs[0])
            if root is not None and self._has_gaps(node.inputs[0]):
                return None
            if root is not None and (output is None or root.home == output):
                return root
        elif self.in_place and (output is None or output[0] is Space.ARENA):
            for candidate in in_place_inputs(node):
                root = self.roots.get(candidate)
                if root is not None and self._may_overwrite(candidate, root, name, node, step):
                    return root
        return None

    def _has_gaps(self, name: str) -> bool:
        return not is_dense(self.graph.tensor(name).shape, self._strides(name))

    def _strides(self, name: str) -> tuple[int, ...]:
        """The strides of what lies with gaps between its rows, in another value or in a state."""
        return self.parts[name].strides if name in self.parts else self.homes.strides.get(name, ())

    def _may_overwrite(self, candidate: str, root: _Root, name: str, node: Node, step: int) -> bool:
        kind, output = self.graph.tensor(candidate), self.graph.tensor(name)
        others = [other for other in node.reads if other != candidate and self.roots.get(other) is root]
        return (
            root.space is Space.ARENA
            and root.last == step
            and root.size == output.bytes
            and kind.shape == output.shape
            and kind.dtype.numpy.itemsize == output.dtype.numpy.itemsize
            and all(self.graph.tensor(other).shape == output.shape for other in others)
            and set(others) <= set(in_place_inputs(node))
        )


def output_roots(graph: Graph, homes: Homes) -> dict[str, Home]:
    """Value name → the output or state whose memory it is written into: what that shows, and whatever shows that.

    Of several outputs that show one value, or a value that no node makes, the others are copies (`outputs.separate`).
    So are states that are not appended.
    """
    viewed = viewed_values(graph)
    roots: dict[str, Home] = {}
    for output, home in zip(graph.outputs, homes.outputs, strict=True):
        root = viewed.get(output, output)
        if root in graph.producers and (home[0] is not Space.STATE or root in homes.appended):
            roots.setdefault(root, home)
    shown = {name: roots[root] for name, root in viewed.items() if root in roots}
    return roots | shown | dict(zip(graph.outputs, homes.outputs, strict=True))


def exported_bytes(graph: Graph, alignment: int) -> int:
    """Bytes of every tensor that a graph's nodes produce, a buffer each, rounded up to the alignment.

    What the nodes of nested graphs produce counts as well, once, however often they run.
    """
    kinds = (graph.types.get(name) for node in graph.nodes for name in node.writes)
    nested = (value for node in graph.nodes for value in node.attributes.values() if isinstance(value, Graph))
    own = sum(-(-kind.most_bytes // alignment) * alignment for kind in kinds if isinstance(kind, TensorType))
    return own + sum(exported_bytes(inner, alignment) for inner in nested)
