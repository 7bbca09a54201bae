"""Greedy coloring of the interference graph; each color class becomes a pool.

As in planners that reuse whole tensors: buffers of one color never live together, so they share one
pool, as large as the largest of them. Pools lie one after another. A chain of operators needs two.
"""

from collections.abc import Collection, Sequence
from math import lcm

from mini_infer.memory.interference import interference_graph
from mini_infer.memory.limits import Limits
from mini_infer.memory.plan import PlacedPool, Placement
from mini_infer.memory.problem import Problem, align_up
from mini_infer.memory.strategies.naive import pinned_top


def place(problem: Problem, _limits: Limits) -> Placement:
    """Color the buffers in two orders and keep the smaller sum of pools. O(n log n + edges).

    Largest first keeps buffers of one size together. Earliest first needs the fewest colors there are, since an
    interval graph colored in the order of its left ends takes as many colors as its largest clique has members.
    """
    buffers = problem.buffers
    neighbors = interference_graph(problem)
    free = [index for index, buffer in enumerate(buffers) if buffer.offset is None]
    orders = (
        sorted(free, key=lambda index: (-buffers[index].size, index)),
        sorted(free, key=lambda index: (buffers[index].start, -buffers[index].size, index)),
    )
    placements = [_lay(problem, _color(problem, neighbors, order)) for order in orders]
    return min(placements, key=lambda placement: sum(pool.size for pool in placement.pools))


def _color(problem: Problem, neighbors: Sequence[Collection[int]], order: Sequence[int]) -> list[list[int]]:
    """Color classes: each buffer joins the free class that it makes grow least."""
    color: dict[int, int] = {}
    classes: list[list[int]] = []
    sizes: list[int] = []
    for index in order:
        size = problem.buffers[index].size
        taken = {color[other] for other in neighbors[index] if other in color}
        open_classes = [number for number in range(len(classes)) if number not in taken]
        if open_classes:
            chosen = min(open_classes, key=lambda number: (max(size - sizes[number], 0), sizes[number], number))
        else:
            chosen = len(classes)
            classes.append([])
            sizes.append(0)
        classes[chosen].append(index)
        sizes[chosen] = max(sizes[chosen], size)
        color[index] = chosen
    return classes


def _lay(problem: Problem, classes: list[list[int]]) -> Placement:
    """Pools one after another, above what is pinned."""
    buffers = problem.buffers
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
