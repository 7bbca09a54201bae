"""One engine for ranges of sizes against engines for single sizes, and against onnxruntime on the same dynamic model.

``python benchmarks/sizes.py MODEL.onnx --dim batch=1 --dim seq=1..512@128 [--dim seq=64 ...] [--threads N]
[--against none] [--rounds N] [--json FILE]`` prints a Markdown table with a line for each of the sizes that are given
beside the ranges, by default both ends and the typical one: the arena of a context for these sizes and that of the
engine for them alone; the median time of a run; and the medians over the rounds of the static engine's and of
onnxruntime's time by ours in the same round.

In a round everybody has a turn of about a millisecond or one run, in an order that is reversed from one to the next
(`verify.race`). All run between fixed arrays, in float32. What the engine for ranges computes is first compared with
what the static one does: the largest difference by the largest magnitude is a column.
"""

import argparse
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

import numpy as np

import mini_infer as mi
from mini_infer.ir.dims import at
from mini_infer.ir.ranges import Range, parse_dim
from mini_infer.verify.peers import OnnxRuntime
from mini_infer.verify.race import race
from mini_infer.verify.samples import random_samples

DYNAMIC, STATIC, PEER = "dynamic", "static", "onnxruntime"


@dataclass(frozen=True, slots=True)
class Row:
    """One model at one set of sizes; times in milliseconds, bytes of arenas, ratios theirs by ours (0: not run)."""

    model: str
    sizes: Mapping[str, int]
    arena: int
    static_arena: int
    error: float
    ours_ms: float
    by_static: float
    by_onnxruntime: float


def sizes_of(
    engine: mi.Engine, given: Mapping[str, list[int]], dims: Mapping[str, int | Range]
) -> list[dict[str, int]]:
    """The sizes to measure at: those given, in every combination, or both ends and the typical ones."""
    symbols = engine.program.symbols
    if given:
        choices = [given.get(symbol.name, [symbol.typical]) for symbol in symbols]
        return [{each.name: size for each, size in zip(symbols, chosen, strict=True)} for chosen in product(*choices)]
    ends = [{each.name: getattr(each, end) for each in symbols} for end in ("low", "typical", "high")]
    return [dict(items) for items in dict.fromkeys(tuple(sizes.items()) for sizes in ends)] if dims else [{}]


def measure(
    path: Path, engine: mi.Engine, sizes: Mapping[str, int], dims: Mapping[str, int | Range], rounds: int, peer: str
) -> Row:
    """The row of one set of sizes."""
    static = mi.compile(path, dims={**dims, **sizes}, threads=engine.target.threads)
    types = {port.name: at(port.type, sizes) for port in engine.program.inputs}
    (inputs,) = random_samples(types, count=1, seed=0)
    contexts = {DYNAMIC: engine.create_context(**sizes), STATIC: static.create_context()}
    outputs = {name: context.run(inputs) for name, context in contexts.items()}
    error = max(distance(outputs[DYNAMIC][name], outputs[STATIC][name]) for name in outputs[STATIC])
    calls: dict[str, Callable[[], object]] = {
        name: context.bind(inputs, outputs[name]) for name, context in contexts.items()
    }
    if peer == PEER:
        session = OnnxRuntime(path, threads=engine.target.threads)
        calls[PEER] = session.bind(inputs, session.run(inputs))
    times = race(calls, turns=rounds, seconds=120)
    ours = times[DYNAMIC]
    ratios = {name: taken.ratio(ours) for name, taken in times.items()}
    arenas = contexts[DYNAMIC].arena.nbytes, static.arena_bytes
    return Row(path.stem, sizes, *arenas, error, ours.median_us / 1e3, ratios[STATIC], ratios.get(PEER, 0.0))


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """The largest difference, by the largest magnitude."""
    if not other.size:
        return 0.0
    return float(np.abs(one.astype(np.float64) - other).max() / max(np.abs(other.astype(np.float64)).max(), 1e-30))


HEADER = (
    "| model | sizes | arena | static arena | difference | ms | static / ours | onnxruntime / ours |\n"
    "|---|---|---|---|---|---|---|---|"
)


def line(row: Row) -> str:
    """A row of the table."""
    sizes = ", ".join(f"{name}={size}" for name, size in row.sizes.items())
    cells = [row.model, sizes, f"{row.arena:,}", f"{row.static_arena:,}", f"{row.error:.1e}", f"{row.ours_ms:.3f}"]
    ratios = [f"{row.by_static:.2f}", f"{row.by_onnxruntime:.2f}" if row.by_onnxruntime else ""]
    return f"| {' | '.join([*cells, *ratios])} |"


def main() -> None:
    """Measure, print the table, and write the JSON if asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path, metavar="MODEL.onnx")
    parser.add_argument("--dim", type=parse_dim, action="append", default=[], metavar="NAME=SIZE|RANGE")
    parser.add_argument("--threads", type=int, default=1, help="default: %(default)s")
    parser.add_argument("--against", choices=(PEER, "none"), default=PEER, help="default: %(default)s")
    parser.add_argument("--rounds", type=int, default=21, help="default: %(default)s")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows to a file")
    arguments = parser.parse_args()
    dims: dict[str, int | Range] = {}
    given: dict[str, list[int]] = {}
    for name, size in arguments.dim:
        if isinstance(dims.get(name), Range) and isinstance(size, int):
            given.setdefault(name, []).append(size)
        else:
            dims[name] = size
    engine = mi.compile(arguments.model, dims=dims, threads=arguments.threads)
    print(HEADER)
    rows = []
    for sizes in sizes_of(engine, given, dims):
        rows.append(measure(arguments.model, engine, sizes, dims, arguments.rounds, arguments.against))
        print(line(rows[-1]), flush=True)
    if arguments.json is not None:
        arguments.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")


if __name__ == "__main__":
    main()
