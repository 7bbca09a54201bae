"""What a stream costs: the bytes alive while it runs, and the cycles by which it is slower than its calls whole."""

from dataclasses import dataclass, replace
from itertools import chain, pairwise

import numpy as np

from mini_infer.machine import Machine
from mini_infer.memory import alive_bytes
from mini_infer.program import Program, Space
from mini_infer.program.kernels import TiledContraction
from mini_infer.streaming.access import Accesses, Member
from mini_infer.streaming.ends import Ends, Progress
from mini_infer.streaming.flat import Replay, flattened, replayed

_WAITED = 0.4
"""Of the time that weights and values take from a cache, what is waited for: the rest passes while sums are made."""

_CODE = 4 << 10
"""Bytes of a kernel's code, about."""

_FAR = 1.5
"""Times what is wanted: too much for another order of the runs to mend."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is known of a stream before it is made.

    Parameters
    ----------
    peak
        Bytes alive in its step, its rings included, and what its ends share counted once.
    shared
        Bytes that its ends share.
    rings
        Bytes of these.
    lazy
        Which order of the runs has the smaller rings (`compiled.replay`).
    """

    peak: int
    shared: int
    rings: int
    lazy: bool


class Estimator:
    """Estimates of all streams that a program could have; each is worked out once.

    Attributes
    ----------
    alive
        For each step as it is, the bytes alive.
    outside
        `outside[i, j]`: bytes that are alive while steps `[i, j)` are one, but for what lives in these alone.
    cycles
        That the program takes as it is.
    call
        Cycles that a run takes besides its work: several threads meet after each.
    far
        For each buffer, the cycles that a byte of it takes where it is whole.
    touched
        Of each touch, the bytes from its first to its last.
    weights, passes, own
        Of each call: bytes of its constants, how often it goes through them, and the cycles that this takes each time.
    sharing
        Whether the ends of streams share bytes.
    """

    def __init__(self, program: Program, machine: Machine, alignment: int, threads: int = 1) -> None:
        self.program = program
        self.machine = machine
        self.call = machine.rates.clock * (machine.rates.call + (machine.rates.barrier if threads > 1 else 0))
        self.alignment = alignment
        self.accesses = Accesses.of(program)
        self.flat = flattened(self.accesses)
        steps = len(program.steps)
        buffers = program.problem.buffers
        self.alive = alive_bytes(buffers, steps)
        self.sizes = np.array([buffer.size for buffer in buffers], np.int64)
        self.outside, self._fewest = self._outside(steps)
        self.sharing = True
        self.far = self._read_cycles(self.flat.rows * self.flat.row_bytes)
        self.touched = np.array([touch.bytes for touch in self.accesses.touches], np.int64)
        members = self.accesses.members
        self.first = self.accesses.first
        self.weights = np.array([_weights(program, member) for member in members], np.int64)
        self.own = self.weights * self._read_cycles(self.weights)
        self.passes = np.array([member.call.kernel.weight_passes for member in members], np.int64)
        self.spent = machine.rates.clock * np.array(
            [member.call.cost(machine).nanoseconds for member in members], np.float64
        )
        self.cycles = float(self.spent.sum())
        self.rows = np.array([member.rows for member in members], np.int64)
        self.all_rows = np.array([member.all_rows for member in members], np.int64)
        self.tile_rows = np.array([_tile_rows(member) for member in members], np.int64)
        self._known: dict[tuple[int, int, int], Estimate] = {}
        self._lost: dict[tuple[int, int, int], float] = {}
        self._lazy: set[tuple[int, int]] = set()

    def _outside(self, steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Buffers that are born before j and die after i, less those that do both in between; and `fewest`."""
        table = np.zeros((steps + 1, steps + 1), np.int64)
        count = len(self.sizes)
        np.add.at(table, (self.accesses.born[:count], self.accesses.dead[:count]), self.sizes)
        born = table.sum(axis=1)
        dead = table.sum(axis=0)
        before = np.concatenate([[0], np.cumsum(born)])[: steps + 1]  # born before j
        gone = np.cumsum(dead)  # dead at i
        inside = np.cumsum(np.cumsum(table[::-1], axis=0)[::-1], axis=1)  # born from i on, dead at j
        found: np.ndarray = before[None, :] - gone[:, None] - inside
        past = np.concatenate([np.zeros((1, steps + 1), np.int64), np.cumsum(np.cumsum(table, axis=0), axis=1)[:-1]])
        at = np.arange(steps + 1)  # past[i, j]: born before i, dead at j
        entries = past - past[at, at][:, None]
        exits = (before - past[at, at])[None, :] - (before[:, None] - past)
        return found, found - np.minimum(entries, exits)

    @property
    def fewest(self) -> np.ndarray:
        """`outside`, if what dies in these steps shared as many bytes as there are with what is born in them."""
        return self._fewest if self.sharing else self.outside

    def time(self, start: int, end: int) -> float:
        """Cycles that these steps take as they are."""
        return float(self.spent[self.first[start] : self.first[end]].sum())

    def gains(self, start: int, end: int) -> bool:
        """Whether anything that lives in these steps alone is far from the processor where it is whole."""
        inner = self.accesses.inner(start, end)
        return bool((self.far[inner] > self.machine.rates.read[0]).any())

    def bands(self, start: int, end: int) -> list[int]:
        """Numbers of bands worth a look, the most first: rows of the tallest value one by one, in pairs, and so on."""
        most = int(self.flat.units[self.first[start] : self.first[end]].max(initial=1))
        found = []
        together = 1
        while -(-most // together) > 1:
            found.append(-(-most // together))
            together *= 2
        return found

    def estimate(self, start: int, end: int, bands: int) -> Estimate:
        """The steps `[start, end)` as a stream of so many bands."""
        key = start, end, bands
        if key not in self._known:
            self._known[key] = self._estimate(start, end, bands, lazy=(start, end) in self._lazy)
        return self._as_wanted(self._known[key])

    def finest(self, start: int, end: int, limit: int) -> Estimate:
        """The steps as a stream of as many bands as there are, in the order of runs that needs fewer bytes.

        Only one order is tried where that is far above a limit.
        """
        bands = self.bands(start, end)[0]
        key = start, end, bands
        if key not in self._known:
            best = self._estimate(start, end, bands, lazy=False)
            if best.peak + best.shared < _FAR * limit:
                best = min(best, self._estimate(start, end, bands, lazy=True), key=lambda each: each.rings)
            self._known[key] = best
            if best.lazy:
                self._lazy.add((start, end))
        return self._as_wanted(self._known[key])

    def _as_wanted(self, found: Estimate) -> Estimate:
        return found if self.sharing or not found.shared else replace(found, peak=found.peak + found.shared, shared=0)

    def _estimate(self, start: int, end: int, bands: int, *, lazy: bool) -> Estimate:
        inner = self.accesses.inner(start, end)
        first, last = int(self.first[start]), int(self.first[end])
        ends = Ends.of(self.accesses, len(self.sizes), start, end)
        units = self.flat.units[first:last]
        count = int((-(-units // -(-units // bands)) + 1).sum()) if ends else 0  # the first band may be short
        runs = np.empty((count, 3), np.int64)
        found = replayed(self.flat, first, last, bands, inner, runs, lazy=lazy)
        rings = self._rings(found, first, last)
        shared = self._shared(first, runs[: found.runs], ends) if ends else 0
        return Estimate(int(self.outside[start, end]) - shared + rings, shared, rings, lazy)

    def lost(self, start: int, end: int, bands: int) -> float:
        """Cycles that the steps take more as such a stream; negative where it is faster."""
        key = start, end, bands
        if key not in self._lost:
            known = self.estimate(start, end, bands)
            first, last = int(self.first[start]), int(self.first[end])
            found = replayed(self.flat, first, last, bands, self.accesses.inner(start, end), lazy=known.lazy)
            self._lost[key] = self._cycles(found, first, last, bands, known.rings)
        return self._lost[key]

    def _shared(self, first: int, runs: np.ndarray, ends: Ends) -> int:
        """Bytes that the ends of a stream share, each with one other at most; not what they share with rings."""
        found = self._aligned(Progress.of(self.flat, first, runs, ends, self.sizes).distances())
        bytes_of = self._aligned(self.sizes)
        shared = np.minimum(bytes_of[ends.entries][:, None], bytes_of[ends.exits][None, :] - found)
        total = 0
        while shared.max() > 0:
            row, column = np.unravel_index(shared.argmax(), shared.shape)
            total += int(shared[row, column])
            shared[row, :] = shared[:, column] = 0
        return total

    def _rings(self, found: Replay, first: int, end: int) -> int:
        """Bytes of rings: those carried from round to round, and the most that pass at once."""
        kept = found.most * self.flat.row_bytes
        passing, alone = found.passing, found.lives_from == found.lives_to
        sizes = np.minimum(kept[passing], self.sizes[passing])
        sizes = np.where(alone[passing], self.sizes[passing], sizes)
        load = np.zeros(end - first + 1, np.int64)
        np.add.at(load, found.lives_from[passing] - first, self._aligned(sizes))
        np.subtract.at(load, found.lives_to[passing] - first + 1, self._aligned(sizes))
        return int(self._aligned(kept[found.carried]).sum() + np.cumsum(load).max(initial=0))

    def _aligned(self, sizes: np.ndarray) -> np.ndarray:
        aligned: np.ndarray = -(-sizes // self.alignment) * self.alignment
        return aligned

    def _cycles(self, found: Replay, first: int, end: int, bands: int, rings: int) -> float:
        """What is lost to runs, to weights that are read for each band and to narrow bands, less what stays near."""
        units = self.flat.units[first:end]
        together = -(-units // bands)
        rounds = -(-units // together)
        runs = found.runs - (end - first)
        # A kernel's own weights are as near as ever when a band passes over them again; at first they are as far as all
        # that the stream goes through in a round, and so is the kernel's code.
        weights, passes = self.weights[first:end], self.passes[first:end]
        far = float(self._read_cycles(weights.sum() + _CODE * (end - first) + rings))
        again = rounds * (-(-passes * together // units) - 1) - (passes - 1)
        lost = runs * (self.call + _CODE * far)
        lost += _WAITED * float((weights * (rounds - 1)).sum() * far + (self.own[first:end] * again).sum())
        tiles, band = self.tile_rows[first:end], np.minimum(together * self.rows[first:end], self.all_rows[first:end])
        lost += float((self.spent[first:end] * (-(-band // tiles) * tiles / band - 1)).sum())
        return lost - self._gained(found, first, end)

    def _gained(self, found: Replay, first: int, end: int) -> float:
        """Cycles that are won where rows of rings are nearer than the whole value: for all that reads or writes it."""
        touches = slice(int(self.flat.touch_start[first]), int(self.flat.touch_start[end]))
        kept = np.zeros(len(self.flat.rows), np.int64)
        inner = np.concatenate([found.carried, found.passing])
        kept[inner] = found.most[inner] * self.flat.row_bytes[inner]
        buffers = self.flat.touch_buffer[touches]
        there = (kept[buffers] > 0) & (found.lives_from[buffers] < found.lives_to[buffers])
        nearer = self.far[buffers[there]] - self._read_cycles(kept[buffers[there]])
        return _WAITED * float((self.touched[touches][there] * np.maximum(0.0, nearer)).sum())

    def _read_cycles(self, sizes: np.ndarray) -> np.ndarray:
        """`Machine.read_cycles`, but what is larger than the near part of a cache and fits into it is there in part."""
        caches, rates = self.machine.caches, self.machine.rates.read
        sides = [side for size in caches for side in (size // 2, size)]
        found: np.ndarray = np.interp(sizes, [0, *sides], [rates[0], *chain.from_iterable(pairwise(rates))])
        return found


def _weights(program: Program, member: Member) -> int:
    """Bytes of the constants that every band reads."""
    return sum(program.constants[view.index].nbytes for view in member.call.operands if view.space is Space.CONSTANT)


def _tile_rows(member: Member) -> int:
    """Rows of a register tile that lie across the rows of bands; 1 where they do not."""
    kernel = member.call.kernel
    return kernel.tile.rows if isinstance(kernel, TiledContraction) and len(kernel.shape.axes) == 1 else 1
