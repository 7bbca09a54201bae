"""Ways to order nodes, one per file."""

from collections.abc import Callable, Mapping

from mini_infer.schedule.limits import Budget, Found
from mini_infer.schedule.problem import OrderProblem
from mini_infer.schedule.strategies import auto, beam, breadth_first, depth_first, exact, exported, greedy

Strategy = Callable[[OrderProblem, Budget], Found]

STRATEGIES: Mapping[str, Strategy] = {
    "exported": exported.order,
    "depth-first": depth_first.order,
    "breadth-first": breadth_first.order,
    "greedy": greedy.order,
    "beam": beam.order,
    "exact": exact.order,
    "auto": auto.order,
}
"""Name → strategy."""
