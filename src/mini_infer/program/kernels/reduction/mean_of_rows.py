"""The mean of all rows of a matrix, a band of rows after the other."""

from dataclasses import dataclass, replace
from typing import Self

from mini_infer.ir import DType
from mini_infer.ir.dims import at_least
from mini_infer.program.kernels.bands import Bands, Pass
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.rules import Size, require
from mini_infer.program.operand import Operand, reads, updates, workspace, writes

TOGETHER = 4
"""Rows that are summed up in float32; these sums are added up in float64."""


@dataclass(frozen=True, slots=True)
class MeanOfRows(Kernel):
    """The mean over the rows of a matrix: operands x `[rows, channels]`, y `[channels]`, sums (float64 `[channels]`).

    Parameters
    ----------
    rows, channels
        Of x, whose rows lie `x_row` elements apart.
    whole
        Rows of all bands together, by which the sums are divided.
    begins, ends
        Whether it is the first band, and the last one: others find the sums of those before, and leave theirs.
    """

    OPEN = frozenset({"rows", "whole", "x_row"})

    rows: Size
    channels: Size
    x_row: int
    whole: Size
    begins: bool = True
    ends: bool = True

    def check_fields(self) -> None:
        """Check that a band is one of whole groups of rows."""
        whole = self.ends or self.rows % TOGETHER == 0
        require(at_least(self.whole, self.rows) and whole, "it cuts rows summed together")

    @property
    def steps(self) -> int:
        """Elements of x."""
        return self.rows * self.channels

    def bands(self) -> Bands | None:
        """Groups of rows that are summed together."""
        return Bands.of(self.rows, self.operands(), {"x": Pass(self.x_row, self.rows)}, TOGETHER)

    def band(self, first: int, rows: int) -> Self:
        """The sums of fewer rows."""
        begins, ends = self.begins and first == 0, self.ends and first + rows == self.rows
        return replace(self, rows=rows, begins=begins, ends=ends)

    def operands(self) -> tuple[Operand, ...]:
        sums = workspace("sums", DType.FLOAT64, self.channels)
        if not self.begins:
            sums = updates("sums", DType.FLOAT64, (self.channels, 1))
        return (
            reads("x", DType.FLOAT32, (self.rows, self.x_row), (self.channels, 1)),
            writes("y", DType.FLOAT32, (self.channels, 1)),
            replace(sums, kept=True),
        )
