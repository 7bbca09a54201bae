/* g: 2 steps in an arena of 192 bytes. */
#include "prelude.h"

#define AT_GlobalAveragePool_2_rings 0 /* GlobalAveragePool_2/rings: 192 bytes, steps [0, 1) */

typedef float v8 __attribute__((vector_size(32), aligned(4), may_alias));
typedef double v8_wide __attribute__((vector_size(64)));
typedef int32_t v8_mask __attribute__((vector_size(32), aligned(4), may_alias));
MI_INLINE v8 v8_load(const float *p) { return *(const v8 *)p; }
MI_INLINE void v8_store(float *p, v8 a) { *(v8 *)p = a; }
MI_INLINE v8 v8_splat(float s) { return s - (v8){0}; }
MI_INLINE v8 v8_select(v8_mask m, v8 a, v8 b) { return (v8)(((v8_mask)a & m) | ((v8_mask)b & ~m)); }
MI_INLINE v8 v8_greatest(v8 a, v8 b) { return v8_select(b == b, v8_select(b > a, b, a), b); }

static void gemm_0(const float *restrict a, const float *restrict b, const float *restrict bias, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long block = 0;
  const long o = 0;
  const float *const weight = b + (block * 32);
  const long a_at = 0;
  const long y_at = 0 + (0 * 8 + block * 8) * 1;
  v8 a0_0 = v8_load(bias + block * 8 + 0);
  v8 a1_0 = v8_load(bias + block * 8 + 0);
  v8 a2_0 = v8_load(bias + block * 8 + 0);
  v8 a3_0 = v8_load(bias + block * 8 + 0);
  {
    const float *p = a + (a_at + (o * 1 + 0 * 1 + 0) * 1), *q = weight + 0 * 32;
    { const v8 w0 = v8_load(q + 0);
      { const v8 s = v8_splat(p[0]); a0_0 += s * w0; }
      { const v8 s = v8_splat(p[1]); a1_0 += s * w0; }
      { const v8 s = v8_splat(p[2]); a2_0 += s * w0; }
      { const v8 s = v8_splat(p[3]); a3_0 += s * w0; }
    } __asm__ volatile("" ::: "memory");
    { const v8 w0 = v8_load(q + 8);
      { const v8 s = v8_splat(p[96]); a0_0 += s * w0; }
      { const v8 s = v8_splat(p[97]); a1_0 += s * w0; }
      { const v8 s = v8_splat(p[98]); a2_0 += s * w0; }
      { const v8 s = v8_splat(p[99]); a3_0 += s * w0; }
    } __asm__ volatile("" ::: "memory");
    { const v8 w0 = v8_load(q + 16);
      { const v8 s = v8_splat(p[192]); a0_0 += s * w0; }
      { const v8 s = v8_splat(p[193]); a1_0 += s * w0; }
      { const v8 s = v8_splat(p[194]); a2_0 += s * w0; }
      { const v8 s = v8_splat(p[195]); a3_0 += s * w0; }
    } __asm__ volatile("" ::: "memory");
    { const v8 w0 = v8_load(q + 24);
      { const v8 s = v8_splat(p[288]); a0_0 += s * w0; }
      { const v8 s = v8_splat(p[289]); a1_0 += s * w0; }
      { const v8 s = v8_splat(p[290]); a2_0 += s * w0; }
      { const v8 s = v8_splat(p[291]); a3_0 += s * w0; }
    } __asm__ volatile("" ::: "memory");
  }
  float *const out = y + (y_at + o * 8);
  { const vf t0 = mi_relu(a0_0); const v8 result = t0; v8_store(out + 0, result); }
  { const vf t0 = mi_relu(a1_0); const v8 result = t0; v8_store(out + 8, result); }
  { const vf t0 = mi_relu(a2_0); const v8 result = t0; v8_store(out + 16, result); }
  { const vf t0 = mi_relu(a3_0); const v8 result = t0; v8_store(out + 24, result); }
}
}

static void mean_1(const float *restrict x, float *restrict y, double *restrict sums, long begin, long end) {
(void)y;
for (long item = begin; item < end; ++item) {
  const long c = item * 32;
  double total[8];
  for (long j = 0; j < 8; ++j) {
    total[j] = 0;
  }
  const float *from = x + c;
  for (long group = 0; group < 1; ++group) {
    for (long j = 0; j < 8; ++j) {
      total[j] += (double)(from[0 + j] + from[8 + j] + from[16 + j] + from[24 + j]);
    }
    from += 32;
  }
  for (long j = 0; j < 8; ++j) {
    sums[c + j] = total[j];
  }
}
}

static void mean_2(const float *restrict x, float *restrict y, double *restrict sums, long begin, long end) {
(void)y;
for (long item = begin; item < end; ++item) {
  const long c = item * 32;
  double total[8];
  for (long j = 0; j < 8; ++j) {
    total[j] = sums[c + j];
  }
  const float *from = x + c;
  for (long group = 0; group < 1; ++group) {
    for (long j = 0; j < 8; ++j) {
      total[j] += (double)(from[0 + j] + from[8 + j] + from[16 + j] + from[24 + j]);
    }
    from += 32;
  }
  for (long j = 0; j < 8; ++j) {
    sums[c + j] = total[j];
  }
}
}

static void mean_3(const float *restrict x, float *restrict y, double *restrict sums, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long c = item * 32;
  double total[8];
  for (long j = 0; j < 8; ++j) {
    total[j] = sums[c + j];
  }
  const float *from = x + c;
  for (long group = 0; group < 1; ++group) {
    for (long j = 0; j < 8; ++j) {
      total[j] += (double)(from[0 + j] + from[8 + j] + from[16 + j] + from[24 + j]);
    }
    from += 32;
  }
  for (long j = 0; j < 8; ++j) {
    y[c + j] = (float)(total[j] / 96);
  }
}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: GlobalAveragePool_2: Conv + Relu + Transpose + Transpose + GlobalAveragePool + Transpose */
  {
    static const int32_t runs[] = {
      0, 0, 1, 0, 16, 2, 0, 32, 2, 0, 48, 2, 0, 64, 2, 0, 80, 2, 0, 96, 2, 0, 112, 2, 0, 128, 2, 0, 144, 2, 0, 160, 2, 0,
      176, 2, 0, 192, 2, 0, 208, 2, 0, 224, 2, 0, 240, 2, 0, 256, 2, 0, 272, 2, 0, 288, 2, 0, 304, 2, 0, 320, 2, 0, 336,
      2, 0, 352, 2, 0, 368, 3};
    const int32_t *run = runs, *const end = runs + 72;
    while (run < end) {
      switch (*run) {
      case 0: gemm_0((const void *)((const uint8_t *)inputs[0] + run[1]), (const void *)(constants + 0), (const void *)(constants + 128), (void *)(arena + AT_GlobalAveragePool_2_rings), 0, 1); run += 2; break;
      case 1: mean_1((const void *)(arena + AT_GlobalAveragePool_2_rings), (void *)((uint8_t *)outputs[0]), (void *)(arena + AT_GlobalAveragePool_2_rings + 128), 0, 1); run += 1; break;
      case 2: mean_2((const void *)(arena + AT_GlobalAveragePool_2_rings), (void *)((uint8_t *)outputs[0]), (void *)(arena + AT_GlobalAveragePool_2_rings + 128), 0, 1); run += 1; break;
      case 3: mean_3((const void *)(arena + AT_GlobalAveragePool_2_rings), (void *)((uint8_t *)outputs[0]), (void *)(arena + AT_GlobalAveragePool_2_rings + 128), 0, 1); run += 1; break;
      }
    }
  }
  return 0;
}
