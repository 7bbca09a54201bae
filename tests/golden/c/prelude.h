#ifndef MINI_INFER_VECTOR_H
#define MINI_INFER_VECTOR_H
#include <stdint.h>

#if defined(_WIN32)
#define MI_EXPORT __declspec(dllexport)
#else
#define MI_EXPORT __attribute__((visibility("default")))
#endif
#define MI_INLINE static inline __attribute__((always_inline, unused))

typedef float vf __attribute__((vector_size(32), aligned(4), may_alias));
typedef int32_t vi __attribute__((vector_size(32), aligned(4), may_alias));
typedef uint32_t vu __attribute__((vector_size(32), aligned(4), may_alias));
typedef double vd __attribute__((vector_size(2 * 32)));
enum { VL = 8 };

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
    mask |= MI_SHUFFLE(mask, 4, 5, 6, 7, 0, 1, 2, 3);
    mask |= MI_SHUFFLE(mask, 2, 3, 0, 1, 6, 7, 4, 5);
    mask |= MI_SHUFFLE(mask, 1, 0, 3, 2, 5, 4, 7, 6);
    return mask[0] != 0;
}
MI_INLINE float mi_sum(vf v) {
    v += MI_SHUFFLE(v, 4, 5, 6, 7, 0, 1, 2, 3);
    v += MI_SHUFFLE(v, 2, 3, 0, 1, 6, 7, 4, 5);
    v += MI_SHUFFLE(v, 1, 0, 3, 2, 5, 4, 7, 6);
    return v[0];
}
MI_INLINE float mi_highest(vf v) {
    v = mi_max(v, MI_SHUFFLE(v, 4, 5, 6, 7, 0, 1, 2, 3));
    v = mi_max(v, MI_SHUFFLE(v, 2, 3, 0, 1, 6, 7, 4, 5));
    v = mi_max(v, MI_SHUFFLE(v, 1, 0, 3, 2, 5, 4, 7, 6));
    return v[0];
}
MI_INLINE float mi_lowest(vf v) {
    v = mi_min(v, MI_SHUFFLE(v, 4, 5, 6, 7, 0, 1, 2, 3));
    v = mi_min(v, MI_SHUFFLE(v, 2, 3, 0, 1, 6, 7, 4, 5));
    v = mi_min(v, MI_SHUFFLE(v, 1, 0, 3, 2, 5, 4, 7, 6));
    return v[0];
}

/* ---- exp ---- */

MI_INLINE vf mi_power_of_two(vi k) { return (vf)(((vu)k + 127u) << 23); }

/* x = k ln 2 + r, |r| <= ln 2 / 2, for x within [-105, 89]. Adding 1.5 * 2^23 rounds to the nearest whole number and
   leaves it in the low bits. ln 2 is subtracted in two parts: k times the first, which has 9 bits, is exact.
   Returns e^r - 1 = r + r^2 q(r); q fits (e^r - 1 - r) / r^2, weight r^2 / e^r, error 3.2e-9. */
MI_INLINE vf mi_exp_reduced(vf x, vi *k) {
    vf shifted = x * 1.44269504f + 12582912.0f;
    vf whole = shifted - 12582912.0f;
    vf r = (x - whole * 0.693359375f) + whole * 2.12194440e-4f;
    vf q = (((0.00138201355f * r + 0.00836868584f) * r + 0.0416682735f) * r + 0.166665211f) * r + 0.49999994f;
    *k = (vi)((vu)shifted - 0x4b400000u);
    return q * (r * r) + r;
}

MI_INLINE vf mi_exp(vf x) {
    vi k;
    vf e = mi_exp_reduced(mi_clip(x, mi_set1(-105.0f), mi_set1(89.0f)), &k);
    vi half = k >> 1; /* 2^k in two factors: alone it may be beyond the largest or below the smallest normal float */
    return (e + 1.0f) * mi_power_of_two(half) * mi_power_of_two(k - half);
}

/* For x <= 0, with the bound of exp; 0 below -87, so one power of two is enough, and nothing underflows: that takes
   some processors a hundred cycles. */
MI_INLINE vf mi_exp_of_negative(vf x) {
    vi k;
    vf e = mi_exp_reduced(mi_select(x < -87.0f, mi_set1(-87.0f), x), &k);
    return mi_select(x < -87.0f, (vf){0}, (e + 1.0f) * mi_power_of_two(k));
}

MI_INLINE vf mi_expm1(vf x) {
    vi k;
    vf e = mi_exp_reduced(mi_clip(x, mi_set1(-20.0f), mi_set1(89.0f)), &k);
    vf scale = mi_power_of_two(k - 1); /* half of 2^k, which would be infinite for the largest x */
    return mi_select(mi_abs(x) < 1e-10f, x, (scale * e + (scale - 0.5f)) * 2.0f);
}

/* ---- log ---- */

/* x = 2^k (1 + f), 1 + f within [sqrt(1/2), sqrt(2)); log(1 + f) = f - f^2 / 2 + f^3 p(f); p fits the rest over f^3,
   weight f^3 / log(1 + f), error 5.9e-9. ln 2 in two parts as for exp. */
