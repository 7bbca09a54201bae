"""The pipeline on one page: an ONNX file goes in, an engine comes out.

::

    ONNX file ─ frontend ─▶ graph ─ passes ─▶ graph ─ schedule ─▶ order ─ lower ─▶ program
                                                                                    │
                                engine ◀─ codegen + toolchain ◀─ plan ◀─ memory (problem)
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mini_infer import frontend, lowering, memory, ordering, passes, schedule, stages
from mini_infer.errors import CapacityError, UsageError
from mini_infer.interpreter import evaluate
from mini_infer.lowering import timings
from mini_infer.runtime import Engine, Variant
from mini_infer.runtime.native import FLOAT_BYTES
from mini_infer.toolchain import Target, find

if TYPE_CHECKING:
    import numpy as np
    import onnx

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

_NAMED = 4
"""Buffers that an error names."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a user may decide; the command line is made from these fields.

    Parameters
    ----------
    shapes
        Input name → shape, for inputs with open dimensions.
    profiles
        Profile name → shapes: one engine for several sets of shapes, with a plan each and the largest arena.
    fixed
        Input name → value: the input becomes a constant.
    optimize
        Rewrite the graph: fusion, layouts, results in place.
    goal
        What to prefer where bytes and time are at odds: ``"memory"``, ``"balanced"`` or ``"speed"``.
    plan_memory
        Share bytes between buffers that never live together; otherwise each has its own.
    strategy
        Of the memory planner: a name in `memory.STRATEGIES`.
    time_limit
        Seconds that each search may take (of the order, and of the memory planner); 0 means cheap methods only.
    memory_limit
        Bytes the arena may have; where it takes more, slower kernels and blocks are taken, as with the goal
        ``"memory"``.
    alignment
        Of every buffer, in bytes.
    order
        Of the nodes: a name in `schedule.STRATEGIES`. ``"auto"`` keeps the exported order unless another one leads to a
        smaller arena.
    compiler
        C compiler: a path, ``"clang"``, ``"zig"``, ``"gcc"``, ``"none"`` to interpret; the first found when absent.
    timings
        File of register tiles that were measured on this machine, which the cost model's choice gives way to.
    target
        The machine to compile for; this one when absent.
    threads
        How many one run of the engine is spread over; steps that are too small to share run on one of them.
    """

    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    profiles: Mapping[str, Mapping[str, tuple[int, ...]]] = field(default_factory=dict)
    fixed: "Mapping[str, np.ndarray]" = field(default_factory=dict)
    optimize: bool = True
    goal: str = "balanced"
    plan_memory: bool = True
    strategy: str = "auto"
    time_limit: float = 2.0
    memory_limit: int | None = None
    alignment: int = 64
    order: str = "auto"
    compiler: str | None = None
    timings: str | Path | None = None
    target: Target | None = None
    threads: int = 1

    def __post_init__(self) -> None:
        if self.alignment < 1 or self.alignment & (self.alignment - 1):
            raise UsageError(f"an alignment of {self.alignment} bytes: choose a power of two, such as 64")
        if self.shapes and self.profiles:
            raise UsageError("both shapes and profiles are given; put the shapes into the profiles")
        if self.goal not in lowering.GOALS:
            raise UsageError(f"unknown goal {self.goal!r}; choose one of {', '.join(lowering.GOALS)}")
        if self.order not in schedule.STRATEGIES:
            raise UsageError(f"unknown order {self.order!r}; choose one of {', '.join(schedule.STRATEGIES)}")
        if self.threads < 1:
            raise UsageError(f"{self.threads} threads: an engine is built for a number of them, 1 or more")

    @property
    def machine(self) -> Target:
        """The target, with the threads that its programs are for."""
        return replace(self.target or Target.host(), threads=self.threads)


@dataclass(frozen=True, slots=True)
class Lowered:
    """A model on its way: everything known before its buffers are placed and its code is built."""

    exported: "Graph"
    graph: "Graph"
    journal: passes.Journal
    program: "Program"


def lower(model: "str | Path | bytes | onnx.ModelProto", options: Options) -> Lowered:
    """ONNX model → program.

    Raises
    ------
    ModelError, UnsupportedError
        When the model is broken, incomplete, or uses operators that nobody knows.
    """
    with stages.stage("reading the model"):
        exported = frontend.read(model, shapes=options.shapes, fixed=options.fixed, evaluate=evaluate)
    packed: lowering.PackedWeights = {}
    lowered = _smallest(exported, options, packed)
    for goal in reversed(lowering.GOALS[: lowering.GOALS.index(options.goal)]):
        if options.memory_limit is None or _arena(lowered.program, options) <= options.memory_limit:
            break
        lowered = _smallest(exported, replace(options, goal=goal), packed)
        lowered.journal.made("arena", exported.name, f"for {goal}, not {options.goal}: the memory limit asks for it")
    return lowered


def _smallest(exported: "Graph", options: Options, packed: lowering.PackedWeights) -> Lowered:
    """Graph → program with the smallest arena of those that the goal allows; `packed` as for `lowering.lower`."""
    best, lower_in_order = _lower_graph(exported, *_rewrite(exported, options), options, packed)
    rounds = _ROUNDS[options.goal] if options.optimize and len(best.graph.nodes) <= _TWICE else 0
    for _ in range(rounds):
        # What is large at the peak is made in blocks, and once more what is large then: as long as the arena shrinks.
        arena = _arena(best.program, options)
        for share in _SHARES[options.goal]:
            graph, journal = _rewrite(exported, options, above=arena // share)
            if [node.name for node in graph.nodes] == [node.name for node in best.graph.nodes]:
                continue
            blocked, lower_blocked = _lower_graph(exported, graph, journal, options, packed)
            smaller = _arena(blocked.program, options)
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
        program = min(lower_in_order(), program, key=partial(_arena, options=options))
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
    arena = _arena(program, options)
    with stages.stage("trying other orders"):
        for order in ordering.proposals(program, lowered.graph, arena, strategies, time_limit=options.time_limit):
            other = lower_in_order(order)
            smaller = _arena(other, options)
            if smaller < arena:
                program, arena = other, smaller
    return program


def _arena(program: "Program", options: Options) -> int:
    """Bytes of the program's arena by the quick methods, whatever the memory limit."""
    return memory.find_plan(program.problem, options.strategy if options.plan_memory else "naive", time_limit=0).size


