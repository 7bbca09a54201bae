"""What is added to the sums of a contraction of bytes: four neighbors at a time, and zero points for what is missing.

Bytes of a have a zero point, and what lies beyond the borders counts as that: it takes part in every sum. Where a row
of the window is missing, all sums of a tile get the same; where an element is, the sums that lack it get the products
of the zero point instead. Where four neighbors reach from one element of the window into the next (`stretch`), a row
of the window that is clipped is laid out first, zero points included. Where a has reals, so are the bytes that are
made of them, a few of each row at a time.
"""

from collections.abc import Sequence

from mini_infer.codegen.contraction.blocked_sum import Choice, Loop, Nest, Scope
from mini_infer.codegen.contraction.steps import ByteSteps
from mini_infer.codegen.contraction.windows import Segment
from mini_infer.codegen.function import C_TYPES
from mini_infer.codegen.statements import For, Statement, text
from mini_infer.codegen.vectors.expression import stored_code
from mini_infer.codegen.vectors.fours import FITTING
from mini_infer.codegen.vectors.integers import definitions, load
from mini_infer.machine import Machine
from mini_infer.program.kernels import TiledContraction

_DEPTH = 4

_BITS = 64
"""Of `TiledContraction.fits`, what is read at once: less where the first bit may be any of its byte's."""

_CONVERTED = 64
"""Numbers of a row that are converted before they are multiplied: whole vectors of all machines, and little stack."""


def bytes_of(kernel: TiledContraction, segment: Segment, b_row: int) -> Nest:
    """The sums of a tile from output `o` on, its first number of a after `a_at`, its weights from `weight` on.

    Parameters
    ----------
    segment
        The tile: how wide it is, and what there is of its windows along the last axis.
    b_row
        From one row of b, which has four numbers of each column, to the next.
    """
    return _Tile(kernel, segment, b_row).nest()


def byte_helpers(kernel: TiledContraction, machine: Machine) -> tuple[str, ...]:
    """The C functions that a contraction calls besides those of its arithmetic and epilogue."""
    found = (FITTING,) if kernel.fits else ()
    if not kernel.convert:
        return found
    code = stored_code(kernel.convert, ["x"], "line")
    return (*found, *definitions(machine, kernel.types.operand), *code.helpers)


