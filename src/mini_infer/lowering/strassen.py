"""Which products take Strassen's method, and how."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from mini_infer.ir import DType, TensorType
from mini_infer.lowering import tiles
from mini_infer.lowering.builder import Builder
from mini_infer.program import Call, Packing, View
from mini_infer.program.kernels import Epilogue, MatrixShape, Quarters, StrassenGemm, StrassenSums, Tile

_FEWEST_ROWS = 96
"""Rows from which on the sums of b, which are made anew in each run, cost little beside the products."""

_FEWEST = 256
"""Half the depth, and half the columns: below, the sums take too much of what is won."""

_STRETCH = 256
"""Half of the longest stretch: its left sums stay in the cache."""


@dataclass(frozen=True, slots=True)
class Strassen:
    """A product by Strassen's method.

    Parameters
    ----------
    shape
        Of one stretch.
    stretches
        How many there are.
    """

    shape: Quarters
    stretches: int

    def packing(self, kind: tuple[int, ...], *, transposed: bool) -> Packing:
        """How b of a type `[depth, columns]`, or transposed, is packed: `[stretches, blocks, 4, depth, block]`."""
        shape = self.shape
        depth, columns = (self.stretches, 2, shape.depth), (2, shape.blocks, shape.tile.block)
        split = (*columns, *depth) if transposed else (*depth, *columns)
        k, n = (3, 0) if transposed else (0, 3)
        groups = self.stretches * shape.blocks * 4
        order = (k, n + 1, k + 1, n, k + 2, n + 2)
        return Packing(kind, order, groups, shape.depth, shape.tile.block, shape.tile.block, split)

    def calls(
        self, build: Builder, operands: tuple[View, View, View | None, View | None, View], epilogue: Epilogue
    ) -> Sequence[Call]:
        """The kernels: for each stretch the left sums and the product; operands are a, b, bias, residual and y."""
        a, b, bias, residual, y = operands
        shape = self.shape
        sums = build.workspace(TensorType(DType.FLOAT32, (shape.sums,)))
        scratch = build.workspace(TensorType(DType.FLOAT32, (build.threads, shape.scratch)))
        calls = []
        for stretch in range(self.stretches):
            first, last = stretch == 0, stretch == self.stretches - 1
            part = epilogue if last and first else _part(epilogue, first=first, last=last)
            left = replace(a, offset=a.offset + 4 * 2 * shape.depth * stretch)
            right = replace(b, offset=b.offset + 4 * 4 * shape.panel * shape.blocks * stretch)
            given = (left, sums, right, bias if part.bias else None, residual if part.residual else None, scratch, y)
            calls += [
                Call(StrassenSums(shape), (left, sums)),
                Call(StrassenGemm(shape, not first, part), tuple(view for view in given if view is not None)),
            ]
        return calls


def _part(epilogue: Epilogue, *, first: bool, last: bool) -> Epilogue:
    """What one of several stretches does: the first adds bias and residual, the last does the rest."""
    if epilogue.residual:
        return epilogue if first else Epilogue()
    return Epilogue(epilogue.bias and first, expression=epilogue.expression if last else ())


def strassen(shape: MatrixShape, epilogue: Epilogue, build: Builder) -> Strassen | None:
    """Strassen's method for a product with a constant b, where it fits and wins; `None` otherwise."""
    if build.goal == "memory" or shape.batch or shape.a_depth != 1 or shape.rows < _FEWEST_ROWS:
        return None
    if shape.depth % 2 or shape.columns % 2 or min(shape.depth, shape.columns) < 2 * _FEWEST:
        return None
    plain = all(step.name == "Add" for step in epilogue.expression) and len(epilogue.expression) == 1
    if epilogue.residual and not plain:
        return None
    half, depth = shape.columns // 2, shape.depth // 2
    stretches = next(count for count in range(1, depth + 1) if depth % count == 0 and depth // count <= _STRETCH)
    depth //= stretches
    high = -(-shape.rows // 2)
    work = tiles.Work(high, half, depth)
    fitting = [
        tile for tile in tiles.candidates(work, build.lanes) if tile.lanes == build.lanes and half % tile.block == 0
    ]
    if depth % build.lanes or not fitting:
        return None
    tile = min(fitting, key=lambda tile: (tiles.cycles(work, tile, build.lanes), tile.rows * tile.vectors))
    return Strassen(Quarters(shape.rows, depth, half // tile.block, shape.a_row, shape.y_row, tile), stretches)
