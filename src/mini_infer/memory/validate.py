"""Is a plan safe to run? This module shares no code with any strategy, and every plan goes through it."""

from mini_infer.errors import CapacityError, PlanError
from mini_infer.memory.clash import Rectangle, first_clash
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
    problem = plan.problem
    if len(plan.offsets) != len(problem.buffers):
        raise PlanError(f"the plan has {len(plan.offsets)} offsets for {len(problem.buffers)} buffers")
    if plan.regions and len(plan.regions) != len(problem.buffers):
        raise PlanError(f"the plan has {len(plan.regions)} regions for {len(problem.buffers)} buffers")
    if problem.pools and problem.buffers and not plan.regions:
        raise PlanError("the problem has pools, but the plan does not say which buffer lives in which")
    for index, offset in enumerate(plan.offsets):
        _check_place(plan, index, offset)
    members: dict[str, list[int]] = {}
    for index in range(len(problem.buffers)):
        members.setdefault(plan.regions[index] if plan.regions else "", []).append(index)
    capacities = {pool.name: pool.capacity for pool in problem.pools} or {"": problem.capacity}
    for region, indices in members.items():
        _check_apart(plan, indices)
        _check_capacity(plan, region, indices, capacities[region])


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


def _check_apart(plan: Plan, indices: list[int]) -> None:
    buffers = plan.problem.buffers
    clash = first_clash(
        [
            Rectangle(start, end, plan.offsets[index], plan.offsets[index] + buffers[index].size, index)
            for index in indices
            for start, end in buffers[index].intervals
        ]
    )
    if clash is None:
        return
    low, high = clash
    raise PlanError(
        f"{buffers[low.owner].id!r} at [{low.bottom}, {low.top}) and {buffers[high.owner].id!r} at "
        f"[{high.bottom}, {high.top}) share bytes while both live in steps "
        f"[{max(low.start, high.start)}, {min(low.end, high.end)})"
    )


def _check_capacity(plan: Plan, region: str, indices: list[int], capacity: int | None) -> None:
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
