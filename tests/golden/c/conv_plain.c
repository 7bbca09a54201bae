/* g: 5 steps in an arena of 1672 bytes. */
#include "prelude.h"

#define AT_y_last 0 /* y_last: 512 bytes, steps [0, 2) */
#define AT_u_last 1472 /* u_last: 200 bytes, steps [2, 4) */
#define AT_z_last 0 /* z_last: 1452 bytes, steps [3, 5) */

static void plain_0(const double *restrict x0, const double *restrict x1, const double *restrict bias, double *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long o0 = item % 4;
  const long n = item / 4;
  const long width = 4;
  double sums[4];
  for (long j = 0; j < width; ++j) sums[j] = (double)bias[n * 1];
  const long begin0 = o0 * 1 - 0, end0 = 6 - begin0;
  const long first0 = begin0 < 0 ? -begin0 : 0;
  const long last0 = end0 < 3 ? end0 : 3;
  for (long c0 = 0; c0 < 2; ++c0) {
    for (long k0 = first0; k0 < last0; ++k0) {
      for (long k1 = 0; k1 < 3; ++k1) {
        const long at0 = 0 + c0 * 36 + (o0 * 1 + k0 * 1 - 0) * 6 + (k1 * 1 - 0) * 1;
        const double factor1 = (double)x1[n * 18 + c0 * 9 + k0 * 3 + k1 * 1];
        for (long j = 0; j < width; ++j) {
          sums[j] += (double)x0[at0 + j * 1] * factor1;
        }
      }
    }
  }
  for (long j = 0; j < width; ++j) {
    const long at = n * 1 + o0 * 16 + j * 4;
    const double t0 = (double)sums[j];
    const double t1 = t0 < 0 ? 0 : t0;
    y[at] = t1;
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

static void plain_3(const float *restrict x0, const float *restrict x1, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long o0 = item % 6;
  const long n = item / 6;
  const long width = 6;
  float sums[6];
  for (long j = 0; j < width; ++j) sums[j] = 0;
  const long begin0 = o0 * 1 - 1, end0 = 5 - begin0;
  const long first0 = begin0 < 0 ? -begin0 : 0;
  const long last0 = end0 < 2 ? end0 : 2;
  for (long c0 = 0; c0 < 2; ++c0) {
    for (long k0 = first0; k0 < last0; ++k0) {
      for (long k1 = 0; k1 < 2; ++k1) {
        const long at0 = 0 + c0 * 1 + (o0 * 1 + k0 * 1 - 1) * 10 + (k1 * 1 - 1) * 2;
        const float factor1 = (float)x1[8 + n * 9 + c0 * 27 + k0 * -6 + k1 * -2];
        const long shift = k1 * 1 - 1;
        long low = shift < 0 ? (-shift + 0) / 1 - 0 : -0;
        long high = shift < 5 ? (4 - shift) / 1 + 1 - 0 : 0;
        low = low < 0 ? 0 : low;
        high = high < width ? high : width;
        for (long j = low; j < high; ++j) {
          sums[j] += (float)x0[at0 + j * 2] * factor1;
        }
      }
    }
  }
  for (long j = 0; j < width; ++j) {
    const long at = n * 1 + o0 * 66 + j * 6;
    y[at] = (float)sums[j];
  }
}
}

static void plain_4(const float *restrict x0, const float *restrict x1, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long o0 = item % 6;
  const long n = item / 6;
  const long width = 5;
  float sums[5];
  for (long j = 0; j < width; ++j) sums[j] = 0;
  const long begin0 = o0 * 1 - 1, end0 = 5 - begin0;
  const long first0 = begin0 < 0 ? -begin0 : 0;
  const long last0 = end0 < 2 ? end0 : 2;
  for (long c0 = 0; c0 < 2; ++c0) {
    for (long k0 = first0; k0 < last0; ++k0) {
      for (long k1 = 0; k1 < 1; ++k1) {
        const long at0 = 0 + c0 * 1 + (o0 * 1 + k0 * 1 - 1) * 10 + (k1 * 1 - 0) * 2;
        const float factor1 = (float)x1[7 + n * 9 + c0 * 27 + k0 * -6 + k1 * 0];
        for (long j = 0; j < width; ++j) {
          sums[j] += (float)x0[at0 + j * 2] * factor1;
        }
      }
    }
  }
  for (long j = 0; j < width; ++j) {
    const long at = 3 + n * 1 + o0 * 66 + j * 6;
    y[at] = (float)sums[j];
  }
}
}