MI_INLINE vf mi_log(vf x) {
    vi tiny = x < 1.17549435e-38f;
    vi bits = (vi)((vu)mi_select(tiny, x * 8388608.0f, x) - 0x3f3504f3u);
    vf k = __builtin_convertvector((bits >> 23) - (tiny & 23), vf);
    vf f = (vf)((bits & 0x7fffff) + 0x3f3504f3) - 1.0f;
    vf p = ((-0.0763643906f * f + 0.127622172f) * f - 0.131596103f) * f + 0.1420158f;
    p = (((p * f - 0.166234091f) * f + 0.200012416f) * f - 0.250008196f) * f + 0.333333313f;
    vf sum = k * 0.693359375f + f;
    vf rest = (k * 0.693359375f - sum) + f; /* what that sum lost, exactly */
    rest = (p * f - 0.5f) * (f * f) + (rest - k * 2.12194440e-4f);
    vf log = sum + rest;
    vf infinity = mi_set1(__builtin_inff());
    log = mi_select(x < infinity, log, infinity);
    log = mi_select(x == 0.0f, -infinity, log);
    return mi_select(x >= 0.0f, log, mi_set1(__builtin_nanf("")));
}

/* log(1 + x), with what rounding 1 + x lost added back to first order. */
MI_INLINE vf mi_log1p(vf x) {
    vf y = 1.0f + x;
    vf lost = mi_select(x < 1.0f, x - (y - 1.0f), 1.0f - (y - x));
    vf log = mi_log(y);
    return mi_select(mi_abs(log) < __builtin_inff(), log + lost / y, log);
}

/* ---- tanh, sigmoid ---- */

/* tanh |x| = (e^2|x| - 1) / (e^2|x| + 1); from |x| = 10 on it is 1. */
MI_INLINE vf mi_tanh(vf x) {
    vf e = mi_expm1(2.0f * mi_clip(mi_abs(x), (vf){0}, mi_set1(10.0f)));
    return mi_copysign(e / (e + 2.0f), x);
}

/* 1 / (1 + e^-x), with the exponential of a negative number alone, so that small results are right too. */
MI_INLINE vf mi_sigmoid(vf x) {
    vf e = mi_exp_of_negative(-mi_abs(x));
    return mi_select(x < 0.0f, e, mi_set1(1.0f)) / (1.0f + e);
}

/* ---- erf, GELU ---- */

/* erfc(t) = e^(-t p(t)) for t >= 0; p fits -log(erfc(t)) / t on [0, 5], weight t erfc(t), error 1.7e-8 in erfc.
   Beyond, p grows, and the result is 0 as it should be. */
MI_INLINE vf mi_erfc_of_positive(vf t) {
    vf p = ((3.07636401e-5f * t - 3.03982757e-4f) * t + 1.0189655e-3f) * t + 5.55639446e-4f;
    p = (((p * t - 0.0195977055f) * t + 0.102924779f) * t + 0.636596859f) * t + 1.1283803f;
    return mi_exp_of_negative(-t * p);
}

/* Near 0, x + x p(x^2); p fits erf(x) / x - 1 for |x| <= 3/4, weight x / erf(x), error 1.7e-9. */
MI_INLINE vf mi_erf(vf x) {
    vf t = mi_abs(x);
    vf square = x * x;
    vf p = (-6.7375839e-4f * square + 5.11315698e-3f) * square - 0.0268343352f;
    p = ((p * square + 0.11283379f) * square - 0.3761262f) * square + 0.128379166f;
    return mi_select(t < 0.75f, p * x + x, mi_copysign(1.0f - mi_erfc_of_positive(t), x));
}

/* x / 2 (1 + erf(x / sqrt(2))) = x / 2 erfc(-x / sqrt(2)): for negative x nothing cancels. */
MI_INLINE vf mi_gelu(vf x) {
    vf c = mi_erfc_of_positive(mi_abs(x) * 0.707106781f);
    return 0.5f * x * mi_select(x < 0.0f, c, 2.0f - c);
}

/* x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), by 1 + tanh(u) = 2 sigmoid(2 u). */
MI_INLINE vf mi_gelu_tanh(vf x) { return x * mi_sigmoid(x * (1.59576912f + 0.0713548163f * (x * x))); }

/* ---- sin, cos ---- */

/* x = n pi / 2 + r for |x| >= 8192, infinite or NaN: x / (2 pi) modulo 1 in whole numbers, to 2^-64, from the 96 bits
   of 1 / (2 pi) that x does not turn into full turns (Payne and Hanek). */
