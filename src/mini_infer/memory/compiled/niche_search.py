"""Branch and bound over the edges of skyline niches: exact, and fast on the problems that matter.

The buffers placed so far form a skyline: for every section the height up to which it is occupied. A *niche* is a run
of sections at one height whose neighbors on both sides are higher::

      ┌──┐          ┌───     A buffer that covers the leftmost section of a niche at the niche's own
      │  │▓▓▓       │        height cannot reach beyond it on either side: it starts exactly at the left
    ──┘  └──────────┘        edge (▓) and ends within. The same holds, mirrored, for the right edge.

So the choice at an edge is short: one of the few buffers that start (end) there, or none of them, which wastes the
space between the niche's height and the lowest offset that any other buffer can have. A section can only waste its
*slack*, the capacity less its live units; in tight problems most sections have next to none, and most choices are
forced. At every node we

1. raise the floors to a fixpoint (no buffer fits lower than the highest floor below it, no floor is useful lower than
   the lowest buffer that could lie there), which fails where a slack is exceeded;
2. split where no unplaced buffer crosses: the parts are solved one by one, and once a part is solved its choices are
   never reconsidered;
3. test every section as a one-machine schedule with release dates (Jackson's rule);
4. look the state (unplaced buffers and their lowest offsets) up among those already refuted;
5. branch at the edge with the fewest choices, weighted by how often its section failed before.

Where sections have slack, few choices at an edge are forced, and to leave it empty is one of them. Then it is better to
branch on a buffer: the lowest that lies flat, so that no other can ever lie below it, is placed where it is, or else
rests on one of the others, and is lifted onto the lowest top that these can have. All else stays the same, and what one
way of branching refutes, the other need not try again.

Refuted states are remembered across restarts by a 64-bit hash. Sources: Moffitt, "MiniMalloc" (ASPLOS 2023) for
sections, canonical placements (from the lowest offset up) and splitting; Jackson 1955 for the one-machine bound;
Boussemart et al. 2004 for the weights.
"""

from typing import Any

import numpy as np

from mini_infer.memory.compiled.niche_bounds import hash_of, overfull, raise_floors
from mini_infer.memory.compiled.niche_edges import choose_edge, height_without, list_candidates, sort_candidates
from mini_infer.memory.compiled.niche_lowest import choose_lowest, lift
from mini_infer.memory.compiled.niche_state import FLOOR, Instance, State, new_state, put, undo
from mini_infer.memory.compiled.table import Floats, Hashes, Int, Ints
from mini_infer.memory.tier import compiled

FOUND, REFUTED, LIMIT = 0, 1, 2
_LEFT, _RIGHT, _END, _NEXT, _CHOSEN, _TRAIL, _LISTED, _HEAD = range(8)
"""Of a frame: the part; where its options end and go on; the edge or buffer; and how long trail and agenda were."""
_INFINITY = np.int64(1) << 62


@compiled
def _split(state: State, left: Int, right: Int, depth: Int, agenda: Ints, used: Int, head: Int) -> tuple[Int, Int, Int]:
    """Push the parts of [left, right) onto the agenda; return how many, and the agenda's length and head."""
    parts = 0
    low = left
    for section in range(left, right):
        if section == right - 1 or state.crossing[section] == 0:
            if state.total[section] > 0 or section > low:
                agenda[used, 0], agenda[used, 1], agenda[used, 2], agenda[used, 3] = low, section + 1, depth, head
                head = used
                used += 1
                parts += 1
            low = section + 1
    return parts, used, head


@compiled
def _longer(rows: Any, used: Int) -> Any:
    """Copy the `used` first rows into an array twice as long."""
    longer = np.empty((2 * rows.shape[0], rows.shape[1]), rows.dtype)
    for row in range(used):
        for column in range(rows.shape[1]):
            longer[row, column] = rows[row, column]
    return longer


