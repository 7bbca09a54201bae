"""Numbers that follow from sizes, which may be given at run time."""

from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.rules import NativeType, Size, require
from mini_infer.program.operand import Operand, writes


@dataclass(frozen=True, slots=True)
class WriteSizes(Kernel):
    """Numbers, one after the other: the output y of int64."""

    SIGNED = frozenset({"values"})
    OPEN = frozenset({"values"})

    values: tuple[int, ...]

    def check_fields(self) -> None:
        """Check that there are some."""
        require(bool(self.values), "there are no numbers")

    def operands(self) -> tuple[Operand, ...]:
        return (writes("y", DType.INT64, (len(self.values), 1)),)


@dataclass(frozen=True, slots=True)
class Progression(Kernel):
    """Numbers, each larger than the one before by a step: the output y.

    Parameters
    ----------
    count, start, step
        How many, the first, and from one to the next.
    """

    SIGNED = frozenset({"start", "step"})
    OPEN = frozenset({"count", "start"})

    count: Size
    start: int
    step: int
    dtype: NativeType

    def operands(self) -> tuple[Operand, ...]:
        return (writes("y", self.dtype, (self.count, 1)),)
