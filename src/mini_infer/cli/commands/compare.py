"""Compare the memory of a model with its rivals, two plans with each other, or two runs value by value.

With one model: its memory with and without planning, by every strategy, and against onnxruntime where installed.
onnxruntime's figures are its own profiler's; its arena holds its copies of the weights too, so ours are added. Where
--dim gives ranges, it is the memory of the largest sizes.

With two models, engines or plans (files of plan --json): what grew, what moved, what came and went from the first to
the second.

With --outputs: how far the outputs of the first are from the second's, or from onnxruntime's (which runs the second
model, or the only one). With --bisect: the first step with a value or a weight that is beyond tolerance. Exit code 6
where they differ.

For example:

  mini-infer compare net.onnx
  mini-infer compare old.json net.onnx
  mini-infer compare new.onnx old.onnx --outputs
  mini-infer compare net.engine net.onnx --bisect
  mini-infer compare net.engine net.onnx --bisect --against onnxruntime
"""

import argparse
import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mini_infer import memory
from mini_infer.cli import compare_outputs, inputs, models, options, output
from mini_infer.cli.progress import watched
from mini_infer.errors import InputError, UsageError
from mini_infer.files import read_json
from mini_infer.ir.dims import at_most
from mini_infer.program import Program
from mini_infer.report.memory import memory_record, memory_text
from mini_infer.report.plan.difference import check_plan, difference_record, difference_text
from mini_infer.report.plan.json import PLAN_SCHEMA, plan_record
from mini_infer.report.plan.text import ROWS
from mini_infer.verify.peers import MEMORY_PEERS, PeerMemory, fixed_inputs
from mini_infer.verify.samples import random_samples

RTOL = 1e-4
"""Of values on the way: rounding adds up over a deep network, and shrinks again towards its outputs."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("model", type=Path, help="an ONNX model; with a second one also an engine, or a plan in JSON")
    parser.add_argument("other", type=Path, nargs="?", help="what to compare it with")
    parser.add_argument(
        "--against",
        action="append",
        choices=(*MEMORY_PEERS, "none"),
        help="whose memory to measure, or who runs the second model (default: every peer that is installed)",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--outputs", action="store_true", help="run both, and compare their outputs")
    how.add_argument("--bisect", action="store_true", help="run both step by step, and find the first that differs")
    parser.add_argument("--all", action="store_true", help=f"every row of the tables, not only {ROWS}")
    output.add_arguments(parser)
    output.add_width(parser)
    output.add_tolerance(parser, rtol=RTOL)
    inputs.add_arguments(parser)
    options.add_arguments(parser, without=("memory_planning",), sizes="compare outputs at these")


def run(args: argparse.Namespace) -> int:
    """Compare, and say what came out."""
    if args.outputs or args.bisect:
        return (compare_outputs.end_to_end if args.outputs else compare_outputs.step_by_step)(args)
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
    artifact = models.read(args.model, args)
    variant = artifact.largest
    strategies = {
        name: memory.solve(variant.program.problem, name, time_limit=chosen.time_limit)
        for name in watched(memory.STRATEGIES, len(memory.STRATEGIES), "strategies")
    }
    peers = _measure(args, variant.program, chosen.fix)
    facts = (args.model.name, variant, artifact.weight_bytes, strategies, peers)
    output.deliver(args, lambda: memory_record(*facts), lambda: memory_text(*facts))
    return 0


def _measure(args: argparse.Namespace, program: Program, fixed: Mapping[str, np.ndarray]) -> dict[str, PeerMemory]:
    names = args.against or [name for name in MEMORY_PEERS if importlib.util.find_spec(name)]
    if names in ([], ["none"]):
        return {}
    (sample,) = random_samples(at_most(dict(models.tensors(program.inputs))))
    sample |= fixed_inputs(args.model, fixed)
    return {name: MEMORY_PEERS[name](args.model, sample) for name in names if name != "none"}


def _plan(path: Path, args: argparse.Namespace) -> Mapping[str, Any]:
    """The plan of a model or an engine, or one that was written as JSON."""
    if path.suffix != ".json":
        artifact = models.read(path, args)
        return plan_record(path.name, artifact.largest, artifact.memory)
    record = read_json(path)
    if not isinstance(record, dict) or record.get("schema") != PLAN_SCHEMA:
        raise InputError(f"{path}: no plan ({PLAN_SCHEMA}); write one with mini-infer plan --json")
    try:
        return check_plan(record)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: a damaged plan: {error!r}; write it anew with mini-infer plan --json") from None
