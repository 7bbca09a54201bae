"""Graph and order → program: each node at its step, its kernel calls, and the buffers to plan."""

import logging
from collections.abc import Sequence

from mini_infer.ir import Graph, Node, TensorType
from mini_infer.ir.alias import is_view
from mini_infer.lowering import outputs, places
from mini_infer.lowering.builder import Builder, ConstantPool, NotNativeError
from mini_infer.lowering.registry import LOWERINGS
from mini_infer.memory import Buffer, Problem
from mini_infer.program import Port, Program, Space, Step, View

_log = logging.getLogger(__name__)


def lower(
    graph: Graph,
    order: Sequence[int] | None = None,
    *,
    lanes: int = 4,
    alignment: int = 64,
    in_place: bool = True,
    exported_bytes: int = 0,
) -> Program:
    """Lower a graph.

    Parameters
    ----------
    graph
        What to run.
    order
        Indices of the graph's nodes in execution order; the graph's own when absent.
    lanes
        float32 lanes of the target's vectors: kernels pack weights for them.
    alignment
        Of every buffer, in bytes.
    in_place
        Whether operators may write over an input that dies with them.
    exported_bytes
        The size of the model's tensors before any pass, for the reports.
    """
    names = graph.outputs
    nodes = list(graph.nodes) if order is None else [graph.nodes[index] for index in order]
    graph = outputs.separate(graph)
    nodes += graph.nodes[len(nodes) :]
    placed = places.assign(graph, nodes, alignment=alignment, in_place=in_place)
    buffers = list(placed.buffers)
    pool = ConstantPool(graph)
    steps = []
    for index, node in enumerate(nodes):
        builder = Builder(graph, lanes, placed.views, pool, len(buffers))
        steps.append(_lower_node(node, builder))
        buffers += [
            Buffer(f"{node.name}/workspace{position}", view.type.bytes, index, index + 1, alignment=alignment)
            for position, view in enumerate(builder.workspaces)
        ]
    return Program(
        name=graph.name,
        steps=tuple(steps),
        inputs=tuple(Port(name, graph.types[name], name) for name in graph.inputs),
        outputs=tuple(Port(name, graph.types[value], value) for name, value in zip(names, graph.outputs, strict=True)),
        values={**placed.views, **_constant_values(graph, pool)},
        constants=tuple(pool.entries),
        problem=Problem(tuple(buffers)),
        exported_bytes=exported_bytes,
    )


def _lower_node(node: Node, builder: Builder) -> Step:
    """The step of one node: a view, native calls, or the reason why it is interpreted."""
    if is_view(node) and _same_bytes(node, builder):
        return Step(node)
    lowering = LOWERINGS.get((node.domain, node.op))
    try:
        if lowering is None:
            raise NotNativeError(f"no native kernel for {node.op}")
        for name in node.writes:
            builder.type(name)
        return Step(node, tuple(lowering(node, builder)))
    except NotNativeError as reason:
        builder.workspaces.clear()
        _log.info("%s (%s) is interpreted: %s", node.name, node.op, reason)
        return Step(node, interpreted_because=str(reason))


def _same_bytes(node: Node, builder: Builder) -> bool:
    source, target = builder.places.get(node.inputs[0]), builder.places.get(node.outputs[0])
    if source is None or target is None:
        return False
    return (source.space, source.index, source.offset) == (target.space, target.index, target.offset)


def _constant_values(graph: Graph, pool: ConstantPool) -> dict[str, View]:
    """Where the interpreter finds each constant: packed if a kernel packed it, else as the model has it."""
    found = {constant.name: index for index, constant in reversed(list(enumerate(pool.entries)))}
    values = {}
    for name, kind in graph.types.items():
        if name not in graph.constants:
            continue
        if isinstance(kind, TensorType):
            values[name] = View(Space.CONSTANT, found[name] if name in found else pool.view(name).index, 0, kind)
        else:
            pool.keep(name)
    return values
