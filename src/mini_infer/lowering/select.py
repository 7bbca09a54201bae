"""Which kernels compute a node: chosen once, wherever its operands are put and however the steps are ordered.

What a lowering function is told of its node's surroundings is little: types, constants, how the operands lie to each
other (`site.Layout`), the objective, and whether so much workspace fits. A node that was selected with the same answers
is not lowered again: not in another order of the steps, nor in another graph of the same model, such as the one with
blocks. Selected kernels work on values (operands, constants, workspaces, each numbered for the node alone);
`place` says where in a program these are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

from mini_infer.ir import DType, Graph, Node
from mini_infer.lowering.alike import alike
from mini_infer.lowering.builder import Builder, ConstantPool, Shared
from mini_infer.lowering.contraction.timings import Tiles
from mini_infer.lowering.halves import Halves
from mini_infer.lowering.selected import Selected, lowered
from mini_infer.lowering.site import Layout, Site
from mini_infer.lowering.storage import outputs
from mini_infer.lowering.tables import Tables
from mini_infer.machine import GENERIC, Machine
from mini_infer.objective import Objective, Preference


@dataclass(frozen=True, slots=True)
class _Answers:
    """What a lowering was told when it asked (no objective: it never did), and on which alone it depends."""

    objective: Objective | None
    fitting: int
    excess: int

    def hold(self, preference: Preference, room: int) -> bool:
        """Whether they are the answers for this objective and so much room."""
        fits = self.fitting <= room < self.excess
        return fits and (self.objective is None or self.objective == preference.objective)


class Selector:
    """Selects kernels for one machine, and remembers them for all graphs of a model.

    Parameters
    ----------
    machine
        What kernels are chosen, and their weights packed, for.
    threads
        That a run is spread over.
    tiles
        Register tiles to take instead of the cost model's.
    half
        The type of 16 bits that weights lie in where it holds them.
    """

    def __init__(
        self,
        machine: Machine = GENERIC,
        threads: int = 1,
        tiles: Tiles = MappingProxyType({}),
        half: DType | None = None,
    ) -> None:
        self.machine = machine
        self.threads = threads
        self.tiles = tiles
        self.halves = Halves(half)
        self.shared: Shared = {}
        self.tables = Tables()
        self._count = 0
        self._numbers: dict[tuple[str, ...], list[tuple[Node, Graph, int]]] = {}
        self._known: dict[tuple[int, Layout, tuple[str, ...]], list[tuple[_Answers, Selected]]] = {}

    def number(self, node: Node, graph: Graph) -> int:
        """A number that nodes share which are lowered alike wherever they have the same layout."""
        known = self._numbers.setdefault(node.outputs, [])
        for other, others, number in known:
            if alike(node, graph, other, others):
                return number
        self._count += 1
        known.append((node, graph, self._count))
        return self._count

    def choose(
        self,
        node: Node,
        number: int,
        graph: Graph,
        site: Site,
        whole: frozenset[str],
        preference: Preference,
        room: int,
    ) -> Selected:
        """The kernels of a node, which has that `number`, at a site.

        Constants in `whole` must be written out; `room` are the bytes of workspace that fit.
        """
        written_out = tuple(name for name in node.inputs if name in whole) if whole else ()
        known = self._known.setdefault((number, site.layout, written_out), [])
        for answers, selected in known:
            if answers.hold(preference, room):
                return selected
        mine = preference.part()
        builder = Builder(
            graph,
            self.machine,
            site.local(),
            ConstantPool(graph, written_out, self.shared, self.tables),
            len(site.storages),
            threads=self.threads,
            preference=mine,
            tiles=self.tiles,
            halves=self.halves,
            room=room,
        )
        selected = lowered(node, builder)
        objective = mine.objective if mine.was_asked else None
        known.append((_Answers(objective, builder.fitting, builder.excess), selected))
        return selected


class Selection:
    """The kernels of a graph's nodes, on values; `place.place` gives them views and buffers, in any order.

    They are selected as they are first asked for: which operands share bytes, and which have gaps between their rows,
    is known when they get their places. `source` is the graph that was given; in `graph` each of its outputs is a value
    of its own.
    """

    def __init__(self, graph: Graph, selector: Selector) -> None:
        self.source = graph
        self.graph = outputs.separate(graph)
        self.selector = selector
        self._numbers: dict[Node, int] = {}

    def ordered(self, order: Sequence[int] | None) -> list[Node]:
        """The nodes in an order of the given ones; copies for the caller come last."""
        given = self.source.nodes
        first = given if order is None else [given[index] for index in order]
        return [*first, *self.graph.nodes[len(given) :]]

    def number(self, node: Node, graph: Graph) -> int:
        """The selector's number of a node, which may be one out of a nested graph; `graph` has its types."""
        number = self._numbers.get(node)
        if number is None:
            number = self._numbers[node] = self.selector.number(node, graph)
        return number


def select(graph: Graph, selector: Selector | None = None) -> Selection:
    """The kernels of a graph's nodes, on values; for a generic machine where no selector is given."""
    return Selection(graph, selector or Selector())
