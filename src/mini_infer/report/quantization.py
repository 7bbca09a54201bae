"""What quantizing a model cost and brought, as JSON and as text."""

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any

from mini_infer.quantization import Accuracy, LayerLoss, OutputLoss, Settings
from mini_infer.report.sizes import exact_bytes, short_bytes
from mini_infer.report.table import format_table

QUANTIZE_SCHEMA = "mini-infer/quantize/1"


@dataclass(frozen=True, slots=True)
class Bytes:
    """Of a model: its file, its weights as an engine has them, and the arena that it runs in."""

    file: int
    weights: int
    arena: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """A model that was quantized.

    Parameters
    ----------
    model, output
        The float model's name, and the file of the quantized one.
    settings
        How it was quantized.
    calibration, samples, drawn
        How many samples the ranges follow from, and on how many the losses were measured; these were drawn at random.
    losses, accuracy, layers
        What was lost.
    before, after
        Bytes of the float model and of the quantized one.
    """

    model: str
    output: str
    settings: Settings
    calibration: int
    samples: int
    drawn: bool
    losses: tuple[OutputLoss, ...]
    accuracy: Accuracy | None
    layers: tuple[LayerLoss, ...]
    before: Bytes
    after: Bytes


def quantize_record(outcome: Outcome) -> dict[str, Any]:
    """What came out; every layer that was looked at, those that lose most first. What is not finite becomes null."""
    settings = asdict(outcome.settings)
    return {
        "schema": QUANTIZE_SCHEMA,
        "model": outcome.model,
        "output": outcome.output,
        "settings": {**settings, "keep": list(outcome.settings.keep)},
        "calibration_samples": outcome.calibration,
        "samples": outcome.samples,
        "random_samples": outcome.drawn,
        "outputs": [_finite(asdict(loss)) for loss in outcome.losses],
        "accuracy": None if outcome.accuracy is None else asdict(outcome.accuracy),
        "layers": [_finite(asdict(loss)) for loss in outcome.layers],
        "bytes": {"float": asdict(outcome.before), "quantized": asdict(outcome.after)},
    }


def quantize_text(outcome: Outcome, *, listed: int) -> str:
    """What came out, with as many layers as are to be listed."""
    return "\n".join(_lines(outcome, listed)) + "\n"


def _lines(outcome: Outcome, listed: int) -> Iterator[str]:
    yield f"{outcome.output}: {outcome.model} as {_how(outcome)}"
    rows = [("bytes", "float", "quantized", "")]
    for field in fields(Bytes):
        before, after = getattr(outcome.before, field.name), getattr(outcome.after, field.name)
        share = f"{after / before:.2f} x" if before else ""
        rows.append((field.name, exact_bytes(before), f"{exact_bytes(after)} ({short_bytes(after)})", share))
    yield from format_table(rows, "<>>>")
    yield ""
    kind = "random " if outcome.drawn else ""
    yield f"against the float model, {outcome.samples} {kind}sample{'s' if outcome.samples != 1 else ''}"
    rows = [("output", "relative error", "max abs error", "same top 1")]
    rows += [
        (
            loss.name,
            _percent(loss.relative_error),
            f"{loss.max_abs_error:.2e}",
            "" if loss.agreement is None else _percent(loss.agreement),
        )
        for loss in outcome.losses
    ]
    yield from format_table(rows, "<>>>")
    if outcome.accuracy is not None:
        count = outcome.accuracy.labels
        right = (("float", outcome.accuracy.float_right), ("quantized", outcome.accuracy.quantized_right))
        yield "  right: " + ", ".join(f"{name} {n} of {count} ({_percent(n / count)})" for name, n in right)
    if listed and outcome.layers:
        yield ""
        yield from _layer_lines(outcome, listed)


def _layer_lines(outcome: Outcome, listed: int) -> Iterator[str]:
    shown = outcome.layers[:listed]
    of = f"{len(shown)} of {len(outcome.layers)}" if len(outcome.layers) > len(shown) else f"all {len(shown)}"
    yield f"layers that lose most, {of}: relative error of each on its own, and with all before it"
    rows = [("", "own", "total", "")]
    rows += [(loss.operator, _percent(loss.own_error), _percent(loss.total_error), loss.name) for loss in shown]
    yield from format_table(rows, "<>><")
    yield f"--keep {shown[0].name} leaves the first in float"


def _how(outcome: Outcome) -> str:
    """The settings in a few words."""
    settings = outcome.settings
    weights = f"int8 weights per {'channel' if settings.per_channel else 'tensor'}"
    kept = f", {len(settings.keep)} node{'s' if len(settings.keep) != 1 else ''} kept float" if settings.keep else ""
    if settings.dynamic:
        return f"dynamic, {weights}{kept}"
    samples = f"{outcome.calibration} sample{'s' if outcome.calibration != 1 else ''}"
    return f"{settings.format}, {settings.activations} activations, {weights}, {settings.ranges} of {samples}{kept}"


def _percent(ratio: float) -> str:
    return f"{100 * ratio:.2f} %" if math.isfinite(ratio) else "infinite"


def _finite(record: dict[str, Any]) -> dict[str, Any]:
    return {
        key: None if isinstance(value, float) and not math.isfinite(value) else value for key, value in record.items()
    }
