"""What quantization needs besides elementwise kernels."""

from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.machine import Machine
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.rules import positive, require
from mini_infer.program.kernels.tile import Tile
from mini_infer.program.operand import Operand, reads, writes


@dataclass(frozen=True, slots=True)
class DynamicRange(Kernel):
    """Scale and zero point that spread a float32 tensor's range, and 0, over the 256 values of uint8.

    Operands: the tensor, the scale (float32), the zero point (uint8).

    Parameters
    ----------
    size
        Elements of the tensor.
    """

    size: int

    def check(self, machine: Machine) -> None:
        """Any size will do."""

    def operands(self) -> tuple[Operand, ...]:
        """The tensor, its scale and its zero point."""
        return (
            reads("x", DType.FLOAT32, (self.size, 1)),
            writes("scale", DType.FLOAT32),
            writes("zero", DType.UINT8),
        )


@dataclass(frozen=True, slots=True)
class PairGemm(Kernel):
    """A product of int16 matrices in int32, by instructions that multiply pairs and add each pair's products.

    Operands: a `[rows, depth]`, b `[columns / tile.block][depth / 2][tile.block][2]`, zero-padded, y `[rows, columns]`.

    Parameters
    ----------
    rows, columns, depth
        Sizes; the depth is even.
    tile
        The register tile, of int32.
    """

    rows: int
    columns: int
    depth: int
    tile: Tile

    @property
    def multiply_adds(self) -> int:
        """Products of one element of a and one of b."""
        return self.rows * self.columns * self.depth

    def check(self, machine: Machine) -> None:
        """Check the sizes, that steps come in pairs, and the register tile."""
        positive(self, "rows", "columns", "depth")
        require(self.depth % 2 == 0, f"a depth of {self.depth} is not made of pairs")
        self.tile.check(machine, whole=True)

    def operands(self) -> tuple[Operand, ...]:
        """The matrices a, b and y."""
        blocks = -(-self.columns // self.tile.block)
        return (
            reads("a", DType.INT16, (self.rows * self.depth, 1)),
            reads("b", DType.INT16, (blocks * self.depth * self.tile.block, 1)),
            writes("y", DType.INT32, (self.rows * self.columns, 1)),
        )
