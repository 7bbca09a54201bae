"""How many rows a ring needs: its touches followed for one revolution after the other."""

from typing import NamedTuple

import numpy as np

from mini_infer.memory.tier import compiled_leaf


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


@compiled_leaf
def settle(revolution: int, shift: int, touches: Touches, frames: np.ndarray, turns: np.ndarray) -> int:
    """Find the fewest rows of apron with which a ring of this revolution serves all touches.

    The first revolution ends `shift` rows later, or earlier where that is negative; each ends before what would go over
    its end. `frames` are written, and in `turns` how often revolutions end before each touch's run.
    """
    _turn(revolution, shift, touches, turns)
    again = _written_again(touches)
    apron = 0
    while True:
        more = _follow(revolution, shift, apron, touches, turns, frames, again)
        if more <= apron:
            return apron
        apron = more


@compiled_leaf
def _turn(revolution: int, shift: int, touches: Touches, turns: np.ndarray) -> None:
    """Find where revolutions end."""
    top, start = 0, shift
    for touch in range(touches.low.shape[0]):
        turns[touch] = 0
        if touches.written[touch] and touches.high[touch] > top:
            top = touches.high[touch]
            while top > start + revolution:
                start += revolution
                turns[touch] += 1


@compiled_leaf
def _written_again(touches: Touches) -> int:
    """How many touches write rows again, if only in part: if any does, there must be one place of each row."""
    top = count = 0
    for touch in range(touches.low.shape[0]):
        if touches.written[touch]:
            count += touches.low[touch] < top
            top = max(top, touches.high[touch])
    return count


@compiled_leaf
def _follow(
    revolution: int,
    shift: int,
    apron: int,
    touches: Touches,
    turns: np.ndarray,
    frames: np.ndarray,
    again: int,
) -> int:
    """Find the frame of each touch; rows of apron that the first touch without a frame takes, or as many as there are.

    A touch finds its rows in the current frame, or still in the one before, if they were written in that and nothing
    over them. Where rows are written `again`, those in the apron are there alone.
    """
    top = first = before = 0
    start = shift
    count = touches.low.shape[0]
    while first < count:
        end = first
        while end < count and touches.runs[end] == touches.runs[first]:
            if touches.written[end] and touches.high[end] > top:
                start += turns[end] * revolution
                before = top if turns[end] else before
                top = touches.high[end]
            end += 1
        for touch in range(first, end):
            frames[touch] = start
            if touches.low[touch] < start - apron:
                settled = min(before, start - apron if again else start)
                if touches.high[touch] > settled or touches.low[touch] < max(start, top) - revolution:
                    missing: int = start - touches.low[touch]
                    return missing
                frames[touch] = start - revolution
        first = end
    return apron
