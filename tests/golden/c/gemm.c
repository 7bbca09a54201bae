/* g: 2 steps in an arena of 576 bytes. */
#include "prelude.h"

#define AT_active 0 /* active: 576 bytes, steps [0, 2) */

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
  const long block = 0, row = item;
  const long o = row % 2 * 3;
  const float *const weight = b + (block * 384);
  const long a_at = 0;
  const long y_at = 0 + (0 * 24 + block * 24) * 1;
  v8 a0_0 = v8_load(bias + block * 24 + 0);
  v8 a0_1 = v8_load(bias + block * 24 + 8);
  v8 a0_2 = v8_load(bias + block * 24 + 16);
  v8 a1_0 = v8_load(bias + block * 24 + 0);
  v8 a1_1 = v8_load(bias + block * 24 + 8);
  v8 a1_2 = v8_load(bias + block * 24 + 16);
  v8 a2_0 = v8_load(bias + block * 24 + 0);
  v8 a2_1 = v8_load(bias + block * 24 + 8);
  v8 a2_2 = v8_load(bias + block * 24 + 16);
  {
    const float *p = a + (a_at + (o * 1 + 0 * 1 + 0) * 16), *q = weight + 0 * 384;
    for (long i = 0; i < 5; ++i, p += 3, q += 72) {
      { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8); const v8 w2 = v8_load(q + 16);
        { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; a0_2 += s * w2; }
        { const v8 s = v8_splat(p[16]); a1_0 += s * w0; a1_1 += s * w1; a1_2 += s * w2; }
        { const v8 s = v8_splat(p[32]); a2_0 += s * w0; a2_1 += s * w1; a2_2 += s * w2; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 24); const v8 w1 = v8_load(q + 32); const v8 w2 = v8_load(q + 40);
        { const v8 s = v8_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; a0_2 += s * w2; }
        { const v8 s = v8_splat(p[17]); a1_0 += s * w0; a1_1 += s * w1; a1_2 += s * w2; }
        { const v8 s = v8_splat(p[33]); a2_0 += s * w0; a2_1 += s * w1; a2_2 += s * w2; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 48); const v8 w1 = v8_load(q + 56); const v8 w2 = v8_load(q + 64);
        { const v8 s = v8_splat(p[2]); a0_0 += s * w0; a0_1 += s * w1; a0_2 += s * w2; }
        { const v8 s = v8_splat(p[18]); a1_0 += s * w0; a1_1 += s * w1; a1_2 += s * w2; }
        { const v8 s = v8_splat(p[34]); a2_0 += s * w0; a2_1 += s * w1; a2_2 += s * w2; }
      } __asm__ volatile("" ::: "memory");
    }
    { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8); const v8 w2 = v8_load(q + 16);
      { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; a0_2 += s * w2; }
      { const v8 s = v8_splat(p[16]); a1_0 += s * w0; a1_1 += s * w1; a1_2 += s * w2; }
      { const v8 s = v8_splat(p[32]); a2_0 += s * w0; a2_1 += s * w1; a2_2 += s * w2; }
    } __asm__ volatile("" ::: "memory");
  }
  float *const out = y + (y_at + o * 24);
  {
    _Alignas(64) float sums[3][24];
    v8_store(&sums[0][0], a0_0);
    v8_store(&sums[0][8], a0_1);
    v8_store(&sums[0][16], a0_2);
    v8_store(&sums[1][0], a1_0);
    v8_store(&sums[1][8], a1_1);
    v8_store(&sums[1][16], a1_2);
    v8_store(&sums[2][0], a2_0);
    v8_store(&sums[2][8], a2_1);
    v8_store(&sums[2][16], a2_2);
    for (long m = 0; m < 3; ++m) {
      { const v8 sum = v8_load(&sums[m][0]); const vf t0 = mi_gelu(sum); const v8 result = t0; v8_store(out + m * 24 + 0, result); }
      { const v8 sum = v8_load(&sums[m][8]); const vf t0 = mi_gelu(sum); const v8 result = t0; v8_store(out + m * 24 + 8, result); }
      { const v8 sum = v8_load(&sums[m][16]); const vf t0 = mi_gelu(sum); const v8 result = t0; v8_store(out + m * 24 + 16, result); }
    }
  }
}
}

