"""Several strategies, the smallest result; stops as soon as one meets the lower bound.

Small problems go through the interpreted greedy rules first, which takes no time and is often enough;
what is left to gain is left to the compiled portfolio, within the limits.
"""

from mini_infer.memory.bounds import lower_bound
from mini_infer.memory.limits import Budget, Limits
from mini_infer.memory.plan import Placement
from mini_infer.memory.problem import Problem
from mini_infer.memory.strategies import canonical, cheap

_INTERPRETED_UP_TO = 300
_TINY = 10
_TINY_NODES = 3_000


def place(problem: Problem, limits: Limits) -> Placement:
    """Place by everything there is, cheapest first, within `limits`; never larger than any other strategy alone."""
    budget = Budget(limits)
    best: cheap.Incumbent | None = None
    plain = _plain(problem)
    if len(problem.buffers) <= _INTERPRETED_UP_TO or not plain:
        bound = lower_bound(problem)
        best = cheap.best_greedy(problem)
        if best.height <= bound or limits.seconds == 0:
            return best.placement(budget, done=best.height <= bound)
        if len(problem.buffers) <= _TINY or not plain:
            found = canonical.search(problem, best, budget, _TINY_NODES)
            if found.search.ended_by == "done":
                return found
            best = cheap.Incumbent(found.offsets, cheap.height_of(problem, found.offsets), best.strategy)
    if any(buffer.offset is not None for buffer in problem.buffers):
        assert best is not None  # noqa: S101  pins are not plain
        return best.placement(budget, done=False)
    from mini_infer.memory.compiled.portfolio import Portfolio
    from mini_infer.memory.compiled.table import tabulate

    portfolio = Portfolio(problem, tabulate(problem), budget)
    if best is not None and plain:
        portfolio.take(best)
    portfolio.run()
    found_best = portfolio.incumbent
    if best is not None and best.height <= found_best.height:
        found_best = best
    done = found_best.height <= portfolio.proved
    return found_best.placement(budget, done=done, proved=portfolio.proved)


def _plain(problem: Problem) -> bool:
    return len({buffer.alignment for buffer in problem.buffers}) <= 1 and not any(
        buffer.gaps or buffer.offset is not None for buffer in problem.buffers
    )
