"""Element by element: arithmetic, activations, comparisons, casts, quantization, copies."""

from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.expression import Expression


@dataclass(frozen=True, slots=True)
class Elementwise(Kernel):
    """An expression at every element of a shape.

    Operands: the inputs in the expression's order, but for those in place; then the output.

    Parameters
    ----------
    shape
        Of the output, dimensions merged where every operand allows it; at least one dimension, none empty.
    strides
        For each input, its stride along each dimension; 0 where it broadcasts.
    dtypes
        For each input, its element type.
    expression
        What to compute.
    in_place
        The inputs whose bytes are the output's: each element is read there before it is written.
    target
        The output's stride along each dimension.
    """

    shape: tuple[int, ...]
    strides: tuple[tuple[int, ...], ...]
    dtypes: tuple[DType, ...]
    expression: Expression
    in_place: tuple[int, ...]
    target: tuple[int, ...]
