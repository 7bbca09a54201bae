"""The greedy rules one after another: what `auto` and `exact` start from."""

from collections.abc import Sequence

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


def best_greedy(problem: Problem, names: Sequence[str] = ORDER) -> Incumbent:
    """Try greedy rules until one meets the lower bound; the smallest arena, the first of equals. O(edges log edges)."""
    bound = lower_bound(problem)
    neighbors = interference_graph(problem)
    best: Incumbent | None = None
    for name in names:
        rule = RULES[name]
        offsets = place_in_order(problem, neighbors, order_of(problem, rule), tightest=rule.tightest)
        height = height_of(problem, offsets)
        if best is None or height < best.height:
            best = Incumbent(offsets, height, name)
        if best.height <= bound:
            break
    assert best is not None  # noqa: S101  there are names
    return best
