/* g: 2 steps in an arena of 0 bytes. */
#include "prelude.h"


static void plain_0(const float *restrict x0, const float *restrict x1, const float *restrict x2, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long n = item;
  const long width = 5;
  float sums[5];
  for (long j = 0; j < width; ++j) sums[j] = 0;
  for (long c0 = 0; c0 < 3; ++c0) {
    for (long c1 = 0; c1 < 4; ++c1) {
      const float factor0 = (float)x0[n * 12 + c0 * 4 + c1 * 1];
      const long at1 = 0 + c1 * 5;
      const long at2 = 0 + c0 * 5;
      for (long j = 0; j < width; ++j) {
        sums[j] += factor0 * (float)x1[at1 + j * 1] * (float)x2[at2 + j * 1];
      }
    }
  }
  for (long j = 0; j < width; ++j) {
    const long at = n * 5 + j * 1;
    y[at] = (float)sums[j];
  }
}
}

typedef float v8 __attribute__((vector_size(32), aligned(4), may_alias));
typedef double v8_wide __attribute__((vector_size(64)));
typedef int32_t v8_mask __attribute__((vector_size(32), aligned(4), may_alias));
MI_INLINE v8 v8_load(const float *p) { return *(const v8 *)p; }
MI_INLINE void v8_store(float *p, v8 a) { *(v8 *)p = a; }
MI_INLINE v8 v8_splat(float s) { return s - (v8){0}; }
MI_INLINE v8 v8_select(v8_mask m, v8 a, v8 b) { return (v8)(((v8_mask)a & m) | ((v8_mask)b & ~m)); }
MI_INLINE v8 v8_greatest(v8 a, v8 b) { return v8_select(b == b, v8_select(b > a, b, a), b); }

static void gemm_1(const float *restrict a, const float *restrict b, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long block = 0, row = item;
  const long n = row;
  const long o = 0;
  const float *const weight = b + (n * 5 + block * 8);
  const long a_at = n * 5;
  const long y_at = 0 + n * 1 + (0 * 1 + block * 8) * 1;
  v8 a0_0 = (v8){0};
  v8 a0_0_1 = {0}, a0_0_2 = {0}, a0_0_3 = {0};
  {
    const float *p = a + (a_at + (o * 1 + 0 * 1 + 0) * 5), *q = weight + 0 * 5;
    { v8 w0 = {0}; __builtin_memcpy(&w0, q + 0, 4);
      { const v8 s = v8_splat(p[0]); a0_0 += s * w0; }
    } __asm__ volatile("" ::: "memory");
    { v8 w0 = {0}; __builtin_memcpy(&w0, q + 1, 4);
      { const v8 s = v8_splat(p[1]); a0_0_1 += s * w0; }
    } __asm__ volatile("" ::: "memory");
    { v8 w0 = {0}; __builtin_memcpy(&w0, q + 2, 4);
      { const v8 s = v8_splat(p[2]); a0_0_2 += s * w0; }
    } __asm__ volatile("" ::: "memory");
    { v8 w0 = {0}; __builtin_memcpy(&w0, q + 3, 4);
      { const v8 s = v8_splat(p[3]); a0_0_3 += s * w0; }
    } __asm__ volatile("" ::: "memory");
    { v8 w0 = {0}; __builtin_memcpy(&w0, q + 4, 4);
      { const v8 s = v8_splat(p[4]); a0_0 += s * w0; }
    } __asm__ volatile("" ::: "memory");
  }
  a0_0 += a0_0_1 + a0_0_2 + a0_0_3;
  float *const out = y + (y_at + o * 1);
  __builtin_memcpy(out + 0, &a0_0, 4);
}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: Einsum_0: Einsum */
  plain_0((const void *)((const uint8_t *)inputs[0]), (const void *)((const uint8_t *)inputs[1]), (const void *)((const uint8_t *)inputs[2]), (void *)((uint8_t *)outputs[0]), 0, 2);
  /* 1: Einsum_1: Einsum */
  gemm_1((const void *)((const uint8_t *)inputs[2]), (const void *)((const uint8_t *)inputs[2]), (void *)((uint8_t *)outputs[1]), 0, 3);
  return 0;
}
