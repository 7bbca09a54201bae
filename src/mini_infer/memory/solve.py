"""From a problem to a checked plan."""

import time
from dataclasses import replace

from mini_infer.errors import UsageError
from mini_infer.memory.bounds import lower_bound
from mini_infer.memory.limits import DEFAULT_SECONDS, Limits
from mini_infer.memory.plan import Plan
from mini_infer.memory.problem import Problem
from mini_infer.memory.strategies import STRATEGIES
from mini_infer.memory.validate import validate


def solve(
    problem: Problem,
    strategy: str = "auto",
    *,
    capacity: int | None = None,
    time_limit: float = DEFAULT_SECONDS,
) -> Plan:
    """Place the buffers of `problem` and check the result with the independent validator.

    Parameters
    ----------
    problem
        Buffers, and the capacity or pools.
    strategy
        A name in `STRATEGIES`.
    capacity
        Bytes the arena may have; overrides the problem's.
    time_limit
        Seconds a search may take, as a last resort; 0 means cheap methods only.

    Returns
    -------
    Plan
        The best plan found, with its lower bound.

    Raises
    ------
    UsageError
        The strategy is unknown.
    CapacityError
        No plan that fits the capacity was found.
    """
    if strategy not in STRATEGIES:
        raise UsageError(f"unknown strategy {strategy!r}; choose one of {', '.join(STRATEGIES)}")
    if capacity is not None:
        problem = replace(problem, capacity=capacity)
    began = time.perf_counter()
    placement = STRATEGIES[strategy](problem, Limits(seconds=time_limit, capacity=problem.capacity))
    plan = Plan(
        problem,
        placement.offsets,
        strategy=placement.strategy or strategy,
        lower_bound=max(lower_bound(problem), placement.lower_bound),
        pools=placement.pools,
        search=replace(placement.search, seconds=time.perf_counter() - began),
    )
    validate(plan)
    return plan
