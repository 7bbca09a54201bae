"""Run a model or an engine on inputs from files; the answer is JSON, one record per sample.

For example:

  mini-infer run net.engine
  mini-infer run net.engine --input x=x.npy --output out.json
  mini-infer run net.onnx --input digits.npz:images --labels digits.npz:labels --scale 1/255
  mini-infer run net.onnx --input cat.jpg --resize --scale 1/255 --names classes.txt
  mini-infer run net.onnx --input x=x.npy --no-memory-planning --save-outputs out.npz
  mini-infer run net.onnx --input x=x.npy --trace trace.json -o out.json
  mini-infer run net.engine --input ids=short.npy --input ids=long.npy
"""

import argparse
import io
import json
import logging
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mini_infer.cli import inputs, models, options, output
from mini_infer.cli.progress import watched
from mini_infer.errors import UsageError
from mini_infer.files import write_atomically
from mini_infer.quantities import parse_count
from mini_infer.report.samples import memory_stats, sample_record, samples_report
from mini_infer.report.sizes import counted, exact_bytes, percent
from mini_infer.runtime import Context, Engine

_log = logging.getLogger(__name__)

_LIKELIEST = 5
"""Classes that are named, unless told how many."""

Answer = tuple[dict[str, np.ndarray], float]
"""Outputs by name, and the microseconds that the run took."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("model", type=Path, help="an ONNX model, or an engine")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="write the JSON to a file, and a summary here"
    )
    parser.add_argument("--json", action="store_true", help="no summary: the answer is JSON in any case")
    parser.add_argument("--save-outputs", type=Path, metavar="FILE.npz", help="the output tensors, samples first")
    parser.add_argument("--labels", metavar="FILE", help="the right classes, one integer a sample, for the accuracy")
    parser.add_argument("--top", type=parse_count, metavar="N", help="name each sample's N likeliest classes")
    parser.add_argument(
        "--names", type=Path, metavar="FILE", help="what the classes are called, one name a line; --top 5 unless given"
    )
    parser.add_argument("--interpret", action="store_true", help="every step by its ONNX meaning, no native code")
    parser.add_argument(
        "--poison", action="store_true", help="interpret, and fill dead buffers with NaN: a wrong lifetime shows"
    )
    parser.add_argument(
        "--trace", type=Path, metavar="FILE.json", help="time each step of the first sample, for Perfetto or Chrome"
    )
    inputs.add_arguments(parser)
    options.add_trust(parser)
    output.add_seed(parser)
    options.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Run every sample, and write what came out."""
    if args.save_outputs is not None and args.save_outputs.suffix != ".npz":
        raise UsageError(f"--save-outputs {args.save_outputs}: the file's name ends in .npz")
    engine = models.load(args.model, args)
    models.tensors(engine.interface.outputs)
    samples = models.read_or_draw(args, engine)
    if not args.input and engine.interface.inputs:
        _log.warning("no --input: the inputs are random numbers (--seed %d)", args.seed)
    labels = inputs.read_labels(args.labels, len(samples)) if args.labels else None
    names = inputs.read_names(args.names) if args.names else ()
    top = args.top or (_LIKELIEST if names else 0)
    context = engine.create_context(interpret=args.interpret, poison=args.poison)
    native, several = engine.library is not None and not (args.interpret or args.poison), len(samples) > 1
    answers = list(watched(answer_all(context, samples, warm_up=native and several), len(samples), "samples"))
    if args.save_outputs is not None:
        _save(args.save_outputs, [outputs for outputs, _ in answers])
    if args.trace is not None:
        _trace(args, engine, samples[0])
    records = [
        sample_record(index, outputs, time_us, label=None if labels is None else labels[index], top=top, names=names)
        for index, (outputs, time_us) in enumerate(answers)
    ]
    stats = memory_stats(engine.interface)
    text = json.dumps(samples_report(args.model.name, records, stats), indent=2, allow_nan=False) + "\n"
    output.write(args, text)
    if args.output is None or args.json:
        return 0
    how = f"{engine.interface.native_steps} of {engine.interface.steps} steps native" if native else "interpreted"
    print(f"{counted(len(records), 'sample')}, {how}, arena {exact_bytes(engine.arena_bytes)} bytes")
    median = statistics.median(time_us for _, time_us in answers)
    took = f"median {median:,.1f} us a call" if several else f"{median:,.1f} us for the first call"
    print(f"{took} from Python, which makes its outputs; mini-infer bench times the run alone")
    for each in records[0].get("top", ()) if len(records) == 1 else ():
        print(f"{percent(each['probability']):>7}  {each.get('name', each['class'])}")
    right = [record["prediction"] == record["label"] for record in records if {"prediction", "label"} <= record.keys()]
    if right:
        print(f"{sum(right)} of {len(right)} right ({percent(sum(right) / len(right))})")
    return 0


def answer_all(context: Context, samples: Sequence[Mapping[str, np.ndarray]], *, warm_up: bool) -> Iterator[Answer]:
    """Run each sample; `warm_up` adds a first run that is not counted and fills the caches."""
    if warm_up:
        context.run(samples[0])
    for sample in samples:
        began = time.perf_counter_ns()
        outputs = context.run(sample)
        yield outputs, (time.perf_counter_ns() - began) / 1000


def _save(path: Path, outputs: Sequence[Mapping[str, np.ndarray]]) -> None:
    """Write the outputs by name, each of shape (samples, ...); those of different shapes as `name.0`, `name.1`, …."""
    archive = io.BytesIO()
    arrays: dict[str, Any] = {}
    for name in outputs[0]:
        found = [sample[name] for sample in outputs]
        same = len({array.shape for array in found}) == 1
        arrays |= {name: np.stack(found)} if same else {f"{name}.{i}": array for i, array in enumerate(found)}
    np.savez(archive, allow_pickle=False, **arrays)
    write_atomically(path, [archive.getvalue()])


def _trace(args: argparse.Namespace, engine: Engine, sample: inputs.Sample) -> None:
    """Run one sample a step at a time, and write how long each took."""
    from mini_infer.report.trace import trace_record
    from mini_infer.verify.steps import Stepper

    stepper = Stepper(engine, compiler="none" if args.interpret else options.from_arguments(args).compiler)
    program = stepper.program_of(sample)
    trace = trace_record(args.model.name, program, stepper.variant.plan, stepper.times(sample))
    write_atomically(args.trace, [json.dumps(trace).encode()])
