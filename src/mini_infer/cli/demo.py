"""LeNet-5 on MNIST, end to end: PyTorch's outputs, runs with and without memory planning, and how they compare.

A hundred real digits and PyTorch's outputs for them come with the package. Writes reference_outputs.json,
optimized_memory_outputs.json, optimized_no_memory_outputs.json, optimized_comparison_report.json and
memory_report.json, and ends in [PASS], or in [FAIL] and exit code 6.
"""

import argparse
from pathlib import Path

from mini_infer.demo.walk import walk
from mini_infer.errors import MismatchError


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `demo`."""
    parser.add_argument(
        "--output-dir", type=Path, default=Path("mini-infer-demo"), metavar="DIR", help="default: ./%(default)s"
    )
    parser.add_argument("--torch", action="store_true", help="make PyTorch's reference outputs anew (needs torch)")
    parser.add_argument("--compiler", metavar="CC", help="C compiler: a path, clang, zig, gcc, or none to interpret")


def run(args: argparse.Namespace) -> int:
    """Walk; 0 when every check passed, otherwise `MismatchError`'s exit code."""
    passed = walk(args.output_dir, torch=args.torch, compiler=args.compiler, say=print)
    return 0 if passed else MismatchError.exit_code
