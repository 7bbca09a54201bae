"""Everything that stands in a model's way, all at once, without running it.

Exit code 4 when something does, 5 when that is the memory limit alone.

Unknown operators, inputs with open dimensions and the flags to give, what else stops the model, the memory limit;
then which steps will be interpreted, and why.

For example:

  mini-infer doctor net.onnx
  mini-infer doctor net.onnx --shapes x:1x3x224x224 --memory-limit 2M
  mini-infer doctor net.onnx --report report.json
"""

import argparse
import json
from pathlib import Path

from mini_infer.cli import models, options, output
from mini_infer.errors import CapacityError, UnsupportedError, UsageError
from mini_infer.files import write_text
from mini_infer.frontend.model.source import load
from mini_infer.report.diagnosis import diagnosis_record, diagnosis_text
from mini_infer.report.issue import issue_record
from mini_infer.toolchain import find
from mini_infer.verify.doctor import diagnose
from mini_infer.verify.outline import outline


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("model", type=Path, help="an ONNX model")
    parser.add_argument(
        "--report",
        type=Path,
        metavar="FILE.json",
        help="also write what a bug report needs: versions, machine, findings, the graph with its types; no weights",
    )
    output.add_arguments(parser)
    options.add_arguments(parser, without=("profiles",))


def run(args: argparse.Namespace) -> int:
    """Look, and say what was found."""
    if models.is_engine(args.model):
        raise UsageError(f"{args.model} is an engine, so nothing stood in its way; doctor takes the ONNX model")
    chosen = options.from_arguments(args)
    compiler = find(chosen.compiler)
    diagnosis = diagnose(args.model, chosen)
    facts = (args.model.name, diagnosis, chosen.memory_limit, None if compiler is None else compiler.version)
    if args.report is not None:
        record = issue_record(diagnosis_record(*facts), chosen, outline(load(args.model)[0]))
        write_text(args.report, json.dumps(record, indent=1) + "\n")
    output.deliver(args, lambda: diagnosis_record(*facts), lambda: diagnosis_text(*facts))
    if diagnosis.runs:
        return 0
    return (CapacityError if diagnosis.too_large else UnsupportedError).exit_code
