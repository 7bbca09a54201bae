"""Seeded placement problems of any size; the smallest arena of most is known: it is cut up to make them."""

import heapq
import random
from collections.abc import Callable, Mapping
from itertools import pairwise

from placement_rings import rings

from mini_infer.memory import Buffer, Problem

CAPACITY = 1 << 20
Piece = tuple[int, int, int, int]
"""Steps `[start, end)`, bytes `[bottom, top)`."""


def cut(count: int, seed: int, *, grain: int = 1, side: int = CAPACITY) -> list[Piece]:
    """Cut an arena by straight cuts through whole pieces into `count`, on a grid of `grain` steps and bytes."""
    chance = random.Random(seed)
    queue: list[tuple[float, int, Piece]] = [(-1.0, 0, (0, side, 0, side))]
    done: list[Piece] = []
    made = 0
    while queue and len(queue) + len(done) < count:
        _, _, (start, end, bottom, top) = heapq.heappop(queue)
        wide, high = (end - start) // grain, (top - bottom) // grain
        if max(wide, high) < 2:
            done.append((start, end, bottom, top))
            continue
        if high < 2 or (wide >= 2 and chance.random() < 0.5):
            at = start + grain * chance.randrange(1, wide)
            parts = [(start, at, bottom, top), (at, end, bottom, top)]
        else:
            at = bottom + grain * chance.randrange(1, high)
            parts = [(start, end, bottom, at), (start, end, at, top)]
        for part in parts:
            made += 1
            area = (part[1] - part[0]) * (part[3] - part[2]) / side**2
            heapq.heappush(queue, (-area * chance.random() ** 2, made, part))
    pieces = done + [piece for _, _, piece in queue]
    chance.shuffle(pieces)
    return pieces


def _to_problem(pieces: list[Piece]) -> Problem:
    return Problem(tuple(Buffer(str(i), t - b, s, e) for i, (s, e, b, t) in enumerate(pieces)), CAPACITY)


def cut_fine(count: int, seed: int) -> Problem:
    """Every step and byte may be a border: hardly two pieces fit by chance."""
    return _to_problem(cut(count, seed))


def cut_coarse(count: int, seed: int) -> Problem:
    """Borders on a grid of 1024: many pieces look as if they fitted."""
    return _to_problem(cut(count, seed, grain=1024))


def cut_and_thinned(count: int, seed: int) -> Problem:
    """One piece in twenty is missing, save those alive in one step: the bound stays, slack appears."""
    pieces = cut(count * 20 // 19, seed)
    chance = random.Random(seed + 1)
    moment = chance.randrange(CAPACITY)
    return _to_problem([piece for piece in pieces if piece[0] <= moment < piece[1] or chance.random() > 0.05])


def swept(count: int, seed: int) -> Problem:
    """Buffers die and their holes are cut up anew, step by step: full at all times, and no straight cut anywhere."""
    chance = random.Random(seed)
    borders = sorted({0, CAPACITY, *(chance.randrange(1, CAPACITY) for _ in range(19))})
    alive = [(0, bottom, top) for bottom, top in pairwise(borders)]
    pieces: list[Piece] = []
    step = 0
    while len(pieces) + len(alive) < count:
        step += chance.randrange(1, 5)
        at = chance.randrange(len(alive))
        dead = alive[at : at + chance.randrange(1, 4)]
        pieces += [(born, step, bottom, top) for born, bottom, top in dead]
        bottom, top = dead[0][1], dead[-1][2]
        inner = {chance.randrange(bottom, top) for _ in range(chance.randrange(3) + (len(alive) < 20))} - {bottom}
        new = sorted({bottom, top} | inner)
        alive[at : at + len(dead)] = [(step, low, high) for low, high in pairwise(new)]
    pieces += [(born, step + 1, bottom, top) for born, bottom, top in alive]
    chance.shuffle(pieces)
    return _to_problem(pieces)


def uniform(count: int, seed: int) -> Problem:
    """Births anywhere, lives of 1 to 1000 steps, sizes from 64 bytes to 1 MiB, logarithmic: no known optimum."""
    chance = random.Random(seed)
    buffers = []
    for index in range(count):
        start = chance.randrange(count)
        size = 64 * max(1, int(16384 ** chance.random()))
        buffers.append(Buffer(str(index), size, start, start + chance.randrange(1, 1001)))
    return Problem(tuple(buffers))


KINDS: Mapping[str, Callable[[int, int], Problem]] = {
    "cut-fine": cut_fine,
    "cut-coarse": cut_coarse,
    "cut-thinned": cut_and_thinned,
    "swept": swept,
    "uniform": uniform,
    "rings": rings,
}
