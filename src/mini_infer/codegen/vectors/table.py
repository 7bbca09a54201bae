"""C that looks up as many bytes as a vector register has, in a table of 256 that registers hold."""

from mini_infer.machine import Machine

_TEXT = """\
/* 256 bytes, and what they are for numbers from 0 to 255. An `asm` says the same to every compiler. */
typedef uint8_t mi_bytes __attribute__((vector_size(WIDTH), aligned(1), may_alias));
typedef int8_t mi_signed_bytes __attribute__((vector_size(WIDTH), aligned(1), may_alias));
#if defined(__AVX512VBMI__) && WIDTH == 64
typedef struct { mi_bytes part[4]; } mi_table;
MI_INLINE mi_table mi_table_of(const void *p) {
  const mi_bytes *const from = (const mi_bytes *)p;
  return (mi_table){{from[0], from[1], from[2], from[3]}};
}
MI_INLINE mi_bytes mi_look_up(const mi_table *table, mi_bytes x) {
  const mi_bytes upper = (mi_bytes)((mi_signed_bytes)x < 0);
  mi_bytes low = x, high = x; /* of an index the instruction takes the lowest 7 bits */
  __asm__("vpermi2b %2, %1, %0" : "+v"(low) : "v"(table->part[0]), "v"(table->part[1]));
  __asm__("vpermi2b %2, %1, %0" : "+v"(high) : "v"(table->part[2]), "v"(table->part[3]));
  return (high & upper) | (low & ~upper);
}
#else
/* Each part of 16 less the one before it, but for the first and the ninth. */
typedef struct { mi_bytes part[16]; } mi_table;
MI_INLINE mi_table mi_table_of(const void *p) {
  mi_table table;
  for (int k = 0; k < 16; ++k)
    for (int j = 0; j < WIDTH; j += 16)
      __builtin_memcpy((uint8_t *)&table.part[k] + j, (const uint8_t *)p + 16 * k, 16);
  for (int k = 15; k > 0; --k)
    if (k != 8) table.part[k] ^= table.part[k - 1];
  return table;
}
/* Of an index the instruction takes the lowest 4 bits; 0 comes of one with the highest. */
MI_INLINE mi_bytes mi_of_sixteen(mi_bytes table, mi_bytes x) {
  mi_bytes y;
  __asm__("vpshufb %2, %1, %0" : "=v"(y) : "v"(table), "v"(x));
  return y;
}
MI_INLINE mi_bytes mi_sixteen_less(mi_bytes x) {
  const mi_bytes sixteen = 16 - (mi_bytes){0};
  mi_bytes y;
  __asm__("vpsubsb %2, %1, %0" : "=v"(y) : "v"(x), "v"(sixteen));
  return y;
}
MI_INLINE mi_bytes mi_look_up(const mi_table *table, mi_bytes x) {
  mi_bytes low = x, high = x ^ 0x80;
  mi_bytes a = mi_of_sixteen(table->part[0], low), b = mi_of_sixteen(table->part[8], high);
  for (int k = 1; k < 8; ++k) {
    low = mi_sixteen_less(low);
    high = mi_sixteen_less(high);
    a ^= mi_of_sixteen(table->part[k], low);
    b ^= mi_of_sixteen(table->part[k + 8], high);
  }
  return a ^ b;
}
#endif
MI_INLINE mi_bytes mi_look_up_n(const mi_table *table, const void *p, int n, int flip) {
  mi_bytes x = {0};
  __builtin_memcpy(&x, p, (uint32_t)n);
  return mi_look_up(table, x ^ (uint8_t)flip);
}
"""


def in_registers(machine: Machine) -> bool:
    """Whether a machine has instructions for it."""
    return machine.arch == "x86_64" and machine.vector_bytes > _HALF


_HALF = 16
"""Bytes of vectors that hold too few of the table."""


def definitions(machine: Machine) -> tuple[str, ...]:
    """The C functions ``mi_table_of(p)``, of 256 bytes, and ``mi_look_up(&table, x)``, of a vector ``mi_bytes``.

    ``mi_look_up_n(&table, p, n, flip)`` is the same of ``n`` bytes at an address, after an exclusive or with `flip`.
    """
    return (_TEXT.replace("WIDTH", str(machine.vector_bytes)),)
