"""Matrix products."""

import math
from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.tile import Epilogue, Tile, TiledKernel


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


@dataclass(frozen=True, slots=True)
class PackedGemm(TiledKernel):
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


@dataclass(frozen=True, slots=True)
class StridedGemm(TiledKernel):
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


@dataclass(frozen=True, slots=True)
class PlainGemm(Kernel):
    """A product in plain loops, for any element type and strides: operands a, b, bias?, residual?, y."""

    shape: MatrixShape
    dtype: DType
    epilogue: Epilogue
    b_depth: int
    b_column: int

    def __post_init__(self) -> None:
        self.epilogue.check(self.dtype)

    @property
    def multiply_adds(self) -> int:
        """Those of the matrix product."""
        return self.shape.multiply_adds
