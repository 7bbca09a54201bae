"""Register tiles chosen by the clock: the model is compiled with the best few of the cost model, and each step timed.

Every product (`lowering.contraction.tiles.Work`) keeps the tile with which its steps were fastest, in the place where
they will run: with the neighbors, strides and cache contents of the whole model.
"""

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mini_infer import compiler, stages
from mini_infer.candidates import timed_machine
from mini_infer.errors import UsageError
from mini_infer.ir import TensorType
from mini_infer.ir.dims import at
from mini_infer.lowering.contraction import tiles, timings
from mini_infer.program import Program
from mini_infer.program.kernels import Tile, TiledContraction
from mini_infer.runtime import Artifact
from mini_infer.toolchain import Target
from mini_infer.verify.samples import random_samples
from mini_infer.verify.steps import Stepper

if TYPE_CHECKING:
    import onnx

_CANDIDATES = 4
"""Tiles that are measured for a product, the cost model's choice among them."""

_RUNS = 7
"""Of each step, of which the fastest counts: others shared the machine."""


def tune(model: "str | Path | bytes | onnx.ModelProto", options: compiler.Options) -> int:
    """Measure tiles for the products of a model that the file `options.timings` does not know yet, and add them to it.

    Returns
    -------
    int
        How many products were measured.

    Raises
    ------
    UsageError
        Without a file, for another machine than this one, or without a C compiler.
    ModelError, UnsupportedError, CapacityError, ToolchainError, InputError
        As compiling and reading the file do.
    """
    if options.timings is None:
        raise UsageError("tuning keeps what it measures: name a file with --timings")
    machine = timed_machine(options)
    if machine is None or options.built_for.missing(Target.host()):
        raise UsageError(
            "tiles are measured by running them: tuning needs a C compiler, and this machine as the target"
        )
    path = Path(options.timings)
    machines = timings.read(path) if path.exists() else {}
    known = machines.setdefault(machine, {})
    programs = [variant.program for variant in compiler.build(model, options=replace(options, timings=None)).variants]
    works = [work for program in programs for _, work, _ in _products(program, range(len(program.steps)))]
    unknown = dict.fromkeys(work for work in works if work not in known)
    ranked = {work: tiles.ranked(work, options.built_for.machine)[:_CANDIDATES] for work in unknown}
    spent: dict[tuple[tiles.Work, Tile], float] = defaultdict(float)
    for rank in range(max(map(len, ranked.values()), default=0)):
        stages.say("measuring tiles", rank, _CANDIDATES)
        tried = {work: found[min(rank, len(found) - 1)] for work, found in ranked.items()}
        with tempfile.TemporaryDirectory() as folder:
            trial = Path(folder) / path.name
            timings.write(trial, {machine: known | tried})
            artifact = compiler.build(model, options=replace(options, timings=trial))
        fresh = {(work, tile) for work, tile in tried.items() if (work, tile) not in spent}
        for work, tile, microseconds in _timed(artifact, options.compiler):
            if (work, tile) in fresh:
                spent[work, tile] += microseconds
    for work, found in ranked.items():
        known[work] = min(
            (tile for tile in found if (work, tile) in spent), key=lambda tile: spent[work, tile], default=found[0]
        )
    timings.write(path, machines)
    return len(unknown)


def _products(program: Program, steps: Iterable[int]) -> Iterator[tuple[int, tiles.Work, Tile]]:
    """What is computed with a register tile that can be chosen, in these steps, each with its step and the tile."""
    for index in steps:
        for call in program.steps[index].calls:
            if isinstance(call.kernel, TiledContraction) and (work := tiles.work_of(call.kernel)):
                yield index, work, call.kernel.tile


def _timed(artifact: Artifact, cc: str | None) -> Iterator[tuple[tiles.Work, Tile, float]]:
    """Each product of an artifact with its tile and the microseconds of the step that it is in."""
    for variant in artifact.variants:
        types = {port.name: port.type for port in variant.program.inputs if isinstance(port.type, TensorType)}
        fastest = Stepper(artifact, variant, compiler=cc).fastest(random_samples(at(types))[0], runs=_RUNS)
        for index, work, tile in _products(variant.program, fastest):
            yield work, tile, fastest[index]
