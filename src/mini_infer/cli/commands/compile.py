"""Compile a model to an engine file: data only, checksummed; native code is built from it, here and where it is loaded.

For example:

  mini-infer compile net.onnx -o net.engine
  mini-infer compile net.onnx -o net.engine --shapes x:1x3x224x224 --memory-limit 2M
  mini-infer compile net.onnx -o edge.engine --target aarch64-linux-gnu
  mini-infer compile net.onnx -o edge.engine --target x86-64-v3 --with-code
  mini-infer compile net.onnx --tune --timings machine.json
  mini-infer compile net.onnx --profile one=x:1x3x224x224 --profile many=x:8x3x224x224
  mini-infer compile net.onnx --dim batch=1 --dim seq=1..512@128
  mini-infer compile net.onnx --dim batch=1 --dim h=32..960:32 --dim w=32..960:32
"""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from mini_infer import compiler
from mini_infer.cli import models, options, output, paths
from mini_infer.errors import UsageError
from mini_infer.report.plan.extents import dims_record
from mini_infer.report.plan.text import sizes_lines, steps_lines
from mini_infer.report.sizes import exact_bytes
from mini_infer.runtime import Artifact, Engine
from mini_infer.toolchain import cache_directory
from mini_infer.tuning import tune

COMPILE_SCHEMA = "mini-infer/compile/1"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("model", type=Path, help="an ONNX model")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help=f"the engine (default: the model's name, ending in {models.SUFFIX})",
    )
    parser.add_argument(
        "--tune",
        action="store_true",
        help="measure register tiles on this machine first, and keep them in the file that --timings names"
        " (default: one in the private cache)",
    )
    parser.add_argument(
        "--with-code",
        action="store_true",
        help="also put the target's native code into a folder beside the engine, FILE.code: with it and --trust-code an"
        " engine runs where there is no C compiler",
    )
    output.add_json(parser)
    options.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Compile, save, and say what came out."""
    if models.is_engine(args.model):
        raise UsageError(f"{args.model} is an engine already; compile takes an ONNX model")
    path = args.output = args.output or Path(args.model.name).with_suffix(models.SUFFIX)
    paths.keep_apart(args)  # once more, with the name it chose itself
    chosen = options.from_arguments(args)
    if args.tune:
        chosen = replace(chosen, timings=chosen.timings or cache_directory() / "timings.json")
        tune(args.model, chosen)
    artifact = compiler.build(args.model, options=chosen)
    if artifact.runs_here:
        artifact = Engine.from_artifact(artifact, compiler=chosen.compiler)  # into the cache: the first run finds it
    size = artifact.save(path, with_code=args.with_code, compiler=chosen.compiler)
    output.tell(args, lambda: record(args.model.name, path, size, artifact), lambda: text(path, size, artifact))
    return 0


def record(model: str, path: Path, size: int, artifact: Artifact) -> dict[str, Any]:
    """What came out; sizes in bytes."""
    program, plan = artifact.program, artifact.plan
    return {
        "schema": COMPILE_SCHEMA,
        "model": model,
        "engine": str(path),
        "target": str(artifact.target),
        "engine_bytes": size,
        "weight_bytes": artifact.weight_bytes,
        "native_steps": program.native_steps,
        "interpreted_steps": len(program.steps) - program.native_steps,
        "exported_bytes": artifact.exported_bytes,
        "unplanned_bytes": plan.unplanned,
        "arena_bytes": plan.size,
        "lower_bound_bytes": plan.lower_bound,
        "optimal": plan.optimal,
        "strategy": plan.strategy,
        "dims": dims_record(program.symbols),
    }


def text(path: Path, size: int, artifact: Artifact) -> str:
    """What came out, for people."""
    lines = [
        f"{path}: {exact_bytes(size)} bytes, of which weights {exact_bytes(artifact.weight_bytes)}",
        *steps_lines(artifact.program),
    ]
    return "\n".join([*lines, "", *sizes_lines(artifact.plan, artifact.exported_bytes, artifact.program)]) + "\n"
