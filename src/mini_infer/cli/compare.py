"""The memory of a model with and without planning, by every strategy, and against onnxruntime where it is installed.

onnxruntime's figures are its own profiler's; its arena holds its copies of the weights too, so ours are added.

For example:

  mini-infer compare net.onnx
  mini-infer compare net.onnx --shapes x:1x3x224x224 --json
"""

import argparse
import importlib.util
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from mini_infer import memory
from mini_infer.cli import models, options, output
from mini_infer.errors import UsageError
from mini_infer.program import Program
from mini_infer.report.memory import memory_record, memory_text
from mini_infer.verify.peers import MEMORY_PEERS, PeerMemory, fixed_inputs
from mini_infer.verify.samples import random_samples


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("model", type=Path, help="an ONNX model")
    parser.add_argument(
        "--against",
        action="append",
        choices=(*MEMORY_PEERS, "none"),
        help="whose memory to measure (default: every peer that is installed)",
    )
    output.add_arguments(parser)
    options.add_arguments(parser, without=("compiler", "plan_memory"))


def run(args: argparse.Namespace) -> int:
    """Plan by every strategy, measure the peers, and say what came out."""
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
