"""Vectors of 8-bit numbers and of int32 as C text: they are numbers of a `vf` while something is computed of them.

Beside the prelude, which has the reals, a kernel that takes them brings these functions along as a helper.

``mi_load_u8``, ``mi_load_s8``, ``mi_load_s32``, each with ``_n``
    `VL` elements of uint8, int8 or int32, or the first ``n <= VL`` of them (the other lanes: 0), each as a float. int32
    beyond 2^24 is rounded to the nearest, ties to even.
``mi_store_u8``, ``mi_store_s8``, each with ``_n``
    the lanes of a `vf`, or the first ``n``, which must be whole and in the type's range.
"""

from mini_infer.ir import DType
from mini_infer.machine import Machine

SUFFIXES = {DType.FLOAT32: "", DType.UINT8: "_u8", DType.INT8: "_s8", DType.INT32: "_s32"}
"""Element types whose numbers a `vf` can hold → how the names of the functions end that load them."""

_TYPES = """\
/* Of numbers as wide as bytes and twice that, as many as a `vf` has. */
typedef uint8_t mi_u8 __attribute__((vector_size(@LANES@), aligned(1), may_alias));
typedef int8_t mi_s8 __attribute__((vector_size(@LANES@), aligned(1), may_alias));
typedef uint16_t mi_u16 __attribute__((vector_size(2 * @LANES@)));
typedef int16_t mi_s16 __attribute__((vector_size(2 * @LANES@)));

/* A step at a time: gcc has instructions for conversions to types twice or half as wide alone. */
MI_INLINE vf mi_of_u8(mi_u8 v) {
    return __builtin_convertvector(__builtin_convertvector(__builtin_convertvector(v, mi_u16), vi), vf);
}
MI_INLINE vf mi_of_s8(mi_s8 v) {
    return __builtin_convertvector(__builtin_convertvector(__builtin_convertvector(v, mi_s16), vi), vf);
}
MI_INLINE vf mi_of_s32(vi v) { return __builtin_convertvector(v, vf); }
MI_INLINE mi_u8 mi_to_u8(vf v) {
    return __builtin_convertvector(__builtin_convertvector(__builtin_convertvector(v, vi), mi_u16), mi_u8);
}
MI_INLINE mi_s8 mi_to_s8(vf v) {
    return __builtin_convertvector(__builtin_convertvector(__builtin_convertvector(v, vi), mi_s16), mi_s8);
}
"""

_LOADS = """
MI_INLINE vf mi_load_@KIND@(const @ELEMENT@ *p) { return mi_of_@KIND@(*(const @VECTOR@ *)p); }
MI_INLINE vf mi_load_@KIND@_n(const @ELEMENT@ *p, int n) {
    @VECTOR@ v = {0};
    __builtin_memcpy(&v, p, (uint32_t)n * sizeof(@ELEMENT@));
    return mi_of_@KIND@(v);
}
"""

_STORES = """\
MI_INLINE void mi_store_@KIND@(@ELEMENT@ *p, vf v) { *(@VECTOR@ *)p = mi_to_@KIND@(v); }
MI_INLINE void mi_store_@KIND@_n(@ELEMENT@ *p, vf v, int n) {
    const @VECTOR@ whole = mi_to_@KIND@(v);
    __builtin_memcpy(p, &whole, (uint32_t)n);
}
"""


def definitions(machine: Machine, *dtypes: DType) -> tuple[str, ...]:
    """The C functions that load and store elements of these types; none where all are float32."""
    if all(dtype is DType.FLOAT32 for dtype in dtypes):
        return ()
    texts = [_TYPES.replace("@LANES@", str(machine.lanes))]
    for kind, element, vector in (
        ("u8", "uint8_t", "mi_u8"),
        ("s8", "int8_t", "mi_s8"),
        ("s32", "int32_t", "vi"),
    ):
        text = _LOADS if kind == "s32" else _LOADS + _STORES
        texts.append(text.replace("@KIND@", kind).replace("@ELEMENT@", element).replace("@VECTOR@", vector))
    return ("".join(texts),)


def load(address: str, part: int = 0, dtype: DType = DType.FLOAT32) -> str:
    """C of the `vf` of the elements at an address, or of one with the first `part` lanes of it."""
    name = f"mi_load{SUFFIXES[dtype]}"
    return f"{name}_n({address}, {part})" if part != 0 else f"{name}({address})"


def store(address: str, value: str, part: int = 0, dtype: DType = DType.FLOAT32) -> str:
    """The statement that stores a `vf`, or the first `part` lanes of one, as elements of a type."""
    name = f"mi_store{SUFFIXES[dtype]}"
    return f"{name}_n({address}, {value}, {part});" if part != 0 else f"{name}({address}, {value});"


QUANTIZE = """\
/* The whole number nearest to x, ties to even, plus another, no less than low and no more than high; NaN gives 0.
   Below 2^22 adding and subtracting 1.5 * 2^23 rounds. */
MI_INLINE vf mi_quantize(vf x, vf zero, float low, float high) {
    const vf least = low - zero, most = high - zero;
    vf near = mi_select(x > least, x, least); /* of NaN the least, which is 0 where there is no sign */
    near = mi_select(near < most, near, most);
    near = ((near + 12582912.0f) - 12582912.0f) + zero;
    return low < 0 ? mi_select(x == x, near, (vf){0}) : near;
}
"""
"""C of `Quantize` on vectors."""

QUANTIZE_BYTES = """\
/* The same in the lowest byte of each lane, to be stored: with 1.5 * 2^23 added, whole numbers are the last bits. */
MI_INLINE vu mi_quantize_bytes(vf x, vf zero, float low, float high) {
    const vf least = low - zero, most = high - zero;
    vf near = mi_select(x > least, x, least);
    near = mi_select(near < most, near, most);
    const vu bits = (vu)(near + 12582912.0f) + (vu)__builtin_convertvector(zero, vi);
    const vu numbers = bits & (vu)(x == x);
    return low < 0 ? numbers : bits;
}
MI_INLINE mi_u8 mi_last_bytes(vu v) { return __builtin_convertvector(__builtin_convertvector(v, mi_u16), mi_u8); }
MI_INLINE void mi_store_bytes(void *p, vu v) { *(mi_u8 *)p = mi_last_bytes(v); }
MI_INLINE void mi_store_bytes_n(void *p, vu v, int n) {
    const mi_u8 whole = mi_last_bytes(v);
    __builtin_memcpy(p, &whole, (uint32_t)n);
}
"""
"""C of a `Quantize` whose result is stored at once; it needs `definitions`."""

FUSED = """\
/* x * y + z, rounded once. Where a target has no instruction for that, in double: where x is of 8 bits, what is rounded
   there for all that is as far from the middle between two floats. */
MI_INLINE vf mi_fused(vf x, vf y, vf z) {
#if (defined(__FMA__) || defined(__ARM_FEATURE_FMA) || defined(__riscv_f)) && \\
    (defined(__clang__) || defined(__OPTIMIZE__))
    return mi_fma(x, y, z);
#else
    vd wide = __builtin_convertvector(x, vd) * __builtin_convertvector(y, vd) + __builtin_convertvector(z, vd);
    return __builtin_convertvector(wide, vf);
#endif
}
"""
"""C of `FusedMultiplyAdd` on vectors."""
