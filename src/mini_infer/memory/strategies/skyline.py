"""The skyline, in several variants: what large problems start from, one near-linear pass each."""

from mini_infer.memory import searches
from mini_infer.memory.limits import Budget, Limits
from mini_infer.memory.plan import Placement
from mini_infer.memory.problem import Problem
from mini_infer.memory.strategies import search


def place(problem: Problem, limits: Limits) -> Placement:
    """Place by the first variant, then by others until the bound is met or the time is over. O(n log n) each."""
    searches.require("skyline")
    return search.place(problem, Budget(limits), lambda portfolio: portfolio.skylines(limits.seconds))
