"""Selected kernels in an order → program: each at its step, every value at its place, and the buffers to plan."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from mini_infer.errors import ProgramError
from mini_infer.ir import Graph, Node
from mini_infer.ir.dims import symbols_in
from mini_infer.lowering.builder import ConstantPool
from mini_infer.lowering.flatten import FlatGraph, flatten
from mini_infer.lowering.select import Selection
from mini_infer.lowering.selected import Selected
from mini_infer.lowering.site import Site
from mini_infer.lowering.steps import StepWriter, constant_values, matched
from mini_infer.lowering.storage import concat_in_place
from mini_infer.lowering.storage.places import Assigner, Places
from mini_infer.lowering.storage.states import Homes
from mini_infer.memory import Buffer, Problem, alive_bytes
from mini_infer.objective import BALANCED, Objective, Preference
from mini_infer.program import Port, Program, Space
from mini_infer.program.validate import validate

_log = logging.getLogger(__name__)

_ADDED = 8
"""What part of the largest live set the workspace of a faster kernel may add to it."""


def place(
    selection: Selection,
    order: Sequence[int] | None = None,
    *,
    alignment: int = 64,
    io: str = "caller",
    in_place: bool = True,
    objective: Objective | Preference = BALANCED,
    copies_parts: bool = False,
) -> Program:
    """Give selected kernels their places in one order.

    Nested graphs are placed with the rest, as long as every node inside has a native kernel; otherwise the node that
    holds them is one interpreted step.

    Parameters
    ----------
    selection
        The kernels, chosen as places ask for them.
    order
        Indices of the graph's nodes in execution order; the graph's own when absent.
    alignment
        Of every buffer, in bytes.
    io
        Whose memory inputs and outputs lie in, see `Options`.
    in_place
        Whether operators may write over an input that dies with them.
    objective
        What to prefer where bytes and time are at odds. A `Preference` knows afterwards whether it counted.
    copies_parts
        Whether all parts of concatenations are copied there, whatever the peak.

    Of the model as it was exported, nothing is known here: `exported_bytes` is 0.

    Where sizes are given at run time, and it cannot be proved for all of them that values which share bytes are apart,
    each value gets bytes of its own.

    Raises
    ------
    ProgramError
        When what came out is not safe to run: a fault of the lowering.
    """
    preference = objective if isinstance(objective, Preference) else Preference(objective)
    attempt = _Placer(selection, preference, alignment, io, in_place, copies_parts).settled(selection.ordered(order))
    graph, selector = attempt.graph, selection.selector
    writer = StepWriter(
        ConstantPool(graph, attempt.whole, selector.shared),
        list(attempt.places.buffers),
        list(attempt.places.sizes),
        alignment,
    )
    nodes = zip(attempt.flat.nodes, attempt.sites, attempt.selected, strict=True)
    symbols = tuple(sorted(symbols_in(tuple(graph.types[name] for name in graph.inputs))))
    program = Program(
        name=graph.name,
        steps=matched([writer.step(*each) for each in nodes]),
        inputs=tuple(
            Port(name, graph.types[name], name)
            for name, (space, _) in zip(graph.inputs, attempt.homes.inputs, strict=True)
            if space is not Space.STATE
        ),
        outputs=tuple(
            Port(name, graph.types[value], value, graph.bounds.get(name))
            for name, value, (space, _) in zip(
                selection.source.outputs, graph.outputs, attempt.homes.outputs, strict=True
            )
            if space is not Space.STATE
        ),
        values={**attempt.places.views, **constant_values(graph, writer.pool)},
        constants=tuple(writer.pool.entries),
        problem=Problem(tuple(writer.buffers)),
        exported_bytes=0,
        symbols=symbols,
        sizes=tuple(writer.sizes) if symbols else (),
        states=attempt.homes.states,
    )
    try:
        validate(program, machine=selector.machine, threads=selector.threads)
    except ProgramError as error:
        if not symbols or not in_place:
            raise
        _log.info("each value gets bytes of its own: %s", error)
        return place(
            selection,
            order,
            alignment=alignment,
            io=io,
            in_place=False,
            objective=preference,
            copies_parts=copies_parts,
        )
    return program


@dataclass(frozen=True, slots=True)
class _Attempt:
    """Places in one order, and the kernels selected for them; values in `whole` have bytes of their own."""

    flat: FlatGraph
    graph: Graph
    whole: frozenset[str]
    homes: Homes
    places: Places
    sites: Sequence[Site]
    selected: Sequence[Selected]


@dataclass(frozen=True, slots=True)
class _Placer:
    """Gives the values of selected kernels their places; parameters are those of `place`."""

    selection: Selection
    preference: Preference
    alignment: int
    io: str
    in_place: bool
    copies_parts: bool

    def settled(self, nodes: Sequence[Node]) -> _Attempt:
        """Places that every kernel takes, and nested graphs only where each of their nodes has one."""
        rejected, whole = frozenset[str](), frozenset[str]()
        while True:
            attempt = self._attempt(nodes, rejected, whole)
            lacking = [index for index, each in enumerate(attempt.selected) if each.interpreted_because]
            if strided := {each.strided for each in attempt.selected if each.strided}:
                whole |= strided
            elif failed := {origin.name for index in lacking if (origin := attempt.flat.origin.get(index))}:
                rejected |= failed
            else:
                return attempt

    def _attempt(self, nodes: Sequence[Node], rejected: frozenset[str], whole: frozenset[str]) -> _Attempt:
        flat = flatten(self.selection.graph, nodes, rejected)
        graph = flat.merged()
        homes = Homes.of(self.selection.source, graph, whole, in_arena=self.io == "arena")
        assigner = Assigner(
            graph, flat.nodes, alignment=self.alignment, in_place=self.in_place, loops=flat.loops, homes=homes
        )
        if self.in_place and not flat.origin:
            places = concat_in_place.place(assigner, whole, self.preference, copies_parts=self.copies_parts)
        else:
            places = assigner.assign()
        sites = [Site.of(node, places.views) for node in flat.nodes]
        rooms = _rooms(places.buffers, len(flat.nodes))
        selection = self.selection
        selected = [
            selection.selector.choose(node, selection.number(node, graph), graph, site, whole, self.preference, room)
            for node, site, room in zip(flat.nodes, sites, rooms, strict=True)
        ]
        return _Attempt(flat, graph, whole, homes, places, sites, selected)


def _rooms(buffers: Sequence[Buffer], steps: int) -> list[int]:
    """Bytes of workspace that each step can have before it adds too much to what the largest needs without."""
    live = alive_bytes(buffers, steps)
    largest = max(live, default=0)
    return [largest + largest // _ADDED - size for size in live]
