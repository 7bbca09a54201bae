"""Beam search: after each step only the best few sets of nodes that ran are followed."""

from dataclasses import dataclass
from typing import Optional

from mini_infer.schedule.limits import Budget, Found
from mini_infer.schedule.problem import Order, OrderProblem

WIDTH = 16

MOST_LOOKED = 50_000_000
"""Ready nodes looked at, for each ready node of a state, in all states together: some CPU seconds."""


@dataclass(frozen=True, slots=True)
class _State:
    """Nodes that ran (a bit each), the largest step so far, the bytes alive, and what can run next."""

    ran: int
    bottleneck: int
    alive: int
    ready: Order
    node: int = -1
    parent: Optional["_State"] = None


def order(problem: OrderProblem, budget: Budget) -> Found:
    """Keep the `WIDTH` states with the smallest largest step, among equals those with the fewest bytes alive."""
    del budget
    return Found(narrow(problem, WIDTH, 0))


def narrow(problem: OrderProblem, width: int, floor: int) -> Order:
    """Beam search in which steps of up to `floor` bytes all count the same.

    Where very many nodes are ready at once it ends early, and the nodes left run as in the exported model.
    """
    masks = _Masks(problem)
    ready = tuple(node for node, nodes in enumerate(problem.predecessors) if not nodes)
    beam = [_State(0, max(floor, problem.start), problem.start, ready)]
    looked = 0
    for _ in range(problem.nodes):
        looked += sum(len(state.ready) ** 2 for state in beam)
        if looked > MOST_LOOKED:
            break
        best: dict[int, _State] = {}
        for state in beam:
            for child in masks.children(state):
                known = best.get(child.ran)
                if known is None or child.bottleneck < known.bottleneck:
                    best[child.ran] = child
        beam = sorted(best.values(), key=lambda state: (state.bottleneck, state.alive))[:width]
    last = beam[0]
    left = [node for node in problem.exported if not last.ran >> node & 1]
    nodes = []
    while last.parent is not None:
        nodes.append(last.node)
        last = last.parent
    return (*reversed(nodes), *left)


class _Masks:
    """Sets of nodes as the bits of integers."""

    def __init__(self, problem: OrderProblem) -> None:
        def mask(nodes: tuple[int, ...]) -> int:
            return sum(1 << node for node in nodes)

        self.successors = problem.successors
        self.needs = [mask(nodes) for nodes in problem.predecessors]
        self.opens = [sum(problem.sizes[tensor] for tensor in written) for written in problem.writes]
        readers = [mask(nodes) for nodes in problem.consumers]
        self.frees = [
            [
                (readers[tensor], problem.sizes[tensor])
                for tensor in (*problem.reads[node], *problem.writes[node])
                if not problem.kept[tensor] and not (tensor in problem.writes[node] and readers[tensor])
            ]
            for node in range(problem.nodes)
        ]

    def children(self, state: _State) -> list[_State]:
        """The states one step on; only one where a node takes no more than was taken and leaves no more alive."""
        found = []
        for node in state.ready:
            ran = state.ran | 1 << node
            during = state.alive + self.opens[node]
            after = during - sum(size for readers, size in self.frees[node] if not readers & ~ran)
            ready = tuple(other for other in state.ready if other != node) + tuple(
                later for later in self.successors[node] if not self.needs[later] & ~ran
            )
            child = _State(ran, max(state.bottleneck, during), after, ready, node, state)
            if during <= state.bottleneck and after <= state.alive:
                return [child]
            found.append(child)
        return found
