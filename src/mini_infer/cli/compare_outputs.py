"""Runs two models or engines, or one and onnxruntime, on the same inputs and compares them, for `compare`."""

import argparse
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from mini_infer.cli import explained, models, options, output
from mini_infer.errors import MismatchError
from mini_infer.report.comparison import AtSizes, bisect_record, bisect_text, merged, verify_record, verify_text
from mini_infer.runtime import Engine
from mini_infer.verify.bisect import Tensors, bisect, engine_values, onnxruntime_values
from mini_infer.verify.compare import compare
from mini_infer.verify.exact import is_quantized, names_of_bytes
from mini_infer.verify.peers import REFERENCES, fixed_inputs
from mini_infer.verify.samples import Sample, stack
from mini_infer.verify.steps import Stepper

SAMPLES = 4
"""Random inputs: after a ReLU, a wrong weight may not show with every one."""


def end_to_end(args: argparse.Namespace) -> int:
    """Compare the outputs of whole runs; `MismatchError`'s exit code where they differ by more than the tolerances."""
    engine = models.load(args.model, args)
    groups = models.grouped(args, engine, SAMPLES, models.sizes_to_run(args, engine))
    samples = [sample for _, found in groups for sample in found]
    reference, by_onnxruntime = _reference(args)
    if by_onnxruntime:
        expected: Sequence[Sample] = REFERENCES["onnxruntime"](reference, _with_fixed(args, reference, samples))
    else:
        expected = _answers(models.load(reference, args), samples)
    answers, name = _answers(engine, samples), _name(reference, by_onnxruntime=by_onnxruntime)
    found, first = [], 0
    for sizes, group in groups:
        part = slice(first, first + len(group))
        first += len(group)
        compared = compare(stack(answers[part]), stack(expected[part]), atol=args.atol, rtol=args.rtol)
        if by_onnxruntime:
            ends = (group, answers[part], expected[part])
            compared = explained.explained(args, engine, compared, ends, "onnxruntime", model=reference)
        found.append(AtSizes(sizes, len(group), {name: compared}))
    facts = (args.model.name, len(samples), *merged(found))
    output.deliver(args, lambda: verify_record(*facts), lambda: verify_text(*facts))
    return 0 if all(each.passed for each in facts[2].values()) else MismatchError.exit_code


def step_by_step(args: argparse.Namespace) -> int:
    """Find the first step whose results differ; `MismatchError`'s exit code where there is one."""
    compiler = options.from_arguments(args).compiler
    artifact = models.read(args.model, args)
    stepper = Stepper(artifact, compiler=compiler)
    samples = models.read_or_draw(args, artifact, SAMPLES)
    if artifact.program.images != 1:  # the steps run once for each of a batch: the first says it
        samples = [{name: array[:1] for name, array in sample.items()} for sample in samples]
    reference, by_onnxruntime = _reference(args)
    if by_onnxruntime:
        names = names_of_bytes(artifact.program) if is_quantized(artifact.program) else None
        expected: Iterable[Tensors] = (
            onnxruntime_values(reference, sample, names) for sample in _with_fixed(args, reference, samples)
        )
    else:
        other = Stepper(models.read(reference, args), compiler=compiler)
        expected = (engine_values(other, sample) for sample in samples)
    results = [
        bisect(stepper, sample, values, atol=args.atol, rtol=args.rtol)
        for sample, values in zip(samples, expected, strict=True)
    ]
    found = min(results, key=lambda result: math.inf if result.step is None else result.step)
    because = ""
    if found.error is not None and by_onnxruntime:
        because = explained.reason(args, artifact, [samples[results.index(found)]], "onnxruntime", reference)
    facts = (args.model.name, _name(reference, by_onnxruntime=by_onnxruntime), found, because)
    output.deliver(args, lambda: bisect_record(*facts), lambda: bisect_text(*facts))
    return 0 if found.error is None or because else MismatchError.exit_code


def _reference(args: argparse.Namespace) -> tuple[Path, bool]:
    """The second file, or the only one, and whether onnxruntime runs it."""
    return args.other or args.model, args.other is None or args.against not in (None, ["none"])


def _name(reference: Path, *, by_onnxruntime: bool) -> str:
    return f"onnxruntime on {reference.name}" if by_onnxruntime else reference.name


def _with_fixed(args: argparse.Namespace, model: Path, samples: Sequence[Sample]) -> list[Sample]:
    """The samples with the inputs that the engine has as constants."""
    fixed = fixed_inputs(model, options.from_arguments(args).fix)
    return [sample | fixed for sample in samples]


def _answers(engine: Engine, samples: Sequence[Sample]) -> list[Sample]:
    context = engine.create_context()
    return [context.run(sample) for sample in samples]
