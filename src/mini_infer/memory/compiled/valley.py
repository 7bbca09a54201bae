"""Branch and bound over the edges of valleys: exact, and quick where it matters.

The buffers placed so far form a skyline: for every section the height up to which it is taken. A
*valley* is a run of sections at one height with higher ground on both sides::

      ┌──┐          ┌───     A buffer that covers the leftmost section of a valley at the valley's own
      │  │▓▓▓       │        height cannot reach beyond it on either side: it starts exactly at the left
    ──┘  └──────────┘        edge (▓) and ends within. The same holds, mirrored, for the right edge.

So the choice at an edge is short: one of the few buffers that start (end) there, or none of them, which
wastes what lies between the valley's height and the lowest place where any other buffer could go. A
section can only waste its *slack*, the capacity less its live bytes; in tight problems most sections
have next to none, and most choices are forced. At every node we

1. raise the floors to a fixpoint (no buffer fits lower than the highest floor below it, no floor is
   useful lower than the lowest buffer that could lie there), which fails where a slack is exceeded;
2. split where no unplaced buffer crosses: the parts are solved one by one, and once a part is solved
   its choices are never touched again;
3. test every section as a one-machine schedule with release dates (Jackson's rule);
4. look the state (unplaced buffers and their floors) up among those already refuted;
5. branch at the edge with the fewest choices, weighted by how often its section failed before.

Refuted states are remembered across restarts by a 64-bit hash. Sources: Moffitt, "MiniMalloc" (ASPLOS
2023) for sections, canonical placements and splitting; Jackson 1955 for the one-machine bound; Boussemart
et al. 2004 for the weights.
"""

from typing import NamedTuple

import numpy as np

from mini_infer.memory.compiled.jit import compiled
from mini_infer.memory.compiled.table import Floats, Hashes, Int, Ints, Table

FOUND, REFUTED, LIMIT = 0, 1, 2
_FAR = np.int64(1) << 62
_FLOOR, _LOWEST, _PLACED = 0, 1, 2  # kinds of trail entries


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
def _new_state(instance: Instance) -> State:
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
        _count_in(instance, state, buffer, 1)
    return state


@compiled
def _count_in(instance: Instance, state: State, buffer: Int, sign: Int) -> None:
    """Add an unplaced buffer to the sections it covers (sign 1), or take it out (-1)."""
    last = instance.end[buffer] - 1
    for section in range(instance.start[buffer], last + 1):
        state.total[section] += sign * instance.size[buffer]
        if section < last:
            state.crossing[section] += sign


@compiled
def _raise_floors(
    instance: Instance,
    state: State,
    left: Int,
    right: Int,
    first: Int,
    capacity: Int,
    trail: Ints,
    used: Int,
    least: Ints,
) -> tuple[Int, Int]:
    """Raise floors and lowest offsets to a fixpoint; return the trail's length and a failing section or -1.

    Stops early, which is sound, where the trail is almost full.
    """
    start, end, lowest, floor = instance.start, instance.end, state.lowest, state.floor
    count = len(start)
    while used + 2 * (count + len(floor)) < len(trail):
        least[left:right] = _FAR
        buffer = first
        while buffer < count and start[buffer] < right:
            height = lowest[buffer]
            for section in range(start[buffer], end[buffer]):
                height = max(height, floor[section])
            if height > lowest[buffer]:
                trail[used, 0], trail[used, 1], trail[used, 2] = _LOWEST, buffer, lowest[buffer]
                used += 1
                lowest[buffer] = height
            for section in range(start[buffer], end[buffer]):
                least[section] = min(least[section], height)
            buffer = state.next[buffer]
        changed = False
        for section in range(left, right):
            if floor[section] < least[section] < _FAR:
                trail[used, 0], trail[used, 1], trail[used, 2] = _FLOOR, section, floor[section]
                used += 1
                floor[section] = least[section]
                changed = True
                if floor[section] + state.total[section] > capacity:
                    return used, section
        if not changed:
            break
    return used, -1


