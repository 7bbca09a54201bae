"""Greedy colouring of the interference graph; each colour class becomes a pool.

As in planners that reuse whole tensors: buffers of one colour never live together, so they share one
pool, as large as the largest of them. Pools lie one after another. A chain of operators needs two.
"""

from math import lcm

from mini_infer.memory.interference import interference_graph
from mini_infer.memory.limits import Limits
from mini_infer.memory.plan import PlacedPool, Placement
from mini_infer.memory.problem import Problem, align_up
from mini_infer.memory.strategies.naive import pinned_top


def place(problem: Problem, _limits: Limits) -> Placement:
    """Colour the largest buffers first, each with the first free colour. O(n log n + edges)."""
    buffers = problem.buffers
    neighbours = interference_graph(problem)
    color: dict[int, int] = {}
    classes: list[list[int]] = []
    free = [index for index, buffer in enumerate(buffers) if buffer.offset is None]
    for index in sorted(free, key=lambda i: (-buffers[i].size, i)):
        taken = {color[other] for other in neighbours[index] if other in color}
        chosen = next(c for c in range(len(classes) + 1) if c not in taken)
        if chosen == len(classes):
            classes.append([])
        classes[chosen].append(index)
        color[index] = chosen
    offsets = [buffer.offset or 0 for buffer in buffers]
    pools: list[PlacedPool] = []
    top = pinned_top(problem)
    for number, members in enumerate(classes):
        base = align_up(top, lcm(*(buffers[index].alignment for index in members)))
        size = max(buffers[index].size for index in members)
        for index in members:
            offsets[index] = base
        pools.append(PlacedPool(f"pool {number}", base, size, tuple(sorted(members))))
        top = base + size
    return Placement(tuple(offsets), pools=tuple(pools))
