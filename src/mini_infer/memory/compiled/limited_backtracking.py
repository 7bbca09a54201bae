"""Limited-backtracking search for large problems: each step touches a few segments, and undoes only recent ones.

The choices are those of `niche_search`: what starts or ends at an edge of a niche. Here the skyline is a list of
segments, and a step costs O(log n + candidates), whatever the size of the problem. In exchange a failure is only seen
when a segment that nothing can fill has to be padded by more than the slack of its sections, refuted states are not
remembered, and to leave an edge empty means to pad it up to the lower wall at once. So the search is not complete:
after a number of failures without progress it raises the capacity a little, and goes on from where it is.
"""

from heapq import heappop, heappush

import numpy as np

from mini_infer.memory.compiled.skyline import Edges
from mini_infer.memory.compiled.skyline_state import (
    PLACED,
    SkylineState,
    Trail,
    enqueue,
    load_of,
    pad,
    push_trail,
    raise_segment,
    split,
    undo,
)
from mini_infer.memory.compiled.table import Float, Floats, Int, Ints
from mini_infer.memory.compiled.tree import new_tree, next_within, remove
from mini_infer.memory.tier import compiled

_INFINITY = np.int64(1) << 62
_MAX_CANDIDATES = 64  # per edge
_GROWTH = 12  # the capacity rises by its 4096th part

_SEGMENT, _FIRST, _END, _TRAIL = range(4)
"""Of a frame: the segment; where its options begin, and end (the next one is the last); how long the trail was."""

Ready = list[tuple[Int, Int, Int]]


@compiled
def _propagate(edges: Edges, state: SkylineState, trail: Trail, ready: Ready, capacity: Int) -> bool:
    """Pad what nothing can fill, and queue the niches by their number of choices; return whether `capacity` is kept."""
    sections = len(state.end) - 1
    while trail.counts[1] > 0:
        trail.counts[1] -= 1
        left = trail.worklist[trail.counts[1]]
        trail.queued[left] = False
        right, level = state.end[left], state.height[left]
        if right < 0 or level >= _INFINITY:
            continue
        left_wall = state.height[state.previous[left]] if left > 0 else _INFINITY
        right_wall = state.height[right] if right < sections else _INFINITY
        if left_wall < level or right_wall < level:
            continue
        wall = min(left_wall, right_wall)
        first = next_within(state.from_left, edges.first_left[left], right)
        live_from = edges.start[first] if first >= 0 else right
        if live_from > left:
            if live_from < right:
                split(state, trail, left, live_from)
            pad(state, trail, left, live_from, wall)
        else:
            last = next_within(state.from_right, edges.first_right[sections - right], sections - left)
            live_to = edges.end[edges.by_right[last]]
            if live_to < right:
                split(state, trail, left, live_to)
                pad(state, trail, live_to, right, wall)
                enqueue(trail, left)
            else:
                choices = min(
                    _count_candidates(edges, state, first, True, left, right) + (load_of(state, left) < capacity),
                    _count_candidates(edges, state, last, False, left, right) + (load_of(state, right - 1) < capacity),
                )
                heappush(ready, (np.int64(choices), left, trail.version[left]))
        if state.load[1] > capacity:
            return False
    return True


@compiled
def _count_candidates(edges: Edges, state: SkylineState, at: Int, from_left: bool, left: Int, right: Int) -> Int:
    """Count the buffers that may lie at an edge."""
    found: Int = np.int64(0)
    examined = 0
    while at < len(edges.start) and examined < _MAX_CANDIDATES:
        buffer = at if from_left else edges.by_right[at]
        if edges.start[buffer] < left or edges.end[buffer] > right:
            break
        if (edges.start[buffer] != left) if from_left else (edges.end[buffer] != right):
            break
        found += state.offset[buffer] < 0
        examined += 1
        at += 1
    return found


@compiled
def _list_options(
    edges: Edges,
    state: SkylineState,
    left: Int,
    right: Int,
    capacity: Int,
    score: Floats,
    fit: Float,
    out: Ints,
    used: Int,
) -> Int:
    """Append what may lie at the edge with fewer choices, the best last; first -1 - side for leaving it empty."""
    sections = len(state.end) - 1
    level = state.height[left]
    left_wall = state.height[state.previous[left]] if left > 0 else _INFINITY
    right_wall = state.height[right] if right < sections else _INFINITY
    first = next_within(state.from_left, edges.first_left[left], right)
    last = next_within(state.from_right, edges.first_right[sections - right], sections - left)
    slack_left = load_of(state, left) < capacity
    slack_right = load_of(state, right - 1) < capacity
    from_left = (
        _count_candidates(edges, state, first, True, left, right) + slack_left
        <= _count_candidates(edges, state, last, False, left, right) + slack_right
    )
    begin = used
    if slack_left if from_left else slack_right:
        out[used] = -1 if from_left else -2
        used += 1
        begin = used
    scores = np.empty(_MAX_CANDIDATES)
    at = first if from_left else last
    examined = 0
    while at < len(edges.start) and examined < _MAX_CANDIDATES:
        buffer = at if from_left else edges.by_right[at]
        if edges.start[buffer] < left or edges.end[buffer] > right:
            break
        if (edges.start[buffer] != left) if from_left else (edges.end[buffer] != right):
            break
        at += 1
        examined += 1
        if state.offset[buffer] >= 0:
            continue
        value = score[buffer]
        top = level + edges.size[buffer]
        if top in (left_wall, right_wall):
            value += 2 * fit
        elif edges.start[buffer] == left and edges.end[buffer] == right:
            value += fit
        place = used
        while place > begin and scores[place - begin - 1] > value:
            scores[place - begin], out[place] = scores[place - begin - 1], out[place - 1]
            place -= 1
        scores[place - begin], out[place] = value, buffer
        used += 1
    return used


