"""Products of bytes summed in int32: four neighbors of the reduction at a time, or across channels."""

from dataclasses import dataclass

from mini_infer.codegen.function import C_TYPES
from mini_infer.codegen.vectors import integers
from mini_infer.codegen.vectors.pairs import Pairs, WholeSums
from mini_infer.ir import DType
from mini_infer.machine import Machine


@dataclass(frozen=True, slots=True)
class Quads(WholeSums):
    """Bytes in int32, four neighboring steps of the reduction at a time, in the machine's vectors `vi`.

    Four numbers of a are broadcast and multiplied with the four of each column, and the products are added to the
    sums: `vpdpbusd` where there is VNNI, elsewhere twice the products of pairs, of the even and of the odd ones, or
    `vpmaddubsw` where it is known not to saturate.

    Parameters
    ----------
    operand
        The type of a: int8 or uint8.
    lifted
        Whether int8 of a are multiplied as uint8, each with 128 added.
    fitting
        Whether pairs of products are known to fit into int16.
    """

    lanes: int
    operand: DType
    lifted: bool = False
    fitting: bool = False
    weight = "int8_t"
    depth = 4
    unrolls = True

    @property
    def element(self) -> str:
        """The C type of a number of a."""
        return C_TYPES[self.operand]

    def weights(self, name: str, address: str, valid: int) -> str:  # noqa: ARG002 - b is packed
        """C that declares the weights of a vector of columns."""
        if self.fitting:
            return f"const vi {name} = *(const vi *)({address});"
        return f"const mi_columns {name} = mi_columns_of({address});"

    def broadcast(self, element: str) -> str:
        """C that declares `s`, four numbers of a in every lane."""
        return f"const {self._kind} s = {self._four(f'mi_four_of(&{element})')};"

    def first(self, element: str, count: int) -> str:
        """C that declares `s` of the last numbers of a, fewer than four; their neighbors are not read."""
        return f"const mi_four s = {self._four(f'mi_some_of(&{element}, {count})')};"

    def constant(self, value: int) -> str:
        """C that declares `s`, one number of a four times in every lane."""
        byte = (value + 128 * self.lifted) & 0xFF
        return f"const {self._kind} s = {self._four(f'(int32_t)0x{byte * 0x01010101:08x}u', lift=False)};"

    def add(self, total: str, weights: str) -> str:
        """C that adds the products of `s` and weights to a sum."""
        return f"{total} = mi_add_{'fitting' if self.fitting else 'products'}({total}, s, {weights});"

    def definitions(self, machine: Machine) -> tuple[str, ...]:
        """The C functions that this takes."""
        pairs = Pairs(self.lanes).definitions(machine)
        if self._is_signed:
            return (*pairs, _QUADS, _TWICE_PAIRS, _SIGNED)
        wide = _has("AVX512VNNI", 4 * self.lanes)
        narrow = "0" if 4 * self.lanes == _WIDEST else "defined(__AVXVNNI__)"
        return (*pairs, _QUADS, _DOT.replace("WIDE", wide).replace("NARROW", narrow).replace("PAIRS", _TWICE_PAIRS))

    @property
    def _is_signed(self) -> bool:
        return self.operand is DType.INT8 and not self.lifted

    @property
    def _kind(self) -> str:
        """The C type of `s`."""
        return "vi" if self.fitting else "mi_four"

    def _four(self, number: str, *, lift: bool = True) -> str:
        if self._is_signed:
            return f"mi_signed({number})"
        if self.fitting:
            return f"({number}{' ^ (int32_t)0x80808080u' if lift and self.lifted else ''}) - (vi){{0}}"
        return f"mi_unsigned({number}, {'1' if lift and self.lifted else '0'})"


@dataclass(frozen=True, slots=True)
class Neighbors(WholeSums):
    """Bytes in int32, a vector of neighbors of a by as many of b, in the machine's vectors `vi`: across channels.

    Every product has a lane of 32 bits for itself; unsigned numbers of a leave its upper half empty, so that an
    instruction that adds up products of int16 multiplies and adds at once.
    """

    lanes: int
    operand: DType
    lifted: bool = False
    weight = "int8_t"
    depth = 1
    unrolls = True

    @property
    def element(self) -> str:
        """The C type of a number of a."""
        return C_TYPES[self.operand]

    def weights(self, name: str, address: str, valid: int) -> str:
        """C that declares a vector of b; lanes beyond the valid ones are 0."""
        return f"const vi {name} = {self._load('s8', address, valid)};"

    def numbers(self, address: str, valid: int) -> str:
        """C that declares `s`, a vector of neighbors of a."""
        kind = "lifted" if self.lifted else "s8" if self.operand is DType.INT8 else "u8"
        return f"const vi s = {self._load(kind, address, valid)};"

    def constant(self, value: int) -> str:
        """C that declares `s`, one number of a in every lane."""
        return f"const vi s = {value + 128 * self.lifted} - (vi){{0}};"

    def add(self, total: str, weights: str) -> str:
        """C that adds the products of `s` and weights to a sum."""
        signed = self.operand is DType.INT8 and not self.lifted
        return f"{total} += s * {weights};" if signed else f"{total} = mi_add_neighbors({total}, s, {weights});"

    def definitions(self, machine: Machine) -> tuple[str, ...]:
        """The C functions that this takes."""
        loads = "".join(
            _NEIGHBORS.replace("KIND", kind).replace("VECTOR", vector).replace("FROM", start).replace("HALF", half)
            for kind, vector, start, half in _NEIGHBORING
        )
        feature = _has("AVX512VNNI", 4 * self.lanes)
        pairs = Pairs(self.lanes).definitions(machine)
        return (*integers.definitions(machine, self.operand), *pairs, loads, _ADD_NEIGHBORS.replace("WIDE", feature))

    def _load(self, kind: str, address: str, valid: int) -> str:
        if valid >= self.lanes:
            return f"mi_neighbors_{kind}({address})"
        return f"mi_neighbors_{kind}_n({address}, {valid})"


