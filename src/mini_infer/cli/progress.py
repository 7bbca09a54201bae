"""A progress bar for long loops, where somebody is watching."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")

_WIDTH = 30
_INTERVAL = 0.1
_DELAY = 0.5
"""Seconds: what is done sooner needs no bar."""


def watched(items: Iterable[Item], total: int, what: str) -> Iterator[Item]:
    """The items, with a bar on standard error that says how many are done and how long the others will take.

    The bar appears after half a second, on a terminal only, and is gone when the loop is.
    """
    began = shown = time.monotonic()
    drawn = False
    try:
        for done, item in enumerate(items):
            now = time.monotonic()
            if sys.stderr.isatty() and now - began > _DELAY and now - shown > _INTERVAL:
                sys.stderr.write(f"\r{_bar(done, total, now - began)} {what}\x1b[K")
                sys.stderr.flush()
                shown, drawn = now, True
            yield item
    finally:
        if drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _bar(done: int, total: int, spent: float) -> str:
    filled = _WIDTH * done // total
    left = spent / done * (total - done) if done else 0.0
    return f"[{'#' * filled}{'.' * (_WIDTH - filled)}] {done}/{total}, {left:.0f} s left,"
