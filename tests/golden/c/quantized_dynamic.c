/* g: 5 steps in an arena of 772 bytes. */
#include "prelude.h"

#define AT_q 128 /* q: 64 bytes, steps [0, 2) */
#define AT_s 768 /* s: 4 bytes, steps [0, 5) */
#define AT_z 192 /* z: 1 bytes, steps [0, 2) */
#define AT_p 384 /* p: 384 bytes, steps [1, 3) */
#define AT_f 0 /* f: 384 bytes, steps [2, 5) */
#define AT_MatMulInteger_1_workspace0 0 /* MatMulInteger_1/workspace0: 128 bytes, steps [1, 2) */

static void dynamic_range_0(const float *restrict x, float *restrict scale, uint8_t *restrict zero, long begin, long end) {
for (long item = begin; item < end; ++item) {
  float low = 0, high = 0;
  for (long j = 0; j < 64; ++j) {
    low = x[j] < low ? x[j] : low;
    high = x[j] > high ? x[j] : high;
  }
  const float step = (low == high ? 1 : high - low) / 255;
  const float origin = -low / step;
  *scale = step;
  *zero = (uint8_t)__builtin_rintf(origin > 0 ? origin < 255 ? origin : 255 : 0);
}
}

/* Of numbers as wide as bytes and twice that, as many as a `vf` has. */
typedef uint8_t mi_u8 __attribute__((vector_size(8), aligned(1), may_alias));
typedef int8_t mi_s8 __attribute__((vector_size(8), aligned(1), may_alias));
typedef uint16_t mi_u16 __attribute__((vector_size(2 * 8)));
typedef int16_t mi_s16 __attribute__((vector_size(2 * 8)));

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

MI_INLINE vf mi_load_u8(const uint8_t *p) { return mi_of_u8(*(const mi_u8 *)p); }
MI_INLINE vf mi_load_u8_n(const uint8_t *p, int n) {
    mi_u8 v = {0};
    __builtin_memcpy(&v, p, (uint32_t)n * sizeof(uint8_t));
    return mi_of_u8(v);
}
MI_INLINE void mi_store_u8(uint8_t *p, vf v) { *(mi_u8 *)p = mi_to_u8(v); }
MI_INLINE void mi_store_u8_n(uint8_t *p, vf v, int n) {
    const mi_u8 whole = mi_to_u8(v);
    __builtin_memcpy(p, &whole, (uint32_t)n);
}

MI_INLINE vf mi_load_s8(const int8_t *p) { return mi_of_s8(*(const mi_s8 *)p); }
MI_INLINE vf mi_load_s8_n(const int8_t *p, int n) {
    mi_s8 v = {0};
    __builtin_memcpy(&v, p, (uint32_t)n * sizeof(int8_t));
    return mi_of_s8(v);
}
MI_INLINE void mi_store_s8(int8_t *p, vf v) { *(mi_s8 *)p = mi_to_s8(v); }
MI_INLINE void mi_store_s8_n(int8_t *p, vf v, int n) {
    const mi_s8 whole = mi_to_s8(v);
    __builtin_memcpy(p, &whole, (uint32_t)n);
}

MI_INLINE vf mi_load_s32(const int32_t *p) { return mi_of_s32(*(const vi *)p); }
MI_INLINE vf mi_load_s32_n(const int32_t *p, int n) {
    vi v = {0};
    __builtin_memcpy(&v, p, (uint32_t)n * sizeof(int32_t));
    return mi_of_s32(v);
}

/* The whole number nearest to x, ties to even, plus another, no less than low and no more than high; NaN gives 0.
   Below 2^22 adding and subtracting 1.5 * 2^23 rounds. */
MI_INLINE vf mi_quantize(vf x, vf zero, float low, float high) {
    vf near = (mi_clip(x, low - zero, high - zero) + 12582912.0f) - 12582912.0f;
    return mi_select(x == x, near + zero, (vf){0});
}

static void elementwise_1(const float *restrict x0, const float *restrict x1, const uint8_t *restrict x2, uint8_t *restrict y, long begin, long end) {
const long start = begin * 4096, stop = end == 1 ? 64 : end * 4096;
const vf s1 = mi_set1(x1[0]);
const vf s2 = mi_set1(x2[0]);
long j = start;
for (; j <= stop - 8; j += 8) {
  const vf t0 = mi_load(&x0[j]);
  const vf t1 = t0 / s1;
  const vf t2 = s2;
  const vf t3 = mi_quantize(t1, t2, 0.0f, 255.0f);
  mi_store_u8(&y[j], t3);
}
}

static void elementwise_2(const uint8_t *restrict x0, const uint8_t *restrict x1, int16_t *restrict y, long begin, long end) {
const long start = begin * 4096, stop = end == 1 ? 64 : end * 4096;
const uint8_t s1 = x1[0];
for (long j = start; j < stop; ++j) {
  const uint8_t t0 = x0[j];
  const int16_t t1 = (int16_t)t0;
  const int16_t t2 = (int16_t)s1;
  const int16_t t3 = (int16_t)((uint32_t)t1 - (uint32_t)t2);
  y[j] = t3;
}
}

