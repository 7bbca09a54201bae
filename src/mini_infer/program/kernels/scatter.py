"""Writing at positions that are data."""

from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.program.kernels.base import Kernel


@dataclass(frozen=True, slots=True)
class ScatterSlices(Kernel):
    """Slices put into a tensor at indexed positions, one after the other.

    Operands: the indices `[count, len(sizes)]`, the slices `[count, inner]`, and the tensor `[*sizes, inner]`, which is
    read and written. Negative indices count from the end.

    Parameters
    ----------
    count, inner
        How many slices, and how many elements each has.
    sizes
        The dimensions that are indexed.
    reduction
        The operation that joins what was there with what comes; empty to replace it.
    dtype, index
        Element types of the tensor and of the indices.
    checked
        Whether the indices must be checked: those known at build time have been.
    """

    count: int
    inner: int
    sizes: tuple[int, ...]
    reduction: str
    dtype: DType
    index: DType
    checked: bool


@dataclass(frozen=True, slots=True)
class ScatterElements(Kernel):
    """Elements put into a tensor, each at its own place but along one dimension, where an index says which.

    Operands: the indices and the elements, dense, of `shape`; the tensor, which is read and written. Along the indexed
    dimension they are put one after the other. Negative indices count from the end.

    Parameters
    ----------
    shape
        Of the indices; no dimension is empty.
    strides
        Of the tensor.
    axis, size
        The dimension that is indexed, and its size in the tensor.
    reduction
        The operation that joins what was there with what comes; empty to replace it.
    dtype, index
        Element types of the tensor and of the indices.
    checked
        Whether the indices must be checked.
    """

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    axis: int
    size: int
    reduction: str
    dtype: DType
    index: DType
    checked: bool
