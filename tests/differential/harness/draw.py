"""Decisions that are drawn, recorded, and drawn again smaller: what an instance is made from."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


class Draw:
    """A stream of decisions, each an index into options of which the first is the simplest.

    Parameters
    ----------
    seed
        Of the decisions, and of the data that is made with them.
    replay
        Decisions to take instead, as far as they go; behind them everything is the simplest.
    """

    def __init__(self, seed: int, replay: Sequence[int] | None = None) -> None:
        self.seed = seed
        self.replay = replay
        self.taken: list[int] = []
        self._random = np.random.default_rng(seed)

    def index(self, count: int, weights: Sequence[float] | None = None) -> int:
        """A number below `count`."""
        if self.replay is None:
            chosen = int(self._random.choice(count, p=weights) if weights else self._random.integers(count))
        else:
            at = len(self.taken)
            chosen = min(self.replay[at], count - 1) if at < len(self.replay) else 0
        self.taken.append(chosen)
        return chosen

    def pick(self, *options: T) -> T:
        """One of the options."""
        return options[self.index(len(options))]

    def one_of(self, options: Sequence[T]) -> T:
        """One of a list."""
        return options[self.index(len(options))]

    def in_turn(self, options: Sequence[T]) -> T:
        """One of a list, by the seed: none is left out for long."""
        if self.replay is None:
            self.taken.append(self.seed % len(options))
            return options[self.taken[-1]]
        return self.one_of(options)

    def integer(self, low: int, high: int) -> int:
        """A whole number in `[low, high]`."""
        return low + self.index(max(1, high - low + 1))

    def maybe(self, chance: float = 0.5) -> bool:
        """Whether to do something that makes the instance less simple."""
        return bool(self.index(2, (1 - chance, chance)))

    def near(self, thresholds: Sequence[int], low: int = 1, high: int = 1 << 30) -> int:
        """A size at a threshold, just below it or just above; within `[low, high]`."""
        fitting = sorted({t for t in thresholds if low <= t <= high}) or [low]
        return min(high, max(low, self.one_of(fitting) + self.pick(0, -1, 1)))

    def size(self, thresholds: Sequence[int], low: int = 1, high: int = 64) -> int:
        """A size: small, anywhere, or near a threshold."""
        match self.index(3):
            case 0:
                return self.integer(low, min(high, low + 8))
            case 1:
                return self.near(thresholds, low, high)
        return self.integer(low, high)
