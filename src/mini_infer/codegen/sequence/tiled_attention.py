"""C of `TiledAttention`.

For each head, its keys are laid out by column and its values close together; then, for a few queries at a time::

    q ──▶ scores = q kᵀ (registers) ──▶ scale, mask ──▶ exp(scores - greatest) (first cache) ──▶ v (registers) ──▶ y

Where numbers are given at run time there may be few queries, as when a decoder makes one token after the other: each is
multiplied with the keys and the values where they lie.
"""

from collections.abc import Sequence

from mini_infer.codegen.contraction import tile
from mini_infer.codegen.contraction.epilogue import EpilogueWriter
from mini_infer.codegen.contraction.steps import Steps
from mini_infer.codegen.function import C_TYPES, Body
from mini_infer.codegen.loops import each_item
from mini_infer.codegen.sequence.attention import exponentials, start_of
from mini_infer.codegen.statements import For, If, Statement
from mini_infer.codegen.tiling import Tiling
from mini_infer.codegen.vectors import lanes as vectors
from mini_infer.codegen.vectors.arithmetic import Reals
from mini_infer.codegen.vectors.scalars import literal
from mini_infer.codegen.vectors.transposition import transposition
from mini_infer.codegen.vectors.vector import first_lanes, load
from mini_infer.ir import Dim, DType
from mini_infer.ir.dims import greatest
from mini_infer.ir.fusion import FEWEST_QUERIES
from mini_infer.machine import Machine
from mini_infer.program.kernels import Epilogue, Tile
from mini_infer.program.kernels.sequence.attention import TiledAttention

_VECTORS = 8
"""Vectors of values that one query sums up at a time."""
_KEYS = 4
"""Keys that one query is multiplied with at a time."""

_TRUTHS = """typedef uint8_t mi_bytes __attribute__((vector_size(VL), aligned(1), may_alias));
MI_INLINE vi mi_truths(const uint8_t *p) { return __builtin_convertvector(*(const mi_bytes *)p, vi) != 0; }
"""
"""Truth values of `VL` bytes as a mask."""


def emit_tiled_attention(kernel: TiledAttention, machine: Machine) -> Body:
    """Write the function of a `TiledAttention`: an item is one head."""
    return _Writer(kernel, machine).body()


