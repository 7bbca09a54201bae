"""C that walks over weights of a few bits, whatever is done with them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mini_infer.codegen.statements import Block, For, Statement
from mini_infer.codegen.tiling import Tiling
from mini_infer.program.kernels.contraction.packed_product import PackedWeights

Numbers = Callable[[int], Sequence[Statement]]
"""How many numbers a block has → C of it."""

HALF = 16
"""Bits of a word whose numbers are taken without a shift."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Packed weights in C: operands `words`, `scales` and `zeros`; `b` is the number of the block at hand."""

    packed: PackedWeights

    @property
    def mask(self) -> int:
        """The bits of a number."""
        return (1 << self.packed.bits) - 1

    @property
    def places(self) -> int:
        """Numbers of a word that are taken without a shift."""
        return HALF // self.packed.bits

    def blocks(self, body: Numbers) -> list[Statement]:
        """C of all blocks of a column."""
        tiling = Tiling(self.packed.depth, self.packed.block)
        found: list[Statement] = [For("b", tiling.whole, body(self.packed.block))] if tiling.some_whole else []
        return [*found, *tiling.after(lambda rest: [Block([f"const long b = {tiling.whole};", *body(rest)])])]

    def scale(self, vector: str, lane: str) -> str:
        """C of a block's scale of one column."""
        return f"scales[({vector} * {self.packed.blocks} + b) * {self.packed.width} + {lane}]"

    def zero(self, vector: str, lane: str) -> str:
        """C of a block's zero of one column."""
        packed = self.packed
        if packed.zeros == "packed":
            per_byte = 8 // packed.bits
            byte = f"zeros[({vector} * {packed.zero_bytes} + b / {per_byte}) * {packed.width} + {lane}]"
            return f"(float)({byte} >> b % {per_byte} * {packed.bits} & {self.mask})"
        if packed.zeros:
            return f"zeros[({vector} * {packed.blocks} + b) * {packed.width} + {lane}]"
        return f"{packed.middle}"

    def zeros(self, vector: str) -> str:
        """C of a block's zeros of a vector of columns; empty where they are all the middle."""
        packed = self.packed
        if packed.zeros == "packed":
            per_byte = 8 // packed.bits
            byte = f"zeros + ({vector} * {packed.zero_bytes} + b / {per_byte}) * {packed.width}"
            return f"mi_zeros({byte}, (int)(b % {per_byte}) * {packed.bits}, {self.mask})"
        return f"mi_load(zeros + ({vector} * {packed.blocks} + b) * {packed.width})" if packed.zeros else ""

    def number(self, place: int) -> str:
        """C of the numbers at a place of `word`, times 2^(bits * place): whole numbers below 2^16 are exact."""
        return f"mi_numbers(word & {self.mask << (place * self.packed.bits):#x}u)"

    def factor(self, place: int) -> str:
        """C that takes their factor from the numbers at a place: a power of two, so that is exact too."""
        return f" * {2.0 ** -(place * self.packed.bits)!r}f" if place else ""

    def definitions(self) -> tuple[str, ...]:
        """The C functions that this takes, where there are vectors."""
        zeros = (_ZEROS.replace("@LANES@", str(self.packed.width)),) if self.packed.zeros == "packed" else ()
        return (_NUMBERS, *zeros)


_NUMBERS = """\
MI_INLINE vf mi_numbers(vu bits) { return __builtin_convertvector((vi)bits, vf); }
"""

_ZEROS = """\
typedef uint8_t mi_zero_bytes __attribute__((vector_size(@LANES@), aligned(1), may_alias));
MI_INLINE vf mi_zeros(const uint8_t *p, int shift, uint32_t mask) {
  const vu bytes = __builtin_convertvector(*(const mi_zero_bytes *)p, vu);
  return __builtin_convertvector((vi)(bytes >> shift & mask), vf);
}
"""
