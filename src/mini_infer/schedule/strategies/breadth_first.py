"""Breadth first: nodes in the order in which they become ready."""

from collections import deque

from mini_infer.schedule.limits import Budget, Found
from mini_infer.schedule.problem import OrderProblem


def order(problem: OrderProblem, budget: Budget) -> Found:
    """Run the node that has been ready for longest; what became ready together, in exported order."""
    del budget
    waiting = [len(nodes) for nodes in problem.predecessors]
    queue = deque(node for node in range(problem.nodes) if not waiting[node])
    ran = []
    while queue:
        node = queue.popleft()
        ran.append(node)
        for later in problem.successors[node]:
            waiting[later] -= 1
            if not waiting[later]:
                queue.append(later)
    return Found(tuple(ran))