static __attribute__((noinline, unused)) float mi_reduce_large(float x, int32_t *n) {
    static const uint32_t turn[8] = {0,          0x28be60db, 0x9391054a, 0x7f09d5f4,
                                     0x7d4d3770, 0x36d8a566, 0x4f10e410, 0x7f9458ea};
    uint32_t bits;
    __builtin_memcpy(&bits, &x, sizeof bits);
    uint32_t exponent = bits >> 23 & 255;
    *n = 0;
    if (exponent == 255) return x - x;
    uint64_t digits = (bits & 0x7fffff) | 0x800000;
    uint32_t skip = exponent - 150 + 32; /* x = digits * 2^(exponent - 150), and the table begins with 32 zeros */
    const uint32_t *word = turn + skip / 32;
    uint64_t high = (uint64_t)word[0] << 32 | word[1], low = (uint64_t)word[2] << 32 | word[3];
    if (skip % 32) {
        high = high << skip % 32 | low >> (64 - skip % 32);
        low <<= skip % 32;
    }
    uint64_t part = (digits * (high >> 32) << 32) + digits * (high & 0xffffffff) + (digits * (low >> 32) >> 32);
    uint64_t quarters = (part + (1ull << 61)) >> 62;
    float r = (float)((double)(int64_t)(part - (quarters << 62)) * 3.4061215800304562e-19); /* 2 pi / 2^64 */
    *n = bits >> 31 ? -(int32_t)quarters : (int32_t)quarters;
    return bits >> 31 ? -r : r;
}

/* sin(x + quarter pi / 2). pi / 2 is subtracted in four parts, n times the first three of 11 bits each being exact.
   sin r = r + r^3 s(r^2), weight r^3 / sin(r), error 4.0e-9; cos r = 1 - r^2 / 2 + r^4 c(r^2), weight r^4 / cos(r),
   error 1.2e-10, for |r| <= pi / 4. */
MI_INLINE vf mi_sin_shifted(vf x, uint32_t quarter) {
    vf shifted = x * 0.636619772f + 12582912.0f;
    vf whole = shifted - 12582912.0f;
    vi n = (vi)((vu)shifted - 0x4b400000u);
    vf r = ((x - whole * 1.5703125f) - whole * 4.837512969970703e-4f) - whole * 7.549533620476723e-8f;
    r = r - whole * 2.563344e-12f;
    vi large = ~(mi_abs(x) < 8192.0f);
    if (mi_any(large)) {
        for (int i = 0; i < VL; i++) {
            int32_t lane = n[i];
            if (large[i]) {
                r[i] = mi_reduce_large(x[i], &lane);
                n[i] = lane;
            }
        }
    }
    n = (vi)((vu)n + quarter);
    vf square = r * r;
    vf sine = (((-1.95180997e-4f * square + 8.33218824e-3f) * square - 0.166666552f) * square) * r + r;
    vf quartic = (2.44325529e-5f * square - 1.38873106e-3f) * square + 0.0416666456f;
    vf cosine = quartic * (square * square) + (1.0f - 0.5f * square);
    vf result = mi_select((n & 1) == 1, cosine, sine);
    return (vf)((vu)result ^ ((vu)(n & 2) << 30));
}

MI_INLINE vf mi_sin(vf x) { return mi_sin_shifted(x, 0); }
MI_INLINE vf mi_cos(vf x) { return mi_sin_shifted(x, 1); }

/* ---- the same on one float: one lane of the same instructions, so the same bits ---- */
MI_INLINE float mi_min1(float x, float y) { return mi_min(mi_set1(x), mi_set1(y))[0]; }
MI_INLINE float mi_max1(float x, float y) { return mi_max(mi_set1(x), mi_set1(y))[0]; }
MI_INLINE float mi_clip1(float x, float low, float high) {
    return mi_clip(mi_set1(x), mi_set1(low), mi_set1(high))[0];
}
MI_INLINE float mi_abs1(float x) { return mi_abs(mi_set1(x))[0]; }
MI_INLINE float mi_relu1(float x) { return mi_relu(mi_set1(x))[0]; }
MI_INLINE float mi_sqrt1(float x) { return mi_sqrt(mi_set1(x))[0]; }
MI_INLINE float mi_round1(float x) { return mi_round(mi_set1(x))[0]; }
MI_INLINE float mi_floor1(float x) { return mi_floor(mi_set1(x))[0]; }
MI_INLINE float mi_ceil1(float x) { return mi_ceil(mi_set1(x))[0]; }
MI_INLINE float mi_exp1(float x) { return mi_exp(mi_set1(x))[0]; }
MI_INLINE float mi_expm11(float x) { return mi_expm1(mi_set1(x))[0]; }
MI_INLINE float mi_log1(float x) { return mi_log(mi_set1(x))[0]; }
MI_INLINE float mi_log1p1(float x) { return mi_log1p(mi_set1(x))[0]; }
MI_INLINE float mi_tanh1(float x) { return mi_tanh(mi_set1(x))[0]; }
MI_INLINE float mi_sigmoid1(float x) { return mi_sigmoid(mi_set1(x))[0]; }
MI_INLINE float mi_erf1(float x) { return mi_erf(mi_set1(x))[0]; }
MI_INLINE float mi_gelu1(float x) { return mi_gelu(mi_set1(x))[0]; }
MI_INLINE float mi_gelu_tanh1(float x) { return mi_gelu_tanh(mi_set1(x))[0]; }
MI_INLINE float mi_sin1(float x) { return mi_sin(mi_set1(x))[0]; }
MI_INLINE float mi_cos1(float x) { return mi_cos(mi_set1(x))[0]; }

#endif
