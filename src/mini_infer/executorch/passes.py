"""ExecuTorch's memory planning pass, with a validator, and our planner where none is given."""

from collections.abc import Callable
from typing import Any

from executorch.exir.memory_planning import MemoryPlanningAlgorithmSuite
from executorch.exir.passes import MemoryPlanningPass as _MemoryPlanningPass

from mini_infer import memory
from mini_infer.errors import UsageError
from mini_infer.executorch.checked import checked
from mini_infer.executorch.planner import MemoryPlan, Planner


class MemoryPlanningPass(_MemoryPlanningPass):  # type: ignore[misc] # the library has no types
    """Plans the memory of a program, and refuses any plan that is not safe.

    Parameters
    ----------
    memory_planning_algo
        An algorithm as ExecuTorch's own pass takes it, such as a `MemoryPlanningAlgorithmSuite`; default: `Planner`.
    banks, strategy, time_limit
        Of the `Planner`, where no algorithm is given.
    others
        What ExecuTorch's pass takes: `alloc_graph_input`, `alloc_graph_output`, `alignment`, …

    Attributes
    ----------
    plans
        What the `Planner` planned, submodules first.

    Raises
    ------
    UsageError
        Both an algorithm and what a `Planner` takes are given.
    """

    def __init__(
        self,
        memory_planning_algo: Callable[..., Any] | None = None,
        *,
        banks: Any = None,
        strategy: str = "auto",
        time_limit: float = memory.Limits().seconds,
        **others: Any,
    ) -> None:
        self.plans: list[MemoryPlan] = []
        if memory_planning_algo is None:
            planner = Planner(banks, strategy=strategy, time_limit=time_limit)
            self.plans = planner.plans
            memory_planning_algo = MemoryPlanningAlgorithmSuite([planner])
        elif banks is not None:
            raise UsageError("an algorithm is given, and banks for another one: give either")
        super().__init__(checked(memory_planning_algo), **others)
