"""Sums of products over any loops, for any element type."""

import math
from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.contraction.spatial import Axis
from mini_infer.program.kernels.contraction.tile import Epilogue
from mini_infer.program.kernels.rules import element, positive, ranks, require
from mini_infer.program.operand import Operand, Walk, reads, writes


@dataclass(frozen=True, slots=True)
class Loop:
    """`count` turns, and how far apart their elements lie in each input, in y and in the bias; 0: the same one."""

    count: int
    inputs: tuple[int, ...]
    y: int = 0
    bias: int = 0


@dataclass(frozen=True, slots=True)
class PlainContraction(Kernel):
    """y[i] = sum over k of the product of all inputs at (i, k), in plain loops.

    Operands: the inputs `x0`, `x1`, …, bias?, residual?, y.

    Parameters
    ----------
    outer, summed
        Loops over the results, and over what is summed up. The last axis, or else the last of the outer loops, runs
        innermost.
    dtype, target
        Element types of what is read, and of y: the same, or float32 for half floats that are not to be rounded.
    starts, y_start
        Where the loops start in each input (with windows: in the first at input 0), and in y.
    axes
        Further loops: over the results, and over the elements of the window that slides over the first input.
    windows
        How far apart these elements lie in the second input, along each axis.
    """

    SIGNED = frozenset({"pad", "inputs", "windows"})
    OPEN = frozenset("count inputs y bias starts y_start input output x_stride y_stride".split())

    outer: tuple[Loop, ...]
    summed: tuple[Loop, ...]
    dtype: DType
    target: DType
    starts: tuple[int, ...]
    y_start: int = 0
    axes: tuple[Axis, ...] = ()
    windows: tuple[int, ...] = ()
    epilogue: Epilogue = Epilogue()  # noqa: RUF009 - frozen

    @property
    def multiply_adds(self) -> int:
        """One for each input but the first, at every result and summand, those with padding included."""
        counts = [loop.count for loop in (*self.outer, *self.summed)]
        counts += [axis.output * axis.kernel for axis in self.axes]
        return math.prod(counts) * max(1, len(self.starts) - 1)

    def check_fields(self) -> None:
        """Check that there are results, that each input has its strides, the element types and the epilogue."""
        require(bool(self.starts), "there is no input")
        for loop in self.outer:
            positive(loop, "count")
        for axis in self.axes:
            axis.check()
        ranks("a stride", len(self.starts), *(loop.inputs for loop in (*self.outer, *self.summed)))
        ranks("a stride of a window", len(self.axes), self.windows)
        require(not self.axes or len(self.starts) == 2, "windows slide over one of two inputs")  # noqa: PLR2004
        element(self.dtype)
        if self.target is not self.dtype:
            require((self.dtype, self.target) == (DType.FLOAT16, DType.FLOAT32), f"y of {self.target.value}")
            require(self.epilogue == Epilogue(), "an epilogue of sums that are not rounded")
        self.epilogue.check(self.dtype)

    def operands(self) -> tuple[Operand, ...]:
        stored = ((axis.output, axis.y_stride) for axis in self.axes)
        y = writes("y", self.target, *((loop.count, loop.y) for loop in self.outer), *stored, start=self.y_start)
        bias = reads("bias", self.dtype, *((loop.count, loop.bias) for loop in self.outer if loop.bias != 0))
        return (*(self._input(index) for index in range(len(self.starts))), *self.epilogue.around(y, bias))

    def _input(self, index: int) -> Operand:
        loops = ((loop.count, loop.inputs[index]) for loop in (*self.outer, *self.summed))
        walk: Walk = tuple((count, stride) for count, stride in loops if stride != 0 or count == 0)
        start = self.starts[index]
        for axis, stride in zip(self.axes, self.windows, strict=True):
            first, count = axis.read()
            walk += ((axis.kernel, stride) if index else (count, axis.x_stride),)
            start += 0 if index else first * axis.x_stride
        return reads(f"x{index}", self.dtype, *walk, start=start)
