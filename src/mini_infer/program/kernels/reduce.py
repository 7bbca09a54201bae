"""Many elements into one: sums, products, extremes and where they are."""

from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.expression import Expression


@dataclass(frozen=True, slots=True)
class Reduce(Kernel):
    """Combine the elements along some dimensions.

    Operands: the input, then the output, both dense and row-major.

    Parameters
    ----------
    shape
        Of the input, neighbours that are both kept or both reduced merged; at least one dimension, none empty.
    reduced
        For each dimension, whether it is reduced.
    dtype
        Element type of the input.
    combine
        How two elements become one: ``Add``, ``Mul``, ``Max`` or ``Min``.
    before, after
        What is done to each element, and to their combination. The type of the first is what is combined in.
    shifted
        Whether both expressions get a second argument: the largest element of those combined, 0 if it is infinite.
    """

    shape: tuple[int, ...]
    reduced: tuple[bool, ...]
    dtype: DType
    combine: str
    before: Expression
    after: Expression
    shifted: bool = False


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
