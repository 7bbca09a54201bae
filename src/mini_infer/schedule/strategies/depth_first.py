"""Depth first: each result as late as its first reader allows, one branch after the other."""

from mini_infer.schedule.limits import Budget, Found
from mini_infer.schedule.problem import Order, OrderProblem


def order(problem: OrderProblem, budget: Budget) -> Found:
    """Run the node that became ready last; what became ready together, in exported order."""
    del budget
    return Found(newest_first(problem))


def newest_first(problem: OrderProblem) -> Order:
    """Nodes from a stack of the ready ones."""
    waiting = [len(nodes) for nodes in problem.predecessors]
    stack = [node for node in reversed(range(problem.nodes)) if not waiting[node]]
    ran = []
    while stack:
        node = stack.pop()
        ran.append(node)
        for later in reversed(problem.successors[node]):
            waiting[later] -= 1
            if not waiting[later]:
                stack.append(later)
    return tuple(ran)
