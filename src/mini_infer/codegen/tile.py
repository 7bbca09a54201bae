"""The register tile in C: sums of a few rows times a few vectors of columns.

One step of the reduction loads a row of weights (`vectors` vectors), and for each row of the tile broadcasts one
number of x and adds its product with them::

            w0  w1  w2
    x0 ──▶ a00 a01 a02
    x1 ──▶ a10 a11 a12

The sums are named variables, so that compilers keep them in registers. An empty `asm` after each step keeps them from
hoisting the next step's loads above it, for which there are no registers left.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mini_infer.codegen import lanes as vectors
from mini_infer.codegen.windows import Stretch

_LOOP = 32
"""Multiply-adds that a loop's body should have at least: with fewer, counting takes a share of the time."""

_HIDING = 8
"""Independent sums that keep the multiply-add units busy."""

_PART = 256
"""Steps of a reduction in one chain of additions, where every cycle counts: adding up the parts then takes 1 %."""

_SMALL = 1 << 20
"""Multiply-adds of a layer that takes microseconds: it can afford shorter chains."""

KEEP_ORDER = '__asm__ volatile("" ::: "memory");'


@dataclass(frozen=True, slots=True)
class Sums:
    """The registers of one tile.

    Parameters
    ----------
    rows
        Rows of the tile.
    columns
        Columns that exist: at most `block`, the tile's width.
    block
        Columns of one row of weights.
    lanes
        Of a vector.
    phases
        Sets of sums that consecutive steps of the reduction take in turn, for tiles too small to hide the latency of
        a multiply-add; `merge` adds them up.
    part
        Steps to sum by themselves, from `start` to `settle`, for shorter chains of additions; 0: all.
    """

    rows: int
    columns: int
    block: int
    lanes: int
    phases: int = 1
    part: int = 0

    @property
    def vectors(self) -> int:
        """Vectors needed for the columns that exist."""
        return -(-self.columns // self.lanes)

    def valid(self, vector: int) -> int:
        """How many lanes of this vector are columns that exist."""
        return min(self.lanes, self.columns - vector * self.lanes)

    def declare(self, bias: str) -> list[str]:
        """The sums, starting from the bias (an address, padded to whole blocks) or from 0."""
        v = f"v{self.lanes}"
        every = [sums for _, sums in self._totals(range(self.rows))]
        starts = [f"{v}_load({bias} + {n * self.lanes})" if bias else f"({v}){{0}}" for n in range(self.vectors)]
        if self.part:
            totals = [f"_Alignas(64) {v} totals[{len(every)}] = {{{', '.join(starts * self.rows)}}};"]
            return [*totals, *(f"{v} {', '.join(sums)};" for sums in every)]
        lines = []
        for n, start in enumerate(starts):
            names = [name(row, n) for row in range(self.rows)]
            lines.append(f"{v} {', '.join(f'{one} = {start}' for one in names)};")
        spare = [one for sums in every for one in sums[1:]]
        return lines + ([f"{v} {', '.join(f'{one} = {{0}}' for one in spare)};"] if spare else [])

    def reduce(
        self,
        rows: Sequence[tuple[int, int]],
        *,
        count: int,
        x_step: int,
        w_step: int,
        partial_weights: bool = False,
    ) -> list[str]:
        """Add `count` steps to the sums.

        Pointers `p` (x) and `q` (weights) must be declared; they advance by `x_step` and `w_step`.

        Parameters
        ----------
        rows
            The rows that take part: (index, offset of its number from `p`).
        partial_weights
            Whether weights end with the columns that exist instead of being padded to whole vectors.
        """
        indices = [row for row, _ in rows]
        unroll = max(self.phases, _LOOP // (len(rows) * self.vectors), 1)

        def step(k: int) -> list[str]:
            return self._step(rows, k, x_step, w_step, partial_weights=partial_weights)

        whole, rest = divmod(count, unroll)
        if whole == 1:
            whole, rest = 0, count
        last = [line for k in range(rest) for line in step(k)]
        if not whole:
            return last
        steps = indent([line for k in range(unroll) for line in step(k)])
        advance = f"p += {unroll * x_step}, q += {unroll * w_step}"
        if not 0 < self.part <= count:
            return [f"for (long i = 0; i < {whole}; ++i, {advance}) {{", *steps, "}", *last]
        part = max(1, self.part // unroll)
        begin, end = self.start(indices), self.settle(indices)
        return [
            f"for (long left = {whole}; left > 0; left -= {part}) {{",
            f"  const long trips = left < {part} ? left : {part};",
            *indent([*begin, f"for (long i = 0; i < trips; ++i, {advance}) {{", *steps, "}", *end]),
            "}",
            *([*begin, *last, *end] if last else []),
        ]

    def _step(
        self, rows: Sequence[tuple[int, int]], k: int, x_step: int, w_step: int, *, partial_weights: bool
    ) -> list[str]:
        v = f"v{self.lanes}"
        phase = k % self.phases
        weights = [
            vectors.load(
                self.lanes,
                f"w{n}",
                f"q + {k * w_step + n * self.lanes}",
                self.valid(n) if partial_weights else self.lanes,
            )
            for n in range(self.vectors)
        ]
        lines = ["{ " + " ".join(weights)]
        for row, offset in rows:
            products = " ".join(f"{name(row, n, phase)} += s * w{n};" for n in range(self.vectors))
            lines.append(f"  {{ const {v} s = {v}_splat(p[{offset + k * x_step}]); {products} }}")
        lines.append(f"}} {KEEP_ORDER}")
        return lines

    def slide(self, uses: Mapping[int, Sequence[tuple[int, int]]], *, w_step: int) -> list[str]:
        """Add some window elements to the sums, each number of x broadcast once; for one vector of columns.

        Pointers `p` and `q` must be declared; element k's weights are `k * w_step` behind `q`.

        Parameters
        ----------
        uses
            Offset from `p` of a number of x → the products it takes part in: (row, window element).
        """
        v = f"v{self.lanes}"
        elements = sorted({k for pairs in uses.values() for _, k in pairs})
        lines = ["{ " + " ".join(f"const {v} w{k} = {v}_load(q + {k * w_step});" for k in elements)]
        for offset, pairs in sorted(uses.items()):
            products = " ".join(f"{name(row, 0)} += s * w{k};" for row, k in pairs)
            lines.append(f"  {{ const {v} s = {v}_splat(p[{offset}]); {products} }} {KEEP_ORDER}")
        return [*lines, "}"]

    def start(self, rows: Sequence[int]) -> list[str]:
        """Begin a part of these rows' sums."""
        return [f"{one} = (v{self.lanes}){{0}};" for _, sums in self._totals(rows) for one in sums]

    def settle(self, rows: Sequence[int]) -> list[str]:
        """End a part: add it to the totals."""
        return [f"{total} += {' + '.join(sums)};" for total, sums in self._totals(rows)]

    def merge(self) -> list[str]:
        """Leave the whole sums in the first phase."""
        if self.part:
            return [f"{sums[0]} = {total};" for total, sums in self._totals(range(self.rows))]
        every = [sums for _, sums in self._totals(range(self.rows))]
        return [f"{first} += {' + '.join(others)};" for first, *others in every if others]

    def _totals(self, rows: Sequence[int]) -> list[tuple[str, list[str]]]:
        """Each vector's total and its sums, one for each phase."""
        return [
            (f"totals[{row * self.vectors + n}]", [name(row, n, phase) for phase in range(self.phases)])
            for row in rows
            for n in range(self.vectors)
        ]

    def keep_greatest(self, groups: Sequence[Sequence[int]]) -> list[str]:
        """Leave in each group's first row the greatest of its rows; a first NaN stays, later ones are ignored."""
        return [
            f"{name(group[0], n)} = v{self.lanes}_greater({name(group[0], n)}, {name(row, n)});"
            for group in groups
            for row in group[1:]
            for n in range(self.vectors)
        ]

    def keep_means(self, groups: Sequence[Sequence[int]]) -> list[str]:
        """Leave in each group's first row the mean of its rows."""
        return [
            f"{name(group[0], n)} = ({' + '.join(name(row, n) for row in group)}) / {len(group)}.0f;"
            for group in groups
            for n in range(self.vectors)
        ]


def phases(independent: int, steps: int) -> int:
    """How many sets of sums hide the latency of a multiply-add, when one set has `independent` vectors."""
    return max(1, min(_HIDING // independent, _HIDING // 2, steps))


def part(steps: int, outputs: int, longest: int = _PART) -> int:
    """How many steps of a reduction to sum by themselves before they are added to the rest; 0: all.

    The error of a sum grows with the square root of its longest chain of additions: parts of 256 make 4,608 products
    (windows of 3 * 3 in 512 channels) as exact as 274 in one chain.

    Parameters
    ----------
    outputs
        How many such sums the layer has.
    longest
        Steps of a part of a large layer.
    """
    length = min(_PART, 4 * math.isqrt(steps)) if steps * outputs < _SMALL else longest
    return length if steps > 2 * length else 0


def name(row: int, vector: int, phase: int = 0) -> str:
    """The variable of one vector of sums."""
    return f"a{row}_{vector}" + (f"_{phase}" if phase else "")


def indent(lines: Sequence[str], by: int = 2) -> list[str]:
    """Lines moved to the right."""
    return [" " * by + line for line in lines]


def over(stretch: Stretch, wide: int, body: Sequence[str], *, pieces: bool = False) -> list[str]:
    """C that runs a tile's body for every tile of a stretch; `o` is the tile's first output.

    `pieces`: only for tiles whose first output is in `[from, to)`.
    """
    stop = stretch.start + stretch.tiles * wide
    if stretch.tiles == 1:
        here = f"if ({stretch.start} >= from && {stretch.start} < to) " if pieces else ""
        return [f"{here}{{ const long o = {stretch.start};", *indent(body), "}"]
    if pieces:
        before = f"(from - {stretch.start} + {wide - 1}) / {wide} * {wide}"
        return [
            f"{{ const long start = from > {stretch.start} ? {stretch.start} + {before} : {stretch.start};",
            f"for (long o = start; o < {stop} && o < to; o += {wide}) {{",
            *indent(body),
            "} }",
        ]
    return [f"for (long o = {stretch.start}; o < {stop}; o += {wide}) {{", *indent(body), "}"]
