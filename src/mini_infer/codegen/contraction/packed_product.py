"""C of `PackedProduct`: numbers of a few bits are taken out of 32-bit words, a vector of columns at a time.

Of few rows they go right into the products (`packed_few`), of many they are unpacked before, for all rows. Without
vectors there are plain loops, which also do again what did not end in a finite number.
"""

from collections.abc import Callable
from functools import partial

from mini_infer.codegen.contraction import tile
from mini_infer.codegen.contraction.epilogue import EpilogueWriter, helpers
from mini_infer.codegen.contraction.packed_few import few_of
from mini_infer.codegen.contraction.packed_weights import HALF, Weights
from mini_infer.codegen.contraction.steps import Steps
from mini_infer.codegen.function import Body
from mini_infer.codegen.loops import each_item
from mini_infer.codegen.statements import Block, For, If, Statement, text
from mini_infer.codegen.tiling import Tiling
from mini_infer.codegen.vectors.arithmetic import Reals
from mini_infer.codegen.vectors.vector import store
from mini_infer.ir import Dim
from mini_infer.machine import Machine
from mini_infer.program.kernels import Epilogue
from mini_infer.program.kernels.contraction.packed_product import PackedProduct


def emit_packed_product(kernel: PackedProduct, machine: Machine) -> Body:
    """Write the function of a `PackedProduct`; an item is a block of columns of a panel of rows."""
    return (_Vectors(kernel, machine) if machine.has_vectors else _Plain(kernel)).body()


class _Plain:
    """Loops over words and the numbers in them, one column after the other."""

    def __init__(self, kernel: PackedProduct) -> None:
        self.kernel = kernel
        self.packed = kernel.weights
        self.weights = Weights(kernel.weights)

    def body(self) -> Body:
        """The function: an item is a column."""
        kernel, packed = self.kernel, self.packed
        lines: list[Statement] = [
            f"const float *const x = a + row * {packed.depth};",
            *self.centered("item", "0"),
            f"y[row * {packed.columns} + item] = total{' + bias[item]' if kernel.bias else ''};",
        ]
        return Body("packed", each_item(For("row", kernel.rows, lines)), packed.columns)

    def centered(self, vector: str, lane: str) -> list[Statement]:
        """C that declares `total`, one column times `x`, the zero taken away from each number."""
        packed, per_word = self.packed, self.packed.per_word

        def numbers(count: int) -> list[Statement]:
            add = [f"sum += x[k + j] * ((float)(bits & {self.weights.mask}) - zero);", f"bits >>= {packed.bits};"]
            word = f"{vector} * {packed.words} + b * {packed.block_words} + n"
            at = f"words + (({word}) * {packed.width} + {lane}) * 4"
            return ["uint32_t bits;", f"__builtin_memcpy(&bits, {at}, 4);", For("j", count, add)]

        def block(count: int) -> list[Statement]:
            words = Tiling(count, per_word)
            lines: list[Statement] = [f"const float zero = {self.weights.zero(vector, lane)};", "float sum = 0;"]
            lines.append(f"long k = b * {packed.block};")
            if words.some_whole:
                lines.append(For("n", words.whole, numbers(per_word), also=f"k += {per_word}"))
            lines += words.after(lambda rest: [Block([f"const long n = {words.whole};", *numbers(rest)])])
            return [*lines, f"total += {self.weights.scale(vector, lane)} * sum;"]

        return ["float total = 0;", *self.weights.blocks(block)]


