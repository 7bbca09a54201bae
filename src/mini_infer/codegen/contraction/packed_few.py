"""C of the few rows of a `PackedProduct`: each number of the weights goes from its word into the products.

As real numbers (`Reals`) each place of a word has sums of its own, which get their factors where a block ends::

    word & 0x000f ─▶ float ─▶ p0 += x[0] * .        x[4], after a shift by 16
    word & 0x00f0 ─▶ float ─▶ p1 += x[1] * .        x[5]
    word & 0x0f00 ─▶ float ─▶ p2 += x[2] * .        x[6]
    word & 0xf000 ─▶ float ─▶ p3 += x[3] * .        x[7]

    total += scale * (p0 + p1 / 16 + p2 / 256 + p3 / 4096 - zero * (x[0] + x[1] + ...))

In whole numbers (`Digits`) the numbers of a row have one exponent in a group of at most 256, and 24 bits each, as many
as float32 has: three signed bytes. One instruction adds four products of bytes to each lane, without a rounding::

    x = (d0 + d1 * 2^8 + d2 * 2^16) * 2^e

    word      & 0x0f0f0f0f ─▶ s0 += . * d0[0 2 4 6]   s1 += . * d1[0 2 4 6]   s2 += . * d2[0 2 4 6]
    word >> 4 & 0x0f0f0f0f ─▶ s0 += . * d0[1 3 5 7]   s1 += . * d1[1 3 5 7]   s2 += . * d2[1 3 5 7]

    total += scale * ((s0 + s1 * 2^8 + s2 * 2^16) * 2^e - zero * (x[0] + x[1] + ...))
"""

from collections.abc import Callable

from mini_infer.codegen.contraction.packed_weights import HALF, Weights
from mini_infer.codegen.statements import Block, For, Statement
from mini_infer.codegen.tiling import Tiling
from mini_infer.codegen.vectors.pairs import Pairs
from mini_infer.machine import Machine
from mini_infer.program.kernels.contraction.packed_product import DIGITS, GROUP, PackedProduct

_AHEAD = 4096
"""Bytes of weights that are asked for ahead of the products: what the processor itself asks for ends with a page."""

_REGISTERS = 5 / 8
"""Part of the registers that sums of their own for each place may take."""


