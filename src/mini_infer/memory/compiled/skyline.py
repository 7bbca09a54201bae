"""Skyline placement in O(n log n): the lowest valley takes the best buffer at one of its edges.

All buffers lie on the skyline (for every section, the height up to which it is taken). The lowest
valley, between two walls, can only take buffers that live within it. Sections at its edges that no such
buffer covers are dead: they rise to the lower wall at once, and that loses nothing. Then some buffer
starts exactly at the left edge and some ends exactly at the right edge; the best of them by a score of
duration, size, and how well it fits the walls, is placed. After Burke, Kendall & Whitwell, "A New
Placement Heuristic for the Orthogonal Stock-Cutting Problem" (2004), for intervals that cannot move.
"""

from heapq import heappop, heappush
from typing import Any, NamedTuple

import numpy as np

from mini_infer.memory.compiled.jit import compiled
from mini_infer.memory.compiled.table import Flags, Floats, Int, Ints, Table

_FAR = np.int64(1) << 62
_GONE = np.int64(1) << 40  # beyond every section
_LOOKED_AT = 64  # candidates per edge; more would make instances with few distinct times quadratic


class Edges(NamedTuple):
    """The buffers in two orders, and for both a tree that finds the next one that lives within a valley.

    From the left: by (start, end), leaves hold the end. From the right, time reversed: by (-end, -start),
    leaves hold `sections - start`. `place_right` is where a buffer stands in the second order.
    """

    start: Ints
    end: Ints
    size: Ints
    by_right: Ints
    place_right: Ints
    first_left: Ints
    first_right: Ints
    sections: Int


def edges_of(table: Table) -> Edges:
    """Index a table for `place`."""
    by_right = np.lexsort((-table.start, -table.end))
    place_right = np.empty_like(by_right)
    place_right[by_right] = np.arange(len(by_right))
    numbers = np.arange(table.sections + 2)
    return Edges(
        table.start,
        table.end,
        table.size,
        by_right,
        place_right,
        np.searchsorted(table.start, numbers),
        np.searchsorted(table.sections - table.end[by_right], numbers),
        table.sections,
    )


def score_of(table: Table, size_weight: float) -> Floats:
    """Score buffers by duration times size to the power `size_weight`, on a logarithmic scale."""
    return np.log2(table.duration) + size_weight * np.log2(table.size)


@compiled
def _tree(leaves: Ints) -> Ints:
    width = 1
    while width <= len(leaves):
        width *= 2
    tree = np.full(2 * width, _GONE)
    for at in range(len(leaves)):
        tree[width + at] = leaves[at]
    for node in range(width - 1, 0, -1):
        tree[node] = min(tree[2 * node], tree[2 * node + 1])
    return tree


@compiled
def _next_within(tree: Ints, at: Int, most: Int) -> Int:
    """Find the first leaf from `at` on that is at most `most`, or -1."""
    width = len(tree) // 2
    node = at + width
    if tree[node] <= most:
        return at
    while True:
        while node & 1:
            node >>= 1
        if node == 0:
            return np.int64(-1)
        node += 1
        if tree[node] <= most:
            break
    while node < width:
        node *= 2
        if tree[node] > most:
            node += 1
    return node - width


@compiled
def _remove(tree: Ints, at: Int) -> None:
    node = at + len(tree) // 2
    tree[node] = _GONE
    node >>= 1
    while node > 0:
        least = min(tree[2 * node], tree[2 * node + 1])
        if tree[node] == least:
            break
        tree[node] = least
        node >>= 1


@compiled
def _best_at_edge(
    edges: Edges,
    at: Int,
    from_left: bool,
    valley: tuple[Int, Int],
    walls: tuple[Int, Int],
    ground: Int,
    score: Floats,
    fit: float,
    offset: Ints,
) -> tuple[float, Int]:
    """Return the best score and buffer at one edge; `at` is the first place in that edge's order."""
    left, right = valley
    best_score: Any = -np.inf
    best: Int = np.int64(-1)
    looked = 0
    while at < len(edges.start) and looked < _LOOKED_AT:
        buffer = at if from_left else edges.by_right[at]
        start, end = edges.start[buffer], edges.end[buffer]
        if start < left or end > right or (start != left if from_left else end != right):
            break
        at += 1
        if offset[buffer] >= 0:
            continue
        looked += 1
        value = score[buffer]
        if start == left and end == right:
            value += fit
        top = ground + edges.size[buffer]
        if (start == left and top == walls[0]) or (end == right and top == walls[1]):
            value += 2 * fit
        if value > best_score:
            best_score, best = value, buffer
    return best_score, best


