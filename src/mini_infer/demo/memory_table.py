"""What fusion saves and what planning saves, apart: the model's memory with each off and on."""

from dataclasses import dataclass
from typing import Any

from mini_infer import memory
from mini_infer.report.samples import saving_ratio
from mini_infer.report.sizes import exact_bytes, percent
from mini_infer.report.table import format_table

TABLE_SCHEMA = "mini-infer/demo-memory/1"


@dataclass(frozen=True, slots=True)
class Row:
    """One way to run the model, and the plan of its buffers; without planning each has a place of its own."""

    fusion: bool
    planning: bool
    plan: memory.Plan


@dataclass(frozen=True, slots=True)
class MemoryTable:
    """The four rows, and the pools that greedy coloring makes of the unfused graph.

    Attributes
    ----------
    exported_bytes
        Every intermediate tensor of the model as exported, a buffer each.
    rows
        Fusion off, then on; in each, planning off, then on.
    coloring
        The unfused graph's buffers under the `coloring` strategy.
    """

    exported_bytes: int
    rows: tuple[Row, ...]
    coloring: memory.Plan

    def bytes(self, *, fusion: bool, planning: bool) -> int:
        """Bytes of the arena in one row."""
        return self.rows[2 * fusion + planning].plan.size

    def planning_saving(self, *, fusion: bool) -> float:
        """What planning alone saves: 1 - planned / not planned."""
        return saving_ratio(self.bytes(fusion=fusion, planning=True), self.bytes(fusion=fusion, planning=False))

    @property
    def saving(self) -> float:
        """What fusion and planning save together: 1 - arena / exported."""
        return saving_ratio(self.bytes(fusion=True, planning=True), self.exported_bytes)

    @property
    def optimal(self) -> bool:
        """Whether both planned arenas are as small as their lower bound."""
        return all(row.plan.optimal for row in self.rows if row.planning)

    def pools(self) -> list[tuple[str, int, list[str]]]:
        """Name, bytes and members of each pool of the coloring."""
        buffers = self.coloring.problem.buffers
        return [(pool.name, pool.size, [buffers[index].id for index in pool.members]) for pool in self.coloring.pools]


def memory_record(table: MemoryTable, model: str) -> dict[str, Any]:
    """The table as JSON, in bytes."""
    return {
        "schema": TABLE_SCHEMA,
        "model": model,
        "exported_bytes": table.exported_bytes,
        "rows": [
            {
                "fusion": row.fusion,
                "planning": row.planning,
                "strategy": row.plan.strategy,
                "bytes": row.plan.size,
                "buffers": len(row.plan.problem.buffers),
                "lower_bound_bytes": row.plan.lower_bound,
                "optimal": row.plan.optimal,
                "saving_ratio": saving_ratio(row.plan.size, table.exported_bytes),
            }
            for row in table.rows
        ],
        "saving_ratio": table.saving,
        "planning_saving_ratio": {
            "fusion_off": table.planning_saving(fusion=False),
            "fusion_on": table.planning_saving(fusion=True),
        },
        "coloring": {
            "bytes": table.coloring.size,
            "pools": [{"name": name, "bytes": size, "members": members} for name, size, members in table.pools()],
        },
    }


def memory_text(table: MemoryTable) -> str:
    """The table and the pools for a terminal."""
    rows = [("fusion", "planning", "strategy", "buffers", "arena", "bound", "saved of exported")]
    rows += [
        (
            "on" if row.fusion else "off",
            "on" if row.planning else "off",
            row.plan.strategy,
            str(len(row.plan.problem.buffers)),
            exact_bytes(row.plan.size),
            exact_bytes(row.plan.lower_bound),
            percent(saving_ratio(row.plan.size, table.exported_bytes)),
        )
        for row in table.rows
    ]
    pools = [(name, exact_bytes(size), ", ".join(members)) for name, size, members in table.pools()]
    lines = [
        f"memory in bytes; the exported model, every tensor a buffer of its own: {exact_bytes(table.exported_bytes)}",
        *format_table(rows, "<<<>>>>", indent=""),
        f"coloring the unfused graph: {len(pools)} pools, {exact_bytes(table.coloring.size)} bytes",
        *format_table(pools, "<><", indent=""),
    ]
    return "\n".join(lines)
