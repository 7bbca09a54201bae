"""The standard streams, which a caller may have closed, filled up, or left."""

import io
import os
import sys
from contextlib import suppress

from mini_infer.errors import InputError

PIPE_CLOSED = 141
"""Exit code where the reader of a pipe has gone."""

REFUSED = "standard output cannot be written"


def prepare() -> None:
    """Have all three, or the next file that is opened would take the number of one, and what is meant for it."""
    for number, flags in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:  # an answer for a closed standard output is an error, a message for standard error is not
            os.set_inheritable(os.open(os.devnull, flags), True)  # noqa: FBT003 - as the streams are
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a model may have names that the terminal cannot show


def finish(status: int) -> int:
    """Write out what is left for standard output; the exit code, which is another one where that fails."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        abandon()
        return PIPE_CLOSED
    except OSError as error:
        abandon()
        return status or fail(f"{REFUSED}: {error.strerror or error}", InputError.exit_code)
    return status


def abandon() -> None:
    """Write no more to standard output, or Python complains when it exits."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def fail(message: str, status: int) -> int:
    """Say in one line what is wrong, to standard error if that can still be written; returns the exit code."""
    line = " ".join(message.split())
    if len(line) > _LONGEST:
        line = f"{line[: _LONGEST // 2]} … {line[-_LONGEST // 2 :]}"
    with suppress(OSError):
        print(f"mini-infer: error: {line}", file=sys.stderr, flush=True)
    return status


_LONGEST = 4000
"""Characters of a message: a file may have a number of a million digits."""
