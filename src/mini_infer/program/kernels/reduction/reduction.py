"""Many elements into one, and what is computed from it: reductions, normalizations, softmax, places of extremes."""

import math
from dataclasses import dataclass, replace
from typing import Annotated, Self

from mini_infer.ir import DType
from mini_infer.ir.dims import at_least
from mini_infer.program.kernels.bands import Bands, resized
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.expression import Expression, check_expression, limits
from mini_infer.program.kernels.rules import NativeType, Shape, Size, choice, element, limit, ranks, require
from mini_infer.program.operand import Operand, present, reads, strided, updates, writes
from mini_infer.program.strides import dense_strides


@dataclass(frozen=True, slots=True)
class ReductionStage:
    """One value for each group of elements.

    Parameters
    ----------
    combiner
        How two elements become one.
    map
        What is done to each element: over the element, the further inputs, and the values of the stages before. Its
        type is what is combined in.
    finalize
        What is done to the combination: over it, and the values of the stages before.
    materialize
        Whether what `map` gives is also written to the output, and is the element for later stages.
    """

    combiner: Annotated[str, choice("Add", "Mul", "Max", "Min")]
    map: Expression
    finalize: Expression
    materialize: bool = False


def neutral(combine: str, dtype: DType) -> float:
    """The number of an element type that changes nothing when it is combined."""
    if combine in ("Add", "Mul"):
        return int(combine == "Mul")
    low, high = limits(dtype)
    return low if combine == "Max" else high


@dataclass(frozen=True, slots=True)
class Reduction(Kernel):
    """Values computed from groups of elements, and elements computed from those values.

    The elements that differ only in their indices along the reduced dimensions are a group. A row of a softmax is a
    group with two values, its largest element and the sum of exponentials; a layer normalization's values are mean
    and deviation.

    Operands: the input `x`, unless it is worked on in place; further inputs `u0`, `u1`, …; the output of the elements
    `y`, if there is a `result`; outputs of values `z0`, `z1`, … All but the further inputs are dense and row-major.

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

    OPEN = frozenset({"shape", "strides", "parameters"})

    shape: Shape
    reduced: tuple[bool, ...]
    dtype: NativeType
    stages: tuple[ReductionStage, ...]
    strides: tuple[tuple[int, ...], ...] = ()
    dtypes: tuple[DType, ...] = ()
    result: Expression = ()
    values: tuple[int, ...] = ()
    in_place: bool = False

    def check_fields(self) -> None:
        """Check that walks have the shape's dimensions, and that every expression fits what it is applied to."""
        ranks("a stride", len(self.shape), self.reduced, *self.strides)
        require(len(self.strides) == len(self.dtypes), f"{len(self.strides)} walks, {len(self.dtypes)} types")
        for dtype in self.dtypes:
            element(dtype)
        source, values = self.dtype, self._check_stages()
        if any(stage.materialize for stage in self.stages):
            source = self.result[-1].dtype
        if self.result:
            result = check_expression(self.result, [source, *self.dtypes, *values])
            alike = result.numpy.itemsize == self.dtype.numpy.itemsize
            require(alike or not self.in_place, "it works in place on elements of another size")
        require(all(stage < len(values) for stage in self.values), f"{self.values} are not all values of stages")

    def _check_stages(self) -> list[DType]:
        """Check the stages; return the types of their values."""
        require(bool(self.result) or not self.in_place, "it works in place, but has no output")
        source, values = self.dtype, list[DType]()
        for stage in self.stages:
            combined = check_expression(stage.map, [source, *self.dtypes, *values])
            if stage.materialize:
                require(bool(self.result), "elements are kept, but there is no output")
                source = self.result[-1].dtype
                alike = combined.numpy.itemsize == source.numpy.itemsize
                require(alike, "elements are kept in an output of another size")
            values.append(check_expression(stage.finalize, [combined, *values]))
        return values

    def bands(self) -> Bands | None:
        """Rows along the first dimension, if it does not run inside the groups."""
        if self.reduced[0]:
            return None
        dense = dense_strides(self.shape)
        walks = {f"u{index}": strides for index, strides in enumerate(self.strides)}
        kept = math.prod(size for size, reduced in zip(self.shape, self.reduced, strict=True) if not reduced)
        values = {f"z{index}": (kept // self.shape[0],) for index in range(len(self.values))}
        return Bands.along(0, self.shape, self.operands(), {"x": dense, "y": dense, **walks, **values})

    def band(self, first: int, rows: int) -> Self:  # noqa: ARG002 - all rows are alike
        """The same over fewer groups."""
        return replace(self, shape=resized(self.shape, 0, rows))

    def operands(self) -> tuple[Operand, ...]:
        dense = strided(self.shape, dense_strides(self.shape))
        kept = [size for size, reduced in zip(self.shape, self.reduced, strict=True) if not reduced]
        output = (updates if self.in_place else writes)("y", self.result[-1].dtype, *dense) if self.result else None
        return present(
            None if self.in_place else reads("x", self.dtype, *dense),
            *(
                reads(f"u{index}", dtype, *strided(self.shape, strides))
                for index, (dtype, strides) in enumerate(zip(self.dtypes, self.strides, strict=True))
            ),
            output,
            *(
                writes(f"z{index}", self.stages[stage].finalize[-1].dtype, *strided(kept, dense_strides(kept)))
                for index, stage in enumerate(self.values)
            ),
        )


@dataclass(frozen=True, slots=True)
class ArgReduce(Kernel):
    """The index of the largest (or smallest) element along one dimension; NaN counts as the most extreme.

    Operands: the input x `[outer, size, inner]`, then the output y `[outer, inner]` of int64.

    Parameters
    ----------
    largest
        The largest, rather than the smallest.
    last
        Of equals the last, rather than the first.
    """

    OPEN = frozenset({"outer", "size", "inner"})

    outer: Size
    size: Size
    inner: Size
    dtype: NativeType
    largest: bool
    last: bool

    def check_fields(self) -> None:
        """Check that there is a first element."""
        limit(at_least(self.size, 1), "a line may be empty, and has no extreme")

    def operands(self) -> tuple[Operand, ...]:
        return (
            reads("x", self.dtype, (self.outer * self.size * self.inner, 1)),
            writes("y", DType.INT64, (self.outer * self.inner, 1)),
        )
