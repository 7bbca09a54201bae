"""Best-first search for an order of the smallest peak.

::

    state      the set of nodes that ran; alive in it: what they opened and did not close
    cost       the bottleneck so far, never below the floor; among equals the fewer bytes alive, then the newer state
    forced     a ready node that stays within the bottleneck and leaves no more alive than before is the only child:
               moved to the front of any completion it makes no other step larger
    commit     the first state reached that has no more alive than the root becomes the root, and the rest is forgotten:
               any completion of the root can run that state's nodes first

Bottlenecks are popped in ascending order, so that of the last state popped is a bound of every order.
"""

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

from mini_infer import clock
from mini_infer.schedule.compiled.table import Ints, Table, Words

Int = Any
"""An int or a numpy integer: compiled code has one type for both, 64 bits."""

clock.leave_out_compiling()

SOLVED, STATES_RAN_OUT, NOTHING_BELOW_CEILING = range(3)

_NONE = -1
_DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)
_BIT_OF = np.zeros(64, np.int64)
"""The six highest bits of `_DE_BRUIJN << i` → i: finds a lone bit's index without a loop."""
for _bit in range(64):
    _BIT_OF[((0x03F79D71B4CB0A89 << _bit) & 0xFFFFFFFFFFFFFFFF) >> 58] = _bit


def search(problem: Table, floor: int, ceiling: int, most_states: int) -> tuple[int, int, list[int], int]:
    """Find an order whose peak is the smallest, or `floor` if that is larger, and below `ceiling`.

    Returns
    -------
    status
        `SOLVED`, `STATES_RAN_OUT` or `NOTHING_BELOW_CEILING`.
    bottleneck
        The peak when solved (or the floor); else a bound of the peak of every order.
    order
        All nodes when solved.
    states
        How many were expanded.
    """
    nodes = len(problem.opens)
    names = np.random.default_rng(0).integers(0, 2**64, nodes, dtype=np.uint64)
    status, bottleneck, order, states = _compiled_search(
        names,
        problem.needs,
        problem.followers_at,
        problem.followers,
        problem.opens,
        problem.shares_at,
        problem.shares_mask,
        problem.shares_size,
        problem.closes,
        problem.frees_at,
        problem.frees_mask,
        problem.frees_size,
        problem.start,
        max(floor, problem.start),
        ceiling,
        most_states,
    )
    return int(status), int(bottleneck), order.tolist(), int(states)


def _within(inner: Words, outer: Words) -> bool:
    """Whether every bit of `inner` is one of `outer`."""
    for word in range(len(inner)):  # noqa: SIM110  numba compiles loops
        if inner[word] & ~outer[word]:
            return False
    return True


def _disjoint(one: Words, other: Words) -> bool:
    """Whether no bit is in both."""
    for word in range(len(one)):  # noqa: SIM110  numba compiles loops
        if one[word] & other[word]:
            return False
    return True


_inline = njit(cache=True)
_is_within = cast("Callable[[Words, Words], bool]", _inline(_within))
_is_disjoint = cast("Callable[[Words, Words], bool]", _inline(_disjoint))


def _slot(slots: NDArray[np.int32], keys: Words, key: Words, name: np.uint64) -> int:
    """The place of a state in the hash table: its own, or the free one where it belongs."""
    mask = np.int64(len(slots) - 1)
    slot = np.int64(name >> np.uint64(1)) & mask
    while slots[slot] != _NONE:
        same = True
        for word in range(len(key)):
            if keys[slots[slot], word] != key[word]:
                same = False
                break
        if same:
            break
        slot = (slot + 1) & mask
    return int(slot)


_find_slot = cast("Callable[[NDArray[np.int32], Words, Words, np.uint64], int]", _inline(_slot))


