"""Skyline placement in O(n log n): a niche takes the best buffer at one of its edges.

The skyline is, for every section, the height up to which it is occupied. A niche, between two walls, can
only take buffers that live within it, and these can go nowhere else: so the order in which niches are
filled does not matter, and we walk downhill to the nearest one, which the processor's caches like.
Sections at its edges that no such buffer covers are dead: they are padded up to the lower wall at once, which
loses nothing. Then some buffer starts exactly at the left edge and some ends exactly at the right edge;
the best of them by a score of duration, size, and how well it fits the walls, is placed. After Burke,
Kendall & Whitwell, "A New Placement Heuristic for the Orthogonal Stock-Cutting Problem" (2004), for
intervals that cannot move.
"""

from typing import Any, NamedTuple

import numpy as np

from mini_infer.memory.compiled.table import Float, Floats, Int, Ints, Table
from mini_infer.memory.compiled.tree import new_tree, next_within, remove
from mini_infer.memory.tier import compiled

_INFINITY = np.int64(1) << 62
_MAX_CANDIDATES = 64  # candidates per edge; more would make instances with few distinct times quadratic


class Edges(NamedTuple):
    """The buffers in two orders, and for both a tree that finds the next one that lives within a niche.

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
def _best_at_edge(
    edges: Edges,
    at: Int,
    from_left: bool,
    niche: tuple[Int, Int],
    walls: tuple[Int, Int],
    level: Int,
    score: Floats,
    fit: Float,
    offset: Ints,
) -> tuple[Float, Int]:
    """Return the best score and buffer at one edge; `at` is the first place in that edge's order."""
    left, right = niche
    best_score: Any = -np.inf
    best: Int = np.int64(-1)
    examined = 0
    while at < len(edges.start) and examined < _MAX_CANDIDATES:
        buffer = at if from_left else edges.by_right[at]
        start, end = edges.start[buffer], edges.end[buffer]
        if start < left or end > right or (start != left if from_left else end != right):
            break
        at += 1
        if offset[buffer] >= 0:
            continue
        examined += 1
        value = score[buffer]
        if start == left and end == right:
            value += fit
        top = level + edges.size[buffer]
        if (start == left and top == walls[0]) or (end == right and top == walls[1]):
            value += 2 * fit
        if value > best_score:
            best_score, best = value, buffer
    return best_score, best


@compiled
def place(edges: Edges, score: Floats, fit: Float, offset: Ints) -> Int:
    """Place all buffers; write `offset` and return the height. `fit` is what fitting a wall adds to a score."""
    count, sections = len(edges.start), edges.sections
    from_left = new_tree(edges.end)
    from_right = new_tree(sections - edges.start[edges.by_right])
    for buffer in range(count):
        offset[buffer] = -1
    # The skyline as a list of segments, each known by its first section; `end` of one is the next.
    end = np.zeros(sections + 1, np.int64)
    height = np.full(sections + 1, _INFINITY)
    previous = np.full(sections + 2, -1, np.int64)
    end[0], height[0] = sections, 0
    left: Int = np.int64(0)
    placed = 0
    highest: Int = np.int64(0)
    while placed < count:
        level, right = height[left], end[left]
        left_wall = height[previous[left]] if left > 0 else _INFINITY
        right_wall = height[right] if right < sections else _INFINITY
        if left_wall < level:  # downhill, until there is higher segments on both sides
            left = previous[left]
            continue
        if right_wall < level:
            left = right
            continue
        wall = min(left_wall, right_wall)
        first = next_within(from_left, edges.first_left[left], right)
        live_from = edges.start[first] if first >= 0 else right
        if live_from > left:  # dead sections at the left edge, or all of them
            raised = _raise_segment(end, height, previous, left, live_from, wall, sections)
            left = live_from if first >= 0 else raised
            continue
        last = next_within(from_right, edges.first_right[sections - right], sections - left)
        live_to = edges.end[edges.by_right[last]]
        if live_to < right:
            _split(end, height, previous, left, live_to, sections)
            _raise_segment(end, height, previous, live_to, right, wall, sections)
            right, right_wall = live_to, wall
        niche, walls = (left, right), (left_wall, right_wall)
        score_left, buffer = _best_at_edge(edges, first, True, niche, walls, level, score, fit, offset)
        score_right, other = _best_at_edge(edges, last, False, niche, walls, level, score, fit, offset)
        if score_right > score_left:
            buffer = other
        offset[buffer] = level
        placed += 1
        top = level + edges.size[buffer]
        highest = max(highest, top)
        remove(from_left, buffer)
        remove(from_right, edges.place_right[buffer])
        start, stop = edges.start[buffer], edges.end[buffer]
        if start > left:
            _split(end, height, previous, left, start, sections)
        raised = _raise_segment(end, height, previous, start, stop, top, sections)
        left = left if start > left else (stop if stop < right else raised)
    return highest


@compiled
def _split(end: Ints, height: Ints, previous: Ints, left: Int, at: Int, sections: Int) -> None:
    """Split the segment that begins at `left` at section `at`."""
    right = end[left]
    end[left], end[at] = at, right
    height[at], previous[at] = height[left], left
    if right < sections:
        previous[right] = at


@compiled
def _raise_segment(end: Ints, height: Ints, previous: Ints, left: Int, right: Int, level: Int, sections: Int) -> Int:
    """Raise the sections [left, right), which begin a segment, to `level`; join neighbors. Return where it begins."""
    if end[left] > right:
        _split(end, height, previous, left, right, sections)
    height[left] = level
    if right < sections and height[right] == level:
        end[left] = end[right]
        if end[left] < sections:
            previous[end[left]] = left
    if left > 0 and height[previous[left]] == level:
        neighbor = previous[left]
        end[neighbor] = end[left]
        if end[left] < sections:
            previous[end[left]] = neighbor
        return neighbor
    return left
