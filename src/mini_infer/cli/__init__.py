"""The command line: `mini-infer COMMAND ...`, one module per command.

Errors come as one line on the standard error stream, with the exit codes of `mini_infer.errors`; 130 when interrupted,
141 when the reader of a pipe has gone.
"""

import argparse
import importlib
import io
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

from mini_infer.cli import logs
from mini_infer.errors import MiniInferError, UsageError
from mini_infer.version import __version__

COMMANDS: Mapping[str, str] = {
    "demo": "LeNet-5 on MNIST, end to end: a hundred digits, PyTorch's answers, and the memory they took",
    "plan": "what memory a model takes, why, and how close to the bound",
    "compile": "compile a model to an engine file",
    "run": "run a model or an engine on inputs from files",
    "verify": "compare a model's outputs with onnxruntime's, or with expected ones",
    "compare": "memory with and without planning, by every strategy, and against onnxruntime",
    "bench": "time a model against onnxruntime, in alternating pairs",
    "inspect": "the steps of an engine: kernels, bytes, aliases, weights, generated C",
    "doctor": "everything that stands in a model's way, all at once, without running it",
    "solve": "place the buffers of a CSV file: the planner without a model",
    "check": "check that a placement in a CSV file breaks no rule",
}
"""Name → what it does. Each is a module of this package, imported when it is used, with

- `configure(parser)`: add the command's arguments,
- `run(args) -> int`: do it and return the exit code,
- a docstring that `mini-infer COMMAND --help` shows.
"""

INTERRUPTED = 130
PIPE_CLOSED = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code.

    Parameters
    ----------
    argv
        The words after the program's name; the process's own when absent.
    """
    verbosity = 0
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a model may have names that the terminal cannot show
    try:
        args = _parser().parse_args(argv)
        verbosity = args.verbose - args.quiet
        with logs.to_stderr(verbosity):
            status: int = args.run(args)
            sys.stdout.flush()
    except SystemExit as done:  # --help and --version
        return int(done.code or 0)
    except MiniInferError as error:
        return _fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _fail("interrupted", INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains when it exits
        return PIPE_CLOSED
    except Exception as error:  # noqa: BLE001 - the last resort: one line, whatever happened
        if verbosity > 0:
            traceback.print_exc()
        hint = "" if verbosity > 0 else "; this is a bug: -v shows where it happened"
        return _fail(f"unexpected {type(error).__name__}: {error}{hint}", 1)
    else:
        return status


def _fail(message: str, status: int) -> int:
    print(f"mini-infer: error: {' '.join(message.split())}", file=sys.stderr)
    return status


class _Parser(argparse.ArgumentParser):
    """Raises usage errors instead of printing usage and exiting."""

    def error(self, message: str) -> Any:
        raise UsageError(f"{message}; see {self.prog} --help")


class _CommandParser(_Parser):
    """Imports its command's module when the command is chosen."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        module = importlib.import_module(f"{__name__}.{self.prog.split()[-1]}")
        self.description = module.__doc__
        self.formatter_class = argparse.RawDescriptionHelpFormatter
        _add_verbosity(self, default=argparse.SUPPRESS)
        module.configure(self)
        self.set_defaults(run=module.run)
        return super().parse_known_args(args, namespace)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="mini-infer",
        description="Static memory planner and ahead-of-time inference engine for ONNX models.",
        epilog="mini-infer COMMAND --help shows what a command takes.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"mini-infer {__version__}")
    _add_verbosity(parser, default=0)
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_CommandParser)
    for name, purpose in COMMANDS.items():
        commands.add_parser(name, help=purpose, allow_abbrev=False)
    return parser


def _add_verbosity(parser: argparse.ArgumentParser, default: Any) -> None:
    parser.add_argument(
        "-v", "--verbose", action="count", default=default, help="say more; -vv says everything, to standard error"
    )
    parser.add_argument("-q", "--quiet", action="count", default=default, help="only errors")
