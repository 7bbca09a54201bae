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


def cut_into_blocks(count: int, seed: int) -> Problem:
    """Borders on a grid of some thirty cells a piece: few different sizes and lives, as in compilers' dumps."""
    side = round(6 * count**0.5)
    return _to_problem(cut(count, seed, grain=CAPACITY // side, side=CAPACITY // side * side))


def blocks_thinned(count: int, seed: int) -> Problem:
    """The same, and one piece in thirty is missing, save those alive in one step: the bound stays, slack appears."""
    side = round(6 * count**0.5)
    return _thinned(cut(count * 30 // 29, seed, grain=CAPACITY // side, side=CAPACITY // side * side), seed, 1 / 30)


def _thinned(pieces: list[Piece], seed: int, share: float) -> Problem:
    chance = random.Random(seed + 1)
    moment = chance.randrange(CAPACITY)
    return _to_problem([piece for piece in pieces if piece[0] <= moment < piece[1] or chance.random() > share])


def cut_and_thinned(count: int, seed: int) -> Problem:
    """One piece in twenty is missing, save those alive in one step: the bound stays, slack appears."""
    return _thinned(cut(count * 20 // 19, seed), seed, 0.05)


def _sweep(count: int, seed: int, alive_at_once: int) -> list[Piece]:
    """Let buffers die, and cut their holes up anew, step by step: full at all times, and no straight cut anywhere."""
    chance = random.Random(seed)
    borders = sorted({0, CAPACITY, *(chance.randrange(1, CAPACITY) for _ in range(alive_at_once - 1))})
    alive = [(0, bottom, top) for bottom, top in pairwise(borders)]
    pieces: list[Piece] = []
    step = 0
    while len(pieces) + len(alive) < count:
        step += chance.randrange(1, 5)
        at = chance.randrange(len(alive))
        dead = alive[at : at + chance.randrange(1, 4)]
        pieces += [(born, step, bottom, top) for born, bottom, top in dead]
        bottom, top = dead[0][1], dead[-1][2]
        inner = {chance.randrange(bottom, top) for _ in range(chance.randrange(3) + (len(alive) < alive_at_once))}
        new = sorted({bottom, top} | inner)
        alive[at : at + len(dead)] = [(step, low, high) for low, high in pairwise(new)]
    pieces += [(born, step + 1, bottom, top) for born, bottom, top in alive]
    chance.shuffle(pieces)
    return pieces


def swept(count: int, seed: int) -> Problem:
    """Some twenty buffers alive at all times, with no straight cut anywhere."""
    return _to_problem(_sweep(count, seed, 20))


def swept_crowded(count: int, seed: int) -> Problem:
    """The same with a tenth of the buffers alive at all times, 400 at most."""
    return _to_problem(_sweep(count, seed, min(max(count // 10, 10), 400)))


def swept_loose(count: int, seed: int) -> Problem:
    """Some twenty alive, and a fiftieth of the bytes free."""
    return _to_problem(_loosened(_sweep(count, seed, 20), seed, 0.02))


def _pinwheels(count: int, seed: int, frame: Piece = (0, CAPACITY, 0, CAPACITY)) -> list[Piece]:
    """Tile `frame` by pinwheels within pinwheels: four pieces around a fifth, which no straight cut takes apart."""
    chance = random.Random(seed)
    queue: list[tuple[float, int, Piece]] = [(-1.0, 0, frame)]
    done: list[Piece] = []
    made = 0
    while queue and len(queue) + len(done) < count:
        _, _, (start, end, bottom, top) = heapq.heappop(queue)
        if end - start < 3 or top - bottom < 3:
            done.append((start, end, bottom, top))
            continue
        left, right = sorted(chance.sample(range(start + 1, end), 2))
        low, high = sorted(chance.sample(range(bottom + 1, top), 2))
        parts = [
            (start, right, bottom, low),
            (right, end, bottom, high),
            (left, end, high, top),
            (start, left, low, top),
            (left, right, low, high),
        ]
        if chance.random() < 0.5:  # turned the other way
            parts = [(start + end - e, start + end - s, b, t) for s, e, b, t in parts]
        for part in parts:
            made += 1
            heapq.heappush(queue, (-((part[1] - part[0]) * (part[3] - part[2]) * chance.random() ** 2), made, part))
    pieces = done + [piece for _, _, piece in queue]
    chance.shuffle(pieces)
    return pieces


def _spined(count: int, seed: int) -> list[Piece]:
    """Lay spines, which live for most of the time, through the arena; what is around each is cut up or tiled."""
    chance = random.Random(seed)
    spines = max(2, round(count**0.5 / 3))
    borders = sorted({0, CAPACITY, *(chance.randrange(1, CAPACITY) for _ in range(spines - 1))})
    pieces: list[Piece] = []
    rooms: list[Piece] = []
    for bottom, top in pairwise(borders):
        start, end = int(CAPACITY * chance.uniform(0, 0.3)), int(CAPACITY * chance.uniform(0.7, 1))
        middle = bottom + int((top - bottom) * chance.uniform(0.1, 0.6))
        spine = (start, end, bottom, max(middle, bottom + 1))
        pieces.append(spine)
        rooms += [(0, start, bottom, spine[3]), (end, CAPACITY, bottom, spine[3]), (0, CAPACITY, spine[3], top)]
    rooms = [room for room in rooms if room[0] < room[1] and room[2] < room[3]]
    total = sum((e - s) * (t - b) for s, e, b, t in rooms)
    for number, room in enumerate(rooms):
        share = round((count - len(pieces)) * (room[1] - room[0]) * (room[3] - room[2]) / max(total, 1))
        total -= (room[1] - room[0]) * (room[3] - room[2])
        inner = _pinwheels(share, seed + number, room) if number % 2 else _cut_frame(share, seed + number, room)
        pieces += inner
    chance.shuffle(pieces)
    return pieces


def _cut_frame(count: int, seed: int, frame: Piece) -> list[Piece]:
    """Cut `frame` as `cut` cuts the arena."""
    start, end, bottom, top = frame
    borders = [
        (
            start + s * (end - start) // CAPACITY,
            start + e * (end - start) // CAPACITY,
            bottom + b * (top - bottom) // CAPACITY,
            bottom + t * (top - bottom) // CAPACITY,
        )
        for s, e, b, t in cut(max(count, 1), seed)
    ]
    return [piece for piece in borders if piece[0] < piece[1] and piece[2] < piece[3]]


def _loosened(pieces: list[Piece], seed: int, gap: float) -> list[Piece]:
    """Make every other piece shorter or smaller, so that about the share `gap` of the arena is free."""
    chance = random.Random(seed + 1)
    loosened = []
    for start, end, bottom, top in pieces:
        keep = 1 - 4 * gap * chance.random()
        kind = chance.randrange(4)
        new_end = start + max(int((end - start) * keep), 1) if kind == 0 else end
        new_top = bottom + max(int((top - bottom) * keep), 1) if kind == 1 else top
        loosened.append((start, new_end, bottom, new_top))
    return loosened


def pinwheel(count: int, seed: int) -> Problem:
    """Pinwheels within pinwheels: no straight cut anywhere, and lives of all lengths."""
    return _to_problem(_pinwheels(count, seed))


def pinwheel_loose(count: int, seed: int) -> Problem:
    """The same with a twentieth of the bytes free."""
    return _to_problem(_loosened(_pinwheels(count, seed), seed, 0.05))


def spined(count: int, seed: int) -> Problem:
    """Some buffers live for most of the time; what is between them is cut up or tiled by pinwheels."""
    return _to_problem(_spined(count, seed))


def spined_loose(count: int, seed: int) -> Problem:
    """The same with a hundredth of the bytes free."""
    return _to_problem(_loosened(_spined(count, seed), seed, 0.01))


def cut_loose(count: int, seed: int) -> Problem:
    """A cut arena with a hundredth of the bytes free."""
    return _to_problem(_loosened(cut(count, seed), seed, 0.01))


def cut_aligned(count: int, seed: int) -> Problem:
    """A cut arena with borders at multiples of 64 bytes; sizes are up to 63 bytes less than the room, aligned to 64."""
    chance = random.Random(seed + 1)
    pieces = cut(count, seed, grain=64)
    return Problem(
        tuple(Buffer(str(i), t - b - chance.randrange(64), s, e, 64) for i, (s, e, b, t) in enumerate(pieces)), CAPACITY
    )


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
    "cut-loose": cut_loose,
    "blocks": cut_into_blocks,
    "blocks-thinned": blocks_thinned,
    "cut-aligned": cut_aligned,
    "swept": swept,
    "swept-crowded": swept_crowded,
    "swept-loose": swept_loose,
    "pinwheel": pinwheel,
    "pinwheel-loose": pinwheel_loose,
    "spined": spined,
    "spined-loose": spined_loose,
    "uniform": uniform,
    "rings": rings,
}

TIGHT = tuple(kind for kind in KINDS if kind not in ("uniform", "rings"))
"""What is cut from an arena of `CAPACITY` bytes: some plan is no higher."""
