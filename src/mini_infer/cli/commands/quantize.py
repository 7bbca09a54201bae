"""Make a float model one of 8 bits with onnxruntime's quantizer, and say what that costs and brings.

The ranges of activations are what they are for the samples that --calibrate names: real inputs, a hundred are plenty.
Outputs, the accuracy on --labels, and what each layer loses are those of --evaluate's samples, or the same ones. Both
models run in mini-infer, whose 8-bit sums are exact on every machine.

For example:

  mini-infer quantize net.onnx -o net_int8.onnx --calibrate images.npz
  mini-infer quantize net.onnx -o net_int8.onnx --calibrate photos/ --resize --scale 1/255 --keep conv1
  mini-infer quantize net.onnx -o net_int8.onnx --calibrate train.npy --evaluate test.npz:x --labels test.npz:y
  mini-infer quantize bert.onnx -o bert_int8.onnx --dynamic --evaluate sentences.npz
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mini_infer import compiler, quantization
from mini_infer.cli import inputs, models, options, output
from mini_infer.cli.progress import watched
from mini_infer.errors import UnsupportedError, UsageError
from mini_infer.files import write_atomically
from mini_infer.frontend import external_files
from mini_infer.quantization import (
    LayerLoss,
    Quantized,
    Settings,
    file_content,
    layer_losses,
    onnxruntime_quantization,
    output_losses,
    quantized,
)
from mini_infer.report.quantization import Bytes, Outcome, quantize_record, quantize_text
from mini_infer.runtime import Artifact, Engine
from mini_infer.verify.peers import fixed_inputs
from mini_infer.verify.samples import Sample

LAYERS = 10
"""Layers that are listed, unless told how many."""

DRAWN = 4
"""Random samples of a model that needs none to be quantized, where none are given."""

_WITHOUT = ("profiles", "state", "target")
"""Options of the compiler that make no sense where both models run here, on inputs of one set of shapes."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("model", type=Path, help="an ONNX model, in float")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", required=True, help="the quantized model")
    group = parser.add_argument_group("quantization")
    texts = options.field_texts(Settings)
    for name, choices in (
        ("format", quantization.FORMATS),
        ("activations", quantization.ACTIVATIONS),
        ("ranges", quantization.RANGES),
    ):
        default = next(iter(choices))
        text = f"{texts[name].replace('%', '%%')} (default: {default})"
        group.add_argument(f"--{name}", choices=tuple(choices), default=default, help=text)
    group.add_argument(
        "--per-channel",
        action=argparse.BooleanOptionalAction,
        default=True,
        help=f"{texts['per_channel']} (default: yes)",
    )
    group.add_argument("--dynamic", action="store_true", help=texts["dynamic"])
    group.add_argument(
        "--keep", action="append", default=[], metavar="NODE", help="the name of a node that stays float; repeatable"
    )
    group = parser.add_argument_group("inputs")
    inputs.add_files(
        group,
        "--calibrate",
        f"real inputs: {inputs.SOURCES}",
    )
    inputs.add_files(group, "--evaluate", "other inputs, to measure on (default: those of --calibrate)")
    group.add_argument(
        "--labels", metavar="FILE", help="the right classes of these, one integer a sample, for the accuracy"
    )
    inputs.add_reading(group)
    parser.set_defaults(input=[])  # what other commands run on, and draw where it is not given
    parser.add_argument(
        "--layers",
        type=_count,
        default=LAYERS,
        metavar="N",
        help="how many layers to list, those that lose most; 0: do not look (default: %(default)s)",
    )
    output.add_seed(parser)
    output.add_json(parser)
    options.add_arguments(parser, without=_WITHOUT)


