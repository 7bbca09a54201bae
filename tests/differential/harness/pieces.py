"""Programs in pieces: blocks and streams wherever they can be, whether anything is won by them or not."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from unittest import mock

from mini_infer import streaming
from mini_infer.candidates import Candidates, Lowered
from mini_infer.machine import Machine
from mini_infer.program import Program
from mini_infer.streaming.estimate import Estimator
from mini_infer.streaming.fuse import Interval, streamed

_LENGTHS = (7, 2, 3, 12, 1, 5)
"""Steps of the streams of a program, in turn."""
_BANDS = (64, 3, 17)
"""Bands of these, at most; every other stream is one whose runs wait for each other."""

_ROOMS = (0, 1_000, 0, 1_000_000)
"""Bytes by which rings may grow, in turn."""


@contextlib.contextmanager
def everywhere() -> Iterator[None]:
    """All that is compiled here streams wherever it can."""
    found = Candidates.streamed

    def preferred(candidates: Candidates, lowered: Lowered, **options: object) -> Lowered:
        """The candidate with streams, which no other is smaller than."""
        made = found(candidates, lowered, **options)
        return made if made is lowered else replace(made, arena=-1)

    with (
        mock.patch.object(streaming, "stream", stream),
        mock.patch.object(Candidates, "streamed", preferred),
    ):
        yield


def stream(program: Program, machine: Machine, *, alignment: int, **_: object) -> streaming.Streamed:
    """In the place of `streaming.stream`."""
    estimator = Estimator(program, machine, alignment)
    intervals: list[Interval] = []
    start = 0
    while start < len(program.steps):
        end = start
        longest = _LENGTHS[len(intervals) % len(_LENGTHS)]
        while end < min(start + longest, len(program.steps)) and not _is_fixed(program, end):
            end += 1
        units = estimator.flat.units[estimator.first[start] : estimator.first[end]]
        most = int(units.max(initial=1))
        if most > 1:
            number = len(intervals)
            bands = min(most, _BANDS[number % len(_BANDS)])
            intervals.append(Interval(start, end, bands, lazy=number % 2 == 1, room=_ROOMS[number % len(_ROOMS)]))
        start = max(end, start + 1)
    if not intervals:
        return streaming.Streamed(program)
    made = streamed(program, estimator.accesses, estimator.flat, intervals, alignment)
    return streaming.Streamed(made, tuple(intervals))


def _is_fixed(program: Program, index: int) -> bool:
    step = program.steps[index]
    return step.control is not None or bool(step.interpreted_because)