def _search(
    node_names: Words,
    needs: Words,
    followers_at: Ints,
    followers: Ints,
    opens: Ints,
    shares_at: Ints,
    shares_mask: Words,
    shares_size: Ints,
    closes: Ints,
    frees_at: Ints,
    frees_mask: Words,
    frees_size: Ints,
    start: int,
    floor: int,
    ceiling: int,
    most_states: int,
) -> tuple[Int, Int, Ints, Int]:
    nodes, words = needs.shape
    table_size = 1
    while table_size < 2 * most_states:
        table_size *= 2
    slots = np.full(table_size, _NONE, np.int32)
    ran = np.empty((most_states, words), np.uint64)
    ready = np.empty((most_states, words), np.uint64)
    name = np.empty(most_states, np.uint64)
    bottleneck = np.empty(most_states, np.int64)
    alive = np.empty(most_states, np.int64)
    parent = np.empty(most_states, np.int32)
    action = np.empty(most_states, np.int32)
    home = np.empty(most_states, np.int64)
    done = np.empty(most_states, np.bool_)

    order = np.empty(nodes, np.int64)
    ordered = 0
    states = 0
    for word in range(words):
        ran[0, word] = 0
        ready[0, word] = 0
    empty = ran[0].copy()
    for node in range(nodes):
        if _is_within(needs[node], empty):
            ready[0, node >> 6] |= np.uint64(1) << np.uint64(node & 63)
    name[0] = 0
    bottleneck[0] = floor
    alive[0] = start
    key = np.empty(words, np.uint64)
    candidates = np.empty(nodes, np.int64)
    during = np.empty(nodes, np.int64)
    after = np.empty(nodes, np.int64)

    while ordered < nodes:
        home[0] = _find_slot(slots, ran, ran[0], name[0])
        slots[home[0]] = 0
        done[0] = False
        count = 1
        heap = [(bottleneck[0], alive[0], np.int64(0))]
        found: Int = _NONE
        while heap:
            limit, bytes_alive, negative = heappop(heap)
            state: Int = -negative
            if done[state]:
                continue
            done[state] = True
            if state != 0 and bytes_alive <= alive[0]:
                found = state
                break
            states += 1
            # What each ready node would take and leave.
            total = 0
            forced: Int = _NONE
            for word in range(words):
                rest = ready[state, word]
                while rest and forced == _NONE:
                    low = rest & (~rest + np.uint64(1))
                    rest ^= low
                    node = word * 64 + _BIT_OF[(low * _DE_BRUIJN) >> np.uint64(58)]
                    step = bytes_alive + opens[node]
                    for event in range(shares_at[node], shares_at[node + 1]):
                        if _is_disjoint(shares_mask[event], ran[state]):
                            step += shares_size[event]
                    left = step - closes[node]
                    for event in range(frees_at[node], frees_at[node + 1]):
                        if _is_within(frees_mask[event], ran[state]):
                            left -= frees_size[event]
                    if step <= limit and left <= bytes_alive:
                        forced = total
                    candidates[total] = node
                    during[total] = step
                    after[total] = left
                    total += 1
            if total == 0:  # all nodes ran
                found = state
                break
            first, last = (0, total) if forced == _NONE else (forced, forced + 1)
            for candidate in range(first, last):
                node = candidates[candidate]
                worst = max(limit, during[candidate])
                if worst >= ceiling:
                    continue
                for word in range(words):
                    key[word] = ran[state, word]
                key[node >> 6] |= np.uint64(1) << np.uint64(node & 63)
                child_name = name[state] ^ node_names[node]
                slot = _find_slot(slots, ran, key, child_name)
                child = slots[slot]
                if child == _NONE:
                    if count == most_states:
                        return STATES_RAN_OUT, limit, order[:ordered], states
                    child = count
                    count += 1
                    slots[slot] = child
                    home[child] = slot
                    name[child] = child_name
                    alive[child] = after[candidate]
                    done[child] = False
                    for word in range(words):
                        ran[child, word] = key[word]
                        ready[child, word] = ready[state, word]
                    ready[child, node >> 6] &= ~(np.uint64(1) << np.uint64(node & 63))
                    for edge in range(followers_at[node], followers_at[node + 1]):
                        follower = followers[edge]
                        if _is_within(needs[follower], key):
                            ready[child, follower >> 6] |= np.uint64(1) << np.uint64(follower & 63)
                elif done[child] or bottleneck[child] <= worst:
                    continue
                bottleneck[child] = worst
                parent[child] = state
                action[child] = node
                heappush(heap, (worst, alive[child], -np.int64(child)))
        if found == _NONE:
            return NOTHING_BELOW_CEILING, ceiling, order[:ordered], states
        length = 0
        state = found
        while state != 0:
            length += 1
            state = parent[state]
        ordered += length
        state = found
        for back in range(1, length + 1):
            order[ordered - back] = action[state]
            state = parent[state]
        for old in range(count):
            slots[home[old]] = _NONE
        for word in range(words):
            ran[0, word] = ran[found, word]
            ready[0, word] = ready[found, word]
        name[0] = name[found]
        bottleneck[0] = bottleneck[found]
        alive[0] = alive[found]
    return SOLVED, bottleneck[0], order, states


_compiled_search = cast("Callable[..., tuple[Int, Int, Ints, Int]]", _inline(_search))
