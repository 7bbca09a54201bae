"""Compile a model to an engine file: data only, checksummed; native code is built from it, here and where it is loaded.

For example:

  mini-infer compile net.onnx -o net.engine
  mini-infer compile net.onnx -o net.engine --shapes x:1x3x224x224 --memory-limit 2M
"""

import argparse
from pathlib import Path

from mini_infer import compiler
from mini_infer.cli import models, options
from mini_infer.errors import UsageError
from mini_infer.report.sizes import exact_bytes
from mini_infer.report.text import sizes_lines, steps_lines


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
    options.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Compile, save, and say what came out."""
    if models.is_engine(args.model):
        raise UsageError(f"{args.model} is an engine already; compile takes an ONNX model")
    path = args.output or Path(args.model.name).with_suffix(models.SUFFIX)
    engine = compiler.compile(args.model, options=options.from_arguments(args))
    engine.save(path)
    print(f"{path}: {exact_bytes(path.stat().st_size)} bytes, of which weights {exact_bytes(engine.weight_bytes)}")
    print(*steps_lines(engine.program), "", *sizes_lines(engine.plan, engine.exported_bytes), sep="\n")
    return 0
