"""Which stretches of steps can lower the smallest peak, as far as bounds tell: only these are looked at."""

from typing import NamedTuple

import numpy as np

from mini_infer.memory.tier import compiled_leaf, only_indexed


@only_indexed
class Cuts(NamedTuple):
    """Where a program can be cut.

    Parameters
    ----------
    alive
        For each step as it is, the bytes alive.
    fixed
        For each step, whether it can be in no stream.
    outside
        `outside[i, j]`: bytes that are alive while steps `[i, j)` are one, but for what lives in these alone.
    first
        For each step, and for the end, the first call of it or of a later one.
    units
        Of each call, how many bands it can be cut into.
    """

    alive: np.ndarray
    fixed: np.ndarray
    outside: np.ndarray
    first: np.ndarray
    units: np.ndarray


@compiled_leaf
def next_start(
    cuts: Cuts, least: np.ndarray, best: np.ndarray, end: int, last: tuple[int, int, int], below: int
) -> tuple[int, int, int]:
    """The next stretch of steps that may lower the smallest peak up to `end`: where it begins; -1: there is none.

    Parameters
    ----------
    cuts
        Where the program can be cut.
    least
        `least[i, j]`: bytes of rings that steps `[i, j)` need at least, as far as is known. More becomes known here.
    best
        For each step, the smallest peak of all before it.
    end
        Where the stretches end.
    last
        What the call before this one returned; at first `end, 0, 0`. Besides where that stretch began, these are the
        most bytes alive in its steps as they are, and the most units of its calls.
    below
        What the peak must be below.
    """
    start, most, tallest = last
    while start > 0 and not cuts.fixed[start - 1]:
        start -= 1
        most = max(most, cuts.alive[start])
        for call in range(cuts.first[start], cuts.first[start + 1]):
            tallest = max(tallest, cuts.units[call])
        known = max(least[start + 1, end], least[start, end - 1]) if end - start > 1 else 0
        least[start, end] = known
        limit = min(best[end], below)
        if known >= limit:
            for before in range(start + 1):
                least[before, end] = max(least[before, end], known)
            break
        if best[start] >= min(limit, most):
            continue  # as they are, the steps need no more
        streams = cuts.first[end] - cuts.first[start] > 1 and tallest > 1
        if streams and cuts.outside[start, end] + known < limit:
            return start, most, tallest
    return -1, most, tallest
