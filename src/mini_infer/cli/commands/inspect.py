"""The steps of an engine: kernel, tile, layout, a guess of the time, bytes, aliases; its program as text; its C.

The guess comes from the operations and bytes of each step; --measure runs the steps and says what they took.

For example:

  mini-infer inspect net.engine
  mini-infer inspect net.engine --measure
  mini-infer inspect net.engine --sizes
  mini-infer inspect net.engine --program
  mini-infer inspect net.engine --c conv1
  mini-infer inspect net.engine --c -o net.c
"""

import argparse
import dataclasses
from collections.abc import Mapping
from pathlib import Path

from mini_infer.cli import inputs, models, options, output
from mini_infer.codegen import generate
from mini_infer.errors import UsageError
from mini_infer.program import Program, Step, format_program
from mini_infer.report.engine_sizes import sizes_record, sizes_text
from mini_infer.report.plan.text import ROWS
from mini_infer.report.steps import Listing, steps_record, steps_text
from mini_infer.runtime import Artifact, sizes
from mini_infer.verify.steps import Stepper

EVERYTHING = ""
"""What `--c` without a node stands for."""

RUNS = 5
"""Of every step, with `--measure`."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("model", type=Path, help="an engine, or an ONNX model")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument(
        "--program",
        action="store_true",
        help="instead the whole program as text: each kernel with its operands, their addresses, and every setting",
    )
    instead.add_argument(
        "--c",
        nargs="?",
        const=EVERYTHING,
        metavar="NODE",
        help="instead the generated C: of one node, by its name or its step's number, or of everything",
    )
    instead.add_argument(
        "--sizes",
        action="store_true",
        help="instead what an engine takes, from its header alone: weights, and arena, state and ports of each profile",
    )
    parser.add_argument("--measure", action="store_true", help="run the steps, and say how long each took")
    parser.add_argument("--all", action="store_true", help=f"every alias, not only {ROWS}")
    output.add_arguments(parser)
    output.add_width(parser)
    output.add_seed(parser)
    inputs.add_arguments(parser)
    options.add_arguments(parser, sizes="show the steps at the first")


def run(args: argparse.Namespace) -> int:
    """Say what the engine is made of."""
    if args.sizes:
        return _sizes(args)
    artifact = models.read(args.model, args)
    program, plan, target = artifact.program, artifact.plan, artifact.target
    if args.program:
        output.write(args, format_program(program, plan))
        return 0
    if args.c is not None:
        shown = program if args.c == EVERYTHING else _only(program, args.c)
        (text,) = generate(shown, plan, target.machine, threads=target.threads, whole=True).files.values()
        output.write(args, text)
        return 0
    (shown_at, *_) = models.sizes_to_run(args, artifact)
    listing = Listing(args.model.name, program, plan, target, artifact.weight_bytes, _times(args, artifact), shown_at)
    rows = len(program.values) if args.all else ROWS
    output.deliver(
        args, lambda: steps_record(listing), lambda: steps_text(listing, width=output.width(args), rows=rows)
    )
    return 0


def _sizes(args: argparse.Namespace) -> int:
    """Say what an engine takes; nothing of the file but its header is read."""
    if not models.is_engine(args.model):
        raise UsageError(f"{args.model} is no engine: --sizes is for engines; plan says what a model takes")
    found, name = sizes(args.model), args.model.name
    output.deliver(args, lambda: sizes_record(name, found), lambda: sizes_text(name, found))
    return 0


def _times(args: argparse.Namespace, artifact: Artifact) -> Mapping[int, float] | None:
    """Step → the microseconds of its fastest run, where that was asked for; a call of several steps is the first's."""
    if not args.measure:
        return None
    stepper = Stepper(artifact, compiler=options.from_arguments(args).compiler)
    (sample, *_) = models.read_or_draw(args, artifact)
    return stepper.fastest(sample, runs=RUNS)


def _only(program: Program, wanted: str) -> Program:
    """The program with nothing left to do but one step."""
    chosen = [i for i, step in enumerate(program.steps) if wanted in (step.node.name, str(i))]
    if not chosen:
        raise UsageError(f"no node is called {wanted!r}, and no step has that number; inspect without --c lists them")
    reason = program.steps[chosen[0]].interpreted_because
    if reason:
        raise UsageError(f"{wanted!r} is interpreted, so there is no C for it: {reason}")
    steps = tuple(step if i == chosen[0] else Step(step.node) for i, step in enumerate(program.steps))
    return dataclasses.replace(program, steps=steps)
