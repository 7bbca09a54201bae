"""Products of int16 in pairs, summed in int32."""

from dataclasses import dataclass

from mini_infer.machine import Machine


class WholeSums:
    """What arithmetic with sums of int32 has in common, in the machine's vectors `vi`."""

    __slots__ = ()
    sum = "int32_t"
    vector = "vi"

    def load(self, address: str) -> str:
        """C of a vector of sums in memory."""
        return f"*(const vi *)({address})"

    def store(self, address: str, value: str, valid: int) -> str:
        """C that stores the first lanes of a vector of sums."""
        return f"__builtin_memcpy({address}, &{value}, {4 * valid});"


@dataclass(frozen=True, slots=True)
class Pairs(WholeSums):
    """int16 in int32, two neighboring steps of the reduction at a time, in the machine's vectors `vi`.

    A pair of a is broadcast and multiplied with the pairs of a block of columns, and both products are added to the
    sums. Compilers have an instruction for that: clang finds `vpdpwssd` where there is VNNI, `vpmaddwd` otherwise. A
    loop's body is one step: with two of them clang executes 8 % more instructions.
    """

    lanes: int
    element = weight = "int16_t"
    depth = 2
    unrolls = False

    def weights(self, name: str, address: str, valid: int) -> str:  # noqa: ARG002 - b is packed
        """C that declares a vector of b."""
        return f"const mi_shorts {name} = *(const mi_shorts *)({address});"

    def broadcast(self, element: str) -> str:
        """C that declares `s`, a pair of a in every lane."""
        return f"const mi_shorts s = mi_pair(&{element});"

    def add(self, total: str, weights: str) -> str:
        """C that adds the products of `s` and weights to a sum."""
        return f"{total} += mi_pairs(s, {weights});"

    def definitions(self, machine: Machine) -> tuple[str, ...]:  # noqa: ARG002 - its vectors are the machine's
        """The C functions that this takes: both products as one wide vector, its even and odd lanes added."""
        even, odd = (", ".join(str(2 * lane + first) for lane in range(self.lanes)) for first in (0, 1))
        words = {"SHORTS": 4 * self.lanes, "PRODUCTS": 8 * self.lanes, "EVEN": even, "ODD": odd}
        text = _PAIRS
        for word, meaning in words.items():
            text = text.replace(word, str(meaning))
        return (text,)


_PAIRS = """\
typedef int16_t mi_shorts __attribute__((vector_size(SHORTS), aligned(2), may_alias));
typedef int32_t mi_products __attribute__((vector_size(PRODUCTS)));
MI_INLINE mi_shorts mi_pair(const int16_t *p) {
  int32_t pair;
  __builtin_memcpy(&pair, p, sizeof pair);
  return (mi_shorts)(pair - (vi){0});
}
#if defined(__clang__) || __GNUC__ >= 12
MI_INLINE vi mi_pairs(mi_shorts a, mi_shorts b) {
  const mi_products p = __builtin_convertvector(a, mi_products) * __builtin_convertvector(b, mi_products);
  return __builtin_shufflevector(p, p, EVEN) + __builtin_shufflevector(p, p, ODD);
}
#else
MI_INLINE vi mi_pairs(mi_shorts a, mi_shorts b) {
  vi sum;
  for (int i = 0; i < VL; ++i) sum[i] = a[2 * i] * b[2 * i] + a[2 * i + 1] * b[2 * i + 1];
  return sum;
}
#endif
"""
