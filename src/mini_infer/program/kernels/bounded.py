"""Kernels that select as much as their data say: into outputs of the largest size, zeros behind, and a count."""

from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.program.kernels.base import Kernel


@dataclass(frozen=True, slots=True)
class Suppression(Kernel):
    """The best boxes of each class that do not overlap a better one of it.

    Operands: boxes `[batch, boxes, 4]`, scores `[batch, classes, boxes]`; the limit for each class (int64), the largest
    overlap and the least score (float32), one element each; the selection `[rows, 3]` (batch, class, box) and its
    count; workspace for the order of the boxes, `[boxes]` of int64.

    Parameters
    ----------
    batch, classes, boxes, rows
        Sizes.
    centred
        Whether boxes are given by their centre and size instead of by two corners.
    thresholded
        Whether the least score counts: without one, every score is good enough.
    """

    batch: int
    classes: int
    boxes: int
    rows: int
    centred: bool
    thresholded: bool


@dataclass(frozen=True, slots=True)
class NonZeroIndices(Kernel):
    """Where the elements are that are not zero.

    Operands: the tensor; the indices `[rank, elements]`, row-major order of the elements; the count.

    Parameters
    ----------
    shape
        Of the tensor; not empty.
    dtype
        Its element type.
    """

    shape: tuple[int, ...]
    dtype: DType


@dataclass(frozen=True, slots=True)
class Compaction(Kernel):
    """The slices whose condition holds.

    Operands: the tensor `[outer, size, inner]`; the conditions (bool); the slices kept, `[outer, kept, inner]`; the
    count.

    Parameters
    ----------
    outer, size, inner, kept
        Sizes; `inner` in bytes.
    conditions
        How many conditions there are; slices without one are not kept.
    """

    outer: int
    size: int
    inner: int
    kept: int
    conditions: int
