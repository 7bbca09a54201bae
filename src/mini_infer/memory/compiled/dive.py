"""Valley search for large problems: each step touches a few segments, and backtracking stays near the failure.

The choices are those of `valley`: what lies at an edge of a valley. Here the skyline is a list of segments, and
a step costs O(log n + candidates), whatever the size of the problem. In exchange a failure is only seen when a
dead stretch has to rise further than the slack of its sections allows, nothing is remembered, and to leave an
edge empty means to raise it to the lower wall at once. So the search is not complete: after so many failures
without progress it allows itself a little more height, and goes on from where it is.
"""

from heapq import heappop, heappush

import numpy as np

from mini_infer.memory.compiled.ground import PLACED, Ground, Work, cut, fill_of, lift, look_at, note, undo, waste
from mini_infer.memory.compiled.jit import compiled
from mini_infer.memory.compiled.skyline import Edges
from mini_infer.memory.compiled.table import Float, Floats, Int, Ints
from mini_infer.memory.compiled.tree import new_tree, next_within, remove

_FAR = np.int64(1) << 62
_LOOKED_AT = 64  # candidates per edge
_GROWTH = 12  # the capacity rises by its 4096th part

Ready = list[tuple[Int, Int, Int]]


@compiled
def _settle(edges: Edges, ground: Ground, work: Work, ready: Ready, capacity: Int) -> bool:
    """Raise what is dead, and list the valleys by their number of choices; return whether all is within `capacity`."""
    sections = len(ground.end) - 1
    while work.counts[1] > 0:
        work.counts[1] -= 1
        left = work.todo[work.counts[1]]
        work.queued[left] = False
        right, level = ground.end[left], ground.height[left]
        if right < 0 or level >= _FAR:
            continue
        left_wall = ground.height[ground.before[left]] if left > 0 else _FAR
        right_wall = ground.height[right] if right < sections else _FAR
        if left_wall < level or right_wall < level:
            continue
        wall = min(left_wall, right_wall)
        first = next_within(ground.from_left, edges.first_left[left], right)
        alive_from = edges.start[first] if first >= 0 else right
        if alive_from > left:
            if alive_from < right:
                cut(ground, work, left, alive_from)
            waste(ground, work, left, alive_from, wall)
        else:
            last = next_within(ground.from_right, edges.first_right[sections - right], sections - left)
            alive_to = edges.end[edges.by_right[last]]
            if alive_to < right:
                cut(ground, work, left, alive_to)
                waste(ground, work, alive_to, right, wall)
                look_at(work, left)
            else:
                choices = min(
                    _count(edges, ground, first, True, left, right) + (fill_of(ground, left) < capacity),
                    _count(edges, ground, last, False, left, right) + (fill_of(ground, right - 1) < capacity),
                )
                heappush(ready, (np.int64(choices), left, work.version[left]))
        if ground.fill[1] > capacity:
            return False
    return True


@compiled
def _count(edges: Edges, ground: Ground, at: Int, from_left: bool, left: Int, right: Int) -> Int:
    """Count the buffers that may lie at an edge."""
    found: Int = np.int64(0)
    looked = 0
    while at < len(edges.start) and looked < _LOOKED_AT:
        buffer = at if from_left else edges.by_right[at]
        if edges.start[buffer] < left or edges.end[buffer] > right:
            break
        if (edges.start[buffer] != left) if from_left else (edges.end[buffer] != right):
            break
        found += ground.offset[buffer] < 0
        looked += 1
        at += 1
    return found


