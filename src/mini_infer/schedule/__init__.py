"""The order in which nodes run: a strategy is a function from a graph to node indices."""

from collections.abc import Callable

from mini_infer.ir import Graph

Order = tuple[int, ...]
"""Indices of the graph's nodes in execution order."""

Strategy = Callable[[Graph], Order]


def exported(graph: Graph) -> Order:
    """The order of the exported model."""
    return tuple(range(len(graph.nodes)))


STRATEGIES: dict[str, Strategy] = {"exported": exported}
"""Name → strategy."""

__all__ = ["STRATEGIES", "Order", "Strategy", "exported"]
