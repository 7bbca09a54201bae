"""The latency of models against onnxruntime and OpenVINO, one run at a time, on one thread or several.

``python benchmarks/latency.py MODEL.onnx ... [--threads 1 2] [--against onnxruntime openvino] [--optimize GOAL]
[--target NAME] [--json FILE]`` prints a Markdown table: the median time of a run, and the median over the rounds of the
peer's time by ours in the same round.

In a round everybody has a turn, in an order that is reversed from one to the next: some runs that are not counted, so
that nobody's threads still spin for the one before, then runs whose median counts. All run between fixed arrays, in
float32. The two virtual cores of a rented machine are sometimes one physical core: before and after each round of
several threads a probe multiplies in registers on one core and on all, and rounds in which the others add less than
half of their own are left out.
"""

import argparse
import json
import math
import platform
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import mini_infer
from mini_infer.ir.ranges import parse_shape
from mini_infer.verify.peers import OnnxRuntime, OpenVino
from mini_infer.verify.probe import Probe
from mini_infer.verify.samples import random_samples

OURS = "mini_infer"
WARM_UPS = 3
TURN_SECONDS = 0.05
LEAST_RUNS = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One model with one number of threads against one peer; times in milliseconds, `ratio` theirs by ours."""

    model: str
    threads: int
    peer: str
    ours_ms: float
    theirs_ms: float
    ratio: float
    rounds: int
    left_out: int


def turn(call: Callable[[], object]) -> float:
    """The median of the runs of a turn, in seconds."""
    times = []
    for _ in range(WARM_UPS):
        began = time.perf_counter()
        call()
        once = time.perf_counter() - began
    for _ in range(max(LEAST_RUNS, math.ceil(TURN_SECONDS / once))):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def cores_are_there(probe: Probe, threads: int) -> bool:
    """Whether each further thread adds at least half of what one can do."""
    return threads == 1 or probe.gflops(threads) >= (1 + (threads - 1) / 2) * probe.gflops(1)


def calls_of(path: Path, options: mini_infer.Options, peers: Sequence[str]) -> dict[str, Callable[[], object]]:
    """Everybody's run of a model between fixed arrays."""
    threads = options.threads
    engine = mini_infer.compile(path, options=options)
    types = {port.name: port.type for port in engine.program.inputs}
    (inputs,) = random_samples(types, count=1, seed=0)
    context = engine.create_context()
    calls: dict[str, Callable[[], object]] = {OURS: context.bind(inputs, context.run(inputs))}
    if "onnxruntime" in peers:
        peer = OnnxRuntime(path, threads=threads)
        calls["onnxruntime"] = peer.bind(inputs, peer.run(inputs))
    if "openvino" in peers:
        calls["openvino"] = OpenVino(path, threads=threads).bind(inputs)
    return calls


def measure(
    calls: Mapping[str, Callable[[], object]], model: str, threads: int, rounds: int, probe: Probe
) -> list[Row]:
    """The rows of one model with one number of threads."""
    kept: list[Mapping[str, float]] = []
    order = list(calls)
    for _ in range(rounds):
        good = cores_are_there(probe, threads)
        times = {name: turn(calls[name]) for name in order}
        if good and cores_are_there(probe, threads):
            kept.append(times)
        order.reverse()
    if not kept:
        return []
    return [
        Row(
            model,
            threads,
            peer,
            1e3 * statistics.median(times[OURS] for times in kept),
            1e3 * statistics.median(times[peer] for times in kept),
            statistics.median(times[peer] / times[OURS] for times in kept),
            len(kept),
            rounds - len(kept),
        )
        for peer in calls
        if peer != OURS
    ]


HEADER = "| model | threads | peer | mini-infer ms | peer ms | ratio | rounds |\n|---|---|---|---|---|---|---|"


def line(row: Row) -> str:
    """A row of the table."""
    cells = [row.model, str(row.threads), row.peer, f"{row.ours_ms:.3f}", f"{row.theirs_ms:.3f}"]
    return f"| {' | '.join(cells)} | **{row.ratio:.2f}** | {row.rounds} of {row.rounds + row.left_out} |"


def means(rows: Sequence[Row]) -> Iterator[str]:
    """The geometric means of the ratios."""
    for threads, peer in dict.fromkeys((row.threads, row.peer) for row in rows):
        ratios = [row.ratio for row in rows if (row.threads, row.peer) == (threads, peer)]
        mean = statistics.geometric_mean(ratios)
        yield f"Geometric mean of {len(ratios)} against {peer}, threads {threads}: {mean:.2f}"


def main() -> None:
    """Measure, print the table, and write the JSON if asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", type=Path, nargs="+", metavar="MODEL.onnx")
    parser.add_argument("--shapes", type=parse_shape, action="append", default=[], metavar="NAME:DIMxDIM...")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2], help="default: 1 2")
    parser.add_argument("--against", nargs="+", choices=("onnxruntime", "openvino"), default=["onnxruntime"])
    parser.add_argument("--optimize", default="balanced", metavar="GOAL", help="default: %(default)s")
    parser.add_argument("--target", metavar="NAME", help="ours as for another processor, say x86-64-v3 for AVX2")
    parser.add_argument("--rounds", type=int, default=11, help="default: %(default)s")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows, and the machine's peak, to a file")
    arguments = parser.parse_args()
    options = mini_infer.Options(shapes=dict(arguments.shapes), optimize=arguments.optimize, target=arguments.target)
    probe = Probe()
    rows: list[Row] = []
    print(HEADER)
    for path in arguments.models:
        for threads in arguments.threads:
            calls = calls_of(path, replace(options, threads=threads), arguments.against)
            found = measure(calls, path.stem, threads, arguments.rounds, probe)
            rows += found
            lines = (
                map(line, found) if found else [f"| {path.stem} | {threads} | | | | | the cores were one core in all |"]
            )
            print("\n".join(lines), flush=True)
    print("", *means(rows), sep="\n")
    if arguments.json is not None:
        peaks = {str(threads): probe.gflops(threads) for threads in arguments.threads}
        machine = {"processor": platform.processor() or platform.machine(), "peak_gflops": peaks}
        report = {"machine": machine, "rows": [asdict(row) for row in rows]}
        arguments.json.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
