"""What the ways of writing a `Reduction` in C have in common: the loops, and what the names in them mean.

`x`, `y` and `u0`, `u1`, … are the input, the output of the elements and the further inputs; `v0`, `v1`, … are the
stages' values and `z0`, `z1`, … their outputs. A group, or tile of groups, starts at `from` in `x` and `y`, at `from0`
in `u0`, and its values are at `to`. In the loops over a group, `p`, `q` and `b0`, `b1`, … point to the current elements
of `x`, `y` and the further inputs.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from mini_infer.codegen.contraction.blocked_sum import CHAIN, Loop, Nest, Scope, chain
from mini_infer.codegen.function import C_TYPES
from mini_infer.codegen.loops import nest, tiled_nest
from mini_infer.codegen.statements import Block, For, Statement
from mini_infer.codegen.vectors.expression import inputs_of
from mini_infer.program.kernels import Expression
from mini_infer.program.kernels.reduction.reduction import Reduction, ReductionStage
from mini_infer.program.strides import dense_strides


class Writer(ABC):
    """Writes the body of a `Reduction`'s function.

    Parameters
    ----------
    kernel
        What to write.
    width
        Columns in a tile; 0 where groups are rows.
    """

    def __init__(self, kernel: Reduction, width: int) -> None:
        self.kernel = kernel
        self.width = width
        self.helpers: list[str] = []
        self.dense = dense_strides(kernel.shape)
        self.kept = [axis for axis, reduced in enumerate(kernel.reduced) if not reduced]
        self.looped = [axis for axis, reduced in enumerate(kernel.reduced) if reduced]
        """The reduced dimensions that loops run along, around what is done at once."""
        self.elements = "y" if kernel.in_place else "x"
        """Where the current stage reads the elements."""

    @abstractmethod
    def _stage(self, index: int, stage: ReductionStage, width: int) -> list[Statement]:
        """C that computes the value `v<index>` of `width` groups."""

    @abstractmethod
    def _result(self, width: int) -> Statement:
        """C that computes the output's elements of `width` groups."""

    @abstractmethod
    def _values(self, width: int) -> list[Statement]:
        """C that stores the values that have outputs, of `width` groups."""

    def text(self) -> tuple[str, int]:
        """The function's body, and the number of items: groups, or tiles of them."""
        kernel, kept, width = self.kernel, self.kept, self.width
        sizes = [kernel.shape[axis] for axis in kept]
        walks = {"from": [self.dense[axis] for axis in kept]}
        if kernel.values:
            walks["to"] = list(dense_strides(sizes))
        walks |= {f"from{index}": [strides[axis] for axis in kept] for index, strides in enumerate(kernel.strides)}
        if not width:
            return nest(sizes, walks, *self._groups(1))
        return tiled_nest(sizes, walks, "column", width, self._groups)

    def loops(self, body: Sequence[Statement]) -> Statement:
        """Loops over the reduced dimensions around what computes elements of the output."""
        body = [*self.pointers(self.kernel.result, written=True), *body]
        looped: Statement = Block(body)
        for axis in reversed(self.looped):
            looped = For(f"r{axis}", self.kernel.shape[axis], body)
            body = [looped]
        return looped

    def over(self, stage: ReductionStage, nest: Nest) -> Nest:
        """A stage's nest in loops over the reduced dimensions."""
        nest = Scope(self.pointers(stage.map, written=stage.materialize), nest)
        for axis in reversed(self.looped):
            nest = Loop.of(f"r{axis}", self.kernel.shape[axis], nest)
        return nest

    def longest(self, stage: ReductionStage, nest: Nest) -> int:
        """How many elements of a stage's nest one chain of additions has; all of them where nothing is rounded."""
        rounds = stage.combiner == "Add" and stage.map[-1].dtype.is_float
        return CHAIN if rounds else max(CHAIN, chain(nest))

    def pointers(self, expression: Expression, *, written: bool) -> tuple[str, ...]:
        """Declare the pointers of an expression, and of where it goes if it is written, inside of `loops`."""
        kernel, asked = self.kernel, inputs_of(expression)
        source = kernel.dtype if self.elements == "x" or not kernel.result else kernel.result[-1].dtype
        pointers = [(f"const {C_TYPES[source]} *p = {self.elements} + from", self.dense)]
        if written:
            pointers.append((f"{C_TYPES[kernel.result[-1].dtype]} *q = y + from", self.dense))
        for index, (strides, dtype) in enumerate(zip(kernel.strides, kernel.dtypes, strict=True)):
            if 1 + index in asked:
                pointers.append((f"const {C_TYPES[dtype]} *b{index} = u{index} + from{index}", strides))
        return tuple(
            start + "".join(f" + r{axis} * {strides[axis]}" for axis in self.looped if strides[axis] != 0) + ";"
            for start, strides in pointers
        )

    def _groups(self, width: int) -> list[Statement]:
        """Everything there is to do for one tile of groups."""
        kernel = self.kernel
        self.elements = "y" if kernel.in_place else "x"
        found: list[Statement] = []
        for index, stage in enumerate(kernel.stages):
            found += self._stage(index, stage, width)
            if stage.materialize:
                self.elements = "y"
        if kernel.result:
            found.append(self._result(width))
        return [*found, *self._values(width)]
