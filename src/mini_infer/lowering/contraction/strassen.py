"""Which products take Strassen's method, and how."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mini_infer.ir import DType, TensorType
from mini_infer.ir.equal_parts import divisors
from mini_infer.lowering.builder import Builder
from mini_infer.lowering.contraction import tiles
from mini_infer.lowering.contraction.matrix import Matrix
from mini_infer.program import Call, StrassenPacking, View
from mini_infer.program.kernels import Epilogue
from mini_infer.program.kernels.contraction.strassen import StrassenGemm, StrassenShape, StrassenSums
from mini_infer.program.strassen import PRODUCTS


@dataclass(frozen=True, slots=True)
class Strassen:
    """A product by Strassen's method.

    Parameters
    ----------
    shape
        Of one K block.
    k_blocks
        How many there are.
    """

    shape: StrassenShape
    k_blocks: int

    def packing(self, kind: tuple[int, ...], *, transposed: bool) -> StrassenPacking:
        """How b of a type `[depth, columns]`, or transposed, is packed."""
        return StrassenPacking(kind, transposed, self.k_blocks, self.shape.tile.block)

    def calls(
        self, build: Builder, operands: tuple[View, View, View | None, View | None, View], epilogue: Epilogue
    ) -> Sequence[Call]:
        """The kernels: for each K block the left sums and the product; operands are a, b, bias, residual and y."""
        a, b, bias, residual, y = operands
        shape = self.shape
        sums = build.workspace(TensorType(DType.FLOAT32, (shape.sums,)))
        products = build.workspace(TensorType(DType.FLOAT32, (build.threads, shape.products)))
        calls = []
        for k_block in range(self.k_blocks):
            first, last = k_block == 0, k_block == self.k_blocks - 1
            part = epilogue if last and first else _part(epilogue, first=first, last=last)
            left = _after(a, 2 * shape.depth * k_block)
            right = _after(b, PRODUCTS * shape.panel * shape.blocks * k_block)
            given = (left, sums, right, bias if part.bias else None, residual if part.residual else None, products, y)
            calls += [
                Call(StrassenSums(shape), (left, sums)),
                Call(StrassenGemm(shape, not first, part), tuple(view for view in given if view is not None)),
            ]
        return calls


def _after(view: View, floats: int) -> View:
    """What lies so many floats after the start of a view."""
    kind = TensorType(view.type.dtype, (view.type.elements - floats,))
    return replace(view, offset=view.offset + floats * kind.dtype.numpy.itemsize, type=kind)


def _part(epilogue: Epilogue, *, first: bool, last: bool) -> Epilogue:
    """What one of several K blocks does: the first adds bias and residual, the last does the rest."""
    if epilogue.residual:
        return epilogue if first else Epilogue()
    return Epilogue(epilogue.bias and first, expression=epilogue.expression if last else ())


def strassen(shape: Matrix, epilogue: Epilogue, build: Builder) -> Strassen | None:
    """Strassen's method for a product with a constant b, where it fits and wins; `None` otherwise.

    Seven quarters of b are kept instead of four: the objective has to allow that.
    """
    rates = build.machine.rates
    if shape.batch or shape.a_depth != 1 or shape.rows < rates.strassen_rows:
        return None
    if shape.depth % 2 or shape.columns % 2 or min(shape.depth, shape.columns) < 2 * rates.strassen_half:
        return None
    plain = all(step.name == "Add" for step in epilogue.expression) and len(epilogue.expression) == 1
    if (epilogue.residual and not plain) or not build.objective.strassen:
        return None
    half, depth = shape.columns // 2, shape.depth // 2
    k_blocks = next(count for count in divisors(depth) if depth // count <= rates.strassen_k_block)
    depth //= k_blocks
    high = -(-shape.rows // 2)
    work = tiles.Work(high, half, depth)
    fitting = [tile for tile in tiles.candidates(work, build.machine, whole=True) if half % tile.block == 0]
    if not (build.machine.fills_vectors(depth) and fitting):
        return None
    tile = min(fitting, key=lambda tile: (tiles.cycles(work, tile, build.machine), tile.rows * tile.vectors))
    return Strassen(StrassenShape(shape.rows, depth, half // tile.block, shape.a_row, shape.y_row, tile), k_blocks)
