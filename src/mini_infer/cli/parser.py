"""The parser of the command line, and what `--help` says."""

import argparse
import importlib
import shutil
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mini_infer.errors import UsageError, did_you_mean
from mini_infer.version import __version__

COMMANDS: Mapping[str, str] = {
    "demo": "LeNet-5 on MNIST, end to end: a hundred digits, PyTorch's answers, and the memory they took",
    "plan": "what memory a model takes, why, and how close to the bound",
    "compile": "compile a model to an engine file",
    "export": "a model as C without Python: a header, kernels, constants and a test of them",
    "run": "run a model or an engine on inputs from files",
    "verify": "compare a model's outputs with onnxruntime's, or with expected ones",
    "compare": "memory by every strategy and against onnxruntime; or two models or plans with each other",
    "bench": "time a model against onnxruntime, in alternating pairs",
    "inspect": "the steps of an engine: kernels, tiles, times, bytes, aliases, weights, generated C",
    "doctor": "everything that stands in a model's way, all at once, without running it",
    "quantize": "a float model as one of 8 bits, and what that costs: accuracy, layer by layer, and bytes",
    "solve": "place the buffers of a CSV file: the planner without a model",
    "check": "check that a placement in a CSV file breaks no rule",
    "python": "run a program whose onnxruntime is this package",
    "serve": "the models of a folder over HTTP (Open Inference Protocol), in memory that is known before",
    "plan-tflite": "a proved plan of its memory in a TFLite model, for TFLite Micro",
    "cache": "what the private cache holds: engines and native code; --clear empties it",
    "completion": "a script that completes commands and options in your shell",
}
"""Name → what it does. Each is a module of `mini_infer.cli.commands` (`_` for `-`), imported when it is used, with

- `configure(parser)`: add the command's arguments,
- `run(args) -> int`: do it and return the exit code,
- a docstring that `mini-infer COMMAND --help` shows, its examples at the end.
"""

EXIT_CODES: Mapping[int, str] = {
    0: "fine",
    1: "something unforeseen, or the C compiler failed",
    2: "usage: an option or argument that makes no sense",
    3: "a bad model or file",
    4: "unsupported: an operator, type or shape that cannot be run",
    5: "does not fit the memory limit",
    6: "outputs differ beyond tolerance, or a plan that was to be checked breaks a rule",
    7: "an engine file that is corrupt, or for another machine",
    130: "interrupted",
    141: "the reader of a pipe has gone",
}

ENVIRONMENT: Mapping[str, str] = {
    "MINI_INFER_CC": "the C compiler, where --compiler does not name one",
    "MINI_INFER_CACHE": "the folder of the private cache of engines and native code",
    "MINI_INFER_CACHE_LIMIT": "the bytes that engines in it may take (default: 4294967296)",
    "NO_COLOR": "no colors on a terminal, whatever its value",
}

RARE = "rare"
"""The attribute of an argument that holds its help where only `--help-all` shows it."""

_WIDEST = 120

EXAMPLES = "\nFor example:\n"
"""What stands before the examples in a command's docstring."""

OVERVIEW = """\
examples:
  mini-infer demo
  mini-infer doctor net.onnx
  mini-infer plan net.onnx --html plan.html
  mini-infer compile net.onnx -o net.engine --dim batch=1 --dim seq=1..512
  mini-infer run net.engine --input x=x.npy -o out.json
  mini-infer verify net.onnx --against onnxruntime

mini-infer COMMAND --help shows what a command takes, with examples; --help-all its rare options, too."""


def build() -> argparse.ArgumentParser:
    """The parser; a command's own arguments are added when it is chosen."""
    parser = _Parser(
        prog="mini-infer",
        description="Static memory planner and ahead-of-time inference engine for ONNX models.",
        epilog=f"{OVERVIEW}\n\n{_table('exit codes', EXIT_CODES)}\n\n{_table('environment', ENVIRONMENT)}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"mini-infer {__version__}")
    _add_verbosity(parser, default=0)
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_CommandParser)
    for name, purpose in COMMANDS.items():
        commands.add_parser(name, help=purpose, allow_abbrev=False)
    return parser


