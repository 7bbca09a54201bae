"""Several strategies, the smallest result; stops as soon as one meets the lower bound."""

from mini_infer.memory.bounds import lower_bound
from mini_infer.memory.interference import interference_graph
from mini_infer.memory.limits import Limits
from mini_infer.memory.plan import Placement
from mini_infer.memory.problem import Problem
from mini_infer.memory.strategies import greedy

CHEAP = ("greedy-by-size", "greedy-by-duration", "best-fit", "first-fit", "greedy-by-area", "greedy-by-breadth")


def place(problem: Problem, _limits: Limits) -> Placement:
    """Place by the rules of `CHEAP` one after another and keep the smallest arena, the first of equals."""
    bound = lower_bound(problem)
    neighbours = interference_graph(problem)
    best: Placement | None = None
    best_height = 0
    for name in CHEAP:
        rule = greedy.RULES[name]
        order = greedy.order_of(problem, neighbours, rule)
        offsets = greedy.place_in_order(problem, neighbours, order, tightest=rule.tightest)
        height = max((o + b.size for o, b in zip(offsets, problem.buffers, strict=True)), default=0)
        if best is None or height < best_height:
            best, best_height = Placement(offsets, strategy=name), height
        if best_height <= bound:
            break
    assert best is not None  # noqa: S101  CHEAP is not empty
    return best
