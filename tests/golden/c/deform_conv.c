/* g: 1 steps in an arena of 1280 bytes. */
#include "prelude.h"

#define AT_DeformConv_0_workspace0 0 /* DeformConv_0/workspace0: 1280 bytes, steps [0, 1) */

static inline void mi_between(double x, long size, long *at, double *weights) {
  x = x > -2 ? x < (double)size + 1 ? x : (double)size + 1 : -2; /* NaN too */
  const double whole = __builtin_floor(x);
  const long i = (long)whole;
  for (long k = 0; k < 2; ++k) {
    const double weight = k ? x - whole : 1 - (x - whole);
    weights[k] = i + k >= 0 && i + k < size ? weight : 0;
    at[k] = i + k < 0 ? 0 : i + k < size ? i + k : size - 1;
  }
}

static void deform_conv_0(const float *restrict x, const float *restrict w, const float *restrict offset, const float *restrict bias, const float *restrict mask, float *restrict columns, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long n = item / 1, first = item % 1 * 20, count = 20;
  for (long g = 0; g < 1; ++g) {
    for (long s = 0; s < count; ++s) {
      const long at = first + s;
      const long o0 = at / 5 % 4;
      const long o1 = at / 1 % 5;
      for (long k0 = 0; k0 < 2; ++k0) {
        for (long k1 = 0; k1 < 2; ++k1) {
          const long t = (k0) * 2 + k1, window = (n * 1 + g) * 4 + t;
          const float *const moved = offset + window * 40 + at;
          long to[2][2];
          double near[2][2];
          mi_between((double)(o0 * 1 + k0 * 1 - 0) + (double)moved[0], 5, to[0], near[0]);
          mi_between((double)(o1 * 1 + k1 * 1 - 0) + (double)moved[20], 6, to[1], near[1]);
          const long at0 = to[0][0] * 6 + to[1][0] * 1;
          const float weight0 = (float)(near[0][0] * near[1][0]);
          const long at1 = to[0][0] * 6 + to[1][1] * 1;
          const float weight1 = (float)(near[0][0] * near[1][1]);
          const long at2 = to[0][1] * 6 + to[1][0] * 1;
          const float weight2 = (float)(near[0][1] * near[1][0]);
          const long at3 = to[0][1] * 6 + to[1][1] * 1;
          const float weight3 = (float)(near[0][1] * near[1][1]);
          const float share = (float)mask[window * 20 + at];
          for (long c = 0; c < 4; ++c) {
            const float *const channel = x + (n * 4 + g * 4 + c) * 30;
            float value = 0;
            if (weight0 != 0) value += weight0 * (float)channel[at0];
            if (weight1 != 0) value += weight1 * (float)channel[at1];
            if (weight2 != 0) value += weight2 * (float)channel[at2];
            if (weight3 != 0) value += weight3 * (float)channel[at3];
            columns[((g * 4 + c) * 4 + t) * 20 + s] = value * share;
          }
        }
      }
    }
  }
  for (long m = 0; m < 2; ++m) {
    const float *const row = w + m * 16;
    const float *const column = columns + m / 2 * 320;
    float sums[20];
    for (long s = 0; s < 20; ++s) sums[s] = (float)bias[m];
    for (long k = 0; k < 16; ++k) {
      for (long s = 0; s < count; ++s) sums[s] += (float)row[k] * column[k * 20 + s];
    }
    float *const to = y + (n * 2 + m) * 20 + first;
    for (long s = 0; s < count; ++s) to[s] = (float)sums[s];
  }
}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: DeformConv_0: DeformConv */
  deform_conv_0((const void *)((const uint8_t *)inputs[0]), (const void *)(constants + 0), (const void *)((const uint8_t *)inputs[1]), (const void *)(constants + 128), (const void *)((const uint8_t *)inputs[2]), (void *)(arena + AT_DeformConv_0_workspace0), (void *)((uint8_t *)outputs[0]), 0, 1);
  return 0;
}
