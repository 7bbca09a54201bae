"""How high every strategy's plan is above the lower bound, and how long it takes: a table of instances and strategies.

    python benchmarks/placement.py FOLDER                          all CSV files of a folder
    python benchmarks/placement.py FOLDER --capacity 1048576 --strategies auto exact
    python benchmarks/placement.py --made cut-fine:1000 swept:150 uniform:1000000 --seeds 3
    python benchmarks/placement.py --tight 100 400 --strategies auto

The last one makes every kind that is cut from an arena, in these sizes, stops at that arena's height, and counts how
often it is reached.

Heights are exact and repeat from run to run; CPU seconds are this machine's, after a first small run that loads
(or compiles) the machine code.
"""

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from placement_instances import CAPACITY, KINDS, TIGHT

from mini_infer.memory import STRATEGIES, Buffer, Problem, find_plan, read_csv

SLOW = {"coloring"}
SLOW_FROM = 10_000
"""Buffers from which coloring is left out: it lists every pair of buffers alive together."""


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="CSV files with id,lower,upper,size")
    parser.add_argument("--made", nargs="*", default=[], metavar="KIND:COUNT", help=f"kinds: {', '.join(KINDS)}")
    parser.add_argument("--tight", nargs="*", default=[], metavar="COUNT", help=f"of: {', '.join(TIGHT)}")
    parser.add_argument("--seeds", type=int, default=1, help="instances of each kind")
    parser.add_argument("--strategies", nargs="*", default=list(STRATEGIES))
    parser.add_argument("--time-limit", type=float, default=2.0)
    parser.add_argument("--capacity", type=int, help="stop where a plan is within it")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    args = parser.parse_args()
    if args.tight:
        args.made = [f"{kind}:{count}" for count in args.tight for kind in TIGHT]
        args.capacity = CAPACITY
    for name in ("auto", "local-search"):
        find_plan(_warm_up(), name, time_limit=0.1)
    rows = []
    print(f"| instance | buffers | lower bound | {' | '.join(args.strategies)} |")
    print(f"|---|---|---|{'---|' * len(args.strategies)}")
    for name, problem in _instances(args):
        row = {"instance": name, "buffers": len(problem.buffers), "strategies": {}}
        for strategy in args.strategies:
            if strategy in SLOW and len(problem.buffers) >= SLOW_FROM:
                continue
            row["strategies"][strategy] = _measure(problem, strategy, args.time_limit, args.capacity)
        rows.append(row)
        print(_line(row, args.strategies), flush=True)
    if args.capacity:
        for strategy in args.strategies:
            results = [row["strategies"][strategy] for row in rows if strategy in row["strategies"]]
            print(f"{strategy}: {sum(result['feasible'] for result in results)} of {len(results)} within the capacity")
    if args.json:
        args.json.write_text(json.dumps({"schema": "mini-infer/placement-benchmark/1", "rows": rows}, indent=1) + "\n")


def _instances(args: argparse.Namespace) -> Iterator[tuple[str, Problem]]:
    if args.folder:
        for path in sorted(args.folder.glob("*.csv")):
            yield path.stem, read_csv(path)
    for made in args.made:
        kind, _, count = made.partition(":")
        for seed in range(args.seeds):
            yield f"{kind} {seed}", KINDS[kind](int(count), seed)


def _measure(problem: Problem, strategy: str, time_limit: float, capacity: int | None) -> dict[str, Any]:
    problem = Problem(problem.buffers)  # without the capacity that made instances have
    began = time.process_time()
    plan = find_plan(problem, strategy, time_limit=time_limit, capacity=capacity)
    return {
        "height": plan.size,
        "lower_bound": plan.lower_bound,
        "optimal": plan.optimal,
        "feasible": plan.fits,
        "nodes": plan.search.nodes,
        "ended_by": plan.search.ended_by,
        "cpu_seconds": time.process_time() - began,
    }


def _line(row: dict[str, Any], strategies: list[str]) -> str:
    results = row["strategies"]
    bound = max(result["lower_bound"] for result in results.values())
    cells = []
    for strategy in strategies:
        result = results.get(strategy)
        if result is None:
            cells.append("")
            continue
        mark = " ✓" if result["height"] <= bound else ""
        cells.append(f"{result['height'] / bound:.4f}{mark} {result['cpu_seconds']:.2f} s")
    return f"| {row['instance']} | {row['buffers']} | {bound} | {' | '.join(cells)} |"


def _warm_up() -> Problem:
    return Problem(tuple(Buffer(str(i), 5 + i * 7 % 13, i % 50, i % 50 + 3 + i % 9) for i in range(400)))


if __name__ == "__main__":
    main()
