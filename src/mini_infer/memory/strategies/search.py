"""Where strategies meet the compiled portfolio."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from mini_infer.memory import searches
from mini_infer.memory.incumbent import Incumbent
from mini_infer.memory.limits import Budget
from mini_infer.memory.plan import Placement
from mini_infer.memory.problem import Problem
from mini_infer.memory.strategies import cheap

if TYPE_CHECKING:
    from mini_infer.memory.compiled.portfolio import Portfolio

_SMALL = 60
"""Buffers up to which the quick methods are interpreted first."""


def place(
    problem: Problem,
    budget: Budget,
    run: "Callable[[Portfolio], None]",
    best: Incumbent | None = None,
) -> Placement:
    """Let `run` use the portfolio, which starts from `best`; keep the smallest plan.

    The compiled searches know no pins: problems that have some keep `best`, or the best of the greedy rules. So do all
    where numba is not installed.
    """
    if not problem.plain and any(buffer.offset is not None for buffer in problem.buffers):
        return (best or cheap.best_greedy(problem)).placement(budget, done=False)
    if not searches.available():
        searches.leave_out()
        return (best or cheap.best_greedy(problem)).placement(budget, done=False)
    from mini_infer.memory import tier

    if budget.limits.seconds > 0 or len(problem.buffers) > _SMALL:
        tier.compile_package(tier.PLACES)
    from mini_infer.memory.compiled.portfolio import Portfolio
    from mini_infer.memory.compiled.table import tabulate

    portfolio = Portfolio(problem, tabulate(problem), budget)
    if best is not None and problem.plain:
        portfolio.take(best)
    try:
        run(portfolio)
    except KeyboardInterrupt:
        if not portfolio.strategy and best is None:
            raise
        budget.interrupted = True
    found = portfolio.incumbent if portfolio.strategy else best
    if found is None or (best is not None and best.height <= found.height):
        found = best
    assert found is not None  # noqa: S101  every portfolio finds something
    return found.placement(budget, done=found.height <= portfolio.proved, proved=portfolio.proved)
