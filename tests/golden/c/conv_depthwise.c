/* g: 3 steps in an arena of 5248 bytes. */
#include "prelude.h"

#define AT_wide_last 0 /* wide_last: 3200 bytes, steps [0, 2) */
#define AT_y_last 3200 /* y_last: 2048 bytes, steps [1, 3) */

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
  const long o = row % 8 * 13;
  const float *const weight = b + (block * 24);
  const long a_at = 0;
  const long y_at = 0 + (0 * 8 + block * 8) * 1;
  if (o < 91) {
    v8 a0_0 = (v8){0};
    v8 a1_0 = (v8){0};
    v8 a2_0 = (v8){0};
    v8 a3_0 = (v8){0};
    v8 a4_0 = (v8){0};
    v8 a5_0 = (v8){0};
    v8 a6_0 = (v8){0};
    v8 a7_0 = (v8){0};
    v8 a8_0 = (v8){0};
    v8 a9_0 = (v8){0};
    v8 a10_0 = (v8){0};
    v8 a11_0 = (v8){0};
    v8 a12_0 = (v8){0};
    {
      const float *p = a + (a_at + (o * 1 + 0 * 1 + 0) * 1), *q = weight + 0 * 24;
      { const v8 w0 = v8_load(q + 0);
        { const v8 s = v8_splat(p[0]); a0_0 += s * w0; }
        { const v8 s = v8_splat(p[1]); a1_0 += s * w0; }
        { const v8 s = v8_splat(p[2]); a2_0 += s * w0; }
        { const v8 s = v8_splat(p[3]); a3_0 += s * w0; }
        { const v8 s = v8_splat(p[4]); a4_0 += s * w0; }
        { const v8 s = v8_splat(p[5]); a5_0 += s * w0; }
        { const v8 s = v8_splat(p[6]); a6_0 += s * w0; }
        { const v8 s = v8_splat(p[7]); a7_0 += s * w0; }
        { const v8 s = v8_splat(p[8]); a8_0 += s * w0; }
        { const v8 s = v8_splat(p[9]); a9_0 += s * w0; }
        { const v8 s = v8_splat(p[10]); a10_0 += s * w0; }
        { const v8 s = v8_splat(p[11]); a11_0 += s * w0; }
        { const v8 s = v8_splat(p[12]); a12_0 += s * w0; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 8);
        { const v8 s = v8_splat(p[100]); a0_0 += s * w0; }
        { const v8 s = v8_splat(p[101]); a1_0 += s * w0; }
        { const v8 s = v8_splat(p[102]); a2_0 += s * w0; }
        { const v8 s = v8_splat(p[103]); a3_0 += s * w0; }
        { const v8 s = v8_splat(p[104]); a4_0 += s * w0; }
        { const v8 s = v8_splat(p[105]); a5_0 += s * w0; }
        { const v8 s = v8_splat(p[106]); a6_0 += s * w0; }
        { const v8 s = v8_splat(p[107]); a7_0 += s * w0; }
        { const v8 s = v8_splat(p[108]); a8_0 += s * w0; }
        { const v8 s = v8_splat(p[109]); a9_0 += s * w0; }
        { const v8 s = v8_splat(p[110]); a10_0 += s * w0; }
        { const v8 s = v8_splat(p[111]); a11_0 += s * w0; }
        { const v8 s = v8_splat(p[112]); a12_0 += s * w0; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 16);
        { const v8 s = v8_splat(p[200]); a0_0 += s * w0; }
        { const v8 s = v8_splat(p[201]); a1_0 += s * w0; }
        { const v8 s = v8_splat(p[202]); a2_0 += s * w0; }
        { const v8 s = v8_splat(p[203]); a3_0 += s * w0; }
        { const v8 s = v8_splat(p[204]); a4_0 += s * w0; }
        { const v8 s = v8_splat(p[205]); a5_0 += s * w0; }
        { const v8 s = v8_splat(p[206]); a6_0 += s * w0; }
        { const v8 s = v8_splat(p[207]); a7_0 += s * w0; }
        { const v8 s = v8_splat(p[208]); a8_0 += s * w0; }
        { const v8 s = v8_splat(p[209]); a9_0 += s * w0; }
        { const v8 s = v8_splat(p[210]); a10_0 += s * w0; }
        { const v8 s = v8_splat(p[211]); a11_0 += s * w0; }
        { const v8 s = v8_splat(p[212]); a12_0 += s * w0; }
      } __asm__ volatile("" ::: "memory");
    }
    float *const out = y + (y_at + o * 8);
    v8_store(out + 0, a0_0);
    v8_store(out + 8, a1_0);
    v8_store(out + 16, a2_0);
    v8_store(out + 24, a3_0);
    v8_store(out + 32, a4_0);
    v8_store(out + 40, a5_0);
    v8_store(out + 48, a6_0);
    v8_store(out + 56, a7_0);
    v8_store(out + 64, a8_0);
    v8_store(out + 72, a9_0);
    v8_store(out + 80, a10_0);
    v8_store(out + 88, a11_0);
    v8_store(out + 96, a12_0);
  } else {
    v8 a0_0 = (v8){0};
    v8 a1_0 = (v8){0};
    v8 a2_0 = (v8){0};
    v8 a3_0 = (v8){0};
    v8 a4_0 = (v8){0};
    v8 a5_0 = (v8){0};
    v8 a6_0 = (v8){0};
    v8 a7_0 = (v8){0};
    v8 a8_0 = (v8){0};
    {
      const float *p = a + (a_at + (o * 1 + 0 * 1 + 0) * 1), *q = weight + 0 * 24;
      { const v8 w0 = v8_load(q + 0);
        { const v8 s = v8_splat(p[0]); a0_0 += s * w0; }
        { const v8 s = v8_splat(p[1]); a1_0 += s * w0; }
        { const v8 s = v8_splat(p[2]); a2_0 += s * w0; }
        { const v8 s = v8_splat(p[3]); a3_0 += s * w0; }
        { const v8 s = v8_splat(p[4]); a4_0 += s * w0; }
        { const v8 s = v8_splat(p[5]); a5_0 += s * w0; }
        { const v8 s = v8_splat(p[6]); a6_0 += s * w0; }
        { const v8 s = v8_splat(p[7]); a7_0 += s * w0; }
        { const v8 s = v8_splat(p[8]); a8_0 += s * w0; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 8);
        { const v8 s = v8_splat(p[100]); a0_0 += s * w0; }
        { const v8 s = v8_splat(p[101]); a1_0 += s * w0; }
        { const v8 s = v8_splat(p[102]); a2_0 += s * w0; }
        { const v8 s = v8_splat(p[103]); a3_0 += s * w0; }
        { const v8 s = v8_splat(p[104]); a4_0 += s * w0; }
        { const v8 s = v8_splat(p[105]); a5_0 += s * w0; }
        { const v8 s = v8_splat(p[106]); a6_0 += s * w0; }
        { const v8 s = v8_splat(p[107]); a7_0 += s * w0; }
        { const v8 s = v8_splat(p[108]); a8_0 += s * w0; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 16);
        { const v8 s = v8_splat(p[200]); a0_0 += s * w0; }
        { const v8 s = v8_splat(p[201]); a1_0 += s * w0; }
        { const v8 s = v8_splat(p[202]); a2_0 += s * w0; }
        { const v8 s = v8_splat(p[203]); a3_0 += s * w0; }
        { const v8 s = v8_splat(p[204]); a4_0 += s * w0; }
        { const v8 s = v8_splat(p[205]); a5_0 += s * w0; }
        { const v8 s = v8_splat(p[206]); a6_0 += s * w0; }
        { const v8 s = v8_splat(p[207]); a7_0 += s * w0; }
        { const v8 s = v8_splat(p[208]); a8_0 += s * w0; }
      } __asm__ volatile("" ::: "memory");
    }
    float *const out = y + (y_at + o * 8);
    v8_store(out + 0, a0_0);
    v8_store(out + 8, a1_0);
    v8_store(out + 16, a2_0);
    v8_store(out + 24, a3_0);
    v8_store(out + 32, a4_0);
    v8_store(out + 40, a5_0);
    v8_store(out + 48, a6_0);
    v8_store(out + 56, a7_0);
    v8_store(out + 64, a8_0);
  }
}
}

