"""Plans as JSON; the schema is `docs/schemas/plan.json`."""

from typing import Any

from mini_infer.ir.dims import greatest
from mini_infer.ordering import is_optimal
from mini_infer.report.facts import aliases, buffer_kinds
from mini_infer.report.plan.extents import Extents, extents_record
from mini_infer.report.plan.peak import reasons_record
from mini_infer.report.samples import saving_ratio
from mini_infer.report.streams import stream_record, streaming_steps
from mini_infer.runtime import Memory, Variant

PLAN_SCHEMA = "mini-infer/plan/1"
"""Name and version; the version changes when a key changes its meaning or goes."""


def plan_record(model: str, variant: Variant, memory: Memory, extents: Extents | None = None) -> dict[str, Any]:
    """Everything about a plan: its sizes, its peak, and where each buffer lies. Sizes and offsets are bytes.

    Where dimensions have ranges, they are those of the largest sizes; `extents` says what others take.
    """
    program, plan = variant.program, variant.plan
    buffers = plan.problem.buffers
    peak = plan.peak
    return {
        "schema": PLAN_SCHEMA,
        "model": model,
        "strategy": plan.strategy,
        "arena_bytes": plan.size,
        "lower_bound_bytes": plan.lower_bound,
        "optimal": plan.optimal,
        "order_optimal": is_optimal(program),
        "unplanned_bytes": plan.unplanned,
        "exported_bytes": program.exported_bytes,
        "weight_bytes": memory.weights,
        "state_bytes": memory.state,
        "input_bytes": memory.inputs,
        "output_bytes": memory.outputs,
        "total_bytes": memory.total,
        "saving_ratio": saving_ratio(plan.size, program.exported_bytes),
        "planning_saving_ratio": saving_ratio(plan.size, plan.unplanned),
        "pools": [
            {
                "name": pool.name,
                "offset": pool.offset,
                "size": pool.size,
                "members": [buffers[index].id for index in pool.members],
            }
            for pool in plan.pools
        ],
        "peak": {
            "step": peak.start,
            "node": program.steps[peak.start].node.name if peak.live else None,
            "live": [buffers[index].id for index in peak.live],
            "why": reasons_record(program, plan),
        },
        "buffers": [
            {
                "id": buffer.id,
                "kind": kind,
                "size": buffer.size,
                "start": buffer.start,
                "end": buffer.end,
                "offset": offset,
                "alignment": buffer.alignment,
            }
            for buffer, kind, offset in zip(buffers, buffer_kinds(program), plan.offsets, strict=True)
        ],
        "overlaps": [
            {"lower": buffers[each.lower].id, "upper": buffers[each.upper].id, "distance": each.distance}
            for each in plan.problem.overlaps
        ],
        "streams": [
            {"step": index, "node": step.node.name, **(stream_record(program, step) or {})}
            for index, step, _ in streaming_steps(program)
        ],
        "aliases": [
            {"value": alias.value, "of": alias.of, "offset": greatest(alias.offset)} for alias in aliases(program)
        ],
        **({} if extents is None else extents_record(extents, program, memory.weights)),
    }
