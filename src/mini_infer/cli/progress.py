"""What is being done, how much of it, and how long the rest will take: one line, where somebody is watching.

The line is on standard error, on a terminal only, appears after half a second and is gone when the work is.
"""

import logging
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from mini_infer.cli.colors import understands_escapes
from mini_infer.stages import LOGGER

Item = TypeVar("Item")

_WIDTH = 30
_INTERVAL = 0.1
_DELAY = 0.5
"""Seconds: what is done sooner needs no line."""


def watched(items: Iterable[Item], total: int, what: str) -> Iterator[Item]:
    """The items, with a bar that says how many are done and how long the others will take."""
    line = _Line()
    try:
        for done, item in enumerate(items):
            line.show(what, done, total)
            yield item
    finally:
        line.clear()


@contextmanager
def of_stages(verbosity: int) -> Iterator[None]:
    """Show what the library says that it is doing, unless messages are shown one by one, or only errors."""
    if verbosity != 0 or not understands_escapes(sys.stderr):
        yield
        return
    line = _Line()
    handler, level, stop = _Stages(line), LOGGER.level, threading.Event()
    ticker = threading.Thread(target=line.tick, args=(stop,), daemon=True)
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.DEBUG)
    ticker.start()
    try:
        yield
    finally:
        LOGGER.removeHandler(handler)
        LOGGER.setLevel(level)
        stop.set()
        ticker.join()
        line.clear()


class _Line:
    """One line that is written over itself; two threads may do so."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._began = self._shown = time.monotonic()
        self._drawn = False
        self._what, self._done, self._total = "", 0, 0
        self._since = self._began

    def show(self, what: str, done: int = 0, total: int = 0) -> None:
        """Say what is being done; of countable things `done` of `total`."""
        with self._lock:
            now = time.monotonic()
            if (what, total) != (self._what, self._total):
                self._since = now
            self._what, self._done, self._total = what, done, total
            self._draw(now)

    def clear(self) -> None:
        """Nothing is being done any more."""
        with self._lock:
            self._what = ""
            if self._drawn:
                sys.stderr.write("\r\x1b[K")
                sys.stderr.flush()
                self._drawn = False

    def tick(self, stop: threading.Event) -> None:
        """Go on counting seconds while nothing is said."""
        while not stop.wait(_INTERVAL):
            with self._lock:
                self._draw(time.monotonic())

    def _draw(self, now: float) -> None:
        early = now - self._began <= _DELAY or now - self._shown <= _INTERVAL
        if not self._what or early or not understands_escapes(sys.stderr):
            return
        spent = now - self._since
        text = (
            f"{_bar(self._done, self._total, spent)}, {self._what}" if self._total else f"{self._what}, {spent:.0f} s"
        )
        sys.stderr.write(f"\r{text}\x1b[K")
        sys.stderr.flush()
        self._shown, self._drawn = now, True


class _Stages(logging.Handler):
    """Shows records in the line."""

    def __init__(self, line: _Line) -> None:
        super().__init__()
        self._line = line

    def emit(self, record: logging.LogRecord) -> None:
        if getattr(record, "over", False):
            self._line.clear()
        else:
            what = getattr(record, "what", record.getMessage())
            self._line.show(what, getattr(record, "done", 0), getattr(record, "total", 0))


def _bar(done: int, total: int, spent: float) -> str:
    filled = _WIDTH * done // total
    left = f", {spent / done * (total - done):.0f} s left" if done else ""
    return f"[{'#' * filled}{'.' * (_WIDTH - filled)}] {done}/{total}{left}"
