"""Where a problem falls apart: between nodes that come before or after every other node in any order."""

from collections.abc import Sequence
from dataclasses import dataclass

from mini_infer.schedule.problem import OUTSIDE, Order, OrderProblem


@dataclass(frozen=True, slots=True)
class Piece:
    """Nodes that run one after another in `[start, end)` of an order, with what else is alive meanwhile.

    Parameters
    ----------
    nodes
        In the order they were cut from; node i of the problem is `nodes[i]`.
    problem
        Tensors that live beyond the piece are kept.
    """

    nodes: Order
    problem: OrderProblem


def cuts(problem: OrderProblem) -> list[int]:
    """The nodes that are an ancestor or a descendant of every other node, ascending.

    Every node before such a node has a successor that is not after it, and every node after it a predecessor that is
    not before it; following these leads to it from both sides. Takes time linear in the edges.
    """
    total = problem.nodes
    closed = [True] * total
    """Whether all later nodes have a predecessor here or later."""
    earliest = total
    for node in reversed(range(total)):
        closed[node] = earliest >= node
        earliest = min(earliest, max(problem.predecessors[node], default=OUTSIDE))
    found = []
    latest = 0
    for node in range(total):
        if latest <= node and closed[node]:
            found.append(node)
        latest = max(latest, problem.successors[node][0] if problem.successors[node] else total)
    return found


def segments(problem: OrderProblem) -> list[range]:
    """The nodes between cuts, each with the cut at its end; only those of more than one node, which can be ordered."""
    found = []
    start = 0
    for cut in [*cuts(problem), problem.nodes - 1]:
        if cut - start > 0:
            found.append(range(start, cut + 1))
        start = cut + 1
    return found


class Cutter:
    """Cuts pieces from one order of a problem."""

    def __init__(self, problem: OrderProblem, order: Sequence[int]) -> None:
        self.problem = problem
        self.order = order
        self.before, self.during = problem.trace(order)
        self._position = [0] * problem.nodes
        for position, node in enumerate(order):
            self._position[node] = position

    def cut(self, start: int, end: int) -> Piece:
        """The steps `[start, end)` of the order as a problem of their own."""
        problem = self.problem
        nodes = sorted(self.order[start:end])
        local = {node: index for index, node in enumerate(nodes)}
        tensors = dict.fromkeys(tensor for node in nodes for tensor in (*problem.reads[node], *problem.writes[node]))
        held = self.before[start]
        producers, consumers, kept = [], [], []
        for tensor in tensors:
            producer = local.get(problem.producers[tensor], OUTSIDE)
            readers = problem.consumers[tensor]
            producers.append(producer)
            consumers.append(tuple(local[node] for node in readers if node in local))
            kept.append(problem.kept[tensor] or any(self._position[node] >= end for node in readers))
            if producer == OUTSIDE:
                held -= problem.sizes[tensor]
        sizes = tuple(problem.sizes[tensor] for tensor in tensors)
        return Piece(
            tuple(nodes), OrderProblem(len(nodes), sizes, tuple(producers), tuple(consumers), tuple(kept), held)
        )
