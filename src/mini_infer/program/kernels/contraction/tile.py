"""What the kernels that multiply have in common: the register tile, and what happens to a sum before it is stored."""

from dataclasses import dataclass, replace

from mini_infer.ir import DType
from mini_infer.machine import Machine
from mini_infer.program.kernels.expression import Expression, check_expression
from mini_infer.program.kernels.rules import one_of, positive, require
from mini_infer.program.operand import Access, Operand

_MOST = 4096
"""Vectors of sums in a tile: far more than any machine has registers."""

_FEW_COLUMNS = 4
"""Operands by column: a scale and an offset are two."""


@dataclass(frozen=True, slots=True)
class Tile:
    """The part of the output that is summed in registers: `rows` pixels or matrix rows x `vectors` of `width` columns.

    A column is an output channel of a convolution, or a column of a matrix product.
    """

    rows: int
    vectors: int
    width: int

    @property
    def block(self) -> int:
        """Columns computed together."""
        return self.vectors * self.width

    def check(self, machine: Machine, dtype: DType = DType.FLOAT32, *, whole: bool = False) -> None:
        """Check that the machine has such vectors of sums of this type, or (`whole`) that they are its own."""
        positive(self, "rows", "vectors")
        require(self.rows * self.vectors <= _MOST, f"a tile of {self.rows} rows and {self.vectors} vectors")
        widths = machine.widths(dtype.numpy.itemsize)
        one_of("the width of a tile", self.width, widths[:1] if whole else widths)

    def rounded_up(self, columns: int) -> int:
        """So many columns, up to whole vectors."""
        return -(-columns // self.width) * self.width

    def padded(self, columns: int, blocks: int) -> int:
        """Numbers of a bias for so many columns in each of some groups of blocks: the last vector is read whole."""
        last = columns % self.block or self.block
        return (blocks - 1) * self.block + self.rounded_up(last)


@dataclass(frozen=True, slots=True)
class Epilogue:
    """What is done to a sum before it is stored.

    Parameters
    ----------
    bias
        Whether there is an operand with one number per column (of packed kernels: padded to whole blocks), which the
        sum starts from.
    residual
        Whether there is an operand that lies exactly like the output, and may be the output's own bytes.
    expression
        Applied to argument 0, the sum, to the residual if there is one, and to the `columns`. Empty: the sum itself.
    columns
        How many operands `column0`, … there are with one float32 per column, padded as the bias is.
    """

    bias: bool = False
    residual: bool = False
    expression: Expression = ()
    columns: int = 0

    @property
    def column_names(self) -> tuple[str, ...]:
        """The operands with one number per column."""
        return tuple(f"column{index}" for index in range(self.columns))

    def types(self, dtype: DType, target: DType) -> list[DType]:
        """The types of the expression's arguments, for sums of this type and results of the target's."""
        return [dtype, *[target] * self.residual, *[DType.FLOAT32] * self.columns]

    def check(self, dtype: DType, target: DType | None = None, *, by_column: bool = False) -> None:
        """Check that the expression makes numbers of the target's type (none: of the same) of sums of this type.

        Only some kernels take numbers `by_column`.
        """
        target = target or dtype
        result = dtype
        require(by_column or not self.columns, "an epilogue with numbers by column, which this kernel has not")
        require(self.columns <= _FEW_COLUMNS, f"{self.columns} operands by column")
        if self.expression:
            result = check_expression(self.expression, self.types(dtype, target))
        require(result is target, f"the epilogue of {dtype.value} gives {result.value}")

    def around(self, y: Operand, bias: Operand) -> tuple[Operand, ...]:
        """The operands bias, columns and residual, as far as there are, and y."""
        given: tuple[Operand, ...] = (bias,) if self.bias else ()
        given += tuple(replace(bias, name=name, kind=DType.FLOAT32) for name in self.column_names)
        if not self.residual:
            return (*given, y)
        return (*given, y.like("residual", Access.READ, twin=True), y.like(y.name, y.access, twin=True))
