"""The digits through an engine: answers, times, and how two engines' times compare."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mini_infer.runtime import Engine

INPUT, OUTPUT = "input", "logits"
"""What the carried model calls its one input and its one output."""


@dataclass(frozen=True, slots=True)
class Run:
    """Logits of shape (N, 10), and the microseconds that each call took."""

    engine: Engine
    logits: NDArray[np.float32]
    times_us: tuple[float, ...]

    @property
    def median_us(self) -> float:
        """The median time of a call."""
        return statistics.median(self.times_us)


def run_all(engine: Engine, inputs: NDArray[np.float32]) -> Run:
    """Run each input, of shape (1, 28, 28), by itself, between fixed arrays as `mini-infer bench` does.

    A first call that is not counted warms the caches.
    """
    given, made = np.ascontiguousarray(inputs[:1]), np.empty((1, 10), np.float32)
    call = _bound_call(engine, given, made)
    logits, times = [], []
    for sample in inputs:
        given[0] = sample
        began = time.perf_counter_ns()
        call()
        times.append((time.perf_counter_ns() - began) / 1000)
        logits.append(made[0].copy())
    return Run(engine, np.stack(logits), tuple(times))


def time_ratio(engine: Engine, peer: Engine, sample: NDArray[np.float32], *, seconds: float = 0.5) -> float:
    """The median time of `engine` over that of `peer`, on one sample of shape (1, 28, 28).

    The two take turns, so that whatever else the machine does hits both alike; at least ten turns, then until
    `seconds` are over.
    """
    given = np.ascontiguousarray(sample[None])
    calls = [_bound_call(each, given, np.empty((1, 10), np.float32)) for each in (engine, peer)]
    times: tuple[list[int], list[int]] = ([], [])
    end = time.perf_counter() + seconds
    least_turns = 10
    while len(times[0]) < least_turns or time.perf_counter() < end:
        for call, spent in zip(calls, times, strict=True):
            began = time.perf_counter_ns()
            call()
            spent.append(time.perf_counter_ns() - began)
    return statistics.median(times[0]) / statistics.median(times[1])


def _bound_call(engine: Engine, given: NDArray[np.float32], made: NDArray[np.float32]) -> Callable[[], None]:
    """A call that runs from one array into the other; it ran once."""
    call = engine.create_context().bind({INPUT: given}, {OUTPUT: made})
    call()
    return call
