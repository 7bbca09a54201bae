/* g: 1 steps in an arena of 14592 bytes. */
#include "prelude.h"

#define AT_y_rings 0 /* y/rings: 14592 bytes, steps [0, 1) */

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

static void copy_0(const uint32_t *restrict x, uint32_t *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long s = i0 * 8;
  const long t = i0 * 64;
  const float *p = (const float *)x + s;
  float *q = (float *)y + t;
  for (long j = 0; j < 1; ++j, p += 2048, q += 8) {
    mi_transpose_tile(p, 256, q, 8);
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

static void gemm_1(const float *restrict a, const float *restrict b, const float *restrict bias, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long block = item / 6, row = item % 6;
  const long o = row % 6 * 6;
  const float *const weight = b + (block * 128);
  const long a_at = 0;
  const long y_at = 0 + (0 * 64 + block * 16) * 1;
  if (o < 30) {
    v8 a0_0 = v8_load(bias + block * 16 + 0);
    v8 a0_1 = v8_load(bias + block * 16 + 8);
    v8 a1_0 = v8_load(bias + block * 16 + 0);
    v8 a1_1 = v8_load(bias + block * 16 + 8);
    v8 a2_0 = v8_load(bias + block * 16 + 0);
    v8 a2_1 = v8_load(bias + block * 16 + 8);
    v8 a3_0 = v8_load(bias + block * 16 + 0);
    v8 a3_1 = v8_load(bias + block * 16 + 8);
    v8 a4_0 = v8_load(bias + block * 16 + 0);
    v8 a4_1 = v8_load(bias + block * 16 + 8);
    v8 a5_0 = v8_load(bias + block * 16 + 0);
    v8 a5_1 = v8_load(bias + block * 16 + 8);
    {
      const float *p = a + (a_at + (o * 1 + 0 * 1 + 0) * 8), *q = weight + 0 * 128;
      for (long i = 0; i < 4; ++i, p += 2, q += 32) {
        { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
          { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
          { const v8 s = v8_splat(p[8]); a1_0 += s * w0; a1_1 += s * w1; }
          { const v8 s = v8_splat(p[16]); a2_0 += s * w0; a2_1 += s * w1; }
          { const v8 s = v8_splat(p[24]); a3_0 += s * w0; a3_1 += s * w1; }
          { const v8 s = v8_splat(p[32]); a4_0 += s * w0; a4_1 += s * w1; }
          { const v8 s = v8_splat(p[40]); a5_0 += s * w0; a5_1 += s * w1; }
        } __asm__ volatile("" ::: "memory");
        { const v8 w0 = v8_load(q + 16); const v8 w1 = v8_load(q + 24);
          { const v8 s = v8_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; }
          { const v8 s = v8_splat(p[9]); a1_0 += s * w0; a1_1 += s * w1; }
          { const v8 s = v8_splat(p[17]); a2_0 += s * w0; a2_1 += s * w1; }
          { const v8 s = v8_splat(p[25]); a3_0 += s * w0; a3_1 += s * w1; }
          { const v8 s = v8_splat(p[33]); a4_0 += s * w0; a4_1 += s * w1; }
          { const v8 s = v8_splat(p[41]); a5_0 += s * w0; a5_1 += s * w1; }
        } __asm__ volatile("" ::: "memory");
      }
    }
    float *const out = y + (y_at + o * 64);
    { const vf t0 = mi_relu(a0_0); const v8 result = t0; v8_store(out + 0, result); }
    { const vf t0 = mi_relu(a0_1); const v8 result = t0; v8_store(out + 8, result); }
    { const vf t0 = mi_relu(a1_0); const v8 result = t0; v8_store(out + 64, result); }
    { const vf t0 = mi_relu(a1_1); const v8 result = t0; v8_store(out + 72, result); }
    { const vf t0 = mi_relu(a2_0); const v8 result = t0; v8_store(out + 128, result); }
    { const vf t0 = mi_relu(a2_1); const v8 result = t0; v8_store(out + 136, result); }
    { const vf t0 = mi_relu(a3_0); const v8 result = t0; v8_store(out + 192, result); }
    { const vf t0 = mi_relu(a3_1); const v8 result = t0; v8_store(out + 200, result); }
    { const vf t0 = mi_relu(a4_0); const v8 result = t0; v8_store(out + 256, result); }
    { const vf t0 = mi_relu(a4_1); const v8 result = t0; v8_store(out + 264, result); }
    { const vf t0 = mi_relu(a5_0); const v8 result = t0; v8_store(out + 320, result); }
    { const vf t0 = mi_relu(a5_1); const v8 result = t0; v8_store(out + 328, result); }
  } else {
    v8 a0_0 = v8_load(bias + block * 16 + 0);
    v8 a0_1 = v8_load(bias + block * 16 + 8);
    v8 a1_0 = v8_load(bias + block * 16 + 0);
    v8 a1_1 = v8_load(bias + block * 16 + 8);
    {
      const float *p = a + (a_at + (o * 1 + 0 * 1 + 0) * 8), *q = weight + 0 * 128;
      { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
        { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
        { const v8 s = v8_splat(p[8]); a1_0 += s * w0; a1_1 += s * w1; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 16); const v8 w1 = v8_load(q + 24);
        { const v8 s = v8_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; }
        { const v8 s = v8_splat(p[9]); a1_0 += s * w0; a1_1 += s * w1; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 32); const v8 w1 = v8_load(q + 40);
        { const v8 s = v8_splat(p[2]); a0_0 += s * w0; a0_1 += s * w1; }
        { const v8 s = v8_splat(p[10]); a1_0 += s * w0; a1_1 += s * w1; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 48); const v8 w1 = v8_load(q + 56);
        { const v8 s = v8_splat(p[3]); a0_0 += s * w0; a0_1 += s * w1; }
        { const v8 s = v8_splat(p[11]); a1_0 += s * w0; a1_1 += s * w1; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 64); const v8 w1 = v8_load(q + 72);
        { const v8 s = v8_splat(p[4]); a0_0 += s * w0; a0_1 += s * w1; }
        { const v8 s = v8_splat(p[12]); a1_0 += s * w0; a1_1 += s * w1; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 80); const v8 w1 = v8_load(q + 88);
        { const v8 s = v8_splat(p[5]); a0_0 += s * w0; a0_1 += s * w1; }
        { const v8 s = v8_splat(p[13]); a1_0 += s * w0; a1_1 += s * w1; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 96); const v8 w1 = v8_load(q + 104);
        { const v8 s = v8_splat(p[6]); a0_0 += s * w0; a0_1 += s * w1; }
        { const v8 s = v8_splat(p[14]); a1_0 += s * w0; a1_1 += s * w1; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 112); const v8 w1 = v8_load(q + 120);
        { const v8 s = v8_splat(p[7]); a0_0 += s * w0; a0_1 += s * w1; }
        { const v8 s = v8_splat(p[15]); a1_0 += s * w0; a1_1 += s * w1; }
      } __asm__ volatile("" ::: "memory");
    }
    float *const out = y + (y_at + o * 64);
    { const vf t0 = mi_relu(a0_0); const v8 result = t0; v8_store(out + 0, result); }
    { const vf t0 = mi_relu(a0_1); const v8 result = t0; v8_store(out + 8, result); }
    { const vf t0 = mi_relu(a1_0); const v8 result = t0; v8_store(out + 64, result); }
    { const vf t0 = mi_relu(a1_1); const v8 result = t0; v8_store(out + 72, result); }
  }
}
}

static void depthwise_2(const float *restrict a, const float *restrict b, const float *restrict bias, float *restrict y, long begin, long end, long n_input0, long n_pad1) {
(void)n_input0;
(void)n_pad1;
for (long item = begin; item < end; ++item) {
  const long o0 = item % 1;
  const long begin0 = o0 * 2 - n_pad1, end0 = n_input0 - begin0;
  const long first0 = begin0 < 0 ? -begin0 : 0;
  const long last0 = end0 < 3 ? end0 : 3;
  const long a_at = 0;
  const long y_at = 0 + o0 * 512;
  {
    const long o = 0;
    for (long c = 0; c < 64; c += 8) {
      v8 a0_0 = v8_load(bias + c + 0);
      v8 a1_0 = v8_load(bias + c + 0);
      v8 a2_0 = v8_load(bias + c + 0);
      v8 a3_0 = v8_load(bias + c + 0);
      v8 a4_0 = v8_load(bias + c + 0);
      v8 a5_0 = v8_load(bias + c + 0);
      v8 a6_0 = v8_load(bias + c + 0);
      for (long k0 = first0; k0 < last0; ++k0) {
        {
          const float *p = a + (a_at + c + o * 128 + 0 + (o0 * 2 + k0 * 1 - n_pad1) * 1024), *q = b + (k0 * 192 + c);
          { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 64); const v8 w2 = v8_load(q + 128);
            { const v8 s = v8_load(p + 0); a0_0 += s * w1; }
            { const v8 s = v8_load(p + 64); a1_0 += s * w0; a0_0 += s * w2; }
            { const v8 s = v8_load(p + 128); a1_0 += s * w1; }
            { const v8 s = v8_load(p + 192); a2_0 += s * w0; a1_0 += s * w2; }
            { const v8 s = v8_load(p + 256); a2_0 += s * w1; }
            { const v8 s = v8_load(p + 320); a3_0 += s * w0; a2_0 += s * w2; }
            { const v8 s = v8_load(p + 384); a3_0 += s * w1; }
            { const v8 s = v8_load(p + 448); a4_0 += s * w0; a3_0 += s * w2; }
            { const v8 s = v8_load(p + 512); a4_0 += s * w1; }
            { const v8 s = v8_load(p + 576); a5_0 += s * w0; a4_0 += s * w2; }
            { const v8 s = v8_load(p + 640); a5_0 += s * w1; }
            { const v8 s = v8_load(p + 704); a6_0 += s * w0; a5_0 += s * w2; }
            { const v8 s = v8_load(p + 768); a6_0 += s * w1; }
            { const v8 s = v8_load(p + 832); a6_0 += s * w2; }
          }
        }
      }
      float *const out = y + (y_at + c + o * 64);
      { const vf t0 = mi_relu(a0_0); const v8 result = t0; v8_store(out + 0, result); }
      { const vf t0 = mi_relu(a1_0); const v8 result = t0; v8_store(out + 64, result); }
      { const vf t0 = mi_relu(a2_0); const v8 result = t0; v8_store(out + 128, result); }
      { const vf t0 = mi_relu(a3_0); const v8 result = t0; v8_store(out + 192, result); }
      { const vf t0 = mi_relu(a4_0); const v8 result = t0; v8_store(out + 256, result); }
      { const vf t0 = mi_relu(a5_0); const v8 result = t0; v8_store(out + 320, result); }
      { const vf t0 = mi_relu(a6_0); const v8 result = t0; v8_store(out + 384, result); }
    }
  }
  {
    const long o = 7;
    for (long c = 0; c < 64; c += 8) {
      v8 a0_0 = v8_load(bias + c + 0);
      for (long k0 = first0; k0 < last0; ++k0) {
        {
          const float *p = a + (a_at + c + o * 128 + -64 + (o0 * 2 + k0 * 1 - n_pad1) * 1024), *q = b + (k0 * 192 + c);
          { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 64); const v8 w2 = v8_load(q + 128);
            { const v8 s = v8_load(p + 0); a0_0 += s * w0; }
            { const v8 s = v8_load(p + 64); a0_0 += s * w1; }
            { const v8 s = v8_load(p + 128); a0_0 += s * w2; }
          }
        }
      }
      float *const out = y + (y_at + c + o * 64);
      { const vf t0 = mi_relu(a0_0); const v8 result = t0; v8_store(out + 0, result); }
    }
  }
}
}

static void gemm_3(const float *restrict a, const float *restrict b, const float *restrict bias, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long block = 0;
  const long o = 0;
  const float *const weight = b + (block * 512);
  const long a_at = 0;
  const long y_at = 0 + (0 * 8 + block * 8) * 1;
  v8 a0_0 = v8_load(bias + block * 8 + 0);
  v8 a1_0 = v8_load(bias + block * 8 + 0);
  v8 a2_0 = v8_load(bias + block * 8 + 0);
  v8 a3_0 = v8_load(bias + block * 8 + 0);
  v8 a4_0 = v8_load(bias + block * 8 + 0);
  v8 a5_0 = v8_load(bias + block * 8 + 0);
  v8 a6_0 = v8_load(bias + block * 8 + 0);
  v8 a7_0 = v8_load(bias + block * 8 + 0);
  {
    const float *p = a + (a_at + (o * 1 + 0 * 1 + 0) * 64), *q = weight + 0 * 512;
    for (long i = 0; i < 16; ++i, p += 4, q += 32) {
      { const v8 w0 = v8_load(q + 0);
        { const v8 s = v8_splat(p[0]); a0_0 += s * w0; }
        { const v8 s = v8_splat(p[64]); a1_0 += s * w0; }
        { const v8 s = v8_splat(p[128]); a2_0 += s * w0; }
        { const v8 s = v8_splat(p[192]); a3_0 += s * w0; }
        { const v8 s = v8_splat(p[256]); a4_0 += s * w0; }
        { const v8 s = v8_splat(p[320]); a5_0 += s * w0; }
        { const v8 s = v8_splat(p[384]); a6_0 += s * w0; }
        { const v8 s = v8_splat(p[448]); a7_0 += s * w0; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 8);
        { const v8 s = v8_splat(p[1]); a0_0 += s * w0; }
        { const v8 s = v8_splat(p[65]); a1_0 += s * w0; }
        { const v8 s = v8_splat(p[129]); a2_0 += s * w0; }
        { const v8 s = v8_splat(p[193]); a3_0 += s * w0; }
        { const v8 s = v8_splat(p[257]); a4_0 += s * w0; }
        { const v8 s = v8_splat(p[321]); a5_0 += s * w0; }
        { const v8 s = v8_splat(p[385]); a6_0 += s * w0; }
        { const v8 s = v8_splat(p[449]); a7_0 += s * w0; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 16);
        { const v8 s = v8_splat(p[2]); a0_0 += s * w0; }
        { const v8 s = v8_splat(p[66]); a1_0 += s * w0; }
        { const v8 s = v8_splat(p[130]); a2_0 += s * w0; }
        { const v8 s = v8_splat(p[194]); a3_0 += s * w0; }
        { const v8 s = v8_splat(p[258]); a4_0 += s * w0; }
        { const v8 s = v8_splat(p[322]); a5_0 += s * w0; }
        { const v8 s = v8_splat(p[386]); a6_0 += s * w0; }
        { const v8 s = v8_splat(p[450]); a7_0 += s * w0; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 24);
        { const v8 s = v8_splat(p[3]); a0_0 += s * w0; }
        { const v8 s = v8_splat(p[67]); a1_0 += s * w0; }
        { const v8 s = v8_splat(p[131]); a2_0 += s * w0; }
        { const v8 s = v8_splat(p[195]); a3_0 += s * w0; }
        { const v8 s = v8_splat(p[259]); a4_0 += s * w0; }
        { const v8 s = v8_splat(p[323]); a5_0 += s * w0; }
        { const v8 s = v8_splat(p[387]); a6_0 += s * w0; }
        { const v8 s = v8_splat(p[451]); a7_0 += s * w0; }
      } __asm__ volatile("" ::: "memory");
    }
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
}
}

static void copy_4(const uint32_t *restrict x, uint32_t *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long s = i0 * 8;
  const long t = i0 * 512;
  const float *p = (const float *)x + s;
  float *q = (float *)y + t;
  for (long j = 0; j < 1; ++j, p += 64, q += 8) {
    mi_transpose_tile(p, 8, q, 64);
  }

}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: y: Transpose + Transpose + Conv + Relu + Transpose + Transpose + Conv + Relu + Transpose + Transpose + Conv + Transpose + Transpose */
  {
    static const int32_t runs[] = {
      0, 0, 1, 2, 4096, 2, 1, 3, 4, 0, 0, 128, 5, 1, 2, 0, 3, 0, 3, 4, 32, 0, 256, 5, 1, 2, 0, 3, 0, 3, 4, 64, 0, 384, 5,
      1, 2, 0, 3, 0, 3, 4, 96, 0, 512, 5, 1, 2, 0, 3, 0, 3, 4, 128, 0, 640, 5, 1, 2, 0, 3, 0, 3, 4, 160, 0, 768, 5, 1, 2,
      0, 3, 0, 3, 4, 192, 0, 896, 5, 1, 2, 0, 3, 0, 3, 4, 224};
    const int32_t *run = runs, *const end = runs + 87;
    while (run < end) {
      switch (*run) {
      case 0: copy_0((const void *)((const uint8_t *)inputs[0] + run[1]), (void *)(arena + AT_y_rings + 12288), 0, 4); run += 2; break;
      case 1: gemm_1((const void *)(arena + AT_y_rings + 12288), (const void *)(constants + 0), (const void *)(constants + 2048), (void *)(arena + AT_y_rings + 4096), 0, 24); run += 1; break;
      case 2: depthwise_2((const void *)(arena + AT_y_rings + run[1]), (const void *)(constants + 2304), (const void *)(constants + 4608), (void *)(arena + AT_y_rings + 12288), 0, 1, run[2], run[3]); run += 4; break;
      case 3: gemm_3((const void *)(arena + AT_y_rings + 12288), (const void *)(constants + 4864), (const void *)(constants + 6912), (void *)(arena + AT_y_rings + 14336), 0, 1); run += 1; break;
      case 4: copy_4((const void *)(arena + AT_y_rings + 14336), (void *)((uint8_t *)outputs[0] + run[1]), 0, 1); run += 2; break;
      case 5: __builtin_memmove(arena + AT_y_rings + 0, arena + AT_y_rings + 0 + 8192, 4096); run += 1; break;
      }
    }
  }
  return 0;
}
