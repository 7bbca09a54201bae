"""What 8 bits bring: time, arena and weights of float models and of what `mini-infer quantize` makes of them.

``python benchmarks/quantized.py MODEL.onnx ... [--format qdq|qoperator] [--dynamic] [--threads 1] [--calibrate 4]
[--rounds N] [--json FILE]`` quantizes each float model, runs four in alternating turns between fixed arrays
(`verify.race`): both in mini-infer, both in onnxruntime; and prints a line of a Markdown table: the time of our 8-bit
run; the medians over the rounds of the others' time by it in the same round; arena and weights of the float engine and
of the 8-bit one, in bytes; and how far the 8-bit answers are from our float ones and from onnxruntime's 8-bit ones,
relative to those (root of summed squares).

Ranges are those of the arrays ``in_NAME`` in a .npz beside the model, where it has some of the model's shapes, or of
random inputs: times and bytes do not depend on the values, the errors are those of a model whose ranges are not real.
onnxruntime sums 8-bit products exactly on processors with VNNI only, or on ARM; elsewhere its answers are further away.
"""

import argparse
import json
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import mini_infer as mi
from mini_infer.ir import TensorType
from mini_infer.quantization import FORMATS, Settings, file_content, output_losses, quantized
from mini_infer.verify.peers import OnnxRuntime
from mini_infer.verify.race import race
from mini_infer.verify.samples import random_samples

OURS, OUR_FLOAT, PEER, PEER_FLOAT = "ours", "our float", "onnxruntime", "onnxruntime's float"


@dataclass(frozen=True, slots=True)
class Row:
    """One model; milliseconds, ratios of others' times by ours, bytes, and relative errors."""

    model: str
    threads: int
    ours_ms: float
    by_float: float
    by_onnxruntime: float
    by_onnxruntime_float: float
    arena: int
    float_arena: int
    weights: int
    float_weights: int
    error: float
    from_onnxruntime: float
    rounds: int


def measure(path: Path, settings: Settings, options: mi.Options, calibration: int, rounds: int) -> Row:
    """The row of one float model."""
    engine = mi.compile(path, options=options)
    types = {name: kind for name, kind in engine.inputs.items() if isinstance(kind, TensorType)}
    samples = samples_for(path, types, calibration)
    content = file_content(quantized(path, () if settings.dynamic else samples, settings).model)
    small = mi.compile(content, options=options)
    with TemporaryDirectory(prefix="mini-infer-") as folder:
        made = Path(folder, "made.onnx")
        made.write_bytes(content)
        threads = options.threads
        peers = {PEER: OnnxRuntime(made, threads=threads), PEER_FLOAT: OnnxRuntime(path, threads=threads)}
        contexts = {OURS: small.create_context(), OUR_FLOAT: engine.create_context()}
        inputs = samples[0]
        runners = {**contexts, **peers}
        outputs = {name: runner.run(inputs) for name, runner in runners.items()}
        calls: dict[str, Callable[[], object]] = {
            name: runner.bind(inputs, outputs[name]) for name, runner in runners.items()
        }
        answers = {name: {key: array.copy() for key, array in found.items()} for name, found in outputs.items()}
        times = race(calls, turns=rounds, seconds=120)
    ours = times[OURS]
    return Row(
        path.stem,
        threads,
        ours.median_us / 1e3,
        times[OUR_FLOAT].ratio(ours),
        times[PEER].ratio(ours),
        times[PEER_FLOAT].ratio(ours),
        small.arena_bytes,
        engine.arena_bytes,
        small.weight_bytes,
        engine.weight_bytes,
        error(answers[OURS], answers[OUR_FLOAT]),
        error(answers[OURS], answers[PEER]),
        len(ours.turns),
    )


def samples_for(path: Path, types: Mapping[str, TensorType], count: int) -> list[dict[str, np.ndarray]]:
    """The inputs beside the model where they have its shapes, otherwise as many random ones as asked for."""
    beside = path.with_suffix(".npz")
    if beside.exists():
        with np.load(beside) as archive:
            found = {name: archive[f"in_{name}"] for name in types if f"in_{name}" in archive}
        if all(name in found and found[name].shape == kind.shape for name, kind in types.items()):
            return [found]
    return random_samples(types, count=count, seed=0)


def error(values: Mapping[str, np.ndarray], reference: Mapping[str, np.ndarray]) -> float:
    """The relative error of the output whose is largest."""
    losses, _ = output_losses([(reference, values)])
    return max(loss.relative_error for loss in losses)


HEADER = (
    "| model | int8, ms | float / int8 | onnxruntime int8 / ours | onnxruntime float / ours | arena, bytes | float "
    "| weights, bytes | float | error | from onnxruntime | rounds |\n|---|---|---|---|---|---|---|---|---|---|---|---|"
)


def line(row: Row) -> str:
    """A row of the table."""
    ratios = f"{row.by_float:.2f} | **{row.by_onnxruntime:.2f}** | {row.by_onnxruntime_float:.2f}"
    sizes = f"{row.arena:,} | {row.float_arena:,} | {row.weights:,} | {row.float_weights:,}"
    errors = f"{100 * row.error:.2f} % | {100 * row.from_onnxruntime:.2f} %"
    return f"| {row.model} | {row.ours_ms:.3f} | {ratios} | {sizes} | {errors} | {row.rounds} |"


def means(rows: Sequence[Row]) -> str:
    """The geometric means of the ratios."""
    names = {"float": "by_float", "onnxruntime int8": "by_onnxruntime", "onnxruntime float": "by_onnxruntime_float"}
    found = {name: np.exp(np.mean([np.log(getattr(row, field)) for row in rows])) for name, field in names.items()}
    return f"Geometric means of {len(rows)}: " + ", ".join(f"{name} {mean:.2f}" for name, mean in found.items())


def processor() -> str:
    """What the processor is called, and whether it multiplies bytes exactly in one instruction."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    found = (line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name"))
    vnni = " with VNNI" if "vnni" in text else ""
    return f"{next(found, platform.machine())}{vnni}"


def main() -> None:
    """Measure, print the table, and write the JSON if asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", type=Path, nargs="+", metavar="MODEL.onnx")
    parser.add_argument("--format", choices=tuple(FORMATS), default="qdq", help="default: %(default)s")
    parser.add_argument("--dynamic", action="store_true", help="quantize products alone, without ranges")
    parser.add_argument("--calibrate", type=int, default=4, metavar="N", help="random samples (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=1, help="default: %(default)s")
    parser.add_argument("--optimize", default="balanced", metavar="GOAL", help="default: %(default)s")
    parser.add_argument("--rounds", type=int, default=21, help="default: %(default)s")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows to a file")
    arguments = parser.parse_args()
    settings = Settings(format=arguments.format, dynamic=arguments.dynamic)
    options = mi.Options(optimize=arguments.optimize, threads=arguments.threads)
    rows = []
    print(f"{processor()}, threads {arguments.threads}\n\n{HEADER}", flush=True)
    for path in arguments.models:
        rows.append(measure(path, settings, options, arguments.calibrate, arguments.rounds))
        print(line(rows[-1]), flush=True)
    print("", means(rows), sep="\n")
    if arguments.json is not None:
        report = {"processor": processor(), "rows": [asdict(row) for row in rows]}
        arguments.json.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
