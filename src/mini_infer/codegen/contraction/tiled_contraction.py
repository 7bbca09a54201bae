"""C of `TiledContraction`: one register tile of neighboring outputs at a time, borders clipped instead of padded."""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from mini_infer.codegen.contraction import tile
from mini_infer.codegen.contraction.ahead import Ahead
from mini_infer.codegen.contraction.blocked_sum import CHAIN, Choice, Loop, Nest, Scope
from mini_infer.codegen.contraction.bytes import byte_helpers, bytes_of
from mini_infer.codegen.contraction.depthwise import across
from mini_infer.codegen.contraction.epilogue import EpilogueWriter, helpers
from mini_infer.codegen.contraction.steps import Steps, Window
from mini_infer.codegen.contraction.windows import Border, Run, Segment, clip, coordinates, never_clipped, segments
from mini_infer.codegen.function import C_TYPES, Body
from mini_infer.codegen.loops import each_item
from mini_infer.codegen.statements import For, If, Statement
from mini_infer.codegen.tiling import Tiling
from mini_infer.codegen.vectors.arithmetic import arithmetic
from mini_infer.codegen.vectors.fours import Quads
from mini_infer.ir import Dim
from mini_infer.ir.dims import at, at_least
from mini_infer.machine import Machine
from mini_infer.program.kernels import Axis, Batch, Epilogue, TiledContraction

_PART = 384
"""Steps of a large layer that are summed by themselves: with 256 the products of transformers take 2 % longer."""


def emit_tiled_contraction(kernel: TiledContraction, machine: Machine) -> Body:
    """Write a contraction; an item is a row of tiles (along the last axis) or a piece of one, by a block of columns."""
    return _Writer(kernel, machine).body()