@compiled
def search(
    edges: Edges,
    live: Ints,
    score: Floats,
    fit: Float,
    capacity: Int,
    max_capacity: Int,
    failure_limit: Int,
    offset: Ints,
) -> tuple[Int, Int]:
    """Place all buffers within `capacity` units, or somewhat more; write `offset`, return the height and the steps.

    After `failure_limit` failures without progress the capacity rises; the search gives up, with height -1, where it
    would rise above `max_capacity`.
    """
    count, sections = len(edges.start), edges.sections
    width = 1
    while width < sections:
        width *= 2
    load = np.zeros(2 * width, np.int64)
    for section in range(sections):
        load[width + section] = live[section]
    for node in range(width - 1, 0, -1):
        load[node] = max(load[2 * node], load[2 * node + 1])
    for buffer in range(count):
        offset[buffer] = -1
    state = SkylineState(
        np.full(sections + 1, -1),
        np.full(sections + 1, _INFINITY),
        np.full(sections + 1, -1),
        new_tree(edges.end),
        new_tree(sections - edges.start[edges.by_right]),
        load,
        np.zeros(2 * width, np.int64),
        offset,
    )
    state.end[0], state.height[0] = sections, 0
    trail = Trail(
        np.empty((32 * (count + sections) + 1024, 4), np.int64),
        np.empty(sections + 1, np.int64),
        np.zeros(2, np.int64),
        np.zeros(sections + 1, np.int64),
        np.zeros(sections + 1, np.bool_),
    )
    trail_limit = len(trail.entries) - 8 * (sections + 16)
    options = np.empty((_MAX_CANDIDATES + 2) * 1024, np.int64)
    frames = np.empty((2 * (count + sections) + 16, 4), np.int64)
    depth = placed = steps = failures = furthest = 0
    smallest_excess: Int = _INFINITY  # the least by which a failure exceeded the capacity
    growth: Int = max(capacity >> _GROWTH, 1)
    ready = [(np.int64(0), np.int64(0), np.int64(-1))]  # niches: choices, segment, version
    enqueue(trail, np.int64(0))
    feasible = _propagate(edges, state, trail, ready, capacity)
    while placed < count:
        steps += 1
        left: Int = np.int64(-1)
        if feasible:
            while left < 0 and len(ready) > 0:
                _, segment, version = heappop(ready)
                if trail.version[segment] == version:
                    left = segment
            if left < 0 or depth + 1 >= len(frames) or trail.counts[0] > trail_limit:
                return np.int64(-1), steps
            begin = frames[depth - 1, _END] if depth > 0 else np.int64(0)
            if begin + _MAX_CANDIDATES + 2 > len(options):
                longer = np.empty(2 * len(options), np.int64)
                for at in range(begin):
                    longer[at] = options[at]
                options = longer
            frames[depth, _SEGMENT], frames[depth, _FIRST] = left, begin
            frames[depth, _END] = _list_options(
                edges, state, left, state.end[left], capacity, score, fit, options, begin
            )
            frames[depth, _TRAIL] = trail.counts[0]
            depth += 1
        else:
            failures += 1
            smallest_excess = min(smallest_excess, state.load[1] - capacity)
            if failures > failure_limit:
                capacity += max(smallest_excess, growth)
                if capacity > max_capacity:
                    return np.int64(-1), steps
                failures, smallest_excess = 0, _INFINITY
        # the next option of the deepest frame that has one
        while depth > 0 and frames[depth - 1, _FIRST] == frames[depth - 1, _END]:
            depth -= 1
        if depth == 0:
            return np.int64(-1), steps
        placed -= undo(edges, state, trail, frames[depth - 1, _TRAIL])
        left = frames[depth - 1, _SEGMENT]
        frames[depth - 1, _END] -= 1
        option = options[frames[depth - 1, _END]]
        right = state.end[left]
        if option < 0:
            wall = min(
                state.height[state.previous[left]] if left > 0 else _INFINITY,
                state.height[right] if right < sections else _INFINITY,
            )
            if option == -1:
                if right - left > 1:
                    split(state, trail, left, left + 1)
                pad(state, trail, left, left + 1, wall)
            else:
                if right - left > 1:
                    split(state, trail, left, right - 1)
                    enqueue(trail, left)
                pad(state, trail, right - 1, right, wall)
        else:
            level = state.height[left]
            start, stop = edges.start[option], edges.end[option]
            offset[option] = level
            placed += 1
            push_trail(trail, PLACED, option, 0, 0)
            remove(state.from_left, option)
            remove(state.from_right, edges.place_right[option])
            if stop < right:
                split(state, trail, left, stop)
            if start > left:
                split(state, trail, left, start)
                enqueue(trail, left)
            raise_segment(state, trail, start, level + edges.size[option])
        feasible = _propagate(edges, state, trail, ready, capacity)
        if placed > furthest:
            furthest = placed
            failures, smallest_excess = 0, _INFINITY
    height: Int = np.int64(0)
    for buffer in range(count):
        height = max(height, offset[buffer] + edges.size[buffer])
    return height, steps
