"""The command line: `mini-infer COMMAND ...`, one module per command.

Errors come as one line on the standard error stream, with the exit codes of `mini_infer.errors`; 130 when interrupted,
141 when the reader of a pipe has gone.
"""

import sys
import traceback
from collections.abc import Sequence

from mini_infer.cli import logs, paths, progress, streams
from mini_infer.cli.parser import COMMANDS, parse
from mini_infer.cli.streams import PIPE_CLOSED, fail
from mini_infer.errors import InputError, MiniInferError
from mini_infer.extras import missing

__all__ = ["COMMANDS", "main"]

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code.

    Parameters
    ----------
    argv
        The words after the program's name; the process's own when absent.
    """
    streams.prepare()
    return streams.finish(_run(argv))


def _run(argv: Sequence[str] | None) -> int:
    verbosity = 0
    try:
        args = parse(sys.argv[1:] if argv is None else argv)
        verbosity = args.verbose - args.quiet
        paths.keep_apart(args)
        with logs.to_stderr(verbosity), progress.of_stages(verbosity):
            status: int = args.run(args)
    except SystemExit as done:  # --help and --version
        return int(done.code or 0)
    except MiniInferError as error:
        return fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        return fail("interrupted", INTERRUPTED)
    except BrokenPipeError:
        streams.abandon()
        return PIPE_CLOSED
    except OSError as error:  # files say so themselves
        streams.abandon()
        return fail(f"{error.filename or streams.REFUSED}: {error.strerror or error}", InputError.exit_code)
    except Exception as error:  # noqa: BLE001 - the last resort: one line, whatever happened
        if _interrupted(error):
            return fail("interrupted", INTERRUPTED)
        if isinstance(error, ModuleNotFoundError) and (lack := missing(error, "this command")):
            return fail(str(lack), lack.exit_code)
        if verbosity > 0:
            traceback.print_exc()
        hint = "" if verbosity > 0 else "; this is a bug: -v shows where it happened"
        return fail(f"unexpected {type(error).__name__}: {error}{hint}", 1)
    else:
        return status


def _interrupted(error: BaseException | None) -> bool:
    """Whether it all began with an interrupt: a library whose import is interrupted says that it cannot be imported."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__cause__ or error.__context__
    return False
