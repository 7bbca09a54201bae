"""What memory a model takes, why, and how close to the bound: before anything runs.

The report says where the bytes go, which step makes the peak, and what no plan can go below. Of several profiles, the
one with the largest arena is shown. Where --dim gives a range, the plan is that of the largest sizes, and the bytes at
others are listed; with --memory-limit, the largest sizes that fit, and what is alive at their peaks.

For example:

  mini-infer plan net.onnx
  mini-infer plan net.onnx --shapes x:1x3x224x224 --strategy coloring
  mini-infer plan net.onnx --json -o plan.json
  mini-infer plan net.onnx --explain
  mini-infer plan net.onnx --html plan.html
  mini-infer plan net.onnx --profile one=x:1x3x224x224 --profile many=x:8x3x224x224
  mini-infer plan net.onnx --dim batch=1 --dim seq=1..512@128
  mini-infer plan net.onnx --dim batch=1 --dim seq=1..4096 --memory-limit 4M
  mini-infer plan net.engine --dim seq=300 --memory-limit 4M
"""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from mini_infer import compiler, memory
from mini_infer.cli import models, options, output
from mini_infer.cli.advice import next_line
from mini_infer.compiler import Options
from mini_infer.errors import CapacityError, UsageError
from mini_infer.files import write_atomically, write_text
from mini_infer.memory import Plan
from mini_infer.report.plan.about import about_lines
from mini_infer.report.plan.dot import plan_dot
from mini_infer.report.plan.extents import LARGEST, Extents, extents_of
from mini_infer.report.plan.html import plan_html
from mini_infer.report.plan.json import plan_record
from mini_infer.report.plan.map import MAP_ROWS, WIDTH, map_text
from mini_infer.report.plan.picture import FORMATS, plan_picture
from mini_infer.report.plan.text import ROWS, plan_text, profiles_text
from mini_infer.report.remarks import remarks_text
from mini_infer.runtime import Artifact, Variant

RIVALS = ("auto", "coloring", "naive")
"""Strategies that the page shows beside the one that was chosen."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("model", type=Path, help="an ONNX model, or an engine")
    parser.add_argument("--explain", action="store_true", help="every rewrite of the graph, applied or missed")
    parser.add_argument("--all", action="store_true", help=f"every row of the tables, not only the {ROWS} largest")
    parser.add_argument("--map", action="store_true", help="draw the plan with letters: steps down, addresses across")
    parser.add_argument("--html", type=Path, metavar="FILE", help="draw the plan and its rivals on a page to look at")
    parser.add_argument("--picture", type=Path, metavar="FILE", help=f"draw the plan: {', '.join(FORMATS)}")
    parser.add_argument("--dot", type=Path, metavar="FILE", help="the interference graph, for Graphviz")
    output.add_arguments(parser)
    output.add_width(parser)
    options.add_arguments(parser, without=("compiler",), sizes="list the bytes there, too")


def run(args: argparse.Namespace) -> int:
    """Plan, and say what came out."""
    if args.explain and models.is_engine(args.model):
        raise UsageError(f"--explain needs the model: {args.model} is an engine, which does not remember its rewrites")
    artifact = models.read(args.model, args, beyond=True)
    variant = artifact.largest
    limit = options.from_arguments(args).memory_limit
    asked = models.sizes_to_run(args, artifact, LARGEST) if models.asks_for_sizes(args, artifact) else ()
    extents = extents_of(variant, asked=asked, limit=limit)
    if extents.fits and not any(fit.fits for fit in extents.fits):
        smallest = min(extent.plan.size for extent in extents.at)
        raise CapacityError(f"no size of the ranges fits {limit:,} bytes: the least takes {smallest:,}")
    _draw(args, artifact)
    output.deliver(
        args,
        lambda: plan_record(args.model.name, variant, artifact.memory, extents),
        lambda: "\n".join(_sections(args, artifact, variant, extents)),
    )
    return 0


def _sections(args: argparse.Namespace, artifact: Artifact, variant: Variant, extents: Extents) -> Iterator[str]:
    """The text: the report, and what else was asked for."""
    program, plan, width = variant.program, variant.plan, output.width(args)
    rows = len(program.values) + len(program.problem.buffers) if args.all else ROWS
    yield plan_text(args.model.name, variant, artifact.memory, extents, width=width, rows=rows)
    if args.map:
        yield map_text(program, plan, width=width or WIDTH, rows=len(program.steps) if args.all else MAP_ROWS)
    if len(artifact.variants) > 1:
        yield profiles_text(artifact.variants, variant)
    if args.explain:
        chosen = options.from_arguments(args)
        shapes = chosen.profiles.get(variant.name, chosen.shapes)
        yield remarks_text(compiler.lower(args.model, replace(chosen, shapes=shapes, profiles={})).remarks)
    if not models.is_engine(args.model):
        yield next_line(args.model, plan, len(program.steps), options.from_arguments(args)) + "\n"


def _draw(args: argparse.Namespace, artifact: Artifact) -> None:
    """Write the pictures that were asked for, all of them or none."""
    title, program, plan, chosen = args.model.name, artifact.program, artifact.plan, options.from_arguments(args)
    picture = None if args.picture is None else plan_picture(title, program, plan, args.picture.suffix)
    if args.html is not None:
        about = about_lines(artifact, None if models.is_engine(args.model) else chosen)
        write_text(args.html, plan_html(title, _rivals(plan, chosen), program, about))
    if picture is not None:
        write_atomically(args.picture, [picture])
    if args.dot is not None:
        write_text(args.dot, plan_dot(title, plan))


def _rivals(plan: Plan, chosen: Options) -> dict[str, Plan]:
    """The plan, and others of the same problem to look at beside it."""
    name = chosen.strategy if chosen.memory_planning else "naive"
    problem = replace(plan.problem, capacity=None)
    return {name: plan, **{rival: memory.solve(problem, rival) for rival in RIVALS if rival != name}}
