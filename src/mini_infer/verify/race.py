"""Calls timed against each other in alternating turns, so that a noisy machine is noisy to all of them."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mini_infer import stages

TURN_SECONDS = 1e-3
"""A turn repeats its call for about this long, so that reading the clock costs nothing."""

WARM_UP_SECONDS = 0.1
LEAST_TURNS = 5


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds per call, one figure per turn."""

    turns: tuple[float, ...]

    @property
    def median_us(self) -> float:
        """The median turn, in microseconds per call."""
        return 1e6 * statistics.median(self.turns)

    @property
    def min_us(self) -> float:
        """The fastest turn, in microseconds per call."""
        return 1e6 * min(self.turns)

    def ratio(self, other: "Times") -> float:
        """The median over the rounds of this one's time by the other's in the same round."""
        return statistics.median(mine / theirs for mine, theirs in zip(self.turns, other.turns, strict=True))


def race(calls: Mapping[str, Callable[[], object]], *, turns: int = 100, seconds: float = 20.0) -> dict[str, Times]:
    """Time calls in rounds: in each, every call has a turn, and the order is reversed from one to the next.

    Parameters
    ----------
    calls
        Name → what to time.
    turns
        How many each has.
    seconds
        After which no new round begins, once there are `LEAST_TURNS`.
    """
    repeats = {name: max(1, round(TURN_SECONDS / _warm_up(call))) for name, call in calls.items()}
    spent: dict[str, list[float]] = {name: [] for name in calls}
    order = list(calls)
    end = time.perf_counter() + seconds
    for turn in range(turns):
        if turn >= LEAST_TURNS and time.perf_counter() > end:
            break
        stages.say("turns", turn, turns)
        for name in order:
            spent[name].append(_time(calls[name], repeats[name]))
        order.reverse()
    return {name: Times(tuple(taken)) for name, taken in spent.items()}


def _warm_up(call: Callable[[], object]) -> float:
    """Call until caches and clocks are warm; seconds that the fastest call took."""
    call()  # pays for what is lazy
    end = time.perf_counter() + WARM_UP_SECONDS
    fastest = _time(call, 1)
    while time.perf_counter() < end:
        fastest = min(fastest, _time(call, 1))
    return fastest


def _time(call: Callable[[], object], repeats: int) -> float:
    began = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - began) / repeats
