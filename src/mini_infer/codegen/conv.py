"""Direct convolution in C: one register tile of neighbouring outputs at a time, borders clipped instead of padded."""

import math
from collections.abc import Sequence
from dataclasses import replace

from mini_infer.codegen import tile
from mini_infer.codegen.epilogue import Leaving, helpers
from mini_infer.codegen.function import Body
from mini_infer.codegen.grid import Grid
from mini_infer.codegen.parts import Choice, Loop, Nest, Scope
from mini_infer.codegen.statements import For, Statement, text
from mini_infer.codegen.steps import Steps, Window
from mini_infer.codegen.tiling import Tiling
from mini_infer.codegen.windows import Run, Stretch, clip, coordinates, never_clipped, stretches
from mini_infer.machine import Machine
from mini_infer.program.kernels import Axis, DirectConv, Epilogue

_PART = 384
"""Steps that are summed by themselves in a large layer: three elements of a window, in 128 channels."""

_ENOUGH_ITEMS = 16
"""Rows are cut into pieces where there are fewer items."""

_LONG_PIECE = 4
"""Tiles that a piece of a row has at least."""


def emit_direct_conv(kernel: DirectConv, machine: Machine) -> Body:
    """Write a direct convolution; an item is a row of tiles (along the last axis) and a block of columns.

    Of few long rows, as in one dimension, it is a piece of one.
    """
    return _Writer(kernel, machine).body()


