"""The clock of searches: CPU seconds of this thread, without those in which numba compiles or is stood in for."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar


class _Apart(threading.local):
    """What is left out in this thread: seconds that are over, how deep it is in such a stretch, and since when."""

    seconds: float = 0.0
    depth: int = 0
    since: float = 0.0


_apart = _Apart()


def seconds() -> float:
    """CPU seconds of this thread that were not left out; only differences mean something."""
    now = _apart.since if _apart.depth else time.thread_time()
    return now - _apart.seconds


@contextmanager
def left_out() -> Iterator[None]:
    """Take no notice of what happens meanwhile."""
    _begin()
    try:
        yield
    finally:
        _end()


def _begin() -> None:
    if not _apart.depth:
        _apart.since = time.thread_time()
    _apart.depth += 1


def _end() -> None:
    _apart.depth -= 1
    if not _apart.depth:
        _apart.seconds += time.thread_time() - _apart.since


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a search that counts its steps stops all the same: the last resort, on machines much slower than ordinary.

    That is after `PATIENCE` times its limit in CPU seconds, and `LOADING`. What the first use after an installation
    spends on compiling does not count.

    Parameters
    ----------
    limit
        Seconds that the search may take on an ordinary machine.
    began
        The time of this clock when it began.
    """

    PATIENCE: ClassVar[float] = 3.0
    LOADING: ClassVar[float] = 2.0
    """Seconds that it may take to load numba and what it has compiled before."""

    limit: float
    began: float

    @property
    def elapsed(self) -> float:
        """CPU seconds since the search began."""
        return seconds() - self.began

    @property
    def left(self) -> float:
        """CPU seconds until the deadline; 0 from then on."""
        return max(self.PATIENCE * self.limit + self.LOADING - self.elapsed, 0.0)


def leave_out_compiling() -> None:
    """Take no notice of what numba compiles from now on; called once, by whoever imports numba."""
    from numba.core import event

    class Listener(event.Listener):
        def on_start(self, event: Any) -> None:  # noqa: ARG002 - that it begins is all
            _begin()

        def on_end(self, event: Any) -> None:  # noqa: ARG002 - that it ends is all
            _end()

    if not _watched:
        _watched.append(Listener())
        event.register("numba:compile", _watched[0])  # type: ignore[no-untyped-call]


_watched: list[Any] = []
