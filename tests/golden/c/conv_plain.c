/* g: 5 steps in an arena of 1672 bytes. */
#include "prelude.h"

#define AT_y_last 0 /* y_last: 512 bytes, steps [0, 2) */
#define AT_u_last 1472 /* u_last: 200 bytes, steps [2, 4) */
#define AT_z_last 0 /* z_last: 1452 bytes, steps [3, 5) */

static void plain_conv_0(const double *restrict x, const double *restrict weights, const double *restrict bias, double *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long o0 = item / 4 % 4;
  const long n = item / 4 / 4;
  const long channel = item % 4, group = channel / 4;
  for (long start = 0; start < 4; start += 64) {
    const long width = 4 - start < 64 ? 4 - start : 64;
    double sums[64];
    for (long j = 0; j < width; ++j) sums[j] = (double)bias[channel];
    const long begin0 = o0 * 1 - 0, end0 = 6 - begin0;
    const long first0 = begin0 < 0 ? -begin0 : 0;
    const long last0 = end0 < 3 ? end0 : 3;
    for (long c = 0; c < 2; ++c) {
      for (long k0 = first0; k0 < last0; ++k0) {
        for (long k = 0; k < 3; ++k) {
          const double weight = (double)weights[0 + group * 72 + channel % 4 * 18 + c * 9 + k * 1 + k0 * 3];
          const long shift = k * 1 - 0;
          long low = shift < 0 ? (-shift + 0) / 1 - start : -start;
          long high = shift < 6 ? (5 - shift) / 1 + 1 - start : 0;
          low = low < 0 ? 0 : low;
          high = high < width ? high : width;
          const long x_at = n * 72 + (group * 2 + c) * 36 + (o0 * 1 + k0 * 1 - 0) * 6 + shift * 1;
          for (long j = low; j < high; ++j)
            sums[j] += weight * (double)x[x_at + (start + j) * 1];
        }
      }
    }
    for (long j = 0; j < width; ++j) {
      const long at = 0 + n * 64 + channel * 1 + (start + j) * 4 + o0 * 16;
      const double t0 = (double)sums[j];
      const double t1 = t0 < 0 ? 0 : t0;
      y[at] = t1;
    }
  }
}
}

static void copy_1(const uint64_t *restrict x, uint64_t *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long s = i0 * 16;
  const long t = i0 * 256;
  const uint64_t *p = x + s;
  uint64_t *q = y + t;
  for (long j = 0; j < 1; ++j, p += 64, q += 16) {
    for (long i = 0; i < 4; ++i)
      for (long j = 0; j < 16; ++j) q[i * 16 + j] = p[i + j * 4];
  }

}
}

static void copy_2(const uint32_t *restrict x, uint32_t *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long s = i0 * 16;
  const long t = i0 * 32;
  const long row = i0 * 16;
  const uint32_t *p = x + s;
  uint32_t *q = y + t;
  if (row <= 9) {
    for (long i = 0; i < 16; ++i)
      for (long j = 0; j < 2; ++j) q[i * 2 + j] = p[i + j * 25];
  } else {
    for (long i = 0; i < 9; ++i)
      for (long j = 0; j < 2; ++j) q[i * 2 + j] = p[i + j * 25];
  }
}
}

