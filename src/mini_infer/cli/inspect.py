"""The steps of an engine: kernels, bytes read and written, workspace, weights; and the C that is generated for them.

For example:

  mini-infer inspect net.engine
  mini-infer inspect net.engine --c
  mini-infer inspect net.engine --c-of conv1
"""

import argparse
import dataclasses
from pathlib import Path

from mini_infer.cli import models, options, output
from mini_infer.codegen import generate
from mini_infer.errors import UsageError
from mini_infer.program import Program, Step
from mini_infer.report.steps import steps_record, steps_text
from mini_infer.runtime.native import FLOAT_BYTES


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("model", type=Path, help="an engine, or an ONNX model")
    parser.add_argument("--c", action="store_true", help="the generated C instead")
    parser.add_argument("--c-of", metavar="NODE", help="the generated C of one node, by its name or its step's number")
    output.add_arguments(parser)
    output.add_width(parser)
    options.add_arguments(parser, without=("compiler",))


def run(args: argparse.Namespace) -> int:
    """Say what the engine is made of."""
    contents = models.read(args.model, args)
    variant, target = models.largest(contents.variants), contents.target
    if args.c or args.c_of is not None:
        program = variant.program if args.c_of is None else _only(variant.program, args.c_of)
        files = generate(program, variant.plan, target.vector_bytes // FLOAT_BYTES).files
        output.write(args, "\n".join(files.values()))
        return 0
    facts = (args.model.name, variant.program, variant.plan, str(target), contents.constants.nbytes)
    output.deliver(args, lambda: steps_record(*facts), lambda: steps_text(*facts, width=output.width(args)))
    return 0


def _only(program: Program, wanted: str) -> Program:
    """The program with nothing left to do but one step."""
    chosen = [i for i, step in enumerate(program.steps) if wanted in (step.node.name, str(i))]
    if not chosen:
        raise UsageError(
            f"no node is called {wanted!r}, and no step has that number; inspect without --c-of lists them"
        )
    reason = program.steps[chosen[0]].interpreted_because
    if reason:
        raise UsageError(f"{wanted!r} is interpreted, so there is no C for it: {reason}")
    steps = tuple(step if i == chosen[0] else Step(step.node) for i, step in enumerate(program.steps))
    return dataclasses.replace(program, steps=steps)
