"""Large-neighborhood search from the best skyline: see `compiled.repair`."""

from typing import TYPE_CHECKING

from mini_infer.memory import searches
from mini_infer.memory.limits import Budget, Limits
from mini_infer.memory.plan import Placement
from mini_infer.memory.problem import Problem
from mini_infer.memory.strategies import search

if TYPE_CHECKING:
    from mini_infer.memory.compiled.portfolio import Portfolio


def place(problem: Problem, limits: Limits) -> Placement:
    """Spend a tenth of the time on skylines and the rest on opening windows around the highest buffers."""
    searches.require("local-search")

    def run(portfolio: "Portfolio") -> None:
        portfolio.skylines(0.1 * limits.seconds)
        portfolio.repair(limits.seconds)

    return search.place(problem, Budget(limits), run)
