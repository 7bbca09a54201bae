"""Graph and order → program, in one go."""

from collections.abc import Sequence
from types import MappingProxyType

from mini_infer.ir import Graph
from mini_infer.lowering.contraction.timings import Tiles
from mini_infer.lowering.place import place
from mini_infer.lowering.select import Selector, select
from mini_infer.machine import GENERIC, Machine
from mini_infer.objective import BALANCED, Objective, Preference
from mini_infer.program import Program


def lower(  # noqa: PLR0913 - what a user decides, each by its name
    graph: Graph,
    order: Sequence[int] | None = None,
    *,
    machine: Machine = GENERIC,
    threads: int = 1,
    alignment: int = 64,
    in_place: bool = True,
    objective: Objective | Preference = BALANCED,
    exported_bytes: int = 0,
    tiles: Tiles = MappingProxyType({}),
) -> Program:
    """Select kernels for a graph, and place them in one order.

    Parameters are those of `Selector` and of `place`.
    """
    return place(
        select(graph, Selector(machine, threads, tiles)),
        order,
        alignment=alignment,
        in_place=in_place,
        objective=objective,
        exported_bytes=exported_bytes,
    )