typedef int16_t mi_shorts __attribute__((vector_size(32), aligned(2), may_alias));
typedef int32_t mi_products __attribute__((vector_size(64)));
MI_INLINE mi_shorts mi_pair(const int16_t *p) {
  int32_t pair;
  __builtin_memcpy(&pair, p, sizeof pair);
  return (mi_shorts)(pair - (vi){0});
}
#if defined(__clang__) || __GNUC__ >= 12
MI_INLINE vi mi_pairs(mi_shorts a, mi_shorts b) {
  const mi_products p = __builtin_convertvector(a, mi_products) * __builtin_convertvector(b, mi_products);
  return __builtin_shufflevector(p, p, 0, 2, 4, 6, 8, 10, 12, 14) + __builtin_shufflevector(p, p, 1, 3, 5, 7, 9, 11, 13, 15);
}
#else
MI_INLINE vi mi_pairs(mi_shorts a, mi_shorts b) {
  vi sum;
  for (int i = 0; i < VL; ++i) sum[i] = a[2 * i] * b[2 * i] + a[2 * i + 1] * b[2 * i + 1];
  return sum;
}
#endif

static void gemm_3(const int16_t *restrict a, const int16_t *restrict b, int32_t *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long block = 0, row = item;
  const long o = row % 2 * 2;
  const int16_t *const weight = b + (block * 384);
  const long a_at = 0;
  const long y_at = 0 + (0 * 24 + block * 24) * 1;
  vi a0_0 = (vi){0};
  vi a0_1 = (vi){0};
  vi a0_2 = (vi){0};
  vi a1_0 = (vi){0};
  vi a1_1 = (vi){0};
  vi a1_2 = (vi){0};
  {
    const int16_t *p = a + (a_at + (o * 1 + 0 * 1 + 0) * 16), *q = weight + 0 * 384;
    for (long i = 0; i < 8; ++i, p += 2, q += 48) {
      { const mi_shorts w0 = *(const mi_shorts *)(q + 0); const mi_shorts w1 = *(const mi_shorts *)(q + 16); const mi_shorts w2 = *(const mi_shorts *)(q + 32);
        { const mi_shorts s = mi_pair(&p[0]); a0_0 += mi_pairs(s, w0); a0_1 += mi_pairs(s, w1); a0_2 += mi_pairs(s, w2); }
        { const mi_shorts s = mi_pair(&p[16]); a1_0 += mi_pairs(s, w0); a1_1 += mi_pairs(s, w1); a1_2 += mi_pairs(s, w2); }
      } __asm__ volatile("" ::: "memory");
    }
  }
  int32_t *const out = y + (y_at + o * 24);
  __builtin_memcpy(out + 0, &a0_0, 32);
  __builtin_memcpy(out + 8, &a0_1, 32);
  __builtin_memcpy(out + 16, &a0_2, 32);
  __builtin_memcpy(out + 24, &a1_0, 32);
  __builtin_memcpy(out + 32, &a1_1, 32);
  __builtin_memcpy(out + 40, &a1_2, 32);
}
}

static void elementwise_4(const int32_t *restrict x0, float *restrict y, long begin, long end) {
const long start = begin * 4096, stop = end == 1 ? 96 : end * 4096;
for (long j = start; j < stop; ++j) {
  const int32_t t0 = x0[j];
  const float t1 = (float)t0;
  y[j] = t1;
}
}

static void elementwise_5(float *restrict y, long begin, long end) {
const long start = begin * 4096, stop = end == 1 ? 1 : end * 4096;
for (long j = start; j < stop; ++j) {
  const float t0 = y[j * 0];
  const float t1 = 0.5f;
  const float t2 = t0 * t1;
  y[j * 0] = t2;
}
}

static void elementwise_6(const float *restrict x0, const float *restrict x1, float *restrict y, long begin, long end) {
const long start = begin * 4096, stop = end == 1 ? 96 : end * 4096;
const vf s1 = mi_set1(x1[0]);
long j = start;
for (; j <= stop - 8; j += 8) {
  const vf t0 = mi_load(&x0[j]);
  const vf t1 = t0 * s1;
  mi_store(&y[j], t1);
}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: DynamicQuantizeLinear_0: DynamicQuantizeLinear */
  dynamic_range_0((const void *)((const uint8_t *)inputs[0]), (void *)(arena + AT_s), (void *)(arena + AT_z), 0, 1);
  elementwise_1((const void *)((const uint8_t *)inputs[0]), (const void *)(arena + AT_s), (const void *)(arena + AT_z), (void *)(arena + AT_q), 0, 1);
  /* 1: MatMulInteger_1: MatMulInteger */
  elementwise_2((const void *)(arena + AT_q), (const void *)(arena + AT_z), (void *)(arena + AT_MatMulInteger_1_workspace0), 0, 1);
  gemm_3((const void *)(arena + AT_MatMulInteger_1_workspace0), (const void *)(constants + 0), (void *)(arena + AT_p), 0, 2);
  /* 2: Cast_2: Cast */
  elementwise_4((const void *)(arena + AT_p), (void *)(arena + AT_f), 0, 1);
  /* 3: Mul_3: Mul */
  elementwise_5((void *)(arena + AT_s), 0, 1);
  /* 4: Mul_4: Mul */
  elementwise_6((const void *)(arena + AT_f), (const void *)(arena + AT_s), (void *)((uint8_t *)outputs[0]), 0, 1);
  return 0;
}
