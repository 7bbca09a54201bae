/* g: 2 steps in an arena of 24 bytes. */
#include "prelude.h"

#define AT_q 0 /* q: 24 bytes, steps [0, 2) */

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

static void elementwise_0(const float *restrict x0, const float *restrict x1, const uint8_t *restrict x2, uint8_t *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item / 3;
  const long i1 = item % 3;
  const long o0 = i0 * 12 + i1 * 4;
  const long o1 = i1 * 1;
  const long o2 = i1 * 1;
  const long o = i0 * 12 + i1 * 4;
  const vf s1 = mi_set1(x1[o1]);
  const vf s2 = mi_set1(x2[o2]);
  long j = 0;
  if (j < 4) {
    const vf t0 = mi_load_n(&x0[o0 + j], 4);
    const vf t1 = t0 / s1;
    const vf t2 = s2;
    const vu t3 = mi_quantize_bytes(t1, t2, 0.0f, 255.0f);
    mi_store_bytes_n(&y[o + j], t3, 4);
  }
}
}

static void elementwise_1(const uint8_t *restrict x0, const float *restrict x1, const uint8_t *restrict x2, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item / 3;
  const long i1 = item % 3;
  const long o0 = i0 * 12 + i1 * 4;
  const long o1 = i1 * 1;
  const long o2 = i1 * 1;
  const long o = i0 * 12 + i1 * 4;
  const vf s1 = mi_set1(x1[o1]);
  const vf s2 = mi_set1(x2[o2]);
  long j = 0;
  if (j < 4) {
    const vf t0 = mi_load_u8_n(&x0[o0 + j], 4);
    const vf t1 = t0;
    const vf t2 = s2;
    const vf t3 = t1 - t2;
    const vf t4 = t3 * s1;
    mi_store_n(&y[o + j], t4, 4);
  }
}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: QuantizeLinear_0: QuantizeLinear */
  elementwise_0((const void *)((const uint8_t *)inputs[0]), (const void *)(constants + 0), (const void *)(constants + 64), (void *)(arena + AT_q), 0, 6);
  /* 1: DequantizeLinear_1: DequantizeLinear */
  elementwise_1((const void *)(arena + AT_q), (const void *)(constants + 0), (const void *)(constants + 64), (void *)((uint8_t *)outputs[0]), 0, 6);
  return 0;
}
