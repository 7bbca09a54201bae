/* g: 2 steps in an arena of 48 bytes. */
#include "prelude.h"

#define AT_LinearAttention_1_workspace0 0 /* LinearAttention_1/workspace0: 48 bytes, steps [1, 2) */

static void causal_conv_0(const float *restrict x, const float *restrict weights, const float *restrict bias, float *restrict y, float *restrict next, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long c = item % 8;
  for (long t = 0; t < 6; ++t) {
    float sum = (float)bias[c];
    for (long k = 0; k < 4; ++k) {
      const long at = t + k;
      sum += (float)weights[c * 4 + k] * (at < 3 ? 0 : (float)x[item * 6 + at - 3]);
    }
    sum = sum / (1 + __builtin_expf(-sum));
    y[item * 6 + t] = (float)sum;
  }
  for (long k = 0; k < 3; ++k) {
    const long at = 6 + k;
    next[item * 3 + k] = (float)(at < 3 ? 0 : (float)x[item * 6 + at - 3]);
  }
}
}

static void linear_attention_1(const float *restrict q, const float *restrict k, const float *restrict v, const float *restrict state, const float *restrict decay, const float *restrict beta, float *restrict y, float *restrict present, float *restrict scratch, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long n = item / 2, h = item % 2;
  float *const s = scratch + item * 6;
  for (long j = 0; j < 6; ++j) s[j] = (float)state[item * 6 + j];
  for (long t = 0; t < 6; ++t) {
    const float *const kt = k + ((n * 6 + t) * 2 + h) * 2;
    const float *const vt = v + ((n * 6 + t) * 2 + h) * 3;
    for (long i = 0; i < 2; ++i) {
      const float factor = mi_exp1((float)decay[(n * 6 + t) * 2 + h]);
      for (long j = 0; j < 3; ++j) s[i * 3 + j] *= factor;
    }
    float written[3];
    for (long j = 0; j < 3; ++j) written[j] = 0;
    for (long i = 0; i < 2; ++i) {
      for (long j = 0; j < 3; ++j) written[j] += (float)kt[i] * s[i * 3 + j];
    }
    for (long j = 0; j < 3; ++j) written[j] = (float)beta[(n * 6 + t) * 2 + h] * ((float)vt[j] - written[j]);
    for (long i = 0; i < 2; ++i)
      for (long j = 0; j < 3; ++j) s[i * 3 + j] += (float)kt[i] * written[j];
    for (long g = h * 2; g < (h + 1) * 2; ++g) {
      const float *const qt = q + ((n * 6 + t) * 4 + g) * 2;
      float read[3];
      for (long j = 0; j < 3; ++j) read[j] = 0;
      for (long i = 0; i < 2; ++i) {
        for (long j = 0; j < 3; ++j) read[j] += (float)qt[i] * s[i * 3 + j];
      }
      for (long j = 0; j < 3; ++j)
        y[((n * 6 + t) * 4 + g) * 3 + j] = (float)(read[j] * 0.7071067690849304f);
    }
  }
  for (long j = 0; j < 6; ++j) present[item * 6 + j] = (float)s[j];
}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: CausalConvWithState_0: CausalConvWithState */
  causal_conv_0((const void *)((const uint8_t *)inputs[0]), (const void *)(constants + 0), (const void *)(constants + 128), (void *)((uint8_t *)outputs[0]), (void *)((uint8_t *)outputs[1]), 0, 8);
  /* 1: LinearAttention_1: LinearAttention */
  linear_attention_1((const void *)((const uint8_t *)inputs[1]), (const void *)((const uint8_t *)inputs[2]), (const void *)((const uint8_t *)inputs[3]), (const void *)((const uint8_t *)inputs[4]), (const void *)((const uint8_t *)inputs[5]), (const void *)((const uint8_t *)inputs[6]), (void *)((uint8_t *)outputs[2]), (void *)((uint8_t *)outputs[3]), (void *)(arena + AT_LinearAttention_1_workspace0), 0, 2);
  return 0;
}
