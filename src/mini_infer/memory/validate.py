"""Is a plan safe to run? This module shares no code with any strategy, and every plan goes through it."""

from collections.abc import Sequence
from typing import SupportsIndex

from mini_infer.errors import CapacityError, PlanError
from mini_infer.memory.clash import first_clash
from mini_infer.memory.plan import Plan


def validate(plan: Plan) -> None:
    """Check overlap, bounds, alignment, pins, pools and capacity. O(n log n).

    Raises
    ------
    PlanError
        The plan breaks a rule; the message names the buffers, the bytes and the steps.
    CapacityError
        The plan is sound but larger than the problem's capacity.
    """
    if not isinstance(plan, Plan):
        raise PlanError(f"a {type(plan).__name__} is no plan")
    problem = plan.problem
    if len(plan.offsets) != len(problem.buffers):
        raise PlanError(f"the plan has {len(plan.offsets)} offsets for {len(problem.buffers)} buffers")
    if plan.regions and len(plan.regions) != len(problem.buffers):
        raise PlanError(f"the plan has {len(plan.regions)} regions for {len(problem.buffers)} buffers")
    if problem.pools and problem.buffers and not plan.regions:
        raise PlanError("the problem has pools, but the plan does not say which buffer lives in which")
    for index, (offset, buffer) in enumerate(zip(plan.offsets, problem.buffers, strict=True)):
        if type(offset) is not int:
            _check_kind(buffer.id, offset)
        if offset < 0 or offset % buffer.alignment or buffer.offset is not None or plan.regions:
            _check_place(plan, index, offset)
    members: dict[str, Sequence[int]] = {"": range(len(problem.buffers))}
    if problem.pools:
        members = {pool: [i for i, region in enumerate(plan.regions) if region == pool] for pool in set(plan.regions)}
    capacities = {pool.name: pool.capacity for pool in problem.pools} or {"": problem.capacity}
    for region, indices in members.items():
        _check_apart(plan, indices)
        _check_capacity(plan, region, indices, capacities[region])


def _check_kind(name: str, offset: object) -> None:
    if isinstance(offset, bool) or not isinstance(offset, SupportsIndex):
        raise PlanError(f"{name!r} lies at offset {offset!r}, which is no integer")


def _check_place(plan: Plan, index: int, offset: int) -> None:
    buffer = plan.problem.buffers[index]
    if offset < 0:
        raise PlanError(f"{buffer.id!r} lies at offset {offset}, before the arena begins")
    if offset % buffer.alignment:
        raise PlanError(
            f"{buffer.id!r} lies at offset {offset}, which is no multiple of its alignment {buffer.alignment}"
        )
    if buffer.offset is not None and offset != buffer.offset:
        raise PlanError(f"{buffer.id!r} lies at offset {offset} but is pinned at {buffer.offset}")
    if plan.regions and plan.regions[index] not in plan.problem.pools_of(buffer):
        allowed = ", ".join(plan.problem.pools_of(buffer)) or "none"
        raise PlanError(f"{buffer.id!r} lies in pool {plan.regions[index]!r} but may only live in {allowed}")


def _check_apart(plan: Plan, indices: Sequence[int]) -> None:
    buffers = plan.problem.buffers
    owners = indices
    if not plan.problem.plain:
        owners = [index for index in indices for _ in buffers[index].intervals]
        lives = [interval for index in indices for interval in buffers[index].intervals]
        starts, ends = [start for start, _ in lives], [end for _, end in lives]
    else:
        starts, ends = [buffers[index].start for index in indices], [buffers[index].end for index in indices]
    bottoms = [plan.offsets[index] for index in owners]
    tops = [bottom + buffers[index].size for bottom, index in zip(bottoms, owners, strict=True)]
    clash = first_clash(starts, ends, bottoms, tops)
    if clash is not None:
        low, high = clash
        raise PlanError(
            f"{buffers[owners[low]].id!r} at [{bottoms[low]}, {tops[low]}) and {buffers[owners[high]].id!r} at "
            f"[{bottoms[high]}, {tops[high]}) share bytes while both live in steps "
            f"[{max(starts[low], starts[high])}, {min(ends[low], ends[high])})"
        )


def _check_capacity(plan: Plan, region: str, indices: Sequence[int], capacity: int | None) -> None:
    if capacity is None:
        return
    for index in indices:
        buffer = plan.problem.buffers[index]
        top = plan.offsets[index] + buffer.size
        if buffer.size and top > capacity:
            where = f"pool {region!r}" if region else "the arena"
            raise CapacityError(
                f"{buffer.id!r} at [{plan.offsets[index]}, {top}) ends beyond the {capacity} bytes of {where}; "
                f"allow {top} bytes, or make the problem smaller"
            )
