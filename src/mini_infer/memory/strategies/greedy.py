"""One buffer after another, each into a hole among those already placed.

A rule says in which order the buffers come and which hole they take: the lowest that is large enough
(first fit) or the one that leaves least over (best fit). All are O(n log n + edges log edges);
from some thousand buffers on a compiled walk over the placed ones takes over, O(n^2) with a small constant.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from mini_infer.memory import searches
from mini_infer.memory.interference import interference_graph
from mini_infer.memory.limits import Limits
from mini_infer.memory.overlap import reaches
from mini_infer.memory.plan import Placement
from mini_infer.memory.problem import Buffer, Problem, align_up

Neighbors = Sequence[Sequence[int]]


_COMPILE_FROM = 3_000
"""Buffers from which listing every pair alive together takes longer than importing numba."""


@dataclass(frozen=True, slots=True)
class Rule:
    """An order and the choice of the hole.

    `key` sorts (the smallest comes first; ties by index); its second argument is the sum of `weigh` over the
    buffers alive at the same time, where the rule asks for it.
    """

    key: Callable[[Buffer, int], tuple[int, ...]]
    tightest: bool = False
    weigh: Callable[[Buffer], int] | None = None


RULES: Mapping[str, Rule] = {
    "first-fit": Rule(lambda buffer, _: (buffer.start,)),
    "best-fit": Rule(lambda buffer, _: (buffer.start,), tightest=True),
    "greedy-by-size": Rule(lambda buffer, _: (-buffer.size, buffer.start - buffer.end)),
    "greedy-by-duration": Rule(lambda buffer, _: (buffer.start - buffer.end, -buffer.size)),
    "greedy-by-area": Rule(lambda buffer, _: ((buffer.start - buffer.end) * buffer.size,)),
    "greedy-by-degree": Rule(lambda buffer, degree: (-degree, -buffer.size), weigh=lambda _: 1),
    "greedy-by-breadth": Rule(lambda buffer, breadth: (-breadth, -buffer.size), weigh=lambda buffer: buffer.size),
}


def place(problem: Problem, _limits: Limits, rule: Rule) -> Placement:
    """Place all buffers by `rule`."""
    order = order_of(problem, rule)
    if problem.plain and len(order) >= _COMPILE_FROM and searches.available():
        return _place_compiled(problem, order, tightest=rule.tightest)
    return Placement(place_in_order(problem, interference_graph(problem), order, tightest=rule.tightest))


def order_of(problem: Problem, rule: Rule) -> list[int]:
    """Sort the indices of the buffers as `rule` says. O(n log n)."""
    buffers = problem.buffers
    weights = [0] * len(buffers) if rule.weigh is None else _weights(buffers, rule.weigh)
    return sorted(range(len(buffers)), key=lambda i: (*rule.key(buffers[i], weights[i]), i))


def _weights(buffers: Sequence[Buffer], weigh: Callable[[Buffer], int]) -> list[int]:
    """Sum `weigh` over the buffers whose lifetimes, gaps and all, overlap each buffer's own."""
    births = sorted((buffer.start, weigh(buffer)) for buffer in buffers)
    deaths = sorted((buffer.end, weigh(buffer)) for buffer in buffers)
    starts, ends = [step for step, _ in births], [step for step, _ in deaths]
    born = [0, *accumulate(weight for _, weight in births)]
    dead = [0, *accumulate(weight for _, weight in deaths)]
    return [born[bisect_left(starts, b.end)] - dead[bisect_right(ends, b.start)] - weigh(b) for b in buffers]


def _place_compiled(problem: Problem, order: Sequence[int], *, tightest: bool) -> Placement:
    import numpy as np

    from mini_infer.memory import tier

    tier.compile_package(tier.PLACES)
    from mini_infer.memory.compiled.inorder import place_in_order as place_compiled
    from mini_infer.memory.compiled.table import tabulate

    table = tabulate(problem)
    at = np.full(len(order), -1, dtype=np.int64)
    at[table.row] = np.arange(len(table.row))
    solid = at[np.array(order, dtype=np.int64)]
    offset = np.empty(len(table.row), dtype=np.int64)
    place_compiled(solid[solid >= 0], table.start, table.end, table.size, tightest, offset)
    return Placement(table.offsets(problem, offset))


def place_in_order(
    problem: Problem, neighbors: Neighbors, order: Sequence[int], *, tightest: bool = False
) -> tuple[int, ...]:
    """Place the buffers in `order`, pinned ones before all others; the first or the tightest hole each."""
    buffers = problem.buffers
    reach = reaches(problem.overlaps, buffers)
    offsets: list[int | None] = [buffer.offset for buffer in buffers]
    for index in order:
        buffer = buffers[index]
        if offsets[index] is not None:
            continue
        size = buffer.size
        placed = [
            (other, offset, above)
            for other in neighbors[index]
            if (offset := offsets[other]) is not None and (above := buffers[other].size)
        ]
        if reach:  # of the other, what this buffer has to keep clear of
            taken = [
                (offset + size - reach.get((index, other), size), offset + reach.get((other, index), above))
                for other, offset, above in placed
            ]
        else:
            taken = [(offset, offset + above) for _, offset, above in placed]
        offsets[index] = hole(taken, buffer, tightest=tightest)
    return tuple(offset or 0 for offset in offsets)


def hole(taken: Iterable[tuple[int, int]], buffer: Buffer, *, tightest: bool = False) -> int:
    """Find the lowest (or the tightest) aligned room for `buffer` beside the byte ranges `taken`.

    One that begins beyond its end is what the buffer may overlap, but not wholly.
    """
    if not buffer.size:
        return 0
    best, least_over = -1, -1
    floor = 0
    for bottom, top in sorted(taken):
        over = bottom - floor - buffer.size
        if over >= 0 and (best < 0 or over < least_over):
            best, least_over = floor, over
            if not tightest:
                break
        floor = max(floor, align_up(top, buffer.alignment))
    return floor if best < 0 else best