@compiled
def _options(
    edges: Edges, ground: Ground, left: Int, right: Int, capacity: Int, score: Floats, fit: Float, out: Ints, used: Int
) -> Int:
    """Append what may lie at the edge with fewer choices, the best last; below them -1 - side for leaving it empty."""
    sections = len(ground.end) - 1
    level = ground.height[left]
    left_wall = ground.height[ground.before[left]] if left > 0 else _FAR
    right_wall = ground.height[right] if right < sections else _FAR
    first = next_within(ground.from_left, edges.first_left[left], right)
    last = next_within(ground.from_right, edges.first_right[sections - right], sections - left)
    slack_left = fill_of(ground, left) < capacity
    slack_right = fill_of(ground, right - 1) < capacity
    from_left = (
        _count(edges, ground, first, True, left, right) + slack_left
        <= _count(edges, ground, last, False, left, right) + slack_right
    )
    begin = used
    if slack_left if from_left else slack_right:
        out[used] = -1 if from_left else -2
        used += 1
        begin = used
    scores = np.empty(_LOOKED_AT)
    at = first if from_left else last
    looked = 0
    while at < len(edges.start) and looked < _LOOKED_AT:
        buffer = at if from_left else edges.by_right[at]
        if edges.start[buffer] < left or edges.end[buffer] > right:
            break
        if (edges.start[buffer] != left) if from_left else (edges.end[buffer] != right):
            break
        at += 1
        looked += 1
        if ground.offset[buffer] >= 0:
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
def dive(
    edges: Edges, live: Ints, score: Floats, fit: Float, capacity: Int, most: Int, patience: Int, offset: Ints
) -> tuple[Int, Int]:
    """Place all buffers within `capacity` units, or somewhat more; write `offset`, return the height and the steps.

    After `patience` failures without progress the capacity rises; the search gives up, with height -1, where it
    would rise above `most`.
    """
    count, sections = len(edges.start), edges.sections
    width = 1
    while width < sections:
        width *= 2
    fill = np.zeros(2 * width, np.int64)
    for section in range(sections):
        fill[width + section] = live[section]
    for node in range(width - 1, 0, -1):
        fill[node] = max(fill[2 * node], fill[2 * node + 1])
    for buffer in range(count):
        offset[buffer] = -1
    ground = Ground(
        np.full(sections + 1, -1),
        np.full(sections + 1, _FAR),
        np.full(sections + 1, -1),
        new_tree(edges.end),
        new_tree(sections - edges.start[edges.by_right]),
        fill,
        np.zeros(2 * width, np.int64),
        offset,
    )
    ground.end[0], ground.height[0] = sections, 0
    work = Work(
        np.empty((32 * (count + sections) + 1024, 4), np.int64),
        np.empty(sections + 1, np.int64),
        np.zeros(2, np.int64),
        np.zeros(sections + 1, np.int64),
        np.zeros(sections + 1, np.bool_),
    )
    room = len(work.trail) - 8 * (sections + 16)
    options = np.empty((_LOOKED_AT + 2) * 1024, np.int64)
    frames = np.empty((2 * (count + sections) + 16, 4), np.int64)  # segment, options from, to, trail mark
    depth = placed = steps = failures = furthest = 0
    least: Int = _FAR  # units that a failure was too high by
    growth: Int = max(capacity >> _GROWTH, 1)
    ready = [(np.int64(0), np.int64(0), np.int64(-1))]  # valleys: choices, segment, version
    look_at(work, np.int64(0))
    sound = _settle(edges, ground, work, ready, capacity)
    while placed < count:
        steps += 1
        left: Int = np.int64(-1)
        if sound:
            while left < 0 and len(ready) > 0:
                _, segment, version = heappop(ready)
                if work.version[segment] == version:
                    left = segment
            if left < 0 or depth + 1 >= len(frames) or work.counts[0] > room:
                return np.int64(-1), steps
            begin = frames[depth - 1, 2] if depth > 0 else np.int64(0)
            if begin + _LOOKED_AT + 2 > len(options):
                longer = np.empty(2 * len(options), np.int64)
                for at in range(begin):
                    longer[at] = options[at]
                options = longer
            frames[depth, 0], frames[depth, 1] = left, begin
            frames[depth, 2] = _options(edges, ground, left, ground.end[left], capacity, score, fit, options, begin)
            frames[depth, 3] = work.counts[0]
            depth += 1
        else:
            failures += 1
            least = min(least, ground.fill[1] - capacity)
            if failures > patience:
                capacity += max(least, growth)
                if capacity > most:
                    return np.int64(-1), steps
                failures, least = 0, _FAR
        # the next option of the deepest frame that has one
        while depth > 0 and frames[depth - 1, 1] == frames[depth - 1, 2]:
            depth -= 1
        if depth == 0:
            return np.int64(-1), steps
        placed -= undo(edges, ground, work, frames[depth - 1, 3])
        left = frames[depth - 1, 0]
        frames[depth - 1, 2] -= 1
        option = options[frames[depth - 1, 2]]
        right = ground.end[left]
        if option < 0:
            sections_left = left
            wall = min(
                ground.height[ground.before[left]] if left > 0 else _FAR,
                ground.height[right] if right < sections else _FAR,
            )
            if option == -1:
                if right - left > 1:
                    cut(ground, work, left, left + 1)
                waste(ground, work, sections_left, left + 1, wall)
            else:
                if right - left > 1:
                    cut(ground, work, left, right - 1)
                    look_at(work, left)
                waste(ground, work, right - 1, right, wall)
        else:
            level = ground.height[left]
            start, stop = edges.start[option], edges.end[option]
            offset[option] = level
            placed += 1
            note(work, PLACED, option, 0, 0)
            remove(ground.from_left, option)
            remove(ground.from_right, edges.place_right[option])
            if stop < right:
                cut(ground, work, left, stop)
            if start > left:
                cut(ground, work, left, start)
                look_at(work, left)
            lift(ground, work, start, level + edges.size[option])
        sound = _settle(edges, ground, work, ready, capacity)
        if placed > furthest:
            furthest = placed
            failures, least = 0, _FAR
    height: Int = np.int64(0)
    for buffer in range(count):
        height = max(height, offset[buffer] + edges.size[buffer])
    return height, steps
