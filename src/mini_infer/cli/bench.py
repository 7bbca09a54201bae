"""Time a model against onnxruntime: both run between fixed arrays, in alternating turns, so that noise hits both alike.

The ratios are medians over the rounds of the other's time by ours in the same round: above 1, mini-infer is faster.
onnxruntime runs with IOBinding, so it converts and copies nothing, as mini-infer does; onnxruntime_run is its
ordinary run(). mini-infer's code runs on one thread whatever --threads says, which counts for onnxruntime.

For example:

  mini-infer bench net.onnx --against onnxruntime --threads 1
  mini-infer bench net.onnx --planning --json
"""

import argparse
import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from mini_infer import compiler
from mini_infer.cli import inputs, models, options, output
from mini_infer.errors import UsageError
from mini_infer.report.timing import OURS, bench_record, bench_text
from mini_infer.runtime import Engine
from mini_infer.verify.peers import OnnxRuntime, fixed_inputs
from mini_infer.verify.race import race
from mini_infer.verify.samples import Sample, random_samples

PEERS = ("onnxruntime",)
UNPLANNED = "mini_infer_unplanned"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("model", type=Path, help="an ONNX model, or an engine (then without a peer)")
    parser.add_argument("--against", choices=PEERS, help="who to race; nobody when absent")
    parser.add_argument("--planning", action="store_true", help="race the same model without memory planning, too")
    parser.add_argument("--threads", type=int, default=1, help="onnxruntime's, inside an operator (default: 1)")
    parser.add_argument("--runs", type=int, default=100, help="turns that each has (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=20.0, help="no new round after these (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the random inputs (default: 0)")
    output.add_arguments(parser)
    inputs.add_arguments(parser)
    options.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Race, and say who took how long."""
    if min(args.threads, args.runs) < 1:
        raise UsageError("--threads and --runs are at least 1")
    if (args.against or args.planning) and models.is_engine(args.model):
        flag = "--against" if args.against else "--planning"
        raise UsageError(f"{flag} compiles or runs the ONNX model; {args.model} is an engine")
    chosen = options.from_arguments(args)
    engine = models.load(args.model, args)
    types = models.tensors(engine.program.inputs)
    (sample, *_) = models.read_inputs(args, engine) if args.input else random_samples(types, seed=args.seed)
    calls: dict[str, Callable[[], object]] = {OURS: _bound(engine, sample)}
    if args.planning:
        calls[UNPLANNED] = _bound(
            compiler.compile(args.model, options=dataclasses.replace(chosen, plan_memory=False)), sample
        )
    if args.against:
        whole = sample | fixed_inputs(args.model, chosen.fixed)
        calls |= _peer_calls(OnnxRuntime(args.model, threads=args.threads), whole, _outputs(engine))
    times = race(calls, turns=args.runs, seconds=args.seconds)
    output.deliver(
        args,
        lambda: bench_record(args.model.name, args.threads, times),
        lambda: bench_text(args.model.name, args.threads, times),
    )
    return 0


def _bound(engine: Engine, sample: Sample) -> Callable[[], None]:
    return engine.create_context().bind(sample, _outputs(engine))


def _outputs(engine: Engine) -> Sample:
    types = models.tensors(engine.program.outputs)
    return {name: np.empty(kind.shape, kind.dtype.numpy) for name, kind in types.items()}


def _peer_calls(peer: OnnxRuntime, sample: Sample, outputs: Sample) -> Mapping[str, Callable[[], object]]:
    return {"onnxruntime": peer.bind(sample, outputs), "onnxruntime_run": peer.plain(sample)}
