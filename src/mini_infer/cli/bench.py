"""Time a model against onnxruntime: both run between fixed arrays, in alternating turns, so that noise hits both alike.

The ratios are medians over the rounds of the other's time by ours in the same round: above 1, mini-infer is faster.
onnxruntime runs with IOBinding, so it converts and copies nothing, as mini-infer does; onnxruntime_run is its
ordinary run(). Both run on --threads threads.

For example:

  mini-infer bench net.onnx --against onnxruntime --threads 1
  mini-infer bench net.onnx --planning --json
"""

import argparse
import dataclasses
from collections.abc import Callable
from pathlib import Path

from mini_infer import compiler, stages
from mini_infer.cli import inputs, models, options, output
from mini_infer.cli.quantities import parse_count, parse_seconds
from mini_infer.errors import UsageError
from mini_infer.report.timing import OURS, bench_record, bench_text
from mini_infer.runtime import Engine
from mini_infer.verify.peers import OnnxRuntime, fixed_inputs
from mini_infer.verify.race import race
from mini_infer.verify.samples import Sample

PEERS = ("onnxruntime",)
UNPLANNED = "mini_infer_unplanned"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("model", type=Path, help="an ONNX model, or an engine (then without a peer)")
    parser.add_argument("--against", choices=PEERS, help="who to race; nobody when absent")
    parser.add_argument("--planning", action="store_true", help="race the same model without memory planning, too")
    parser.add_argument("--runs", type=parse_count, default=100, help="turns that each has (default: %(default)s)")
    parser.add_argument(
        "--seconds", type=parse_seconds, default=20.0, help="no new round after these (default: %(default)s)"
    )
    output.add_seed(parser)
    output.add_arguments(parser)
    inputs.add_arguments(parser)
    options.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Race, and say who took how long."""
    if (args.against or args.planning) and models.is_engine(args.model):
        flag = "--against" if args.against else "--planning"
        raise UsageError(f"{flag} compiles or runs the ONNX model; {args.model} is an engine")
    chosen = options.from_arguments(args)
    engine = models.load(args.model, args)
    models.tensors(engine.program.outputs)
    (sample, *_) = models.read_or_draw(args, engine)
    threads = engine.target.threads
    calls: dict[str, Callable[[], object]] = {OURS: _bound(engine, sample)}
    if args.planning:
        calls[UNPLANNED] = _bound(
            compiler.compile(args.model, options=dataclasses.replace(chosen, plan_memory=False)), sample
        )
    if args.against:
        whole = sample | fixed_inputs(args.model, chosen.fixed)
        peer = OnnxRuntime(args.model, threads=threads)
        calls |= {"onnxruntime": peer.bind(whole, peer.run(whole)), "onnxruntime_run": peer.plain(whole)}
    with stages.stage("warming up"):
        times = race(calls, turns=args.runs, seconds=args.seconds)
    output.deliver(
        args,
        lambda: bench_record(args.model.name, threads, times),
        lambda: bench_text(args.model.name, threads, times),
    )
    return 0


def _bound(engine: Engine, sample: Sample) -> Callable[[], None]:
    """A call that runs between fixed arrays; those of the outputs are of a first run."""
    context = engine.create_context()
    return context.bind(sample, context.run(sample))
