"""Data movement: transposes, slices, concatenations, tiles, paddings, fills."""

from dataclasses import dataclass, replace
from typing import Self

from mini_infer.program.kernels.bands import Bands, outermost, resized
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.rules import ElementBytes, Shape, ranks
from mini_infer.program.operand import Operand, reads, strided, writes


@dataclass(frozen=True, slots=True)
class Copy(Kernel):
    """Elements from one walk over memory to another.

    Operands: the source x, then the target y; each starts at the lowest element its walk touches, so a dimension of
    negative stride begins at its far end. A source of strides 0 fills.

    Parameters
    ----------
    shape
        Of both walks, dimensions merged where both allow it; at least one dimension, none empty.
    source, target
        Stride along each dimension.
    """

    OPEN = frozenset({"shape", "source", "target"})

    SIGNED = frozenset({"source", "target"})

    shape: Shape
    source: tuple[int, ...]
    target: tuple[int, ...]
    element_bytes: ElementBytes

    def check_fields(self) -> None:
        """Check that both walks have the shape's dimensions."""
        ranks("a stride", len(self.shape), self.source, self.target)

    def bands(self) -> Bands | None:
        """Rows along the outermost dimension, if both walks run forward there."""
        axis = outermost(self.shape, self.target, self.source)
        walks = {"x": self.source, "y": self.target}
        forward = self.source[axis] >= 0 and self.target[axis] > 0
        return Bands.along(axis, self.shape, self.operands(), walks) if forward else None

    def band(self, first: int, rows: int) -> Self:  # noqa: ARG002 - all rows are alike
        """The same over fewer elements."""
        return replace(self, shape=resized(self.shape, outermost(self.shape, self.target, self.source), rows))

    def operands(self) -> tuple[Operand, ...]:
        return (
            reads("x", self.element_bytes, *strided(self.shape, map(abs, self.source))),
            writes("y", self.element_bytes, *strided(self.shape, map(abs, self.target))),
        )
