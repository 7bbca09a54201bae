"""The C that every generated program begins with: one vector type, and functions on it.

The text is C11 with the vector extension that clang and gcc share; no intrinsics, so one text serves every processor.
It defines

``vf``, ``vi``, ``vu``, ``vd``, ``VL``
    a vector of `VL` floats, 32-bit integers, unsigned integers, and doubles. The first three are aligned like one
    element and free to alias, so a pointer to any float can be cast to ``vf *``.
``mi_set1``, ``mi_load``, ``mi_store``, ``mi_load_n``, ``mi_store_n``
    one float in every lane; `VL` floats or the first ``n <= VL`` of them (the other lanes: 0, or not written). Best
    with a constant ``n``.
``mi_select(mask, a, b)``, ``mi_any(mask)``
    masks are what comparing two ``vf`` gives: all bits of a lane set, or none.
``mi_abs``, ``mi_copysign``, ``mi_min``, ``mi_max``, ``mi_relu``, ``mi_clip``, ``mi_sqrt``, ``mi_round`` (ties to even),
``mi_floor``, ``mi_ceil``
    exact. A NaN in either operand of ``mi_min`` and ``mi_max`` gives NaN, as in ONNX and NumPy; the others keep a NaN
    ``x``. The bounds of ``mi_clip(x, low, high)`` must not be NaN. Of 0 and -0 ``mi_min`` and ``mi_max`` give any.
``mi_fma``
    of three: the first times the second plus the third.
``mi_sum``, ``mi_highest``, ``mi_lowest``
    all lanes into one, by halves: lanes ``i`` and ``i + VL / 2`` meet first, so the result does not depend on the
    compiler. ``mi_highest`` and ``mi_lowest`` keep NaN.
``mi_exp``, ``mi_expm1``, ``mi_log``, ``mi_log1p``, ``mi_tanh``, ``mi_sigmoid``, ``mi_erf``, ``mi_gelu``,
``mi_gelu_tanh``, ``mi_sin``, ``mi_cos``
    within the error bounds that `vector_math` states.

Functions of one ``vf``, ``mi_min``, ``mi_max`` and ``mi_clip`` have a twin on floats, the name with ``1`` at its end,
that gives the same bits. All are ``static inline`` and may stay unused. No sum has two products for operands, so that
compilers have no choice in what they contract to fused multiply-adds.

Of a machine without vectors there is ``mi_exp1`` alone: what is written for it is plain C with the other functions of
`math.h`.

A function that the loaded library must show carries ``MI_EXPORT``: the toolchain hides the rest.
"""

from mini_infer.codegen.vectors.vector_math import MATH, MATH_NAMES
from mini_infer.machine import Machine

_WORDS = """\
#ifndef MINI_INFER_VECTOR_H
#define MINI_INFER_VECTOR_H
#include <stdint.h>

#if defined(_WIN32)
#define MI_EXPORT __declspec(dllexport)
#else
#define MI_EXPORT __attribute__((visibility("default")))
#endif
#define MI_INLINE static inline __attribute__((always_inline, unused))

"""

PLAIN_EXP = """\
/* The steps of `mi_exp`, on one float. */
MI_INLINE float mi_power_of_two1(int32_t k) {
    const uint32_t bits = ((uint32_t)k + 127u) << 23;
    float power;
    __builtin_memcpy(&power, &bits, sizeof power);
    return power;
}
MI_INLINE float mi_exp1(float x) {
    const float y = x < -105.0f ? -105.0f : x > 89.0f ? 89.0f : x;
    const float shifted = y * 1.44269504f + 12582912.0f;
    const float whole = shifted - 12582912.0f;
    const float r = (y - whole * 0.693359375f) + whole * 2.12194440e-4f;
    const float q = (((0.00138201355f * r + 0.00836868584f) * r + 0.0416682735f) * r + 0.166665211f) * r + 0.49999994f;
    uint32_t bits;
    __builtin_memcpy(&bits, &shifted, sizeof bits);
    const int32_t k = (int32_t)(bits - 0x4b400000u), half = k >> 1;
    return ((q * (r * r) + r) + 1.0f) * mi_power_of_two1(half) * mi_power_of_two1(k - half);
}
"""
"""C11 of an exponential that needs no library."""

