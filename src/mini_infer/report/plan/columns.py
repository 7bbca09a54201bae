"""Problems and plans as the page's scripts read them: one list per property of the buffers."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from mini_infer.memory import Plan, Problem


def problem_columns(problem: Problem) -> dict[str, Any]:
    """The buffers; what few of them have is a mapping from the buffer's index."""
    return {
        "ids": [buffer.id for buffer in problem.buffers],
        "sizes": [buffer.size for buffer in problem.buffers],
        "starts": [buffer.start for buffer in problem.buffers],
        "ends": [buffer.end for buffer in problem.buffers],
        "overlaps": [
            [each.lower, each.upper, each.distance, each.shared(problem.buffers)] for each in problem.overlaps
        ],
        "gaps": {index: buffer.intervals for index, buffer in enumerate(problem.buffers) if buffer.gaps},
    }


def plan_columns(name: str, plan: Plan) -> dict[str, Any]:
    """Where the buffers are drawn, and how good that is."""
    return {
        "name": name,
        "strategy": plan.strategy,
        "offsets": _offsets(plan),
        "size": plan.size,
        "bound": plan.lower_bound,
        "pools": [pool.name for pool in plan.pools],
    }


def _offsets(plan: Plan) -> Sequence[int]:
    """Where each buffer is drawn: at its offset, the regions of a memory hierarchy one after another."""
    if not plan.regions:
        return plan.offsets
    ends = accumulate(pool.size for pool in plan.pools)
    bases = {pool.name: end - pool.size for pool, end in zip(plan.pools, ends, strict=True)}
    return [bases[region] + offset for region, offset in zip(plan.regions, plan.offsets, strict=True)]