class Digits:
    """Products of bytes, in whole numbers."""

    start = "const int8_t *p = digits;"

    def __init__(self, kernel: PackedProduct, machine: Machine) -> None:
        self.kernel = kernel
        self.weights = Weights(kernel.weights)
        self.machine = machine

    def definitions(self) -> tuple[str, ...]:
        """The C functions that this takes."""
        bits = self.kernel.weights.bits
        split = _SPLIT
        for word, meaning in (("BITS", bits), ("PER_BYTE", 8 // bits), ("GROUP", GROUP)):
            split = split.replace(word, str(meaning))
        lanes = self.machine.lanes
        return (*Pairs(lanes).definitions(self.machine), _ADD_BYTES.replace("LANES", str(lanes)), split)

    def before(self) -> list[Statement]:
        """C that splits all rows: `digits`, and in `sums` an exponent and a sum for each group."""
        kernel, packed = self.kernel, self.kernel.weights
        per_word, middle = packed.per_word, 1 if packed.zeros else packed.middle

        def group(count: int, number: str) -> list[Statement]:
            first = f"b * {packed.block} + {number} * {GROUP}"
            word = f"(b * {packed.block_words} + {number} * {GROUP // per_word})"
            return [
                f"mi_split_{packed.bits}(a + {row * packed.depth} + {first}, {count}, {middle}, "
                f"digits + {row * kernel.row_digits} + {word} * {DIGITS * per_word}, {self._sums(row, number)});"
                for row in range(kernel.few)
            ]

        return self.weights.blocks(lambda count: _groups(count, group))

    def block(self, count: int, vector: str) -> list[Statement]:
        """C that adds so many numbers of a block to the totals."""
        rows = range(self.kernel.few)
        zero = self.weights.zeros(vector)
        lines: list[Statement] = [f"const vf scale = mi_load(s){f', zero = {zero}' if zero else ''};"]
        return [*lines, *_groups(count, self._group), *(f"t{row} += scale * u{row};" for row in rows)]

    def _group(self, count: int, number: str) -> list[Statement]:
        """C that adds the products of a group to `u`, less what the zeros take away."""
        packed, rows = self.kernel.weights, range(self.kernel.few)
        names = [f"s{row}_{digit}" for row in rows for digit in range(DIGITS)]
        also = f"w += {4 * packed.width}, p += {DIGITS * packed.per_word}"
        lines: list[Statement] = [f"vi {', '.join(f'{name} = {{0}}' for name in names)};"]
        lines.append(For("n", -(-count // packed.per_word), self._word(), also=also))
        zero = "zero * " if packed.zeros else ""
        add = "+=" if packed.groups > 1 else "="
        for row in rows:
            low, middle, high = (f"__builtin_convertvector(s{row}_{digit}, vf)" for digit in range(DIGITS))
            total = f"({low} + 256.0f * {middle} + 65536.0f * {high})"
            sums = self._sums(row, number)
            lines.append(f"u{row} {add} {total} * ({sums})[0] - {zero}({sums})[1];")
        return lines

    def _word(self) -> list[Statement]:
        """C of the products of a word."""
        packed, mask = self.kernel.weights, 0x01010101 * self.weights.mask
        lines: list[Statement] = [f"__builtin_prefetch(w + {_AHEAD});", "const vu word = *(const vu *)w;"]
        for field in range(8 // packed.bits):
            shifted = f"word >> {field * packed.bits}" if field else "word"
            adds: list[Statement] = [f"const vu q = {shifted} & {mask:#010x}u;"]
            for row in range(self.kernel.few):
                for digit in range(DIGITS):
                    at = row * self.kernel.row_digits + digit * packed.per_word + 4 * field
                    adds.append(f"s{row}_{digit} = mi_add_bytes(s{row}_{digit}, q, mi_digits(p + {at}));")
            lines.append(Block(adds))
        return lines

    def _sums(self, row: int, number: str) -> str:
        packed = self.kernel.weights
        return f"sums + {2 * packed.groups} * ({row * packed.blocks} + b) + 2 * {number}"


class Reals:
    """Products of real numbers."""

    start = "const float *p = a;"

    def __init__(self, kernel: PackedProduct, machine: Machine) -> None:
        self.kernel = kernel
        self.weights = Weights(kernel.weights)
        # Sums of their own for every place, as long as there are registers; else each number gets its factor.
        self.apart = kernel.few * (self.weights.places + 1) <= machine.registers * _REGISTERS

    def definitions(self) -> tuple[str, ...]:
        """The C functions that this takes."""
        return (_SUM,)

    def before(self) -> list[Statement]:
        """C that sums up each block of each row, in `sums`."""
        packed = self.kernel.weights

        def block(count: int) -> list[Statement]:
            return [
                f"sums[{row * packed.blocks} + b] = mi_sum_of(a + {row * packed.depth} + b * {packed.block}, {count});"
                for row in range(self.kernel.few)
            ]

        return self.weights.blocks(block)

    def block(self, count: int, vector: str) -> list[Statement]:
        """C that adds so many numbers of a block to the totals."""
        packed, rows = self.kernel.weights, range(self.kernel.few)
        zero = self.weights.zeros(vector)
        lines = _groups(count, self._group)
        lines.append(f"const vf scale = mi_load(s){f', zero = {zero}' if zero else ''};")
        origin = "zero" if zero else f"{packed.middle}.0f"
        return [
            *lines,
            *(f"t{row} += scale * (u{row} - {origin} * sums[{row * packed.blocks} + b]);" for row in rows),
        ]

    def _group(self, count: int, _number: str) -> list[Statement]:
        """C that adds the products of a group to `u`."""
        packed, rows = self.kernel.weights, range(self.kernel.few)
        used = range(min(self.weights.places, count) if self.apart else 1)
        names = [f"q{row}_{place}" for row in rows for place in used]
        words, step = Tiling(count, packed.per_word), 4 * packed.width
        lines: list[Statement] = [f"vf {', '.join(f'{name} = {{0}}' for name in names)};"]
        if words.some_whole:
            also = f"w += {step}, p += {packed.per_word}"
            lines.append(For("n", words.whole, self._word(packed.per_word), also=also))
        lines += words.after(lambda rest: [Block(self._word(rest)), f"w += {step}, p += {rest};"])
        add = "+=" if packed.groups > 1 else "="
        for row in rows:
            parts = [f"q{row}_{place}{self.weights.factor(place)}" for place in used]
            lines.append(f"u{row} {add} {' + '.join(parts)};")
        return lines

    def _word(self, count: int) -> list[Statement]:
        """The numbers of a word, or its first ones, each times its number of every row."""
        packed, places = self.kernel.weights, self.weights.places
        lines: list[Statement] = [f"__builtin_prefetch(w + {_AHEAD});", "vu word = *(const vu *)w;"]
        for number in range(count):
            if number == places:
                lines.append(f"word >>= {HALF};")
            place = number % places
            value = self.weights.number(place) + ("" if self.apart else self.weights.factor(place))
            to = place if self.apart else 0
            products = [f"q{row}_{to} += p[{row * packed.depth + number}] * q;" for row in range(self.kernel.few)]
            lines.append(f"{{ const vf q = {value}; {' '.join(products)} }}")
        return lines


def few_of(kernel: PackedProduct, machine: Machine) -> Digits | Reals:
    """What writes the few rows of a kernel."""
    return Digits(kernel, machine) if kernel.digits else Reals(kernel, machine)


def _groups(count: int, body: Callable[[int, str], list[Statement]]) -> list[Statement]:
    """C of the groups of a block of so many numbers: `body` gets how many they are, and C of the group's number."""
    tiling = Tiling(count, GROUP)
    if tiling.tiles == 1:
        return [Block(body(count, "0"))]
    return [
        For("group", tiling.whole, body(GROUP, "group")),
        *tiling.after(lambda rest: [Block(body(rest, str(tiling.whole)))]),
    ]


_SUM = """\
MI_INLINE float mi_sum_of(const float *x, long count) {
  float sum = 0;
  long k = 0;
  while (count - k >= VL) {
    const long stop = count - k < 64 * VL ? k + (count - k) / VL * VL : k + 64 * VL;
    vf total = {0};
    for (; k < stop; k += VL) total += mi_load(x + k);
    sum += mi_sum(total);
  }
  for (; k < count; ++k) sum += x[k];
  return sum;
}
"""

_ADD_BYTES = """\
MI_INLINE vi mi_digits(const int8_t *p) {
  int32_t four;
  __builtin_memcpy(&four, p, sizeof four);
  return four - (vi){0};
}
/* Four unsigned bytes below 64, so that no pair of products saturates, by four signed ones. */
MI_INLINE vi mi_add_bytes(vi sum, vu q, vi x) {
#if defined(__x86_64__) && defined(__AVX512VNNI__) && (LANES == 16 || defined(__AVX512VL__))
  __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(q), "v"(x));
  return sum;
#elif defined(__x86_64__) && defined(__AVXVNNI__) && LANES < 16
  __asm__("{vex} vpdpbusd %2, %1, %0" : "+x"(sum) : "x"(q), "x"(x));
  return sum;
#elif defined(__x86_64__) && (LANES == 16 ? defined(__AVX512BW__) : LANES == 8 ? defined(__AVX2__) : defined(__SSSE3__))
  const vu ones = (vu){0} + 0x00010001u;
#if defined(__AVX__)
  vi pairs;
  __asm__("vpmaddubsw %2, %1, %0" : "=x"(pairs) : "x"(q), "x"(x));
  __asm__("vpmaddwd %1, %0, %0" : "+x"(pairs) : "x"(ones));
#else
  vi pairs = (vi)q;
  __asm__("pmaddubsw %1, %0" : "+x"(pairs) : "x"(x));
  __asm__("pmaddwd %1, %0" : "+x"(pairs) : "x"(ones));
#endif
  return sum + pairs;
#else
  const mi_shorts even = (mi_shorts)((vu)x << 8) >> 8, odd = (mi_shorts)x >> 8;
  return sum + mi_pairs((mi_shorts)(q & 0x00ff00ffu), even) + mi_pairs((mi_shorts)(q >> 8 & 0x00ff00ffu), odd);
#endif
}
"""

_SPLIT = """\
/* Numbers as three signed bytes each, for the words that they meet; the rest of the last word is 0. `sums` gets what
   1 stands for, and the sum of all times `zero`; where no exponent serves, the first is NaN. */
MI_INLINE void mi_split_BITS(const float *x, long count, float zero, int8_t *digits, float *sums) {
  int32_t whole[GROUP] = {0};
  vf most = {0};
  long k = 0;
  for (; k + VL <= count; k += VL) most = mi_max(most, mi_abs(mi_load(x + k)));
  for (; k < count; ++k) most = mi_max(most, mi_abs(mi_set1(x[k])));
  const float top = mi_highest(most);
  uint32_t exponent = 127u << 23;
  const int fits = top == 0 || (top >= 0x1p-100f && top < __builtin_inff());
  if (top != 0 && fits) __builtin_memcpy(&exponent, &top, sizeof exponent);
  exponent &= 255u << 23;
  float up, down;
  uint32_t bits = (276u << 23) - exponent;
  __builtin_memcpy(&up, &bits, sizeof up);
  const int wide = top * up > 8355711.0f; /* 127 + 127 * 2^8 + 127 * 2^16 */
  if (wide) up *= 0.5f;
  bits = exponent - (22u << 23);
  __builtin_memcpy(&down, &bits, sizeof down);
  if (wide) down *= 2;
  int64_t total = 0;
  for (k = 0; fits && k < count; ++k) {
    whole[k] = (int32_t)__builtin_rintf(x[k] * up);
    total += whole[k];
  }
  for (long n = 0; n < count; n += 4 * PER_BYTE) {
    for (int j = 0; j < PER_BYTE; ++j) {
      for (int i = 0; i < 4; ++i) {
        int32_t value = whole[n + i * PER_BYTE + j];
        for (int digit = 0; digit < 3; ++digit) {
          const int8_t low = (int8_t)value;
          digits[(3 * n + digit * 4 * PER_BYTE) + 4 * j + i] = low;
          value = (value - low) >> 8;
        }
      }
    }
  }
  sums[0] = fits ? down : __builtin_nanf("");
  sums[1] = (float)total * down * zero;
}
"""
