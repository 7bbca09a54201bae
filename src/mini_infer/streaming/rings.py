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


@dataclass(frozen=True, slots=True)
class Size:
    """A ring that would do.

    Parameters
    ----------
    revolution, apron
        As in `program.Ring`.
    later
        Rows by which the first revolution ends later.
    moved
        Rows that are moved to the apron in all.
    """

    revolution: int
    apron: int
    later: int
    moved: int

    @property
    def rows(self) -> int:
        """That it has room for."""
        return self.revolution + self.apron


def sizes_of(touches: Touches, count: int, most: int, spare: int = 0) -> list[Size]:
    """Rings for the rows of a buffer, the smallest first; each moves fewer rows than all that are smaller.

    Parameters
    ----------
    touches
        Of its rows.
    count
        Of the whole buffer.
    most
        That are alive at once.
    spare
        That the smallest of these rings may have more than the smallest of all.
    """
    frames, turns = np.zeros((2, len(touches.low)), np.int64)
    found = [Size(count, 0, 0, 0)]
    for together, later in _steps(touches):
        for revolution in _revolutions(together, count, most):
            apron = settle(revolution, later, touches, frames, turns)
            found.append(Size(revolution, apron, later, apron * int(turns.sum())))
    best: list[Size] = []
    for size in sorted(found, key=lambda each: (each.rows, each.moved, -each.revolution)):
        if size.rows <= count and (not best or size.moved < best[-1].moved):
            best.append(size)
    return best[max(at for at, size in enumerate(best) if size.rows <= best[0].rows + spare) :]


def _revolutions(together: int, count: int, most: int) -> list[int]:
    """Those that are tried: all near the smallest, and then each twice the one before."""
    near = min(count, 2 * most + together)
    found = list(range(together, near + 1, together))
    while found and 2 * found[-1] <= count:
        found.append(2 * found[-1])
    return found


def shape_of(touches: Touches, size: Size) -> Shape:
    """What becomes of each touch in a ring of this size."""
    frames, turns = np.zeros((2, len(touches.low)), np.int64)
    settle(size.revolution, size.later, touches, frames, turns)
    ended = tuple(int(run) for run, ends in zip(touches.runs, turns, strict=True) for _ in range(ends))
    return Shape(size.revolution, size.apron, frames, ended)


def grown(rings: Sequence[Sequence[Size]], row_bytes: Sequence[int], room: int, alignment: int) -> list[Size]:
    """The size of each ring, where together they may take so many bytes more than the smallest.

    Bytes are given to the ring where each saves most bytes that are moved.
    """
    taken = [
        [-(-size.rows * row // alignment) * alignment for size in sizes]
        for sizes, row in zip(rings, row_bytes, strict=True)
    ]
    chosen = [0] * len(rings)
    while True:
        best, most = (0, 0), 0.0
        for ring, (sizes, row) in enumerate(zip(rings, row_bytes, strict=True)):
            now = chosen[ring]
            for place in range(now + 1, len(sizes)):
                more = taken[ring][place] - taken[ring][now]
                if more > room:
                    break
                if (saved := (sizes[now].moved - sizes[place].moved) * row / max(more, 1)) > most:
                    best, most = (ring, place), saved
        ring, place = best
        if not place:
            return [sizes[at] for sizes, at in zip(rings, chosen, strict=True)]
        room -= taken[ring][place] - taken[ring][chosen[ring]]
        chosen[ring] = place


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
