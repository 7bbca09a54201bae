"""Several strategies, the smallest result; stops as soon as one meets the lower bound.

Small problems go through the interpreted greedy rules first, which takes no time and is often enough;
what is left to gain is left to the compiled portfolio, within the limits. Larger ones in which few buffers meet do too,
but only for a plan that cannot be smaller: it saves the import of the compiler.
"""

from bisect import bisect_left

from mini_infer.memory.bounds import lower_bound
from mini_infer.memory.incumbent import Incumbent, height_of
from mini_infer.memory.limits import Budget, Limits
from mini_infer.memory.liveness import NARROW, most_alive
from mini_infer.memory.plan import Placement
from mini_infer.memory.problem import Problem
from mini_infer.memory.strategies import canonical, cheap, overlapping, search

_INTERPRETED_UP_TO = 300
_PAIRS = _INTERPRETED_UP_TO * (_INTERPRETED_UP_TO - 1) // 2
"""Pairs of buffers that live at once, as many as so many buffers can have: what the rules' time grows with."""

_TINY = 10
_TINY_NODES = 3_000


def place(problem: Problem, limits: Limits) -> Placement:
    """Place by everything there is, cheapest first, within `limits`."""
    if problem.overlaps:
        return overlapping.place(problem, limits)
    budget = Budget(limits)
    best: Incumbent | None = None
    if len(problem.buffers) <= _INTERPRETED_UP_TO or not problem.plain:
        bound = lower_bound(problem)
        best = cheap.best_greedy(problem)
        if best.height <= bound:
            return best.placement(budget, done=True)
        if limits.seconds == 0 and not (problem.plain and len(problem.buffers) > _TINY and _is_narrow(problem)):
            return best.placement(budget, done=False)
        if len(problem.buffers) <= _TINY or not problem.plain:
            found = canonical.search(problem, best, budget, _TINY_NODES)
            if found.search.ended_by == "done":
                return found
            best = Incumbent(found.offsets, height_of(problem, found.offsets), best.strategy)
    elif _few_meet(problem):
        quick = cheap.best_greedy(problem)
        if quick.height <= lower_bound(problem):
            return quick.placement(budget, done=True)
    return search.place(problem, budget, lambda portfolio: portfolio.run(), best)


def _few_meet(problem: Problem) -> bool:
    """Whether at most `_PAIRS` pairs of buffers without gaps live at once."""
    if len(problem.buffers) > _PAIRS:
        return False
    lives = sorted((buffer.start, buffer.end) for buffer in problem.buffers)
    starts = [start for start, _ in lives]
    return sum(bisect_left(starts, end) - index - 1 for index, (_, end) in enumerate(lives)) <= _PAIRS


def _is_narrow(problem: Problem) -> bool:
    """Whether the beam search, which takes next to no time, may do better than the rules."""
    return most_alive(problem.buffers) <= NARROW
