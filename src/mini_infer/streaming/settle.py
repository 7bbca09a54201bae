"""How many rows a ring needs: its touches followed for one revolution after the other."""

from typing import NamedTuple

import numpy as np

from mini_infer.memory.compiled.jit import compiled


class Touches(NamedTuple):
    """How the runs of a stream touch the rows of one buffer, run by run, in each run those first that write.

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


@compiled
def settle(revolution: int, touches: Touches, frames: np.ndarray, turns: np.ndarray) -> int:
    """Find the fewest rows of apron with which a ring of this revolution serves all touches; -1: none does.

    `frames` are written, and in `turns` how often the revolution ends before each touch's run.
    """
    if not _turn(revolution, touches, turns):
        return -1
    again = _written_again(touches)
    apron = 0
    while True:
        more = _follow(revolution, apron, touches, turns, frames, again)
        if more <= apron:
            return apron
        apron = more


@compiled
def _turn(revolution: int, touches: Touches, turns: np.ndarray) -> bool:
    """Find where revolutions end; whether none ends in the middle of what one touch writes."""
    top = start = 0
    for touch in range(touches.low.shape[0]):
        turns[touch] = 0
        if touches.written[touch] and touches.high[touch] > top:
            while top >= start + revolution:
                start += revolution
                turns[touch] += 1
            if touches.high[touch] > start + revolution:
                return False
            top = touches.high[touch]
    return True


@compiled
def _written_again(touches: Touches) -> int:
    """How many touches write rows again, if only in part: if any does, there must be one place of each row."""
    top = count = 0
    for touch in range(touches.low.shape[0]):
        if touches.written[touch]:
            count += touches.low[touch] < top
            top = max(top, touches.high[touch])
    return count


@compiled
def _follow(revolution: int, apron: int, touches: Touches, turns: np.ndarray, frames: np.ndarray, again: int) -> int:
    """Find the frame of each touch; rows of apron that the first touch without a frame takes, or as many as there are.

    A touch finds its rows in the current frame, or still in the one before, as long as nothing was written over them.
    Where rows are written `again`, those in the apron are there alone.
    """
    top = start = first = 0
    count = touches.low.shape[0]
    while first < count:
        end = first
        while end < count and touches.runs[end] == touches.runs[first]:
            if touches.written[end] and touches.high[end] > top:
                start += turns[end] * revolution
                top = touches.high[end]
            end += 1
        for touch in range(first, end):
            frames[touch] = start
            if touches.low[touch] < start - apron:
                settled = start - apron if again else start
                if touches.high[touch] > settled or touches.low[touch] < top - revolution:
                    missing: int = start - touches.low[touch]
                    return missing
                frames[touch] = start - revolution
        first = end
    return apron