def plan(program: "Program", options: Options) -> memory.Plan:
    """Program → checked plan of its arena.

    Raises
    ------
    CapacityError
        When no plan within the memory limit was found.
    """
    strategy = options.strategy if options.plan_memory else "naive"
    with stages.stage(f"placing {len(program.problem.buffers)} buffers"):
        try:
            return memory.solve(
                program.problem,
                strategy,
                capacity=options.memory_limit,
                time_limit=options.time_limit,
                progress=stages.say,
            )
        except CapacityError as error:
            raise CapacityError(f"{error}; {_crowd(program, options.memory_limit or 0)}") from None


def _crowd(program: "Program", limit: int) -> str:
    """What is missing, the step that needs most, and what is alive there."""
    peak = memory.peak(program.problem)
    node = program.steps[peak.start].node
    largest = sorted((program.problem.buffers[index] for index in peak.live), key=lambda buffer: -buffer.size)
    named = ", ".join(f"{buffer.id!r} ({buffer.size})" for buffer in largest[:_NAMED])
    more = f" and {len(largest) - _NAMED} more" if len(largest) > _NAMED else ""
    missing = f"{peak.size - limit} bytes are missing in" if peak.size > limit else "most are alive in"
    return f"{missing} step {peak.start} ({node.op} {node.name!r}): {named}{more}"


def variants(model: "str | Path | bytes | onnx.ModelProto", options: Options) -> tuple[Variant, ...]:
    """ONNX model → a program and its checked plan for each profile; one, unless the options name several.

    Errors are those of `lower` and `plan`.
    """
    profiles = options.profiles or {"": options.shapes}
    lowered = {name: lower(model, replace(options, shapes=shapes, profiles={})) for name, shapes in profiles.items()}
    return tuple(Variant(name, stage.program, plan(stage.program, options)) for name, stage in lowered.items())


def compile(  # noqa: A001 - mi.compile is what a user looks for
    model: "str | Path | bytes | onnx.ModelProto",
    *,
    options: Options | None = None,
    **overrides: Any,
) -> Engine:
    """Compile an ONNX model to an engine.

    Parameters
    ----------
    model
        A path, the file's bytes, or a loaded model.
    options
        What to decide; the defaults when absent.
    **overrides
        Single options by name, such as ``shapes={"x": (1, 3, 224, 224)}`` or ``compiler="none"``.

    Raises
    ------
    ModelError, UnsupportedError
        When the model is broken, incomplete, or uses operators that nobody knows.
    CapacityError
        When no plan within the memory limit was found.
    ToolchainError
        When the C compiler fails.
    """
    options = replace(options or Options(), **overrides)
    return Engine(variants(model, options), options.machine, compiler=options.compiler)
