"""The greedy rules one after another: what `auto` and `exact` start from."""

from collections.abc import Iterator, Sequence

from mini_infer.memory.bounds import lower_bound
from mini_infer.memory.incumbent import Incumbent, height_of
from mini_infer.memory.interference import interference_graph
from mini_infer.memory.problem import Problem
from mini_infer.memory.strategies.greedy import RULES, order_of, place_in_order

ORDER = (
    "greedy-by-size",
    "greedy-by-duration",
    "best-fit",
    "first-fit",
    "greedy-by-area",
    "greedy-by-breadth",
    "greedy-by-degree",
)


def _orders(problem: Problem, order: list[int]) -> Iterator[list[int]]:
    """The order of a rule; where buffers overlap, also with each behind those that lie below it."""
    yield order
    if problem.overlaps:
        below: dict[int, list[int]] = {}
        for each in problem.overlaps:
            below.setdefault(each.upper, []).append(each.lower)
        found: dict[int, None] = {}
        for index in order:
            chain = [index]
            while chain:  # the lowest of a chain comes first
                more = [lower for lower in below.get(chain[-1], ()) if lower not in found and lower not in chain]
                if more:
                    chain.append(more[0])
                else:
                    found[chain.pop()] = None
        yield list(found)


def best_greedy(problem: Problem, names: Sequence[str] = ORDER) -> Incumbent:
    """Try greedy rules until one meets the lower bound; the smallest arena, the first of equals. O(edges log edges)."""
    bound = lower_bound(problem)
    neighbors = interference_graph(problem)
    best: Incumbent | None = None
    for name in names:
        rule = RULES[name]
        for order in _orders(problem, order_of(problem, rule)):
            offsets = place_in_order(problem, neighbors, order, tightest=rule.tightest)
            height = height_of(problem, offsets)
            if best is None or height < best.height:
                best = Incumbent(offsets, height, name)
        if best is not None and best.height <= bound:
            break
    assert best is not None  # noqa: S101  there are names
    return best
