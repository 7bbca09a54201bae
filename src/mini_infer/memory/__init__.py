"""The static memory planner, usable on its own: it knows nothing of graphs, models or numpy.

>>> problem = Problem((Buffer("a", 100, 0, 2), Buffer("b", 50, 1, 3), Buffer("c", 100, 2, 4)))
>>> plan = solve(problem)
>>> plan.offsets, plan.size, plan.lower_bound, plan.optimal
((0, 100, 0), 150, 150, True)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mini_infer.memory.bounds import lower_bound
from mini_infer.memory.group import Group, solve_group
from mini_infer.memory.interference import interference_graph, to_networkx
from mini_infer.memory.limits import Limits
from mini_infer.memory.liveness import Peak, alive_bytes, peak, peak_bytes, peak_of
from mini_infer.memory.overlap import Overlap
from mini_infer.memory.plan import Place, PlacedPool, Placement, Plan, Search
from mini_infer.memory.pools import spilled
from mini_infer.memory.problem import Buffer, Pool, Problem
from mini_infer.memory.solve import check_capacity, find_plan, solve
from mini_infer.memory.strategies import STRATEGIES, Strategy
from mini_infer.memory.validate import validate

if TYPE_CHECKING:
    from mini_infer.memory.csv import read_csv, read_csv_plan, write_csv
    from mini_infer.memory.json import read_json, read_json_plan, write_json

__all__ = [
    "STRATEGIES",
    "Buffer",
    "Group",
    "Limits",
    "Overlap",
    "Peak",
    "Place",
    "PlacedPool",
    "Placement",
    "Plan",
    "Pool",
    "Problem",
    "Search",
    "Strategy",
    "alive_bytes",
    "check_capacity",
    "find_plan",
    "interference_graph",
    "lower_bound",
    "peak",
    "peak_bytes",
    "peak_of",
    "read_csv",
    "read_csv_plan",
    "read_json",
    "read_json_plan",
    "solve",
    "solve_group",
    "spilled",
    "to_networkx",
    "validate",
    "write_csv",
    "write_json",
]

_FILES = {
    **dict.fromkeys(("read_csv", "read_csv_plan", "write_csv"), "mini_infer.memory.csv"),
    **dict.fromkeys(("read_json", "read_json_plan", "write_json"), "mini_infer.memory.json"),
}
"""Imported where they are used: what they need of the standard library takes longer to import than all the rest."""


def __getattr__(name: str) -> Any:
    if name not in _FILES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_FILES[name]), name)


def __dir__() -> list[str]:
    """The public names, those among them that are not imported yet."""
    return sorted({*globals(), *__all__})
