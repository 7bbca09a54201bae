"""Which buffers live at the same time: the interference graph."""

import heapq
from typing import TYPE_CHECKING

from mini_infer.memory.problem import Problem, expect_problem

if TYPE_CHECKING:
    import networkx as nx


def interference_graph(problem: Problem) -> tuple[tuple[int, ...], ...]:
    """For every buffer, the indices of the buffers whose lifetimes overlap its own, ascending.

    Gaps count: two buffers that only meet inside a gap do not interfere. Empty buffers have lifetimes
    like any other. O(n log n + edges).
    """
    expect_problem(problem, "interference_graph")
    intervals = sorted(
        (start, end, index) for index, buffer in enumerate(problem.buffers) for start, end in buffer.intervals
    )
    neighbors: list[set[int]] = [set() for _ in problem.buffers]
    live: dict[int, None] = {}
    deaths: list[tuple[int, int]] = []
    for start, end, index in intervals:
        while deaths and deaths[0][0] <= start:
            del live[heapq.heappop(deaths)[1]]
        neighbors[index].update(live)
        for other in live:
            neighbors[other].add(index)
        live[index] = None
        heapq.heappush(deaths, (end, index))
    return tuple(tuple(sorted(found)) for found in neighbors)


def to_networkx(problem: Problem) -> "nx.Graph[str]":
    """Export the interference graph: nodes are buffer ids with `size`, `start`, `end`, `alignment`.

    Raises
    ------
    ImportError
        Without networkx, which is an optional dependency (``pip install networkx``).
    """
    import networkx as nx

    graph: nx.Graph[str] = nx.Graph()
    for buffer in problem.buffers:
        graph.add_node(buffer.id, size=buffer.size, start=buffer.start, end=buffer.end, alignment=buffer.alignment)
    ids = [buffer.id for buffer in problem.buffers]
    for index, others in enumerate(interference_graph(problem)):
        graph.add_edges_from((ids[index], ids[other]) for other in others if other > index)
    return graph
