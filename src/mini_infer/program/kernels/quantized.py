"""What quantization needs besides elementwise kernels."""

from dataclasses import dataclass, replace
from typing import Self

from mini_infer.ir import DType
from mini_infer.ir.quantized import TABLE
from mini_infer.program.kernels.bands import Bands, outermost, resized
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.expression import EIGHT_BITS
from mini_infer.program.kernels.rules import NativeType, Shape, element, ranks, require
from mini_infer.program.operand import Operand, present, reads, strided, updates, writes


@dataclass(frozen=True, slots=True)
class QuantizationRange(Kernel):
    """Scale and zero point that spread a float32 tensor's range, and 0, over the 256 values of uint8.

    Operands: the tensor, the scale (float32), the zero point (uint8).

    Parameters
    ----------
    size
        Elements of the tensor.
    """

    size: int

    def operands(self) -> tuple[Operand, ...]:
        return (
            reads("x", DType.FLOAT32, (self.size, 1)),
            writes("scale", DType.FLOAT32),
            writes("zero", DType.UINT8),
        )


@dataclass(frozen=True, slots=True)
class Lookup(Kernel):
    """For each 8-bit number what a table has for it.

    Operands: the numbers, x, but where the table's are written in their place; the table, from the least number on; the
    output, y.

    Parameters
    ----------
    shape
        Of x and y, dimensions merged where both allow it; at least one dimension, none empty.
    source, target
        Stride of x and of y along each dimension.
    dtype, result
        Element types of x, and of the table and y.
    in_place
        Whether x is y: each number is read there before it is written.
    """

    OPEN = frozenset({"shape", "source", "target"})

    shape: Shape
    source: tuple[int, ...]
    target: tuple[int, ...]
    dtype: DType
    result: NativeType
    in_place: bool = False

    def check_fields(self) -> None:
        """Check that both walks have the shape's dimensions, and that indices are of 8 bits."""
        ranks("a stride", len(self.shape), self.source, self.target)
        element(self.dtype, frozenset(EIGHT_BITS))
        alike = self.result.numpy.itemsize == self.dtype.numpy.itemsize and self.source == self.target
        require(alike or not self.in_place, "what is looked up in place is of another size, or lies elsewhere")

    def bands(self) -> Bands | None:
        """Rows along the output's outermost dimension."""
        walks = {"y": self.target} if self.in_place else {"x": self.source, "y": self.target}
        return Bands.along(outermost(self.shape, self.target), self.shape, self.operands(), walks)

    def band(self, first: int, rows: int) -> Self:  # noqa: ARG002 - all rows are alike
        """The same over fewer elements."""
        return replace(self, shape=resized(self.shape, outermost(self.shape, self.target), rows))

    def operands(self) -> tuple[Operand, ...]:
        access = updates if self.in_place else writes
        return present(
            None if self.in_place else reads("x", self.dtype, *strided(self.shape, self.source)),
            reads("table", self.result, (TABLE, 1)),
            access("y", self.result, *strided(self.shape, self.target)),
        )
