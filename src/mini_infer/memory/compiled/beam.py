"""Beam search over time, for problems in which few buffers live at once: rings, chains, unrolled streams.

The buffers are placed in the order of their births. What happened before a moment matters only by where those alive
then lie, so a *state* is short, and of two histories that lead to the same one only one is kept. Each buffer goes to
the bottom or to the top of a hole::

    capacity ───────────────
               ▒▒▒▒  top       Every step keeps the best `width` states: with few holes, and with neighbors that die
               ░░░░            at about the same time, for their rooms become one. A state is dropped where a larger
               ▒▒▒▒  bottom    buffer to come would find no room between those that are still alive when it is born.
             ███████████
           0 ───────────────

Not complete: where it fails it says nothing. O(buffers x width x alive at once).
"""

from typing import Any

import numpy as np

from mini_infer.memory.compiled.beam_state import NEEDS, Beam, Births, Children, extend, hash_of, new_beam
from mini_infer.memory.compiled.table import Float, Hashes, Int, Ints
from mini_infer.memory.tier import compiled


@compiled
def _select(
    beam: Beam, children: Children, used: Int, buffer: Int, known: Hashes, after: Beam, parents: Any, offsets: Ints
) -> Int:
    """Make states of the best children, each once; return how many. Write who their parents are, and the offsets."""
    width, mask = len(parents), np.uint64(len(known) - 1)
    known[:] = 0
    states: Int = np.int64(0)
    for child in np.argsort(children.score[:used], kind="mergesort") if used > width else np.arange(used):
        parent, below, offset = children.parent[child], children.below[child], children.offset[child]
        key = beam.hash[parent] + hash_of(buffer, offset)
        at = key & mask
        while known[at] != 0 and known[at] != key:
            at = (at + np.uint64(1)) & mask
        if known[at] == key:
            continue
        known[at] = key
        after.hash[states], after.alive[states] = key, beam.alive[parent] + 1
        after.buffer[states, below], after.offset[states, below] = buffer, offset
        for place in range(below):
            after.buffer[states, place] = beam.buffer[parent, place]
            after.offset[states, place] = beam.offset[parent, place]
        for place in range(below, beam.alive[parent]):
            after.buffer[states, place + 1] = beam.buffer[parent, place]
            after.offset[states, place + 1] = beam.offset[parent, place]
        parents[states], offsets[states] = parent, offset
        states += 1
        if states == width:
            break
    return states


@compiled
def _search(
    births: Births, capacity: Int, weights: tuple[Float, Float, Float], beam: Beam, after: Beam, offset: Ints
) -> tuple[Int, Int]:
    count, width, most = len(births.size), len(beam.alive), births.crowd + 1
    longest = 2 * width * (most + 1)
    children = Children(
        np.empty(longest, np.int64),
        np.empty(longest, np.int64),
        np.empty(longest, np.int64),
        np.empty(longest, np.float64),
    )
    parents, offsets = np.empty((count, width), np.int32), np.empty((count, width), np.int64)
    slots = 16
    while slots < 2 * width:
        slots *= 2
    known = np.zeros(slots, np.uint64)
    scratch = np.empty((3 + 2 * NEEDS, most + 1), np.int64)
    states = np.int64(1)
    steps: Int = np.int64(0)
    for buffer in range(count):
        used, examined = extend(births, beam, states, np.int64(buffer), capacity, weights, scratch, children)
        steps += examined
        if used == 0:
            return np.int64(buffer), steps
        states = _select(beam, children, used, np.int64(buffer), known, after, parents[buffer], offsets[buffer])
        beam, after = after, beam
    state = 0
    for buffer in range(count - 1, -1, -1):
        offset[births.row[buffer]] = offsets[buffer, state]
        state = parents[buffer, state]
    return np.int64(count), steps


def search(
    births: Births, capacity: int, width: int, weights: tuple[float, float, float], offset: Ints
) -> tuple[int, int]:
    """Place all buffers within `capacity` units; write `offset`, in the table's order.

    `weights` are those of deaths apart, of holes, and of noise. Returns how many buffers were placed, which is all of
    them where it succeeded, and the steps: how many live buffers were looked at.
    """
    beams = [new_beam(width, int(births.crowd) + 1) for _ in range(2)]
    placed, steps = _search(births, np.int64(capacity), weights, beams[0], beams[1], offset)
    return int(placed), int(steps)


@compiled
def settle(start: Ints, end: Ints, size: Ints, sections: Int, offset: Ints) -> Int:
    """Let all buffers fall, the lowest first, as far as those below allow; return the height."""
    floor = np.zeros(sections, np.int64)
    height: Int = np.int64(0)
    for buffer in np.argsort(offset, kind="mergesort"):
        bottom: Int = np.int64(0)
        for section in range(start[buffer], end[buffer]):
            bottom = max(bottom, floor[section])
        offset[buffer] = bottom
        top = bottom + size[buffer]
        height = max(height, top)
        for section in range(start[buffer], end[buffer]):
            floor[section] = top
    return height