@compiled
def place(edges: Edges, score: Floats, fit: float, offset: Ints) -> Int:
    """Place all buffers; write `offset` and return the height. `fit` is what fitting a wall adds to a score."""
    count, sections = len(edges.start), edges.sections
    from_left = _tree(edges.end)
    from_right = _tree(sections - edges.start[edges.by_right])
    offset[:] = -1
    # The skyline as a list of segments, each known by its first section.
    end = np.zeros(sections + 1, np.int64)
    height = np.full(sections + 1, _FAR)
    before = np.full(sections + 2, -1, np.int64)
    alive = np.zeros(sections + 1, np.bool_)
    end[0], height[0], alive[0] = sections, 0, True
    heap: list[tuple[Int, Int]] = [(np.int64(0), np.int64(0))]
    placed = 0
    highest: Int = np.int64(0)
    while placed < count:
        ground, left = heappop(heap)
        if not alive[left] or height[left] != ground:
            continue
        right = end[left]
        left_wall = height[before[left]] if left > 0 else _FAR
        right_wall = height[right] if right < sections else _FAR
        wall = min(left_wall, right_wall)
        first = _next_within(from_left, edges.first_left[left], right)
        alive_from = edges.start[first] if first >= 0 else right
        if alive_from > left:  # dead sections at the left edge, or all of them
            _raise_segment(end, height, before, alive, heap, left, alive_from, wall, sections)
            if first < 0:
                continue
            left, left_wall = alive_from, wall
        last = _next_within(from_right, edges.first_right[sections - right], sections - left)
        alive_to = edges.end[edges.by_right[last]]
        if alive_to < right:
            _cut(end, height, before, alive, left, alive_to, sections)
            _raise_segment(end, height, before, alive, heap, alive_to, right, wall, sections)
            right, right_wall = alive_to, wall
        valley, walls = (left, right), (left_wall, right_wall)
        score_left, buffer = _best_at_edge(edges, first, True, valley, walls, ground, score, fit, offset)
        score_right, other = _best_at_edge(edges, last, False, valley, walls, ground, score, fit, offset)
        if score_right > score_left:
            buffer = other
        offset[buffer] = ground
        placed += 1
        top = ground + edges.size[buffer]
        highest = max(highest, top)
        _remove(from_left, buffer)
        _remove(from_right, edges.place_right[buffer])
        start, stop = edges.start[buffer], edges.end[buffer]
        if stop < right:
            _cut(end, height, before, alive, left, stop, sections)
            heappush(heap, (ground, stop))
        if start > left:
            heappush(heap, (ground, left))
            _cut(end, height, before, alive, left, start, sections)
        _raise_segment(end, height, before, alive, heap, start, stop, top, sections)
    return highest


@compiled
def _cut(end: Ints, height: Ints, before: Ints, alive: Flags, left: Int, at: Int, sections: Int) -> None:
    """Cut the segment that begins at `left` in two, at section `at`."""
    right = end[left]
    end[left], end[at] = at, right
    height[at], before[at], alive[at] = height[left], left, True
    if right < sections:
        before[right] = at


@compiled
def _raise_segment(
    end: Ints,
    height: Ints,
    before: Ints,
    alive: Flags,
    heap: list[tuple[Int, Int]],
    left: Int,
    right: Int,
    level: Int,
    sections: Int,
) -> None:
    """Raise the sections [left, right), which begin a segment, to `level`; join neighbours of that height."""
    if end[left] > right:
        heappush(heap, (height[left], right))
        _cut(end, height, before, alive, left, right, sections)
    height[left] = level
    if right < sections and height[right] == level:
        alive[right] = False
        end[left] = end[right]
        if end[left] < sections:
            before[end[left]] = left
    if left > 0 and height[before[left]] == level:
        alive[left] = False
        left_neighbour = before[left]
        end[left_neighbour] = end[left]
        if end[left] < sections:
            before[end[left]] = left_neighbour
        left = left_neighbour
    heappush(heap, (level, left))
