"""Which buffer lives in which pool: fill the first, spill as little traffic as possible to the next.

A pool takes everything that may live there if a plan within its capacity is found. Otherwise some
buffers go elsewhere; sets of them are tried in the order of their traffic (uniform-cost search), so the
first set whose absence makes room has the least. Where a section holds more bytes than the pool,
one of the buffers alive there has to go: that keeps the sets few. Past a limit of sets a greedy choice
takes over: buffers enter the pool one after another, in several orders, where there is room. What has
little traffic may be large: where it finds no room in the next pools, as few bytes as possible are spilled
instead.
"""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import replace
from operator import attrgetter

from mini_infer.errors import CapacityError
from mini_infer.memory.bounds import lower_bound
from mini_infer.memory.interference import interference_graph
from mini_infer.memory.liveness import peak
from mini_infer.memory.plan import PlacedPool, Placement, Plan
from mini_infer.memory.problem import Buffer, Pool, Problem
from mini_infer.memory.strategies.greedy import hole

Place = Callable[[Problem], Placement]
Worth = Callable[[Buffer], int]

_SETS = 400  # tried before the greedy choice takes over

_ENTRY_ORDERS: tuple[Callable[[Buffer], tuple[int, ...]], ...] = (
    lambda buffer: (-buffer.size,),
    lambda buffer: (buffer.end - buffer.start, -buffer.size),
    lambda buffer: ((buffer.end - buffer.start) * buffer.size,),
    lambda buffer: (buffer.start,),
    lambda buffer: (-buffer.worth,),
)


def place_in_pools(problem: Problem, place: Place) -> tuple[tuple[int, ...], tuple[str, ...], tuple[PlacedPool, ...]]:
    """Choose a pool and an offset for every buffer; return offsets, pool names, and the pools with their members.

    `place` solves one pool; it is given problems with a capacity and without pools.

    Raises
    ------
    CapacityError
        Some buffers found no room in any pool they may live in.
    """
    if all(buffer.traffic is None for buffer in problem.buffers):
        return _place(problem, place, attrgetter("size"))
    try:
        return _place(problem, place, attrgetter("worth"))
    except CapacityError:
        return _place(problem, place, attrgetter("size"))


def _place(
    problem: Problem, place: Place, worth: Worth
) -> tuple[tuple[int, ...], tuple[str, ...], tuple[PlacedPool, ...]]:
    """Do what `place_in_pools` does, with as little as possible of what buffers are worth outside the first pools."""
    buffers = problem.buffers
    offsets = [0] * len(buffers)
    regions = [""] * len(buffers)
    placed: list[PlacedPool] = []
    left = list(range(len(buffers)))
    for number, pool in enumerate(problem.pools):
        later = {other.name for other in problem.pools[number + 1 :]}
        wish = [i for i in left if pool.name in problem.pools_of(buffers[i])]
        movable = {i for i in wish if later & set(problem.pools_of(buffers[i])) and buffers[i].offset is None}
        inside = _fill(problem, pool, wish, movable, place, worth)
        for index, offset in inside.items():
            offsets[index], regions[index] = offset, pool.name
        size = max((inside[i] + buffers[i].size for i in inside if buffers[i].size), default=0)
        members = tuple(sorted(inside))
        placed.append(PlacedPool(pool.name, 0, size, members, lower_bound(_part(problem, pool, members))))
        left = [i for i in left if i not in inside]
    return tuple(offsets), tuple(regions), tuple(placed)


def _fill(
    problem: Problem, pool: Pool, wish: list[int], movable: set[int], place: Place, worth: Worth
) -> dict[int, int]:
    """Return offsets for the buffers of `wish` that stay in `pool`; all but the movable ones have to."""
    # Pairs of (what those are worth that are sent elsewhere, their set), the least first.
    queue: list[tuple[int, tuple[int, ...]]] = [(0, ())]
    seen: set[tuple[int, ...]] = {()}
    for _ in range(_SETS):
        if not queue:
            break
        spilled, gone = heapq.heappop(queue)
        stay = [i for i in wish if i not in gone]
        part = _part(problem, pool, stay)
        crowd = peak(part)
        if pool.capacity is None or crowd.size <= pool.capacity:
            found = place(part)
            if _fits(part, found.offsets):
                return dict(zip(stay, found.offsets, strict=True))
            candidates = [i for i in stay if i in movable]
        else:
            candidates = [stay[i] for i in crowd.live if stay[i] in movable]
        for index in candidates:
            bigger = tuple(sorted((*gone, index)))
            if bigger not in seen and problem.buffers[index].size:
                seen.add(bigger)
                heapq.heappush(queue, (spilled + worth(problem.buffers[index]), bigger))
    return _fill_greedily(problem, pool, wish, movable, worth)


def _fill_greedily(problem: Problem, pool: Pool, wish: list[int], movable: set[int], worth: Worth) -> dict[int, int]:
    buffers = problem.buffers
    must = [i for i in wish if i not in movable]
    best: dict[int, int] = {}
    for key in _ENTRY_ORDERS:
        part = _part(problem, pool, wish)
        neighbors = interference_graph(part)
        inside = {at: buffer.offset for at, buffer in enumerate(part.buffers) if buffer.offset is not None}
        order = sorted(range(len(wish)), key=lambda at: (wish[at] in movable, *key(buffers[wish[at]]), at))
        for at in order:
            if at in inside:
                continue
            buffer = part.buffers[at]
            others = [o for o in neighbors[at] if o in inside and part.buffers[o].size]
            offset = hole([(inside[o], inside[o] + part.buffers[o].size) for o in others], buffer)
            if pool.capacity is None or offset + buffer.size <= pool.capacity:
                inside[at] = offset
        stays = {wish[at]: offset for at, offset in inside.items()}
        missing = next((i for i in must if i not in stays), None)
        if missing is None and (not best or _total(buffers, stays, worth) > _total(buffers, best, worth)):
            best = stays
    if not best and must:
        first = buffers[must[0]]
        raise CapacityError(
            f"{first.id!r} ({first.size:,} bytes) and {len(must) - 1} others have to live in pool {pool.name!r}, and "
            f"no plan within its {pool.capacity:,} bytes was found; raise its capacity, or let them live elsewhere"
        )
    return best


def _part(problem: Problem, pool: Pool, stay: Sequence[int]) -> Problem:
    at = {index: place for place, index in enumerate(stay)}
    overlaps = (
        replace(each, lower=at[each.lower], upper=at[each.upper])
        for each in problem.overlaps
        if each.lower in at and each.upper in at
    )
    buffers = (replace(problem.buffers[i], pools=()) for i in stay)
    return Problem(tuple(buffers), capacity=pool.capacity, overlaps=tuple(overlaps))


def _fits(part: Problem, offsets: Sequence[int]) -> bool:
    return part.capacity is None or all(
        offset + buffer.size <= part.capacity
        for offset, buffer in zip(offsets, part.buffers, strict=True)
        if buffer.size
    )


def _total(buffers: Sequence[Buffer], indices: dict[int, int], worth: Worth) -> int:
    return sum(worth(buffers[index]) for index in indices)


def spilled(plan: Plan) -> int:
    """Bytes of the buffers that do not live in the first of the pools they may live in."""
    return sum(
        buffer.size
        for buffer, region in zip(plan.problem.buffers, plan.regions, strict=True)
        if region != plan.problem.pools_of(buffer)[0]
    )
