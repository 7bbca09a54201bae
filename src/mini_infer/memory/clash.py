"""Do rectangles in time and memory overlap? One sweep, used by the checks and by nothing that places buffers.

The rectangles are taken from the lowest offset to the highest. For every stretch of time we remember
which rectangle seen so far reaches highest; a new rectangle is free of clashes exactly when nothing
that lives at the same time reaches above its bottom::

    offset
      │      ┌─────┐
      │  ┌───┼──┐  │   the second bottom lies below the first top,
      │  │   └──┼──┘   and they share some time: a clash
      │  └──────┘
      └──────────────▶ time

A tree over the compressed times makes both the question and the update O(log n).
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

_COMPILE_FROM = 20_000
"""Rectangles from which compiling the sweep (a second, once) is quicker than interpreting it."""


def first_clash(
    start: Sequence[int], end: Sequence[int], bottom: Sequence[int], top: Sequence[int]
) -> tuple[int, int] | None:
    """Find two rectangles that overlap, or ``None`` when all are apart. O(n log n).

    Rectangle i takes the bytes `[bottom[i], top[i])` in the steps `[start[i], end[i])`. Returns two indices,
    that of the lower rectangle first. Empty rectangles (`bottom == top`) clash with nothing.
    """
    if len(start) >= _COMPILE_FROM:
        return _first_clash_compiled(start, end, bottom, top)
    order = sorted((i for i in range(len(start)) if bottom[i] < top[i]), key=bottom.__getitem__)
    times = sorted({*start, *end})
    position = {time: index for index, time in enumerate(times)}
    leaves = 1 << len(times).bit_length()
    low, high = _sweep(
        [position[start[i]] for i in order],
        [position[end[i]] for i in order],
        [bottom[i] for i in order],
        [top[i] for i in order],
        covering=[-1] * (2 * leaves),
        within=[-1] * (2 * leaves),
    )
    return None if low < 0 else (order[low], order[high])


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

    Lists when interpreted, int64 arrays when compiled: the code is the same. `covering[v]` is the last
    rectangle laid over all of tree node v (it also reaches highest there), `within[v]` the one that
    reaches highest anywhere below v; both come in filled with -1.
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
        for leaf in (start[new] + leaves, end[new] - 1 + leaves):
            node = leaf >> 1
            while node > 0:  # every node above them
                if covering[node] >= 0 and covering[node] != new and top[covering[node]] > bottom[new]:
                    return covering[node], new
                if within[node] < 0 or top[within[node]] < top[new]:
                    within[node] = new
                node >>= 1
    return -1, -1
