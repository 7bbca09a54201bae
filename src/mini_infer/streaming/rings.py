"""The rings of a stream: how many rows each needs, where each run finds its rows, and where the rings lie."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mini_infer import memory
from mini_infer.streaming.settle import Touches, settle


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


def shape_of(touches: Touches, count: int, most: int) -> Shape:
    """The smallest ring for the rows of a buffer; of equals the one that turns least.

    Parameters
    ----------
    touches
        Of its rows.
    count
        Of the whole buffer.
    most
        That are alive at once.
    """
    frames, turns = np.zeros((2, len(touches.low)), np.int64)
    best, apron, shift = count, 0, 0
    for together, later in _steps(touches):
        for revolution in range(together, min(count, 2 * most + together) + 1, together):
            needed = settle(revolution, later, touches, frames, turns)
            if (revolution + needed, -revolution) < (best + apron, -best):
                best, apron, shift = revolution, needed, later
    settle(best, shift, touches, frames, turns)
    ended = tuple(int(run) for run, ends in zip(touches.runs, turns, strict=True) for _ in range(ends))
    return Shape(best, apron, frames, ended)


def _steps(touches: Touches) -> dict[tuple[int, int], None]:
    """How many rows are made at once, and how many more at first; and how many are read at once."""
    found: dict[tuple[int, int], None] = {}
    for those in (touches.written, ~touches.written):
        ends = np.maximum.accumulate(np.where(those, touches.high, 0))
        steps = np.diff(ends, prepend=0)
        steps = steps[steps > 0].tolist()
        found |= dict.fromkeys((each, steps[0] - each) for each in steps[:2])
    return found


def placed(
    names: Sequence[str],
    sizes: Sequence[int],
    lives: Sequence[tuple[int, int]],
    spans: Sequence[tuple[int, int]],
    alignment: int,
) -> tuple[int, ...]:
    """Where rings of so many bytes lie, each of which has them to itself in calls `[start, end)` of every round.

    Those that live in all calls lie side by side, where that takes no more bytes: those that are done first, by the
    last run of their span, lowest. So what the stream leaves behind may grow into them, and they into what it reads.
    """
    buffers = [
        memory.Buffer(name, size, *life, alignment=alignment)
        for name, size, life in zip(names, sizes, lives, strict=True)
    ]
    plan = memory.solve(memory.Problem(tuple(buffers)), time_limit=0)
    last = max((end for _, end in lives), default=0)
    always = [index for index, life in enumerate(lives) if life == (0, last)]
    offsets, top = dict.fromkeys(range(len(names)), 0), 0
    for index in sorted(always, key=lambda index: spans[index][::-1]):
        offsets[index] = top
        top += -(-sizes[index] // alignment) * alignment
    others = [index for index in range(len(names)) if index not in set(always)]
    above = memory.solve(memory.Problem(tuple(buffers[index] for index in others)), time_limit=0)
    if top + above.size > plan.size:
        return plan.offsets
    return tuple((offsets | {index: top + at for index, at in zip(others, above.offsets, strict=True)}).values())
