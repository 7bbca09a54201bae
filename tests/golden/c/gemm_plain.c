/* g: 3 steps in an arena of 0 bytes. */
#include "prelude.h"


static void plain_gemm_0(const int32_t *restrict a, const int32_t *restrict b, int32_t *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i = item;
  const long a_at = 0 + i * 4, b_at = 0;
  for (long start = 0; start < 5; start += 64) {
    const long width = 5 - start < 64 ? 5 - start : 64;
    const long y_at = 0 + i * 5 + start;
    uint32_t sums[64];
    for (long j = 0; j < width; ++j) sums[j] = 0;
    for (long k = 0; k < 4; ++k) {
      const uint32_t factor = (uint32_t)a[a_at + k * 1];
      for (long j = 0; j < width; ++j) sums[j] += factor * (uint32_t)b[b_at + k * 5 + (start + j) * 1];
    }
    for (long j = 0; j < width; ++j) {
      y[y_at + j] = (int32_t)sums[j];
    }
  }
}
}

static void plain_gemm_1(const double *restrict a, const double *restrict b, double *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i = item;
  const long a_at = 0 + i * 4, b_at = 0;
  for (long start = 0; start < 5; start += 64) {
    const long width = 5 - start < 64 ? 5 - start : 64;
    const long y_at = 0 + i * 5 + start;
    double sums[64];
    for (long j = 0; j < width; ++j) sums[j] = 0;
    for (long k = 0; k < 4; ++k) {
      const double factor = (double)a[a_at + k * 1];
      for (long j = 0; j < width; ++j) sums[j] += factor * (double)b[b_at + k * 1 + (start + j) * 4];
    }
    for (long j = 0; j < width; ++j) {
      y[y_at + j] = (double)sums[j];
    }
  }
}
}

static void elementwise_2(double *restrict y, long begin, long end) {
const long start = begin * 4096, stop = end == 1 ? 15 : end * 4096;
for (long j = start; j < stop; ++j) {
  const double t0 = y[j];
  const double t1 = 0.5;
  const double t2 = t0 * t1;
  y[j] = t2;
}
}

static void plain_gemm_3(const _Float16 *restrict a, const _Float16 *restrict b, _Float16 *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i = item;
  const long a_at = 0 + i * 4, b_at = 0;
  for (long start = 0; start < 5; start += 64) {
    const long width = 5 - start < 64 ? 5 - start : 64;
    const long y_at = 0 + i * 5 + start;
    float sums[64];
    for (long j = 0; j < width; ++j) sums[j] = 0;
    for (long k = 0; k < 4; ++k) {
      const float factor = (float)a[a_at + k * 1];
      for (long j = 0; j < width; ++j) sums[j] += factor * (float)b[b_at + k * 5 + (start + j) * 1];
    }
    for (long j = 0; j < width; ++j) {
      const _Float16 t0 = (_Float16)sums[j];
      const _Float16 t1 = (_Float16)(((float)t0) < 0 ? 0 : ((float)t0));
      y[y_at + j] = t1;
    }
  }
}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: MatMul_0: MatMul */
  plain_gemm_0((const void *)((const uint8_t *)inputs[0]), (const void *)((const uint8_t *)inputs[1]), (void *)((uint8_t *)outputs[0]), 0, 3);
  /* 1: Gemm_1: Gemm */
  plain_gemm_1((const void *)((const uint8_t *)inputs[2]), (const void *)((const uint8_t *)inputs[3]), (void *)((uint8_t *)outputs[1]), 0, 3);
  elementwise_2((void *)((uint8_t *)outputs[1]), 0, 1);
  /* 2: Relu_3: MatMul + Relu */
  plain_gemm_3((const void *)((const uint8_t *)inputs[4]), (const void *)((const uint8_t *)inputs[5]), (void *)((uint8_t *)outputs[2]), 0, 3);
  return 0;
}
