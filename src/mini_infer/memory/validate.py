"""Is a plan safe to run? This module shares no code with any strategy, and every plan goes through it."""

from collections.abc import Sequence
from typing import SupportsIndex

from mini_infer.errors import CapacityError, PlanError
from mini_infer.memory.clash import first_clash
from mini_infer.memory.plan import Plan
from mini_infer.memory.problem import Buffer


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
    if plan.problem.overlaps:
        _check_overlaps(plan, indices)
        return
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
        steps = max(starts[low], starts[high]), min(ends[low], ends[high])
        raise PlanError(_shared(plan, owners[low], owners[high], *steps))


def _check_overlaps(plan: Plan, indices: Sequence[int]) -> None:
    """Check that buffers are apart but for overlaps, and that these keep their distance. O(n^2)."""
    buffers, offsets = plan.problem.buffers, plan.offsets
    allowed = {frozenset((each.lower, each.upper)): each for each in plan.problem.overlaps}
    by_birth = sorted((index for index in indices if buffers[index].size), key=lambda index: buffers[index].start)
    alive: list[int] = []
    for index in by_birth:
        alive = [other for other in alive if buffers[other].end > buffers[index].start]
        for other in alive:
            low, high = sorted((index, other), key=lambda each: offsets[each])
            meets = _first_meeting(buffers[low], buffers[high])
            if meets is None or offsets[high] >= offsets[low] + buffers[low].size:
                continue
            pair = allowed.get(frozenset((low, high)))
            if pair is None:
                raise PlanError(_shared(plan, low, high, *meets))
            if offsets[pair.lower] + pair.distance > offsets[pair.upper]:
                lower, upper = buffers[pair.lower].id, buffers[pair.upper].id
                raise PlanError(
                    f"{lower!r} at {offsets[pair.lower]} and {upper!r} at {offsets[pair.upper]} share bytes in steps "
                    f"[{meets[0]}, {meets[1]}); the first must begin {pair.distance} bytes below the second, or more"
                )
        alive.append(index)


def _first_meeting(one: Buffer, other: Buffer) -> tuple[int, int] | None:
    """The first steps in which both live, if there are any."""
    for start, end in one.intervals:
        for begin, stop in other.intervals:
            if start < stop and begin < end:
                return max(start, begin), min(end, stop)
    return None


def _shared(plan: Plan, low: int, high: int, start: int, end: int) -> str:
    """What is wrong with two buffers that share bytes in steps `[start, end)`."""
    first, second = (
        f"{plan.problem.buffers[index].id!r} at "
        f"[{plan.offsets[index]}, {plan.offsets[index] + plan.problem.buffers[index].size})"
        for index in (low, high)
    )
    return f"{first} and {second} share bytes while both live in steps [{start}, {end})"


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
