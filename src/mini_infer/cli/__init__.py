"""The command line: `mini-infer COMMAND ...`, one module per command.

Errors come as one line on the standard error stream, with the exit codes of `mini_infer.errors`; 130 when interrupted,
141 when the reader of a pipe has gone.
"""

import io
import os
import sys
import traceback
from collections.abc import Sequence

from mini_infer.cli import logs, progress
from mini_infer.cli.parser import COMMANDS, build
from mini_infer.errors import MiniInferError

__all__ = ["COMMANDS", "main"]

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
        args = build().parse_args(argv)
        verbosity = args.verbose - args.quiet
        with logs.to_stderr(verbosity), progress.of_stages(verbosity):
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
