"""A bounded number of contexts that threads take turns in."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self

from mini_infer.errors import ContextBusyError, UsageError
from mini_infer.runtime import forked
from mini_infer.runtime.context import Context


class ContextPool:
    """Up to `size` contexts of one engine, each made when it is first needed; their arenas are what they take.

    Parameters
    ----------
    size
        How many there may be at once: as many threads run at once.
    create
        Makes one.

    Raises
    ------
    UsageError
        When the size is no number of contexts.
    """

    def __init__(self, size: int, create: Callable[[], Context]) -> None:
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise UsageError(f"a pool of {size!r} contexts: give a whole number, 1 or more")
        self.size = size
        self._create = create
        self._free: list[Context] = []
        self._made = 0
        self._closed = False
        self._change = threading.Condition()
        forked.watch(self)

    @contextmanager
    def context(self, timeout: float | None = None) -> Iterator[Context]:
        """A context that is this thread's own until the block ends; the one used last, whose arena is in the caches.

        Parameters
        ----------
        timeout
            Seconds to wait for one, at most; without it, as long as it takes.

        Raises
        ------
        ContextBusyError
            When all were busy for so long.
        UsageError
            When the pool is closed.
        """
        taken = self._take(timeout)
        try:
            yield taken
        finally:
            with self._change:
                if self._closed:
                    taken.close()
                else:
                    self._free.append(taken)
                self._change.notify()

    def _take(self, timeout: float | None) -> Context:
        until = None if timeout is None else time.monotonic() + timeout
        with self._change:
            while not self._free and self._made == self.size and not self._closed:
                left = None if until is None else until - time.monotonic()
                if left is not None and left <= 0:
                    raise ContextBusyError(
                        f"all {self.size} contexts were busy for {timeout} s; wait longer, or have more"
                    )
                self._change.wait(left)
            if self._closed:
                raise UsageError("this pool is closed: create another one")
            if self._free:
                return self._free.pop()
            self._made += 1
        try:
            return self._create()
        except BaseException:
            with self._change:
                self._made -= 1
                self._change.notify()
            raise

    def close(self) -> None:
        """Let go of all arenas: at once, or when the runs that go on have ended. So does leaving a `with` block."""
        with self._change:
            self._closed = True
            for context in self._free:
                context.close()
            self._free.clear()
            self._change.notify_all()

    def release(self) -> None:
        """Be free again in a forked child: the threads that had contexts are in its parent only, and so are these."""
        self._change = threading.Condition()
        self._made = len(self._free)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"ContextPool({self._made} of {self.size} contexts, {len(self._free)} free)"
