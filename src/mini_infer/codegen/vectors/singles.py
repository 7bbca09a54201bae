"""Products of bytes where there are no vectors: one sum in a register, four neighbors of the reduction at a time.

Cores with the DSP extension of Armv7E-M multiply two pairs of int16 at once (`smlad`); others number by number, in C.
One text holds both, and compilers choose.
"""

from dataclasses import dataclass

from mini_infer.codegen.vectors.fours import Neighbors, Quads
from mini_infer.ir import DType
from mini_infer.machine import Machine


@dataclass(frozen=True, slots=True)
class SingleQuads(Quads):
    """`Quads` of one lane: four numbers of a and the four of a column."""

    def broadcast(self, element: str) -> str:
        """C that declares `s`, four numbers of a."""
        return f"const mi_four s = mi_four_{self._kind}(&{element});"

    def first(self, element: str, count: int) -> str:
        """C that declares `s` of the last numbers of a, fewer than four; their neighbors are not read."""
        return f"const mi_four s = mi_some_{self._kind}(&{element}, {count});"

    def constant(self, value: int) -> str:
        """C that declares `s`, one number of a four times."""
        return f"const mi_four s = mi_same({value});"

    def definitions(self, machine: Machine) -> tuple[str, ...]:  # noqa: ARG002 - there are no vectors
        """The C types and functions that this takes."""
        loads = (_OF.replace("KIND", kind).replace("TYPE", name) for kind, name in _KINDS)
        return (_SUM, _FOURS, *loads, _COLUMNS)

    @property
    def _kind(self) -> str:
        return "s8" if self.operand is DType.INT8 else "u8"


@dataclass(frozen=True, slots=True)
class SingleNumbers(Quads):
    """The same where no instruction multiplies pairs: number after number, of which few have to be in registers."""

    def numbers(self, name: str, address: str) -> str:
        """C that declares a number of b."""
        return f"const vi {name} = *({address});"

    def number(self, element: str) -> str:
        """C that declares `s`, a number of a or a constant."""
        return f"const vi s = {element};"

    def add(self, total: str, weights: str) -> str:
        """C that adds the product of `s` and a weight to a sum."""
        return f"{total} += s * {weights};"

    def definitions(self, machine: Machine) -> tuple[str, ...]:  # noqa: ARG002 - there are no vectors
        """The C type that this takes."""
        return (_SUM,)


@dataclass(frozen=True, slots=True)
class SingleNeighbors(Neighbors):
    """`Neighbors` of one lane: a number of a by one of b."""

    def definitions(self, machine: Machine) -> tuple[str, ...]:  # noqa: ARG002 - there are no vectors
        """The C type and functions that this takes."""
        return (_SUM, _NEIGHBORS)


_KINDS = (("s8", "int8_t"), ("u8", "uint8_t"))

_SUM = "typedef int32_t vi;\n"

_FOURS = """\
#if defined(__ARM_FEATURE_SIMD32) && !defined(__ARM_BIG_ENDIAN)
#include <arm_acle.h>
/* Two pairs of int16: numbers 0 and 2, and numbers 1 and 3. */
typedef struct { int32_t even, odd; } mi_four;
MI_INLINE int32_t mi_odd_s8(int32_t word) {
#if defined(__GNUC__) && !defined(__clang__) && defined(__arm__) /* gcc has two instructions for it */
  int32_t odd;
  __asm__("sxtb16 %0, %1, ror #8" : "=r"(odd) : "r"(word));
  return odd;
#else
  return (int32_t)__sxtb16((int32_t)((uint32_t)word >> 8 | (uint32_t)word << 24));
#endif
}
MI_INLINE int32_t mi_odd_u8(int32_t word) {
#if defined(__GNUC__) && !defined(__clang__) && defined(__arm__)
  int32_t odd;
  __asm__("uxtb16 %0, %1, ror #8" : "=r"(odd) : "r"(word));
  return odd;
#else
  return (int32_t)__uxtb16((uint32_t)word >> 8 | (uint32_t)word << 24);
#endif
}
MI_INLINE mi_four mi_split_s8(int32_t word) { return (mi_four){(int32_t)__sxtb16(word), mi_odd_s8(word)}; }
MI_INLINE mi_four mi_split_u8(int32_t word) { return (mi_four){(int32_t)__uxtb16((uint32_t)word), mi_odd_u8(word)}; }
MI_INLINE mi_four mi_same(int32_t n) {
  const int32_t pair = (int32_t)((uint32_t)n << 16 | ((uint32_t)n & 0xffffu));
  return (mi_four){pair, pair};
}
MI_INLINE int32_t mi_add_products(int32_t sum, mi_four s, mi_four w) {
  return __smlad(s.odd, w.odd, __smlad(s.even, w.even, sum));
}
#else
typedef struct { int32_t a, b, c, d; } mi_four;
MI_INLINE mi_four mi_same(int32_t n) { return (mi_four){n, n, n, n}; }
MI_INLINE int32_t mi_add_products(int32_t sum, mi_four s, mi_four w) {
  return sum + s.a * w.a + s.b * w.b + s.c * w.c + s.d * w.d;
}
#endif
typedef mi_four mi_columns;
"""

_COLUMNS = "MI_INLINE mi_columns mi_columns_of(const int8_t *p) { return mi_four_s8(p); }\n"

_OF = """\
#if defined(__ARM_FEATURE_SIMD32) && !defined(__ARM_BIG_ENDIAN)
MI_INLINE mi_four mi_four_KIND(const TYPE *p) {
  int32_t word;
  __builtin_memcpy(&word, p, sizeof word);
  return mi_split_KIND(word);
}
MI_INLINE mi_four mi_some_KIND(const TYPE *p, int count) {
  int32_t word = p[0] & 255;
  if (count > 1) word |= (p[1] & 255) << 8;
  if (count > 2) word |= (p[2] & 255) << 16;
  return mi_split_KIND(word);
}
#else
MI_INLINE mi_four mi_four_KIND(const TYPE *p) { return (mi_four){p[0], p[1], p[2], p[3]}; }
MI_INLINE mi_four mi_some_KIND(const TYPE *p, int count) {
  return (mi_four){p[0], count > 1 ? p[1] : 0, count > 2 ? p[2] : 0, 0};
}
#endif
"""

_NEIGHBORS = """\
MI_INLINE vi mi_neighbors_s8(const int8_t *p) { return *p; }
MI_INLINE vi mi_neighbors_u8(const uint8_t *p) { return *p; }
MI_INLINE vi mi_add_neighbors(vi sum, vi s, vi w) { return sum + s * w; }
"""
