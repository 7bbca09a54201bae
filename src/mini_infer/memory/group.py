"""Several models, one arena."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import lcm

from mini_infer.memory.limits import DEFAULT_SECONDS
from mini_infer.memory.plan import Plan
from mini_infer.memory.problem import Problem, align_up
from mini_infer.memory.solve import solve


@dataclass(frozen=True, slots=True)
class Group:
    """Plans that share one arena: model `name` has its bytes from `bases[name]` on. `size` in bytes."""

    plans: Mapping[str, Plan]
    bases: Mapping[str, int]
    size: int


def solve_group(
    problems: Mapping[str, Problem],
    *,
    concurrent: bool = False,
    strategy: str = "auto",
    time_limit: float = DEFAULT_SECONDS,
) -> Group:
    """Plan an arena for several problems, each without pools.

    Parameters
    ----------
    problems
        By name.
    concurrent
        Whether the models may run at the same time. Then every model has bytes of its own, and the arena is
        the sum of theirs (each begins at a multiple of its alignments); otherwise all begin at 0, and the
        arena is the largest of them.
    strategy, time_limit
        As in `solve`, for each problem.

    Raises
    ------
    CapacityError
        A problem does not fit its own capacity.
    """
    plans = {name: solve(problem, strategy, time_limit=time_limit) for name, problem in problems.items()}
    bases: dict[str, int] = {}
    size = 0
    for name, plan in plans.items():
        alignment = lcm(*(buffer.alignment for buffer in plan.problem.buffers))
        bases[name] = align_up(size, alignment) if concurrent else 0
        size = max(size, bases[name] + plan.size)
    return Group(plans, bases, size)
