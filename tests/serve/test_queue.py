"""Requests of one worker: who runs them where, and with whom."""

import asyncio
import threading
from types import SimpleNamespace

import loops
import numpy as np
import pytest

pytest.importorskip("prometheus_client")

from mini_infer.errors import InputError
from mini_infer.serve import queue
from mini_infer.serve.queue import Queue


class Doubling:
    """Models of which every one doubles `x`, and refuses what is below 0; it notes what it ran and where."""

    def __init__(self, rows=8):
        self.loaded = {"a": SimpleNamespace(rows=rows)}
        self.ran, self.threads = [], []
        self.free = threading.Event()
        self.free.set()

    def follow(self):
        self.free.wait(10)

    def run(self, _, feeds):
        self.ran.append([feed["x"].ravel().tolist() for feed in feeds])
        self.threads.append(threading.get_ident())
        if any((feed["x"] < 0).any() for feed in feeds):
            raise InputError("below 0")
        return [{"y": 2 * feed["x"]} for feed in feeds]


@pytest.fixture
def models():
    return Doubling()


@pytest.fixture
def counted():
    return []


@pytest.fixture
def ask(models, counted):
    """Ask for feeds: the first one alone, and the others while it runs; returns what each gets."""

    def asked(*feeds):
        async def main():
            waiting = Queue(
                models, 64, SimpleNamespace(ran=lambda name, waited, _: counted.append((name, len(waited))))
            )
            models.free.clear()
            made = []
            for feed in feeds:
                made.append(asyncio.create_task(waiting.infer("a", feed, 10)))
                await asyncio.sleep(0.05)
            models.free.set()
            try:
                return await asyncio.gather(*made, return_exceptions=True)
            finally:
                waiting.close()

        return loops.run(main())

    return asked


def column(*values):
    return {"x": np.array(values, np.float32).reshape(-1, 1)}


def values(outcome):
    return outcome["y"].ravel().tolist()


def test_what_one_gets_wrong_is_not_the_others(ask, models, counted):
    first, good, bad, other = ask(column(1), column(2), column(-3), column(4, 5))
    assert [values(each) for each in (first, good, other)] == [[2], [4], [8, 10]]
    assert (type(bad), str(bad)) == (InputError, "below 0")
    assert models.ran == [[[1]], [[2], [-3], [4, 5]], [[2]], [[-3]], [[4, 5]]]
    assert counted == [("a", 1), ("a", 3)]


def test_inputs_of_different_numbers_of_rows_are_joined_to_nothing(ask, models):
    uneven = {**column(2), "z": np.zeros((2, 1), np.float32)}
    even = {**column(3), "z": np.zeros((1, 1), np.float32)}
    ask(column(1), uneven, even, even, uneven)
    assert models.ran == [[[1]], [[2]], [[3], [3]], [[2]]]


@pytest.mark.parametrize("longest", [0, 1e9])
def test_quick_runs_stay_in_the_event_loop(models, monkeypatch, longest):
    monkeypatch.setattr(queue, "_QUICK", longest)

    async def main():
        waiting = Queue(models, 64, SimpleNamespace(ran=lambda *_: None))
        for number in range(3):
            assert values(await waiting.infer("a", column(number), 10)) == [2 * number]
        with pytest.raises(InputError, match="below 0"):
            await waiting.infer("a", column(-1), 10)
        waiting.close()
        return threading.get_ident()

    here = loops.run(main())
    assert [thread == here for thread in models.threads] == [False, *[longest > 0] * 3]


def test_what_is_done_alone_comes_back(models):
    async def main():
        waiting = Queue(models, 64, SimpleNamespace(ran=lambda *_: None))
        assert await waiting.alone(lambda: 7) == 7
        with pytest.raises(ZeroDivisionError):
            await waiting.alone(lambda: 1 // 0)
        waiting.close()

    loops.run(main())


def test_a_request_that_was_given_up_is_not_run(models):
    async def main():
        waiting = Queue(models, 64, SimpleNamespace(ran=lambda *_: None))
        models.free.clear()
        first = asyncio.create_task(waiting.infer("a", column(1), 10))
        await asyncio.sleep(0.05)
        with pytest.raises(TimeoutError):
            await waiting.infer("a", column(2), 0.05)
        models.free.set()
        assert values(await first) == [2]
        assert values(await waiting.infer("a", column(3), 10)) == [6]
        waiting.close()

    loops.run(main())
    assert models.ran == [[[1]], [[3]]]
