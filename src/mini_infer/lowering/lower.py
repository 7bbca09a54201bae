"""Graph and order → program: each node at its step, its kernel calls, and the buffers to plan."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType

from mini_infer.ir import Graph, Node, TensorType
from mini_infer.ir.alias import is_view
from mini_infer.ir.splats import is_splat
from mini_infer.lowering import joins, outputs, places
from mini_infer.lowering.builder import Builder, ConstantPool, NotNativeError, StridedError
from mini_infer.lowering.flatten import CONTROL_DOMAIN, COPY, Flat, flatten
from mini_infer.lowering.registry import LOWERINGS
from mini_infer.lowering.timings import Tiles
from mini_infer.machine import GENERIC, Machine
from mini_infer.memory import Buffer, Problem, alive_bytes
from mini_infer.objective import BALANCED, Objective, Preference
from mini_infer.program import Control, ControlKind, Port, Program, Space, Step, View
from mini_infer.program.kernels import Kernel
from mini_infer.program.kernels.rules import KernelError, LimitError
from mini_infer.program.validate import validate

_ADDED = 8
"""What part of the largest live set the workspace of a faster kernel may add to it."""

_log = logging.getLogger(__name__)


def lower(  # noqa: PLR0913 - what a user decides, each by its name
    graph: Graph,
    order: Sequence[int] | None = None,
    *,
    machine: Machine = GENERIC,
    threads: int = 1,
    alignment: int = 64,
    in_place: bool = True,
    objective: Objective | Preference = BALANCED,
    exported_bytes: int = 0,
    tiles: Tiles = MappingProxyType({}),
) -> Program:
    """Lower a graph.

    Nested graphs are lowered with the rest, as long as every node inside has a native kernel; otherwise the node that
    holds them is one interpreted step.

    Parameters
    ----------
    graph
        What to run.
    order
        Indices of the graph's nodes in execution order; the graph's own when absent.
    machine
        What kernels are chosen, and their weights packed, for.
    threads
        That a run is spread over.
    alignment
        Of every buffer, in bytes.
    in_place
        Whether operators may write over an input that dies with them.
    objective
        What to prefer where bytes and time are at odds. A `Preference` knows afterwards whether it counted.
    exported_bytes
        The size of the model's tensors before any pass, for the reports.
    tiles
        Register tiles to take instead of the cost model's.

    Raises
    ------
    ProgramError
        When what came out is not safe to run: a fault of the lowering.
    """
    names = graph.outputs
    nodes = list(graph.nodes) if order is None else [graph.nodes[index] for index in order]
    graph = outputs.separate(graph)
    nodes += graph.nodes[len(nodes) :]
    rejected: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()
    preference = objective if isinstance(objective, Preference) else Preference(objective)
    settings = _Settings(machine, threads, alignment, in_place, preference, tiles)
    while True:
        flat = flatten(graph, nodes, rejected)
        attempt = _Attempt(flat, settings, whole)
        failed = {flat.origin[i].name for i, step in enumerate(attempt.steps) if not step.native and i in flat.origin}
        if attempt.strided:
            whole |= attempt.strided
        elif failed:
            rejected |= failed
        else:
            program = attempt.program(names, exported_bytes)
            validate(program, machine=machine, threads=threads)
            return program


@dataclass(frozen=True, slots=True)
class _Settings:
    """What `lower` was told."""

    machine: Machine
    threads: int
    alignment: int
    in_place: bool
    preference: Preference
    tiles: Tiles


class _Attempt:
    """One lowering of a flat sequence of nodes.

    `strided` are values that got a place with gaps which a kernel does not take.
    """

    def __init__(self, flat: Flat, settings: _Settings, whole: frozenset[str]) -> None:
        self.graph = flat.merged()
        self.pool = ConstantPool(self.graph, whole)
        assigner = places.Assigner(
            self.graph,
            flat.nodes,
            alignment=settings.alignment,
            in_place=settings.in_place,
            loops=flat.loops,
        )
        if settings.in_place and not flat.origin:
            placed = joins.place(
                self.graph,
                flat.nodes,
                assigner.assign,
                whole,
                save=lambda: settings.preference.objective.copies_parts,
            )
        else:
            placed = assigner.assign()
        self.views = placed.views
        self.buffers = list(placed.buffers)
        self.steps: list[Step] = []
        self.strided: set[str] = set()
        rooms = _rooms(self.buffers, len(flat.nodes))
        for index, node in enumerate(flat.nodes):
            builder = Builder(
                self.graph,
                settings.machine,
                self.views,
                self.pool,
                len(self.buffers),
                threads=settings.threads,
                preference=settings.preference,
                tiles=settings.tiles,
                room=rooms[index],
            )
            self.steps.append(self._step(node, builder))
            self.buffers += [
                Buffer(
                    f"{node.name}/workspace{position}",
                    view.type.bytes,
                    index,
                    index + 1,
                    alignment=max(settings.alignment, view.type.dtype.numpy.itemsize),
                )
                for position, view in enumerate(builder.workspaces)
            ]
        _match(self.steps)

    def _step(self, node: Node, builder: Builder) -> Step:
        try:
            return _lower_node(node, builder)
        except StridedError as error:
            self.strided.add(error.name)
            return Step(node)

    def program(self, output_names: Sequence[str], exported_bytes: int) -> Program:
        graph = self.graph
        return Program(
            name=graph.name,
            steps=tuple(self.steps),
            inputs=tuple(Port(name, graph.types[name], name) for name in graph.inputs),
            outputs=tuple(
                Port(name, graph.types[value], value, graph.bounds.get(name))
                for name, value in zip(output_names, graph.outputs, strict=True)
            ),
            values={**self.views, **_constant_values(graph, self.pool)},
            constants=tuple(self.pool.entries),
            problem=Problem(tuple(self.buffers)),
            exported_bytes=exported_bytes,
        )


def _rooms(buffers: Sequence[Buffer], steps: int) -> list[int]:
    """Bytes of workspace that each step can have before it adds too much to what the largest needs without."""
    live = alive_bytes(buffers, steps)
    largest = max(live, default=0)
    return [largest + largest // _ADDED - size for size in live]


def _lower_node(node: Node, builder: Builder) -> Step:
    """The step of one node: a view, native calls, control flow, or the reason why it is interpreted."""
    if is_view(node) and _same_bytes(node, builder):
        return Step(node)
    try:
        if node.domain == CONTROL_DOMAIN and node.op != COPY:
            return Step(node, control=_control(node, builder))
        if node.domain == CONTROL_DOMAIN:
            node = replace(node, op="Identity", domain="", version=outputs.ONNX_VERSION)
        lowering = LOWERINGS.get((node.domain, node.op))
        if lowering is None:
            raise NotNativeError(f"no native kernel for {node.op}")
        for name in node.writes:
            builder.type(name)
        calls = tuple(lowering(node, builder))
        for call in calls:
            if excess := _excess(call.kernel, builder.machine):
                raise NotNativeError(excess)
        return Step(node, calls)
    except NotNativeError as reason:
        builder.workspaces.clear()
        _log.info("%s (%s) is interpreted: %s", node.name, node.op, reason)
        return Step(node, interpreted_because=str(reason))


@lru_cache(maxsize=4096)
def _excess(kernel: Kernel, machine: Machine) -> str:
    """What of a kernel is more than C is written for; what else may be wrong with one, the validator tells."""
    try:
        kernel.verified(machine)
    except LimitError as error:
        return str(error)
    except KernelError:
        return ""
    return ""


def _control(node: Node, builder: Builder) -> Control:
    """A marker's operands; `_match` finds its partner."""
    kind = ControlKind(node.op)
    names: tuple[str, ...] = ()
    match kind:
        case ControlKind.IF:
            names = node.inputs
        case ControlKind.LOOP:
            names = (*node.inputs, node.outputs[0])
        case ControlKind.APPEND:
            names = (node.inputs[0], node.outputs[0], node.inputs[1])
    return Control(kind, tuple(builder.view(name) for name in names), -1)


def _match(steps: list[Step]) -> None:
    """Tell each control step where its partner is."""
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
    for index, step in enumerate(steps):
        if step.control:
            steps[index] = replace(step, control=replace(step.control, partner=partners[index]))


def _same_bytes(node: Node, builder: Builder) -> bool:
    source, target = builder.places.get(node.inputs[0]), builder.places.get(node.outputs[0])
    if source is None or target is None:
        return False
    return source.same_bytes(target)


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