@compiled
def search(
    instance: Instance,
    capacity: Int,
    by_edge: bool,
    rank: Ints,
    bonus: Int,
    weight: Floats,
    refuted: Hashes,
    limit: Int,
    solution: Ints,
) -> tuple[Int, Int, Int]:
    """Search for a placement of height `capacity` or less.

    Branches at edges, or else on the lowest buffer. `rank` orders the candidates (lowest first), `weight` counts
    failures per section and `refuted` is the table of refuted states (a power of two long): both outlive the call.
    `limit` is in units of work, the sum over the nodes of the widths examined. Returns (FOUND, REFUTED or LIMIT, work,
    nodes); the offsets are in `solution`.
    """
    count, sections = np.int64(len(instance.start)), instance.sections
    state = new_state(instance)
    for section in range(sections):
        if state.total[section] > capacity:
            return REFUTED, 0, 0
    max_raised = 8 * (count + sections)
    trail = np.empty((4 * max_raised, 3), np.int64)
    trailed = np.int64(0)
    options = np.empty(4 * count + 4, np.int64)
    frames = np.empty((count + 1, 8), np.int64)  # grow, as do all lists here
    hashes = np.empty(len(frames), np.uint64)
    depth = np.int64(0)
    # Parts yet to be solved, a linked list: part (0, 1), frames to keep 2, next 3.
    agenda = np.empty((2 * sections, 4), np.int64)
    order, scratch = np.empty(count, np.int64), np.empty(max(count, sections), np.int64)
    mask = np.uint64(len(refuted) - 1)
    work: Int = 0
    nodes = 0
    left, right, listed, head = np.int64(0), np.int64(sections), np.int64(0), np.int64(-1)
    _, listed, head = _split(state, left, right, depth, agenda, listed, head)
    failed: Int = -1
    advance = True  # to the next part on the agenda
    while True:
        if advance:
            if head < 0:
                for buffer in range(count):
                    solution[buffer] = state.offset[buffer]
                return FOUND, work, nodes
            left, right, depth, head = agenda[head, 0], agenda[head, 1], agenda[head, 2], agenda[head, 3]
            advance = False
        nodes += 1
        first = instance.first_start[left]
        while first < count and state.offset[first] >= 0:
            first += 1
        if first == count or instance.start[first] >= right:
            advance = True
            continue
        if trailed + max_raised > len(trail):
            trail = _longer(trail, trailed)
        trailed, failed = raise_floors(instance, state, left, right, first, capacity, trail, trailed, scratch)
        if failed < 0:
            if listed + sections > len(agenda):
                agenda = _longer(agenda, listed)
            parts, new_listed, new_head = _split(state, left, right, depth, agenda, listed, head)
            if parts > 1 or (parts == 1 and (agenda[new_head, 0] != left or agenda[new_head, 1] != right)):
                listed, head = new_listed, new_head
                advance = True
                continue
            failed = overfull(instance, state, left, right, first, capacity, order, scratch)
        known = False
        if failed < 0:
            key, width = hash_of(instance, state, left, right, first)
            work += width
            known = refuted[key & mask] == key
        else:
            weight[failed] += 1.0
            work += right - left
        if work > limit:
            return LIMIT, work, nodes
        if failed < 0 and not known:
            begin = frames[depth - 1, _END] if depth else np.int64(0)
            if begin + count + 1 > len(options):
                options = _longer(options.reshape(-1, 1), begin).reshape(-1)
            if by_edge:
                low, high, at_left = choose_edge(instance, state, left, right, capacity, weight, scratch)
                finish = list_candidates(instance, state, low, high, at_left, options, begin)
                sort_candidates(instance, state, (left, right), (low, high), options[begin:finish], rank, bonus)
                chosen = low if at_left else high - 1
                height = height_without(instance, state, first, (low, high), chosen, options[begin:finish])
                needed = state.total[chosen]
            else:
                chosen, height, possible = choose_lowest(instance, state, first, right, rank)
                finish = begin
                if possible:
                    options[finish] = chosen
                    finish += 1
                needed = instance.size[chosen]
            if height < _INFINITY and height + needed <= capacity:
                options[finish] = -height  # to leave the edge empty up to there, or to lift the buffer
                finish += 1
            if depth == len(frames):  # an edge can be left empty again and again, a little higher each time
                frames = _longer(frames, depth)
                hashes = _longer(hashes.reshape(-1, 1), depth).reshape(-1)
            frame = frames[depth]
            frame[_LEFT], frame[_RIGHT], frame[_CHOSEN] = left, right, chosen
            frame[_NEXT], frame[_END] = begin, finish
            frame[_TRAIL], frame[_LISTED], frame[_HEAD] = trailed, listed, head
            hashes[depth] = key
            depth += 1
        # take the next option of the deepest frame that has one
        while depth > 0 and frames[depth - 1, _NEXT] == frames[depth - 1, _END]:
            depth -= 1
            refuted[hashes[depth] & mask] = hashes[depth]
        if depth == 0:
            return REFUTED, work, nodes
        frame = frames[depth - 1]
        trailed = undo(instance, state, trail, trailed, frame[_TRAIL])
        left, right, listed, head = frame[_LEFT], frame[_RIGHT], frame[_LISTED], frame[_HEAD]
        option = options[frame[_NEXT]]
        frame[_NEXT] += 1
        if option >= 0:
            trailed = put(instance, state, option, trail, trailed)
        elif by_edge:
            edge = frame[_CHOSEN]
            trail[trailed, 0], trail[trailed, 1], trail[trailed, 2] = FLOOR, edge, state.floor[edge]
            trailed += 1
            state.floor[edge] = -option
        else:
            trailed = lift(instance, state, frame[_CHOSEN], -option, trail, trailed)
