/* g: 3 steps in an arena of 768 bytes. */
#include "prelude.h"

#define AT_t 0 /* t: 768 bytes, steps [1, 3) */

typedef float v8 __attribute__((vector_size(32), aligned(4), may_alias));
typedef double v8_wide __attribute__((vector_size(64)));
typedef int32_t v8_mask __attribute__((vector_size(32), aligned(4), may_alias));
MI_INLINE v8 v8_load(const float *p) { return *(const v8 *)p; }
MI_INLINE void v8_store(float *p, v8 a) { *(v8 *)p = a; }
MI_INLINE v8 v8_splat(float s) { return s - (v8){0}; }
MI_INLINE v8 v8_select(v8_mask m, v8 a, v8 b) { return (v8)(((v8_mask)a & m) | ((v8_mask)b & ~m)); }
MI_INLINE v8 v8_greatest(v8 a, v8 b) { return v8_select(b == b, v8_select(b > a, b, a), b); }

static void gemm_0(const float *restrict a, const float *restrict b, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long block = 0, row = item;
  const long n = row;
  const long o = 0;
  const float *const weight = b + (n * 96 + block * 16);
  const long a_at = n * 40;
  const long y_at = 0 + n * 60 + (0 * 12 + block * 16) * 1;
  v8 a0_0 = (v8){0};
  v8 a0_1 = (v8){0};
  v8 a1_0 = (v8){0};
  v8 a1_1 = (v8){0};
  v8 a2_0 = (v8){0};
  v8 a2_1 = (v8){0};
  v8 a3_0 = (v8){0};
  v8 a3_1 = (v8){0};
  v8 a4_0 = (v8){0};
  v8 a4_1 = (v8){0};
  {
    const float *p = a + (a_at + (o * 1 + 0 * 1 + 0) * 8), *q = weight + 0 * 96;
    for (long i = 0; i < 2; ++i, p += 3, q += 36) {
      { const v8 w0 = v8_load(q + 0); v8 w1 = {0}; __builtin_memcpy(&w1, q + 8, 16);
        { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
        { const v8 s = v8_splat(p[8]); a1_0 += s * w0; a1_1 += s * w1; }
        { const v8 s = v8_splat(p[16]); a2_0 += s * w0; a2_1 += s * w1; }
        { const v8 s = v8_splat(p[24]); a3_0 += s * w0; a3_1 += s * w1; }
        { const v8 s = v8_splat(p[32]); a4_0 += s * w0; a4_1 += s * w1; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 12); v8 w1 = {0}; __builtin_memcpy(&w1, q + 20, 16);
        { const v8 s = v8_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; }
        { const v8 s = v8_splat(p[9]); a1_0 += s * w0; a1_1 += s * w1; }
        { const v8 s = v8_splat(p[17]); a2_0 += s * w0; a2_1 += s * w1; }
        { const v8 s = v8_splat(p[25]); a3_0 += s * w0; a3_1 += s * w1; }
        { const v8 s = v8_splat(p[33]); a4_0 += s * w0; a4_1 += s * w1; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 24); v8 w1 = {0}; __builtin_memcpy(&w1, q + 32, 16);
        { const v8 s = v8_splat(p[2]); a0_0 += s * w0; a0_1 += s * w1; }
        { const v8 s = v8_splat(p[10]); a1_0 += s * w0; a1_1 += s * w1; }
        { const v8 s = v8_splat(p[18]); a2_0 += s * w0; a2_1 += s * w1; }
        { const v8 s = v8_splat(p[26]); a3_0 += s * w0; a3_1 += s * w1; }
        { const v8 s = v8_splat(p[34]); a4_0 += s * w0; a4_1 += s * w1; }
      } __asm__ volatile("" ::: "memory");
    }
    { const v8 w0 = v8_load(q + 0); v8 w1 = {0}; __builtin_memcpy(&w1, q + 8, 16);
      { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
      { const v8 s = v8_splat(p[8]); a1_0 += s * w0; a1_1 += s * w1; }
      { const v8 s = v8_splat(p[16]); a2_0 += s * w0; a2_1 += s * w1; }
      { const v8 s = v8_splat(p[24]); a3_0 += s * w0; a3_1 += s * w1; }
      { const v8 s = v8_splat(p[32]); a4_0 += s * w0; a4_1 += s * w1; }
    } __asm__ volatile("" ::: "memory");
    { const v8 w0 = v8_load(q + 12); v8 w1 = {0}; __builtin_memcpy(&w1, q + 20, 16);
      { const v8 s = v8_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; }
      { const v8 s = v8_splat(p[9]); a1_0 += s * w0; a1_1 += s * w1; }
      { const v8 s = v8_splat(p[17]); a2_0 += s * w0; a2_1 += s * w1; }
      { const v8 s = v8_splat(p[25]); a3_0 += s * w0; a3_1 += s * w1; }
      { const v8 s = v8_splat(p[33]); a4_0 += s * w0; a4_1 += s * w1; }
    } __asm__ volatile("" ::: "memory");
  }
  float *const out = y + (y_at + o * 12);
  {
    _Alignas(64) float sums[5][16];
    v8_store(&sums[0][0], a0_0);
    v8_store(&sums[0][8], a0_1);
    v8_store(&sums[1][0], a1_0);
    v8_store(&sums[1][8], a1_1);
    v8_store(&sums[2][0], a2_0);
    v8_store(&sums[2][8], a2_1);
    v8_store(&sums[3][0], a3_0);
    v8_store(&sums[3][8], a3_1);
    v8_store(&sums[4][0], a4_0);
    v8_store(&sums[4][8], a4_1);
    for (long m = 0; m < 5; ++m) {
      { const v8 sum = v8_load(&sums[m][0]); const vf t0 = mi_tanh(sum); const v8 result = t0; v8_store(out + m * 12 + 0, result); }
      { const v8 sum = v8_load(&sums[m][8]); const vf t0 = mi_tanh(sum); const v8 result = t0; __builtin_memcpy(out + m * 12 + 8, &result, 16); }
    }
  }
}
}

#if defined(__clang__)
#define MI_SHUFFLE2(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define MI_SHUFFLE2(a, b, ...) __builtin_shuffle(a, b, (vi){__VA_ARGS__})
#endif

static inline void mi_transpose_tile(const float *p, long step, float *q, long target) {
  vf v0 = mi_load(p + 0 * step);
  vf v1 = mi_load(p + 1 * step);
  vf v2 = mi_load(p + 2 * step);
  vf v3 = mi_load(p + 3 * step);
  vf v4 = mi_load(p + 4 * step);
  vf v5 = mi_load(p + 5 * step);
  vf v6 = mi_load(p + 6 * step);
  vf v7 = mi_load(p + 7 * step);
  { const vf a = v0, b = v1;
    v0 = MI_SHUFFLE2(a, b, 0, 8, 2, 10, 4, 12, 6, 14);
    v1 = MI_SHUFFLE2(a, b, 1, 9, 3, 11, 5, 13, 7, 15); }
  { const vf a = v2, b = v3;
    v2 = MI_SHUFFLE2(a, b, 0, 8, 2, 10, 4, 12, 6, 14);
    v3 = MI_SHUFFLE2(a, b, 1, 9, 3, 11, 5, 13, 7, 15); }
  { const vf a = v4, b = v5;
    v4 = MI_SHUFFLE2(a, b, 0, 8, 2, 10, 4, 12, 6, 14);
    v5 = MI_SHUFFLE2(a, b, 1, 9, 3, 11, 5, 13, 7, 15); }
  { const vf a = v6, b = v7;
    v6 = MI_SHUFFLE2(a, b, 0, 8, 2, 10, 4, 12, 6, 14);
    v7 = MI_SHUFFLE2(a, b, 1, 9, 3, 11, 5, 13, 7, 15); }
  { const vf a = v0, b = v2;
    v0 = MI_SHUFFLE2(a, b, 0, 1, 8, 9, 4, 5, 12, 13);
    v2 = MI_SHUFFLE2(a, b, 2, 3, 10, 11, 6, 7, 14, 15); }
  { const vf a = v1, b = v3;
    v1 = MI_SHUFFLE2(a, b, 0, 1, 8, 9, 4, 5, 12, 13);
    v3 = MI_SHUFFLE2(a, b, 2, 3, 10, 11, 6, 7, 14, 15); }
  { const vf a = v4, b = v6;
    v4 = MI_SHUFFLE2(a, b, 0, 1, 8, 9, 4, 5, 12, 13);
    v6 = MI_SHUFFLE2(a, b, 2, 3, 10, 11, 6, 7, 14, 15); }
  { const vf a = v5, b = v7;
    v5 = MI_SHUFFLE2(a, b, 0, 1, 8, 9, 4, 5, 12, 13);
    v7 = MI_SHUFFLE2(a, b, 2, 3, 10, 11, 6, 7, 14, 15); }
  { const vf a = v0, b = v4;
    v0 = MI_SHUFFLE2(a, b, 0, 1, 2, 3, 8, 9, 10, 11);
    v4 = MI_SHUFFLE2(a, b, 4, 5, 6, 7, 12, 13, 14, 15); }
  { const vf a = v1, b = v5;
    v1 = MI_SHUFFLE2(a, b, 0, 1, 2, 3, 8, 9, 10, 11);
    v5 = MI_SHUFFLE2(a, b, 4, 5, 6, 7, 12, 13, 14, 15); }
  { const vf a = v2, b = v6;
    v2 = MI_SHUFFLE2(a, b, 0, 1, 2, 3, 8, 9, 10, 11);
    v6 = MI_SHUFFLE2(a, b, 4, 5, 6, 7, 12, 13, 14, 15); }
  { const vf a = v3, b = v7;
    v3 = MI_SHUFFLE2(a, b, 0, 1, 2, 3, 8, 9, 10, 11);
    v7 = MI_SHUFFLE2(a, b, 4, 5, 6, 7, 12, 13, 14, 15); }
  mi_store(q + 0 * target, v0);
  mi_store(q + 1 * target, v1);
  mi_store(q + 2 * target, v2);
  mi_store(q + 3 * target, v3);
  mi_store(q + 4 * target, v4);
  mi_store(q + 5 * target, v5);
  mi_store(q + 6 * target, v6);
  mi_store(q + 7 * target, v7);
}

static void copy_1(const uint32_t *restrict x, uint32_t *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long i1 = item % 1;
  const long s = i0 * 96 + i1 * 8;
  const long t = i0 * 96 + i1 * 96;
  const float *p = (const float *)x + s;
  float *q = (float *)y + t;
  for (long j = 0; j < 1; ++j, p += 64, q += 8) {
    mi_transpose_tile(p, 8, q, 12);
  }
  for (long i = 0; i < 8; ++i)
    for (long j = 0; j < 4; ++j) q[i * 12 + j] = p[i + j * 8];
}
}