class _Writer:
    def __init__(self, kernel: TiledContraction, machine: Machine) -> None:
        self.kernel = kernel
        self.machine = machine
        self.shape = kernel.shape
        self.outer, self.last = kernel.shape.axes[:-1], kernel.shape.axes[-1]
        self.pool_outer, self.pool_last = kernel.pools[:-1], kernel.pools[-1]
        self.tall = self.pool_outer[-1] if self.pool_outer else 1
        self.wide = kernel.tile.rows // self.tall
        columns = self.shape.groups if kernel.across else self.shape.out_channels
        self.columns = Tiling(columns, kernel.tile.block)
        self.heights = tuple(axis.output // pool for axis, pool in zip(self.outer, self.pool_outer, strict=True))
        self.arithmetic = arithmetic(kernel.types, kernel.tile.width, machine, across=kernel.across)
        self.steps = kernel.depth // self.arithmetic.depth
        floats = kernel.types.accumulator.is_float
        self.part = tile.part(self.steps, at(kernel.sums), CHAIN if kernel.across else _PART) if floats else self.steps
        pooled = self.last.output // self.pool_last * self.pool_last
        self.row = segments(self.last, pooled, self.wide)
        self.border = Border(self.last, self.wide) if self.last.is_open and self.last.clipped else None
        self.pieces = -(-Tiling(pooled, self.wide).tiles // kernel.piece) if kernel.piece else 1
        self.rows = self.shape.count * math.prod(self.heights) * self.pieces
        self.blocks = 1 if kernel.across else self.shape.groups * self.columns.tiles
        # From one row of b to the next, of as many steps as an instruction takes.
        self.b_row = kernel.b_row or kernel.tile.block * self.arithmetic.depth
        self.types = (kernel.types.accumulator, kernel.types.result)
        self.tiles = kernel.piece or -(-pooled // self.wide)
        self.ahead = self._ahead()

    def body(self) -> Body:
        kernel = self.kernel
        product = "gemm" if self.shape.window == 1 and not self.outer else "conv"
        zeros = f"static const {C_TYPES[kernel.types.operand]} zeros[{self.shape.in_channels}];\n"
        return Body(
            family="depthwise" if kernel.across else product,
            text=(zeros if self.border and not kernel.across else "") + each_item(*self._item()),
            items=self.rows * self.blocks,
            helpers=(*self._helpers(), *byte_helpers(kernel, self.machine)),
        )

    def _helpers(self) -> tuple[str, ...]:
        planar = self.shape.y_channel != 1
        return helpers(self.arithmetic, self.machine, self.kernel.epilogue, self.types, planar=planar)

    def _position(self) -> list[str]:
        """C that declares which element of the batch it is, which row of it, and which piece of that."""
        row = "row" if self.rows != 1 else "0"
        row = row if self.pieces == 1 else f"{row} / {self.pieces}"
        found = [*self._decoded(), *self._coordinates(row)]
        if self.pieces == 1:
            return [*found, "const long o = 0;"] if self.kernel.piece == 1 else found
        first = f"row % {self.pieces} * {self.kernel.piece * self.wide}"
        if self.kernel.piece == 1:
            return [*found, f"const long o = {first};"]
        return [*found, f"const long from = {first}, to = from + {self.kernel.piece * self.wide};"]

    def _decoded(self) -> list[str]:
        """C that declares `block` and, where there are several, `row` of `item`.

        Items go row panel by row panel, in each all blocks of columns, for each of these the panel's rows: a part of a
        stays in the cache while all blocks pass over it; one panel of all rows reads each block's weights once.
        """
        rows, blocks, row_panel = self.rows, self.blocks, self.kernel.row_panel
        if rows == 1:
            return [f"const long block = {'item' if blocks > 1 else 0};"]
        if blocks == 1:
            return ["const long block = 0, row = item;"]
        if at_least(row_panel, rows):
            return [f"const long block = item / {rows}, row = item % {rows};"]
        return [
            f"const long row_panel = item / {blocks * row_panel}, within = item % {blocks * row_panel};",
            f"const long rest = {rows} - row_panel * {row_panel}, height = rest < {row_panel} ? rest : {row_panel};",
            f"const long block = within / height, row = row_panel * {row_panel} + within % height;",
        ]

    def _coordinates(self, row: str) -> list[str]:
        """C that takes the number of a row apart."""
        found = coordinates(self.heights, row)
        return found if self.shape.count != 1 else found[:-1]

    def _ahead(self) -> Ahead:
        """How far tiles ask ahead, where there are other weights to come that lie behind each other."""
        kernel, shape = self.kernel, self.shape
        if self.blocks == 1 or kernel.b_row or any(axis.b_stride for axis in shape.batch):
            return Ahead()
        panel = self.steps * self.b_row * kernel.types.weight.numpy.itemsize
        rows = min(at(kernel.row_panel), at(self.rows))
        vectors = kernel.tile.rows * kernel.tile.vectors
        tiles = rows * at(self.tiles)
        return Ahead.of(panel, at(self.blocks), at(self.steps), tiles, vectors, self.machine)

    def _next_panel(self) -> list[str]:
        """C that declares what the item's tiles ask for: of the next block's weights, after the last those behind b."""
        one = at_least(self.kernel.row_panel, self.rows)
        row = "row" if one else "within % height"
        if isinstance(self.rows, Dim):  # more of them than are typical begin anew
            row = f"({row}) % {min(at(self.kernel.row_panel), at(self.rows))}"
        block = "(block + 1)" if one else f"((block + 1) % {self.blocks})"
        steps = f"({row}) * {at(self.tiles) * at(self.steps)}" if self.rows != 1 else ""
        return self.ahead.declared(f"b + {block} * {self.steps * self.b_row}", steps)

    def _item(self) -> list[Statement]:
        """Where the item's tiles begin in a, b and y; then its tiles. Of a depthwise one, those of all channels."""
        shape, block, tiles = self.shape, self.kernel.tile.block, self.columns.tiles
        axes = list(enumerate(self.outer))
        a_terms, y_terms, b_terms = (place(shape.batch, operand) for operand in ("a_stride", "y_stride", "b_stride"))
        if self.kernel.across:
            weights, body = "b", self._row(block)
            some = self.border or any(segment.runs for segment in self.row)
            looked = axes if some and self.kernel.types.accumulator.is_float else []
            clipped = [(index, axis) for index, axis in looked if axis.clipped]
            clips = (clip(axis, f"o{index} * {axis.stride}", str(index)) for index, axis in clipped)
            lines: list[Statement] = [*self._coordinates("item"), *chain.from_iterable(clips)]
        else:
            group, within = (f"(block / {tiles})", f"(block % {tiles})") if shape.groups > 1 else ("0", "block")
            if shape.groups > 1:
                a_terms.append(f"{group} * {shape.in_channels * shape.x_channel}")
            y_terms.append(f"({group} * {shape.out_channels} + {within} * {block}) * {shape.y_channel}")
            b_terms.append(f"block * {block if self.kernel.b_row else self.steps * self.b_row}")
            weights, body = "weight", self.columns.one(within, self._row)
            lines = [*self._position(), f"const {self.arithmetic.weight} *const weight = b + ({' + '.join(b_terms)});"]
            lines += self._next_panel()
        y_terms += [f"o{index} * {axis.y_stride}" for index, axis in axes]
        lines += [
            f"const long a_at = {' + '.join(a_terms) or '0'};",
            f"const long y_at = {' + '.join([str(shape.y_start), *y_terms])};",
        ]
        if self.kernel.fits:
            lines.append("(void)fits; /* every window may lie in the padding */")
        floats = self.kernel.types.accumulator.is_float
        if floats and not self.border and not any(segment.runs for segment in self.row):
            lines.append(f"(void){weights}; (void)a_at; (void)a; /* every window lies in the padding */")
        return [*lines, *body]

    def _row(self, columns: int) -> list[Statement]:
        """The tiles of an item: those whose windows are clipped alike share one body."""
        piece = 0 if self.pieces == 1 and self.kernel.piece != 1 else self.kernel.piece
        if self.border:
            whole = Segment(0, 1, self.wide, (Run(0, self.last.kernel, 0, self.wide),))
            outside = self._clipped_tile(whole, columns, self.border)
            body: list[Statement] = [If(self.border.is_outside, outside, self._clipped_tile(whole, columns))]
            if piece == 1:
                return body
            stop = f"{self.last.output} && o < to" if piece else str(self.last.output)
            return [For("o", stop, body, first="from" if piece else 0, step=self.wide)]
        return tile.over(self.row, self.wide, piece, lambda segment: self._clipped_tile(segment, columns))

    def _clipped_tile(self, segment: Segment, columns: int, border: Border | None = None) -> list[Statement]:
        """One tile; of a depthwise convolution, all channels of its outputs, the last ones perhaps twice."""
        kernel, tiled = self.kernel, self.kernel.tile
        left = border.left if border else ""
        count = self.tall * segment.width
        if kernel.across:
            found = self._across(segment, count, columns, border)
            return [f"const long origin = {border.origin};", *found] if border else found
        # Of single elements, no sum depends on the tile that it is in: bands have others than the whole. What is left
        # of other rows that are given at run time may be all there is.
        alike = self.shape.window == 1 and (not segment.only or kernel.whole != 0)
        independent = (tiled.rows if alike else count) * -(-columns // tiled.width)
        phases = tile.phases(self.machine, independent, self.steps) if self.arithmetic.unrolls else 1
        loop = self.machine.pipeline.loop
        sums = tile.Accumulators(count, columns, tiled.block, self.arithmetic, self.part, loop, phases, self.ahead)
        bias = f"bias + block * {tiled.block}" if kernel.epilogue.bias else ""
        return [*sums.of(self._nest(sums, segment, border), bias), *self._leave(sums, segment, left)]

    def _across(self, segment: Segment, count: int, columns: int, border: Border | None) -> list[Statement]:
        """All channels of a tile of a depthwise convolution; of bytes the last ones may be fewer than a vector."""
        kernel, tiled, loop = self.kernel, self.kernel.tile, self.machine.pipeline.loop
        zero = None if kernel.types.accumulator.is_float else kernel.zero
        nest = across(self.shape, segment, border, zero)

        def body(channels: int) -> list[Statement]:
            sums = tile.Accumulators(count, channels, tiled.block, self.arithmetic, self.part, loop)
            bias = "bias + c" if kernel.epilogue.bias else ""
            return [*sums.of(nest, bias), *self._leave(sums, segment, border.left if border else "")]

        return self.columns.overlapping("c", body(columns)) if zero is None else self.columns.each("c", body)

    def _nest(self, sums: tile.Accumulators, segment: Segment, border: Border | None) -> Nest:
        """A tile's sums; a tall one's rows together where all their windows are whole, else one after the other."""
        every = list(range(self.tall))
        if isinstance(self.arithmetic, Quads):
            return bytes_of(self.kernel, segment, self.b_row)
        if not segment.runs:
            return ()
        if self.tall == 1 or not self.outer[-1].clipped:
            inner: Nest = tuple(self._run(sums, every, run) for run in segment.runs)
            inner = self._at_border(border) if border else inner
            return self._around(inner, every, clipped=self.outer)
        separate = tuple(self._sum(sums, [row], segment, clipped=self.outer) for row in every)
        whole = never_clipped(self.outer[-1], self.tall)
        if whole.start >= whole.stop:
            return separate
        together = self._sum(sums, every, segment, clipped=self.outer[:-1])
        coordinate = f"o{len(self.outer) - 1}"
        return Choice(f"{coordinate} >= {whole.start} && {coordinate} < {whole.stop}", together, separate)

    def _sum(self, sums: tile.Accumulators, rows: Sequence[int], segment: Segment, clipped: Sequence[Axis]) -> Nest:
        """The reduction of some rows of a tile: outer axes, then runs of the last axis, then channels."""
        return self._around(tuple(self._run(sums, rows, run) for run in segment.runs), rows, clipped)

    def _around(self, nest: Nest, rows: Sequence[int], clipped: Sequence[Axis]) -> Nest:
        """A nest inside loops over the window's elements along the outer axes."""
        for index, axis in reversed(list(enumerate(self.outer))):
            loop = Loop.of(f"k{index}", axis.kernel, nest)
            if not axis.clipped or index >= len(clipped):
                nest = loop
                continue
            position = f"o{index} * {axis.stride * self.pool_outer[index]}"
            if index == len(self.outer) - 1 and rows[0]:
                position += f" + {rows[0] * axis.stride}"
            bounds = tuple(clip(axis, position, str(index)))
            nest = Scope(bounds, replace(loop, first=f"first{index}", stop=f"last{index}"))
        return nest

    def _at_border(self, border: Border) -> Nest:
        """The elements of the window along the last axis, each for the outputs that have it, which is found out."""
        one = Run(0, 1, 0, self.wide)
        pointers = self._pointers([0], one, "k")
        depth, last = self.arithmetic.depth, self.last
        pixels = {column: column * last.stride * last.x_stride for column in range(self.wide)}
        x_step, count = self.shape.x_channel * depth, self.shape.in_channels // depth
        every = Steps(*pointers, pixels, count, x_step, self.b_row, partial_weights=self.kernel.b_row > 0)
        some = replace(every, present=("low", "high"))
        choice = Choice(f"low == 0 && high == {self.wide}", every, some)
        before, first, stop = border.elements()
        return Scope(before, Loop("k", last.kernel, Scope(border.outputs(), choice), first, stop))

    def _run(self, sums: tile.Accumulators, rows: Sequence[int], run: Run) -> Nest:
        """Window elements `[start, stop)` of the last axis, which the same pixels of the tile have."""
        channels, last, depth = self.shape.in_channels, self.last, self.arithmetic.depth
        block = self.b_row
        width = sums.rows // self.tall
        tall_stride = self.outer[-1].stride * self.outer[-1].x_stride if self.outer else 0
        pixels = {
            row * width + column: (row - rows[0]) * tall_stride + (column - run.low) * last.stride * last.x_stride
            for row in rows
            for column in range(run.low, run.high)
        }
        elements = run.stop - run.start
        step = last.dilation * last.x_stride
        if self._slides(sums, len(pixels), elements):
            uses: dict[int, list[tuple[int, int]]] = {}
            for pixel, offset in pixels.items():
                for k in range(elements):
                    uses.setdefault(offset + k * step, []).append((pixel, k))
            p, q = self._pointers(rows, run, str(run.start))
            if channels == 1:
                return Window(p, q, uses, block, across=False)
            p, q = f"{p} + c * {self.shape.x_channel}", f"{q} + c * {block}"
            return Loop.of("c", channels, Window(p, q, uses, channels * block, across=False))
        if channels == 1 and not self.kernel.b_row:
            return Steps(*self._pointers(rows, run, str(run.start)), pixels, elements, step, block)
        pointers = self._pointers(rows, run, str(run.start) if elements == 1 else "k")
        x_step, partial = self.shape.x_channel * depth, self.kernel.b_row > 0
        each = Steps(*pointers, pixels, channels // depth, x_step, block, partial_weights=partial)
        return each if elements == 1 else Loop("k", elements, each, str(run.start), str(run.stop))

    def _slides(self, sums: tile.Accumulators, pixels: int, elements: int) -> bool:
        """Whether to broadcast a number of x once for all window elements that want it.

        That takes a register for the weights of each, and pays where each broadcast serves one product only and two
        of these are done in a cycle: with one vector of columns, which is none of the widest on some machines.
        """
        if self.last.is_open and isinstance(self.last.x_stride, Dim):
            return False
        overlapping = self.last.stride < elements and self.last.stride % self.last.dilation == 0
        fits = pixels + elements < self.machine.registers
        size = self.kernel.types.operand.numpy.itemsize
        several = sums.vectors == self.arithmetic.depth == 1 and self.machine.vector_cycles(sums.lanes, size) < 1
        return several and sums.phases == 1 and overlapping and fits

    def _pointers(self, rows: Sequence[int], run: Run, element: str) -> tuple[str, str]:
        """C addresses of x of the run's first pixel, and of the weights, at one element of the window."""
        last = self.last
        terms = ["a_at"]
        number = ""
        for index, axis in enumerate(self.outer):
            first = rows[0] * axis.stride if index == len(self.outer) - 1 else 0
            at = f"o{index} * {axis.stride * self.pool_outer[index]} + k{index} * {axis.dilation} + {first - axis.pad}"
            terms.append(f"({at}) * {axis.x_stride}")
            number = f"({number} * {axis.kernel} + k{index})" if number else f"k{index}"
        number = f"({number} * {last.kernel} + {element})" if number else element
        start = run.low * last.stride - last.pad
        terms.append(f"(o * {last.stride} + {element} * {last.dilation} + {start}) * {last.x_stride}")
        row = self.shape.in_channels // self.arithmetic.depth * self.b_row
        return f"a + ({' + '.join(terms)})", f"weight + {number} * {row}"

    def _leave(self, sums: tile.Accumulators, segment: Segment, left: str) -> list[Statement]:
        """Pool the tile's sums, and store what remains, or the first ones of it if C says how many are left."""
        kernel, width = self.kernel, segment.width
        groups = [
            [row * width + column for row in range(self.tall) for column in range(start, start + self.pool_last)]
            for start in range(0, width, self.pool_last)
        ]
        epilogue = kernel.epilogue
        pooling: list[Statement] = []
        if kernel.mean:
            pooling = [*EpilogueWriter(sums, epilogue, self.machine, self.types).apply(), *sums.keep_means(groups)]
            epilogue = Epilogue()
        elif len(groups) < sums.rows:
            pooling = [*sums.keep_greatest(groups)]
        column = "c" if kernel.across else f"block * {kernel.tile.block}"
        position = "o" if self.pool_last == 1 else f"o / {self.pool_last}"
        at = f"y_at + {'c + ' if kernel.across else ''}{position} * {self.last.y_stride}"
        kind = C_TYPES[kernel.types.result]
        return [
            *pooling,
            f"{kind} *const out = y + ({at});",
            *([f"const {kind} *const res = residual + ({at});"] if epilogue.residual else []),
            *EpilogueWriter(sums, epilogue, self.machine, self.types, column).store(
                [group[0] for group in groups],
                row_step=self.last.y_stride,
                column_step=self.shape.y_channel,
                left=left,
            ),
        ]


def place(batch: Sequence[Batch], stride: str) -> list[str]:
    """Terms of where element `n` of a batch begins, given the name of an operand's strides."""
    terms, divisor = [], 1
    for axis in reversed(batch):
        step = getattr(axis, stride)
        if step != 0 and axis.count != 1:
            terms.append(f"n / {divisor} % {axis.count} * {step}" if len(batch) > 1 else f"n * {step}")
        divisor *= axis.count
    return terms
