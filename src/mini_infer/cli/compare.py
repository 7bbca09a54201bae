"""Compare the memory of a model with its rivals, two plans with each other, or two runs value by value.

With one model: its memory with and without planning, by every strategy, and against onnxruntime where installed.
onnxruntime's figures are its own profiler's; its arena holds its copies of the weights too, so ours are added.

With two models, engines or plans (files of plan --json): what grew, what moved, what came and went from the first to
the second.

With --bisect: the first step of the model or engine with a value that is beyond tolerance of the second one's, or of
onnxruntime's (which runs the second model, or the only one); exit code 6 when there is one.

For example:

  mini-infer compare net.onnx
  mini-infer compare old.json net.onnx
  mini-infer compare net.engine net.onnx --bisect
  mini-infer compare net.engine net.onnx --bisect --against onnxruntime
"""

import argparse
import importlib.util
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mini_infer import memory
from mini_infer.cli import inputs, models, options, output
from mini_infer.errors import InputError, MismatchError, UsageError
from mini_infer.program import Program
from mini_infer.report.comparison import bisect_record, bisect_text
from mini_infer.report.difference import difference_record, difference_text
from mini_infer.report.json import PLAN_SCHEMA, plan_record
from mini_infer.report.memory import memory_record, memory_text
from mini_infer.report.text import ROWS
from mini_infer.verify.bisect import bisect, engine_values, onnxruntime_values
from mini_infer.verify.peers import MEMORY_PEERS, PeerMemory, fixed_inputs
from mini_infer.verify.samples import random_samples
from mini_infer.verify.steps import Stepper

SAMPLES = 4
"""Random inputs that --bisect tries: behind a ReLU, a wrong weight may not show with every one."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "model", type=Path, help="an ONNX model; with a second one or --bisect also an engine or a plan"
    )
    parser.add_argument("other", type=Path, nargs="?", help="what to compare it with")
    parser.add_argument(
        "--against",
        action="append",
        choices=(*MEMORY_PEERS, "none"),
        help="whose memory to measure, or who runs the reference of --bisect (default: every peer that is installed)",
    )
    parser.add_argument("--bisect", action="store_true", help="find the first step that differs")
    parser.add_argument("--all", action="store_true", help=f"every row of the tables, not only {ROWS}")
    output.add_arguments(parser)
    output.add_width(parser)
    output.add_tolerance(parser)
    inputs.add_arguments(parser)
    options.add_arguments(parser, without=("plan_memory",))


def run(args: argparse.Namespace) -> int:
    """Compare, and say what came out."""
    if args.bisect:
        return _run_both(args)
    if args.other is not None:
        difference = difference_record(_plan(args.model, args), _plan(args.other, args))
        rows = len(difference["moved"]) + len(difference["gone"]) + len(difference["appeared"]) if args.all else ROWS
        output.deliver(
            args, lambda: difference, lambda: difference_text(difference, width=output.width(args), rows=rows)
        )
        return 0
    return _compare_memory(args)


def _compare_memory(args: argparse.Namespace) -> int:
    if models.is_engine(args.model):
        raise UsageError(f"{args.model} is an engine; compare takes an ONNX model, which its peers can run too")
    chosen = options.from_arguments(args)
    contents = models.read(args.model, args)
    variant = models.largest(contents.variants)
    strategies = {
        name: memory.solve(variant.program.problem, name, time_limit=chosen.time_limit) for name in memory.STRATEGIES
    }
    peers = _measure(args, variant.program, chosen.fixed)
    facts = (args.model.name, variant, contents.constants.nbytes, strategies, peers)
    output.deliver(args, lambda: memory_record(*facts), lambda: memory_text(*facts))
    return 0


def _measure(args: argparse.Namespace, program: Program, fixed: Mapping[str, np.ndarray]) -> dict[str, PeerMemory]:
    names = args.against or [name for name in MEMORY_PEERS if importlib.util.find_spec(name)]
    if names in ([], ["none"]):
        return {}
    (sample,) = random_samples(models.tensors(program.inputs))
    sample |= fixed_inputs(args.model, fixed)
    return {name: MEMORY_PEERS[name](args.model, sample) for name in names if name != "none"}


def _plan(path: Path, args: argparse.Namespace) -> Mapping[str, Any]:
    """The plan of a model or an engine, or one that was written as JSON."""
    if path.suffix != ".json":
        variant = models.largest(models.read(path, args).variants)
        return plan_record(path.name, variant.program, variant.plan)
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise InputError(f"{path}: no JSON: {error}") from None
    if not isinstance(record, dict) or record.get("schema") != PLAN_SCHEMA:
        raise InputError(f"{path}: no plan ({PLAN_SCHEMA}); write one with mini-infer plan --json")
    return record


def _run_both(args: argparse.Namespace) -> int:
    """Bisect: run both, and find the first difference."""
    chosen = options.from_arguments(args)
    reference = args.other or args.model
    by_peer = args.other is None or args.against not in (None, ["none"])
    engine = models.load(args.model, args)
    stepper = Stepper(engine, compiler=chosen.compiler)
    samples = models.read_or_draw(args, engine, SAMPLES)
    if by_peer:
        fixed = fixed_inputs(reference, chosen.fixed)
        expected = (onnxruntime_values(reference, sample | fixed) for sample in samples)
    else:
        other = Stepper(models.load(reference, args), compiler=chosen.compiler)
        expected = (engine_values(other, sample) for sample in samples)
    results = [
        bisect(stepper, sample, values, atol=args.atol, rtol=args.rtol)
        for sample, values in zip(samples, expected, strict=True)
    ]
    found = min(results, key=lambda result: math.inf if result.step is None else result.step)
    name = f"onnxruntime on {reference.name}" if by_peer else reference.name
    output.deliver(
        args, lambda: bisect_record(args.model.name, name, found), lambda: bisect_text(args.model.name, name, found)
    )
    return 0 if found.error is None else MismatchError.exit_code
