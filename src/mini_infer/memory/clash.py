"""Do rectangles in time and memory overlap? Used by the checks and by nothing that places buffers.

One sweep goes from the first step to the last and keeps those alive in the order of their offsets. Since they are
apart, a new rectangle is free of clashes exactly when it is apart from its two neighbors in that order::

    offset
      │      ┌─────┐
      │  ┌───┼──┐  │   the second is born while the first lives, and begins below its top:
      │  │   └──┼──┘   a clash
      │  └──────┘
      └──────────────▶ time

Thousands of rectangles may be alive at once in large problems. These are swept by the other axis, compiled: from the
lowest offset to the highest. For every stretch of time a tree remembers which rectangle seen so far reaches highest; a
new one is free of clashes exactly when nothing that lives at the same time reaches above its bottom. O(log n) each.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from mini_infer.memory import searches

_COMPILE_FROM = 20_000
"""Rectangles from which compiling the sweep (a second, once) is quicker than interpreting it."""


def first_clash(
    start: Sequence[int], end: Sequence[int], bottom: Sequence[int], top: Sequence[int]
) -> tuple[int, int] | None:
    """Find two rectangles that overlap, or ``None`` when all are apart. O(n log n).

    Rectangle i takes the bytes `[bottom[i], top[i])` in the steps `[start[i], end[i])`. Returns two indices,
    that of the lower rectangle first. Empty rectangles (`bottom == top`) clash with nothing.
    """
    if len(start) >= _COMPILE_FROM and searches.available():
        return _first_clash_compiled(start, end, bottom, top)
    solid = [index for index in range(len(start)) if bottom[index] < top[index]]
    deaths = sorted(solid, key=end.__getitem__)
    buried = 0
    bottoms: list[int] = []  # of those alive, ascending
    alive: list[int] = []
    for new in sorted(solid, key=start.__getitem__):
        while end[deaths[buried]] <= start[new]:
            at = bisect_left(bottoms, bottom[deaths[buried]])
            del bottoms[at], alive[at]
            buried += 1
        at = bisect_left(bottoms, bottom[new])
        if at < len(alive) and bottoms[at] < top[new]:
            return new, alive[at]
        if at > 0 and top[alive[at - 1]] > bottom[new]:
            return alive[at - 1], new
        bottoms.insert(at, bottom[new])
        alive.insert(at, new)
    return None


def _first_clash_compiled(
    start: Sequence[int], end: Sequence[int], bottom: Sequence[int], top: Sequence[int]
) -> tuple[int, int] | None:
    import numpy as np

    columns = [np.array(column, dtype=np.int64) for column in (start, end, bottom, top)]
    order = np.argsort(columns[2], kind="stable")
    order = order[columns[2][order] < columns[3][order]]
    first, last = int(columns[0].min()), int(columns[1].max())
    if last - first > 8 * len(start):  # number the steps that matter: where two lifetimes overlap, one of them begins
        births = np.unique(columns[0])
        columns[:2] = np.searchsorted(births, columns[0]), np.searchsorted(births, columns[1])
        first, last = 0, len(births)
    leaves = 1 << (last - first).bit_length()
    low, high = _compiled_sweep()(
        columns[0][order] - first,
        columns[1][order] - first,
        columns[2][order],
        columns[3][order],
        np.full(2 * leaves, -1),
        np.full(2 * leaves, -1),
    )
    return None if low < 0 else (int(order[low]), int(order[high]))


@cache
def _compiled_sweep() -> Callable[..., tuple[int, int]]:
    from numba import njit

    compiled: Callable[..., tuple[int, int]] = njit(cache=True)(_sweep)
    return compiled


def _sweep(start: Any, end: Any, bottom: Any, top: Any, covering: Any, within: Any) -> tuple[int, int]:
    """Find the first pair that clashes among rectangles sorted by bottom, or ``(-1, -1)``.

    `covering[v]` is the last rectangle laid over all of tree node v (it also reaches highest there),
    `within[v]` the one that reaches highest anywhere below v; both come in filled with -1.
    """
    leaves = len(covering) // 2
    for new in range(len(start)):
        left, right = start[new] + leaves, end[new] + leaves
        while left < right:  # the nodes that together make up [start, end)
            if left & 1:
                if within[left] >= 0 and top[within[left]] > bottom[new]:
                    return within[left], new
                covering[left] = within[left] = new
                left += 1
            if right & 1:
                right -= 1
                if within[right] >= 0 and top[within[right]] > bottom[new]:
                    return within[right], new
                covering[right] = within[right] = new
            left >>= 1
            right >>= 1
        node, other = (start[new] + leaves) >> 1, (end[new] - 1 + leaves) >> 1
        while node > 0:  # every node above the first leaf and above the last, in turn, until the two paths meet
            if covering[node] >= 0 and covering[node] != new and top[covering[node]] > bottom[new]:
                return covering[node], new
            if within[node] < 0 or top[within[node]] < top[new]:
                within[node] = new
            node, other = (node >> 1, node >> 1) if node == other else (other, node >> 1)
    return -1, -1
