"""Requests that wait for a worker's one thread: in order, joined where one run takes several, and not too many."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from mini_infer.errors import MiniInferError
from mini_infer.serve.metrics import Metrics
from mini_infer.serve.models import Feed, Models

Value = TypeVar("Value")


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
        return min((array.shape[0] for array in self.feed.values() if array.ndim), default=1)

    @property
    def shapes(self) -> tuple[Any, ...]:
        return tuple((name, array.dtype, array.shape[1:]) for name, array in sorted(self.feed.items()))


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
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="mini-infer")
        self._loop: asyncio.Task[None] | None = None
        self._some = asyncio.Event()

    async def alone(self, do: Callable[[], Value]) -> Value:
        """Do something in the thread, between requests."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, do)

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
        if len(self._waiting) >= self.limit:
            raise BusyError(f"{self.limit} requests wait already; come again later")
        if self._loop is None:
            self._loop = asyncio.create_task(self._serve())
        item = _Waiting(name, feed, asyncio.get_running_loop().create_future())
        self._waiting.append(item)
        self._some.set()
        return await asyncio.wait_for(item.done, seconds)

    def close(self) -> None:
        """Take no more, and end the thread."""
        if self._loop is not None:
            self._loop.cancel()
        self._thread.shutdown(wait=False)

    async def _serve(self) -> None:
        while True:
            await self._some.wait()
            batch = self._next()
            if not batch:
                self._some.clear()
                continue
            began = time.monotonic()
            try:
                made = await self.alone(lambda batch=batch: self._run(batch))  # type: ignore[misc]
            except Exception as error:  # noqa: BLE001 - each request gets it
                for item in batch:
                    if not item.done.done():
                        item.done.set_exception(error)
                continue
            self.metrics.ran(
                batch[0].name, [(item.rows, began - item.came) for item in batch], time.monotonic() - began
            )
            for item, outputs in zip(batch, made, strict=True):
                if not item.done.done():
                    item.done.set_result(outputs)

    def _run(self, batch: list[_Waiting]) -> list[Feed]:
        self.models.follow()
        return self.models.run(batch[0].name, [item.feed for item in batch])

    def _next(self) -> list[_Waiting]:
        """The first request that still waits, with those that can be joined to it, in their order."""
        while self._waiting and self._waiting[0].done.done():
            self._waiting.popleft()
        if not self._waiting:
            return []
        first = self._waiting.popleft()
        loaded = self.models.loaded.get(first.name)
        room = (loaded.rows if loaded else 1) - first.rows
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
