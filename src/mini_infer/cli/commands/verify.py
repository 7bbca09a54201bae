"""Compare a model's outputs with onnxruntime's, or with expected ones from a file; exit code 6 when they differ.

An element is within tolerance when |output - reference| <= atol + rtol * (largest |reference| of its output).
Inputs are drawn at random, the same ones for the same seed, unless --input gives some. Where --dim gives a range, they
have both ends of it, the typical size and two between, or the sizes that further --dim give.

For example:

  mini-infer verify net.onnx --against onnxruntime
  mini-infer verify net.onnx --against onnx --samples 3 --seed 7
  mini-infer verify net.engine --input x=x.npy --expected outputs.npz
  mini-infer verify net.onnx --dim batch=1 --dim seq=1..512@128
  mini-infer verify net.onnx --dim batch=1 --dim seq=1..512 --dim seq=37
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mini_infer.cli import explained, inputs, models, options, output
from mini_infer.cli.progress import watched
from mini_infer.errors import InputError, MismatchError, UsageError
from mini_infer.ir import DType, TensorType
from mini_infer.ir.dims import Sizes
from mini_infer.quantities import parse_count
from mini_infer.report.comparison import AtSizes, merged, verify_record, verify_text
from mini_infer.runtime import Engine
from mini_infer.verify import Comparison, compare
from mini_infer.verify.peers import REFERENCES, fixed_inputs
from mini_infer.verify.samples import Sample, spread, stack


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("model", type=Path, help="an ONNX model, or an engine (then with --expected)")
    parser.add_argument(
        "--against", action="append", default=[], choices=tuple(REFERENCES), help="who knows better; repeatable"
    )
    parser.add_argument("--expected", metavar="FILE", help="the right outputs: .npz with an array per output, or .npy")
    parser.add_argument(
        "--samples",
        type=parse_count,
        default=1,
        metavar="N",
        help="how many to draw at random, of each size (default: 1)",
    )
    output.add_tolerance(parser)
    parser.add_argument("--interpret", action="store_true", help="compare the interpreter, not native code")
    output.add_arguments(parser)
    inputs.add_arguments(parser)
    options.add_trust(parser)
    options.add_arguments(parser, sizes="verify these alone")


def run(args: argparse.Namespace) -> int:
    """Compare, and say how far apart they are."""
    if not args.against and args.expected is None:
        args.against = ["onnxruntime"]
    if args.against and models.is_engine(args.model):
        raise UsageError(f"--against {args.against[0]} runs the ONNX model; for an engine, give --expected")
    engine = models.load(args.model, args)
    models.tensors(engine.program.outputs)
    groups = models.grouped(args, engine, args.samples, _sizes(args, engine))
    samples = [sample for _, found in groups for sample in found]
    answers = _run(engine, samples, interpret=args.interpret)
    references: dict[str, Sequence[Sample]] = {}
    if args.expected is not None:
        if len(groups) > 1:
            raise UsageError("--expected has outputs of one size: give inputs of one size")
        kinds = {name: TensorType(DType.of(array.dtype), array.shape) for name, array in answers[0].items()}
        references["expected"] = inputs.read_samples([args.expected], kinds)
    if args.against:
        fixed = fixed_inputs(args.model, options.from_arguments(args).fix)
        whole = [{**sample, **fixed} for sample in samples]
        references |= {name: REFERENCES[name](args.model, whole) for name in args.against}
    found, first = [], 0
    for sizes, group in groups:
        part = slice(first, first + len(group))
        first += len(group)
        compared = {name: _compared(args, answers[part], each[part], sizes) for name, each in references.items()}
        compared |= {
            name: explained.explained(args, engine, each, (group, answers[part], references[name][part]), name)
            for name, each in compared.items()
        }
        found.append(AtSizes(sizes, len(group), compared))
    record = verify_record(args.model.name, len(samples), *merged(found))
    output.deliver(
        args,
        lambda: record,
        lambda: verify_text(args.model.name, len(samples), *merged(found)),
    )
    return 0 if record["passed"] else MismatchError.exit_code


def _sizes(args: argparse.Namespace, engine: Engine) -> Sequence[Sizes]:
    """The sizes to verify at: those that are asked for, or both ends, the typical ones, and two between."""
    if models.asks_for_sizes(args, engine):
        return models.sizes_to_run(args, engine)
    return spread(engine.program.symbols, seed=args.seed)


def _compared(
    args: argparse.Namespace, answers: Sequence[Sample], expected: Sequence[Sample], sizes: Sizes
) -> Comparison:
    try:
        return compare(stack(answers), stack(expected), atol=args.atol, rtol=args.rtol)
    except InputError as error:
        if not sizes:
            raise
        raise InputError(f"at {models.sizes_text(sizes)}: {error}") from None


def _run(engine: Engine, samples: Sequence[Sample], *, interpret: bool) -> list[Sample]:
    context = engine.create_context(interpret=interpret)
    return [context.run(sample) for sample in watched(samples, len(samples), "samples")]
