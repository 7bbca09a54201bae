"""Losses of a classification."""

from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.machine import Machine
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.rules import INDICES, REALS, element, one_of, positive
from mini_infer.program.operand import Operand, present, reads, writes


@dataclass(frozen=True, slots=True)
class ClassLoss(Kernel):
    """Minus the logarithm of the probability that each place gives to its class, times the class's weight.

    Operands: the logarithms of the probabilities `[batch, classes, places]`, the classes `[batch, places]`, as far as
    present the weights `[classes]`, and the output: `[batch, places]`, or one number if it is reduced.

    Parameters
    ----------
    batch, classes, places
        Sizes.
    weighted
        Whether there are weights.
    ignored
        A class whose places count nothing, which need not exist.
    reduction
        `none`, `sum`, or `mean`: the sum divided by that of the weights.
    dtype, index
        Element types of the numbers and of the classes.
    """

    SIGNED = frozenset({"ignored"})

    batch: int
    classes: int
    places: int
    weighted: bool
    ignored: int | None
    reduction: str
    dtype: DType
    index: DType

    def check(self, machine: Machine) -> None:  # noqa: ARG002 - C for any vectors
        """Check the sizes, the types and the reduction."""
        positive(self, "batch", "classes")
        one_of("reduction", self.reduction, ("none", "sum", "mean"))
        element(self.dtype, REALS)
        element(self.index, INDICES, "index")

    def operands(self) -> tuple[Operand, ...]:
        """The logarithms, the classes, their weights and the output."""
        places = self.batch * self.places
        return present(
            reads("x", self.dtype, (self.batch * self.classes * self.places, 1)),
            reads("target", self.index, (places, 1)),
            reads("weights", self.dtype, (self.classes, 1)) if self.weighted else None,
            writes("y", self.dtype, (places if self.reduction == "none" else 1, 1)),
        )
