"""Greedy list scheduling by what a node frees (the rule of XLA's list scheduler)."""

from heapq import heappop, heappush

from mini_infer.schedule.limits import Budget, Found
from mini_infer.schedule.problem import OrderProblem


def order(problem: OrderProblem, budget: Budget) -> Found:
    """Run the ready node that leaves the fewest bytes more alive; then the one with more readers, then exported order.

    A node's growth shrinks when it becomes the last reader of a tensor: it enters the queue again then.
    """
    del budget
    waiting = [len(nodes) for nodes in problem.predecessors]
    readers = [set(nodes) for nodes in problem.consumers]
    growth = [
        sum(problem.sizes[tensor] for tensor in written if readers[tensor] or problem.kept[tensor])
        for written in problem.writes
    ]
    ran = bytearray(problem.nodes)
    queue: list[tuple[int, int, int]] = []

    def enter(node: int) -> None:
        if not waiting[node]:
            heappush(queue, (growth[node], -len(problem.successors[node]), node))

    def credit_last_reader(tensor: int) -> None:
        if len(readers[tensor]) == 1 and not problem.kept[tensor]:
            (last,) = readers[tensor]
            growth[last] -= problem.sizes[tensor]
            enter(last)

    for tensor in range(len(readers)):
        credit_last_reader(tensor)
    for node in range(problem.nodes):
        enter(node)
    found = []
    while queue:
        node = heappop(queue)[-1]
        if ran[node]:
            continue
        ran[node] = 1
        found.append(node)
        for tensor in problem.reads[node]:
            readers[tensor].remove(node)
            credit_last_reader(tensor)
        for later in problem.successors[node]:
            waiting[later] -= 1
            enter(later)
    return Found(tuple(found))
