"""Local response normalization."""

from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.expression import Expression


@dataclass(frozen=True, slots=True)
class LocalResponse(Kernel):
    """Each element, given the sum of squares over the channels around its own.

    Operands: the input, then the output, both `[batch, channels, inner]`.

    Parameters
    ----------
    batch, channels, inner
        Sizes; none is 0.
    before, after
        How many channels before and after its own are summed.
    dtype
        Element type.
    expression
        Over the element and the sum; half floats are summed in float32.
    """

    batch: int
    channels: int
    inner: int
    before: int
    after: int
    dtype: DType
    expression: Expression
