"""Which steps become streams, and of how many bands: a shortest path over the places where a program can be cut.

A program is cut into intervals of steps. One of a single step may stay as it is; any is a stream otherwise. What an
interval needs is known by replaying its rows (`Estimator`), so the smallest peak is that of the path whose worst
interval needs least.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mini_infer.streaming.cuts import Cuts, next_start
from mini_infer.streaming.estimate import Estimator
from mini_infer.streaming.fuse import Interval

_NEVER = 1 << 62

_SHORT = 12
"""Calls of an interval whose ends are looked at one by one."""

_WORTH = 0.02
"""What part of its time a stream must win that is not needed for the peak: less may be none."""

_CLEAR = 0.97
"""Of the bytes that are known to do, what ends that share bytes must come to: plans do not always reach their peak."""

_FINER = 2
"""Numbers of bands that are tried beyond the fewest."""

_LIMITS = 64
"""Peaks that are tried between the smallest and the largest."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Streams, the largest number of bytes alive with them, and by how many cycles they are slower than none."""

    intervals: tuple[Interval, ...]
    peak: int
    cycles: float


class Chooser:
    """Chooses streams among the steps of a program.

    Attributes
    ----------
    least
        `least[i, j]`: bytes of rings that steps `[i, j)` need at least, as far as is known.
    narrow
        For each place between steps, whether there is none with fewer bytes alive near it on both sides.
    looked_at, ends
        Intervals that were estimated for the smallest peak, and where these end.
    """

    def __init__(self, estimator: Estimator) -> None:
        self.estimator = estimator
        steps = estimator.program.steps
        self.count = len(steps)
        self.fixed = [step.control is not None or bool(step.interpreted_because) for step in steps]
        self.least = np.zeros((self.count + 1, self.count + 1), np.int64)
        crossing = np.diagonal(estimator.outside)
        padded = np.concatenate([[_NEVER] * 2, crossing, [_NEVER] * 2])
        before, after = np.minimum(padded[:-4], padded[1:-3]), np.minimum(padded[3:-1], padded[4:])
        self.narrow = (crossing <= before) | (crossing <= after)
        self.looked_at: set[tuple[int, int]] = set()
        self.ends: set[int] = set()
        self._least_apart: int | None = None

    def smallest(self, below: int) -> int:
        """The smallest peak of all ways to cut the program; `below`, if none is smaller.

        With ends that share bytes, of those ways that the search without looked at, and of short streams: bounds that
        count them cut off too little.
        """
        apart = min(self._apart(below), below)
        if not self.estimator.sharing:
            return apart
        found = self._smallest_known(below)
        return found if found <= _CLEAR * below else apart

    def shares(self, below: int) -> bool:
        """Whether the smallest peak of all is clearly smaller where ends share bytes."""
        apart = self._apart(below)
        return self._smallest_known(below) <= _CLEAR * min(apart, below)

    def _apart(self, below: int) -> int:
        """The smallest peak of all ways whose ends are apart; searched for once, `below` the first number of bytes."""
        if self._least_apart is None:
            sharing, self.estimator.sharing = self.estimator.sharing, False
            self._least_apart = self._smallest_apart(below)
            self.estimator.sharing = sharing
        return self._least_apart

    def _smallest_known(self, below: int) -> int:
        """The smallest peak of all ways through `candidates`; `below`, if none is smaller."""
        estimator, alive = self.estimator, self.estimator.alive
        best = [0] + [_NEVER] * self.count
        for end in range(1, self.count + 1):
            best[end] = max(best[end - 1], alive[end - 1])
            for start, _ in self.candidates[end]:
                limit = min(best[end], below)
                if best[start] >= limit or max(alive[start:end]) <= best[start]:
                    continue
                if estimator.fewest[start, end] + self.least[start, end] < limit:
                    found = estimator.finest(start, end, limit)
                    best[end] = min(best[end], max(best[start], found.peak))
        return min(best[-1], below)

    def _smallest_apart(self, below: int) -> int:
        """The smallest peak of all ways to cut the program, whose ends are apart; `below`, if none is smaller."""
        estimator = self.estimator
        best = np.array([0] + [_NEVER] * self.count, np.int64)
        cuts = Cuts(
            np.array(estimator.alive, np.int64),
            np.array(self.fixed, np.bool_),
            estimator.outside,
            estimator.first,
            estimator.flat.units,
        )
        for end in range(1, self.count + 1):
            best[end] = max(best[end - 1], cuts.alive[end - 1])
            start, most, tallest = end, 0, 0
            while True:
                start, most, tallest = next_start(cuts, self.least, best, end, (start, most, tallest), below)
                if start < 0:
                    break
                found = estimator.finest(start, end, min(int(best[end]), below))
                self.looked_at.add((start, end))
                self.ends.add(end)
                self.least[start, end] = max(self.least[start, end], found.rings)
                best[end] = min(best[end], max(best[start], found.peak))
        return min(int(best[-1]), below)

    def within(self, slowdown: float, *, enough: int = 0, below: int = _NEVER) -> Choice:
        """The smallest peak with which the program loses that part of its time at most.

        What is `enough` need not be smaller; what is not `below` a number of bytes is of no use.
        """
        estimator = self.estimator
        largest = max(estimator.alive)
        whole = Choice((), largest, 0.0)
        smallest = max(self.smallest(min(largest, below)), min(enough, largest))
        if smallest >= min(largest, below):
            return whole
        if slowdown == math.inf:
            return self.fastest(smallest) or whole
        highest = min(largest, below - 1)
        best = self.fastest(highest)
        if best is None or best.cycles > slowdown * estimator.cycles:
            return whole
        low, high = 0, _LIMITS
        while low < high:
            step = (low + high + 1) // 2
            limit = int(highest * (smallest / highest) ** (step / _LIMITS))
            found = best if best.peak <= limit else self.fastest(limit)
            if found is not None and found.cycles <= slowdown * estimator.cycles:
                best, low = found, step
            else:
                high = step - 1
        return best

    def fastest(self, limit: int) -> Choice | None:
        """The streams that take fewest cycles of those whose peak is within a limit; `None`: there are none."""
        estimator = self.estimator
        cycles = [0.0] + [math.inf] * self.count
        came: list[tuple[int, int, int]] = [(0, 0, 0)] * (self.count + 1)
        hot = np.cumsum([0, *(size > limit for size in estimator.alive)])
        for end in range(1, self.count + 1):
            if estimator.alive[end - 1] <= limit:
                cycles[end] = cycles[end - 1]
                came[end] = (end - 1, 0, estimator.alive[end - 1])
            for start, most in self.candidates[end]:
                needed = bool(hot[end] > hot[start])
                if cycles[start] - most >= cycles[end] or not (needed or self._may_win(start, end, most)):
                    continue
                if estimator.fewest[start, end] + self.least[start, end] > limit:
                    continue
                bands = self._cheapest(start, end, limit)
                if not bands:
                    continue
                lost = estimator.lost(start, end, bands, limit)
                worth = needed or lost < -_WORTH * estimator.time(start, end)
                if worth and cycles[start] + lost < cycles[end]:
                    cycles[end] = cycles[start] + lost
                    came[end] = (start, bands, estimator.estimate(start, end, bands).peak)
        if not math.isfinite(cycles[-1]):
            return None
        chosen: list[tuple[int, int, int]] = []
        peak, end = 0, self.count
        while end:
            start, bands, size = came[end]
            peak = max(peak, size)
            if bands:
                chosen.append((start, end, bands))
            end = start
        intervals = tuple(
            Interval(*each, estimator.estimate(*each).lazy, estimator.room(*each, peak)) for each in reversed(chosen)
        )
        return Choice(intervals, peak, sum(estimator.lost(*each, peak) for each in chosen))

    @cached_property
    def candidates(self) -> list[list[tuple[int, float]]]:
        """For each end, where streams may begin that are worth a look, and cycles that they win less than.

        These are short ones, cut where little is alive, and those that were estimated for the smallest peak.
        """
        first = self.estimator.first
        found: list[list[tuple[int, float]]] = [[]]
        for end in range(1, self.count + 1):
            found.append([])
            for start in range(end - 1, -1, -1):
                members = int(first[end] - first[start])
                if self.fixed[start] or (members > _SHORT and end not in self.ends):
                    break
                short = members <= _SHORT and self.narrow[start] and self.narrow[end]
                if (short or (start, end) in self.looked_at) and self._streams(start, end):
                    found[-1].append((start, self.estimator.most_gained(start, end) + 1))
        return found

    def _may_win(self, start: int, end: int, most: float) -> bool:
        """Whether a stream may win so much time that it is worth it for that alone: a short one."""
        members = self.estimator.first[end] - self.estimator.first[start]
        short = members <= _SHORT // 2 and self.narrow[start] and self.narrow[end]
        return bool(short and most > _WORTH * self.estimator.time(start, end))

    def _cheapest(self, start: int, end: int, limit: int) -> int:
        """Of the fewest bands within the limit, and some more, the number that takes fewest cycles; 0: none fits."""
        bands = self.estimator.bands(start, end)
        low, high = -1, len(bands) - 1
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (
                (middle, high)
                if self.estimator.estimate(start, end, bands[middle]).peak <= limit
                else (low, middle - 1)
            )
        tried = bands[max(0, low - _FINER) : low + 1]
        return min(tried, key=lambda count: self.estimator.lost(start, end, count, limit), default=0)

    def _streams(self, start: int, end: int) -> bool:
        """Whether there is more than one call, and rows to cut."""
        first, last = self.estimator.first[start], self.estimator.first[end]
        return bool(last - first > 1 and self.estimator.flat.units[first:last].max() > 1)
