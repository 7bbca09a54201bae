/* g: 2 steps in an arena of 0 bytes. */
#include "prelude.h"


static inline void mi_sample_zeros_2_float(double x, long size,
    long *at, float *weights) {
  x = x > -1000000000 ? x < 1000000000 ? x : 1000000000 : -1000000000; /* NaN too */
  
  
  const double whole = __builtin_floor(x);
  const float part = (float)(x - whole);
  weights[0] = 1 - part;
  weights[1] = part;
  for (int t = 0; t < 2; ++t) {
    const long i = (long)whole + t;
    if (i < 0 || i >= size) weights[t] = 0;
    const long j = i;
    at[t] = j < 0 ? 0 : j >= size ? size - 1 : j;
  }
}

static void grid_sample_0(const float *restrict x, const float *restrict grid, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const float *const position = grid + item * 2;
  long at[2][2];
  float weights[2][2];
  mi_sample_zeros_2_float((((double)position[1] + 1) * 4 - 1) / 2, 4, at[0], weights[0]);
  mi_sample_zeros_2_float((((double)position[0] + 1) * 4 - 1) / 2, 4, at[1], weights[1]);
  const long n = item / 9, sample = item % 9;
  for (long c = 0; c < 2; ++c) {
    const float *const channel = x + (n * 2 + c) * 16;
    float sum = 0;
    for (int t0 = 0; t0 < 2; ++t0) {
      for (int t1 = 0; t1 < 2; ++t1) {
        const float weight = weights[0][t0] * weights[1][t1];
        if (weight != 0) sum += weight * channel[at[0][t0] * 4 + at[1][t1] * 1];
      }
    }
    y[(n * 2 + c) * 9 + sample] = sum;
  }
}
}

static inline void mi_sample_border_1_float(double x, long size, double low, double high,
    long *at, float *weights) {
  x = x > -1000000000 ? x < 1000000000 ? x : 1000000000 : -1000000000; /* NaN too */
  x = __builtin_rint(x);
  x = x < low ? 0 : x > high ? (double)(size - 1) : x;
  
  weights[0] = 1;
  for (int t = 0; t < 1; ++t) {
    const long i = (long)x + t;
    const long j = i;
    at[t] = j < 0 ? 0 : j >= size ? size - 1 : j;
  }
}

static void grid_sample_1(const float *restrict x, const float *restrict grid, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const float *const position = grid + item * 2;
  long at[2][1];
  float weights[2][1];
  mi_sample_border_1_float(((double)position[1] + 1) / 2 * 3, 4, 0, 3, at[0], weights[0]);
  mi_sample_border_1_float(((double)position[0] + 1) / 2 * 3, 4, 0, 3, at[1], weights[1]);
  const long n = item / 9, sample = item % 9;
  for (long c = 0; c < 2; ++c) {
    const float *const channel = x + (n * 2 + c) * 16;
    float sum = 0;
    for (int t0 = 0; t0 < 1; ++t0) {
      for (int t1 = 0; t1 < 1; ++t1) {
        const float weight = weights[0][t0] * weights[1][t1];
        if (weight != 0) sum += weight * channel[at[0][t0] * 4 + at[1][t1] * 1];
      }
    }
    y[(n * 2 + c) * 9 + sample] = sum;
  }
}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: GridSample_0: GridSample */
  grid_sample_0((const void *)((const uint8_t *)inputs[0]), (const void *)((const uint8_t *)inputs[1]), (void *)((uint8_t *)outputs[0]), 0, 9);
  /* 1: GridSample_1: GridSample */
  grid_sample_1((const void *)((const uint8_t *)inputs[0]), (const void *)((const uint8_t *)inputs[1]), (void *)((uint8_t *)outputs[1]), 0, 9);
  return 0;
}
