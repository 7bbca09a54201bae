"""LeNet-5 on MNIST, end to end: PyTorch's outputs, runs with and without memory planning, and how they compare.

A hundred real digits and PyTorch's outputs for them come with the package. Writes reference_outputs.json,
optimized_memory_outputs.json, optimized_no_memory_outputs.json, optimized_comparison_report.json and
memory_report.json, and ends in [PASS], or in [FAIL] and exit code 6. --json prints the comparison report instead.
--save-model writes the small network of the documents' examples, and does nothing else.

For example:

  mini-infer demo
  mini-infer demo --output-dir reports --json
  mini-infer demo --compiler none
  mini-infer demo --save-model net.onnx
"""

import argparse
import shutil
import sys
from pathlib import Path

from mini_infer.cli import colors, output
from mini_infer.demo.example import save_example
from mini_infer.demo.walk import REPORT, walk
from mini_infer.errors import MismatchError
from mini_infer.report.table import fitted


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `demo`."""
    parser.add_argument(
        "--output-dir", type=Path, default=Path("mini-infer-demo"), metavar="DIR", help="default: ./%(default)s"
    )
    parser.add_argument(
        "--save-model",
        type=Path,
        nargs="?",
        const=Path("net.onnx"),
        metavar="FILE",
        help="only write the network of the documents' examples (default: net.onnx), and its input x.npy beside it",
    )
    parser.add_argument("--torch", action="store_true", help="make PyTorch's reference outputs anew (needs torch)")
    output.add_json(parser)
    parser.add_argument("--compiler", metavar="CC", help="C compiler: a path, clang, zig, gcc, or none to interpret")


def run(args: argparse.Namespace) -> int:
    """Walk; 0 when every check passed, otherwise `MismatchError`'s exit code."""
    if args.save_model is not None:
        beside = save_example(args.save_model)
        print(f"wrote {args.save_model} and {beside}: the network of the documents' examples")
        return 0
    say = _nothing if args.json else _paint
    passed = walk(args.output_dir, torch=args.torch, compiler=args.compiler, say=say)
    if args.json:
        sys.stdout.write((args.output_dir / REPORT).read_text(encoding="utf-8"))
    return 0 if passed else MismatchError.exit_code


def _paint(text: str) -> None:
    colors.write(fitted(text + "\n", shutil.get_terminal_size().columns if sys.stdout.isatty() else 0))


def _nothing(_: str) -> None:
    pass
