"""What may lie at an edge of a niche, which edge to branch at, and what it means to leave it empty."""

import numpy as np

from mini_infer.memory.compiled.niche_state import Instance, State
from mini_infer.memory.compiled.table import Floats, Int, Ints
from mini_infer.memory.tier import compiled

_INFINITY = np.int64(1) << 62


@compiled
def list_candidates(
    instance: Instance, state: State, left: Int, right: Int, at_left: bool, out: Ints, used: Int
) -> Int:
    """Append the buffers that may lie at an edge of the niche [left, right), duplicates once; return the new end."""
    start, end, lowest = instance.start, instance.end, state.lowest
    count, height, begin = len(start), state.floor[left], used
    at = instance.first_start[left] if at_left else instance.first_end[right]
    while at < count:
        buffer = at if at_left else instance.by_end[at]
        if (start[buffer] != left) if at_left else (end[buffer] != right):
            break
        at += 1
        if state.offset[buffer] >= 0 or lowest[buffer] != height or start[buffer] < left or end[buffer] > right:
            continue
        known = False
        for other in out[begin:used]:
            known |= (
                start[other] == start[buffer]
                and end[other] == end[buffer]
                and instance.size[other] == instance.size[buffer]
            )
        if not known:
            out[used] = buffer
            used += 1
    return used


@compiled
def choose_edge(
    instance: Instance, state: State, left: Int, right: Int, capacity: Int, weight: Floats, scratch: Ints
) -> tuple[Int, Int, bool]:
    """Find the edge with the fewest choices for its weight; return its niche and whether it is the left edge."""
    floor = state.floor
    best, best_left, best_right, best_at_left = np.inf, left, left, True
    low = np.int64(left)
    while low < right:
        high = low + 1
        while high < right and floor[high] == floor[low]:
            high += 1
        if (low == left or floor[low - 1] > floor[low]) and (high == right or floor[high] > floor[low]):
            for at_left in (True, False):
                edge = low if at_left else high - 1
                choices = list_candidates(instance, state, low, high, at_left, scratch, np.int64(0))
                if capacity > floor[edge] + state.total[edge]:
                    choices += 1  # slack: to place none of them may be possible
                if choices / weight[edge] < best:
                    best, best_left, best_right, best_at_left = choices / weight[edge], low, high, at_left
        low = high
    return best_left, best_right, best_at_left


@compiled
def sort_candidates(
    instance: Instance,
    state: State,
    part: tuple[Int, Int],
    niche: tuple[Int, Int],
    candidates: Ints,
    rank: Ints,
    bonus: Int,
) -> None:
    """Sort by rank; a buffer that makes the skyline level with a neighbor gets `bonus`, one that spans it half."""
    left, right = niche
    height = state.floor[left]
    left_wall = state.floor[left - 1] if left > part[0] else _INFINITY
    right_wall = state.floor[right] if right < part[1] else _INFINITY
    keys = np.empty(len(candidates), np.int64)
    for at in range(len(candidates)):
        buffer = candidates[at]
        top = height + instance.size[buffer]
        key = rank[buffer]
        if top in (left_wall, right_wall):
            key -= bonus
        elif instance.start[buffer] == left and instance.end[buffer] == right:
            key -= bonus // 2
        place = at
        while place > 0 and keys[place - 1] > key:
            keys[place], candidates[place] = keys[place - 1], candidates[place - 1]
            place -= 1
        keys[place], candidates[place] = key, buffer


@compiled
def height_without(
    instance: Instance, state: State, first: Int, niche: tuple[Int, Int], edge: Int, candidates: Ints
) -> Int:
    """Where the floor of `edge` can be at the lowest if none of the candidates lies on it."""
    start, end, lowest = instance.start, instance.end, state.lowest
    height = state.floor[edge]
    best: Int = _INFINITY
    buffer = first
    while buffer < len(start) and start[buffer] < niche[1]:
        if end[buffer] > niche[0]:
            if start[buffer] <= edge < end[buffer]:
                if lowest[buffer] > height:
                    best = min(best, lowest[buffer])
            elif lowest[buffer] + instance.size[buffer] < best:
                for candidate in candidates:  # one of them may lie on it
                    if start[buffer] < end[candidate] and start[candidate] < end[buffer]:
                        best = lowest[buffer] + instance.size[buffer]
                        break
        buffer = state.next[buffer]
    return best
