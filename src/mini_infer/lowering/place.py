"""Selected kernels in an order → program: each at its step, every value at its place, and the buffers to plan."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from mini_infer.ir import Graph, Node, TensorType
from mini_infer.ir.splats import is_splat
from mini_infer.lowering import joins
from mini_infer.lowering.builder import ConstantPool
from mini_infer.lowering.flatten import Flat, flatten, shown
from mini_infer.lowering.places import Assigner, Places
from mini_infer.lowering.select import Selected, Selection
from mini_infer.lowering.site import Site
from mini_infer.memory import Buffer, Problem, alive_bytes
from mini_infer.objective import BALANCED, Objective, Preference
from mini_infer.program import Call, ControlKind, Port, Program, Space, Step, View
from mini_infer.program.validate import validate

_ADDED = 8
"""What part of the largest live set the workspace of a faster kernel may add to it."""


def place(
    selection: Selection,
    order: Sequence[int] | None = None,
    *,
    alignment: int = 64,
    in_place: bool = True,
    objective: Objective | Preference = BALANCED,
    exported_bytes: int = 0,
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
    in_place
        Whether operators may write over an input that dies with them.
    objective
        What to prefer where bytes and time are at odds. A `Preference` knows afterwards whether it counted.
    exported_bytes
        The size of the model's tensors before any pass, for the reports.

    Raises
    ------
    ProgramError
        When what came out is not safe to run: a fault of the lowering.
    """
    nodes, rejected, whole = selection.ordered(order), frozenset[str](), frozenset[str]()
    preference = objective if isinstance(objective, Preference) else Preference(objective)
    while True:
        flat = flatten(selection.graph, nodes, rejected)
        graph = flat.merged()
        places = _places(graph, flat, whole, preference, alignment=alignment, in_place=in_place)
        sites = [Site.of(node, places.views) for node in flat.nodes]
        rooms = _rooms(places.buffers, len(flat.nodes))
        selected = [
            selection.kernels(node, graph, site, whole, preference, room)
            for node, site, room in zip(flat.nodes, sites, rooms, strict=True)
        ]
        strided = {each.strided for each in selected if each.strided}
        failed = {
            flat.origin[i].name for i, each in enumerate(selected) if each.interpreted_because and i in flat.origin
        }
        if strided:
            whole |= strided
        elif failed:
            rejected |= failed
        else:
            break
    writer = _Writer(ConstantPool(graph, whole, selection.selector.shared), list(places.buffers), alignment)
    steps = [writer.step(*each) for each in zip(flat.nodes, sites, selected, strict=True)]
    program = Program(
        name=graph.name,
        steps=_matched(steps),
        inputs=tuple(Port(name, graph.types[name], name) for name in graph.inputs),
        outputs=tuple(
            Port(name, graph.types[value], value, graph.bounds.get(name))
            for name, value in zip(selection.source.outputs, graph.outputs, strict=True)
        ),
        values={**places.views, **_constant_values(graph, writer.pool)},
        constants=tuple(writer.pool.entries),
        problem=Problem(tuple(writer.buffers)),
        exported_bytes=exported_bytes,
    )
    validate(program, machine=selection.selector.machine, threads=selection.selector.threads)
    return program


def _places(
    graph: Graph, flat: Flat, whole: frozenset[str], preference: Preference, *, alignment: int, in_place: bool
) -> Places:
    """The place of every value; those in `whole` have bytes of their own."""
    assigner = Assigner(graph, flat.nodes, alignment=alignment, in_place=in_place, loops=flat.loops)
    if not in_place or flat.origin:
        return assigner.assign()
    return joins.place(graph, flat.nodes, assigner.assign, whole, save=lambda: preference.objective.copies_parts)


def _rooms(buffers: Sequence[Buffer], steps: int) -> list[int]:
    """Bytes of workspace that each step can have before it adds too much to what the largest needs without."""
    live = alive_bytes(buffers, steps)
    largest = max(live, default=0)
    return [largest + largest // _ADDED - size for size in live]


@dataclass(slots=True)
class _Writer:
    """Writes one step after the other.

    Parameters
    ----------
    pool, buffers
        The program's, so far.
    alignment
        Of every buffer.
    """

    pool: ConstantPool
    buffers: list[Buffer]
    alignment: int
    count: int = field(default=0, init=False)

    def step(self, node: Node, site: Site, selected: Selected) -> Step:
        """The next step: what was selected, where the program has its operands, its workspaces and its constants."""
        constants = [self.pool.add(constant) for constant in selected.constants]
        first = len(self.buffers) - len(site.storages)
        known = dict(zip(map(id, selected.operands), site.views, strict=True))

        def placed(view: View) -> View:
            if view.space is not Space.CONSTANT and view.index < len(site.storages):
                return known.get(id(view)) or site.moved(view)
            index = constants[view.index] if view.space is Space.CONSTANT else first + view.index
            return View(view.space, index, view.offset, view.type, view.strides)

        self._add_workspaces(node, selected.workspaces)
        self.count += 1
        calls = tuple(Call(call.kernel, tuple(map(placed, call.operands))) for call in selected.calls)
        control = selected.control
        if control is not None:
            control = replace(control, operands=tuple(map(placed, control.operands)))
        return Step(shown(node), calls, selected.interpreted_because, control)

    def _add_workspaces(self, node: Node, kinds: Sequence[TensorType]) -> None:
        self.buffers += [
            Buffer(
                f"{node.name}/workspace{position}",
                kind.bytes,
                self.count,
                self.count + 1,
                alignment=max(self.alignment, kind.dtype.numpy.itemsize),
            )
            for position, kind in enumerate(kinds)
        ]


def _matched(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps, each control step told where its partner is."""
    partners = list(range(len(steps)))
    open_steps: list[int] = []
    for index, step in enumerate(steps):
        kind = step.control.kind if step.control else None
        if kind in {ControlKind.ELSE, ControlKind.END_IF, ControlKind.END_LOOP}:
            opened = open_steps.pop()
            partners[opened] = index
            partners[index] = opened
        if kind in {ControlKind.IF, ControlKind.ELSE, ControlKind.LOOP}:
            open_steps.append(index)
    return tuple(
        replace(step, control=replace(step.control, partner=partner)) if step.control else step
        for step, partner in zip(steps, partners, strict=True)
    )


def _constant_values(graph: Graph, pool: ConstantPool) -> dict[str, View]:
    """Where the interpreter finds each constant: packed if a kernel packed it, else as the model has it."""
    found = {constant.name: index for index, constant in reversed(list(enumerate(pool.entries)))}
    values = {}
    for name, kind in graph.types.items():
        if name not in graph.constants:
            continue
        if is_splat(graph.constants[name]):
            values[name] = pool.view(name)
        elif isinstance(kind, TensorType):
            values[name] = View(Space.CONSTANT, found[name] if name in found else pool.view(name).index, 0, kind)
        else:
            pool.keep(name)
    return values
