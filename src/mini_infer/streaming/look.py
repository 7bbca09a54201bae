"""A look at a stream before it is made: one replay of its rows says what it needs and what it costs.

All of it is compiled, since a choice takes thousands of looks: the bytes of the rings, those that the ends share, and
the cycles that are lost to runs, to weights that are read for each band, to narrow bands and to rows that are moved in
rings, less what stays near.
"""

from typing import NamedTuple

import numpy as np

from mini_infer.memory.tier import compiled, compiled_leaf, only_indexed
from mini_infer.streaming.compiled import CARRIED, NOT_INNER, Cut, Flat, Found, cut_into, replay
from mini_infer.streaming.ends import distance, follow
from mini_infer.streaming.turns import ROOMS, revolved, with_room

WAITED = 0.4
"""Of the time that values take from a cache, what is waited for: the rest passes while sums are made."""

CODE = 4 << 10
"""Bytes of a kernel's code, about."""


@only_indexed
class Facts(NamedTuple):
    """What is known of a program's buffers and calls besides their rows.

    Parameters
    ----------
    born, dead, sizes, touched
        For each buffer and output: the steps `[born, dead)` in which it lives, its bytes, and whether any call touches
        it.
    far
        For each of them, the cycles that a byte takes where it is whole.
    touched_bytes
        Of each touch, those from its first to its last.
    weights, own, passes
        Of each call: bytes of its constants, the cycles that it takes to go through them, and how often it does.
    spent
        Of each call, its cycles.
    rows, all_rows, tile_rows, busy_rows
        Of each call: rows of a unit, of all, of a register tile that lies across them, and of the smallest such tile
        that takes no more time than its part of a whole one.
    sides, rates
        Cycles that a byte takes if it lies among so many others: `rates` at these `sides`, and between them in between.
    call
        Cycles that a run takes besides its work.
    code, again
        Of the time that code, and weights that are read again, take from a cache, what is waited for.
    turn, moved
        Cycles that it takes to move rows to an apron, and for each of their bytes besides what is waited for.
    buffers, alignment
        How many of the former are no outputs, and what all are aligned to, in bytes.
    """

    born: np.ndarray
    dead: np.ndarray
    sizes: np.ndarray
    touched: np.ndarray
    far: np.ndarray
    touched_bytes: np.ndarray
    weights: np.ndarray
    own: np.ndarray
    passes: np.ndarray
    spent: np.ndarray
    rows: np.ndarray
    all_rows: np.ndarray
    tile_rows: np.ndarray
    busy_rows: np.ndarray
    sides: np.ndarray
    rates: np.ndarray
    call: float
    code: float
    again: float
    turn: float
    moved: float
    buffers: int
    alignment: int