class _Tile:
    def __init__(self, kernel: TiledContraction, segment: Segment, b_row: int) -> None:
        self.kernel = kernel
        self.segment = segment
        self.b_row = b_row
        self.outer, self.last = kernel.shape.axes[:-1], kernel.shape.axes[-1]
        self.channels = kernel.shape.in_channels
        stretches, self.length = kernel.stretch
        self.stretched = stretches < kernel.shape.window
        self.rows = -(-self.length // _DEPTH)  # of b, for one stretch
        self.fits = (_BITS if self.rows % 8 == 0 else _BITS - 8) if kernel.fits else 0
        whole = segment.runs and segment.runs[0].start == 0 and segment.runs[0].stop == self.last.kernel
        self.whole = bool(whole) and (segment.runs[0].low, segment.runs[0].high) == (0, segment.width)
        self.present = self._present()

    def nest(self) -> Nest:
        """Loops over the window's rows; those that are missing give all sums the same."""
        nest = self._row()
        exists = [
            f"(unsigned long)({self._position(index)}) < (unsigned long){axis.input}"
            for index, axis in enumerate(self.outer)
            if axis.clipped
        ]
        if exists:
            rows = self.rows * (1 if self.stretched else self.last.kernel)
            every = tuple(range(self.segment.width))
            missing = ByteSteps("a", self._weights("0"), {}, rows * _DEPTH, self.b_row, every, self.kernel.zero)
            nest = Choice(" && ".join(exists), nest, missing)
        for index, axis in reversed(list(enumerate(self.outer))):
            nest = Loop.of(f"k{index}", axis.kernel, nest)
        return nest

    def _present(self) -> list[range]:
        """For each element of the window along the last axis, the outputs of the tile that have it."""
        found = [range(0)] * self.last.kernel
        for run in self.segment.runs:
            found[run.start : run.stop] = [range(run.low, run.high)] * (run.stop - run.start)
        return found

    def _row(self) -> Nest:
        """One row of the window."""
        if self.kernel.convert:
            return self._converted()
        if self.stretched:
            return self._stretch() if self.whole else self._laid_out()
        neighbors = self.last.dilation == 1 and self.last.x_stride == self.channels
        if self.whole and neighbors:  # elements follow each other, as do their weights
            length = self.channels * self.last.kernel
            return self._steps(self._pointer("0"), self._weights("0"), range(self.segment.width), length)
        found: list[Nest] = []
        start = 0
        while start < self.last.kernel:  # elements that the same outputs have share a loop
            stop = start + 1
            while stop < self.last.kernel and self.present[stop] == self.present[start]:
                stop += 1
            element = str(start) if stop == start + 1 else "k"
            steps = self._steps(self._pointer(element), self._weights(element), self.present[start], self.channels)
            found.append(steps if stop == start + 1 else Loop("k", stop - start, steps, str(start), str(stop)))
            start = stop
        return tuple(found)

    def _stretch(self) -> Nest:
        return self._steps(self._pointer("0"), self._weights("0"), range(self.segment.width), self.length)

    def _laid_out(self) -> Nest:
        """A row of all the tile's windows, copied, with the zero point where there is nothing."""
        last, channels = self.last, self.channels
        span = (self.segment.width - 1) * last.stride + last.kernel
        kind = "int8_t" if self.kernel.types.operand.value == "int8" else "uint8_t"
        before = (
            f"{kind} line[{span * channels}];",
            f"const long from = o * {last.stride} - {last.pad};",
            f"const long low = from < 0 ? -from : 0, rest = {last.input} - from, high = rest < {span} ? rest : {span};",
            f"__builtin_memset(line, {self.kernel.zero}, sizeof line);",
            (
                f"if (low < high) __builtin_memcpy(line + low * {channels}, {self._line()} + (from + low) * {channels},"
                f" (unsigned long)(high - low) * {channels});"
            ),
        )
        return Scope(before, self._steps("line", self._weights("0"), range(self.segment.width), self.length))

    def _converted(self) -> Nest:
        """The numbers of single elements, converted a few at a time."""
        whole, rest = divmod(self.length, _CONVERTED)
        nest: list[Nest] = [Loop.of("part", whole, self._part("part", _CONVERTED))] if whole else []
        return (*nest, self._part(str(whole), rest)) if rest else tuple(nest)

    def _part(self, part: str, length: int) -> Nest:
        """So many numbers of each row from the given part on, converted to a line of bytes, and their products."""
        lanes, width = self.kernel.tile.width, self.segment.width
        row = f"m * {self.last.stride * self.last.x_stride} + " if width > 1 else ""
        line = f"m * {_CONVERTED} + " if width > 1 else ""

        def code(at: str, part: int = 0) -> Sequence[Statement]:
            return stored_code(
                self.kernel.convert, [load(f"real + {row}{at}", part)], f"line + {line}{at}", part
            ).statements

        loop: list[Statement] = [For("j", length // lanes * lanes, code("j"), step=lanes)] if length >= lanes else []
        if length % lanes:
            loop += code(str(length // lanes * lanes), length % lanes)
        before = (
            f"{C_TYPES[self.kernel.types.operand]} line[{width * _CONVERTED}];",
            f"const float *const real = {self._pointer('0')} + {part} * {_CONVERTED};",
            text([For("m", width, loop)] if width > 1 else loop),
        )
        offsets = {output: output * _CONVERTED for output in range(width)}
        weights = f"{self._weights('0')} + {part} * {_CONVERTED // _DEPTH * self.b_row}"
        steps = ByteSteps("line", weights, offsets, length, self.b_row, (), self.kernel.zero, self.fits)
        return Scope(before, steps)

    def _steps(self, p: str, q: str, present: range, length: int) -> ByteSteps:
        """Steps over so many neighbors, of the outputs that have them; `p` is where output 0 would have its first."""
        step = self.last.stride * (self.channels if p == "line" else self.last.x_stride)
        first = present.start if present else 0
        offsets = {output: (output - first) * step for output in present}
        absent = tuple(output for output in range(self.segment.width) if output not in present)
        start = f"{p} + {first * step}" if first else p
        return ByteSteps(start, q, offsets, length, self.b_row, absent, self.kernel.zero, self.fits)

    def _position(self, index: int) -> str:
        """C of the input that an element of the window meets along an outer axis."""
        axis = self.outer[index]
        return f"o{index} * {axis.stride} + k{index} * {axis.dilation} - {axis.pad}"

    def _pointer(self, element: str) -> str:
        """C of the address of the tile's first number of a at one element of the window; it may lack it."""
        last = self.last
        return f"{self._line()} + (o * {last.stride} + {element} * {last.dilation} - {last.pad}) * {last.x_stride}"

    def _line(self) -> str:
        terms = [f"({self._position(index)}) * {axis.x_stride}" for index, axis in enumerate(self.outer)]
        return " + ".join(["a", "a_at", *terms])

    def _weights(self, element: str) -> str:
        """C of the address of the weights of one element of the window."""
        number = ""
        for index, axis in enumerate(self.outer):
            number = f"({number} * {axis.kernel} + k{index})" if number else f"k{index}"
        if not self.stretched:
            number = f"({number} * {self.last.kernel} + {element})" if number else element
        return f"weight + {number or 0} * {self.rows * self.b_row}"
