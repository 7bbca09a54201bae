"""The register tile in C: sums of a few rows times a few vectors of columns.

One step of the reduction loads a row of weights (`vectors` vectors), and for each row of the tile broadcasts one
number of x and adds its product with them::

            w0  w1  w2
    x0 ──▶ a00 a01 a02
    x1 ──▶ a10 a11 a12

The sums are named variables, so that compilers keep them in registers. An empty `asm` after each step keeps them from
hoisting the next step's loads above it, for which there are no registers left.

Who wants sums says as a nest of `Steps` and `Window`s what is added to them; `Accumulators.of` alone writes products,
and cuts long sums into parts (`codegen.contraction.blocked_sum`).
"""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import cast

from mini_infer.codegen.contraction.ahead import Ahead
from mini_infer.codegen.contraction.blocked_sum import CHAIN, Nest, Part, as_many, in_parts, write
from mini_infer.codegen.contraction.steps import ByteSteps, Steps, Window
from mini_infer.codegen.contraction.windows import Segment
from mini_infer.codegen.statements import Block, For, If, Statement, text
from mini_infer.codegen.vectors.arithmetic import Arithmetic, Reals
from mini_infer.codegen.vectors.fours import Neighbors, Quads
from mini_infer.codegen.vectors.pairs import Pairs
from mini_infer.codegen.vectors.singles import SingleNumbers
from mini_infer.ir import Dim
from mini_infer.ir.dims import at, greatest
from mini_infer.machine import Machine

_SMALL = 1 << 20
"""Multiply-adds of a layer that is worth shorter chains; the same for all machines, as is how exact results are."""

KEEP_ORDER = '__asm__ volatile("" ::: "memory");'
IN_MEMORY = '__asm__ volatile("" :: "r"({}) : "memory");'
"""Numbers of an array stay where they are: compilers would give each a register, and the sums would have none."""


