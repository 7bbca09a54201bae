/* g: 3 steps in an arena of 192 bytes. */
#include "prelude.h"

#define AT_f 0 /* f: 192 bytes, steps [1, 3) */

static void elementwise_0(const float *restrict x0, const float *restrict x1, const float *restrict x2, const float *restrict x3, const uint8_t *restrict x4, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item / 3;
  const long i1 = item % 3;
  const long o0 = i0 * 24 + i1 * 8;
  const long o1 = i1 * 1;
  const long o2 = 0;
  const long o3 = 0;
  const long o4 = i0 * 24 + i1 * 8;
  const long o = i0 * 24 + i1 * 8;
  const float s1 = x1[o1];
  const float s3 = x3[o3];
  for (long j = 0; j < 8; ++j) {
    const float t0 = x0[o0 + j];
    const float t1 = x2[o2 + j];
    const uint8_t t2 = x4[o4 + j];
    const float t3 = t0 + s1;
    const float t4 = t3 * t1;
    const float t5 = __builtin_erff(t4);
    const float t6 = t5 - s3;
    const float t7 = t2 ? t6 : t0;
    y[o + j] = t7;
  }
}
}

static void elementwise_1(const float *restrict x0, float *restrict y, long begin, long end) {
const long start = begin * 4096, stop = end == 1 ? 48 : end * 4096;
long j = start;
for (; j <= stop - 8; j += 8) {
  const vf t0 = mi_load(&x0[j]);
  const vf t1 = mi_floor(t0);
  mi_store(&y[j], t1);
}
}

static inline int32_t mi_int32_of_float(float x) {
  return x != x ? 0 : x >= 2147483648.0f ? INT32_MAX : x < -2147483648.0f ? INT32_MIN : (int32_t)x;
}

static void elementwise_2(const float *restrict x0, int32_t *restrict y, long begin, long end) {
const long start = begin * 4096, stop = end == 1 ? 48 : end * 4096;
for (long j = start; j < stop; ++j) {
  const float t0 = x0[j];
  const int32_t t1 = (int32_t)mi_int32_of_float(t0);
  y[j] = t1;
}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: Where_4: Add + Mul + Erf + Sub + Where */
  elementwise_0((const void *)((const uint8_t *)inputs[0]), (const void *)((const uint8_t *)inputs[1]), (const void *)((const uint8_t *)inputs[2]), (const void *)((const uint8_t *)inputs[3]), (const void *)((const uint8_t *)inputs[4]), (void *)((uint8_t *)outputs[0]), 0, 6);
  /* 1: Floor_5: Floor */
  elementwise_1((const void *)((const uint8_t *)inputs[0]), (void *)(arena + AT_f), 0, 1);
  /* 2: Cast_6: Cast */
  elementwise_2((const void *)(arena + AT_f), (void *)((uint8_t *)outputs[1]), 0, 1);
  return 0;
}
