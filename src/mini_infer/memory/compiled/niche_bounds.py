"""What refutes a state of `niche_search`: floors that rise too far, Jackson's rule, and a known hash."""

import numpy as np

from mini_infer.memory.compiled.niche_state import FLOOR, LOWEST, Instance, State
from mini_infer.memory.compiled.table import Int, Ints
from mini_infer.memory.tier import compiled

_INFINITY = np.int64(1) << 62


@compiled
def raise_floors(
    instance: Instance,
    state: State,
    left: Int,
    right: Int,
    first: Int,
    capacity: Int,
    trail: Ints,
    used: Int,
    lowest_floor: Ints,
) -> tuple[Int, Int]:
    """Raise floors and lowest offsets to a fixpoint; return the trail's length and a failing section or -1.

    Stops early, which is sound, where the trail is almost full.
    """
    start, end, lowest, floor = instance.start, instance.end, state.lowest, state.floor
    count = len(start)
    while used + 2 * (count + len(floor)) < len(trail):
        lowest_floor[left:right] = _INFINITY
        buffer = first
        while buffer < count and start[buffer] < right:
            height = lowest[buffer]
            for section in range(start[buffer], end[buffer]):
                height = max(height, floor[section])
            if height > lowest[buffer]:
                trail[used, 0], trail[used, 1], trail[used, 2] = LOWEST, buffer, lowest[buffer]
                used += 1
                lowest[buffer] = height
            for section in range(start[buffer], end[buffer]):
                lowest_floor[section] = min(lowest_floor[section], height)
            buffer = state.next[buffer]
        changed = False
        for section in range(left, right):
            if floor[section] < lowest_floor[section] < _INFINITY:
                trail[used, 0], trail[used, 1], trail[used, 2] = FLOOR, section, floor[section]
                used += 1
                floor[section] = lowest_floor[section]
                changed = True
                if floor[section] + state.total[section] > capacity:
                    return used, section
        if not changed:
            break
    return used, -1


@compiled
def overfull(
    instance: Instance, state: State, left: Int, right: Int, first: Int, capacity: Int, order: Ints, load: Ints
) -> Int:
    """Jackson's rule: from the highest lowest-offset down, what must lie load it has to fit. A section or -1."""
    start, end, lowest = instance.start, instance.end, state.lowest
    found = 0
    buffer = first
    while buffer < len(start) and start[buffer] < right:
        at = found
        while at > 0 and lowest[order[at - 1]] < lowest[buffer]:
            order[at] = order[at - 1]
            at -= 1
        order[at] = buffer
        found += 1
        buffer = state.next[buffer]
    load[left:right] = 0
    for at in range(found):
        buffer = order[at]
        available = capacity - lowest[buffer]
        for section in range(start[buffer], end[buffer]):
            load[section] += instance.size[buffer]
            if load[section] > available:
                return section
    return -1


@compiled
def hash_of(instance: Instance, state: State, left: Int, right: Int, first: Int) -> tuple[Int, Int]:
    """Hash the unplaced buffers of a part with their lowest offsets; also return the part's total width."""
    total = np.uint64(left) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(right)
    width: Int = 0
    buffer = first
    while buffer < len(instance.start) and instance.start[buffer] < right:
        mixed = np.uint64(buffer + 1) * np.uint64(0x9E3779B97F4A7C15)
        mixed += np.uint64(state.lowest[buffer]) * np.uint64(0xC2B2AE3D27D4EB4F)
        mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(32))) * np.uint64(0x94D049BB133111EB)
        total += mixed ^ (mixed >> np.uint64(31))
        width += instance.end[buffer] - instance.start[buffer]
        buffer = state.next[buffer]
    return total, width
