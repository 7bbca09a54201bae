"""Comparisons of quantized models, where a reference rounds and ours is exact: says so instead of failing."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from mini_infer.cli import models, options
from mini_infer.runtime import Artifact
from mini_infer.verify import Comparison, compare
from mini_infer.verify.bisect import onnxruntime_values
from mini_infer.verify.exact import Observed, explain, is_quantized
from mini_infer.verify.peers import onnx_values
from mini_infer.verify.samples import Sample
from mini_infer.verify.steps import Stepper

OBSERVED: Mapping[str, Observed] = {"onnxruntime": onnxruntime_values, "onnx": onnx_values}
"""Reference → what shows its values on the way."""


def explained(
    args: argparse.Namespace,
    engine: Artifact,
    compared: Comparison,
    ends: tuple[Sequence[Sample], Sequence[Sample], Sequence[Sample]],
    name: str,
    *,
    model: Path | None = None,
) -> Comparison:
    """A comparison with the reason of its difference, where a quantized model's steps are exact.

    Parameters
    ----------
    args
        The command's.
    engine
        What ran.
    compared
        What came out.
    ends
        Inputs, answers and the reference's, sample by sample.
    name
        The reference's.
    model
        What it ran; the command's model when absent.
    """
    if compared.agrees:
        return compared
    apart = [
        inputs
        for inputs, ours, theirs in zip(*ends, strict=True)
        if not compare(ours, theirs, atol=args.atol, rtol=args.rtol).agrees
    ]
    return replace(compared, because=reason(args, engine, apart, name, model or args.model))


def reason(args: argparse.Namespace, engine: Artifact, samples: Sequence[Sample], name: str, model: Path) -> str:
    """Why a reference has other values for these samples; empty where ours are not exact, or nothing is quantized."""
    if name not in OBSERVED or models.is_engine(model) or not is_quantized(engine.program):
        return ""
    chosen = options.from_arguments(args)
    other_meaning = name == "onnxruntime" and not chosen.in_integers
    if chosen.state or chosen.profiles or other_meaning:
        return ""
    stepper = Stepper(engine, compiler=chosen.compiler)
    return explain(model, chosen, stepper, samples, (name, OBSERVED[name]))
