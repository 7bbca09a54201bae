"""What the library is doing, for whoever watches: log records of the logger `mini_infer.progress`, at level DEBUG.

A record's `done` and `total` count where something can be counted; `over` says that the stage has ended.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

LOGGER = logging.getLogger("mini_infer.progress")


@contextmanager
def stage(what: str) -> Iterator[None]:
    """Say that something begins, and that it is over."""
    LOGGER.debug("%s", what)
    try:
        yield
    finally:
        LOGGER.debug("%s: done", what, extra={"over": True})


def say(what: str, done: int = 0, total: int = 0) -> None:
    """Say how far it is: `done` of `total`, where that is known."""
    if total:
        LOGGER.debug("%s: %d of %d", what, done, total, extra={"what": what, "done": done, "total": total})
    else:
        LOGGER.debug("%s", what)
