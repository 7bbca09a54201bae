"""Branch and bound: the smallest arena, with the proof, where the search ends before its limit.

Problems with one alignment and no gaps or pins go to the compiled search over skyline niches
(`compiled.niche_search`); all others to a small general one.
"""

from typing import TYPE_CHECKING

from mini_infer.memory import searches
from mini_infer.memory.bounds import lower_bound
from mini_infer.memory.limits import Budget, Limits
from mini_infer.memory.plan import Placement
from mini_infer.memory.problem import Problem
from mini_infer.memory.strategies import canonical, cheap, search

if TYPE_CHECKING:
    from mini_infer.memory.compiled.portfolio import Portfolio

_GENERAL_NODES_PER_SECOND = 20_000
_GREEDY_UP_TO = 1_000
_TINY = 10
"""Buffers up to which the general search is quick enough, and exact to the byte where sizes are no multiples of the
alignment: the compiled one counts in units of it."""


def place(problem: Problem, limits: Limits) -> Placement:
    """Start from the best of the greedy rules or from a skyline, and search below it. Exponential in the worst case."""
    budget = Budget(limits)
    if problem.plain and len(problem.buffers) > _GREEDY_UP_TO:
        searches.require("exact")

        def run(portfolio: "Portfolio") -> None:
            portfolio.skylines(0)
            portfolio.tree(limits.seconds)

        return search.place(problem, budget, run)
    start = cheap.best_greedy(problem)
    if start.height <= lower_bound(problem):
        return start.placement(budget, done=True)
    if problem.plain and len(problem.buffers) > _TINY:
        searches.require("exact")
        return search.place(problem, budget, lambda portfolio: portfolio.tree(limits.seconds), start)
    return canonical.search(problem, start, budget, int(_GENERAL_NODES_PER_SECOND * limits.seconds))
