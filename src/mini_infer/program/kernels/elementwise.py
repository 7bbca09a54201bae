"""Element by element: arithmetic, activations, comparisons, casts, quantization, copies."""

from dataclasses import dataclass, replace
from typing import Self

from mini_infer.ir import DType
from mini_infer.program.kernels.bands import Bands, outermost, resized
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.expression import Expression, check_expression
from mini_infer.program.kernels.rules import Shape, element, ranks, require
from mini_infer.program.operand import Operand, reads, strided, updates, writes


@dataclass(frozen=True, slots=True)
class Elementwise(Kernel):
    """An expression at every element of a shape.

    Operands: the inputs in the expression's order, `x0`, `x1`, …, but for those in place; then the output, `y`.

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

    OPEN = frozenset({"shape", "strides", "target"})

    shape: Shape
    strides: tuple[tuple[int, ...], ...]
    dtypes: tuple[DType, ...]
    expression: Expression
    in_place: tuple[int, ...]
    target: tuple[int, ...]

    def check_fields(self) -> None:
        """Check that there is a type and a walk for each input, and that the expression fits them."""
        ranks("a stride", len(self.shape), self.target, *self.strides)
        require(len(self.strides) == len(self.dtypes), f"{len(self.strides)} walks, {len(self.dtypes)} types")
        for dtype in self.dtypes:
            element(dtype)
        result = check_expression(self.expression, self.dtypes)
        for index in self.in_place:
            require(index < len(self.dtypes), f"input {index} is in place, of {len(self.dtypes)}")
            alike = self.dtypes[index].numpy.itemsize == result.numpy.itemsize
            require(alike, f"input {index} is in place, but not of the output's size")

    def bands(self) -> Bands | None:
        """Rows along the output's outermost dimension."""
        walks = {f"x{index}": strides for index, strides in enumerate(self.strides)}
        return Bands.along(outermost(self.shape, self.target), self.shape, self.operands(), {**walks, "y": self.target})

    def band(self, first: int, rows: int) -> Self:  # noqa: ARG002 - all rows are alike
        """The same over fewer elements."""
        return replace(self, shape=resized(self.shape, outermost(self.shape, self.target), rows))

    def operands(self) -> tuple[Operand, ...]:
        inputs = [
            reads(f"x{index}", dtype, *strided(self.shape, strides))
            for index, (dtype, strides) in enumerate(zip(self.dtypes, self.strides, strict=True))
            if index not in self.in_place
        ]
        access = updates if self.in_place else writes
        return (*inputs, access("y", self.expression[-1].dtype, *strided(self.shape, self.target)))