static void plain_5(const float *restrict x0, const float *restrict x1, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long o0 = item % 5;
  const long n = item / 5;
  const long width = 6;
  float sums[6];
  for (long j = 0; j < width; ++j) sums[j] = 0;
  const long begin0 = o0 * 1 - 0, end0 = 5 - begin0;
  const long first0 = begin0 < 0 ? -begin0 : 0;
  const long last0 = end0 < 1 ? end0 : 1;
  for (long c0 = 0; c0 < 2; ++c0) {
    for (long k0 = first0; k0 < last0; ++k0) {
      for (long k1 = 0; k1 < 2; ++k1) {
        const long at0 = 0 + c0 * 1 + (o0 * 1 + k0 * 1 - 0) * 10 + (k1 * 1 - 1) * 2;
        const float factor1 = (float)x1[5 + n * 9 + c0 * 27 + k0 * 0 + k1 * -2];
        const long shift = k1 * 1 - 1;
        long low = shift < 0 ? (-shift + 0) / 1 - 0 : -0;
        long high = shift < 5 ? (4 - shift) / 1 + 1 - 0 : 0;
        low = low < 0 ? 0 : low;
        high = high < width ? high : width;
        for (long j = low; j < high; ++j) {
          sums[j] += (float)x0[at0 + j * 2] * factor1;
        }
      }
    }
  }
  for (long j = 0; j < width; ++j) {
    const long at = 33 + n * 1 + o0 * 66 + j * 6;
    y[at] = (float)sums[j];
  }
}
}

static void plain_6(const float *restrict x0, const float *restrict x1, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long o0 = item % 5;
  const long n = item / 5;
  const long width = 5;
  float sums[5];
  for (long j = 0; j < width; ++j) sums[j] = 0;
  const long begin0 = o0 * 1 - 0, end0 = 5 - begin0;
  const long first0 = begin0 < 0 ? -begin0 : 0;
  const long last0 = end0 < 1 ? end0 : 1;
  for (long c0 = 0; c0 < 2; ++c0) {
    for (long k0 = first0; k0 < last0; ++k0) {
      for (long k1 = 0; k1 < 1; ++k1) {
        const long at0 = 0 + c0 * 1 + (o0 * 1 + k0 * 1 - 0) * 10 + (k1 * 1 - 0) * 2;
        const float factor1 = (float)x1[4 + n * 9 + c0 * 27 + k0 * 0 + k1 * 0];
        for (long j = 0; j < width; ++j) {
          sums[j] += (float)x0[at0 + j * 2] * factor1;
        }
      }
    }
  }
  for (long j = 0; j < width; ++j) {
    const long at = 36 + n * 1 + o0 * 66 + j * 6;
    y[at] = (float)sums[j];
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
  plain_0((const void *)((const uint8_t *)inputs[0]), (const void *)((const uint8_t *)inputs[1]), (const void *)(constants + 0), (void *)(arena + AT_y_last), 0, 16);
  /* 1: y: Transpose */
  copy_1((const void *)(arena + AT_y_last), (void *)((uint8_t *)outputs[0]), 0, 1);
  /* 2: u_last: Transpose */
  copy_2((const void *)((const uint8_t *)inputs[2]), (void *)(arena + AT_u_last), 0, 2);
  /* 3: ConvTranspose_2: Transpose + ConvTranspose + Transpose */
  plain_3((const void *)(arena + AT_u_last), (const void *)((const uint8_t *)inputs[3]), (void *)(arena + AT_z_last), 0, 18);
  plain_4((const void *)(arena + AT_u_last), (const void *)((const uint8_t *)inputs[3]), (void *)(arena + AT_z_last), 0, 18);
  plain_5((const void *)(arena + AT_u_last), (const void *)((const uint8_t *)inputs[3]), (void *)(arena + AT_z_last), 0, 15);
  plain_6((const void *)(arena + AT_u_last), (const void *)((const uint8_t *)inputs[3]), (void *)(arena + AT_z_last), 0, 15);
  /* 4: z: Transpose */
  copy_7((const void *)(arena + AT_z_last), (void *)((uint8_t *)outputs[1]), 0, 1);
  return 0;
}
