"""What a stream costs: the bytes alive while it runs, and the cycles by which it is slower than its calls whole."""

from dataclasses import dataclass, replace
from itertools import chain, pairwise

import numpy as np

from mini_infer.machine import Machine
from mini_infer.memory import alive_bytes
from mini_infer.program import Program, Space
from mini_infer.program.kernels import TiledContraction
from mini_infer.streaming.access import Accesses, Member
from mini_infer.streaming.flat import flattened
from mini_infer.streaming.look import Facts, look, most_gained

_FAR = 1.5
"""Times what is wanted: too much for another order of the runs to mend."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What the parts of a stream take that the whole calls do not.

    Parameters
    ----------
    call
        Of the time of a call, what a run takes, which is one of many.
    code, again
        As in `look.Facts`.
    measured
        Whether rows that are moved in rings count, rests of tiles as far as they take more time than their part of
        a whole tile, and products that one instruction adds up as one.
    """

    call: float
    code: float
    again: float
    measured: bool


MEASURED = Costs(call=0.5, code=0.4, again=0.1, measured=True)
"""Fitted to times of seven networks with more streams and fewer, whole runs and streamed ones in turns."""

CAREFUL = Costs(call=1.0, code=1.0, again=0.4, measured=False)
"""Everything in full: of streams with the same peak this finds few long bands, whose plans reach it."""


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
    lost
        Cycles that the steps take more as such a stream; negative where it is faster. They are whole, so that streams
        that are as fast are known to be.
    """

    peak: int
    shared: int
    rings: int
    lazy: bool
    lost: int


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
    facts
        What is known of buffers and calls besides.
    sharing
        Whether the ends of streams share bytes.
    """

    def __init__(
        self, program: Program, machine: Machine, alignment: int, threads: int = 1, costs: Costs = MEASURED
    ) -> None:
        self.program = program
        self.machine = machine
        self.accesses = Accesses.of(program)
        self.flat = flattened(self.accesses)
        steps = len(program.steps)
        buffers = program.problem.buffers
        self.alive = alive_bytes(buffers, steps)
        self.sizes = np.array([buffer.size for buffer in buffers], np.int64)
        self.outside, self._fewest = self._outside(steps)
        self.sharing = True
        self.first = self.accesses.first
        self.facts = self._facts(alignment, threads, costs)
        self.cycles = float(self.facts.spent.sum())
        self._known: dict[tuple[int, int, int], Estimate] = {}
        self._bands: dict[tuple[int, int], list[int]] = {}
        self._lazy: set[tuple[int, int]] = set()

    def _facts(self, alignment: int, threads: int, costs: Costs) -> Facts:
        accesses, members, rates = self.accesses, self.accesses.members, self.machine.rates
        # What is larger than the near part of a cache, but fits into it, is there in part.
        sides = np.array([0, *(side for size in self.machine.caches for side in (size // 2, size))], np.int64)
        read = np.array([rates.read[0], *chain.from_iterable(pairwise(rates.read))], np.float64)
        weights = np.array([_weights(self.program, member) for member in members], np.int64)
        nanoseconds = np.array([_nanoseconds(member, self.machine, costs) for member in members], np.float64)
        return Facts(
            born=accesses.born,
            dead=accesses.dead,
            sizes=self.sizes,
            touched=accesses.touched,
            far=np.interp(self.flat.rows * self.flat.row_bytes, sides, read),
            touched_bytes=np.array([touch.bytes for touch in accesses.touches], np.int64),
            weights=weights,
            own=weights * np.interp(weights, sides, read),
            passes=np.array([member.call.kernel.weight_passes for member in members], np.int64),
            spent=rates.clock * nanoseconds,
            rows=np.array([member.rows for member in members], np.int64),
            all_rows=np.array([member.all_rows for member in members], np.int64),
            tile_rows=np.array([_tile_rows(member) for member in members], np.int64),
            busy_rows=np.array([_busy_rows(member, self.machine, costs) for member in members], np.int64),
            sides=sides,
            rates=read,
            call=rates.clock * (costs.call * rates.call + (rates.barrier if threads > 1 else 0)),
            code=costs.code,
            again=costs.again,
            turn=rates.clock * (rates.barrier if threads > 1 else 0),
            moved=2 / self.machine.pipeline.bytes,
            turns=costs.measured,
            buffers=len(self.sizes),
            alignment=alignment,
        )

    def _outside(self, steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Buffers that are born before j and die after i, less those that do both in between; and `fewest`."""
        count, times = len(self.sizes), steps + 3  # one before the first step, and one after the end
        table = np.zeros((times, times), np.int64)
        np.add.at(table, (self.accesses.born[:count] + 1, self.accesses.dead[:count] + 1), self.sizes)
        born = table.sum(axis=1)
        dead = table.sum(axis=0)
        before = np.concatenate([[0], np.cumsum(born)])[:times]  # born before j
        gone = np.cumsum(dead)  # dead at i
        inside = np.cumsum(np.cumsum(table[::-1], axis=0)[::-1], axis=1)  # born from i on, dead at j
        found: np.ndarray = before[None, :] - gone[:, None] - inside
        past = np.concatenate([np.zeros((1, times), np.int64), np.cumsum(np.cumsum(table, axis=0), axis=1)[:-1]])
        at = np.arange(times)  # past[i, j]: born before i, dead at j
        entries = past - past[at, at][:, None]
        exits = (before - past[at, at])[None, :] - (before[:, None] - past)
        inner = slice(1, steps + 2)
        return found[inner, inner], (found - np.minimum(entries, exits))[inner, inner]

    @property
    def fewest(self) -> np.ndarray:
        """`outside`, if what dies in these steps shared as many bytes as there are with what is born in them."""
        return self._fewest if self.sharing else self.outside

    def time(self, start: int, end: int) -> float:
        """Cycles that these steps take as they are."""
        return float(self.facts.spent[self.first[start] : self.first[end]].sum())

    def most_gained(self, start: int, end: int) -> float:
        """Cycles that these steps cannot win more than as any stream: all that lives in them alone would be nearest."""
        return most_gained(self.flat, self.facts, (start, end), (int(self.first[start]), int(self.first[end])))

    def bands(self, start: int, end: int) -> list[int]:
        """Numbers of bands worth a look, the most first: rows of the tallest value one by one, in pairs, and so on."""
        if (start, end) not in self._bands:
            most = int(self.flat.units[self.first[start] : self.first[end]].max(initial=1))
            halved = (-(-most // (1 << power)) for power in range(most.bit_length()))
            self._bands[start, end] = [bands for bands in halved if bands > 1]
        return self._bands[start, end]

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
        span = int(self.first[start]), int(self.first[end])
        rings, shared, lost = look(self.flat, self.facts, (start, end), span, bands, int(lazy))
        return Estimate(int(self.outside[start, end]) - shared + rings, shared, rings, lazy, round(lost))

    def lost(self, start: int, end: int, bands: int) -> int:
        """Cycles that the steps take more as such a stream; negative where it is faster."""
        return self.estimate(start, end, bands).lost


def _nanoseconds(member: Member, machine: Machine, costs: Costs) -> int:
    """What a call takes as it is; one instruction adds up several products of bytes."""
    kernel = member.call.kernel
    taken = member.call.cost(machine).nanoseconds
    if not costs.measured or not isinstance(kernel, TiledContraction):
        return taken
    return taken - machine.nanoseconds(kernel.performed - kernel.performed // kernel.types.depth, 0, 0)


def _weights(program: Program, member: Member) -> int:
    """Bytes of the constants that every band reads."""
    return sum(program.constants[view.index].nbytes for view in member.call.operands if view.space is Space.CONSTANT)


def _tile_rows(member: Member) -> int:
    """Rows of a register tile that lie across the rows of bands; 1 where they do not."""
    kernel = member.call.kernel
    return kernel.tile.rows if isinstance(kernel, TiledContraction) and len(kernel.shape.axes) == 1 else 1


def _busy_rows(member: Member, machine: Machine, costs: Costs) -> int:
    """Rows of a tile that have as many sums as are added to at once; all of a tile that never has."""
    kernel, rows = member.call.kernel, _tile_rows(member)
    if not costs.measured or not isinstance(kernel, TiledContraction):
        return rows
    return min(rows, -(-machine.pipeline.in_flight // kernel.tile.vectors))