@compiled
def _overfull(
    instance: Instance, state: State, left: Int, right: Int, first: Int, capacity: Int, order: Ints, above: Ints
) -> Int:
    """Jackson's rule: from the highest lowest-offset down, what must lie above it has to fit. A section or -1."""
    start, end, lowest = instance.start, instance.end, state.lowest
    found = 0
    buffer = first
    while buffer < len(start) and start[buffer] < right:
        at = found
        while at > 0 and lowest[order[at - 1]] < lowest[buffer]:
            order[at] = order[at - 1]
            at -= 1
        order[at] = buffer
        found += 1
        buffer = state.next[buffer]
    above[left:right] = 0
    for at in range(found):
        buffer = order[at]
        room = capacity - lowest[buffer]
        for section in range(start[buffer], end[buffer]):
            above[section] += instance.size[buffer]
            if above[section] > room:
                return section
    return -1


@compiled
def _hash(instance: Instance, state: State, left: Int, right: Int, first: Int) -> tuple[Int, Int]:
    """Hash the unplaced buffers of a part with their lowest offsets; also return the part's total width."""
    total = np.uint64(left) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(right)
    width: Int = 0
    buffer = first
    while buffer < len(instance.start) and instance.start[buffer] < right:
        mixed = np.uint64(buffer + 1) * np.uint64(0x9E3779B97F4A7C15)
        mixed += np.uint64(state.lowest[buffer]) * np.uint64(0xC2B2AE3D27D4EB4F)
        mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(32))) * np.uint64(0x94D049BB133111EB)
        total += mixed ^ (mixed >> np.uint64(31))
        width += instance.end[buffer] - instance.start[buffer]
        buffer = state.next[buffer]
    return total, width


@compiled
def _candidates(instance: Instance, state: State, left: Int, right: Int, at_left: bool, out: Ints, used: Int) -> Int:
    """Append the buffers that may lie at an edge of the valley [left, right), duplicates once; return the new end."""
    start, end, lowest = instance.start, instance.end, state.lowest
    count, height, begin = len(start), state.floor[left], used
    at = instance.first_start[left] if at_left else instance.first_end[right]
    while at < count:
        buffer = at if at_left else instance.by_end[at]
        if (start[buffer] != left) if at_left else (end[buffer] != right):
            break
        at += 1
        if state.offset[buffer] >= 0 or lowest[buffer] != height or start[buffer] < left or end[buffer] > right:
            continue
        known = False
        for other in out[begin:used]:
            known |= (
                start[other] == start[buffer]
                and end[other] == end[buffer]
                and instance.size[other] == instance.size[buffer]
            )
        if not known:
            out[used] = buffer
            used += 1
    return used


@compiled
def _choose_edge(
    instance: Instance, state: State, left: Int, right: Int, capacity: Int, weight: Floats, scratch: Ints
) -> tuple[Int, Int, bool]:
    """Find the edge with the fewest choices for its weight; return its valley and whether it is the left edge."""
    floor = state.floor
    best, best_left, best_right, best_at_left = np.inf, left, left, True
    low = np.int64(left)
    while low < right:
        high = low + 1
        while high < right and floor[high] == floor[low]:
            high += 1
        if (low == left or floor[low - 1] > floor[low]) and (high == right or floor[high] > floor[low]):
            for at_left in (True, False):
                edge = low if at_left else high - 1
                choices = _candidates(instance, state, low, high, at_left, scratch, np.int64(0))
                if capacity > floor[edge] + state.total[edge]:
                    choices += 1  # slack: to place none of them may be possible
                if choices / weight[edge] < best:
                    best, best_left, best_right, best_at_left = choices / weight[edge], low, high, at_left
        low = high
    return best_left, best_right, best_at_left


