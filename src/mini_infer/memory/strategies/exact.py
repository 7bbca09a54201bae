"""Branch and bound: the smallest arena, with the proof, where the search ends before its limit.

Problems with one alignment and no gaps or pins go to the compiled search over valleys
(`compiled.valley`); all others to a small general one.
"""

from mini_infer.memory.bounds import lower_bound
from mini_infer.memory.limits import Budget, Limits
from mini_infer.memory.plan import Placement
from mini_infer.memory.problem import Problem
from mini_infer.memory.strategies import canonical, cheap, search

_GENERAL_NODES_PER_SECOND = 20_000
_TINY = 10
"""Buffers up to which the general search is quick enough, and exact to the byte where sizes are no multiples of the
alignment: the compiled one counts in units of it."""


def place(problem: Problem, limits: Limits) -> Placement:
    """Start from the best of the greedy rules, then search below it. Exponential in the worst case."""
    budget = Budget(limits)
    start = cheap.best_greedy(problem)
    if start.height <= lower_bound(problem):
        return start.placement(budget, done=True)
    if problem.plain and len(problem.buffers) > _TINY:
        return search.place(problem, budget, lambda portfolio: portfolio.tree(limits.seconds), start)
    return canonical.search(problem, start, budget, int(_GENERAL_NODES_PER_SECOND * limits.seconds))
