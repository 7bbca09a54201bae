"""The order of the exported model."""

from mini_infer.schedule.limits import Budget, Found
from mini_infer.schedule.problem import OrderProblem


def order(problem: OrderProblem, budget: Budget) -> Found:
    """Leave the nodes as they are."""
    del budget
    return Found(problem.exported)
