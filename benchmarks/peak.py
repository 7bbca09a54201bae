"""The peak of models and of operator graphs: what it takes, and what brings it down.

``python benchmarks/peak.py MODEL.onnx ... [--shapes NAME:DIMxDIM...] [--peer] [--json]`` plans models for each goal;
with ``--peer`` onnxruntime runs them, too (see `peak_models.py` for the columns).

``python benchmarks/peak.py --graphs FOLDER [--strategy NAME] [--json]`` orders every graph file (``*.json``) there
and prints its name, the exported order's peak, the peak reached, whether that is proved to be the smallest, CPU seconds
and searched states.

A graph file is an object with ``name``, ``tensors`` (objects with ``bytes`` and ``kind``: input, act or output) and
``nodes`` in exported order (objects with ``inputs`` and ``outputs``: positions in ``tensors``). Graph inputs live from
the start to their last reader, outputs to the end.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from peak_models import measure_model, records, table

from mini_infer.ir.ranges import parse_shape
from mini_infer.schedule import OUTSIDE, STRATEGIES, OrderProblem, solve


@dataclass(frozen=True, slots=True)
class Row:
    """One graph's result; peaks in bytes."""

    name: str
    nodes: int
    exported: int
    peak: int
    lower_bound: int
    optimal: bool
    seconds: float
    states: int


def problem_of(graph: Mapping[str, Any]) -> OrderProblem:
    """The order problem of a graph file's content."""
    tensors = graph["tensors"]
    producers = [OUTSIDE] * len(tensors)
    consumers: list[dict[int, None]] = [{} for _ in tensors]
    for index, node in enumerate(graph["nodes"]):
        for tensor in node["outputs"]:
            producers[tensor] = index
        for tensor in node["inputs"]:
            consumers[tensor][index] = None
    return OrderProblem(
        nodes=len(graph["nodes"]),
        sizes=tuple(tensor["bytes"] for tensor in tensors),
        producers=tuple(producers),
        consumers=tuple(map(tuple, consumers)),
        kept=tuple(tensor["kind"] == "output" for tensor in tensors),
    )


def measure(path: Path, strategy: str) -> Row:
    """Order one graph file's nodes."""
    graph = json.loads(path.read_text())
    problem = problem_of(graph)
    found = solve(problem, strategy)
    return Row(
        graph["name"],
        problem.nodes,
        problem.peak(problem.exported),
        found.peak,
        found.lower_bound,
        found.optimal,
        round(found.seconds, 3),
        found.states,
    )


def main() -> None:
    """Print a line, or an object, for each model or graph file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", type=Path, metavar="MODEL.onnx")
    parser.add_argument("--shapes", action="append", default=[], metavar="NAME:DIMxDIM...")
    parser.add_argument("--peer", action="store_true", help="run the models in onnxruntime, too")
    parser.add_argument("--graphs", type=Path, metavar="FOLDER", help="folder of graph files")
    parser.add_argument("--strategy", choices=tuple(STRATEGIES), default="auto", metavar="NAME",
                        help=f"one of {', '.join(STRATEGIES)} (default: %(default)s)")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print a JSON array")
    arguments = parser.parse_args()
    if bool(arguments.models) == bool(arguments.graphs):
        parser.error("give models, or --graphs with a folder")
    if arguments.models:
        shapes = dict(parse_shape(text) for text in arguments.shapes)
        models = [measure_model(path, shapes, peer=arguments.peer) for path in arguments.models]
        print(json.dumps(records(models), indent=2) if arguments.json else table(models))
        return
    rows = [measure(path, arguments.strategy) for path in sorted(arguments.graphs.glob("*.json"))]
    print(json.dumps([asdict(row) for row in rows], indent=2) if arguments.json else text_of(rows))


def text_of(rows: Sequence[Row]) -> str:
    """The results of graph files, a line each."""
    head = f"{'name':32} {'nodes':>6} {'exported':>12} {'peak':>12} {'optimal':>7} {'seconds':>8} {'states':>9}"
    lines = [
        f"{row.name:32} {row.nodes:6} {row.exported:12} {row.peak:12} {'yes' if row.optimal else 'no':>7} "
        f"{row.seconds:8.3f} {row.states:9}"
        for row in rows
    ]
    return "\n".join([head, *lines])


if __name__ == "__main__":
    main()
