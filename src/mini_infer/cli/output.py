"""Where a command's answer goes: a file, whole or not at all, or standard output."""

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mini_infer.cli import colors
from mini_infer.files import write_text
from mini_infer.report.table import fitted


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `--json` and `--output`."""
    add_json(parser)
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the answer to a file")


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add `--json`."""
    parser.add_argument("--json", action="store_true", help="answer in JSON, with keys that stay")


def add_width(parser: argparse.ArgumentParser) -> None:
    """Add `--width`."""
    parser.add_argument("--width", type=_columns, help="characters per line (default: the terminal's; elsewhere any)")


def add_tolerance(parser: argparse.ArgumentParser, *, rtol: float = 1e-5) -> None:
    """Add `--atol`, `--rtol` and `--seed`: what agreement means, on which inputs."""
    parser.add_argument("--atol", type=float, default=1e-5, help="absolute tolerance (default: %(default)s)")
    parser.add_argument(
        "--rtol", type=float, default=rtol, help="tolerance relative to the tensor's largest (default: %(default)s)"
    )
    add_seed(parser)


def add_seed(parser: argparse.ArgumentParser) -> None:
    """Add `--seed`, of the inputs that are drawn where `--input` gives none."""
    parser.add_argument("--seed", type=int, default=0, help="of the random inputs (default: 0)")


def width(args: argparse.Namespace) -> int:
    """Characters per line: as asked, or as wide as the terminal; 0 (any) where the output is no terminal."""
    if getattr(args, "width", None) is not None:
        return int(args.width)
    shown = getattr(args, "output", None) is None and sys.stdout.isatty()
    return shutil.get_terminal_size().columns if shown else 0


def deliver(args: argparse.Namespace, record: Callable[[], Mapping[str, Any]], text: Callable[[], str]) -> None:
    """Give the answer in the form and to the place that the options of `add_arguments` ask for."""
    if args.output is None:
        tell(args, record, text)
    else:
        write(args, _json(record()) if args.json else fitted(text(), width(args)))


def tell(args: argparse.Namespace, record: Callable[[], Mapping[str, Any]], text: Callable[[], str]) -> None:
    """Give the answer on standard output, in the form that `--json` asks for."""
    if args.json:
        sys.stdout.write(_json(record()))
    else:
        colors.write(fitted(text(), width(args)))


def write(args: argparse.Namespace, answer: str) -> None:
    """Write to the file that `--output` names, or to standard output."""
    if args.output is None:
        sys.stdout.write(answer)
    else:
        write_text(args.output, answer)


def _json(record: Mapping[str, Any]) -> str:
    return json.dumps(record, indent=2, allow_nan=False) + "\n"


def _columns(text: str) -> int:
    columns = int(text)
    if columns < 40:  # noqa: PLR2004 - less holds no table
        raise argparse.ArgumentTypeError(f"{text} characters are too few; 40 or more")
    return columns
