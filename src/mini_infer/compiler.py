"""The pipeline on one page: an ONNX file goes in, an engine comes out.

::

    ONNX file ─ frontend ─▶ graph ─ passes.simplification ─▶ graph
                                                               │
      ┌─────────────── one of several candidates ──────────────┘
      ▼
    graph ─ passes.arrangement ─▶ graph ─┬─ lowering.select ─▶ kernels on values ─┐
                                         └─ schedule ─▶ order ─ lowering.place ◀──┘
                                                                     │
                                                                     ▼
                                                                  program ─ memory, quickly ─▶ arena
                                                                     │
        engine ◀─ codegen + toolchain ◀─ artifact ◀─ plan ◀─ memory, in earnest

`candidates` runs one candidate, `memory_search` keeps the one with the smallest arena that the objective allows. What
candidates have in common is selected once.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from mini_infer import frontend, lowering, memory, one_by_one, passes, stages
from mini_infer.candidates import Candidates, Lowered, find_plan, selector_for
from mini_infer.errors import CapacityError, InputError, ToolchainError, UnsupportedError
from mini_infer.heap import give_back
from mini_infer.interpreter import evaluate
from mini_infer.ir.dims import UndecidedError
from mini_infer.ir.ranges import Range
from mini_infer.keywords import Keywords, chosen, takes_options
from mini_infer.memory_search import minimize_arena
from mini_infer.options import Options
from mini_infer.passes.quantization.ports import byte_ports, meaning
from mini_infer.runtime import Artifact, Engine, Variant
from mini_infer.runtime.fits import largest_that_fit

if TYPE_CHECKING:
    import onnx

    from mini_infer.ir import Graph, Symbol
    from mini_infer.program import Program

__all__ = ["Lowered", "Options", "build", "compile", "lower", "plan", "plan_program"]

_MAPPED = 1 << 23
"""Bytes of weights from which an engine that was just compiled maps them from a file in the cache, as a loaded one."""

_NAMED = 4
"""Buffers that an error names."""


def lower(model: "str | Path | bytes | onnx.ModelProto", options: Options) -> Lowered:
    """ONNX model → program.

    Raises
    ------
    ModelError, UnsupportedError
        When the model is broken, incomplete, or uses operators that nobody knows, or is not compiled for every size of
        the ranges that dimensions have.
    CapacityError
        When a tensor is too large, or this machine has too little memory to compile the model.
    """
    try:
        return _lower(model, options)
    except MemoryError as error:
        raise CapacityError(f"this machine has too little memory to compile the model: {error}") from error
    except UndecidedError as error:
        way_out = "give one size instead of a range (mini-infer doctor says of which dimension)"
        raise UnsupportedError(f"not compiled for every size of the ranges: asked is {error}; {way_out}") from error


def _lower(model: "str | Path | bytes | onnx.ModelProto", options: Options) -> Lowered:
    given = (*options.dims.values(), *(size for shape in options.shapes.values() for size in shape))
    if any(isinstance(size, Range) for size in given):
        return _lower_open(model, options)
    return _lower_at_once(model, options)


def _read(model: "str | Path | bytes | onnx.ModelProto", options: Options) -> "Graph":
    """ONNX model → graph, with the ports that the options ask for."""
    graph = frontend.read(
        model,
        shapes=options.shapes,
        dims=options.dims,
        fixed=options.fix,
        state=options.state,
        evaluate=evaluate,
    )
    return byte_ports(graph).graph if options.int8_io else graph


def port_scales(model: "str | Path | bytes | onnx.ModelProto", options: Options) -> dict[str, tuple[float, int]]:
    """Name → scale and zero point, of the inputs and outputs that have 8 bits where the options ask for them."""
    if not options.int8_io:
        return {}
    graph = _read(model, replace(options, int8_io=False))
    return {name: meaning(found) for name, found in byte_ports(graph).scales.items()}


def _lower_open(model: "str | Path | bytes | onnx.ModelProto", options: Options) -> Lowered:
    """A model of sizes that are given at run time: images of a batch one by one, where that pays."""
    graph = _read(model, options)
    early = passes.simplification(evaluate, optimize=False, in_integers=options.in_integers)
    graph = passes.run(graph, early, passes.Remarks())
    batch = one_by_one.batch_of(graph)
    if batch is not None and options.io == "caller":  # an arena has one image of an input
        one = _lower_at_once(model, replace(options, dims={**options.dims, batch.name: 1}))
        if one_by_one.can_repeat(one.program) and one_by_one.pays(one, options.built_for.machine, batch.typical):
            return one_by_one.repeated(one, batch)
    return _lower_at_once(model, options)


def _lower_at_once(model: "str | Path | bytes | onnx.ModelProto", options: Options) -> Lowered:
    with stages.stage("reading the model"):
        read = [_read(model, options)]
        give_back()  # the messages that the model came in
    exported_bytes = lowering.exported_bytes(read[0], options.alignment)
    remarks = passes.Remarks()
    with stages.stage(f"simplifying {len(read[0].nodes)} nodes"):
        # Nobody else has the graph, so constants that are folded go while others are.
        early = passes.simplification(
            evaluate, optimize=options.rewrite, in_integers=options.in_integers, half=options.half
        )
        graph = passes.run(read.pop(), early, remarks)
    return minimize_arena(Candidates(graph, remarks, exported_bytes, options, selector_for(options)))


def plan_program(program: "Program", options: Options) -> memory.Plan:
    """Program → checked plan of its arena.

    Raises
    ------
    CapacityError
        When no plan within the memory limit was found.
    """
    found = _best_plan(program, options)
    if not found.fits:
        limit = options.memory_limit or 0
        alone = "" if options.memory_planning else ", with a place for each buffer,"
        fewest = f"the smallest that was found{alone} takes {found.size:,}{_fitting(program, found, limit)}"
        raise CapacityError(f"no plan within {limit:,} bytes was found: {fewest}; {_crowd(program, limit)}")
    return found


def _best_plan(program: "Program", options: Options) -> memory.Plan:
    """The plan of a program's arena; it may be larger than the memory limit."""
    with stages.stage(f"placing {len(program.problem.buffers)} buffers"):
        found = find_plan(program, options)
        if not found.fits and options.memory_planning:
            # The search for one that fits goes another way than that for the smallest, and may end above it.
            others = [replace(options, strategy="auto", memory_limit=None)]
            if options.strategy != "auto":
                others.append(replace(options, strategy="auto"))
            smallest = min(found, *(find_plan(program, other) for other in others), key=lambda plan: plan.size)
            found = replace(smallest, problem=found.problem)
    if found.search.ended_by == "interrupt":
        raise KeyboardInterrupt
    return found


