"""Problems that the tests of the planner share."""

import random

import pytest

from mini_infer.memory import Buffer, Problem


def _cut(count, seed, side=1 << 20):
    """An arena of `side` bytes and steps, cut into `count` rectangles: its buffers fill `side` bytes without waste."""
    chance = random.Random(seed)
    pieces = [(0, side, 0, side)]
    while len(pieces) < count:
        piece = max(range(len(pieces)), key=lambda i: _area(pieces[i]) * chance.random())
        start, end, bottom, top = pieces.pop(piece)
        if chance.random() < 0.5 and end - start > 1:
            at = chance.randrange(start + 1, end)
            pieces += [(start, at, bottom, top), (at, end, bottom, top)]
        else:
            at = chance.randrange(bottom + 1, top)
            pieces += [(start, end, bottom, at), (start, end, at, top)]
    chance.shuffle(pieces)
    return Problem(
        tuple(Buffer(str(i), top - bottom, start, end) for i, (start, end, bottom, top) in enumerate(pieces))
    )


def _area(piece):
    start, end, bottom, top = piece
    return (end - start) * (top - bottom)


@pytest.fixture(scope="session")
def cut_arena():
    return _cut
