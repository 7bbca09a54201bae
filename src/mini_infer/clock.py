"""The clock of searches: CPU seconds of this thread, without those in which numba compiles what is needed first."""

import threading
import time
from typing import Any


class _Compiling(threading.local):
    """What numba has taken in this thread: seconds that are over, how deep it is in it, and since when."""

    seconds: float = 0.0
    depth: int = 0
    since: float = 0.0


_compiling = _Compiling()


def seconds() -> float:
    """CPU seconds of this thread that were not spent on compiling; only differences mean something."""
    now = _compiling.since if _compiling.depth else time.thread_time()
    return now - _compiling.seconds


def leave_out_compiling() -> None:
    """Take no notice of what numba compiles from now on; called once, by whoever imports numba."""
    from numba.core import event

    class Listener(event.Listener):
        def on_start(self, event: Any) -> None:  # noqa: ARG002 - that it begins is all
            if not _compiling.depth:
                _compiling.since = time.thread_time()
            _compiling.depth += 1

        def on_end(self, event: Any) -> None:  # noqa: ARG002 - that it ends is all
            _compiling.depth -= 1
            if not _compiling.depth:
                _compiling.seconds += time.thread_time() - _compiling.since

    if not _watched:
        _watched.append(Listener())
        event.register("numba:compile", _watched[0])  # type: ignore[no-untyped-call]


_watched: list[Any] = []
