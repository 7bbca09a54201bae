"""Many elements into one, and what is computed from it: reductions, normalizations, softmax, places of extremes."""

from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.expression import Expression


@dataclass(frozen=True, slots=True)
class Stage:
    """One value for each group of elements.

    Parameters
    ----------
    combine
        How two elements become one: ``Add``, ``Mul``, ``Max`` or ``Min``.
    before
        What is done to each element: over the element, the further inputs, and the values of the stages before. Its
        type is what is combined in.
    after
        What is done to the combination: over it, and the values of the stages before.
    keep
        Whether what `before` gives is also written to the output, and is the element for later stages.
    """

    combine: str
    before: Expression
    after: Expression
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Fold(Kernel):
    """Values computed from groups of elements, and elements computed from those values.

    The elements that differ only in their indices along the reduced dimensions are a group. A row of a softmax is a
    group with two values, its largest element and the sum of exponentials; a layer normalization's values are mean
    and deviation.

    Operands: the input, unless it is worked on in place; the further inputs; the output of the elements, if there is a
    `result`; the outputs of values. All but the further inputs are dense and row-major.

    Parameters
    ----------
    shape
        Of the input, dimensions merged where every operand allows it; at least one dimension, none empty.
    reduced
        For each dimension, whether it runs inside the groups.
    dtype
        Element type of the input.
    stages
        The values.
    strides, dtypes
        For each further input, its stride along each dimension (0 where it broadcasts), and its element type.
    result
        The output's elements: over the element, the further inputs, and the values. Empty: only values are wanted.
    values
        Which stages' values have an output of their own, of the kept dimensions' shape.
    in_place
        Whether the output's bytes are the input's.
    """

    shape: tuple[int, ...]
    reduced: tuple[bool, ...]
    dtype: DType
    stages: tuple[Stage, ...]
    strides: tuple[tuple[int, ...], ...] = ()
    dtypes: tuple[DType, ...] = ()
    result: Expression = ()
    values: tuple[int, ...] = ()
    in_place: bool = False


@dataclass(frozen=True, slots=True)
class ArgReduce(Kernel):
    """The index of the largest (or smallest) element along one dimension; NaN counts as the most extreme.

    Operands: the input `[outer, size, inner]`, then the output `[outer, inner]` of int64.

    Parameters
    ----------
    outer, size, inner
        Sizes before, of and after the dimension; none is 0.
    dtype
        Element type of the input.
    largest
        The largest, rather than the smallest.
    last
        Of equals the last, rather than the first.
    """

    outer: int
    size: int
    inner: int
    dtype: DType
    largest: bool
    last: bool
