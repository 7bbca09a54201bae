"""Graph → the program with the smallest arena that the goal allows: what is rewritten, and in which order it runs.

A program is lowered for each possibility worth a try, and planned by the quick methods; the smaller arena is kept.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mini_infer import lowering, memory, ordering, passes, schedule, stages
from mini_infer.interpreter import evaluate
from mini_infer.lowering import timings
from mini_infer.options import Options
from mini_infer.runtime.native import FLOAT_BYTES
from mini_infer.toolchain import find

if TYPE_CHECKING:
    from mini_infer.ir import Graph
    from mini_infer.program import Program

_TWICE = 20_000
"""Graphs of more nodes are rewritten once: for blocks, they would have to be rewritten again."""

_ROUNDS = {"memory": 5, "balanced": 1, "speed": 0}
"""Goal → how often values at the peak are made in blocks, and then in smaller ones, at most."""

_WORTH = {"memory": 0.97, "balanced": 0.9, "speed": 0.0}
"""Goal → what part of the arena must be left at most for blocks to be worth their time."""

_SHARES: Mapping[str, tuple[int, ...]] = {"memory": (6, 3), "balanced": (3,), "speed": ()}
"""Goal → values of more than this part of the arena are made in blocks, or else of more than the next one."""


@dataclass(frozen=True, slots=True)
class Lowered:
    """A model on its way: everything known before its buffers are placed and its code is built."""

    exported: "Graph"
    graph: "Graph"
    journal: passes.Journal
    program: "Program"


def smallest(exported: "Graph", options: Options, packed: lowering.PackedWeights) -> Lowered:
    """Graph → program with the smallest arena of those that the goal allows; `packed` as for `lowering.lower`."""
    best, lower_in_order = _lower_graph(exported, *_rewrite(exported, options), options, packed)
    rounds = _ROUNDS[options.goal] if options.optimize and len(best.graph.nodes) <= _TWICE else 0
    for _ in range(rounds):
        # What is large at the peak is made in blocks, and once more what is large then: as long as the arena shrinks.
        arena = arena_of(best.program, options)
        for share in _SHARES[options.goal]:
            graph, journal = _rewrite(exported, options, above=arena // share)
            if [node.name for node in graph.nodes] == [node.name for node in best.graph.nodes]:
                continue
            blocked, lower_blocked = _lower_graph(exported, graph, journal, options, packed)
            smaller = arena_of(blocked.program, options)
            if smaller <= _WORTH[options.goal] * arena:
                journal.made("arena", exported.name, f"{smaller} bytes with blocks instead of {arena}")
                best, lower_in_order = blocked, lower_blocked
                break
        else:
            break
    if options.order == "auto":
        program = _reordered(best, lower_in_order, ordering.STRATEGIES, options)
        best = replace(best, program=program)
    return best


def _rewrite(exported: "Graph", options: Options, above: int | None = None) -> "tuple[Graph, passes.Journal]":
    """Graph → rewritten graph; values of more than `above` bytes are made in blocks where that can be."""
    journal = passes.Journal()
    pipeline = passes.pipeline(evaluate, optimize=options.optimize, above=above, heavy=options.goal == "memory")
    with stages.stage(f"rewriting {len(exported.nodes)} nodes"):
        return passes.run(exported, pipeline, journal), journal


def _lower_graph(
    exported: "Graph",
    graph: "Graph",
    journal: passes.Journal,
    options: Options,
    packed: lowering.PackedWeights,
) -> "tuple[Lowered, Callable[..., Program]]":
    """Rewritten graph → program, in the order with the smallest arena; and how to lower it in another order."""
    target = options.machine
    lower_in_order = partial(
        lowering.lower,
        graph,
        lanes=target.vector_bytes // FLOAT_BYTES,
        threads=target.threads,
        alignment=options.alignment,
        in_place=options.optimize,
        goal=options.goal,
        packed=packed,
        tiles=_tiles(options),
        exported_bytes=lowering.exported_bytes(exported, options.alignment),
    )
    with stages.stage(f"ordering {len(graph.nodes)} nodes"):
        order = schedule.solve(graph, options.order, time_limit=options.time_limit).order
    with stages.stage(f"choosing kernels for {len(graph.nodes)} nodes"):
        program = lower_in_order(order)
    if options.order == "auto" and order != tuple(range(len(graph.nodes))):
        # The order's peak knows nothing of work in place, workspace and packing: the arena decides.
        program = min(lower_in_order(), program, key=partial(arena_of, options=options))
    lowered = Lowered(exported, graph, journal, program)
    if options.order == "auto":
        lowered = replace(lowered, program=_reordered(lowered, lower_in_order, ordering.STRATEGIES[:1], options))
    return lowered, lower_in_order


def timed_machine(options: Options) -> str | None:
    """What measured tiles are true for: processor, vectors and C compiler. `None` without one."""
    found = find(options.compiler)
    return None if found is None else f"{options.machine} {found.name}"


def _tiles(options: Options) -> timings.Tiles:
    """What was measured for the machine that the options name."""
    if options.timings is None:
        return {}
    return timings.read(Path(options.timings)).get(timed_machine(options) or "", {})


def _reordered(
    lowered: Lowered, lower_in_order: "Callable[..., Program]", strategies: Sequence[str], options: Options
) -> "Program":
    """The program, or the same in another order that leads to a smaller arena.

    Others are tried where one has fewer bytes alive, all being counted that shares bytes, and where the plan leaves a
    gap above the bytes alive: another order with as few may pack better.
    """
    program = lowered.program
    arena = arena_of(program, options)
    with stages.stage("trying other orders"):
        for order in ordering.proposals(program, lowered.graph, arena, strategies, time_limit=options.time_limit):
            other = lower_in_order(order)
            smaller = arena_of(other, options)
            if smaller < arena:
                program, arena = other, smaller
    return program


def arena_of(program: "Program", options: Options) -> int:
    """Bytes of the program's arena by the quick methods, whatever the memory limit."""
    return memory.find_plan(program.problem, options.strategy if options.plan_memory else "naive", time_limit=0).size
