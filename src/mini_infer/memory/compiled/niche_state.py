"""The state of `niche_search`: floors, lowest offsets, and the trail that undoes steps."""

from typing import NamedTuple

import numpy as np

from mini_infer.memory.compiled.table import Int, Ints, Table
from mini_infer.memory.tier import compiled

FLOOR, LOWEST, PLACED = 0, 1, 2  # kinds of trail entries


class Instance(NamedTuple):
    """Buffers sorted by start; `by_end` lists them by end; `first_*` index both by section."""

    start: Ints
    end: Ints
    size: Ints
    first_start: Ints
    by_end: Ints
    first_end: Ints
    sections: Int


class State(NamedTuple):
    """What changes during the search; `next` and `previous` link the unplaced buffers in index order."""

    offset: Ints  # -1: unplaced
    lowest: Ints  # per buffer: no solution below this node has it lower
    floor: Ints  # per section
    total: Ints  # per section: sizes of the unplaced
    crossing: Ints  # per section: unplaced buffers alive in it and in the next
    next: Ints
    previous: Ints


def instance_of(table: Table) -> Instance:
    """Index a table by section."""
    by_end = np.argsort(table.end, kind="stable")
    sections = np.arange(table.sections + 2)
    return Instance(
        table.start,
        table.end,
        table.size,
        np.searchsorted(table.start, sections),
        by_end,
        np.searchsorted(table.end[by_end], sections),
        table.sections,
    )


@compiled
def new_state(instance: Instance) -> State:
    """Nothing placed."""
    count, sections = len(instance.start), instance.sections
    state = State(
        np.full(count, -1, np.int64),
        np.zeros(count, np.int64),
        np.zeros(sections, np.int64),
        np.zeros(sections, np.int64),
        np.zeros(sections, np.int64),
        np.arange(1, count + 2),
        np.arange(-1, count + 1),
    )
    for buffer in range(count):
        count_in(instance, state, buffer, 1)
    return state


@compiled
def count_in(instance: Instance, state: State, buffer: Int, sign: Int) -> None:
    """Add an unplaced buffer to the sections it covers (sign 1), or take it out (-1)."""
    last = instance.end[buffer] - 1
    for section in range(instance.start[buffer], last + 1):
        state.total[section] += sign * instance.size[buffer]
        if section < last:
            state.crossing[section] += sign


@compiled
def put(instance: Instance, state: State, buffer: Int, trail: Ints, used: Int) -> Int:
    """Place a buffer at its lowest offset; return the trail's length."""
    top = state.lowest[buffer] + instance.size[buffer]
    state.offset[buffer] = state.lowest[buffer]
    before, after = state.previous[buffer], state.next[buffer]
    if before >= 0:
        state.next[before] = after
    state.previous[after] = before
    count_in(instance, state, buffer, -1)
    trail[used, 0], trail[used, 1] = PLACED, buffer
    used += 1
    for section in range(instance.start[buffer], instance.end[buffer]):
        trail[used, 0], trail[used, 1], trail[used, 2] = FLOOR, section, state.floor[section]
        used += 1
        state.floor[section] = top
    return used


@compiled
def undo(instance: Instance, state: State, trail: Ints, used: Int, mark: Int) -> Int:
    """Undo everything on the trail beyond `mark`."""
    while used > mark:
        used -= 1
        kind, index, old = trail[used, 0], trail[used, 1], trail[used, 2]
        if kind == FLOOR:
            state.floor[index] = old
        elif kind == LOWEST:
            state.lowest[index] = old
        else:
            state.offset[index] = -1
            state.previous[state.next[index]] = index
            if state.previous[index] >= 0:
                state.next[state.previous[index]] = index
            count_in(instance, state, index, 1)
    return used
