"""Local response normalization."""

from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.expression import Expression, check_expression
from mini_infer.program.kernels.rules import NativeType, Size, require
from mini_infer.program.operand import Operand, reads, writes


@dataclass(frozen=True, slots=True)
class LocalResponse(Kernel):
    """Each element, given the sum of squares over the channels around its own.

    Operands: the input, then the output, both `[batch, channels, inner]`.

    Parameters
    ----------
    before, after
        How many channels before and after its own are summed.
    expression
        Over the element and the sum; half floats are summed in float32.
    """

    OPEN = frozenset({"batch", "inner"})

    batch: Size
    channels: Size
    inner: Size
    before: int
    after: int
    dtype: NativeType
    expression: Expression

    def check_fields(self) -> None:
        """Check the expression."""
        summed = DType.FLOAT32 if self.dtype is DType.FLOAT16 else self.dtype
        result = check_expression(self.expression, [self.dtype, summed])
        require(result is self.dtype, f"elements of {self.dtype.value} become {result.value}")

    @property
    def steps(self) -> int:
        """Summands."""
        around = min(self.channels, self.before + 1 + self.after)
        return self.batch * self.channels * self.inner * around

    def operands(self) -> tuple[Operand, ...]:
        every = (self.batch * self.channels * self.inner, 1)
        return (reads("x", self.dtype, every), writes("y", self.dtype, every))
