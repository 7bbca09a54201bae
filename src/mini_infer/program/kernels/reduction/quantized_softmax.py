"""Softmax of 8-bit numbers."""

from dataclasses import dataclass, replace
from typing import Annotated, Self

from mini_infer.ir import DType
from mini_infer.ir.quantized import TABLE
from mini_infer.program.kernels.bands import Bands, Pass
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.expression import EIGHT_BITS
from mini_infer.program.kernels.rules import Size, of_types
from mini_infer.program.operand import Operand, present, reads, updates, writes


@dataclass(frozen=True, slots=True)
class QuantizedSoftmax(Kernel):
    """Softmax of 8-bit numbers along one axis, by a table of exponentials.

    Operands: x, but where y is in its place; the table, float32 `[256]`, whose last entry is that of the greatest
    number of each line, the one before it that of the number that is one less, …; y. A result is the number's entry
    times `parts`, divided by the sum of all of the line, one added after the other in float32; rounded, plus `zero`.

    Parameters
    ----------
    outer, size, inner
        Of x and y, `[outer, size, inner]`; lines run along the middle.
    dtype
        Of x and y.
    parts
        What one is in y.
    zero
        y's zero point.
    in_place
        Whether x is y.
    """

    SIGNED = frozenset({"zero"})
    OPEN = frozenset({"outer", "size", "inner"})

    outer: Size
    size: Size
    inner: Size
    dtype: Annotated[DType, of_types(*EIGHT_BITS)]
    parts: float
    zero: int
    in_place: bool = False

    @property
    def steps(self) -> int:
        """Elements, each of which is looked up twice."""
        return 2 * self.outer * self.size * self.inner

    def bands(self) -> Bands | None:
        """Along what is around the lines."""
        each = Pass(self.size * self.inner, self.outer)
        return Bands.of(self.outer, self.operands(), {"y": each} if self.in_place else {"x": each, "y": each})

    def band(self, first: int, rows: int) -> Self:  # noqa: ARG002 - all rows are alike
        """The same of fewer lines."""
        return replace(self, outer=rows)

    def operands(self) -> tuple[Operand, ...]:
        elements = (self.outer * self.size * self.inner, 1)
        access = updates if self.in_place else writes
        return present(
            None if self.in_place else reads("x", self.dtype, elements),
            reads("table", DType.FLOAT32, (TABLE, 1)),
            access("y", self.dtype, elements),
        )
