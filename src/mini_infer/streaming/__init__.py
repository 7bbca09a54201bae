"""Streams: steps of a program run a few rows at a time, so that what is between them is never whole.

Nothing is computed twice, and each number exactly as by the whole kernels. `access` reads off the kernels which rows
they touch; `estimate` replays the rows of any stretch of steps, `choose` finds the stretches with the smallest peak,
and `fuse` makes each a step of the program whose inner values are rings of rows.
"""

import math
import sys
from dataclasses import dataclass

from mini_infer.machine import Machine
from mini_infer.program import Program
from mini_infer.streaming.access import Accesses
from mini_infer.streaming.choose import Chooser
from mini_infer.streaming.estimate import Estimator
from mini_infer.streaming.flat import flattened
from mini_infer.streaming.fuse import Interval, streamed

__all__ = ["Interval", "Streamed", "stream", "streamed_as"]

_MOST_STEPS = 2_000
"""Programs of more steps have no streams: every stretch of steps would be looked at."""


@dataclass(frozen=True, slots=True)
class Streamed:
    """A program with streams.

    Parameters
    ----------
    program
        The program; the very one that was given, where there are none.
    intervals
        The steps that its streams were made of.
    """

    program: Program
    intervals: tuple[Interval, ...] = ()

    @property
    def remarks(self) -> list[tuple[str, str]]:
        """For each stream the name of its step, and what became of it."""
        found = []
        steps = [(step, step.stream) for step in self.program.steps if step.stream is not None]
        for interval, (step, stream) in zip(self.intervals, steps, strict=True):
            kept, whole = self.program.problem.buffers[stream.buffer].size, step.whole_bytes
            count = interval.end - interval.start
            text = f"{count} steps in {interval.bands} bands: rings of {kept} bytes instead of {whole}"
            found.append((step.node.name, text))
        return found


def stream(
    program: Program,
    machine: Machine,
    *,
    alignment: int,
    threads: int = 1,
    slowdown: float = math.inf,
    enough: int = 0,
    below: int = sys.maxsize,
) -> Streamed:
    """The program with the streams that make its peak smallest.

    Parameters
    ----------
    program
        Without streams; one of very many steps stays so.
    machine
        Says what time is lost.
    alignment
        Of every buffer, in bytes.
    threads
        That a run is spread over.
    slowdown
        What part of its time the program may lose at most.
    enough
        A peak that need not become smaller: of the streams that need no more, the fastest are taken.
    below
        What the peak must be below for streams to be of any use.
    """
    if program.symbols or program.states or not program.problem.buffers or len(program.steps) > _MOST_STEPS:
        return Streamed(program)
    estimator = Estimator(program, machine, alignment, threads)
    choice = Chooser(estimator).within(slowdown, enough=enough, below=below)
    if not choice.intervals:
        return Streamed(program)
    made = streamed(program, estimator.accesses, estimator.flat, choice.intervals, alignment)
    return Streamed(made, choice.intervals)


def streamed_as(program: Program, intervals: tuple[Interval, ...], *, alignment: int) -> Streamed:
    """The program with streams that were chosen for another one of the same steps."""
    accesses = Accesses.of(program)
    return Streamed(streamed(program, accesses, flattened(accesses), intervals, alignment), intervals)
