"""Check that a placement breaks no rule: the validator alone, on anybody's plan.

The file has the columns id,lower,upper,size,offset[,alignment][,gaps][,pools][,pool], or is JSON with the schema
mini-infer/placement/1. Where two buffers share bytes while both live, the message names both. Exit code 6 where the
plan breaks a rule, 5 where it is larger than the capacity.

For example:

  mini-infer check solved.csv --capacity 1M
"""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from mini_infer import memory
from mini_infer.cli import output
from mini_infer.cli.commands import solve
from mini_infer.errors import MismatchError, PlanError, UsageError
from mini_infer.quantities import parse_bytes

CHECK_SCHEMA = "mini-infer/check/1"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("plan", type=Path, help="a CSV or JSON file of buffers with their offsets")
    parser.add_argument("--capacity", type=parse_bytes, help="bytes the arena may have (K, M and G are powers of 1024)")
    solve.add_pools(parser)
    output.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Check, and say how high the plan is."""
    pools = solve.pools(args)
    if args.plan.suffix == ".json":
        if pools:
            raise UsageError(f"{args.plan} is JSON, which names its pools itself; --pool is for CSV")
        plan = memory.read_json_plan(args.plan)
    else:
        plan = memory.read_csv_plan(args.plan, pools)
    if args.capacity is not None:
        plan = replace(plan, problem=replace(plan.problem, capacity=args.capacity))
    try:
        memory.validate(plan)
    except PlanError as error:  # not a bug of ours, as it is everywhere else
        raise MismatchError(f"{args.plan}: {error}") from None
    plan = replace(plan, lower_bound=memory.lower_bound(plan.problem))
    output.tell(args, lambda: record(plan), lambda: solve.valid_text(plan))
    return 0


def record(plan: memory.Plan) -> dict[str, Any]:
    """What was found; bytes."""
    return {
        "schema": CHECK_SCHEMA,
        "valid": True,
        "buffers": len(plan.problem.buffers),
        "height": plan.size,
        "lower_bound": plan.lower_bound,
        "capacity": plan.problem.capacity,
    }
