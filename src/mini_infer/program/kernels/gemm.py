"""Matrix products."""

import math
from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.machine import Machine
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.rules import positive
from mini_infer.program.kernels.tile import Epilogue, Tile
from mini_infer.program.operand import Operand, Walk, reads, writes


@dataclass(frozen=True, slots=True)
class Batch:
    """One axis of a batch of products: how many, and how far apart their operands and results lie (0: shared)."""

    count: int
    a_stride: int
    b_stride: int
    y_stride: int


@dataclass(frozen=True, slots=True)
class MatrixShape:
    """y[rows, columns] = a[rows, depth] b[depth, columns], for every element of the batch axes."""

    rows: int
    columns: int
    depth: int
    a_row: int
    a_depth: int
    y_row: int
    batch: tuple[Batch, ...] = ()

    @property
    def multiply_adds(self) -> int:
        """Products that are summed up."""
        return self.rows * self.columns * self.depth * math.prod(axis.count for axis in self.batch)

    def a(self) -> Walk:
        """The walk over a."""
        return (*self._batch("a_stride"), (self.rows, self.a_row), (self.depth, self.a_depth))

    def b(self, *matrix: tuple[int, int]) -> Walk:
        """The walk over b, of which one matrix is walked so."""
        return (*self._batch("b_stride"), *matrix)

    def y(self) -> Walk:
        """The walk over y."""
        return (*self._batch("y_stride"), (self.rows, self.y_row), (self.columns, 1))

    def _batch(self, stride: str) -> Walk:
        return tuple((axis.count, getattr(axis, stride)) for axis in self.batch)


@dataclass(frozen=True, slots=True)
class PackedGemm(Kernel):
    """A float32 product with a constant b: operands a, b, bias?, residual?, y.

    b is packed in blocks of `tile.block` columns. y's columns are neighbours.

    Parameters
    ----------
    slab
        Tiles of rows that all blocks of columns pass over before the next rows begin.
    """

    shape: MatrixShape
    tile: Tile
    epilogue: Epilogue
    slab: int

    @property
    def multiply_adds(self) -> int:
        """Those of the matrix product."""
        return self.shape.multiply_adds

    def check(self, machine: Machine) -> None:
        """Check the sizes, the register tile and the epilogue."""
        positive(self.shape, "rows", "columns")
        positive(self, "slab")
        self.tile.check(machine)
        self.epilogue.check(DType.FLOAT32)

    def operands(self) -> tuple[Operand, ...]:
        """The matrices a, b and y, and what the epilogue needs."""
        shape = self.shape
        blocks = -(-shape.columns // self.tile.block)
        bias = reads("bias", DType.FLOAT32, (self.tile.padded(shape.columns, blocks), 1))
        return (
            reads("a", DType.FLOAT32, *shape.a()),
            reads("b", DType.FLOAT32, *shape.b((blocks * self.tile.block * shape.depth, 1))),
            *self.epilogue.around(writes("y", DType.FLOAT32, *shape.y()), bias),
        )


@dataclass(frozen=True, slots=True)
class StridedGemm(Kernel):
    """A float32 product: operands a, b, bias?, residual?, y.

    b lies as the model has it: its columns are neighbours, its rows `b_depth` apart.
    """

    shape: MatrixShape
    tile: Tile
    epilogue: Epilogue
    slab: int
    b_depth: int

    @property
    def multiply_adds(self) -> int:
        """Those of the matrix product."""
        return self.shape.multiply_adds

    def check(self, machine: Machine) -> None:
        """Check the sizes, the register tile and the epilogue."""
        positive(self.shape, "rows", "columns")
        positive(self, "slab")
        self.tile.check(machine)
        self.epilogue.check(DType.FLOAT32)

    def operands(self) -> tuple[Operand, ...]:
        """The matrices a, b and y, and what the epilogue needs."""
        shape = self.shape
        blocks = -(-shape.columns // self.tile.block)
        bias = reads("bias", DType.FLOAT32, (self.tile.padded(shape.columns, blocks), 1))
        return (
            reads("a", DType.FLOAT32, *shape.a()),
            reads("b", DType.FLOAT32, *shape.b((shape.depth, self.b_depth), (shape.columns, 1))),
            *self.epilogue.around(writes("y", DType.FLOAT32, *shape.y()), bias),
        )
