"""From a problem to a checked plan."""

from collections.abc import Callable
from dataclasses import replace

from mini_infer import clock
from mini_infer.errors import CapacityError, UsageError
from mini_infer.memory.bounds import lower_bound
from mini_infer.memory.limits import DEFAULT_SECONDS, Limits
from mini_infer.memory.plan import Placement, Plan
from mini_infer.memory.pools import place_in_pools
from mini_infer.memory.problem import Problem, byte_count, expect_problem
from mini_infer.memory.strategies import STRATEGIES
from mini_infer.memory.validate import validate

_MANY = 100_000
"""Buffers from which the bound is not computed anew where the strategy has one: sorting them takes a second."""


def solve(
    problem: Problem,
    strategy: str = "auto",
    *,
    capacity: int | str | None = None,
    time_limit: float = DEFAULT_SECONDS,
    progress: Callable[[str], None] | None = None,
) -> Plan:
    """Place the buffers of `problem` and check the result with the independent validator.

    Parameters
    ----------
    problem
        Buffers, and the capacity or pools.
    strategy
        A name in `STRATEGIES`.
    capacity
        Bytes the arena may have, such as 1048576 or ``"1M"``; overrides the problem's.
    time_limit
        CPU seconds that a search may take; 0 means cheap methods only. The limit is counted in steps, so the same
        input gives the same plan however busy the machine is (see `Budget` for the last resort).
    progress
        Called now and then, during a long search, with a line that says how far it has come.

    Returns
    -------
    Plan
        The best plan found, with its lower bound.

    Raises
    ------
    ProblemError
        It is no problem, or the capacity no number of bytes.
    UsageError
        The strategy is unknown, or the time limit no time.
    CapacityError
        No plan that fits the capacity was found.
    """
    plan = find_plan(problem, strategy, capacity=capacity, time_limit=time_limit, progress=progress)
    if plan.search.ended_by == "interrupt":
        raise KeyboardInterrupt
    check_capacity(plan)
    return plan


def find_plan(
    problem: Problem,
    strategy: str = "auto",
    *,
    capacity: int | str | None = None,
    time_limit: float = DEFAULT_SECONDS,
    progress: Callable[[str], None] | None = None,
) -> Plan:
    """Do what `solve` does, but also return a plan that is larger than the capacity, or that was interrupted.

    After a keyboard interrupt the best plan so far comes back, with ``search.ended_by == "interrupt"``; where there
    is none yet, the interrupt goes on.
    """
    expect_problem(problem, "solve")
    if not isinstance(strategy, str) or strategy not in STRATEGIES:
        raise UsageError(f"unknown strategy {strategy!r}; choose one of {', '.join(STRATEGIES)}")
    if capacity is not None:
        problem = replace(problem, capacity=byte_count(capacity, "the capacity"))
    limits = Limits(seconds=time_limit, capacity=problem.capacity, progress=progress)
    began = clock.seconds()
    plan = _solve_pools(problem, strategy, limits) if problem.pools else _solve_arena(problem, strategy, limits)
    plan = replace(plan, search=replace(plan.search, seconds=clock.seconds() - began))
    validate(plan if plan.fits else replace(plan, problem=replace(problem, capacity=None)))
    return plan


def check_capacity(plan: Plan) -> None:
    """Say why a plan is larger than its problem's capacity, if it is.

    Raises
    ------
    CapacityError
        With the proof that no plan fits, or with how long one was looked for.
    """
    if plan.fits:
        return
    capacity = plan.problem.capacity
    if capacity is not None and plan.lower_bound > capacity:
        crowd = plan.peak
        why = (
            f"the {len(crowd.live)} buffers alive in steps [{crowd.start}, {crowd.end}) take {crowd.size:,}"
            if crowd.size > capacity
            else "shown by exhaustive search"
        )
        raise CapacityError(
            f"no plan fits into {capacity:,} bytes: every plan needs {plan.lower_bound:,} or more ({why}); "
            f"the smallest plan found has {plan.size:,}"
        )
    raise CapacityError(
        f"no plan within {capacity:,} bytes was found in {plan.search.seconds:.1f} s, nor that there is none (the "
        f"lower bound is {plan.lower_bound:,}); the smallest has {plan.size:,}; allow that many, or search longer"
    )


def _solve_arena(problem: Problem, strategy: str, limits: Limits) -> Plan:
    placement = STRATEGIES[strategy](problem, limits)
    proved = placement.lower_bound
    if not proved or len(problem.buffers) < _MANY:
        proved = max(proved, lower_bound(problem))
    return Plan(
        problem,
        placement.offsets,
        strategy=placement.strategy or strategy,
        lower_bound=proved,
        pools=placement.pools,
        search=placement.search,
    )


def _solve_pools(problem: Problem, strategy: str, limits: Limits) -> Plan:
    def place(part: Problem) -> Placement:
        return STRATEGIES[strategy](part, replace(limits, capacity=part.capacity))

    offsets, regions, pools = place_in_pools(problem, place)
    return Plan(problem, offsets, strategy, lower_bound(problem), regions=regions, pools=pools)
