"""Time a model against onnxruntime or OpenVINO, between fixed arrays, in alternating turns: noise hits both alike.

The ratios are medians over the rounds of the other's time by ours in the same round: above 1, mini-infer is faster.
onnxruntime runs with IOBinding, so it converts and copies nothing, as mini-infer does; onnxruntime_run is its
ordinary run(). Both run on --threads threads. Where --dim gives a range, its typical size is timed, or each of the
sizes that further --dim give.

For example:

  mini-infer bench net.onnx --against onnxruntime --threads 1
  mini-infer bench net.onnx --planning --json
  mini-infer bench net.onnx --steps --threads 2
  mini-infer bench net.engine --dim seq=64 --dim seq=512
  mini-infer bench net.onnx --against onnxruntime --dim batch=1 --dim seq=1..512 --dim seq=128
"""

import argparse
import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mini_infer import compiler, stages
from mini_infer.cli import inputs, models, options, output
from mini_infer.errors import UsageError
from mini_infer.quantities import parse_count, parse_seconds
from mini_infer.report.profile import profile_record, profile_text
from mini_infer.report.timing import OURS, bench_record, bench_text
from mini_infer.runtime import Engine
from mini_infer.verify.peers import OnnxRuntime, OpenVino, fixed_inputs
from mini_infer.verify.probe import Probe
from mini_infer.verify.race import Times, race
from mini_infer.verify.samples import Sample
from mini_infer.verify.steps import Stepper

PEERS = ("onnxruntime", "openvino")
PROFILE_RUNS = 10
UNPLANNED = "mini_infer_unplanned"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("model", type=Path, help="an ONNX model, or an engine (then without a peer)")
    parser.add_argument("--against", choices=PEERS, help="who to race; nobody when absent")
    parser.add_argument("--planning", action="store_true", help="race the same model without memory planning, too")
    parser.add_argument(
        "--steps",
        action="store_true",
        help="time each step as well, in calls of their own, against the machine's peak",
    )
    parser.add_argument("--runs", type=parse_count, default=100, help="turns that each has (default: %(default)s)")
    parser.add_argument(
        "--seconds", type=parse_seconds, default=20.0, help="no new round after these (default: %(default)s)"
    )
    output.add_seed(parser)
    output.add_arguments(parser)
    output.add_width(parser)
    inputs.add_arguments(parser)
    options.add_trust(parser)
    options.add_arguments(parser, sizes="time these, one after the other")


def run(args: argparse.Namespace) -> int:
    """Race, and say who took how long."""
    if (args.against or args.planning) and models.is_engine(args.model):
        flag = "--against" if args.against else "--planning"
        raise UsageError(f"{flag} compiles or runs the ONNX model; {args.model} is an engine")
    chosen = options.from_arguments(args)
    engine = models.load(args.model, args)
    models.tensors(engine.program.outputs)
    unplanned = None
    if args.planning:
        unplanned = compiler.compile(args.model, options=dataclasses.replace(chosen, memory_planning=False))
    groups = models.grouped(args, engine, 1, models.sizes_to_run(args, engine))
    results = [(sizes, _race(args, engine, unplanned, samples[0], chosen)) for sizes, samples in groups]
    profile = _profile(args, engine, groups[0][1][0]) if args.steps else None
    threads = engine.target.threads
    output.deliver(
        args,
        lambda: bench_record(args.model.name, threads, results) | ({"profile": profile} if profile else {}),
        lambda: "\n".join(
            [
                *(bench_text(args.model.name, threads, times, sizes) for sizes, times in results),
                *([profile_text(profile, width=output.width(args))] if profile else []),
            ]
        ),
    )
    return 0


def _race(
    args: argparse.Namespace, engine: Engine, unplanned: Engine | None, sample: Sample, chosen: compiler.Options
) -> dict[str, Times]:
    """Everybody's times on one sample."""
    calls: dict[str, Callable[[], object]] = {OURS: _bound(engine, sample)}
    if unplanned is not None:
        calls[UNPLANNED] = _bound(unplanned, sample)
    if args.against:
        whole = sample | fixed_inputs(args.model, chosen.fix)
        calls |= _peer_calls(args.against, args.model, whole, engine.target.threads)
    with stages.stage("warming up"):
        return race(calls, turns=args.runs, seconds=args.seconds)


def _peer_calls(
    name: str, model: Path, sample: Mapping[str, np.ndarray], threads: int
) -> dict[str, Callable[[], object]]:
    """The peer's ways to run, by what they are called in the report."""
    if name == "openvino":
        return {name: OpenVino(model, threads=threads).bind(sample)}
    peer = OnnxRuntime(model, threads=threads)
    return {name: peer.bind(sample, peer.run(sample)), f"{name}_run": peer.plain(sample)}


def _profile(args: argparse.Namespace, engine: Engine, sample: Sample) -> dict[str, Any]:
    """What each step takes, and what the machine could do in that time."""
    preferred = options.from_arguments(args).compiler
    stepper = Stepper(engine, compiler=preferred)
    times = stepper.fastest(sample, runs=PROFILE_RUNS)
    peak = Probe(preferred).gflops(engine.target.threads)
    return profile_record(stepper.program_of(sample), times, stepper.thread_counts, peak)


def _bound(engine: Engine, sample: Sample) -> Callable[[], None]:
    """A call that runs between fixed arrays; those of the outputs are of a first run."""
    context = engine.create_context()
    return context.bind(sample, context.run(sample))