static void gemm_1(const float *restrict a, const float *restrict b, const float *restrict bias, const float *residual, float *y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long block = 0;
  const long o = 0;
  const float *const weight = b + (block * 192);
  const long a_at = 0;
  const long y_at = 0 + (0 * 8 + block * 8) * 1;
  v8 a0_0 = v8_load(bias + block * 8 + 0);
  v8 a1_0 = v8_load(bias + block * 8 + 0);
  v8 a2_0 = v8_load(bias + block * 8 + 0);
  v8 a3_0 = v8_load(bias + block * 8 + 0);
  v8 a4_0 = v8_load(bias + block * 8 + 0);
  v8 a5_0 = v8_load(bias + block * 8 + 0);
  {
    const float *p = a + (a_at + (o * 1 + 0 * 1 + 0) * 24), *q = weight + 0 * 192;
    for (long i = 0; i < 4; ++i, p += 5, q += 40) {
      { const v8 w0 = v8_load(q + 0);
        { const v8 s = v8_splat(p[0]); a0_0 += s * w0; }
        { const v8 s = v8_splat(p[24]); a1_0 += s * w0; }
        { const v8 s = v8_splat(p[48]); a2_0 += s * w0; }
        { const v8 s = v8_splat(p[72]); a3_0 += s * w0; }
        { const v8 s = v8_splat(p[96]); a4_0 += s * w0; }
        { const v8 s = v8_splat(p[120]); a5_0 += s * w0; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 8);
        { const v8 s = v8_splat(p[1]); a0_0 += s * w0; }
        { const v8 s = v8_splat(p[25]); a1_0 += s * w0; }
        { const v8 s = v8_splat(p[49]); a2_0 += s * w0; }
        { const v8 s = v8_splat(p[73]); a3_0 += s * w0; }
        { const v8 s = v8_splat(p[97]); a4_0 += s * w0; }
        { const v8 s = v8_splat(p[121]); a5_0 += s * w0; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 16);
        { const v8 s = v8_splat(p[2]); a0_0 += s * w0; }
        { const v8 s = v8_splat(p[26]); a1_0 += s * w0; }
        { const v8 s = v8_splat(p[50]); a2_0 += s * w0; }
        { const v8 s = v8_splat(p[74]); a3_0 += s * w0; }
        { const v8 s = v8_splat(p[98]); a4_0 += s * w0; }
        { const v8 s = v8_splat(p[122]); a5_0 += s * w0; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 24);
        { const v8 s = v8_splat(p[3]); a0_0 += s * w0; }
        { const v8 s = v8_splat(p[27]); a1_0 += s * w0; }
        { const v8 s = v8_splat(p[51]); a2_0 += s * w0; }
        { const v8 s = v8_splat(p[75]); a3_0 += s * w0; }
        { const v8 s = v8_splat(p[99]); a4_0 += s * w0; }
        { const v8 s = v8_splat(p[123]); a5_0 += s * w0; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 32);
        { const v8 s = v8_splat(p[4]); a0_0 += s * w0; }
        { const v8 s = v8_splat(p[28]); a1_0 += s * w0; }
        { const v8 s = v8_splat(p[52]); a2_0 += s * w0; }
        { const v8 s = v8_splat(p[76]); a3_0 += s * w0; }
        { const v8 s = v8_splat(p[100]); a4_0 += s * w0; }
        { const v8 s = v8_splat(p[124]); a5_0 += s * w0; }
      } __asm__ volatile("" ::: "memory");
    }
    { const v8 w0 = v8_load(q + 0);
      { const v8 s = v8_splat(p[0]); a0_0 += s * w0; }
      { const v8 s = v8_splat(p[24]); a1_0 += s * w0; }
      { const v8 s = v8_splat(p[48]); a2_0 += s * w0; }
      { const v8 s = v8_splat(p[72]); a3_0 += s * w0; }
      { const v8 s = v8_splat(p[96]); a4_0 += s * w0; }
      { const v8 s = v8_splat(p[120]); a5_0 += s * w0; }
    } __asm__ volatile("" ::: "memory");
    { const v8 w0 = v8_load(q + 8);
      { const v8 s = v8_splat(p[1]); a0_0 += s * w0; }
      { const v8 s = v8_splat(p[25]); a1_0 += s * w0; }
      { const v8 s = v8_splat(p[49]); a2_0 += s * w0; }
      { const v8 s = v8_splat(p[73]); a3_0 += s * w0; }
      { const v8 s = v8_splat(p[97]); a4_0 += s * w0; }
      { const v8 s = v8_splat(p[121]); a5_0 += s * w0; }
    } __asm__ volatile("" ::: "memory");
    { const v8 w0 = v8_load(q + 16);
      { const v8 s = v8_splat(p[2]); a0_0 += s * w0; }
      { const v8 s = v8_splat(p[26]); a1_0 += s * w0; }
      { const v8 s = v8_splat(p[50]); a2_0 += s * w0; }
      { const v8 s = v8_splat(p[74]); a3_0 += s * w0; }
      { const v8 s = v8_splat(p[98]); a4_0 += s * w0; }
      { const v8 s = v8_splat(p[122]); a5_0 += s * w0; }
    } __asm__ volatile("" ::: "memory");
    { const v8 w0 = v8_load(q + 24);
      { const v8 s = v8_splat(p[3]); a0_0 += s * w0; }
      { const v8 s = v8_splat(p[27]); a1_0 += s * w0; }
      { const v8 s = v8_splat(p[51]); a2_0 += s * w0; }
      { const v8 s = v8_splat(p[75]); a3_0 += s * w0; }
      { const v8 s = v8_splat(p[99]); a4_0 += s * w0; }
      { const v8 s = v8_splat(p[123]); a5_0 += s * w0; }
    } __asm__ volatile("" ::: "memory");
  }
  float *const out = y + (y_at + o * 8);
  const float *const res = residual + (y_at + o * 8);
  { const v8 r = v8_load(res + 0); const vf t0 = a0_0 + r; const v8 result = t0; v8_store(out + 0, result); }
  { const v8 r = v8_load(res + 8); const vf t0 = a1_0 + r; const v8 result = t0; v8_store(out + 8, result); }
  { const v8 r = v8_load(res + 16); const vf t0 = a2_0 + r; const v8 result = t0; v8_store(out + 16, result); }
  { const v8 r = v8_load(res + 24); const vf t0 = a3_0 + r; const v8 result = t0; v8_store(out + 24, result); }
  { const v8 r = v8_load(res + 32); const vf t0 = a4_0 + r; const v8 result = t0; v8_store(out + 32, result); }
  { const v8 r = v8_load(res + 40); const vf t0 = a5_0 + r; const v8 result = t0; v8_store(out + 40, result); }
}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: Gelu_2: MatMul + Add + Gelu */
  gemm_0((const void *)((const uint8_t *)inputs[0]), (const void *)(constants + 0), (const void *)(constants + 1536), (void *)(arena + AT_active), 0, 2);
  /* 1: Add_4: Gemm + Add */
  gemm_1((const void *)(arena + AT_active), (const void *)(constants + 1664), (const void *)(constants + 2432), (const void *)((const uint8_t *)inputs[1]), (void *)((uint8_t *)outputs[0]), 0, 1);
  return 0;
}
