"""What a register tile multiplies and adds: its C types, and the C of each operation on a vector of sums."""

from dataclasses import dataclass

from mini_infer.codegen.function import C_TYPES
from mini_infer.codegen.vectors import lanes as vectors
from mini_infer.ir import DType
from mini_infer.machine import Machine
from mini_infer.program.kernels import Types


@dataclass(frozen=True, slots=True)
class Reals:
    """Floating point, one step of the reduction at a time, in vectors of `vectors.lanes`."""

    lanes: int
    dtype: DType = DType.FLOAT32
    depth = 1
    unrolls = True

    @property
    def element(self) -> str:
        """The C type of a number of a."""
        return C_TYPES[self.dtype]

    @property
    def sum(self) -> str:
        """The C type of a sum."""
        return self.element

    @property
    def vector(self) -> str:
        """The C type of a vector of sums."""
        return vectors.vector(self.lanes, self.dtype)

    def weights(self, name: str, address: str, valid: int) -> str:
        """C that declares a vector and loads its first `valid` lanes; the others are 0."""
        if valid >= self.lanes:
            return f"const {self.vector} {name} = {self.load(address)};"
        return f"{self.vector} {name} = {{0}}; __builtin_memcpy(&{name}, {address}, {self._bytes(valid)});"

    def broadcast(self, element: str) -> str:
        """C that declares `s`, a number of a in every lane."""
        return f"const {self.vector} s = {self.vector}_splat({element});"

    def product(self, weights: str) -> str:
        """C of what is added to a sum."""
        return f"s * {weights}"

    def load(self, address: str) -> str:
        """C of a vector of sums in memory."""
        return f"{self.vector}_load({address})"

    def store(self, address: str, value: str, valid: int) -> str:
        """C that stores the first lanes of a vector of sums."""
        if valid >= self.lanes:
            return f"{self.vector}_store({address}, {value});"
        return f"__builtin_memcpy({address}, &{value}, {self._bytes(valid)});"

    def definitions(self, machine: Machine) -> tuple[str, ...]:
        """The C functions that this takes."""
        return vectors.definitions(self.lanes, machine, self.dtype)

    def _bytes(self, lanes: int) -> int:
        return lanes * self.dtype.numpy.itemsize


@dataclass(frozen=True, slots=True)
class Pairs:
    """int16 in int32, two neighboring steps of the reduction at a time, in the machine's vectors `vi`.

    A pair of a is broadcast and multiplied with the pairs of a block of columns, and both products are added to the
    sums. Compilers have an instruction for that: clang finds `vpdpwssd` where there is VNNI, `vpmaddwd` otherwise. A
    loop's body is one step: with two of them clang executes 8 % more instructions.
    """

    lanes: int
    element = "int16_t"
    sum = "int32_t"
    vector = "vi"
    depth = 2
    unrolls = False

    def weights(self, name: str, address: str, valid: int) -> str:  # noqa: ARG002 - b is packed
        """C that declares a vector of b."""
        return f"const mi_shorts {name} = *(const mi_shorts *)({address});"

    def broadcast(self, element: str) -> str:
        """C that declares `s`, a pair of a in every lane."""
        return f"const mi_shorts s = mi_pair(&{element});"

    def product(self, weights: str) -> str:
        """C of what is added to a sum."""
        return f"mi_pairs(s, {weights})"

    def load(self, address: str) -> str:
        """C of a vector of sums in memory."""
        return f"*(const vi *)({address})"

    def store(self, address: str, value: str, valid: int) -> str:
        """C that stores the first lanes of a vector of sums."""
        return f"__builtin_memcpy({address}, &{value}, {4 * valid});"

    def definitions(self, machine: Machine) -> tuple[str, ...]:  # noqa: ARG002 - its vectors are the machine's
        """The C functions that this takes: both products as one wide vector, its even and odd lanes added."""
        even, odd = (", ".join(str(2 * lane + first) for lane in range(self.lanes)) for first in (0, 1))
        words = {"SHORTS": 4 * self.lanes, "PRODUCTS": 8 * self.lanes, "EVEN": even, "ODD": odd}
        text = _PAIRS
        for word, meaning in words.items():
            text = text.replace(word, str(meaning))
        return (text,)


Arithmetic = Reals | Pairs


def arithmetic(types: Types, lanes: int) -> Arithmetic:
    """That of a tile of these types, in vectors of so many lanes."""
    return Reals(lanes, types.operand) if types.operand.is_float else Pairs(lanes)


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
