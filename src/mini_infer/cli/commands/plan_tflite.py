"""Write a proved plan of its memory into a TFLite model, for TFLite Micro.

Its interpreter follows such a plan (the metadata OfflineMemoryAllocation) without looking, and places what its kernels
ask for in the gaps. The model is run with and without the plan: the answers must be equal, and the report says in what
arena each can be allocated here. Models with several subgraphs are refused, since the interpreter would misread their
plan. Exit code 6 where answers differ, or --check finds a plan that breaks a rule.

For example:

  mini-infer plan-tflite net.tflite -o planned.tflite
  mini-infer plan-tflite net.tflite --json
  mini-infer plan-tflite planned.tflite --check
"""

import argparse
from pathlib import Path
from typing import Any

from mini_infer import memory, tflite
from mini_infer.cli import output
from mini_infer.cli.commands import solve
from mini_infer.errors import UsageError
from mini_infer.files import write_atomically

SCHEMA = "mini-infer/plan-tflite/1"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("model", type=Path, help="a TFLite model")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="the same model with the plan")
    parser.add_argument("--check", action="store_true", help="only say whether the plan that the model has is sound")
    parser.add_argument("--no-run", action="store_true", help="do not run the model with TFLite Micro's interpreter")
    solve.add_search(parser)
    output.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Plan, run beside the model as it was, write, and report."""
    if args.check:
        if args.output is not None:
            raise UsageError("--check writes nothing: leave -o out")
        checked = tflite.check(args.model)
        output.tell(args, lambda: _record(args.model.name, checked), lambda: solve.valid_text(checked))
        return 0
    outcome = tflite.plan(args.model, strategy=args.strategy, time_limit=args.time_limit, run=not args.no_run)
    if args.output is not None:
        write_atomically(args.output, [outcome.content])
    output.tell(args, lambda: _outcome_record(outcome), lambda: _text(outcome, args.output))
    return 0


def _record(name: str, plan: memory.Plan) -> dict[str, Any]:
    """What is known of a plan; bytes."""
    return {
        "schema": SCHEMA,
        "model": name,
        "activations": len(plan.problem.buffers),
        "planned": plan.size,
        "lower_bound": plan.lower_bound,
        "optimal": plan.optimal,
    }


def _outcome_record(outcome: tflite.Outcome) -> dict[str, Any]:
    seen = outcome.comparison
    ran = seen is not None and not seen.refused
    return _record(outcome.name, outcome.plan) | {
        "operators": outcome.activations.operators,
        "unplanned": outcome.plan.unplanned,
        "strategy": outcome.plan.strategy,
        "earlier": None if outcome.earlier is None else outcome.earlier.size,
        "arena_before": seen.before if seen and ran else None,
        "arena_after": seen.after if seen and ran else None,
        "same_answers": seen.same if seen and ran else None,
    }


def _text(outcome: tflite.Outcome, written: Path | None) -> str:
    """Describe the outcome for people."""
    plan, seen = outcome.plan, outcome.comparison
    proof = "optimal: no plan is smaller" if plan.optimal else f"{100 * plan.gap:.2f} % above the lower bound"
    lines = [
        f"{outcome.name}: {outcome.activations.operators} operators, {len(plan.problem.buffers)} activations",
        "",
        f"planned      {plan.size:,} bytes, {proof}",
        f"lower bound  {plan.lower_bound:,} bytes",
        f"unplanned    {plan.unplanned:,} bytes, a place each",
    ]
    if outcome.earlier is not None:
        lines.append(f"replaced     a plan of {outcome.earlier.size:,} bytes")
    if seen is None:
        lines.append("not run      the interpreter was not asked")
    elif seen.refused:
        lines.append(f"not run      TFLite Micro cannot run it here: {seen.refused}")
    else:
        change = 100 * (seen.after / seen.before - 1)
        lines.append(
            f"arena        {seen.after:,} bytes in TFLite Micro here, {seen.before:,} before ({change:+.1f} %)"
        )
        lines.append(f"answers      equal in every bit, for {seen.runs} random inputs")
    if written is not None:
        lines.append(f"written      {written}, {len(outcome.content):,} bytes")
    return "\n".join(lines) + "\n"
