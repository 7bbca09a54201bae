"""Kernels that select as much as their data say: into outputs of the largest size, zeros after, and a count."""

import math
from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.rules import NativeType, Size, Sizes, require
from mini_infer.program.operand import Operand, present, reads, workspace, writes


@dataclass(frozen=True, slots=True)
class NonMaxSuppression(Kernel):
    """The best boxes of each class that do not overlap a better one of it.

    Operands: boxes `[batch, boxes, 4]`, scores `[batch, classes, boxes]`; the limit for each class (int64), the largest
    overlap and, if it counts, the least score (float32), one element each; the selection `[rows, 3]` (batch, class,
    box) and its count; workspace for the order of the boxes, `[boxes]` of int64.

    Parameters
    ----------
    centered
        Whether boxes are given by their centre and size instead of by two corners.
    thresholded
        Whether the least score counts: without one, every score is good enough.
    """

    batch: Size
    classes: Size
    boxes: Size
    rows: int
    centered: bool
    thresholded: bool

    @property
    def steps(self) -> int:
        """Comparisons, at most."""
        return self.batch * self.classes * self.boxes * max(1, self.rows)

    def operands(self) -> tuple[Operand, ...]:
        real, whole = DType.FLOAT32, DType.INT64
        return present(
            reads("boxes", real, (self.batch * self.boxes * 4, 1)),
            reads("scores", real, (self.batch * self.classes * self.boxes, 1)),
            reads("limit", whole),
            reads("most", real),
            reads("least", real) if self.thresholded else None,
            writes("selected", whole, (self.rows * 3, 1)),
            writes("count", whole),
            workspace("order", whole, self.boxes),
        )


@dataclass(frozen=True, slots=True)
class NonZeroIndices(Kernel):
    """Where the elements are that are not zero.

    Operands: the tensor, of `shape`; the indices `[rank, elements]`, row-major order of the elements; the count.
    """

    shape: Sizes
    dtype: NativeType

    def operands(self) -> tuple[Operand, ...]:
        elements = math.prod(self.shape)
        return (
            reads("x", self.dtype, (elements, 1)),
            writes("y", DType.INT64, (len(self.shape) * elements, 1)),
            writes("count", DType.INT64),
        )


@dataclass(frozen=True, slots=True)
class Compress(Kernel):
    """The slices whose condition holds.

    Operands: the tensor `[outer, size, inner]`; the conditions (bool); the slices kept, `[outer, kept, inner]`; the
    count.

    Parameters
    ----------
    inner
        In bytes.
    conditions
        How many conditions there are; slices without one are not kept.
    """

    outer: int
    size: int
    inner: int
    kept: int
    conditions: int

    def check_fields(self) -> None:
        """Check that all slices that may be kept have a place."""
        most = min(self.size, self.conditions)
        require(most <= self.kept, f"{most} slices may be kept, {self.kept} have a place")

    def operands(self) -> tuple[Operand, ...]:
        return (
            reads("x", 1, (self.outer * self.size * self.inner, 1)),
            reads("conditions", DType.BOOL, (min(self.size, self.conditions), 1)),
            writes("y", 1, (self.outer * self.kept * self.inner, 1)),
            writes("count", DType.INT64),
        )