_HEAD = """\
typedef float vf __attribute__((vector_size(@BYTES@), aligned(4), may_alias));
typedef int32_t vi __attribute__((vector_size(@BYTES@), aligned(4), may_alias));
typedef uint32_t vu __attribute__((vector_size(@BYTES@), aligned(4), may_alias));
typedef double vd __attribute__((vector_size(2 * @BYTES@)));
enum { VL = @LANES@ };

/* The lanes in another order; clang and gcc have different words for it. */
#if defined(__clang__)
#define MI_SHUFFLE(v, ...) __builtin_shufflevector(v, v, __VA_ARGS__)
#else
#define MI_SHUFFLE(v, ...) __builtin_shuffle(v, (vi){__VA_ARGS__})
#endif

MI_INLINE vf mi_set1(float x) { return x - (vf){0}; } /* minus: 0 + -0 would lose the sign */
MI_INLINE vf mi_load(const float *p) { return *(const vf *)p; }
MI_INLINE void mi_store(float *p, vf v) { *(vf *)p = v; }
MI_INLINE vf mi_load_n(const float *p, int n) {
    vf v = {0};
    __builtin_memcpy(&v, p, (uint32_t)n * sizeof(float));
    return v;
}
MI_INLINE void mi_store_n(float *p, vf v, int n) { __builtin_memcpy(p, &v, (uint32_t)n * sizeof(float)); }

/* x * y + z, rounded once where the target can: compilers fuse of their own accord what they leave in one block. */
#if defined(__clang__) && (defined(__FMA__) || defined(__ARM_FEATURE_FMA) || defined(__riscv_f))
#if __has_builtin(__builtin_elementwise_fma)
#define MI_FUSED(x, y, z) __builtin_elementwise_fma(x, y, z)
#endif
#endif
#ifndef MI_FUSED
#define MI_FUSED(x, y, z) ((x) * (y) + (z))
#endif
MI_INLINE vf mi_fma(vf x, vf y, vf z) { return MI_FUSED(x, y, z); }

/* gcc's C has no ?: on vectors. */
MI_INLINE vf mi_select(vi mask, vf a, vf b) { return (vf)(((vi)a & mask) | ((vi)b & ~mask)); }
MI_INLINE vf mi_abs(vf x) { return (vf)((vu)x & 0x7fffffffu); }
MI_INLINE vf mi_copysign(vf x, vf sign) { return (vf)(((vu)x & 0x7fffffffu) | ((vu)sign & 0x80000000u)); }

/* One comparison picks the operand, so that compilers see a max or min instruction; where it is false because of NaN in
   y, y is what remains; the second keeps NaN in x. */
MI_INLINE vf mi_max(vf x, vf y) { return mi_select(x != x, x, mi_select(x > y, x, y)); }
MI_INLINE vf mi_min(vf x, vf y) { return mi_select(x != x, x, mi_select(x < y, x, y)); }
MI_INLINE vf mi_relu(vf x) { return mi_select((vf){0} > x, (vf){0}, x); }
MI_INLINE vf mi_clip(vf x, vf low, vf high) {
    x = mi_select(low > x, low, x);
    return mi_select(high < x, high, x);
}

/* Beyond 2^23 every float is whole; below, adding and subtracting 2^23 rounds to the nearest, ties to even. */
MI_INLINE vf mi_round(vf x) {
    vf size = mi_abs(x);
    vf whole = (size + 8388608.0f) - 8388608.0f;
    return mi_select(size < 8388608.0f, mi_copysign(whole, x), x);
}
MI_INLINE vf mi_floor(vf x) {
    vf whole = mi_round(x);
    return mi_copysign(whole - mi_select(whole > x, mi_set1(1), (vf){0}), x);
}
MI_INLINE vf mi_ceil(vf x) {
    vf whole = mi_round(x);
    return mi_copysign(whole + mi_select(whole < x, mi_set1(1), (vf){0}), x);
}
MI_INLINE vf mi_sqrt(vf x) {
    for (int i = 0; i < VL; i++) x[i] = __builtin_sqrtf(x[i]);
    return x;
}

MI_INLINE int mi_any(vi mask) {
@ANY@
    return mask[0] != 0;
}
MI_INLINE float mi_sum(vf v) {
@SUM@
    return v[0];
}
MI_INLINE float mi_highest(vf v) {
@HIGHEST@
    return v[0];
}
MI_INLINE float mi_lowest(vf v) {
@LOWEST@
    return v[0];
}
"""

