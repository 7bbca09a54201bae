"""Losses of a classification."""

from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.program.kernels.base import Kernel


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

    batch: int
    classes: int
    places: int
    weighted: bool
    ignored: int | None
    reduction: str
    dtype: DType
    index: DType
