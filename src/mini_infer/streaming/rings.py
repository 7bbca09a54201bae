"""The rings of a stream: how many rows each needs, where each run finds its rows, and where the rings lie."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mini_infer import memory
from mini_infer.streaming.compiled import settle


@dataclass(frozen=True, slots=True)
class Rows:
    """How a stream's runs touch the rows of one buffer.

    Parameters
    ----------
    runs
        Of each touch, the run's number.
    written
        Whether it writes.
    low, high
        The rows `[low, high)`.
    """

    runs: np.ndarray
    written: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True, slots=True)
class Shape:
    """Rows of a ring, and what becomes of each touch.

    Parameters
    ----------
    revolution, apron
        As in `program.Ring`.
    frames
        Of each touch.
    turns
        The runs before which a revolution ends, one entry for each time.
    """

    revolution: int
    apron: int
    frames: np.ndarray
    turns: tuple[int, ...]


def shape_of(rows: Rows, count: int, most: int) -> Shape:
    """The smallest ring for the rows of a buffer; of equals the one that turns least.

    Parameters
    ----------
    rows
        How they are touched.
    count
        Of the whole buffer.
    most
        That are alive at once.
    """
    frames = np.zeros(len(rows.low), np.int64)
    turns = np.zeros(len(rows.low), np.int64)
    best, apron = count, 0
    made = np.maximum.accumulate(np.where(rows.written, rows.high, 0))
    steps = np.diff(made, prepend=0)
    together = int(steps[steps > 0][0]) if (steps > 0).any() else count
    for revolution in range(together, min(count, 2 * most + together) + 1, together):
        needed = settle(revolution, rows.runs, rows.written, rows.low, rows.high, frames, turns)
        if needed >= 0 and (revolution + needed, -revolution) < (best + apron, -best):
            best, apron = revolution, needed
    settle(best, rows.runs, rows.written, rows.low, rows.high, frames, turns)
    ended = tuple(int(run) for run, ends in zip(rows.runs, turns, strict=True) for _ in range(ends))
    return Shape(best, apron, frames, ended)


def placed(names: Sequence[str], sizes: Sequence[int], lives: Sequence[tuple[int, int]], alignment: int) -> memory.Plan:
    """Where rings of so many bytes lie, each of which has them to itself in calls `[start, end)` of every round."""
    buffers = (
        memory.Buffer(name, size, *life, alignment=alignment)
        for name, size, life in zip(names, sizes, lives, strict=True)
    )
    return memory.solve(memory.Problem(tuple(buffers)), time_limit=0)
