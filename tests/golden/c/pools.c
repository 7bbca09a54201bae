/* g: 4 steps in an arena of 0 bytes. */
#include "prelude.h"


static void pool_0(const float *restrict x, float *restrict y, int64_t *restrict positions, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long o1 = item % 16 % 4;
  const long o0 = item % 16 / 4 % 4;
  const long n = item % 16 / 4 / 4;
  const long begin0 = o0 * 2 - 0, end0 = 9 - begin0;
  const long first0 = begin0 < 0 ? -begin0 : 0;
  const long last0 = end0 < 3 ? end0 : 3;
  const long begin1 = o1 * 2 - 0, end1 = 9 - begin1;
  const long first1 = begin1 < 0 ? -begin1 : 0;
  const long last1 = end1 < 3 ? end1 : 3;
  const long x_at = n * 324 + begin0 * 9 + begin1 * 1, y_at = n * 64 + o0 * 4 + o1 * 1;
  const long channel = item / 16, x_channel = channel * 81;
  float result = x[x_at + first0 * 9 + first1 * 1 + x_channel];
  int64_t position = n * 324 + channel * 81 + (begin0 + first0 * 1) * 9 + (begin1 + first1 * 1) * 1;
  for (long k0 = first0; k0 < last0; ++k0) {
    for (long k1 = first1; k1 < last1; ++k1) {
      const long at = x_at + k0 * 9 + k1 * 1;
      const float value = x[at + x_channel];
      if (value > result || (value != value && result == result)) { result = value; position = n * 324 + channel * 81 + (begin0 + k0 * 1) * 9 + (begin1 + k1 * 1) * 1; }
    }
  }
  y[y_at + channel * 16] = result;
  positions[y_at + channel * 16] = position;
}
}

static void pool_1(const float *restrict x, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long o1 = item % 25 % 5;
  const long o0 = item % 25 / 5 % 5;
  const long n = item % 25 / 5 / 5;
  const long begin0 = o0 * 2 - 1, end0 = 9 - begin0;
  const long first0 = begin0 < 0 ? -begin0 : 0;
  const long last0 = end0 < 3 ? end0 : 3;
  const long begin1 = o1 * 2 - 1, end1 = 9 - begin1;
  const long first1 = begin1 < 0 ? -begin1 : 0;
  const long last1 = end1 < 3 ? end1 : 3;
  const long x_at = n * 324 + begin0 * 9 + begin1 * 1, y_at = n * 100 + o0 * 5 + o1 * 1;
  const long padded0 = 10 - begin0;
  const long padded1 = 10 - begin1;
  const long elements = (padded0 < 3 ? padded0 : 3) * (padded1 < 3 ? padded1 : 3);
  const long channel = item / 25, x_channel = channel * 81;
  float sum = 0;
  for (long k0 = first0; k0 < last0; ++k0) {
    for (long k1 = first1; k1 < last1; ++k1) {
      const long at = x_at + k0 * 9 + k1 * 1;
      sum += x[at + x_channel];
    }
  }
  const float result = (float)(float)(sum / (float)elements);
  y[y_at + channel * 25] = result;
}
}

static void pool_2(const float *restrict x, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long o0 = item % 1 % 1;
  const long n = item % 1 / 1;
  const long begin0 = o0 * 1 - 0, end0 = 81 - begin0;
  const long first0 = begin0 < 0 ? -begin0 : 0;
  const long last0 = end0 < 81 ? end0 : 81;
  const long x_at = n * 324 + begin0 * 1, y_at = n * 4 + o0 * 1;
  const long elements = (last0 - first0);
  const long channel = item / 1, x_channel = channel * 81;
  double sum = 0;
  for (long k0 = first0; k0 < last0; ++k0) {
    const long at = x_at + k0 * 1;
    sum += x[at + x_channel];
  }
  const float result = (float)(float)(sum / (double)elements);
  y[y_at + channel * 1] = result;
}
}

static void pool_3(const float *restrict x, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long o0 = item % 1 % 1;
  const long n = item % 1 / 1;
  const long begin0 = o0 * 1 - 0, end0 = 81 - begin0;
  const long first0 = begin0 < 0 ? -begin0 : 0;
  const long last0 = end0 < 81 ? end0 : 81;
  const long x_at = n * 324 + begin0 * 1, y_at = n * 4 + o0 * 1;
  const long channel = item / 1, x_channel = channel * 81;
  float result = x[x_at + first0 * 1 + x_channel];
  for (long k0 = first0; k0 < last0; ++k0) {
    const long at = x_at + k0 * 1;
    const float value = x[at + x_channel];
    if (value > result || (value != value && result == result)) result = value;
  }
  y[y_at + channel * 1] = result;
}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: MaxPool_0: MaxPool */
  pool_0((const void *)((const uint8_t *)inputs[0]), (void *)((uint8_t *)outputs[0]), (void *)((uint8_t *)outputs[1]), 0, 64);
  /* 1: AveragePool_1: AveragePool */
  pool_1((const void *)((const uint8_t *)inputs[0]), (void *)((uint8_t *)outputs[2]), 0, 100);
  /* 2: GlobalAveragePool_2: GlobalAveragePool */
  pool_2((const void *)((const uint8_t *)inputs[0]), (void *)((uint8_t *)outputs[3]), 0, 4);
  /* 3: GlobalMaxPool_3: GlobalMaxPool */
  pool_3((const void *)((const uint8_t *)inputs[0]), (void *)((uint8_t *)outputs[4]), 0, 4);
  return 0;
}
