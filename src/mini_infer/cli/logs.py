"""Where the library's log messages go when it runs under the command line: to standard error, one line each."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

LEVELS = {-1: logging.ERROR, 0: logging.WARNING, 1: logging.INFO, 2: logging.DEBUG}
"""Verbosity → the least that is shown."""


class _Formatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return f"mini-infer: {record.levelname.lower()}: {' '.join(record.getMessage().split())}"


@contextmanager
def to_stderr(verbosity: int) -> Iterator[None]:
    """Show the library's messages, at least as grave as `verbosity` (the number of -v minus that of -q) says."""
    logger = logging.getLogger("mini_infer")
    handler = logging.StreamHandler()
    handler.setFormatter(_Formatter())
    level = logger.level
    wanted = LEVELS[max(min(LEVELS), min(verbosity, max(LEVELS)))]
    handler.setLevel(wanted)  # a child of the logger may have a level of its own
    logger.addHandler(handler)
    logger.setLevel(wanted)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
