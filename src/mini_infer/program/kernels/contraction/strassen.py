"""Matrix products of seven products instead of eight: one level of Strassen's method (V. Strassen, 1969).

A K block of the sum over the depth splits the operands in quarters, and their product is::

    | A B |   | E F |        M1 = (A + D)(E + H)   M2 = (C + D) E         M3 = A (F - H)   M4 = D (G - E)
    | C D | * | G H |        M5 = (A + B) H        M6 = (C - A)(E + F)    M7 = (B - D)(G + H)

    y += | M1 + M4 - M5 + M7   M3 + M5           |
         | M2 + M4             M1 - M2 + M3 + M6 |

The halves of an odd number of rows share the row in the middle.
"""

from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.machine import Machine
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.contraction.tile import Epilogue, Tile
from mini_infer.program.kernels.rules import Size, require
from mini_infer.program.operand import Operand, reads, updates, workspace, writes
from mini_infer.program.strassen import PRODUCTS

LEFT_SUMS = 5
"""Left operands that are sums: A + D, C + D, A + B, C - A, B - D."""


@dataclass(frozen=True, slots=True)
class StrassenShape:
    """The sizes of one K block.

    Parameters
    ----------
    rows
        Of the whole result.
    depth
        Half of the K block.
    blocks
        Blocks of columns in half of the result.
    a_row, y_row
        How far apart rows of a and y lie.
    tile
        The register tile; its block divides the columns exactly.
    """

    rows: Size
    depth: Size
    blocks: Size
    a_row: int
    y_row: int
    tile: Tile

    @property
    def high(self) -> int:
        """Rows of a half."""
        return -(-self.rows // 2)

    @property
    def below(self) -> int:
        """The first row of the lower half."""
        return self.rows - self.high

    @property
    def half(self) -> int:
        """Columns of a half."""
        return self.blocks * self.tile.block

    @property
    def panel(self) -> int:
        """Floats of one quarter of b in one block of columns."""
        return self.depth * self.tile.block

    @property
    def sums(self) -> int:
        """Floats of the left sums."""
        return LEFT_SUMS * self.high * self.depth

    @property
    def products(self) -> int:
        """Floats that each thread needs: the products of a tile."""
        return PRODUCTS * self.tile.rows * self.tile.block

    def check(self, machine: Machine) -> None:
        """Check that quarters are whole vectors."""
        self.tile.check(machine, whole=True)
        whole = machine.fills_vectors(self.depth)
        require(whole, f"a depth of {self.depth} is not made of vectors of {self.tile.width}")

    def a(self) -> Operand:
        """The left side."""
        return reads("a", DType.FLOAT32, (self.rows, self.a_row), (2 * self.depth, 1))


@dataclass(frozen=True, slots=True)
class StrassenSums(Kernel):
    """The left sums of a K block: operands a and the sums, `[5, high, depth]`."""

    shape: StrassenShape

    def check(self, machine: Machine) -> None:
        """Check the sizes."""
        self.shape.check(machine)

    def operands(self) -> tuple[Operand, ...]:
        return (self.shape.a(), workspace("sums", DType.FLOAT32, self.shape.sums))


@dataclass(frozen=True, slots=True)
class StrassenGemm(Kernel):
    """One K block of a product: operands a, the left sums, b, bias?, residual?, memory for products, y.

    b is a K block of `StrassenPacking`. Of the memory, each thread needs `shape.products` floats.

    Parameters
    ----------
    continues
        Whether y holds the sum of the K blocks before.
    epilogue
        What is done to the sum of all K blocks so far. `bias` is added, not only started from.
    """

    shape: StrassenShape
    continues: bool
    epilogue: Epilogue

    @property
    def multiply_adds(self) -> int:
        """Those of the matrix product."""
        return self.shape.rows * (2 * self.shape.half) * (2 * self.shape.depth)

    def check(self, machine: Machine) -> None:
        """Check the sizes and the epilogue."""
        self.shape.check(machine)
        self.epilogue.check(DType.FLOAT32)

    def operands(self) -> tuple[Operand, ...]:
        shape = self.shape
        columns = 2 * shape.half
        y = (updates if self.continues else writes)("y", DType.FLOAT32, (shape.rows, shape.y_row), (columns, 1))
        *around, y = self.epilogue.around(y, reads("bias", DType.FLOAT32, (columns, 1)))
        return (
            shape.a(),
            reads("sums", DType.FLOAT32, (shape.sums, 1)),
            reads("b", DType.FLOAT32, (PRODUCTS * shape.panel * shape.blocks, 1)),
            *around,
            workspace("products", DType.FLOAT32, shape.products, private=True),
            y,
        )
