"""The order in which nodes run, chosen for the smallest peak.

`STRATEGIES` are functions from a graph to node indices; `solve` says besides what peak an order has and whether that is
proved to be the smallest.
"""

from collections.abc import Callable, Mapping
from functools import partial

from mini_infer.ir import Graph
from mini_infer.schedule import strategies
from mini_infer.schedule.bound import lower_bound
from mini_infer.schedule.graph import of_graph
from mini_infer.schedule.problem import OUTSIDE, Order, OrderProblem
from mini_infer.schedule.solve import Schedule, solve

Strategy = Callable[[Graph], Order]


def _order(graph: Graph, strategy: str) -> Order:
    return solve(graph, strategy).order


STRATEGIES: Mapping[str, Strategy] = {name: partial(_order, strategy=name) for name in strategies.STRATEGIES}
"""Name → strategy."""

__all__ = [
    "OUTSIDE",
    "STRATEGIES",
    "Order",
    "OrderProblem",
    "Schedule",
    "Strategy",
    "lower_bound",
    "of_graph",
    "solve",
]
