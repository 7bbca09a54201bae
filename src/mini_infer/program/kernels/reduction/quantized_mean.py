"""The mean of all rows of a matrix of 8-bit numbers, a band of rows after the other."""

from dataclasses import dataclass, replace
from typing import Annotated, Self

from mini_infer.ir import DType
from mini_infer.ir.dims import at_least, greatest
from mini_infer.program.kernels.bands import Bands, Pass
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.expression import EIGHT_BITS
from mini_infer.program.kernels.reduction.pool import Requantization
from mini_infer.program.kernels.rules import Size, limit, of_types, require
from mini_infer.program.operand import Operand, reads, updates, workspace, writes

MOST = 1 << 23
"""Rows whose sums, less as many zero points, fit in int32."""


@dataclass(frozen=True, slots=True)
class QuantizedMean(Kernel):
    """The mean over the rows of a matrix of 8-bit numbers: operands x `[rows, channels]`, y `[channels]`, sums.

    Exact sums are int32 `[channels]`: less the zero points, they are made float32, multiplied by `x_scale / (y_scale *
    whole)` in float32, rounded, and y's zero point is added. Others are float32: each number is made real and added,
    one row after the other; the sum is divided by `whole` and by `y_scale`, y's zero point is added, and it is rounded.

    Parameters
    ----------
    rows, channels
        Of x, whose rows lie `x_row` elements apart.
    whole
        Rows of all bands together.
    dtype
        Of x and y.
    quantized
        What x and y mean.
    exact
        Whether integers are added.
    begins, ends
        Whether it is the first band, and the last one: others find the sums of those before, and leave theirs.
    """

    SIGNED = frozenset({"x_zero", "y_zero"})
    OPEN = frozenset({"rows", "whole", "x_row"})

    rows: Size
    channels: Size
    x_row: int
    whole: Size
    dtype: Annotated[DType, of_types(*EIGHT_BITS)]
    quantized: Requantization
    exact: bool
    begins: bool = True
    ends: bool = True

    def check_fields(self) -> None:
        """Check that a band is no longer than the whole, and that sums fit."""
        require(at_least(self.whole, self.rows), "a band has more rows than there are")
        limit(not self.exact or greatest(self.whole) <= MOST, f"{self.whole} rows are too many for sums of 32 bits")

    @property
    def steps(self) -> int:
        """Elements of x."""
        return self.rows * self.channels

    def bands(self) -> Bands | None:
        """Rows."""
        return Bands.of(self.rows, self.operands(), {"x": Pass(self.x_row, self.rows)})

    def band(self, first: int, rows: int) -> Self:
        """The sums of fewer rows."""
        begins, ends = self.begins and first == 0, self.ends and first + rows == self.rows
        return replace(self, rows=rows, begins=begins, ends=ends)

    def operands(self) -> tuple[Operand, ...]:
        kind = DType.INT32 if self.exact else DType.FLOAT32
        sums = workspace("sums", kind, self.channels) if self.begins else updates("sums", kind, (self.channels, 1))
        return (
            reads("x", self.dtype, (self.rows, self.x_row), (self.channels, 1)),
            writes("y", self.dtype, (self.channels, 1)),
            replace(sums, kept=True),
        )
