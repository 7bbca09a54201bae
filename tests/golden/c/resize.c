/* g: 3 steps in an arena of 256 bytes. */
#include "prelude.h"

#define AT_Resize_1_workspace0 0 /* Resize_1/workspace0: 192 bytes, steps [1, 2) */
#define AT_Resize_2_workspace0 0 /* Resize_2/workspace0: 256 bytes, steps [2, 3) */

static void sample_nearest_0(const float *restrict x, const int32_t *restrict indices, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item / 128;
  const long i1 = item / 64 % 2;
  const long i2 = item / 8 % 8;
  const long i3 = item % 8;
  const long o = i0 * 128 + i1 * 64 + i2 * 8 + i3 * 1;
  const long start = i0 * 32 + i1 * 16;
  const long k2 = i2 * 1;
  const long k3 = i3 * 1;
  const long p2 = indices[0 + k2];
  const long p3 = indices[8 + k3];
  const float *from = x + (start + p2 * 4 + p3 * 1);
  y[o] = *from;
}
}

static void sample_weighted_1(const float *restrict x, const int32_t *restrict indices, const float *restrict weights, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const int32_t *at = indices + item % 6 * 2;
  const float *w = weights + item % 6 * 2;
  const float *from = x + item / 6 * 16;
  float *to = y + item * 4;
  const float *x0 = from + at[0] * 4L, *x1 = from + at[1] * 4L;
  const float w0 = w[0], w1 = w[1];
  for (long i = 0; i < 4; ++i) {
    const float sum = w0 * (float)x0[i] + w1 * (float)x1[i];
    const float t0 = (float)sum;
    to[i] = t0;
  }
}
}

static void sample_weighted_2(const float *restrict x, const int32_t *restrict indices, const float *restrict weights, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  for (long j = 0; j < 6; ++j) {
    const int32_t *at = indices + j * 2;
    const float *w = weights + j * 2;
    const float *from = x + item * 4;
    float *to = y + (item * 6 + j);
    const float *x0 = from + at[0] * 1L, *x1 = from + at[1] * 1L;
    const float w0 = w[0], w1 = w[1];
    for (long i = 0; i < 1; ++i) {
      const float sum = w0 * (float)x0[i] + w1 * (float)x1[i];
      const float t0 = (float)sum;
      to[i] = t0;
    }
  }
}
}

static void sample_weighted_3(const float *restrict x, const int32_t *restrict indices, const float *restrict weights, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const int32_t *at = indices + item % 8 * 4;
  const float *w = weights + item % 8 * 4;
  const float *from = x + item / 8 * 16;
  float *to = y + item * 4;
  const float *x0 = from + at[0] * 4L, *x1 = from + at[1] * 4L, *x2 = from + at[2] * 4L, *x3 = from + at[3] * 4L;
  const float w0 = w[0], w1 = w[1], w2 = w[2], w3 = w[3];
  for (long i = 0; i < 4; ++i) {
    const float sum = w0 * (float)x0[i] + w1 * (float)x1[i] + w2 * (float)x2[i] + w3 * (float)x3[i];
    const float t0 = (float)sum;
    to[i] = t0;
  }
}
}

static void sample_weighted_4(const float *restrict x, const int32_t *restrict indices, const float *restrict weights, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  for (long j = 0; j < 8; ++j) {
    const int32_t *at = indices + j * 4;
    const float *w = weights + j * 4;
    const float *from = x + item * 4;
    float *to = y + (item * 8 + j);
    const float *x0 = from + at[0] * 1L, *x1 = from + at[1] * 1L, *x2 = from + at[2] * 1L, *x3 = from + at[3] * 1L;
    const float w0 = w[0], w1 = w[1], w2 = w[2], w3 = w[3];
    for (long i = 0; i < 1; ++i) {
      const float sum = w0 * (float)x0[i] + w1 * (float)x1[i] + w2 * (float)x2[i] + w3 * (float)x3[i];
      const float t0 = (float)sum;
      to[i] = t0;
    }
  }
}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: Resize_0: Resize */
  sample_nearest_0((const void *)((const uint8_t *)inputs[0]), (const void *)(constants + 0), (void *)((uint8_t *)outputs[0]), 0, 128);
  /* 1: Resize_1: Resize */
  sample_weighted_1((const void *)((const uint8_t *)inputs[0]), (const void *)(constants + 64), (const void *)(constants + 128), (void *)(arena + AT_Resize_1_workspace0), 0, 12);
  sample_weighted_2((const void *)(arena + AT_Resize_1_workspace0), (const void *)(constants + 192), (const void *)(constants + 256), (void *)((uint8_t *)outputs[1]), 0, 12);
  /* 2: Resize_2: Resize */
  sample_weighted_3((const void *)((const uint8_t *)inputs[0]), (const void *)(constants + 320), (const void *)(constants + 448), (void *)(arena + AT_Resize_2_workspace0), 0, 16);
  sample_weighted_4((const void *)(arena + AT_Resize_2_workspace0), (const void *)(constants + 576), (const void *)(constants + 704), (void *)((uint8_t *)outputs[2]), 0, 16);
  return 0;
}
