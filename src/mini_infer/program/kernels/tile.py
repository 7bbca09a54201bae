"""What the kernels that multiply have in common: the register tile, and what happens to a sum before it is stored."""

from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.expression import Expression


@dataclass(frozen=True, slots=True)
class Tile:
    """The part of the output that is summed in registers: `rows` pixels or matrix rows x `vectors` of `lanes` columns.

    A column is an output channel of a convolution, or a column of a matrix product.
    """

    rows: int
    vectors: int
    lanes: int

    @property
    def block(self) -> int:
        """Columns computed together."""
        return self.vectors * self.lanes


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
        Applied to argument 0, the sum, and argument 1, the residual if there is one. Empty: the sum itself.
    """

    bias: bool = False
    residual: bool = False
    expression: Expression = ()

    @property
    def arguments(self) -> int:
        """How many inputs the expression has."""
        return 1 + self.residual

    def check(self, dtype: DType) -> None:
        """Check that it leaves sums of an element type in that type.

        Raises
        ------
        ValueError
            When its expression gives another one, for which the output has no room or no meaning.
        """
        if self.expression and self.expression[-1].dtype is not dtype:
            raise ValueError(
                f"an epilogue gives {self.expression[-1].dtype.value} behind a product of {dtype.value} tensors"
            )


class TiledKernel(Kernel):
    """A product that is summed in registers, which is of float32 alone, with an `epilogue`."""

    __slots__ = ()
    epilogue: Epilogue

    def __post_init__(self) -> None:
        self.epilogue.check(DType.FLOAT32)
