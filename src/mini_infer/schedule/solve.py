"""From a problem to a checked order."""

from dataclasses import dataclass

from mini_infer import clock
from mini_infer.errors import UsageError
from mini_infer.ir import Graph
from mini_infer.schedule.decompose import by_pieces
from mini_infer.schedule.graph import of_graph
from mini_infer.schedule.limits import DEFAULT_SECONDS, Budget, Found
from mini_infer.schedule.problem import Order, OrderProblem
from mini_infer.schedule.strategies import STRATEGIES


@dataclass(frozen=True, slots=True)
class Schedule:
    """An order, and what is known of it.

    Parameters
    ----------
    order
        Indices of the nodes.
    peak, lower_bound
        Bytes of the largest step, and bytes that no order stays below.
    strategy
        What was asked for.
    states
        Sets of nodes that the search looked at.
    seconds
        CPU seconds that it all took.
    timed_out
        Whether the clock ended the search: on another day the order may be another.
    """

    order: Order
    peak: int
    lower_bound: int
    strategy: str
    states: int
    seconds: float
    timed_out: bool

    @property
    def optimal(self) -> bool:
        """Whether no order has a smaller peak, and that is proved."""
        return self.peak == self.lower_bound


def solve(problem: Graph | OrderProblem, strategy: str = "auto", *, time_limit: float = DEFAULT_SECONDS) -> Schedule:
    """Order the nodes for a small peak, and check the order.

    Parameters
    ----------
    problem
        A graph (see `of_graph` for what counts), or what to order.
    strategy
        A name in `STRATEGIES`.
    time_limit
        Seconds that a search may take; 0 means cheap methods only. The limit is counted in states, so that the same
        problem gives the same order however busy the machine is (see `Budget` for the last resort).

    Raises
    ------
    UsageError
        The strategy is unknown, or the time limit negative.
    """
    if strategy not in STRATEGIES:
        raise UsageError(f"unknown order {strategy!r}; choose one of {', '.join(STRATEGIES)}")
    if not time_limit >= 0:
        raise UsageError(f"a time limit of {time_limit} s: choose 0 or more")
    began = clock.seconds()
    if isinstance(problem, Graph):
        problem = of_graph(problem)
    budget = Budget(time_limit)
    found = STRATEGIES[strategy](problem, budget)
    peak = problem.peak(found.order)
    bound = found.lower_bound or by_pieces(problem, lambda piece, floor: Found(piece.exported, floor)).lower_bound
    return Schedule(found.order, peak, bound, strategy, budget.states, clock.seconds() - began, budget.timed_out)