static void plain_conv_3(const float *restrict x, const float *restrict weights, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long o0 = item / 3 % 6;
  const long n = item / 3 / 6;
  const long channel = item % 3, group = channel / 3;
  for (long start = 0; start < 6; start += 64) {
    const long width = 6 - start < 64 ? 6 - start : 64;
    float sums[64];
    for (long j = 0; j < width; ++j) sums[j] = 0;
    const long begin0 = o0 * 1 - 1, end0 = 5 - begin0;
    const long first0 = begin0 < 0 ? -begin0 : 0;
    const long last0 = end0 < 2 ? end0 : 2;
    for (long c = 0; c < 2; ++c) {
      for (long k0 = first0; k0 < last0; ++k0) {
        for (long k = 0; k < 2; ++k) {
          const float weight = (float)weights[8 + group * 54 + channel % 3 * 9 + c * 27 + k * -2 + k0 * -6];
          const long shift = k * 1 - 1;
          long low = shift < 0 ? (-shift + 0) / 1 - start : -start;
          long high = shift < 5 ? (4 - shift) / 1 + 1 - start : 0;
          low = low < 0 ? 0 : low;
          high = high < width ? high : width;
          const long x_at = n * 50 + (group * 2 + c) * 1 + (o0 * 1 + k0 * 1 - 1) * 10 + shift * 2;
          for (long j = low; j < high; ++j)
            sums[j] += weight * (float)x[x_at + (start + j) * 2];
        }
      }
    }
    for (long j = 0; j < width; ++j) {
      const long at = 0 + n * 363 + channel * 1 + (start + j) * 6 + o0 * 66;
      y[at] = (float)sums[j];
    }
  }
}
}

static void plain_conv_4(const float *restrict x, const float *restrict weights, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long o0 = item / 3 % 6;
  const long n = item / 3 / 6;
  const long channel = item % 3, group = channel / 3;
  for (long start = 0; start < 5; start += 64) {
    const long width = 5 - start < 64 ? 5 - start : 64;
    float sums[64];
    for (long j = 0; j < width; ++j) sums[j] = 0;
    const long begin0 = o0 * 1 - 1, end0 = 5 - begin0;
    const long first0 = begin0 < 0 ? -begin0 : 0;
    const long last0 = end0 < 2 ? end0 : 2;
    for (long c = 0; c < 2; ++c) {
      for (long k0 = first0; k0 < last0; ++k0) {
        for (long k = 0; k < 1; ++k) {
          const float weight = (float)weights[7 + group * 54 + channel % 3 * 9 + c * 27 + k * 0 + k0 * -6];
          const long shift = k * 1 - 0;
          long low = shift < 0 ? (-shift + 0) / 1 - start : -start;
          long high = shift < 5 ? (4 - shift) / 1 + 1 - start : 0;
          low = low < 0 ? 0 : low;
          high = high < width ? high : width;
          const long x_at = n * 50 + (group * 2 + c) * 1 + (o0 * 1 + k0 * 1 - 1) * 10 + shift * 2;
          for (long j = low; j < high; ++j)
            sums[j] += weight * (float)x[x_at + (start + j) * 2];
        }
      }
    }
    for (long j = 0; j < width; ++j) {
      const long at = 3 + n * 363 + channel * 1 + (start + j) * 6 + o0 * 66;
      y[at] = (float)sums[j];
    }
  }
}
}

static void plain_conv_5(const float *restrict x, const float *restrict weights, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long o0 = item / 3 % 5;
  const long n = item / 3 / 5;
  const long channel = item % 3, group = channel / 3;
  for (long start = 0; start < 6; start += 64) {
    const long width = 6 - start < 64 ? 6 - start : 64;
    float sums[64];
    for (long j = 0; j < width; ++j) sums[j] = 0;
    const long begin0 = o0 * 1 - 0, end0 = 5 - begin0;
    const long first0 = begin0 < 0 ? -begin0 : 0;
    const long last0 = end0 < 1 ? end0 : 1;
    for (long c = 0; c < 2; ++c) {
      for (long k0 = first0; k0 < last0; ++k0) {
        for (long k = 0; k < 2; ++k) {
          const float weight = (float)weights[5 + group * 54 + channel % 3 * 9 + c * 27 + k * -2 + k0 * 0];
          const long shift = k * 1 - 1;
          long low = shift < 0 ? (-shift + 0) / 1 - start : -start;
          long high = shift < 5 ? (4 - shift) / 1 + 1 - start : 0;
          low = low < 0 ? 0 : low;
          high = high < width ? high : width;
          const long x_at = n * 50 + (group * 2 + c) * 1 + (o0 * 1 + k0 * 1 - 0) * 10 + shift * 2;
          for (long j = low; j < high; ++j)
            sums[j] += weight * (float)x[x_at + (start + j) * 2];
        }
      }
    }
    for (long j = 0; j < width; ++j) {
      const long at = 33 + n * 363 + channel * 1 + (start + j) * 6 + o0 * 66;
      y[at] = (float)sums[j];
    }
  }
}
}