def run(args: argparse.Namespace) -> int:
    """Quantize, measure, write the model, and say what came out."""
    if models.is_engine(args.model):
        raise UsageError(f"{args.model} is an engine; quantize takes an ONNX model")
    settings = _settings(args)
    onnxruntime_quantization()
    chosen = options.from_arguments(args)
    artifact = models.read(args.model, args)
    models.tensors(artifact.program.outputs)
    fixed = fixed_inputs(args.model, chosen.fix)
    calibration = models.read_inputs(args, artifact, "calibrate") if args.calibrate else []
    drawn = not (args.evaluate or calibration)
    samples = _evaluation(args, artifact, calibration)
    labels = inputs.read_labels(args.labels, len(samples)) if args.labels else None

    given = [{**sample, **fixed} for sample in calibration]
    made = quantized(args.model, given, settings)
    content = file_content(made.model)
    small = compiler.build(made.model, options=chosen)
    losses, accuracy = output_losses(_runs(artifact, small, samples, chosen.compiler), labels)
    whole = [{**sample, **fixed} for sample in samples]
    layers = _layers(made, whole, given) if args.layers else ()
    write_atomically(args.output, [content])

    outcome = Outcome(
        args.model.name,
        str(args.output),
        made.settings,
        calibration=len(calibration),
        samples=len(samples),
        drawn=drawn,
        losses=losses,
        accuracy=accuracy,
        layers=layers,
        before=Bytes(_file_bytes(args.model), artifact.weight_bytes, artifact.arena_bytes),
        after=Bytes(len(content), small.weight_bytes, small.arena_bytes),
    )
    output.tell(args, lambda: quantize_record(outcome), lambda: quantize_text(outcome, listed=args.layers))
    return 0


def _settings(args: argparse.Namespace) -> Settings:
    """What to decide about the quantization.

    Raises
    ------
    UsageError
        When it makes no sense, or there is nothing to calibrate with.
    """
    if "random" in args.calibrate and not Path("random").exists():
        raise UsageError(
            "--calibrate random: the ranges of noise are not those of real inputs; give real ones, a hundred are "
            "plenty, or --dynamic, which needs none"
        )
    if args.dynamic and args.calibrate:
        raise UsageError("--dynamic needs no --calibrate: ranges are those at run time; --evaluate measures on samples")
    if not args.dynamic and not args.calibrate:
        raise UsageError("give --calibrate FILE: real inputs, from which the ranges follow; or --dynamic, without any")
    if args.dynamic and args.labels and not args.evaluate:
        raise UsageError("--labels are the right classes of samples: give these by --evaluate")
    return Settings(
        format=args.format,
        activations=args.activations,
        ranges=args.ranges,
        per_channel=args.per_channel,
        dynamic=args.dynamic,
        keep=tuple(args.keep),
    )


def _evaluation(args: argparse.Namespace, artifact: Artifact, calibration: list[inputs.Sample]) -> list[inputs.Sample]:
    """The samples to measure on: those given, those of the calibration, or random ones."""
    if args.evaluate:
        return models.read_inputs(args, artifact, "evaluate")
    return calibration or models.read_or_draw(args, artifact, DRAWN)


def _runs(
    artifact: Artifact, small: Artifact, samples: Sequence[Sample], preferred: str | None
) -> Iterator[tuple[Any, Any]]:
    """The outputs of both models for each sample."""
    contexts = [Engine.from_artifact(each, compiler=preferred).create_context() for each in (artifact, small)]
    for sample in watched(samples, len(samples), "samples"):
        expected, given = (context.run(sample) for context in contexts)
        yield expected, given


def _layers(made: Quantized, samples: Sequence[Sample], calibration: Sequence[Sample]) -> tuple[LayerLoss, ...]:
    """What each layer loses; an error says how to do without."""
    try:
        return layer_losses(made, samples, calibration)
    except UnsupportedError as error:
        raise UnsupportedError(f"{error}; --layers 0 quantizes without looking at them") from None


def _file_bytes(model: Path) -> int:
    """Bytes of a model's file and of those that its weights are in."""
    return sum(path.stat().st_size for path in (model, *external_files(model)))


def _count(text: str) -> int:
    if not text.isdecimal():
        raise UsageError(f"{text!r} is no count: write 0 or more")
    return int(text)