class _Writer:
    def __init__(self, kernel: TiledAttention, machine: Machine) -> None:
        self.kernel = kernel
        self.machine = machine
        self.rows = kernel.scores_tile.rows
        self.row = kernel.padded_keys
        self.dense = kernel.v.row == kernel.v_dim

    def body(self) -> Body:
        kernel = self.kernel
        widths = dict.fromkeys((kernel.scores_tile.width, kernel.values_tile.width))
        helpers = [text for width in widths for text in vectors.definitions(width, self.machine)]
        helpers.append(transposition(self.machine.lanes))
        helpers += [_TRUTHS] if kernel.mask is DType.BOOL else []
        return Body("attention", each_item(*self._head()), kernel.batch * kernel.heads, tuple(helpers))

    @property
    def only_few(self) -> bool:
        """Whether there are never as many queries as it takes to lay out keys and values."""
        return self.kernel.takes_few and greatest(self.kernel.queries) < FEWEST_QUERIES

    def _head(self) -> list[Statement]:
        """One head: keys and values into scratch memory, then its tiles of queries."""
        kernel = self.kernel
        where = [
            f"const long n = item / {kernel.heads}, h = item % {kernel.heads};",
            f"const float *const kh = k + {start_of(kernel.k, f'h / {kernel.q_per_kv}')};",
            f"const float *const vh = v + {start_of(kernel.v, f'h / {kernel.q_per_kv}')};",
        ]
        if self.only_few:
            return [*where, *self._few()]
        few: list[Statement] = [*self._few(), "continue;"]
        return [
            *where,
            *([If(f"{kernel.queries} < {FEWEST_QUERIES}", few)] if kernel.takes_few else []),
            "float *const columns = scratch;",
            *([] if self.dense else [f"float *const values = columns + {self.row * kernel.qk_dim};"]),
            f"float *const scores = columns + {self.row * kernel.qk_dim + kernel.keys * kernel.v_dim};",
            *self._lay_out(),
            *Tiling(kernel.queries, self.rows).halved("t", self._tile),
        ]

    def _few(self) -> list[Statement]:
        """One query after the other, where there are fewer than it takes to lay out keys and values."""
        kernel, width = self.kernel, self.kernel.values_tile.width
        columns = Tile(1, max(1, min(_VECTORS, kernel.v_dim // width)), width)
        body = [
            "float *const s = scratch;",
            *self._query(),
            *self._dots(),
            "float share[1];",
            For("m", 1, self._softmax()),
            f"float *const yt = y + {start_of(kernel.y, 'h')} + t * {kernel.y.row};",
            *self._values(1, columns, ("s", "vh", kernel.v.row)),
        ]
        return [For("t", kernel.queries, body)]

    def _dots(self) -> list[Statement]:
        """The products of one query with all keys, a few keys at a time, where they lie."""
        kernel, lanes = self.kernel, self.machine.lanes
        whole = kernel.qk_dim // lanes * lanes if kernel.k_element == 1 else 0

        def some(keys: int) -> list[Statement]:
            lines: list[Statement] = [f"const float *const kt = kh + j * {kernel.k.row};"]
            sums = [f"sum{n}" for n in range(keys)]
            if whole:
                vectors_of = ", ".join(f"part{n} = {{0}}" for n in range(keys))
                steps = [f"part{n} += x * mi_load(kt + {n * kernel.k.row} + d);" for n in range(keys)]
                lines += [f"vf {vectors_of};", For("d", whole, ["const vf x = mi_load(qt + d);", *steps], step=lanes)]
            start = [f"{name} = mi_sum(part{n})" if whole else f"{name} = 0" for n, name in enumerate(sums)]
            lines.append(f"float {', '.join(start)};")
            if whole < kernel.qk_dim:
                rest = [f"{s} += qt[d] * kt[{n * kernel.k.row} + d * {kernel.k_element}];" for n, s in enumerate(sums)]
                lines.append(For("d", kernel.qk_dim, rest, first=whole))
            return [*lines, *(f"s[j + {n}] = {name};" for n, name in enumerate(sums))]

        return Tiling(kernel.keys, _KEYS).each("j", some)

    def _query(self) -> list[Statement]:
        """Where query `t` and its mask begin."""
        kernel = self.kernel
        lines: list[Statement] = [f"const float *const qt = q + {start_of(kernel.q, 'h')} + t * {kernel.q.row};"]
        if kernel.mask:
            at = f"{start_of(kernel.mask_rows, 'h')} + t * {kernel.mask_rows.row}"
            lines.append(f"const {C_TYPES[kernel.mask]} *const mt = mask + {at};")
        return lines

    def _lay_out(self) -> list[str]:
        """Keys as blocks of columns, zeros after the last one; values row after row, unless they are."""
        kernel, block = self.kernel, self.kernel.scores_tile.block
        whole, rest = divmod(self.row, block)
        lines = []
        if isinstance(self.row, Dim):
            lines = self._counted_columns(whole * block, rest)
        else:
            for first, count, width in ((0, whole, block), (whole * block, 1, rest)):
                keys = min(kernel.keys - first, count * width)
                if keys > 0:
                    lines += self._columns(first, keys, width)
        if not isinstance(self.row, Dim) and kernel.keys < self.row:
            last = f"columns + ({whole - (not rest)} * {kernel.qk_dim * block} + d * {rest or block})"
            first = kernel.keys - (whole - (not rest)) * block
            lines += [
                f"for (long d = 0; d < {kernel.qk_dim}; ++d)",
                f"  for (long j = {first}; j < {rest or block}; ++j) ({last})[j] = 0;",
            ]
        if not self.dense:
            copy = f"__builtin_memcpy(values + j * {kernel.v_dim}, vh + j * {kernel.v.row}, {4 * kernel.v_dim})"
            lines.append(f"for (long j = 0; j < {kernel.keys}; ++j) {copy};")
        return lines

    def _counted_columns(self, whole: int, rest: int) -> list[str]:
        """Keys whose number is given at run time: `whole` of them in blocks, the others in one of `rest` columns."""
        kernel, lanes, block = self.kernel, self.machine.lanes, self.kernel.scores_tile.block
        element = f"columns[j / {block} * {kernel.qk_dim * block} + j % {block} + d * width]"
        turned = kernel.qk_dim // lanes * lanes if kernel.k_element == 1 else 0
        one = f"kh[j * {kernel.k.row} + d * {kernel.k_element}]"
        lines = [
            f"for (long j = 0; j < {self.row}; ) {{",
            f"  const long width = j < {whole} ? {block} : {rest}, left = {kernel.keys} - j;",
            f"  long d = 0, count = left < {lanes} ? left : {lanes};",
        ]
        if turned:
            to = f"columns + (j / {block} * {kernel.qk_dim * block} + j % {block} + d * width)"
            lines += [
                f"  if (count == {lanes})",
                f"    for (; d < {turned}; d += {lanes})",
                f"      mi_transpose(kh + j * {kernel.k.row} + d, {kernel.k.row}, {to}, width);",
            ]
        return [
            *lines,
            f"  for (const long from = j; d < {kernel.qk_dim}; ++d, j = from) {{",
            f"    for (; j < from + count; ++j) {element} = {one};",
            f"    for (; j < from + {lanes}; ++j) {element} = 0;",
            "  }",
            f"  j += {lanes};",
            "}",
        ]

    def _columns(self, first: int, keys: int, width: int) -> list[str]:
        """Some keys as columns of blocks so wide: squares in registers, what is left one by one."""
        kernel, lanes = self.kernel, self.machine.lanes
        block = kernel.scores_tile.block
        to = f"columns + (j / {block} * {kernel.qk_dim * block} + j % {block} + d * {width})"
        squares = (keys - keys % lanes, kernel.qk_dim - kernel.qk_dim % lanes) if kernel.k_element == 1 else (0, 0)
        lines = []
        if all(squares):
            lines += [
                f"for (long j = {first}; j < {first + squares[0]}; j += {lanes})",
                f"  for (long d = 0; d < {squares[1]}; d += {lanes})",
                f"    mi_transpose(kh + j * {kernel.k.row} + d, {kernel.k.row}, {to}, {width});",
            ]
        for begin, start in ((first, squares[1]), (first + squares[0], 0)) if all(squares) else ((first, 0),):
            if begin < first + keys and start < kernel.qk_dim:
                lines += [
                    f"for (long j = {begin}; j < {first + keys}; ++j)",
                    f"  for (long d = {start}; d < {kernel.qk_dim}; ++d)",
                    f"    ({to})[0] = kh[j * {kernel.k.row} + d * {kernel.k_element}];",
                ]
        return lines

    def _tile(self, rows: int) -> list[Statement]:
        """A few queries, from `t` on: scores, their exponentials with the sums of these, and weighted values."""
        kernel = self.kernel
        source, step = ("vh", kernel.v.row) if self.dense else ("values", kernel.v_dim)
        return [
            *self._query(),
            *self._scores(rows),
            f"float share[{rows}];",
            For("m", rows, [f"float *const s = scores + m * {self.row};", *self._softmax()]),
            f"float *const yt = y + {start_of(kernel.y, 'h')} + t * {kernel.y.row};",
            *self._values(rows, kernel.values_tile, ("scores", source, step)),
        ]

    def _scores(self, rows: int) -> list[Statement]:
        """The products of a few queries with all keys."""
        kernel, block = self.kernel, self.kernel.scores_tile.block

        def body(width: int) -> list[Statement]:
            return [
                f"const float *const kt = columns + b * {kernel.qk_dim};",
                "float *const out = scores + b;",
                *self._product(kernel.scores_tile, rows, width, ("qt", kernel.q.row, kernel.qk_dim), ("kt", width)),
                *self._store(kernel.scores_tile, rows, width, self.row),
            ]

        return Tiling(self.row, block).each("b", body)

    def _values(self, rows: int, columns: Tile, operands: tuple[str, str, int]) -> list[Statement]:
        """The sums of the values, each row times its share: of scores and values, whose rows lie so far apart."""
        kernel, (scores, source, step) = self.kernel, operands

        def body(width: int) -> list[Statement]:
            return [
                f"const float *const vt = {source} + b;",
                "float *const out = yt + b;",
                *self._product(columns, rows, width, (scores, self.row, kernel.keys), ("vt", step)),
                *(f"{tile.name(m, n)} *= share[{m}];" for m in range(rows) for n in range(-(-width // columns.width))),
                *self._store(columns, rows, width, kernel.y.row),
            ]

        return Tiling(kernel.v_dim, columns.block).each("b", body)

    def _product(
        self, columns: Tile, rows: int, width: int, left: tuple[str, int, int], right: tuple[str, int]
    ) -> list[Statement]:
        """Sums of one tile: `left` is x, the distance of its rows and the depth, `right` weights and their rows'."""
        (x, row, depth), (weights, step) = left, right
        offsets = {index: index * row for index in range(rows)}
        partial = width % columns.width > 0
        steps = Steps(x, weights, offsets, depth, 1, step, partial_weights=partial)
        return self._sums(columns, rows, width, depth).of(steps)

    def _sums(self, columns: Tile, rows: int, width: int, depth: int) -> tile.Accumulators:
        phases = tile.phases(self.machine, rows * -(-width // columns.width), depth)
        part = tile.part(depth, self.kernel.batch * self.kernel.heads * self.kernel.queries * width)
        return tile.Accumulators(
            rows, width, columns.block, Reals(columns.width), part, self.machine.pipeline.loop, phases
        )

    def _store(self, columns: Tile, rows: int, width: int, step: int) -> list[Statement]:
        """Store a tile's sums to `out`, in rows so far apart."""
        sums = self._sums(columns, rows, width, 1)
        return EpilogueWriter(sums, Epilogue(), self.machine).store(range(rows), row_step=step, column_step=1)

    def _softmax(self) -> list[Statement]:
        """The scores `s` of query `m`: scaled, masked, and as exponentials; their sum's reciprocal in `share`."""
        kernel, lanes = self.kernel, self.machine.lanes
        masking = []
        if kernel.mask:
            masking = [f"const {C_TYPES[kernel.mask]} *const mask_row = mt + m * {kernel.mask_rows.row};"]
        if kernel.window_right >= 0:
            lane_numbers = ", ".join(map(str, range(lanes)))
            masking += [
                f"const vi numbers = {{{lane_numbers}}};",
                f"const long last = {kernel.offset + kernel.window_right} + t + m;",
            ]

        def masked(valid: int) -> list[Statement]:
            outside = f"x = mi_select({first_lanes(valid, lanes)}, x, mi_set1(-__builtin_inff()));"
            ends = [outside] if valid != lanes else []
            return [*self._masked(valid), *ends, "top = mi_max(top, x);", "mi_store(s + j, x);"]

        zeros = kernel.zero_masked_rows or kernel.zero_nan_rows
        shift = "greatest == -__builtin_inff() ? 0.0f : greatest" if zeros else "greatest"
        reciprocal = "sum > 0 || sum != sum ? 1.0f / sum : 0.0f" if kernel.zero_masked_rows else "1.0f / sum"
        reciprocal = "sum > 0 ? 1.0f / sum : 0.0f" if kernel.zero_nan_rows else reciprocal
        count = -(-kernel.keys // lanes)
        return [
            *masking,
            "vf top = mi_set1(-__builtin_inff()), total = {0};",
            *Tiling(kernel.keys, lanes, counts=True).each("j", masked),
            "const float greatest = mi_highest(top);",
            f"const vf shift = mi_set1({shift});",
            *exponentials(count, lanes, "mi_exp_of_negative(mi_load(s + j) - shift)", "total"),
            "const float sum = mi_sum(total);",
            *([f"if (!(sum > 0)) for (long j = 0; j < {self.row}; ++j) s[j] = 0;"] if kernel.zero_nan_rows else []),
            f"share[m] = {reciprocal};",
        ]

    def _masked(self, valid: int) -> Sequence[str]:
        """C that declares `x`, the scaled and masked scores from `s + j` on, the first `valid` of them."""
        kernel = self.kernel
        lines = [f"vf x = mi_load(s + j) * {literal(kernel.scale, DType.FLOAT32)};"]
        if kernel.mask is DType.FLOAT32:
            added = (
                load("mask_row + j", 0 if valid == self.machine.lanes else valid)
                if kernel.mask_key
                else "mi_set1(mask_row[0])"
            )
            lines.append(f"x = x + {added};")
        if kernel.mask is DType.BOOL:
            hidden = f"mi_set1({literal(kernel.masked_score, DType.FLOAT32)})"
            kept, lost = (hidden, "x") if kernel.mask_is_inverted else ("x", hidden)
            if not kernel.mask_key:
                lines.append(f"x = mask_row[0] ? {kept} : {lost};")
            elif valid != self.machine.lanes:
                lines += [
                    f"uint8_t truths[{self.machine.lanes}] = {{0}};",
                    f"__builtin_memcpy(truths, mask_row + j, {valid});",
                    f"x = mi_select(mi_truths(truths), {kept}, {lost});",
                ]
            else:
                lines.append(f"x = mi_select(mi_truths(mask_row + j), {kept}, {lost});")
        if kernel.window_right >= 0:
            lines.append("x = mi_select(numbers <= (int32_t)(last - j), x, mi_set1(-__builtin_inff()));")
        return lines