@compiled
def _sort_candidates(
    instance: Instance,
    state: State,
    part: tuple[Int, Int],
    valley: tuple[Int, Int],
    candidates: Ints,
    rank: Ints,
    bonus: Int,
) -> None:
    """Sort by rank; a buffer that makes the ground level with a neighbour gets `bonus`, one that spans it half."""
    left, right = valley
    height = state.floor[left]
    left_wall = state.floor[left - 1] if left > part[0] else _FAR
    right_wall = state.floor[right] if right < part[1] else _FAR
    keys = np.empty(len(candidates), np.int64)
    for at in range(len(candidates)):
        buffer = candidates[at]
        top = height + instance.size[buffer]
        key = rank[buffer]
        if top in (left_wall, right_wall):
            key -= bonus
        elif instance.start[buffer] == left and instance.end[buffer] == right:
            key -= bonus // 2
        place = at
        while place > 0 and keys[place - 1] > key:
            keys[place], candidates[place] = keys[place - 1], candidates[place - 1]
            place -= 1
        keys[place], candidates[place] = key, buffer


@compiled
def _height_without(
    instance: Instance, state: State, first: Int, valley: tuple[Int, Int], edge: Int, candidates: Ints
) -> Int:
    """Where the floor of `edge` can be at the lowest if none of the candidates lies on it."""
    start, end, lowest = instance.start, instance.end, state.lowest
    height = state.floor[edge]
    best: Int = _FAR
    buffer = first
    while buffer < len(start) and start[buffer] < valley[1]:
        if end[buffer] > valley[0]:
            if start[buffer] <= edge < end[buffer]:
                if lowest[buffer] > height:
                    best = min(best, lowest[buffer])
            elif lowest[buffer] + instance.size[buffer] < best:
                for candidate in candidates:  # it may carry one of them
                    if start[buffer] < end[candidate] and start[candidate] < end[buffer]:
                        best = lowest[buffer] + instance.size[buffer]
                        break
        buffer = state.next[buffer]
    return best


@compiled
def _put(instance: Instance, state: State, buffer: Int, trail: Ints, used: Int) -> Int:
    """Place a buffer at its lowest offset; return the trail's length."""
    top = state.lowest[buffer] + instance.size[buffer]
    state.offset[buffer] = state.lowest[buffer]
    before, after = state.previous[buffer], state.next[buffer]
    if before >= 0:
        state.next[before] = after
    state.previous[after] = before
    _count_in(instance, state, buffer, -1)
    trail[used, 0], trail[used, 1] = _PLACED, buffer
    used += 1
    for section in range(instance.start[buffer], instance.end[buffer]):
        trail[used, 0], trail[used, 1], trail[used, 2] = _FLOOR, section, state.floor[section]
        used += 1
        state.floor[section] = top
    return used


@compiled
def _undo(instance: Instance, state: State, trail: Ints, used: Int, mark: Int) -> Int:
    """Take back everything on the trail beyond `mark`."""
    while used > mark:
        used -= 1
        kind, index, old = trail[used, 0], trail[used, 1], trail[used, 2]
        if kind == _FLOOR:
            state.floor[index] = old
        elif kind == _LOWEST:
            state.lowest[index] = old
        else:
            state.offset[index] = -1
            state.previous[state.next[index]] = index
            if state.previous[index] >= 0:
                state.next[state.previous[index]] = index
            _count_in(instance, state, index, 1)
    return used


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
def _longer(rows: Ints, used: Int) -> Ints:
    """Copy the `used` first rows into an array twice as long."""
    longer = np.empty((2 * rows.shape[0], rows.shape[1]), np.int64)
    for row in range(used):
        for column in range(rows.shape[1]):
            longer[row, column] = rows[row, column]
    return longer


