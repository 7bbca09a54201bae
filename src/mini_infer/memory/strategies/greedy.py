"""One buffer after another, each into a hole among those already placed.

A rule says in which order the buffers come and which hole they take: the lowest that is large enough
(first fit) or the one that leaves least over (best fit). All are O(n log n + edges log edges).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from mini_infer.memory.interference import interference_graph
from mini_infer.memory.limits import Limits
from mini_infer.memory.plan import Placement
from mini_infer.memory.problem import Buffer, Problem, align_up

Neighbours = Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Rule:
    """An order, as a sort key (the smallest comes first; ties by index), and the choice of the hole."""

    key: Callable[[Buffer, int], tuple[int, ...]]
    tightest: bool = False


RULES: Mapping[str, Rule] = {
    "first-fit": Rule(lambda buffer, _: (buffer.start,)),
    "best-fit": Rule(lambda buffer, _: (buffer.start,), tightest=True),
    "greedy-by-size": Rule(lambda buffer, _: (-buffer.size, buffer.start - buffer.end)),
    "greedy-by-duration": Rule(lambda buffer, _: (buffer.start - buffer.end, -buffer.size)),
    "greedy-by-area": Rule(lambda buffer, _: ((buffer.start - buffer.end) * buffer.size,)),
    "greedy-by-degree": Rule(lambda buffer, degree: (-degree, -buffer.size)),
    "greedy-by-breadth": Rule(lambda buffer, breadth: (-breadth, -buffer.size)),
}
"""The degree is the number of buffers alive at the same time; the breadth their sizes' sum."""


def place(problem: Problem, _limits: Limits, rule: Rule) -> Placement:
    """Place all buffers by `rule`."""
    neighbours = interference_graph(problem)
    return Placement(place_in_order(problem, neighbours, order_of(problem, neighbours, rule), tightest=rule.tightest))


def order_of(problem: Problem, neighbours: Neighbours, rule: Rule) -> list[int]:
    """Sort the indices of the buffers as `rule` says."""
    buffers = problem.buffers
    if rule is RULES["greedy-by-breadth"]:
        weight = [sum(buffers[other].size for other in others) for others in neighbours]
    else:
        weight = [len(others) for others in neighbours]
    return sorted(range(len(buffers)), key=lambda i: (*rule.key(buffers[i], weight[i]), i))


def place_in_order(
    problem: Problem, neighbours: Neighbours, order: Sequence[int], *, tightest: bool = False
) -> tuple[int, ...]:
    """Place the buffers in `order`, pinned ones before all others; the first or the tightest hole each."""
    buffers = problem.buffers
    offsets: list[int | None] = [buffer.offset for buffer in buffers]
    for index in order:
        buffer = buffers[index]
        if offsets[index] is not None:
            continue
        taken = [
            (offset, offset + buffers[other].size)
            for other in neighbours[index]
            if (offset := offsets[other]) is not None
        ]
        offsets[index] = hole(taken, buffer, tightest=tightest)
    return tuple(offset or 0 for offset in offsets)


def hole(taken: Iterable[tuple[int, int]], buffer: Buffer, *, tightest: bool = False) -> int:
    """Find the lowest (or the tightest) aligned room for `buffer` beside the byte ranges `taken`."""
    if not buffer.size:
        return 0
    best, least_over = -1, -1
    floor = 0
    for bottom, top in sorted(place for place in taken if place[0] < place[1]):
        over = bottom - floor - buffer.size
        if over >= 0 and (best < 0 or over < least_over):
            best, least_over = floor, over
            if not tightest:
                break
        floor = max(floor, align_up(top, buffer.alignment))
    return floor if best < 0 else best
