"""What streams save, and what they cost: the arena with and without them, and the ratio of the times.

``python benchmarks/streams.py MODEL.onnx|mcunet-vww1|mcunet-in3 ... [--goals memory balanced] [--rounds 9] [--json]``
compiles each model as it is and without streams, checks that both give the same bits, and runs them in turns in one
process. Times are those of one thread's CPU clock, so that other processes matter little; ratios are medians.
"""

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from unittest import mock

import numpy as np
import onnx
from stream_models import NETWORKS, network

import mini_infer
from mini_infer import streaming
from mini_infer.ir import TensorType
from mini_infer.objective import OBJECTIVES
from mini_infer.verify.samples import random_samples

_TURN = 0.1
"""Seconds of a turn, about."""


@dataclass(frozen=True, slots=True)
class Row:
    """One model for one goal; bytes of both arenas, and how many times faster a run is with streams."""

    model: str
    goal: str
    whole: int
    streamed: int
    milliseconds: float
    speed: float
    same_bits: bool


def measured(name: str, goal: str, rounds: int) -> Row:
    """The row of a model, which is a file or one of `NETWORKS`."""
    model: onnx.ModelProto | str = network(name) if name in NETWORKS else name
    without = mock.patch.object(streaming, "stream", lambda program, *_, **__: streaming.Streamed(program))
    engine = mini_infer.compile(model, optimize=goal)
    types = {name: kind for name, kind in engine.inputs.items() if isinstance(kind, TensorType)}
    streamed, inputs = engine.create_context(), random_samples(types)[0]
    with without:
        whole = mini_infer.compile(model, optimize=goal).create_context()
    results = [context.run(inputs) for context in (whole, streamed)]
    same = all(np.array_equal(results[0][key], results[1][key], equal_nan=True) for key in results[0])
    times = [(_seconds(lambda: whole.run(inputs)), _seconds(lambda: streamed.run(inputs))) for _ in range(rounds)]
    speed = median(first / second for first, second in times)
    milliseconds = 1000 * median(second for _, second in times)
    return Row(Path(name).stem, goal, whole.arena.nbytes, streamed.arena.nbytes, milliseconds, speed, same)


def _seconds(run: Callable[[], object]) -> float:
    """CPU seconds of a run, of as many as make a turn."""
    began, count = time.process_time(), 0
    while not count or time.process_time() - began < _TURN:
        run()
        count += 1
    return (time.process_time() - began) / count


def main() -> None:
    """Print a table, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("models", nargs="+", metavar="MODEL")
    parser.add_argument("--goals", nargs="+", choices=tuple(OBJECTIVES), default=["memory", "balanced"])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    rows = [measured(name, goal, args.rounds) for name in args.models for goal in args.goals]
    if args.json:
        print(json.dumps([asdict(row) for row in rows]))
        return
    print("| model | goal | whole, bytes | streamed, bytes | ms | speed of the whole's | same bits |")
    print("|---|---|---|---|---|---|---|")
    for row in rows:
        sizes = f"{row.whole:,} | {row.streamed:,}"
        print(f"| {row.model} | {row.goal} | {sizes} | {row.milliseconds:.2f} | {row.speed:.2f} | {row.same_bits} |")


if __name__ == "__main__":
    main()