static void plain_conv_6(const float *restrict x, const float *restrict weights, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long o0 = item / 3 % 5;
  const long n = item / 3 / 5;
  const long channel = item % 3, group = channel / 3;
  for (long start = 0; start < 5; start += 64) {
    const long width = 5 - start < 64 ? 5 - start : 64;
    float sums[64];
    for (long j = 0; j < width; ++j) sums[j] = 0;
    const long begin0 = o0 * 1 - 0, end0 = 5 - begin0;
    const long first0 = begin0 < 0 ? -begin0 : 0;
    const long last0 = end0 < 1 ? end0 : 1;
    for (long c = 0; c < 2; ++c) {
      for (long k0 = first0; k0 < last0; ++k0) {
        for (long k = 0; k < 1; ++k) {
          const float weight = (float)weights[4 + group * 54 + channel % 3 * 9 + c * 27 + k * 0 + k0 * 0];
          const long shift = k * 1 - 0;
          long low = shift < 0 ? (-shift + 0) / 1 - start : -start;
          long high = shift < 5 ? (4 - shift) / 1 + 1 - start : 0;
          low = low < 0 ? 0 : low;
          high = high < width ? high : width;
          const long x_at = n * 50 + (group * 2 + c) * 1 + (o0 * 1 + k0 * 1 - 0) * 10 + shift * 2;
          for (long j = low; j < high; ++j)
            sums[j] += weight * (float)x[x_at + (start + j) * 2];
        }
      }
    }
    for (long j = 0; j < width; ++j) {
      const long at = 36 + n * 363 + channel * 1 + (start + j) * 6 + o0 * 66;
      y[at] = (float)sums[j];
    }
  }
}
}

static void copy_7(const uint32_t *restrict x, uint32_t *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long s = i0 * 16;
  const long t = i0 * 1936;
  const uint32_t *p = x + s;
  uint32_t *q = y + t;
  for (long j = 0; j < 7; ++j, p += 48, q += 16) {
    for (long i = 0; i < 3; ++i)
      for (long j = 0; j < 16; ++j) q[i * 121 + j] = p[i + j * 3];
  }
  for (long i = 0; i < 3; ++i)
    for (long j = 0; j < 9; ++j) q[i * 121 + j] = p[i + j * 3];
}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: Relu_1: Conv + Relu + Transpose */
  plain_conv_0((const void *)((const uint8_t *)inputs[0]), (const void *)((const uint8_t *)inputs[1]), (const void *)(constants + 0), (void *)(arena + AT_y_last), 0, 16);
  /* 1: y: Transpose */
  copy_1((const void *)(arena + AT_y_last), (void *)((uint8_t *)outputs[0]), 0, 1);
  /* 2: u_last: Transpose */
  copy_2((const void *)((const uint8_t *)inputs[2]), (void *)(arena + AT_u_last), 0, 2);
  /* 3: ConvTranspose_2: Transpose + ConvTranspose + Transpose */
  plain_conv_3((const void *)(arena + AT_u_last), (const void *)((const uint8_t *)inputs[3]), (void *)(arena + AT_z_last), 0, 18);
  plain_conv_4((const void *)(arena + AT_u_last), (const void *)((const uint8_t *)inputs[3]), (void *)(arena + AT_z_last), 0, 18);
  plain_conv_5((const void *)(arena + AT_u_last), (const void *)((const uint8_t *)inputs[3]), (void *)(arena + AT_z_last), 0, 15);
  plain_conv_6((const void *)(arena + AT_u_last), (const void *)((const uint8_t *)inputs[3]), (void *)(arena + AT_z_last), 0, 15);
  /* 4: z: Transpose */
  copy_7((const void *)(arena + AT_z_last), (void *)((uint8_t *)outputs[1]), 0, 1);
  return 0;
}