class _Writer:
    def __init__(self, kernel: DirectConv, machine: Machine) -> None:
        self.kernel = kernel
        self.machine = machine
        self.shape = kernel.shape
        self.outer, self.last = kernel.shape.axes[:-1], kernel.shape.axes[-1]
        self.pool_outer, self.pool_last = kernel.pool[:-1], kernel.pool[-1]
        self.tall = self.pool_outer[-1] if self.pool_outer else 1
        self.wide = kernel.tile.rows // self.tall
        self.blocks = -(-self.shape.out_channels // kernel.tile.block)
        self.heights = tuple(axis.output // pool for axis, pool in zip(self.outer, self.pool_outer, strict=True))
        outputs = self.shape.out_channels * math.prod(axis.output for axis in self.shape.axes)
        self.steps = self.shape.window * self.shape.in_channels
        self.part = tile.part(self.steps, outputs, _PART)
        rows = self.shape.batch * math.prod(self.heights)
        self.grid = Grid(rows, self.shape.groups * self.blocks, kernel.slab)
        few = -(-_ENOUGH_ITEMS // self.grid.items)
        self.pieces = max(1, min(few, self.last.output // (self.wide * _LONG_PIECE)))

    def body(self) -> Body:
        kernel = self.kernel
        index = "item" if self.pieces == 1 else "number"
        length = -(-self.last.output // self.pieces)
        piece = [
            f"const long item = number / {self.pieces}, piece = number % {self.pieces};",
            f"const long from = piece * {length}, to = from + {length};",
        ]
        lines = [*(piece if self.pieces > 1 else []), *self.grid.decode(), *self._item()]
        epilogue = kernel.epilogue
        return Body(
            family="conv",
            text=text([For(index, "end", lines, first="begin")]),
            items=self.grid.items * self.pieces,
            helpers=helpers(kernel.tile.lanes, self.machine, epilogue),
        )

    def _item(self) -> list[Statement]:
        """Where the item's tiles begin in x, the weights and y; then its tiles."""
        kernel, shape = self.kernel, self.shape
        lines: list[Statement] = [*coordinates(self.heights, "row")]
        block = kernel.tile.block
        group = f"(block / {self.blocks})" if shape.groups > 1 else "0"
        within = f"(block % {self.blocks})" if shape.groups > 1 else "block"
        x_terms = [f"n * {shape.x_batch}", f"{group} * {shape.in_channels * shape.x_channel}"]
        y_terms = [
            str(shape.y_start),
            f"n * {shape.y_batch}",
            f"({group} * {shape.out_channels} + {within} * {block}) * {shape.y_channel}",
        ]
        y_terms += [f"o{index} * {axis.y_stride}" for index, axis in enumerate(self.outer)]
        lines += [
            f"const float *const weight = weights + block * {self.steps * block};",
            f"const long x_at = {' + '.join(x_terms)}, y_at = {' + '.join(y_terms)};",
        ]
        if not any(stretch.runs for stretch in self._stretches()):
            lines.append("(void)weight; (void)x_at; (void)x; /* every window lies in the padding */")
        return [*lines, *Tiling(shape.out_channels, block).one(within, self._row)]

    def _row(self, columns: int) -> list[Statement]:
        """All tiles of a row: runs of tiles whose windows are clipped alike share one body."""
        lines: list[Statement] = []
        for stretch in self._stretches():
            lines += tile.over(stretch, self.wide, self._clipped_tile(stretch, columns), pieces=self.pieces > 1)
        return lines

    def _stretches(self) -> list[Stretch]:
        pooled = self.last.output // self.pool_last
        return stretches(self.last, pooled * self.pool_last, self.wide)

    def _clipped_tile(self, stretch: Stretch, columns: int) -> list[Statement]:
        """One tile."""
        kernel = self.kernel
        count = self.tall * stretch.width
        phases = tile.phases(self.machine, count * -(-columns // kernel.tile.lanes), self.steps)
        sums = tile.Sums(count, columns, kernel.tile.block, kernel.tile.lanes, self.part, phases)
        bias = "bias + block * " + str(kernel.tile.block) if kernel.epilogue.bias else ""
        return [*sums.of(self._nest(sums, stretch), bias), *self._leave(sums, stretch)]

    def _nest(self, sums: tile.Sums, stretch: Stretch) -> Nest:
        """A tile's sums; a tall one's rows together where all their windows are whole, else one after the other."""
        every = list(range(self.tall))
        if not stretch.runs:
            return ()
        if self.tall == 1 or not self.outer[-1].clipped:
            return self._sum(sums, every, stretch, clipped=self.outer)
        separate = tuple(self._sum(sums, [row], stretch, clipped=self.outer) for row in every)
        whole = never_clipped(self.outer[-1], self.tall)
        if whole.start >= whole.stop:
            return separate
        together = self._sum(sums, every, stretch, clipped=self.outer[:-1])
        coordinate = f"o{len(self.outer) - 1}"
        return Choice(f"{coordinate} >= {whole.start} && {coordinate} < {whole.stop}", together, separate)

    def _sum(self, sums: tile.Sums, rows: Sequence[int], stretch: Stretch, clipped: Sequence[Axis]) -> Nest:
        """The reduction of some rows of a tile: outer axes, then runs of the last axis, then channels."""
        nest: Nest = tuple(self._run(sums, rows, run) for run in stretch.runs)
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

    def _run(self, sums: tile.Sums, rows: Sequence[int], run: Run) -> Nest:
        """Window elements `[start, stop)` of the last axis, which the same pixels of the tile have."""
        channels, last = self.shape.in_channels, self.last
        block = self.kernel.tile.block
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
        if channels == 1:
            return Steps(*self._pointers(rows, run, str(run.start)), pixels, elements, step, block)
        if elements == 1:
            pointers = self._pointers(rows, run, str(run.start))
            return Steps(*pointers, pixels, channels, self.shape.x_channel, block)
        each = Steps(*self._pointers(rows, run, "k"), pixels, channels, self.shape.x_channel, block)
        return Loop("k", elements, each, str(run.start), str(run.stop))

    def _slides(self, sums: tile.Sums, pixels: int, elements: int) -> bool:
        """Whether to broadcast a number of x once for all window elements that want it.

        That takes a register for the weights of each, and pays where each broadcast serves one product only and two
        of these are done in a cycle: with one vector of columns, which is none of the widest on some machines.
        """
        overlapping = self.last.stride < elements and self.last.stride % self.last.dilation == 0
        fits = pixels + elements < self.machine.registers
        several = sums.vectors == 1 and self.machine.vector_cycles(sums.lanes) < 1
        return several and sums.phases == 1 and overlapping and fits

    def _pointers(self, rows: Sequence[int], run: Run, element: str) -> tuple[str, str]:
        """C addresses of x of the run's first pixel, and of the weights, at one element of the window."""
        last = self.last
        terms = ["x_at"]
        number = ""
        for index, axis in enumerate(self.outer):
            first = rows[0] * axis.stride if index == len(self.outer) - 1 else 0
            at = f"o{index} * {axis.stride * self.pool_outer[index]} + k{index} * {axis.dilation} + {first - axis.pad}"
            terms.append(f"({at}) * {axis.x_stride}")
            number = f"({number} * {axis.kernel} + k{index})" if number else f"k{index}"
        number = f"({number} * {last.kernel} + {element})" if number else element
        start = run.low * last.stride - last.pad
        terms.append(f"(o * {last.stride} + {element} * {last.dilation} + {start}) * {last.x_stride}")
        row = self.shape.in_channels * self.kernel.tile.block
        return f"x + ({' + '.join(terms)})", f"weight + {number} * {row}"

    def _leave(self, sums: tile.Sums, stretch: Stretch) -> list[Statement]:
        """Pool the tile's sums, and store what remains."""
        kernel, width = self.kernel, stretch.width
        groups = [
            [row * width + column for row in range(self.tall) for column in range(start, start + self.pool_last)]
            for start in range(0, width, self.pool_last)
        ]
        epilogue = kernel.epilogue
        pooling: list[Statement] = []
        if kernel.mean:
            pooling = [*Leaving(sums, epilogue, self.machine).apply(), *sums.keep_means(groups)]
            epilogue = Epilogue()
        elif len(groups) < sums.rows:
            pooling = [*sums.keep_greatest(groups)]
        position = "o" if self.pool_last == 1 else f"o / {self.pool_last}"
        at = f"y_at + {position} * {self.last.y_stride}"
        return [
            *pooling,
            f"float *const out = y + ({at});",
            *([f"const float *const res = residual + ({at});"] if epilogue.residual else []),
            *Leaving(sums, epilogue, self.machine).store(
                [group[0] for group in groups], row_step=self.last.y_stride, column_step=self.shape.y_channel
            ),
        ]
