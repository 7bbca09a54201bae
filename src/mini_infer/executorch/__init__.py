"""Memory planning for ExecuTorch: proved plans, memories as banks, and a validator for anybody's plan.

::

    from executorch.exir import ExecutorchBackendConfig
    from mini_infer.executorch import MemoryPlanningPass

    planning = MemoryPlanningPass()
    program = edge.to_executorch(ExecutorchBackendConfig(memory_planning_pass=planning))
    for each in planning.plans:
        print(each.memory, each.plan.size, each.plan.lower_bound, each.plan.optimal)

The package `executorch` is imported when it is first used.
"""

from typing import TYPE_CHECKING, Any

from mini_infer.executorch.banks import Banks
from mini_infer.executorch.checked import check, checked
from mini_infer.executorch.planner import MemoryPlan, Planner

if TYPE_CHECKING:
    from mini_infer.executorch.passes import MemoryPlanningPass

__all__ = ["Banks", "MemoryPlan", "MemoryPlanningPass", "Planner", "check", "checked"]


def __getattr__(name: str) -> Any:
    """The pass is a class of ExecuTorch's, made when it is asked for."""
    if name != "MemoryPlanningPass":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from mini_infer.executorch.library import library

    library("memory_planning")
    from mini_infer.executorch.passes import MemoryPlanningPass

    return MemoryPlanningPass
