"""Greedy placement in a given order, compiled: what `strategies.greedy` does, for thousands of buffers.

The placed buffers are kept in one list by offset, and every new one walks it from the bottom: O(n^2) in
all, with a loop so small that 30,000 buffers take half a second.
"""

import numpy as np

from mini_infer.memory.compiled.table import Int, Ints
from mini_infer.memory.tier import compiled


@compiled
def place_in_order(order: Ints, start: Ints, end: Ints, size: Ints, tightest: bool, offset: Ints) -> Int:
    """Place each buffer of `order` into the lowest hole, or the tightest; write `offset`, return the height."""
    count = len(order)
    first = np.empty(count, np.int64)  # of the placed ones, by offset: sections, bottom, top
    last = np.empty(count, np.int64)
    bottom = np.empty(count, np.int64)
    top = np.empty(count, np.int64)
    height = np.int64(0)
    for placed in range(count):
        buffer = order[placed]
        begin, stop, need = start[buffer], end[buffer], size[buffer]
        floor, best, least_over = np.int64(0), np.int64(-1), np.int64(0)
        for other in range(placed):
            if first[other] < stop and begin < last[other]:
                over = bottom[other] - floor - need
                if over >= 0 and (best < 0 or over < least_over):
                    best, least_over = floor, over
                    if not tightest or over == 0:
                        break
                floor = max(floor, top[other])
        if best < 0:
            best = floor
        offset[buffer] = best
        height = max(height, best + need)
        at = placed
        while at > 0 and bottom[at - 1] > best:
            first[at], last[at], bottom[at], top[at] = first[at - 1], last[at - 1], bottom[at - 1], top[at - 1]
            at -= 1
        first[at], last[at], bottom[at], top[at] = begin, stop, best, best + need
    return height