@dataclass(frozen=True, slots=True)
class Accumulators:
    """The registers of one tile.

    Parameters
    ----------
    rows
        Rows of the tile.
    columns
        Columns that exist: at most `block`, the tile's width.
    block
        Columns of one row of weights.
    arithmetic
        What is multiplied and added, in C.
    part
        Most steps in one chain of additions, see `part`.
    loop
        Multiply-adds that a loop's body should have at least.
    phases
        Sets of sums that consecutive steps of the reduction take in turn, for tiles too small to hide the latency of
        a multiply-add.
    ahead
        What each step asks for of the weights that come next.
    """

    rows: int
    columns: int
    block: int
    arithmetic: Arithmetic
    part: int
    loop: int
    phases: int = 1
    ahead: Ahead = Ahead()  # noqa: RUF009 - frozen

    @property
    def lanes(self) -> int:
        """Of a vector."""
        return self.arithmetic.lanes

    @property
    def aligned(self) -> str:
        """How the declaration of an array of vectors, or of their numbers, begins."""
        by = self.arithmetic
        return f"_Alignas(64) {by.vector}" if by.lanes > 1 else by.vector

    @property
    def vectors(self) -> int:
        """Vectors needed for the columns that exist."""
        return -(-self.columns // self.lanes)

    def valid(self, vector: int) -> int:
        """How many lanes of this vector are columns that exist."""
        return min(self.lanes, self.columns - vector * self.lanes)

    def of(self, nest: Nest, bias: str = "") -> list[Statement]:
        """C that leaves the sums of a nest of `Steps` and `Window`s in the variables that `name` names.

        They start from the bias (an address, padded to whole blocks) or from 0.
        """
        v, load = self.arithmetic.vector, self.arithmetic.load
        cut = in_parts(nest, self.part)
        starts = [load(f"{bias} + {n * self.lanes}") if bias else f"({v}){{0}}" for n in range(self.vectors)]
        totals = self._totals(range(self.rows))
        if isinstance(cut, Part):  # the sums themselves are the totals
            firsts = [f"{sums[0]} = {start}" for (_, sums), start in zip(totals, starts * self.rows, strict=True)]
            spare = [f"{one} = {{0}}" for _, sums in totals for one in sums[1:]]
            return [
                *(f"{v} {one};" for one in firsts),
                *([f"{v} {', '.join(spare)};"] if spare else []),
                *write(cut, self._products, lambda _rows: ((), ())),
                *(f"{first} += {' + '.join(others)};" for _, (first, *others) in totals if others),
            ]
        begun: set[int] = set()

        def bounds(rows: Collection[int]) -> tuple[Sequence[str], Sequence[str]]:
            begun.update(rows)
            return self._bounds(rows)

        lines = write(cut, self._products, bounds)
        # A row whose windows lie in the padding alone has a total, and no other sums.
        needed = (sums if at // self.vectors in begun else sums[:1] for at, (_, sums) in enumerate(totals))
        return [
            f"{self.aligned} totals[{len(totals)}] = {{{', '.join(starts * self.rows)}}};",
            *([IN_MEMORY.format("totals")] if self.lanes == 1 else []),
            *(f"{v} {', '.join(sums)};" for sums in needed),
            *lines,
            *(f"{sums[0]} = {total};" for total, sums in totals),
        ]

    def _bounds(self, rows: Collection[int]) -> tuple[Sequence[str], Sequence[str]]:
        """C that begins a part of these rows' sums, and that adds it to the totals."""
        totals = self._totals(rows)
        begin = [f"{one} = ({self.arithmetic.vector}){{0}};" for _, sums in totals for one in sums]
        return begin, [f"{total} += {' + '.join(sums)};" for total, sums in totals]

    def _totals(self, rows: Collection[int]) -> list[tuple[str, list[str]]]:
        """Each vector's total and its sums, one for each phase."""
        return [
            (f"totals[{row * self.vectors + n}]", [name(row, n, phase) for phase in range(self.phases)])
            for row in rows
            for n in range(self.vectors)
        ]

    def _products(self, leaf: Steps | Window | ByteSteps) -> list[Statement]:
        """The only C that adds to the sums."""
        if isinstance(leaf, ByteSteps):
            return [Block(self._byte_steps(leaf))]
        by = self.arithmetic
        pointers = f"const {by.element} *p = {leaf.p}, *q = {leaf.q};"
        if by.weight != by.element:
            pointers = f"const {by.element} *p = {leaf.p}; const {by.weight} *q = {leaf.q};"
        if isinstance(leaf, Window):
            if not leaf.uses:
                pointers = f"const {by.weight} *q = {leaf.q};"
            return [Block([pointers, *self._window(leaf)])]
        return [Block([pointers, *(self._present_steps(leaf) if leaf.present else self._steps(leaf))])]

    def _steps(self, steps: Steps) -> list[Statement]:
        """The steps, several of them in one turn of a loop."""
        wide = len(steps.offsets) * self.vectors
        together = self.loop // wide if self.arithmetic.unrolls else 1
        if self.lanes == 1 and len(steps.offsets) == 1:  # counting takes more of the time, and one address is advanced
            together = -(-self.loop // wide)
        unroll = max(self.phases, together, 1)
        whole, rest = divmod(steps.count, unroll)
        if whole == 1:
            whole, rest = 0, steps.count
        if isinstance(rest, Dim):
            last: list[Statement] = [If(f"{rest} > {k}", self._step(steps, k)) for k in range(unroll - 1)]
        else:
            last = [line for k in range(rest) for line in self._step(steps, k)]
        if whole == 0:
            return last
        body = [line for k in range(unroll) for line in self._step(steps, k)]
        advance = f"p += {unroll * steps.x_step}, q += {unroll * steps.w_step}"
        return [self._turns(whole, unroll, body, advance), *last]

    def _turns(self, count: int, steps: int, body: Sequence[Statement], advance: str) -> For:
        """A loop of so many turns of so many steps, each of which asks for what comes next."""
        passed = self.ahead.passed(steps)
        also = f"{advance}, {passed}" if passed else advance
        return For("i", count, [*self.ahead.asked(steps), *body], also=also)

    def _present_steps(self, steps: Steps) -> list[Statement]:
        """The steps where some rows have zeros for the numbers that they lack; every row has an address of its own."""
        by, (low, high) = self.arithmetic, steps.present
        before: list[Statement] = []
        alike = steps.x_step == by.depth  # neighbors, so that all zeros are, too
        for row, offset in steps.offsets.items():
            here = f"{low} <= {row} && {row} < {high}"
            before.append(f"const {by.element} *x{row} = {here} ? p + {offset} : zeros;")
            if not alike:
                before.append(f"const long step{row} = {here} ? {steps.x_step} : 0;")
        weights = [
            by.weights(
                f"w{n}",
                f"q + {n * self.lanes * by.depth}",
                self.valid(n) if steps.partial_weights else self.lanes,
            )
            for n in range(self.vectors)
        ]
        lines: list[Statement] = ["{ " + " ".join(weights)]
        for row in steps.offsets:
            place = f"x{row}[i * {by.depth}]" if alike else f"x{row}[0]"
            products = " ".join(by.add(name(row, n), f"w{n}") for n in range(self.vectors))
            lines.append(f"  {{ {self._broadcast(place)} {products} }}{'' if alike else f' x{row} += step{row};'}")
        return [*before, For("i", steps.count, [*lines, f"}} {KEEP_ORDER}"], also=f"q += {steps.w_step}")]

    def _step(self, steps: Steps, k: int) -> list[str]:
        by, phase = self.arithmetic, k % self.phases
        weights = [
            by.weights(
                f"w{n}",
                f"q + {k * steps.w_step + n * self.lanes * by.depth}",
                self.valid(n) if steps.partial_weights else self.lanes,
            )
            for n in range(self.vectors)
        ]
        lines = ["{ " + " ".join(weights)]
        for row, offset in steps.offsets.items():
            products = " ".join(by.add(name(row, n, phase), f"w{n}") for n in range(self.vectors))
            lines.append(f"  {{ {self._broadcast(f'p[{offset + k * steps.x_step}]')} {products} }}")
        lines.append(f"}} {KEEP_ORDER}")
        return lines

    def _byte_steps(self, steps: ByteSteps) -> list[Statement]:
        """Steps of four neighbors; where no row has them, their sums are made once for all rows."""
        quads, alike = cast("Quads", self.arithmetic), not steps.offsets
        pointers = [f"const {quads.element} *p = {steps.p};"] if steps.offsets else []
        pointers.append(f"const {quads.weight} *q = {steps.q};")
        whole, rest = divmod(steps.length, quads.depth)
        if steps.fits and steps.offsets and whole:
            last = self._byte_step(quads, steps, whole, rest) if rest else []
            return [*pointers, *self._fitting_steps(steps, whole), *last]
        unroll = max(self.phases, self.loop // (self.rows * self.vectors), 1) if steps.offsets else 1
        turns, left = divmod(whole, unroll)
        if turns == 1:
            turns, left = 0, whole
        lines: list[Statement] = []
        if turns:
            body = [line for k in range(unroll) for line in self._byte_step(quads, steps, k)]
            advance = f"q += {unroll * steps.w_step}" + (f", p += {unroll * quads.depth}" if steps.offsets else "")
            lines.append(self._turns(turns, unroll, body, advance))
        lines += [line for k in range(left) for line in self._byte_step(quads, steps, k)]
        if rest:
            lines += self._byte_step(quads, steps, left, rest)
        if not alike:
            return [*pointers, *lines]
        missing = [f"missing{n}" for n in range(self.vectors)]
        begin = f"{quads.vector} {', '.join(f'{one} = {{0}}' for one in missing)};"
        totals = [f"{name(row, n)} += {one};" for row in steps.absent for n, one in enumerate(missing)]
        return [*pointers, begin, *lines, *totals]

    def _fitting_steps(self, steps: ByteSteps, count: int) -> list[Statement]:
        """Some dozens of steps at a time, first those whose pairs of products fit into int16, then the others."""
        quads = cast("Quads", self.arithmetic)
        pointers = [
            "const long k = from + __builtin_ctzll(bits);",
            f"const {quads.element} *const p_k = p + {quads.depth} * k;",
            f"const {quads.weight} *const q_k = q + {steps.w_step} * k;",
        ]
        loops: list[Statement] = []
        for bits, by in (("fit & every", replace(quads, fitting=True)), ("~fit & every", quads)):
            body = [*pointers, *self._byte_step(by, steps, 0, p="p_k", q="q_k")]
            loops.append(f"for (unsigned long long bits = {bits}; bits; bits &= bits - 1) {text([Block(body)])}")
        before = [
            f"const long some = {count} - from < {steps.fits} ? {count} - from : {steps.fits};",
            "const unsigned long long every = ~0ULL >> (64 - some), fit = mi_bits(fits, first + from);",
        ]
        return [f"const long first = (q - b) / {steps.w_step};", For("from", count, [*before, *loops], step=steps.fits)]

    def _byte_step(self, by: Quads, steps: ByteSteps, k: int, rest: int = 0, p: str = "p", q: str = "q") -> list[str]:
        """Four neighbors, or the last `rest` ones, of every row, from the addresses `p` and `q` on."""
        if isinstance(self.arithmetic, SingleNumbers):
            one, count = self.arithmetic, rest or self.arithmetic.depth
            return [line for number in range(count) for line in self._byte_number(one, steps, k, number)]
        phase = k % self.phases
        place = [f"{q} + {k * steps.w_step + n * self.lanes * by.depth}" for n in range(self.vectors)]
        lines = ["{ " + " ".join(by.weights(f"w{n}", at, self.lanes) for n, at in enumerate(place))]

        def products(names: Sequence[str]) -> str:
            return " ".join(by.add(one, f"w{n % self.vectors}") for n, one in enumerate(names))

        for row, offset in steps.offsets.items():
            number = f"{p}[{offset + k * by.depth}]"
            four = by.first(number, rest) if rest else by.broadcast(number)
            lines.append(f"  {{ {four} {products([name(row, n, phase) for n in range(self.vectors)])} }}")
        if steps.absent:
            rows = steps.absent if steps.offsets else ()
            names = [name(row, n, phase) for row in rows for n in range(self.vectors)]
            names = names or [f"missing{n}" for n in range(self.vectors)]
            lines.append(f"  {{ {by.constant(steps.zero)} {products(names)} }}")
        return [*lines, f"}} {KEEP_ORDER}"]

    def _byte_number(self, by: SingleNumbers, steps: ByteSteps, k: int, number: int) -> list[str]:
        """One of the four neighbors of every row."""
        first = k * steps.w_step + number
        lines = ["{ " + " ".join(by.numbers(f"w{n}", f"q + {first + n * by.depth}") for n in range(self.vectors))]
        rows = [(row, by.number(f"p[{offset + k * by.depth + number}]")) for row, offset in steps.offsets.items()]
        missing = by.number(str(steps.zero))
        if steps.offsets:
            rows += [(row, missing) for row in steps.absent]
        for row, element in rows:
            products = " ".join(by.add(name(row, n), f"w{n}") for n in range(self.vectors))
            lines.append(f"  {{ {element} {products} }}")
        if not rows:
            lines.append(f"  {{ {missing} {' '.join(by.add(f'missing{n}', f'w{n}') for n in range(self.vectors))} }}")
        return [*lines, f"}} {KEEP_ORDER}"]

    def _window(self, window: Window) -> list[str]:
        by, valid = self.arithmetic, self.valid(0)
        weights = (by.weights(f"w{k}", f"q + {k * window.w_step}", valid) for k in window.elements)
        lines = ["{ " + " ".join(weights)]
        for position, pairs in sorted(window.uses.items()):
            offset = position * window.x_step
            number = self._numbers(f"p + {offset}") if window.across else self._broadcast(f"p[{offset}]")
            products = " ".join(by.add(name(row, 0), f"w{k}") for row, k in pairs)
            only = f"if ({window.present[position]}) " if position in window.present else ""
            lines.append(f"  {only}{{ {number} {products} }}{'' if window.across else ' ' + KEEP_ORDER}")
        if window.absent:
            products = " ".join(by.add(name(row, 0), f"w{k}") for row, k in window.absent)
            lines.append(f"  {{ {cast('Neighbors', by).constant(window.zero)} {products} }}")
        return [*lines, "}"]

    def _broadcast(self, element: str) -> str:
        """One number in every lane."""
        return cast("Reals | Pairs", self.arithmetic).broadcast(element)

    def _numbers(self, address: str) -> str:
        """A number for each of the columns that exist."""
        return cast("Reals | Neighbors", self.arithmetic).numbers(address, self.valid(0))

    def keep_greatest(self, groups: Sequence[Sequence[int]]) -> list[str]:
        """Leave in each group's first row the greatest of its rows; a first NaN stays, later ones are ignored."""
        v = self.arithmetic.vector
        return [
            f"{name(group[0], n)} = {v}_greatest({name(group[0], n)}, {name(row, n)});"
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


def phases(machine: Machine, independent: int, steps: int) -> int:
    """How many sets of sums hide the latency of a multiply-add, when one set has `independent` vectors."""
    hiding = machine.pipeline.in_flight
    return max(1, min(hiding // independent, hiding // 2, at(steps)))


def part(steps: int, outputs: int, longest: int = CHAIN) -> int:
    """How many steps of a reduction one chain of additions has at most; `steps` themselves where that is short enough.

    The error of a sum grows with the square root of its longest chain of additions: parts of 256 make 4,608 products
    (windows of 3 * 3 in 512 channels) as exact as 274 in one chain. A sum is cut where it has more than two parts. The
    parts themselves are one chain: of very long sums they are as long as there are many.

    Parameters
    ----------
    outputs
        How many such sums the layer has.
    longest
        Steps of a part of a large layer.
    """
    small, most = at(steps * outputs) < _SMALL, greatest(steps)
    length = min(CHAIN, 4 * math.isqrt(most)) if small else as_many(most, longest)
    return length if most > 2 * length else max(1, most)


def name(row: int, vector: int, phase: int = 0) -> str:
    """The variable of one vector of sums."""
    return f"a{row}_{vector}" + (f"_{phase}" if phase else "")


def over(
    row: Sequence[Segment], wide: int, piece: int, body: Callable[[Segment], Sequence[Statement]]
) -> list[Statement]:
    """C that runs a tile's body for tiles of a row; `o` is the tile's first output.

    Parameters
    ----------
    row
        Tiles that are clipped alike share one body.
    wide
        Outputs of a tile.
    piece
        How many tiles: of one, `o` is there already; of several, only those whose first output is in `[from, to)`; 0:
        all of them.
    """
    if piece == 1:
        *firsts, last = row
        found = list(body(last))
        for segment in reversed(firsts):
            found = [If(segment.only or f"o < {segment.start + segment.tiles * wide}", body(segment), found)]
        return found
    return [_all(segment, wide, body(segment), pieces=piece > 0) for segment in row]


def _all(segment: Segment, wide: int, body: Sequence[Statement], *, pieces: bool) -> Statement:
    start, stop = segment.start, segment.start + segment.tiles * wide
    if segment.tiles == 1:
        here = [f"const long o = {start};", *body]
        conditions = [
            *([segment.only] if segment.only else []),
            *([f"{start} >= from && {start} < to"] if pieces else []),
        ]
        return If(" && ".join(conditions), here) if conditions else Block(here)
    if pieces:
        return For("o", f"{stop} && o < to", body, first=f"from > {start} ? from : {start}", step=wide)
    return For("o", stop, body, first=start, step=wide)