def parse(words: Sequence[str]) -> argparse.Namespace:
    """What a command line says: `mini-infer` alone and `mini-infer help COMMAND` ask for help.

    Raises
    ------
    UsageError
        For a command, option or argument that there is not; it names the one that may be meant.
    SystemExit
        When help or the version was asked for.
    """
    if not words or words[0] == "help":
        words = [*words[1:2], "--help"]
    command = next((word for word in words if not word.startswith("-")), None)
    if command is not None and command not in COMMANDS:
        raise UsageError(f"there is no command {command!r}{did_you_mean(command, COMMANDS)}; see mini-infer --help")
    return build().parse_args(words)


def configured() -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every command's name and its parser with all its arguments."""
    for name in COMMANDS:
        parser = _CommandParser(prog=f"mini-infer {name}", allow_abbrev=False)
        parser.configure()
        yield name, parser


class _Parser(argparse.ArgumentParser):
    """Raises usage errors instead of printing usage and exiting."""

    def error(self, message: str) -> Any:
        raise UsageError(f"{message}; see {self.prog} --help")


class _CommandParser(_Parser):
    """Imports its command's module when the command is chosen.

    Attributes
    ----------
    helpless : bool
        Whether nobody asks for help, so that what it would say of each option need not be found out.
    """

    helpless = False

    def configure(self) -> None:
        """Add what the command's module says."""
        name = self.prog.split()[-1].replace("-", "_")
        module = importlib.import_module(f"mini_infer.cli.commands.{name}")
        description, _, examples = (module.__doc__ or "").partition(EXAMPLES)
        width = min(shutil.get_terminal_size().columns - 2, _WIDEST)
        self.description = "\n\n".join(textwrap.fill(part, width) for part in description.strip().split("\n\n"))
        codes = textwrap.fill(
            "exit codes: " + "; ".join(f"{code}\N{NO-BREAK SPACE}{meaning}" for code, meaning in EXIT_CODES.items()),
            width=width,
            subsequent_indent="  ",
        ).replace("\N{NO-BREAK SPACE}", " ")
        self.epilog = f"examples:\n{examples.strip(chr(10))}\n\n{codes}"
        self.formatter_class = argparse.RawDescriptionHelpFormatter
        _add_verbosity(self, default=argparse.SUPPRESS)
        module.configure(self)
        if any(hasattr(action, RARE) for action in self._actions):
            self.add_argument("--help-all", action=_HelpAll, help="show the rare options, too, and exit")
        self.set_defaults(run=module.run)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        self.helpless = not {"-h", "--help", "--help-all"}.intersection(sys.argv[1:] if args is None else args)
        self.configure()
        known, others = super().parse_known_args(args, namespace)
        if others:
            flag = others[0].partition("=")[0]
            meant = did_you_mean(flag, self._option_string_actions) if flag.startswith("-") else ""
            self.error(f"unrecognized arguments: {' '.join(others)}{meant}")
        return known, others


class _HelpAll(argparse.Action):
    """Shows the help of every option."""

    def __init__(self, option_strings: Sequence[str], dest: str, **how: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, **how)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        for action in parser._actions:  # noqa: SLF001 - argparse lists them nowhere else
            action.help = getattr(action, RARE, action.help)
        parser.print_help()
        parser.exit()


def _table(title: str, rows: Mapping[Any, str]) -> str:
    width = max(len(str(name)) for name in rows)
    return "\n".join([f"{title}:", *(f"  {name!s:<{width}}  {meaning}" for name, meaning in rows.items())])


def _add_verbosity(parser: argparse.ArgumentParser, default: Any) -> None:
    parser.add_argument(
        "-v", "--verbose", action="count", default=default, help="say more; -vv says everything, to standard error"
    )
    parser.add_argument("-q", "--quiet", action="count", default=default, help="only errors")
