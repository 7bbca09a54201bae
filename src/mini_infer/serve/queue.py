"""Requests that wait for a worker's one thread: in order, joined where one run takes several, and not too many.

The thread takes what it runs by itself, and wakes the event loop once for each run, when there are answers. A model
whose runs take less time than going to that thread and back is run in the event loop, if nothing waits.
"""

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from queue import SimpleQueue
from typing import Any, TypeVar

from mini_infer.errors import MiniInferError
from mini_infer.serve.metrics import Metrics
from mini_infer.serve.models import Feed, Models

Value = TypeVar("Value")
_Tell = Callable[[], None]
"""Says in the event loop what came of something that the thread did."""

_QUICK = 250e-6
"""Seconds: a run that takes no longer is over before another thread would have begun it."""


class BusyError(MiniInferError):
    """More requests wait than may."""


@dataclass(eq=False, slots=True)
class _Waiting:
    """A request: `shapes` of its inputs but for the rows, by which requests are joined."""

    name: str
    feed: Feed
    done: "asyncio.Future[Feed]"
    came: float = field(default_factory=time.monotonic)

    @property
    def rows(self) -> int:
        """Rows of all its inputs; 0 where they do not have the same number of them."""
        counts = {array.shape[0] if array.ndim else 0 for array in self.feed.values()}
        return counts.pop() if len(counts) == 1 else 0

    @property
    def shapes(self) -> tuple[Any, ...]:
        return tuple((name, array.dtype, array.shape[1:]) for name, array in sorted(self.feed.items()))


@dataclass(eq=False, slots=True)
class _Ran:
    """A run of one request or several: what each gets, and when it began and ended."""

    batch: Sequence[_Waiting]
    outcomes: Sequence[Feed | Exception]
    began: float
    ended: float


class Queue:
    """Runs requests one after another in a thread.

    Parameters
    ----------
    models
        What they run on.
    limit
        How many may wait.
    metrics
        What counts them.
    """

    def __init__(self, models: Models, limit: int, metrics: Metrics) -> None:
        self.models = models
        self.limit = limit
        self.metrics = metrics
        self._waiting: deque[_Waiting] = deque()
        self._jobs: deque[Callable[[], _Tell]] = deque()
        self._lock = threading.Lock()
        self._running = threading.Lock()  # held by who has the models
        self._seconds: dict[str, float] = {}  # model -> seconds of its last run
        self._woken: SimpleQueue[None] = SimpleQueue()  # cheaper than a condition, whose lock is taken twice
        self._closed = False
        threading.Thread(target=self._work, name="mini-infer", daemon=True).start()

    async def alone(self, do: Callable[[], Value]) -> Value:
        """Do something in the thread, between requests."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Value] = loop.create_future()

        def job() -> _Tell:
            outcome: Value | Exception
            try:
                outcome = do()
            except Exception as error:  # noqa: BLE001 - who asked gets it
                outcome = error
            return partial(_call, loop, _settle, done, outcome)

        self._jobs.append(job)
        self._woken.put(None)
        return await done

    async def infer(self, name: str, feed: Feed, seconds: float) -> Feed:
        """The outputs of a request.

        Raises
        ------
        BusyError
            Too many wait already.
        TimeoutError
            It took longer than that; it is not run if it was not yet.
        MiniInferError
            As of `Models.run`.
        """
        loop = asyncio.get_running_loop()
        item = _Waiting(name, feed, loop.create_future())
        if self._seconds.get(name, _QUICK) < _QUICK and self._runs_at_once(item):
            return item.done.result()
        with self._lock:
            if len(self._waiting) >= self.limit:
                raise BusyError(f"{self.limit} requests wait already; come again later")
            self._waiting.append(item)
        self._woken.put(None)
        timer = loop.call_later(seconds, _settle, item.done, TimeoutError())
        try:
            return await item.done
        finally:
            timer.cancel()

    def close(self) -> None:
        """Take no more, and end the thread."""
        self._closed = True
        self._woken.put(None)

    def _work(self) -> None:
        """The thread: woken at least once for everything that there is to do."""
        while True:
            self._woken.get()
            if self._closed:
                return
            with self._running:
                tell = self._jobs.popleft()() if self._jobs else self._batch()
            tell()  # now that the models are free

    def _batch(self) -> _Tell:
        """Run what waits, if something does."""
        batch = self._next()
        return partial(_call, batch[0].done.get_loop(), self._answer, self._ran(batch)) if batch else lambda: None

    def _runs_at_once(self, item: _Waiting) -> bool:
        """Run a request in the event loop, unless the models are in use or others wait; whether it was run."""
        if self._waiting or self._jobs or not self._running.acquire(blocking=False):
            return False
        try:
            ran = self._ran([item])
        finally:
            self._running.release()
        self._answer(ran)
        return True

    def _ran(self, batch: Sequence[_Waiting]) -> _Ran:
        """Run requests now."""
        began = time.monotonic()
        ran = _Ran(batch, self._run(batch), began, time.monotonic())
        self._seconds[batch[0].name] = ran.ended - began
        return ran

    def _answer(self, ran: _Ran) -> None:
        """Give everyone what they get; in the event loop."""
        if any(not isinstance(each, Exception) for each in ran.outcomes):
            waited = [(max(item.rows, 1), ran.began - item.came) for item in ran.batch]
            self.metrics.ran(ran.batch[0].name, waited, ran.ended - ran.began)
        for item, outcome in zip(ran.batch, ran.outcomes, strict=True):
            _settle(item.done, outcome)

    def _run(self, batch: Sequence[_Waiting]) -> Sequence[Feed | Exception]:
        """The outputs of each; where they cannot be run together, one's mistake is not the others'."""
        try:
            self.models.follow()
            return self.models.run(batch[0].name, [item.feed for item in batch])
        except Exception as error:  # noqa: BLE001 - who asked gets it
            if len(batch) == 1:
                return [error]
        return [outcome for item in batch for outcome in self._run([item])]

    def _next(self) -> list[_Waiting]:
        """The first request that still waits, with those that can be joined to it, in their order."""
        with self._lock:
            while self._waiting and self._waiting[0].done.done():
                self._waiting.popleft()
            if not self._waiting:
                return []
            first = self._waiting.popleft()
            loaded = self.models.loaded.get(first.name)
            room = loaded.rows - first.rows if loaded and first.rows else 0
            if room <= 0 or not self._waiting:
                return [first]
            batch, left = [first], deque[_Waiting]()
            for item in self._waiting:
                joins = item.name == first.name and 0 < item.rows <= room and item.shapes == first.shapes
                if joins and not item.done.done():
                    batch.append(item)
                    room -= item.rows
                else:
                    left.append(item)
            self._waiting = left
        return batch


def _settle(done: "asyncio.Future[Any]", outcome: Any) -> None:
    """Give a result or an error to who still waits for it."""
    if done.done():
        return
    if isinstance(outcome, Exception):
        done.set_exception(outcome)
    else:
        done.set_result(outcome)


def _call(loop: asyncio.AbstractEventLoop, do: Callable[..., None], *arguments: Any) -> None:
    """Have an event loop do something, unless it has ended."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(do, *arguments)
