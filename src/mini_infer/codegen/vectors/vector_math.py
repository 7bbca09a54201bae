"""Elementary functions on vectors, as C text.

Bounds on the error against float64, tested, in units in the last place of the result (for results below the smallest
normal float: in its units); for GELU, where the result is small because terms cancel, in units of 2^-24 max(1, |x|).
Beside them the largest error met on every seventh float32, with AVX-512 and fused multiply-add, and with neither:

=========  =====  ============  ==================================================================
exp         1.1   1.01 | 0.98   inf from 88.72284, gradual underflow, 0 from -104
expm1       1.7   1.45 | 1.57
log         1.0   0.86 | 0.93   log 0 = -inf, NaN for negative numbers
log1p       1.6   1.44 | 1.44   log1p -1 = -inf, NaN below
tanh        2.8   2.60 | 2.67
sigmoid     2.5   2.34 | 2.34   0 below -87
erf         1.6   1.38 | 1.47
gelu        2.0   1.80 | 1.80
gelu_tanh   2.7   2.49 | 2.49
sin         2.5   2.29 | 2.29    for every size of x; NaN for infinities
cos         2.5   2.33 | 2.33    as sin
=========  =====  ============  ==================================================================

The polynomials are minimax fits: least squares in float64 on 2000 Chebyshev nodes, weighted again and again by the
error of each node (Lawson's method) with the weight that the comment names, then rounded to float32 one coefficient
after the other from the lowest, each time fitting the rest anew. The reductions are those of Cephes and fdlibm.
"""

MATH_NAMES = ("exp", "expm1", "log", "log1p", "tanh", "sigmoid", "erf", "gelu", "gelu_tanh", "sin", "cos")
"""The functions ``mi_NAME`` of one argument that `MATH` defines."""

_EXP = """
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
"""

_LOG = """
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
"""

_SIGMOIDS = """
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
"""

_ERF = """
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
"""

_SIN = """
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
"""

MATH = _EXP + _LOG + _SIGMOIDS + _ERF + _SIN
"""C text that follows the types and the exact functions of the prelude."""
