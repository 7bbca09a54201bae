"""Valley search for large problems: each step touches a few segments, and backtracking stays near the failure.

The choices are those of `valley`: what lies at an edge of a valley. Here the skyline is a list of segments, and
a step costs O(log n + candidates), whatever the size of the problem. In exchange a failure is only seen when a
dead stretch has to rise further than the slack of its sections allows, nothing is remembered, and to leave an
edge empty means to raise it to the lower wall at once. So the search is not complete: after so many failures
without progress it allows itself a little more height, and goes on from where it is.
"""

from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np

from mini_infer.memory.compiled.jit import compiled
from mini_infer.memory.compiled.skyline import Edges
from mini_infer.memory.compiled.table import Flags, Float, Floats, Int, Ints
from mini_infer.memory.compiled.tree import insert, new_tree, next_within, remove

_FAR = np.int64(1) << 62
_LOOKED_AT = 64  # candidates per edge
_GROWTH = 12  # the capacity rises by its 4096th part
_END, _HEIGHT, _BEFORE, _PLACED, _WASTE = 0, 1, 2, 3, 4  # kinds of trail entries


Ready = list[tuple[Int, Int, Int]]


class Ground(NamedTuple):
    """The skyline: segments known by their first section (end -1: none begins here), and what they may still waste."""

    end: Ints
    height: Ints
    before: Ints
    from_left: Ints  # trees of the unplaced, see `skyline`
    from_right: Ints
    fill: Ints  # a tree of maxima over sections: live units plus wasted ones, without the additions above
    added: Ints  # per node: what all sections below it have in addition
    offset: Ints


class Work(NamedTuple):
    """What is to be undone, and what is to be looked at again; `counts` has the lengths of both."""

    trail: Ints
    todo: Ints
    counts: Ints
    version: Ints  # per segment: bumped when it changes, so that old entries of `ready` are known
    queued: Flags  # per segment: whether it is to be looked at


@compiled
def _add(ground: Ground, left: Int, right: Int, units: Int) -> None:
    """Add wasted units to the sections [left, right)."""
    width = len(ground.fill) // 2
    low, high = left + width, right + width
    first, last = low, high - 1
    while low < high:
        if low & 1:
            ground.fill[low] += units
            ground.added[low] += units
            low += 1
        if high & 1:
            high -= 1
            ground.fill[high] += units
            ground.added[high] += units
        low >>= 1
        high >>= 1
    for leaf in (first, last):
        node = leaf >> 1
        while node > 0:
            ground.fill[node] = max(ground.fill[2 * node], ground.fill[2 * node + 1]) + ground.added[node]
            node >>= 1


@compiled
def _fill_of(ground: Ground, section: Int) -> Int:
    """Live and wasted units of a section."""
    node = section + len(ground.fill) // 2
    total = ground.fill[node]
    node >>= 1
    while node > 0:
        total += ground.added[node]
        node >>= 1
    return total


@compiled
def _note(work: Work, kind: Int, index: Int, old: Int, other: Int) -> None:
    at = work.counts[0]
    work.trail[at, 0], work.trail[at, 1], work.trail[at, 2], work.trail[at, 3] = kind, index, old, other
    work.counts[0] = at + 1


@compiled
def _look_at(work: Work, segment: Int) -> None:
    work.version[segment] += 1
    if not work.queued[segment]:
        work.queued[segment] = True
        work.todo[work.counts[1]] = segment
        work.counts[1] += 1


@compiled
def _set(ground: Ground, work: Work, kind: Int, index: Int, value: Int) -> None:
    if kind == _END:
        _note(work, kind, index, ground.end[index], 0)
        ground.end[index] = value
    elif kind == _HEIGHT:
        _note(work, kind, index, ground.height[index], 0)
        ground.height[index] = value
    else:
        _note(work, kind, index, ground.before[index], 0)
        ground.before[index] = value


@compiled
def _cut(ground: Ground, work: Work, left: Int, at: Int) -> None:
    """Cut the segment that begins at `left` in two, at section `at`."""
    right = ground.end[left]
    _set(ground, work, _END, left, at)
    _set(ground, work, _END, at, right)
    _set(ground, work, _HEIGHT, at, ground.height[left])
    _set(ground, work, _BEFORE, at, left)
    if right < len(ground.end) - 1:
        _set(ground, work, _BEFORE, right, at)
    _look_at(work, at)