static void depthwise_1(const float *restrict a, const float *restrict b, const float *restrict bias, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long o0 = item % 8;
  const long a_at = 0;
  const long y_at = 0 + o0 * 64;
  {
    const long o = 0;
    for (long c = 0; c < 8; c += 8) {
      v8 a0_0 = v8_load(bias + c + 0);
      v8 a1_0 = v8_load(bias + c + 0);
      v8 a2_0 = v8_load(bias + c + 0);
      v8 a3_0 = v8_load(bias + c + 0);
      v8 a4_0 = v8_load(bias + c + 0);
      v8 a5_0 = v8_load(bias + c + 0);
      v8 a6_0 = v8_load(bias + c + 0);
      for (long k0 = 0; k0 < 3; ++k0) {
        {
          const float *p = a + (a_at + c + o * 8 + 0 + (o0 * 1 + k0 * 1 - 0) * 80), *q = b + (k0 * 24 + c);
          { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8); const v8 w2 = v8_load(q + 16);
            { const v8 s = v8_load(p + 0); a0_0 += s * w0; }
            { const v8 s = v8_load(p + 8); a1_0 += s * w0; a0_0 += s * w1; }
            { const v8 s = v8_load(p + 16); a2_0 += s * w0; a1_0 += s * w1; a0_0 += s * w2; }
            { const v8 s = v8_load(p + 24); a3_0 += s * w0; a2_0 += s * w1; a1_0 += s * w2; }
            { const v8 s = v8_load(p + 32); a4_0 += s * w0; a3_0 += s * w1; a2_0 += s * w2; }
            { const v8 s = v8_load(p + 40); a5_0 += s * w0; a4_0 += s * w1; a3_0 += s * w2; }
            { const v8 s = v8_load(p + 48); a6_0 += s * w0; a5_0 += s * w1; a4_0 += s * w2; }
            { const v8 s = v8_load(p + 56); a6_0 += s * w1; a5_0 += s * w2; }
            { const v8 s = v8_load(p + 64); a6_0 += s * w2; }
          }
        }
      }
      float *const out = y + (y_at + c + o * 8);
      { const vf t0 = mi_clip(a0_0, mi_set1(0.0f), mi_set1(6.0f)); const v8 result = t0; v8_store(out + 0, result); }
      { const vf t0 = mi_clip(a1_0, mi_set1(0.0f), mi_set1(6.0f)); const v8 result = t0; v8_store(out + 8, result); }
      { const vf t0 = mi_clip(a2_0, mi_set1(0.0f), mi_set1(6.0f)); const v8 result = t0; v8_store(out + 16, result); }
      { const vf t0 = mi_clip(a3_0, mi_set1(0.0f), mi_set1(6.0f)); const v8 result = t0; v8_store(out + 24, result); }
      { const vf t0 = mi_clip(a4_0, mi_set1(0.0f), mi_set1(6.0f)); const v8 result = t0; v8_store(out + 32, result); }
      { const vf t0 = mi_clip(a5_0, mi_set1(0.0f), mi_set1(6.0f)); const v8 result = t0; v8_store(out + 40, result); }
      { const vf t0 = mi_clip(a6_0, mi_set1(0.0f), mi_set1(6.0f)); const v8 result = t0; v8_store(out + 48, result); }
    }
  }
  {
    const long o = 7;
    for (long c = 0; c < 8; c += 8) {
      v8 a0_0 = v8_load(bias + c + 0);
      for (long k0 = 0; k0 < 3; ++k0) {
        {
          const float *p = a + (a_at + c + o * 8 + 0 + (o0 * 1 + k0 * 1 - 0) * 80), *q = b + (k0 * 24 + c);
          { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8); const v8 w2 = v8_load(q + 16);
            { const v8 s = v8_load(p + 0); a0_0 += s * w0; }
            { const v8 s = v8_load(p + 8); a0_0 += s * w1; }
            { const v8 s = v8_load(p + 16); a0_0 += s * w2; }
          }
        }
      }
      float *const out = y + (y_at + c + o * 8);
      { const vf t0 = mi_clip(a0_0, mi_set1(0.0f), mi_set1(6.0f)); const v8 result = t0; v8_store(out + 0, result); }
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

static void copy_2(const uint32_t *restrict x, uint32_t *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long s = i0 * 8;
  const long t = i0 * 512;
  const float *p = (const float *)x + s;
  float *q = (float *)y + t;
  for (long j = 0; j < 8; ++j, p += 64, q += 8) {
    mi_transpose_tile(p, 8, q, 64);
  }

}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: Conv_0: Conv + Transpose */
  gemm_0((const void *)((const uint8_t *)inputs[0]), (const void *)(constants + 0), (void *)(arena + AT_wide_last), 0, 8);
  /* 1: Clip_2: Transpose + Conv + Clip + Transpose */
  depthwise_1((const void *)(arena + AT_wide_last), (const void *)(constants + 128), (const void *)(constants + 448), (void *)(arena + AT_y_last), 0, 8);
  /* 2: y: Transpose */
  copy_2((const void *)(arena + AT_y_last), (void *)((uint8_t *)outputs[0]), 0, 1);
  return 0;
}