static void gemm_2(const float *restrict a, const float *restrict b, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long block = 0, row = item;
  const long n = row;
  const long o = 0;
  const float *const weight = b + (n * 96 + block * 16);
  const long a_at = n * 40;
  const long y_at = 0 + n * 60 + (0 * 12 + block * 16) * 1;
  v8 a0_0 = (v8){0};
  v8 a0_1 = (v8){0};
  v8 a1_0 = (v8){0};
  v8 a1_1 = (v8){0};
  v8 a2_0 = (v8){0};
  v8 a2_1 = (v8){0};
  v8 a3_0 = (v8){0};
  v8 a3_1 = (v8){0};
  v8 a4_0 = (v8){0};
  v8 a4_1 = (v8){0};
  {
    const float *p = a + (a_at + (o * 1 + 0 * 1 + 0) * 8), *q = weight + 0 * 96;
    for (long i = 0; i < 2; ++i, p += 3, q += 36) {
      { const v8 w0 = v8_load(q + 0); v8 w1 = {0}; __builtin_memcpy(&w1, q + 8, 16);
        { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
        { const v8 s = v8_splat(p[8]); a1_0 += s * w0; a1_1 += s * w1; }
        { const v8 s = v8_splat(p[16]); a2_0 += s * w0; a2_1 += s * w1; }
        { const v8 s = v8_splat(p[24]); a3_0 += s * w0; a3_1 += s * w1; }
        { const v8 s = v8_splat(p[32]); a4_0 += s * w0; a4_1 += s * w1; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 12); v8 w1 = {0}; __builtin_memcpy(&w1, q + 20, 16);
        { const v8 s = v8_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; }
        { const v8 s = v8_splat(p[9]); a1_0 += s * w0; a1_1 += s * w1; }
        { const v8 s = v8_splat(p[17]); a2_0 += s * w0; a2_1 += s * w1; }
        { const v8 s = v8_splat(p[25]); a3_0 += s * w0; a3_1 += s * w1; }
        { const v8 s = v8_splat(p[33]); a4_0 += s * w0; a4_1 += s * w1; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 24); v8 w1 = {0}; __builtin_memcpy(&w1, q + 32, 16);
        { const v8 s = v8_splat(p[2]); a0_0 += s * w0; a0_1 += s * w1; }
        { const v8 s = v8_splat(p[10]); a1_0 += s * w0; a1_1 += s * w1; }
        { const v8 s = v8_splat(p[18]); a2_0 += s * w0; a2_1 += s * w1; }
        { const v8 s = v8_splat(p[26]); a3_0 += s * w0; a3_1 += s * w1; }
        { const v8 s = v8_splat(p[34]); a4_0 += s * w0; a4_1 += s * w1; }
      } __asm__ volatile("" ::: "memory");
    }
    { const v8 w0 = v8_load(q + 0); v8 w1 = {0}; __builtin_memcpy(&w1, q + 8, 16);
      { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
      { const v8 s = v8_splat(p[8]); a1_0 += s * w0; a1_1 += s * w1; }
      { const v8 s = v8_splat(p[16]); a2_0 += s * w0; a2_1 += s * w1; }
      { const v8 s = v8_splat(p[24]); a3_0 += s * w0; a3_1 += s * w1; }
      { const v8 s = v8_splat(p[32]); a4_0 += s * w0; a4_1 += s * w1; }
    } __asm__ volatile("" ::: "memory");
    { const v8 w0 = v8_load(q + 12); v8 w1 = {0}; __builtin_memcpy(&w1, q + 20, 16);
      { const v8 s = v8_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; }
      { const v8 s = v8_splat(p[9]); a1_0 += s * w0; a1_1 += s * w1; }
      { const v8 s = v8_splat(p[17]); a2_0 += s * w0; a2_1 += s * w1; }
      { const v8 s = v8_splat(p[25]); a3_0 += s * w0; a3_1 += s * w1; }
      { const v8 s = v8_splat(p[33]); a4_0 += s * w0; a4_1 += s * w1; }
    } __asm__ volatile("" ::: "memory");
  }
  float *const out = y + (y_at + o * 12);
  v8_store(out + 0, a0_0);
  __builtin_memcpy(out + 8, &a0_1, 16);
  v8_store(out + 12, a1_0);
  __builtin_memcpy(out + 20, &a1_1, 16);
  v8_store(out + 24, a2_0);
  __builtin_memcpy(out + 32, &a2_1, 16);
  v8_store(out + 36, a3_0);
  __builtin_memcpy(out + 44, &a3_1, 16);
  v8_store(out + 48, a4_0);
  __builtin_memcpy(out + 56, &a4_1, 16);
}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: Tanh_1: MatMul + Tanh */
  gemm_0((const void *)((const uint8_t *)inputs[0]), (const void *)((const uint8_t *)inputs[1]), (void *)((uint8_t *)outputs[0]), 0, 2);
  /* 1: Transpose_2: Transpose */
  copy_1((const void *)((const uint8_t *)inputs[2]), (void *)(arena + AT_t), 0, 2);
  /* 2: MatMul_3: MatMul */
  gemm_2((const void *)((const uint8_t *)inputs[0]), (const void *)(arena + AT_t), (void *)((uint8_t *)outputs[1]), 0, 2);
  return 0;
}