def _fitting(program: "Program", plan: memory.Plan, limit: int) -> str:
    """The ranges that would fit, in words to paste."""
    if not program.symbols:
        return ""
    fits = largest_that_fit(Variant("", program, replace(plan, problem=replace(plan.problem, capacity=None))), limit)
    flags = [
        " ".join(
            f"--dim {symbol.name}={_shorter(symbol, fit.sizes)}"
            for symbol in program.symbols
            if symbol.name in fit.dims
        )
        for fit in fits
        if fit.fits
    ]
    return f" at the largest sizes; what fits is {' or '.join(flags) if flags else 'no size at all'}"


def _shorter(symbol: "Symbol", sizes: Mapping[str, int]) -> Range:
    """The symbol's range up to a smaller size."""
    high = sizes[symbol.name]
    return Range(symbol.low, high, symbol.step, symbol.typical if symbol.typical < high else None)


def _crowd(program: "Program", limit: int) -> str:
    """What is missing, the step that needs most, and what is alive there."""
    peak = memory.peak(program.problem)
    node = program.steps[peak.start].node
    largest = sorted((program.problem.buffers[index] for index in peak.live), key=lambda buffer: -buffer.size)
    named = ", ".join(f"{buffer.id!r} ({buffer.size:,})" for buffer in largest[:_NAMED])
    more = f" and {len(largest) - _NAMED} more" if len(largest) > _NAMED else ""
    missing = f"{peak.size - limit:,} bytes are missing in" if peak.size > limit else "most are alive in"
    return f"{missing} step {peak.start} ({node.op} {node.name!r}): {named}{more}"


def build_beyond(model: "str | Path | bytes | onnx.ModelProto", options: Options) -> Artifact:
    """Do what `build` does, but where sizes have ranges, also return what takes more than the memory limit.

    What is chosen is what takes least, as for `build`. Errors are those of `build`.
    """
    return Artifact.of(_variants(model, options, beyond=True), options.built_for)


@takes_options
def build(
    model: "str | Path | bytes | onnx.ModelProto", *, options: Options | None = None, **overrides: Unpack[Keywords]
) -> Artifact:
    """Compile an ONNX model for any machine, all but its native code: what `Artifact.save` writes to an engine file.

    There is a program and its checked plan for each profile; one, unless the options name several. Parameters are those
    of `mini_infer.compile`.

    Raises
    ------
    ModelError, UnsupportedError
        When the model is broken, incomplete, or uses operators that nobody knows.
    CapacityError
        When no plan within the memory limit was found.
    """
    options = chosen(options, overrides)
    return Artifact.of(_variants(model, options), options.built_for)


def _variants(
    model: "str | Path | bytes | onnx.ModelProto", options: Options, *, beyond: bool = False
) -> list[Variant]:
    """A program and its checked plan for each profile, which nothing else holds when it returns.

    With `beyond`, plans whose sizes have ranges may be larger than the memory limit.
    """
    profiles = options.profiles or {"": options.shapes}
    lowered = {name: lower(model, replace(options, shapes=shapes, profiles={})) for name, shapes in profiles.items()}

    def plan(program: "Program") -> memory.Plan:
        if not (beyond and program.symbols):
            return plan_program(program, options)
        found = _best_plan(program, options)
        return replace(found, problem=replace(found.problem, capacity=None))

    return [Variant(name, stage.program, plan(stage.program)) for name, stage in lowered.items()]


@takes_options
def compile(  # noqa: A001 - what `mini_infer.compile` does
    model: "str | Path | bytes | onnx.ModelProto", *, options: Options | None = None, **overrides: Unpack[Keywords]
) -> Engine:
    """Compile an ONNX model to an engine for this machine, in this process.

    Parameters and errors are those of `mini_infer.compile`.
    """
    options = chosen(options, overrides)
    engine = Engine.from_artifact(build(model, options=options), compiler=options.compiler)
    if engine.weight_bytes >= _MAPPED:
        with suppress(InputError, ToolchainError):  # a cache that cannot be written to is done without
            engine = engine.mapped()
    give_back()
    return engine


@takes_options
def plan(
    model: "str | Path | bytes | onnx.ModelProto", *, options: Options | None = None, **overrides: Unpack[Keywords]
) -> memory.Plan:
    """Plan the memory of an ONNX model: arena bytes, lower bound, and where each buffer lies; no native code is built.

    Of several profiles it is the plan of the one that needs most. Parameters and errors are those of `build`.
    """
    return build(model, options=chosen(options, overrides)).plan
