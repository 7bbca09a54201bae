"""Losses of a classification."""

from dataclasses import dataclass
from typing import Annotated

from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.rules import IndexType, RealType, Size, choice
from mini_infer.program.operand import Operand, present, reads, writes


@dataclass(frozen=True, slots=True)
class NegativeLogLikelihood(Kernel):
    """Minus the logarithm of the probability that each place gives to its class, times the class's weight.

    Operands: the logarithms of the probabilities `[batch, classes, places]`, the classes `[batch, places]`, as far as
    present the weights `[classes]`, and the output: `[batch, places]`, or one number if it is reduced.

    Parameters
    ----------
    weighted
        Whether there are weights.
    ignored
        A class whose places count nothing, which need not exist.
    reduction
        `mean` is the sum divided by that of the weights.
    """

    SIGNED = frozenset({"ignored"})

    batch: Size
    classes: Size
    places: int
    weighted: bool
    ignored: int | None
    reduction: Annotated[str, choice("none", "sum", "mean")]
    dtype: RealType
    index: IndexType

    def operands(self) -> tuple[Operand, ...]:
        places = self.batch * self.places
        return present(
            reads("x", self.dtype, (self.batch * self.classes * self.places, 1)),
            reads("target", self.index, (places, 1)),
            reads("weights", self.dtype, (self.classes, 1)) if self.weighted else None,
            writes("y", self.dtype, (places if self.reduction == "none" else 1, 1)),
        )