@compiled
def look(
    flat: Flat, facts: Facts, steps: tuple[int, int], span: tuple[int, int], bands: int, lazy: int
) -> tuple[int, int, float, np.ndarray]:
    """Bytes of rings, bytes that the ends share, and cycles that are lost, of a stream in so many bands.

    Last come the cycles that are lost besides to rows that are moved in rings, for each of `turns.ROOMS`.

    `steps` are those `[start, end)` of the stream, `span` its members; `lazy` is that of `replay`.
    """
    first, end = span
    count = flat.rows.shape[0]
    inner = np.zeros(count, np.bool_)
    for touch in range(flat.touch_start[first], flat.touch_start[end]):
        buffer = flat.touch_buffer[touch]
        inner[buffer] = facts.born[buffer] >= steps[0] and facts.dead[buffer] <= steps[1]
    entries, exits = _ends(facts, steps)
    found = Found(
        np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros(count, np.int64)
    )
    cut = Cut(np.empty(end, np.int64), np.empty(end, np.int64))
    cut_into(flat, first, end, bands, cut)
    most = 0
    if entries.shape[0] and exits.shape[0]:
        for member in range(first, end):
            rest = flat.units[member] - cut.first[member]
            most += 1 + -(-rest // cut.others[member])
    runs = np.empty((most, 3), np.int64)
    made = replay(flat, span, cut, lazy, inner, found, runs)
    turns, aprons = np.zeros(facts.buffers, np.int64), np.zeros(facts.buffers, np.int64)
    for buffer in range(facts.buffers):
        if found.state[buffer] != NOT_INNER and found.lives_from[buffer] < found.lives_to[buffer]:
            turns[buffer], aprons[buffer], more = revolved(flat, first, end, cut, found, buffer)
            found.most[buffer] += more
    rings = _rings(flat, facts, first, end, found)
    shared = _shared(flat, facts, first, runs[:made], (entries, exits)) if most else 0
    lost = _cycles(flat, facts, span, bands, found, made, rings)
    return rings, shared, lost, _turned(flat, facts, found, rings, turns, aprons)


@compiled
def _ends(facts: Facts, steps: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Buffers that die in these steps, and those that are born in them, of those that live outside, too."""
    start, end = steps
    entries, exits = np.empty(facts.buffers, np.int64), np.empty(facts.buffers, np.int64)
    entering = leaving = 0
    for buffer in range(facts.buffers):
        if facts.touched[buffer]:
            if facts.born[buffer] < start < facts.dead[buffer] <= end:
                entries[entering] = buffer
                entering += 1
            elif start <= facts.born[buffer] < end < facts.dead[buffer]:
                exits[leaving] = buffer
                leaving += 1
    return entries[:entering], exits[:leaving]


@compiled_leaf
def _aligned(facts: Facts, size: int) -> int:
    aligned: int = -(-size // facts.alignment) * facts.alignment
    return aligned


@compiled
def _rings(flat: Flat, facts: Facts, first: int, end: int, found: Found) -> int:
    """Bytes of rings: those carried from round to round, and the most that pass at once."""
    load = np.zeros(end - first + 1, np.int64)
    total = 0
    for buffer in range(facts.buffers):
        if found.state[buffer] == NOT_INNER:
            continue
        kept = found.most[buffer] * flat.row_bytes[buffer]
        if found.state[buffer] == CARRIED:
            total += _aligned(facts, kept)
            continue
        alone = found.lives_from[buffer] == found.lives_to[buffer]
        size = _aligned(facts, facts.sizes[buffer] if alone else min(kept, facts.sizes[buffer]))
        load[found.lives_from[buffer] - first] += size
        load[found.lives_to[buffer] - first + 1] -= size
    passing = alive = 0
    for place in range(load.shape[0]):
        alive += load[place]
        passing = max(passing, alive)
    return total + passing


@compiled
def _shared(flat: Flat, facts: Facts, first: int, runs: np.ndarray, ends: tuple[np.ndarray, np.ndarray]) -> int:
    """Bytes that the ends of a stream share, each with one other at most; not what they share with rings."""
    entries, exits = ends
    dead = np.empty((entries.shape[0], runs.shape[0]), np.int64)
    written = np.empty((exits.shape[0], runs.shape[0]), np.int64)
    follow(flat, first, runs, ends, facts.sizes, dead, written)
    shared = np.empty((entries.shape[0], exits.shape[0]), np.int64)
    for row in range(entries.shape[0]):
        size = facts.sizes[entries[row]]
        for column in range(exits.shape[0]):
            apart = _aligned(facts, distance(dead[row], written[column], size))
            shared[row, column] = min(_aligned(facts, size), _aligned(facts, facts.sizes[exits[column]]) - apart)
    total = 0
    while True:
        most = best_row = best_column = 0
        for row in range(entries.shape[0]):
            for column in range(exits.shape[0]):
                if shared[row, column] > most:
                    most, best_row, best_column = shared[row, column], row, column
        if most == 0:
            return total
        total += most
        shared[best_row, :] = 0
        shared[:, best_column] = 0


@compiled_leaf
def _cycles(flat: Flat, facts: Facts, span: tuple[int, int], bands: int, found: Found, made: int, rings: int) -> float:
    """What is lost to runs, to weights that are read for each band and to narrow bands, less what stays near."""
    first, end = span
    again = narrow = 0.0
    weights = read_again = 0
    for member in range(first, end):
        units = flat.units[member]
        together = -(-units // bands)
        rounds = -(-units // together)
        weights += facts.weights[member]
        # A kernel's own weights are as near as ever when a band passes over them again; at first they are as far as all
        # that the stream goes through in a round, and so is the kernel's code.
        read_again += facts.weights[member] * (rounds - 1)
        passes = rounds * (-(-facts.passes[member] * together // units) - 1) - (facts.passes[member] - 1)
        again += facts.own[member] * passes
        tile, band = facts.tile_rows[member], min(together * facts.rows[member], facts.all_rows[member])
        left = band % tile
        narrow += facts.spent[member] * max(0, facts.busy_rows[member] - left) / band if left else 0.0
    far = _read_cycles(facts, weights + CODE * (end - first) + rings)
    runs = (made - (end - first)) * (facts.call + facts.code * CODE * far)
    lost = runs + facts.again * (read_again * far + again) + narrow
    return lost - _gained(flat, facts, first, end, found)


@compiled
def _turned(flat: Flat, facts: Facts, found: Found, rings: int, turns: np.ndarray, aprons: np.ndarray) -> np.ndarray:
    """What is lost to rows that are moved to aprons, for each of `ROOMS`: they are read and written in a ring."""
    cycles, sizes = np.empty(facts.buffers, np.float64), np.empty(facts.buffers, np.float64)
    count = 0
    for buffer in range(facts.buffers):
        if turns[buffer] and aprons[buffer]:
            row, rows = flat.row_bytes[buffer], found.most[buffer]
            each = facts.moved + WAITED * _read_cycles(facts, rows * row)
            cycles[count] = turns[buffer] * (facts.turn + aprons[buffer] * row * each)
            sizes[count] = (rows - aprons[buffer]) * row
            count += 1
    turned = np.empty(len(ROOMS), np.float64)
    for index in range(len(ROOMS)):
        turned[index] = with_room(cycles[:count], sizes[:count], ROOMS[index] * rings)
    return turned


@compiled_leaf
def _gained(flat: Flat, facts: Facts, first: int, end: int, found: Found) -> float:
    """Cycles that are won where rows of rings are nearer than the whole value: for all that reads or writes it."""
    won = 0.0
    for touch in range(flat.touch_start[first], flat.touch_start[end]):
        buffer = flat.touch_buffer[touch]
        kept = found.most[buffer] * flat.row_bytes[buffer]
        if found.state[buffer] != NOT_INNER and kept and found.lives_from[buffer] < found.lives_to[buffer]:
            won += facts.touched_bytes[touch] * max(0.0, facts.far[buffer] - _read_cycles(facts, kept))
    return WAITED * won


@compiled
def most_gained(flat: Flat, facts: Facts, steps: tuple[int, int], span: tuple[int, int]) -> float:
    """Cycles that no stream of these steps wins more than: what lives in them alone would be nearest."""
    won = 0.0
    for touch in range(flat.touch_start[span[0]], flat.touch_start[span[1]]):
        buffer = flat.touch_buffer[touch]
        if facts.born[buffer] >= steps[0] and facts.dead[buffer] <= steps[1]:
            won += facts.touched_bytes[touch] * (facts.far[buffer] - facts.rates[0])
    return WAITED * won


@compiled_leaf
def _read_cycles(facts: Facts, size: int) -> float:
    """What a byte takes that lies among so many."""
    sides, rates = facts.sides, facts.rates
    cycles: float = rates[-1]
    for side in range(1, sides.shape[0]):
        if size < sides[side]:
            slope = (rates[side] - rates[side - 1]) / (sides[side] - sides[side - 1])
            cycles = slope * (size - sides[side - 1]) + rates[side - 1]
            break
    return cycles
