"""Streams: steps of a program run a few rows at a time, so that what is between them is never whole.

Nothing is computed twice, and each number exactly as by the whole kernels. `access` reads off the kernels which rows
they touch; `estimate` replays the rows of any stretch of steps, `choose` finds the stretches with the smallest peak,
and `fuse` makes each a step of the program whose inner values are rings of rows.
"""

import math
import sys
from dataclasses import dataclass, replace

from mini_infer import memory
from mini_infer.machine import Machine
from mini_infer.memory import tier
from mini_infer.program import Program
from mini_infer.streaming import look
from mini_infer.streaming.access import Accesses
from mini_infer.streaming.choose import Choice, Chooser
from mini_infer.streaming.estimate import Estimator
from mini_infer.streaming.flat import flattened
from mini_infer.streaming.fuse import Fuser, Interval

__all__ = ["Interval", "Streamed", "stream", "streamed_as"]

_MOST_STEPS = 2_000
"""Programs of more steps have no streams: every stretch of steps would be looked at."""

MANY = 400
"""Rows of all calls of a program whose streams take longer to choose by interpreting than kept code takes to load."""

_SEARCH = 1.0
"""Seconds of a search for a plan, as `memory` counts them: overlaps are what the quick methods miss plans for."""


@dataclass(frozen=True, slots=True)
class Streamed:
    """A program with streams.

    Parameters
    ----------
    program
        The program; the very one that was given, where there are none.
    intervals
        The steps that its streams were made of.
    plan
        Of the program with streams, by the quick methods or a short search; none, where it was not planned.
    """

    program: Program
    intervals: tuple[Interval, ...] = ()
    plan: memory.Plan | None = None

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
    if int(estimator.flat.units.sum()) >= MANY and tier.is_kept(look.__file__):
        tier.compile_package(__name__)
    fuser = Fuser(program, estimator.accesses, estimator.flat, alignment)
    chooser, found = Chooser(estimator), None
    sharing = slowdown < math.inf or chooser.shares(min(below, max(estimator.alive)))
    if sharing:
        found = _planned(fuser, chooser.within(slowdown, enough=enough, below=below), (True,))
    if not sharing or (found is not None and found.plan.size > max(found.choice.peak, enough)):
        # Ends that share bytes bind each other from stream to stream, so that no plan may reach the peak.
        estimator.sharing = False
        most = below if found is None else min(below, found.plan.size)
        apart = _planned(fuser, chooser.within(slowdown, enough=enough, below=most), (False, True))
        found = min((each for each in (found, apart) if each is not None), key=_size, default=None)
    if found is None:
        return Streamed(program)
    return Streamed(found.program, found.choice.intervals, found.plan)


def streamed_as(program: Program, chosen: Streamed, *, alignment: int) -> Streamed:
    """The program with streams that were chosen for another one of the same steps."""
    accesses = Accesses.of(program)
    fuser = Fuser(program, accesses, flattened(accesses), alignment)
    sharing = bool(chosen.program.problem.overlaps)
    return Streamed(fuser.run(chosen.intervals, sharing=sharing), chosen.intervals)


@dataclass(frozen=True, slots=True)
class _Planned:
    """Streams that were chosen, the program with them, and its plan by the quick methods."""

    choice: Choice
    program: Program
    plan: memory.Plan


def _size(planned: _Planned) -> int:
    return planned.plan.size


def _plan(problem: memory.Problem, peak: int) -> memory.Plan:
    """A plan by the quick methods; by a short search, where these do not come to the peak."""
    quick = memory.find_plan(problem, time_limit=0)
    return quick if quick.size <= peak else memory.find_plan(problem, time_limit=_SEARCH)


def _planned(fuser: Fuser, choice: Choice, sharing: tuple[bool, ...]) -> _Planned | None:
    """The program with these streams, whose ends may share bytes or not: as the plan is smaller; none without any.

    Rings that have room grow, unless a plan is larger for it.
    """
    if not choice.intervals:
        return None
    best: _Planned | None = None
    tight = replace(choice, intervals=tuple(replace(each, room=0) for each in choice.intervals))
    for tried in dict.fromkeys((choice, tight)):
        if best is None or best.plan.size > choice.peak:
            made = [fuser.run(tried.intervals, sharing=each) for each in sharing]
            planned = [_Planned(tried, each, _plan(each.problem, choice.peak)) for each in made]
            best = min((*([best] if best else []), *planned), key=_size)
    return best
