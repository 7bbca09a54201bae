"""Reading rows of numbers of a few bits at positions that are data."""

from dataclasses import dataclass
from typing import Annotated

from mini_infer.ir import DType
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.rules import IndexType, Size, choice, require
from mini_infer.program.operand import Operand, present, reads, writes


@dataclass(frozen=True, slots=True)
class PackedGather(Kernel):
    """Rows of a table whose numbers have a few bits, as what they stand for: `(q - zero) * scale`.

    Operands: the table x, bytes `[rows, lines, bytes]` with the lowest bits first; the scales, float32
    `[rows, lines, blocks]`; the zeros, if they are given; the indices; y, float32 `[count, lines, size]`. Negative
    indices count from the end, and all are checked.

    Parameters
    ----------
    count, rows, lines
        Of the indices, of the table, and in a row of it.
    size, block
        Numbers of a line, and of a block of it.
    bits
        Of a number. A line is made of whole bytes.
    zeros
        Empty: the middle of what the bits hold. `packed`: bytes like the table's, for each line. `real`: float32, like
        the scales.
    """

    OPEN = frozenset({"count"})

    count: Size
    rows: Size
    lines: Size
    size: Size
    block: Size
    bits: Annotated[int, choice(2, 4, 8)]
    zeros: Annotated[str, choice("", "packed", "real")]
    index: IndexType

    @property
    def per_byte(self) -> int:
        """Numbers in a byte."""
        return 8 // self.bits

    @property
    def blocks(self) -> int:
        """Blocks of a line."""
        return -(-self.size // self.block)

    @property
    def zero_bytes(self) -> int:
        """Bytes of a line's packed zeros."""
        return -(-self.blocks // self.per_byte)

    def check_fields(self) -> None:
        """Check that no byte has numbers of two lines or blocks."""
        require(self.size % self.per_byte == 0, f"lines of {self.size} numbers of {self.bits} bits")
        require(self.block % self.per_byte == 0 or self.blocks == 1, f"blocks of {self.block} of {self.bits} bits")

    def operands(self) -> tuple[Operand, ...]:
        lines = self.rows * self.lines
        zeros = {
            "packed": reads("zeros", DType.UINT8, (lines * self.zero_bytes, 1)),
            "real": reads("zeros", DType.FLOAT32, (lines * self.blocks, 1)),
        }
        return present(
            reads("x", DType.UINT8, (lines * self.size // self.per_byte, 1)),
            reads("scales", DType.FLOAT32, (lines * self.blocks, 1)),
            zeros.get(self.zeros),
            reads("indices", self.index, (self.count, 1)),
            writes("y", DType.FLOAT32, (self.count * self.lines * self.size, 1)),
        )