class _Vectors(_Plain):
    """A vector of columns at a time; of many rows, in register tiles over numbers that were unpacked before."""

    def __init__(self, kernel: PackedProduct, machine: Machine) -> None:
        super().__init__(kernel)
        self.machine = machine
        self.lanes = machine.lanes
        self.arithmetic = Reals(self.lanes)
        self.columns = Tiling(self.packed.columns, kernel.tile.block)
        self.few = few_of(kernel, machine)

    def body(self) -> Body:
        """The function: an item is a block of columns of a panel of rows."""
        kernel = self.kernel
        needed = [*self.weights.definitions()]
        few: list[Statement] = []
        many: list[Statement] = []
        if kernel.may_be_few:
            needed += self.few.definitions()
            few = self._few()
        if kernel.may_be_many:
            needed += helpers(self.arithmetic, self.machine, Epilogue())
            many = self._many()
        lines = few or many
        if few and many:
            lines = [If(f"{kernel.all_rows} <= {kernel.few}", few, many)]
        panels = kernel.weight_passes
        return Body("packed", text(lines), panels * self.columns.tiles, tuple(needed))

    # Few rows, all at once.

    def _few(self) -> list[Statement]:
        """All columns of all rows, which are as many as `few`."""
        vectors = self.kernel.tile.vectors
        if vectors == 1:
            return [*self.few.before(), each_item(*self._vector("item"))]
        last = f"c < (item + 1) * {vectors} && c < {self.packed.vectors}"
        each = each_item(f"for (long c = item * {vectors}; {last}; ++c)", Block(self._vector("c")))
        return [*self.few.before(), each]

    def _vector(self, vector: str) -> list[Statement]:
        """One vector of columns of all rows."""
        packed, lanes = self.packed, self.lanes
        rows = range(self.kernel.few)

        def block(count: int) -> list[Statement]:
            sums = f"vf {', '.join(f'u{row} = {{0}}' for row in rows)};"
            return [sums, *self.few.block(count, vector), f"s += {lanes};"]

        lines: list[Statement] = [
            f"const uint8_t *w = words + {vector} * {packed.words * lanes * 4};",
            f"const float *s = scales + {vector} * {packed.blocks * lanes};",
            self.few.start,
            f"vf {', '.join(f't{row} = {{0}}' for row in rows)};",
            *self.weights.blocks(block),
        ]
        stored = Tiling(packed.columns, lanes)
        for row in rows:
            x = f"const float *const x = a + {row * packed.depth};"
            again = [For("lane", lanes, [*self.centered(vector, "lane"), f"t{row}[lane] = total;"])]
            lines.append(If(f"mi_any(~(mi_abs(t{row}) < __builtin_inff()))", [x, *again]))
            if self.kernel.bias:
                lines.append(f"t{row} += mi_load(bias + {vector} * {lanes});")
            to = f"y + {row * packed.columns} + {vector} * {lanes}"
            lines += stored.one(vector, partial(self._stored, to, f"t{row}"))
        return lines

    def _stored(self, to: str, value: str, count: int) -> list[Statement]:
        return [store(to, value, count % self.lanes)]

    # Many rows: numbers are unpacked, and a register tile passes over the rows.

    def _many(self) -> list[Statement]:
        kernel = self.kernel
        panels = kernel.rows > kernel.panel if not isinstance(kernel.rows, Dim) else True
        tiles = self.columns.tiles
        lines: list[Statement] = [f"const long block = item{f' % {tiles}' if panels else ''};"]
        if panels:
            lines.append(f"const long top = item / {tiles} * {kernel.panel}, rest = {kernel.rows} - top;")
            lines.append(f"const long count = rest < {kernel.panel} ? rest : {kernel.panel};")
        else:
            lines.append(f"const long top = 0, count = {kernel.rows};")
        return [each_item(*lines, *self.columns.one("block", self._columns))]

    def _columns(self, columns: int) -> list[Statement]:
        """A block of so many columns, part by part of the depth."""
        depth, part = self.packed.depth, self.kernel.part
        last = (self.kernel.parts - 1) * part
        lines: list[Statement] = []
        if last:
            lines.append(For("at", last, self._part(columns, part, ends=False), step=part))
        return [*lines, Block([f"const long at = {last};", *self._part(columns, depth - last, ends=True)])]

    def _part(self, columns: int, count: int, *, ends: bool) -> list[Statement]:
        """So many numbers of each column, from `at` on: unpacked, and multiplied with all rows."""
        kernel = self.kernel
        vectors = -(-columns // self.lanes)
        unpack = [f"const long c = block * {kernel.tile.vectors} + v;", *self._unpack(count)]

        def rows(number: int) -> list[Statement]:
            return self._tile(number, columns, count, ends=ends)

        return [For("v", vectors, unpack), *self._over_rows(rows)]

    def _unpack(self, count: int) -> list[Statement]:
        """C that writes so many numbers of a vector of columns, from `at` on."""
        packed, step = self.packed, self.kernel.tile.block
        begin = [
            f"const uint8_t *w = words + (c * {packed.words} + at / {packed.per_word}) * {self.lanes * 4};",
            f"float *to = numbers + v * {self.lanes};",
        ]
        scale = f"const vf scale = mi_load(scales + (c * {packed.blocks} + b) * {self.lanes})"
        zero = f"zero = {self.weights.zeros('c') or f'mi_set1({packed.middle})'}"

        def block(size: int) -> list[Statement]:
            words = Tiling(size, packed.per_word)
            lines: list[Statement] = [f"{scale}, {zero};"]
            if words.some_whole:
                also = f"w += {self.lanes * 4}, to += {packed.per_word * step}"
                lines.append(For("n", words.whole, self._written(packed.per_word), also=also))
            return [*lines, *words.after(lambda rest: [Block(self._written(rest))])]

        if count <= packed.block:
            return [*begin, f"const long b = at / {packed.block};", *block(count)]
        whole, rest = divmod(count, packed.block)
        lines: list[Statement] = [*begin, f"const long first = at / {packed.block};"]
        lines.append(For("b", f"first + {whole}", block(packed.block), first="first"))
        return [*lines, *([Block([f"const long b = first + {whole};", *block(rest)])] if rest else [])]

    def _written(self, count: int) -> list[Statement]:
        """The numbers of a word, or its first ones, as what they stand for: rounded once."""
        places = self.weights.places
        lines: list[Statement] = ["vu word = *(const vu *)w;"]
        for number in range(count):
            if number == places:
                lines.append(f"word >>= {HALF};")
            place = number % places
            value = f"({self.weights.number(place)}{self.weights.factor(place)} - zero) * scale"
            lines.append(f"mi_store(to + {number * self.kernel.tile.block}, {value});")
        return lines

    def _over_rows(self, body: Callable[[int], list[Statement]]) -> list[Statement]:
        """Tiles of rows, of which the first is `r`, and what is left of them."""
        rows, tall = self.kernel.rows, self.kernel.tile.rows
        lines: list[Statement] = [For("r", f"count - {tall - 1}", body(tall), step=tall)]
        if not isinstance(rows, Dim):
            rest = rows % tall
            lines = lines if rows >= tall else []
            if rest == 0:
                return lines
            return [*lines, Block([f"const long r = count / {tall} * {tall};", If("r < count", body(rest))])]
        left: list[Statement] = [f"long r = count / {tall} * {tall};"]
        left += [
            If(f"count % {tall} & {1 << power}", [*body(1 << power), f"r += {1 << power};"])
            for power in reversed(range((tall - 1).bit_length()))
        ]
        return [*lines, *([Block(left)] if tall > 1 else [])]

    def _tile(self, rows: int, columns: int, count: int, *, ends: bool) -> list[Statement]:
        """The products of some rows with the numbers that are there."""
        kernel, packed = self.kernel, self.packed
        block = kernel.tile.block
        vectors = -(-columns // self.lanes)
        phases = tile.phases(self.machine, kernel.tile.rows * vectors, count)
        loop = self.machine.pipeline.loop
        sums = tile.Accumulators(rows, columns, block, self.arithmetic, count, loop, phases)
        steps = Steps(
            f"a + ((top + r) * {packed.depth} + at)",
            "numbers",
            {row: row * packed.depth for row in range(rows)},
            count,
            1,
            block,
        )
        bias = f"bias + block * {block}" if kernel.bias and ends else ""
        lines: list[Statement] = [*sums.of(steps, bias)]
        waiting = [
            f"{tile.name(row, n)} += {self.arithmetic.load(f'partial + (r + {row}) * {block} + {n * self.lanes}')};"
            for row in range(rows)
            for n in range(vectors)
        ]
        if not ends:
            lines.append(If("at > 0", waiting))
            lines += [
                self.arithmetic.store(f"partial + (r + {row}) * {block} + {n * self.lanes}", tile.name(row, n), 1 << 20)
                for row in range(rows)
                for n in range(vectors)
            ]
            return lines
        if kernel.parts > 1:
            lines += waiting
        lines.append(f"float *const out = y + ((top + r) * {packed.columns} + block * {block});")
        writer = EpilogueWriter(sums, Epilogue(), self.machine)
        return [*lines, *writer.store(range(rows), row_step=packed.columns, column_step=1)]