@compiled
def search(
    instance: Instance,
    capacity: Int,
    rank: Ints,
    bonus: Int,
    weight: Floats,
    refuted: Hashes,
    limit: Int,
    solution: Ints,
) -> tuple[Int, Int, Int]:
    """Search for a placement of height `capacity` or less.

    `rank` orders the candidates at an edge (lowest first), `weight` counts failures per section and
    `refuted` is the table of refuted states (a power of two long): both outlive the call. `limit` is in
    units of work, the sum over the nodes of the widths looked at. Returns (FOUND, REFUTED or LIMIT, work,
    nodes); the offsets are in `solution`.
    """
    count, sections = np.int64(len(instance.start)), instance.sections
    state = _new_state(instance)
    for section in range(sections):
        if state.total[section] > capacity:
            return REFUTED, 0, 0
    most_raised = 8 * (count + sections)
    trail = np.empty((4 * most_raised, 3), np.int64)
    trailed = np.int64(0)
    options = np.empty(4 * count + 4, np.int64)
    # A frame: part (0, 1), options (2 from, 3 to, 4 next), edge 5, marks: trail 6, agenda length 7 and head 8.
    frames = np.empty((2 * count + 2 * sections + 2, 9), np.int64)
    hashes = np.empty(len(frames), np.uint64)
    depth = np.int64(0)
    # Parts yet to be solved, a linked list: part (0, 1), frames to keep 2, next 3.
    agenda = np.empty((4 * (count + sections) + 4, 4), np.int64)
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
        if trailed + most_raised > len(trail):
            trail = _longer(trail, trailed)
        trailed, failed = _raise_floors(instance, state, left, right, first, capacity, trail, trailed, scratch)
        if failed < 0:
            parts, new_listed, new_head = _split(state, left, right, depth, agenda, listed, head)
            if parts > 1 or (parts == 1 and (agenda[new_head, 0] != left or agenda[new_head, 1] != right)):
                listed, head = new_listed, new_head
                advance = True
                continue
            failed = _overfull(instance, state, left, right, first, capacity, order, scratch)
        known = False
        if failed < 0:
            key, width = _hash(instance, state, left, right, first)
            work += width
            known = refuted[key & mask] == key
        else:
            weight[failed] += 1.0
            work += right - left
        if work > limit:
            return LIMIT, work, nodes
        if failed < 0 and not known:
            low, high, at_left = _choose_edge(instance, state, left, right, capacity, weight, scratch)
            begin = frames[depth - 1, 3] if depth else np.int64(0)
            if begin + count + 1 > len(options):
                options = _longer(options.reshape(-1, 1), begin).reshape(-1)
            finish = _candidates(instance, state, low, high, at_left, options, begin)
            _sort_candidates(instance, state, (left, right), (low, high), options[begin:finish], rank, bonus)
            edge = low if at_left else high - 1
            height = _height_without(instance, state, first, (low, high), edge, options[begin:finish])
            if height < _FAR and height + state.total[edge] <= capacity:
                options[finish] = -height  # to leave the edge empty up to there
                finish += 1
            frame = frames[depth]
            frame[0], frame[1], frame[2], frame[3], frame[4] = left, right, begin, finish, begin
            frame[5], frame[6], frame[7], frame[8] = edge, trailed, listed, head
            hashes[depth] = key
            depth += 1
        # take the next option of the deepest frame that has one
        while depth > 0 and frames[depth - 1, 4] == frames[depth - 1, 3]:
            depth -= 1
            refuted[hashes[depth] & mask] = hashes[depth]
        if depth == 0:
            return REFUTED, work, nodes
        frame = frames[depth - 1]
        trailed = _undo(instance, state, trail, trailed, frame[6])
        left, right, listed, head = frame[0], frame[1], frame[7], frame[8]
        option = options[frame[4]]
        frame[4] += 1
        if option >= 0:
            trailed = _put(instance, state, option, trail, trailed)
        else:
            edge = frame[5]
            trail[trailed, 0], trail[trailed, 1], trail[trailed, 2] = _FLOOR, edge, state.floor[edge]
            trailed += 1
            state.floor[edge] = -option