_TWINS_OF_MORE = """
/* ---- the same on one float: one lane of the same instructions, so the same bits ---- */
MI_INLINE float mi_min1(float x, float y) { return mi_min(mi_set1(x), mi_set1(y))[0]; }
MI_INLINE float mi_max1(float x, float y) { return mi_max(mi_set1(x), mi_set1(y))[0]; }
MI_INLINE float mi_clip1(float x, float low, float high) {
    return mi_clip(mi_set1(x), mi_set1(low), mi_set1(high))[0];
}
"""

_TAIL = "\n#endif\n"

_TWINS = ("abs", "relu", "sqrt", "round", "floor", "ceil", *MATH_NAMES)


def prelude(machine: Machine) -> str:
    """Return the C text for a machine: of one without vectors, the words and the few functions that plain C uses.

    It includes ``<stdint.h>`` alone and can be a header: a second inclusion is empty.
    """
    if not machine.has_vectors:
        return _WORDS + PLAIN_EXP + _TAIL
    lanes = machine.lanes
    head = _WORDS + _HEAD.replace("@BYTES@", str(machine.vector_bytes)).replace("@LANES@", str(lanes))
    for name, step in (
        ("ANY", "mask |= MI_SHUFFLE(mask, {})"),
        ("SUM", "v += MI_SHUFFLE(v, {})"),
        ("HIGHEST", "v = mi_max(v, MI_SHUFFLE(v, {}))"),
        ("LOWEST", "v = mi_min(v, MI_SHUFFLE(v, {}))"),
    ):
        head = head.replace(f"@{name}@", _fold(step, lanes))
    twins = "".join(f"MI_INLINE float mi_{name}1(float x) {{ return mi_{name}(mi_set1(x))[0]; }}\n" for name in _TWINS)
    return head + MATH + _TWINS_OF_MORE + twins + _TAIL


def load(address: str, part: int = 0) -> str:
    """C of the `vf` at an address, or of one with the first `part` lanes of it."""
    return f"mi_load_n({address}, {part})" if part != 0 else f"mi_load({address})"


def store(address: str, value: str, part: int = 0) -> str:
    """The statement that stores a `vf`, or the first `part` lanes of one."""
    return f"mi_store_n({address}, {value}, {part});" if part != 0 else f"mi_store({address}, {value});"


def first_lanes(count: int, lanes: int) -> str:
    """C of a mask of the first `count` lanes."""
    if isinstance(count, int):
        return f"(vi){{{', '.join('-1' if lane < count else '0' for lane in range(lanes))}}}"
    return f"((vi){{{', '.join(map(str, range(lanes)))}}} < (int32_t){count})"


def _fold(step: str, lanes: int) -> str:
    """Return the statements that combine each lane with those 1/2, 1/4, ... of the vector away; `{}` is their order."""
    lines = []
    distance = lanes // 2
    while distance:
        lines.append(f"    {step.format(', '.join(str(lane ^ distance) for lane in range(lanes)))};")
        distance //= 2
    return "\n".join(lines)
