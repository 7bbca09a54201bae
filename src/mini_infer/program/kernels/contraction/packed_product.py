"""Products of rows with a matrix of numbers of a few bits, which are unpacked on their way into the registers."""

from dataclasses import dataclass, replace
from typing import Annotated, Self

from mini_infer.ir import DType
from mini_infer.ir.packed import WORD, is_whole
from mini_infer.machine import Machine
from mini_infer.program.kernels.bands import Bands, Pass
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.contraction.tile import Tile
from mini_infer.program.kernels.rules import Size, choice, require
from mini_infer.program.operand import Operand, present, reads, workspace, writes

MOST_FEW = 8
"""Rows that code is written out for."""

GROUP = 256
"""Numbers of a long block that are summed by themselves."""

DIGITS = 3
"""Bytes of a number that is split into whole numbers: 24 bits."""


@dataclass(frozen=True, slots=True)
class PackedWeights:
    """A matrix `[depth, columns]` whose number k of column n is `(q - zero) * scale`, q of so many bits.

    The columns lie in vectors of `width`, the last one padded. Each vector is `[words][width]` 32-bit words, bytes
    in little-endian order, of which a column's have its numbers one after the other, the lowest bits first; each block
    begins with a byte. Of every `block` numbers of a column there is one scale and one zero:
    `[vectors][blocks][width]`.

    Parameters
    ----------
    zeros
        Empty: the middle of what the bits hold. `packed`: bytes `[vectors][bytes][width]`, of which a column's have its
        zeros one after the other. `real`: float32, like the scales.
    """

    columns: Size
    depth: Size
    bits: Annotated[int, choice(2, 4, 8)]
    block: Size
    width: Size
    zeros: Annotated[str, choice("", "packed", "real")] = ""

    def check(self) -> None:
        """Check that a word has numbers of one block alone."""
        whole = is_whole(self.block, self.bits, self.depth)
        require(whole, f"a word of blocks of {self.block} numbers of {self.bits} bits")

    @property
    def vectors(self) -> int:
        """Vectors of columns."""
        return -(-self.columns // self.width)

    @property
    def per_word(self) -> int:
        """Numbers in a word."""
        return WORD // self.bits

    @property
    def words(self) -> int:
        """Words of a column."""
        return -(-self.blocks * -(-self.block * self.bits // 8) // (WORD // 8))

    @property
    def block_words(self) -> int:
        """Words of a block."""
        return -(-self.block // self.per_word)

    @property
    def groups(self) -> int:
        """Parts of a block that are summed by themselves."""
        return -(-min(self.block, self.depth) // GROUP)

    @property
    def blocks(self) -> int:
        """Blocks of a column."""
        return -(-self.depth // self.block)

    @property
    def zero_bytes(self) -> int:
        """Bytes of a column's packed zeros."""
        return -(-self.blocks * self.bits // 8)

    @property
    def middle(self) -> int:
        """The zero where none is given."""
        return 1 << (self.bits - 1)

    def operands(self) -> tuple[Operand, ...]:
        """The operands `words`, `scales` and, where they are given, `zeros`."""
        lanes = self.vectors * self.width
        zeros = {
            "packed": reads("zeros", DType.UINT8, (lanes * self.zero_bytes, 1)),
            "real": reads("zeros", DType.FLOAT32, (lanes * self.blocks, 1)),
        }
        return present(
            reads("words", DType.UINT8, (lanes * self.words * (WORD // 8), 1)),
            reads("scales", DType.FLOAT32, (lanes * self.blocks, 1)),
            zeros.get(self.zeros),
        )


@dataclass(frozen=True, slots=True)
class PackedProduct(Kernel):
    """Rows times packed weights: operands a, words, scales, zeros?, bias?, digits?, sums?, numbers?, partial?, y.

    Of few rows, each number goes from its word into the products, and what a block's zero takes away is that zero times
    the sum of the block's part of the row, which is kept in `sums`. Where the result is not finite it is computed
    again, zeros taken away from each number, because those products may be finite. Rows may be split into `digits`,
    each number relative to the largest of its `GROUP`; `sums` has the exponents as well.

    Of more rows, `part` numbers of some columns are unpacked into `numbers`, and a register tile passes over the rows,
    `panel` of them. Where there are several parts, sums wait for the next one in `partial`.

    Without vectors all rows are few.

    Parameters
    ----------
    rows
        Of a, dense `[rows, depth]`, and of y, dense `[rows, columns]`.
    few
        So many rows are few: all of them, or, if there can be more, one. 0: there are always more.
    tile, part, panel
        For more rows: the register tile, how many numbers are unpacked, and how many rows pass over them; no rows, if
        there are never more.
    bias
        Whether there is one number for each column, padded to whole vectors, to begin with.
    digits
        Whether few rows are multiplied as bytes.
    whole
        Of a band: the rows of all of them; otherwise 0.
    """

    OPEN = frozenset({"rows", "whole"})

    rows: Size
    weights: PackedWeights
    few: int
    tile: Tile
    part: Size
    panel: int
    bias: bool = False
    digits: bool = False
    whole: int = 0

    @property
    def row_digits(self) -> int:
        """Bytes of a row that is split."""
        return DIGITS * self.weights.words * self.weights.per_word

    @property
    def multiply_adds(self) -> int:
        """One product for each weight and row."""
        return self.rows * self.weights.columns * self.weights.depth

    @property
    def all_rows(self) -> int:
        """Rows of the whole product, which decide how it is computed."""
        return self.whole or self.rows

    @property
    def may_be_few(self) -> bool:
        """Whether rows can be few."""
        return self.few > 0

    @property
    def may_be_many(self) -> bool:
        """Whether there can be more rows than few."""
        return self.panel > 0

    @property
    def parts(self) -> int:
        """Parts of the depth."""
        return -(-self.weights.depth // self.part)

    @property
    def weight_passes(self) -> int:
        """Once for each panel."""
        return -(-self.rows // self.panel) if self.panel else 1

    def check(self, machine: Machine) -> None:
        """Check the weights, and that rows and parts are cut as the code is written."""
        weights = self.weights
        weights.check()
        require(weights.width == machine.lanes == self.tile.width, "its vectors are not the machine's")
        require(0 <= self.few <= MOST_FEW, f"{self.few} rows are not few")
        alone = self.panel > 0 or self.all_rows == self.few
        require(
            alone and (self.panel == 0 or self.few <= 1), f"{self.few} of {self.rows} rows in panels of {self.panel}"
        )
        require(not (self.few and self.whole), "a band of few rows")
        if not machine.has_vectors:
            require(not self.digits, "bytes of vectors, without vectors")
            return
        self.tile.check(machine, whole=True)
        divides = self.part % weights.block == 0 or (weights.block % self.part == 0 and weights.blocks > 1)
        require(divides or weights.blocks == 1, f"parts of {self.part} in blocks of {weights.block}")
        require(self.part % weights.per_word == 0 or self.parts == 1, f"parts of {self.part} cut a word")
        require(
            self.panel >= 0 and self.panel % self.tile.rows == 0,
            f"a panel of {self.panel} rows in tiles of {self.tile.rows}",
        )

    def bands(self) -> Bands | None:
        """Any rows; of those that are few all together."""
        if self.may_be_few:
            return None
        weights = self.weights
        passes = {"a": Pass(weights.depth, self.rows), "y": Pass(weights.columns, self.rows)}
        return Bands.of(self.rows, self.operands(), passes)

    def band(self, first: int, rows: int) -> Self:  # noqa: ARG002 - all rows are alike
        """Fewer rows in the same parts."""
        return replace(self, rows=rows, whole=self.all_rows)

    def operands(self) -> tuple[Operand, ...]:
        weights, plain = self.weights, self.weights.width == 1
        rows = (self.rows, weights.depth)
        lanes = weights.vectors * weights.width
        digits = workspace("digits", DType.INT8, self.few * self.row_digits, private=True)
        each = 2 * weights.groups if self.digits else 1
        sums = workspace("sums", DType.FLOAT32, self.few * weights.blocks * each, private=True)
        numbers = workspace("numbers", DType.FLOAT32, self.tile.block * self.part, private=True)
        partial = workspace("partial", DType.FLOAT32, self.tile.block * self.panel, private=True)
        many = self.may_be_many and not plain
        return present(
            reads("a", DType.FLOAT32, rows, (weights.depth, 1)),
            *weights.operands(),
            reads("bias", DType.FLOAT32, (lanes, 1)) if self.bias else None,
            digits if self.may_be_few and self.digits and not plain else None,
            sums if self.may_be_few and not plain else None,
            numbers if many else None,
            partial if many and self.parts > 1 else None,
            writes("y", DType.FLOAT32, (self.rows, weights.columns), (weights.columns, 1)),
        )
