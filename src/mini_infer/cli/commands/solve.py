"""Place the buffers of a file: the planner without a model.

The file has the columns id,lower,upper,size[,alignment][,gaps][,pools][,traffic][,offset], or is JSON with the schema
mini-infer/placement/1. Lifetimes are half-open, sizes are bytes, offsets pin. The report says how high the plan is,
what no plan can go below, and whether that is proved to be the best.

For example:

  mini-infer solve buffers.csv --capacity 1M -o solved.csv
  mini-infer solve buffers.csv --pool sram:256K,dram:8M --json
"""

import argparse
from pathlib import Path
from typing import Any

from mini_infer import memory, stages
from mini_infer.cli import output
from mini_infer.errors import InputError, UsageError
from mini_infer.files import write_text
from mini_infer.quantities import parse_bytes, parse_seconds

SOLVE_SCHEMA = "mini-infer/solve/1"
_INTERRUPTED = 130


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("problem", type=Path, help="a CSV or JSON file of buffers")
    parser.add_argument("--capacity", type=parse_bytes, help="bytes the arena may have (K, M and G are powers of 1024)")
    add_search(parser)
    add_pools(parser)
    parser.add_argument(
        "-o", "--output", type=Path, help="write the plan to this file: CSV, or JSON if it ends in .json"
    )
    parser.add_argument("--html", type=Path, metavar="FILE", help="draw the plan on a page to look at")
    output.add_json(parser)


def add_search(parser: argparse.ArgumentParser) -> None:
    """Add `--strategy` and `--time-limit`."""
    parser.add_argument("--strategy", choices=tuple(memory.STRATEGIES), default="auto", metavar="NAME",
                        help=f"one of {', '.join(memory.STRATEGIES)} (default: %(default)s)")  # fmt: skip
    parser.add_argument(
        "--time-limit",
        type=parse_seconds,
        default=2.0,
        metavar="SECONDS",
        help="CPU seconds of an ordinary machine that a search may take, and up to three times as many on a slow one;"
        " 0: cheap methods only (default: %(default)s)",
    )


def add_pools(parser: argparse.ArgumentParser) -> None:
    """Add `--pool`."""
    parser.add_argument("--pool", action="append", default=[], metavar="NAME:SIZE,...",
                        help="memory pools, the preferred first, each with its size: sram:256K,dram:8M")  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Solve, write the plan, and report; 5 where no plan within the capacity was found."""
    problem = read_problem(args.problem, pools(args))
    with stages.stage(f"placing {len(problem.buffers)} buffers"):
        plan = memory.find_plan(
            problem, args.strategy, capacity=args.capacity, time_limit=args.time_limit, progress=stages.say
        )
    if args.output is not None and plan.fits:
        write_plan(plan, args.output)
    if args.html is not None:
        from mini_infer.report.plan.html import plan_html

        write_text(args.html, plan_html(args.problem.name, {args.strategy: plan}))
    output.tell(args, lambda: record(plan), lambda: text(plan))
    if plan.search.ended_by == "interrupt":
        return _INTERRUPTED
    memory.check_capacity(plan)
    return 0


def record(plan: memory.Plan) -> dict[str, Any]:
    """Everything about the plan but the offsets; bytes."""
    peak = plan.peak
    return {
        "schema": SOLVE_SCHEMA,
        "buffers": len(plan.problem.buffers),
        "height": plan.size,
        "lower_bound": plan.lower_bound,
        "gap": plan.gap,
        "optimal": plan.optimal,
        "capacity": plan.problem.capacity,
        "feasible": plan.fits,
        "strategy": plan.strategy,
        "cpu_seconds": plan.search.seconds,
        "nodes": plan.search.nodes,
        "ended_by": plan.search.ended_by,
        "peak": {"start": peak.start, "end": peak.end, "live": len(peak.live), "size": peak.size},
        "pools": [
            {
                "name": pool.name,
                "offset": pool.offset,
                "size": pool.size,
                "lower_bound": pool.lower_bound,
                "buffers": len(pool.members),
            }
            for pool in plan.pools
        ],
        "spilled": memory.spilled(plan) if plan.regions else 0,
    }


def text(plan: memory.Plan) -> str:
    """Describe the plan for people."""
    search, peak = plan.search, plan.peak
    proof = "optimal: no plan is smaller" if plan.optimal else f"{100 * plan.gap:.2f} % above the lower bound"
    tried = f"; {search.nodes:,} placements tried in {search.seconds:.2f} s" if search.nodes else ""
    lines = [
        f"height       {plan.size:,} bytes, {proof}",
        f"lower bound  {plan.lower_bound:,} bytes",
        f"peak         {peak.size:,} bytes: {len(peak.live)} buffers alive in steps [{peak.start}, {peak.end})",
        f"unplanned    {plan.unplanned:,} bytes in {len(plan.problem.buffers)} buffers",
        f"found by     {plan.strategy}{tried}",
        f"ended by     {_ENDINGS[search.ended_by]}",
    ]
    if plan.problem.capacity is not None:
        lines.append(f"capacity     {plan.problem.capacity:,} bytes, {'met' if plan.fits else 'NOT met'}")
    for pool in plan.pools:
        members = ", ".join(plan.problem.buffers[index].id for index in pool.members[:8])
        more = f", … ({len(pool.members)} buffers)" if len(pool.members) > 8 else ""  # noqa: PLR2004
        bound = f", bound {pool.lower_bound:,}" if plan.regions else f" at {pool.offset:,}"
        lines.append(f"{pool.name:<12} {pool.size:,} bytes{bound}: {members}{more}")
    if plan.regions:
        lines.append(f"spilled      buffers of {memory.spilled(plan):,} bytes are not in the pool that they prefer")
    return "\n".join(lines) + "\n"


def valid_text(plan: memory.Plan) -> str:
    """What a checked plan is, for people."""
    return f"valid: {len(plan.problem.buffers)} buffers in {plan.size} bytes; no plan can be below {plan.lower_bound}\n"


_ENDINGS = {
    "done": "having nothing left to gain",
    "nodes": "the time limit, counted in steps: every run ends here",
    "clock": "the clock: a faster machine might get further",
    "interrupt": "the keyboard",
}


def pools(args: argparse.Namespace) -> tuple[memory.Pool, ...]:
    """Read what `--pool` says."""
    found = []
    for word in ",".join(args.pool).split(",") if args.pool else []:
        name, colon, capacity = word.partition(":")
        if not name or not colon:
            raise UsageError(f"--pool {word!r}: write name:size, such as sram:256K")
        found.append(memory.Pool(name, parse_bytes(capacity)))
    return tuple(found)


def read_problem(path: Path, given: tuple[memory.Pool, ...]) -> memory.Problem:
    """Read CSV, or JSON where the name says so."""
    if path.suffix != ".json":
        return memory.read_csv(path, given)
    if given:
        raise UsageError(f"{path} is JSON, which names its pools itself; --pool is for CSV")
    return memory.read_json(path)


def write_plan(plan: memory.Plan, path: Path) -> None:
    """Write CSV, or JSON where the name says so."""
    if path.is_dir():
        raise InputError(f"{path}: cannot be written: it is a folder")
    (memory.write_json if path.suffix == ".json" else memory.write_csv)(plan, path)
