"""Reading at positions that are data."""

from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.program.kernels.base import Kernel


@dataclass(frozen=True, slots=True)
class Gather(Kernel):
    """Slices of a tensor at indexed positions.

    Operands: the tensor `[batch, *sizes, inner]`; the indices, `[batch, count, len(sizes)]`, or one such list for every
    batch; the output `[batch, count, inner]`. Negative indices count from the end.

    Parameters
    ----------
    batch, count, inner
        How many parts, how many slices of each, and how many bytes a slice has.
    sizes
        The dimensions that are indexed.
    shared
        Whether every part is read at the same positions.
    index
        Element type of the indices.
    checked
        Whether the indices must be checked: those known at build time have been.
    """

    batch: int
    count: int
    inner: int
    sizes: tuple[int, ...]
    shared: bool
    index: DType
    checked: bool


@dataclass(frozen=True, slots=True)
class GatherElements(Kernel):
    """Elements of a tensor, each at its own place but along one dimension, where an index says which.

    Operands: the tensor, the indices, the output; the latter two are dense, of `shape`. Negative indices count from the
    end.

    Parameters
    ----------
    shape
        Of the indices; no dimension is empty.
    strides
        Of the tensor.
    axis, size
        The dimension that is indexed, and its size in the tensor.
    element_bytes
        The size of an element: 1, 2, 4 or 8.
    index
        Element type of the indices.
    checked
        Whether the indices must be checked.
    """

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    axis: int
    size: int
    element_bytes: int
    index: DType
    checked: bool