@compiled
def _join(ground: Ground, work: Work, left: Int) -> None:
    """Join the segment at `left` with the next one."""
    right = ground.end[left]
    _set(ground, work, _END, left, ground.end[right])
    _set(ground, work, _END, right, -1)
    work.version[right] += 1
    if ground.end[left] < len(ground.end) - 1:
        _set(ground, work, _BEFORE, ground.end[left], left)


@compiled
def _raise(ground: Ground, work: Work, left: Int, level: Int) -> None:
    """Raise a segment to `level`, join it with neighbours of that height, and look at all of them again."""
    sections = len(ground.end) - 1
    _set(ground, work, _HEIGHT, left, level)
    if ground.end[left] < sections and ground.height[ground.end[left]] == level:
        _join(ground, work, left)
    if left > 0 and ground.height[ground.before[left]] == level:
        left = ground.before[left]
        _join(ground, work, left)
    _look_at(work, left)
    if left > 0:
        _look_at(work, ground.before[left])
    if ground.end[left] < sections:
        _look_at(work, ground.end[left])


@compiled
def _waste(ground: Ground, work: Work, left: Int, right: Int, level: Int) -> None:
    """Raise the segment [left, right), which nothing can fill any more, to `level`."""
    lost = level - ground.height[left]
    if level < _FAR:
        _add(ground, left, right, lost)
        _note(work, _WASTE, left, lost, right)
    _raise(ground, work, left, level)


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
                _cut(ground, work, left, alive_from)
            _waste(ground, work, left, alive_from, wall)
        else:
            last = next_within(ground.from_right, edges.first_right[sections - right], sections - left)
            alive_to = edges.end[edges.by_right[last]]
            if alive_to < right:
                _cut(ground, work, left, alive_to)
                _waste(ground, work, alive_to, right, wall)
                _look_at(work, left)
            else:
                choices = min(
                    _count(edges, ground, first, True, left, right) + (_fill_of(ground, left) < capacity),
                    _count(edges, ground, last, False, left, right) + (_fill_of(ground, right - 1) < capacity),
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
    slack_left = _fill_of(ground, left) < capacity
    slack_right = _fill_of(ground, right - 1) < capacity
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
def _undo(edges: Edges, ground: Ground, work: Work, mark: Int) -> Int:
    """Take back everything on the trail beyond `mark`; return how many buffers were placed in it."""
    placed = 0
    while work.counts[0] > mark:
        work.counts[0] -= 1
        at = work.counts[0]
        kind, index, old = work.trail[at, 0], work.trail[at, 1], work.trail[at, 2]
        if kind == _PLACED:
            placed += 1
            ground.offset[index] = -1
            insert(ground.from_left, index, edges.end[index])
            insert(ground.from_right, edges.place_right[index], edges.sections - edges.start[index])
        elif kind == _WASTE:
            _add(ground, index, work.trail[at, 3], -old)
        else:
            if kind == _END:
                ground.end[index] = old
            elif kind == _HEIGHT:
                ground.height[index] = old
            else:
                ground.before[index] = old
            _look_at(work, index)
    for at in range(work.counts[1]):  # what lies beside them may have been a valley, or be one again
        segment = work.todo[at]
        if ground.end[segment] >= 0:
            if segment > 0:
                _look_at(work, ground.before[segment])
            if ground.end[segment] < edges.sections:
                _look_at(work, ground.end[segment])
    return placed


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
    _look_at(work, np.int64(0))
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
        placed -= _undo(edges, ground, work, frames[depth - 1, 3])
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
                    _cut(ground, work, left, left + 1)
                _waste(ground, work, sections_left, left + 1, wall)
            else:
                if right - left > 1:
                    _cut(ground, work, left, right - 1)
                    _look_at(work, left)
                _waste(ground, work, right - 1, right, wall)
        else:
            level = ground.height[left]
            start, stop = edges.start[option], edges.end[option]
            offset[option] = level
            placed += 1
            _note(work, _PLACED, option, 0, 0)
            remove(ground.from_left, option)
            remove(ground.from_right, edges.place_right[option])
            if stop < right:
                _cut(ground, work, left, stop)
            if start > left:
                _cut(ground, work, left, start)
                _look_at(work, left)
            _raise(ground, work, start, level + edges.size[option])
        sound = _settle(edges, ground, work, ready, capacity)
        if placed > furthest:
            furthest = placed
            failures, least = 0, _FAR
    height: Int = np.int64(0)
    for buffer in range(count):
        height = max(height, offset[buffer] + edges.size[buffer])
    return height, steps
