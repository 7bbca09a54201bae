"""Which bytes are alive when, against arrays of steps by buffers."""

import numpy as np
import pytest

from mini_infer.memory import Buffer, Problem, alive_bytes, peak, peak_bytes, peak_of

STEPS = 40
MANY = 25_000
"""Buffers enough for the arrays that large problems are counted in."""


def drawn(count: int, seed: int, *, gaps: bool) -> list[Buffer]:
    rng = np.random.default_rng(seed)
    buffers = []
    for index in range(count):
        start = int(rng.integers(0, STEPS - 6))
        end = int(rng.integers(start + 1, STEPS + 1))
        hole = ((start + 1, start + 3),) if gaps and end > start + 4 else ()
        buffers.append(Buffer(f"b{index}", int(rng.integers(0, 1000)), start, end, gaps=hole))
    return buffers


def table(buffers: list[Buffer]) -> np.ndarray:
    """Which buffer is alive in which step."""
    alive = np.zeros((len(buffers), STEPS), bool)
    for row, buffer in zip(alive, buffers, strict=True):
        row[buffer.start : buffer.end] = True
        for start, end in buffer.gaps:
            row[start:end] = False
    return alive


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize(("count", "seed"), [(1, 0), (3, 1), (30, 2), (30, 3), (MANY, 4)])
def test_bytes_alive_and_their_peak(count, seed, gaps):
    buffers = drawn(count, seed, gaps=gaps)
    alive = table(buffers)
    expected = np.array([buffer.size for buffer in buffers]) @ alive
    assert alive_bytes(buffers, STEPS) == expected.tolist()
    assert peak_bytes(buffers) == expected.max()
    found = peak_of(buffers)
    assert (found.size, found.start) == (expected.max(), expected.argmax())
    assert found.live == tuple(np.flatnonzero(alive[:, found.start]))
    assert set(expected[found.start : found.end]) == {expected.max()}


def test_no_buffers_have_no_peak():
    assert (peak_of([]).size, peak_bytes([]), alive_bytes([], 2)) == (0, 0, [0, 0])


def test_what_lives_longer_than_the_steps_counts_to_their_end():
    assert alive_bytes([Buffer("a", 10, 0, 9), Buffer("b", 1, 3, 4)], 2) == [10, 10]


def test_the_peak_of_a_problem_is_that_of_its_buffers():
    buffers = (Buffer("a", 10, 0, 3), Buffer("b", 5, 1, 2), Buffer("d", 1, 0, 4, gaps=((1, 3),)))
    assert peak(Problem(buffers)) == peak_of(buffers)
    assert alive_bytes(buffers, 5) == [11, 15, 10, 1, 0]