_WIDEST = 64
"""Bytes of the vectors whose instructions need no more than their own feature."""


def _has(feature: str, size: int) -> str:
    """The condition of C's preprocessor on which vectors of so many bytes have the instructions of a feature."""
    return f"defined(__{feature}__)" + ("" if size == _WIDEST else " && defined(__AVX512VL__)")


_NEIGHBORING = (
    ("u8", "mi_u8", "", "mi_u16"),
    ("s8", "mi_s8", "", "mi_s16"),
    ("lifted", "mi_u8", " ^ 0x80", "mi_u16"),
)

_NEIGHBORS = """\
MI_INLINE vi mi_neighbors_KIND(const void *p) {
  return __builtin_convertvector(__builtin_convertvector(*(const VECTOR *)pFROM, HALF), vi);
}
MI_INLINE vi mi_neighbors_KIND_n(const void *p, int n) {
  VECTOR v = {0};
  __builtin_memcpy(&v, p, (uint32_t)n);
  return __builtin_convertvector(__builtin_convertvector(vFROM, HALF), vi);
}
"""

_ADD_NEIGHBORS = """\
MI_INLINE vi mi_add_neighbors(vi sum, vi s, vi w) {
#if defined(__x86_64__) && WIDE
  __asm__("vpdpwssd %2, %1, %0" : "+v"(sum) : "v"(s), "v"(w));
  return sum;
#elif defined(__x86_64__)
  return sum + mi_pairs((mi_shorts)s, (mi_shorts)w);
#else
  return sum + s * w;
#endif
}
"""

_QUADS = """\
MI_INLINE int32_t mi_four_of(const void *p) {
  int32_t four;
  __builtin_memcpy(&four, p, sizeof four);
  return four;
}
MI_INLINE int32_t mi_some_of(const void *p, int count) {
  int32_t four = 0; /* of little-endian machines: the first numbers are the lowest bytes */
  __builtin_memcpy(&four, p, (uint32_t)count);
  return four;
}
"""

FITTING = """\
MI_INLINE unsigned long long mi_bits(const uint8_t *p, long first) {
  unsigned long long bits;
  __builtin_memcpy(&bits, p + first / 8, sizeof bits);
  return bits >> first % 8;
}
MI_INLINE vi mi_add_fitting(vi sum, vi s, vi w) {
  mi_shorts pairs;
#if defined(__AVX2__)
  __asm__("vpmaddubsw %2, %1, %0" : "=x"(pairs) : "x"(s), "x"(w));
#else
  const uint8_t *a = (const uint8_t *)&s;
  const int8_t *b = (const int8_t *)&w;
  for (int i = 0; i < 2 * VL; ++i)
    pairs[i] = (int16_t)(a[2 * i] * b[2 * i] + a[2 * i + 1] * b[2 * i + 1]);
#endif
  return sum + mi_pairs(pairs, (mi_shorts){0} + 1);
}
"""
"""Four unsigned bytes by four signed ones whose pairs of products fit into int16, and which do: C for `fitting`."""

_TWICE_PAIRS = """\
typedef uint16_t mi_words __attribute__((vector_size(sizeof(mi_shorts)), aligned(2), may_alias));
typedef struct { mi_shorts even, odd; } mi_four;
typedef mi_four mi_columns;
MI_INLINE mi_columns mi_columns_of(const int8_t *p) {
  const vu w = *(const vu *)p;
  return (mi_columns){(mi_shorts)((mi_words)w << 8) >> 8, (mi_shorts)w >> 8};
}
MI_INLINE vi mi_add_products(vi sum, mi_four s, mi_columns w) {
  return sum + mi_pairs(s.even, w.even) + mi_pairs(s.odd, w.odd);
}
"""
"""Bytes as int16: the even ones and the odd ones, each as pairs whose products are added up."""

_SIGNED = """\
MI_INLINE mi_four mi_signed(int32_t number) {
  const vu s = (uint32_t)number - (vu){0};
  return (mi_four){(mi_shorts)((mi_words)s << 8) >> 8, (mi_shorts)s >> 8};
}
"""

_DOT = """\
#if defined(__x86_64__) && WIDE
#define MI_DOT "vpdpbusd"
#elif defined(__x86_64__) && NARROW
#define MI_DOT "{vex} vpdpbusd"
#endif
#if defined(MI_DOT)
typedef vi mi_four;
typedef vi mi_columns;
MI_INLINE mi_columns mi_columns_of(const int8_t *p) { return *(const vi *)p; }
MI_INLINE vi mi_add_products(vi sum, mi_four s, mi_columns w) {
  __asm__(MI_DOT " %2, %1, %0" : "+v"(sum) : "v"(s), "v"(w));
  return sum;
}
MI_INLINE mi_four mi_unsigned(int32_t number, int lifted) {
  vi s = number - (vi){0};
  if (!lifted) return s;
  __asm__("" : "+v"(s)); /* or compilers do the rest to the number, and broadcast it from another register */
  return s ^ (vi)((vu){0} + 0x80808080u);
}
#else
PAIRS\
MI_INLINE mi_four mi_unsigned(int32_t number, int lifted) {
  const vu s = ((uint32_t)number ^ (lifted ? 0x80808080u : 0)) - (vu){0};
  return (mi_four){(mi_shorts)(s & 0x00ff00ffu), (mi_shorts)(s >> 8 & 0x00ff00ffu)};
}
#endif
"""
"""Four unsigned bytes by four signed ones. An `asm` says the same to every compiler; builtins change their types."""
