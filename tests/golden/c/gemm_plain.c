/* g: 3 steps in an arena of 0 bytes. */
#include "prelude.h"


static void plain_0(const int32_t *restrict x0, const int32_t *restrict x1, int32_t *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long n = item;
  const long width = 5;
  uint32_t sums[5];
  for (long j = 0; j < width; ++j) sums[j] = 0;
  for (long c0 = 0; c0 < 4; ++c0) {
    const uint32_t factor0 = (uint32_t)x0[n * 4 + c0 * 1];
    const long at1 = 0 + c0 * 5;
    for (long j = 0; j < width; ++j) {
      sums[j] += factor0 * (uint32_t)x1[at1 + j * 1];
    }
  }
  for (long j = 0; j < width; ++j) {
    const long at = n * 5 + j * 1;
    y[at] = (int32_t)sums[j];
  }
}
}

static void plain_1(const double *restrict x0, const double *restrict x1, double *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long n = item;
  const long width = 5;
  double sums[5];
  for (long j = 0; j < width; ++j) sums[j] = 0;
  for (long c0 = 0; c0 < 4; ++c0) {
    const double factor0 = (double)x0[n * 4 + c0 * 1];
    const long at1 = 0 + c0 * 1;
    for (long j = 0; j < width; ++j) {
      sums[j] += factor0 * (double)x1[at1 + j * 4];
    }
  }
  for (long j = 0; j < width; ++j) {
    const long at = n * 5 + j * 1;
    y[at] = (double)sums[j];
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

static void plain_3(const _Float16 *restrict x0, const _Float16 *restrict x1, _Float16 *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long n = item;
  const long width = 5;
  float sums[5];
  for (long j = 0; j < width; ++j) sums[j] = 0;
  for (long c0 = 0; c0 < 4; ++c0) {
    const float factor0 = (float)x0[n * 4 + c0 * 1];
    const long at1 = 0 + c0 * 5;
    for (long j = 0; j < width; ++j) {
      sums[j] += factor0 * (float)x1[at1 + j * 1];
    }
  }
  for (long j = 0; j < width; ++j) {
    const long at = n * 5 + j * 1;
    const _Float16 t0 = (_Float16)sums[j];
    const _Float16 t1 = (_Float16)(((float)t0) < 0 ? 0 : ((float)t0));
    y[at] = t1;
  }
}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: MatMul_0: MatMul */
  plain_0((const void *)((const uint8_t *)inputs[0]), (const void *)((const uint8_t *)inputs[1]), (void *)((uint8_t *)outputs[0]), 0, 3);
  /* 1: Gemm_1: Gemm */
  plain_1((const void *)((const uint8_t *)inputs[2]), (const void *)((const uint8_t *)inputs[3]), (void *)((uint8_t *)outputs[1]), 0, 3);
  elementwise_2((void *)((uint8_t *)outputs[1]), 0, 1);
  /* 2: Relu_3: MatMul + Relu */
  plain_3((const void *)((const uint8_t *)inputs[4]), (const void *)((const uint8_t *)inputs[5]), (void *)((uint8_t *)outputs[2]), 0, 3);
  return 0;
}
