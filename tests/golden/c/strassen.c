/* g: 1 steps in an arena of 248448 bytes. */
#include "prelude.h"

#define AT_Relu_2_workspace0 0 /* Relu_2/workspace0: 245760 bytes, steps [0, 1) */
#define AT_Relu_2_workspace1 245760 /* Relu_2/workspace1: 2688 bytes, steps [0, 1) */

static void strassen_sums_0(const float *restrict a, float *restrict sums, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const float *const up = a + item * 1536, *const low = up + 49152;
  float *const out = sums + item * 384;
  for (long j = 0; j < 384; j += 8) {
    const vf A = mi_load(up + j);
    const vf B = mi_load(up + 384 + j);
    const vf C = mi_load(low + j);
    const vf D = mi_load(low + 384 + j);
    mi_store(out + 0 + j, A + D);
    mi_store(out + 12288 + j, C + D);
    mi_store(out + 24576 + j, A + B);
    mi_store(out + 36864 + j, C - A);
    mi_store(out + 49152 + j, B - D);
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

static void strassen_1(const float *restrict a, const float *restrict sums, const float *restrict b, const float *restrict bias, float *restrict products, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const float *const panels = b + item * 43008;
  const char *ahead = (const char *)(panels + 43008);
  (void)ahead;
  for (long t = 0; t < 30; t += 6) {
    for (long i = 0; i < 5; ++i) {
      const float *const left = sums + i * 12288 + t * 384, *const right = panels + (0 + i) * 6144;
      float *const out = products + (0 + i) * 96;
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
      v8 a5_0 = (v8){0};
      v8 a5_1 = (v8){0};
      {
        const float *p = left, *q = right;
        for (long i = 0; i < 192; ++i, p += 2, q += 32, ahead += 22) {
          __builtin_prefetch(ahead + 0, 0, 2);
          { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
            { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[384]); a1_0 += s * w0; a1_1 += s * w1; }
            { const v8 s = v8_splat(p[768]); a2_0 += s * w0; a2_1 += s * w1; }
            { const v8 s = v8_splat(p[1152]); a3_0 += s * w0; a3_1 += s * w1; }
            { const v8 s = v8_splat(p[1536]); a4_0 += s * w0; a4_1 += s * w1; }
            { const v8 s = v8_splat(p[1920]); a5_0 += s * w0; a5_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 16); const v8 w1 = v8_load(q + 24);
            { const v8 s = v8_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[385]); a1_0 += s * w0; a1_1 += s * w1; }
            { const v8 s = v8_splat(p[769]); a2_0 += s * w0; a2_1 += s * w1; }
            { const v8 s = v8_splat(p[1153]); a3_0 += s * w0; a3_1 += s * w1; }
            { const v8 s = v8_splat(p[1537]); a4_0 += s * w0; a4_1 += s * w1; }
            { const v8 s = v8_splat(p[1921]); a5_0 += s * w0; a5_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
        }
      }
      v8_store(out + 0, a0_0);
      v8_store(out + 8, a0_1);
      v8_store(out + 16, a1_0);
      v8_store(out + 24, a1_1);
      v8_store(out + 32, a2_0);
      v8_store(out + 40, a2_1);
      v8_store(out + 48, a3_0);
      v8_store(out + 56, a3_1);
      v8_store(out + 64, a4_0);
      v8_store(out + 72, a4_1);
      v8_store(out + 80, a5_0);
      v8_store(out + 88, a5_1);
    }
    for (long i = 0; i < 2; ++i) {
      const float *const left = a + t * 1536 + i * 49536, *const right = panels + (5 + i) * 6144;
      float *const out = products + (5 + i) * 96;
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
      v8 a5_0 = (v8){0};
      v8 a5_1 = (v8){0};
      {
        const float *p = left, *q = right;
        for (long i = 0; i < 192; ++i, p += 2, q += 32, ahead += 22) {
          __builtin_prefetch(ahead + 0, 0, 2);
          { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
            { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[1536]); a1_0 += s * w0; a1_1 += s * w1; }
            { const v8 s = v8_splat(p[3072]); a2_0 += s * w0; a2_1 += s * w1; }
            { const v8 s = v8_splat(p[4608]); a3_0 += s * w0; a3_1 += s * w1; }
            { const v8 s = v8_splat(p[6144]); a4_0 += s * w0; a4_1 += s * w1; }
            { const v8 s = v8_splat(p[7680]); a5_0 += s * w0; a5_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 16); const v8 w1 = v8_load(q + 24);
            { const v8 s = v8_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[1537]); a1_0 += s * w0; a1_1 += s * w1; }
            { const v8 s = v8_splat(p[3073]); a2_0 += s * w0; a2_1 += s * w1; }
            { const v8 s = v8_splat(p[4609]); a3_0 += s * w0; a3_1 += s * w1; }
            { const v8 s = v8_splat(p[6145]); a4_0 += s * w0; a4_1 += s * w1; }
            { const v8 s = v8_splat(p[7681]); a5_0 += s * w0; a5_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
        }
      }
      v8_store(out + 0, a0_0);
      v8_store(out + 8, a0_1);
      v8_store(out + 16, a1_0);
      v8_store(out + 24, a1_1);
      v8_store(out + 32, a2_0);
      v8_store(out + 40, a2_1);
      v8_store(out + 48, a3_0);
      v8_store(out + 56, a3_1);
      v8_store(out + 64, a4_0);
      v8_store(out + 72, a4_1);
      v8_store(out + 80, a5_0);
      v8_store(out + 88, a5_1);
    }
    for (long m = 0; m < 6; ++m) {
      for (long n = 0; n < 16; n += 8) {
        const float *const from = products + m * 16 + n;
        const vf M0 = mi_load(from + 0), M1 = mi_load(from + 96), M2 = mi_load(from + 192), M3 = mi_load(from + 288), M4 = mi_load(from + 384), M5 = mi_load(from + 480), M6 = mi_load(from + 576);
        const vf quarters[4] = {M0 + M6 - M2 + M4, M5 + M2, M1 + M6, M0 - M1 + M5 + M3};
        const long row = t + m;
        for (long i = 0; i < 4; ++i) {
          const long column = (i % 2) * 256 + item * 16 + n;
          const long at = (row + (i / 2) * 32) * 512 + column;
          vf sum = quarters[i];
          sum = sum + mi_load(bias + column);
          mi_store(y + at, sum);
        }
      }
    }
  }
  {
    const long t = 30;
    for (long i = 0; i < 5; ++i) {
      const float *const left = sums + i * 12288 + t * 384, *const right = panels + (0 + i) * 6144;
      float *const out = products + (0 + i) * 96;
      v8 a0_0 = (v8){0};
      v8 a0_1 = (v8){0};
      v8 a1_0 = (v8){0};
      v8 a1_1 = (v8){0};
      v8 a0_0_1 = {0}, a0_1_1 = {0}, a1_0_1 = {0}, a1_1_1 = {0};
      {
        const float *p = left, *q = right;
        for (long i = 0; i < 48; ++i, p += 8, q += 128, ahead += 88) {
          __builtin_prefetch(ahead + 0, 0, 2);
          __builtin_prefetch(ahead + 64, 0, 2);
          { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
            { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[384]); a1_0 += s * w0; a1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 16); const v8 w1 = v8_load(q + 24);
            { const v8 s = v8_splat(p[1]); a0_0_1 += s * w0; a0_1_1 += s * w1; }
            { const v8 s = v8_splat(p[385]); a1_0_1 += s * w0; a1_1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 32); const v8 w1 = v8_load(q + 40);
            { const v8 s = v8_splat(p[2]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[386]); a1_0 += s * w0; a1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 48); const v8 w1 = v8_load(q + 56);
            { const v8 s = v8_splat(p[3]); a0_0_1 += s * w0; a0_1_1 += s * w1; }
            { const v8 s = v8_splat(p[387]); a1_0_1 += s * w0; a1_1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 64); const v8 w1 = v8_load(q + 72);
            { const v8 s = v8_splat(p[4]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[388]); a1_0 += s * w0; a1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 80); const v8 w1 = v8_load(q + 88);
            { const v8 s = v8_splat(p[5]); a0_0_1 += s * w0; a0_1_1 += s * w1; }
            { const v8 s = v8_splat(p[389]); a1_0_1 += s * w0; a1_1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 96); const v8 w1 = v8_load(q + 104);
            { const v8 s = v8_splat(p[6]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[390]); a1_0 += s * w0; a1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 112); const v8 w1 = v8_load(q + 120);
            { const v8 s = v8_splat(p[7]); a0_0_1 += s * w0; a0_1_1 += s * w1; }
            { const v8 s = v8_splat(p[391]); a1_0_1 += s * w0; a1_1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
        }
      }
      a0_0 += a0_0_1;
      a0_1 += a0_1_1;
      a1_0 += a1_0_1;
      a1_1 += a1_1_1;
      v8_store(out + 0, a0_0);
      v8_store(out + 8, a0_1);
      v8_store(out + 16, a1_0);
      v8_store(out + 24, a1_1);
    }
    for (long i = 0; i < 2; ++i) {
      const float *const left = a + t * 1536 + i * 49536, *const right = panels + (5 + i) * 6144;
      float *const out = products + (5 + i) * 96;
      v8 a0_0 = (v8){0};
      v8 a0_1 = (v8){0};
      v8 a1_0 = (v8){0};
      v8 a1_1 = (v8){0};
      v8 a0_0_1 = {0}, a0_1_1 = {0}, a1_0_1 = {0}, a1_1_1 = {0};
      {
        const float *p = left, *q = right;
        for (long i = 0; i < 48; ++i, p += 8, q += 128, ahead += 88) {
          __builtin_prefetch(ahead + 0, 0, 2);
          __builtin_prefetch(ahead + 64, 0, 2);
          { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
            { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[1536]); a1_0 += s * w0; a1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 16); const v8 w1 = v8_load(q + 24);
            { const v8 s = v8_splat(p[1]); a0_0_1 += s * w0; a0_1_1 += s * w1; }
            { const v8 s = v8_splat(p[1537]); a1_0_1 += s * w0; a1_1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 32); const v8 w1 = v8_load(q + 40);
            { const v8 s = v8_splat(p[2]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[1538]); a1_0 += s * w0; a1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 48); const v8 w1 = v8_load(q + 56);
            { const v8 s = v8_splat(p[3]); a0_0_1 += s * w0; a0_1_1 += s * w1; }
            { const v8 s = v8_splat(p[1539]); a1_0_1 += s * w0; a1_1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 64); const v8 w1 = v8_load(q + 72);
            { const v8 s = v8_splat(p[4]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[1540]); a1_0 += s * w0; a1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 80); const v8 w1 = v8_load(q + 88);
            { const v8 s = v8_splat(p[5]); a0_0_1 += s * w0; a0_1_1 += s * w1; }
            { const v8 s = v8_splat(p[1541]); a1_0_1 += s * w0; a1_1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 96); const v8 w1 = v8_load(q + 104);
            { const v8 s = v8_splat(p[6]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[1542]); a1_0 += s * w0; a1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 112); const v8 w1 = v8_load(q + 120);
            { const v8 s = v8_splat(p[7]); a0_0_1 += s * w0; a0_1_1 += s * w1; }
            { const v8 s = v8_splat(p[1543]); a1_0_1 += s * w0; a1_1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
        }
      }
      a0_0 += a0_0_1;
      a0_1 += a0_1_1;
      a1_0 += a1_0_1;
      a1_1 += a1_1_1;
      v8_store(out + 0, a0_0);
      v8_store(out + 8, a0_1);
      v8_store(out + 16, a1_0);
      v8_store(out + 24, a1_1);
    }
    for (long m = 0; m < 2; ++m) {
      for (long n = 0; n < 16; n += 8) {
        const float *const from = products + m * 16 + n;
        const vf M0 = mi_load(from + 0), M1 = mi_load(from + 96), M2 = mi_load(from + 192), M3 = mi_load(from + 288), M4 = mi_load(from + 384), M5 = mi_load(from + 480), M6 = mi_load(from + 576);
        const vf quarters[4] = {M0 + M6 - M2 + M4, M5 + M2, M1 + M6, M0 - M1 + M5 + M3};
        const long row = t + m;
        for (long i = 0; i < 4; ++i) {
          const long column = (i % 2) * 256 + item * 16 + n;
          const long at = (row + (i / 2) * 32) * 512 + column;
          vf sum = quarters[i];
          sum = sum + mi_load(bias + column);
          mi_store(y + at, sum);
        }
      }
    }
  }
}
}

static void strassen_2(const float *restrict a, const float *restrict sums, const float *restrict b, float *restrict products, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const float *const panels = b + item * 43008;
  const char *ahead = (const char *)(panels + 43008);
  (void)ahead;
  for (long t = 0; t < 30; t += 6) {
    for (long i = 0; i < 5; ++i) {
      const float *const left = sums + i * 12288 + t * 384, *const right = panels + (0 + i) * 6144;
      float *const out = products + (0 + i) * 96;
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
      v8 a5_0 = (v8){0};
      v8 a5_1 = (v8){0};
      {
        const float *p = left, *q = right;
        for (long i = 0; i < 192; ++i, p += 2, q += 32, ahead += 22) {
          __builtin_prefetch(ahead + 0, 0, 2);
          { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
            { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[384]); a1_0 += s * w0; a1_1 += s * w1; }
            { const v8 s = v8_splat(p[768]); a2_0 += s * w0; a2_1 += s * w1; }
            { const v8 s = v8_splat(p[1152]); a3_0 += s * w0; a3_1 += s * w1; }
            { const v8 s = v8_splat(p[1536]); a4_0 += s * w0; a4_1 += s * w1; }
            { const v8 s = v8_splat(p[1920]); a5_0 += s * w0; a5_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 16); const v8 w1 = v8_load(q + 24);
            { const v8 s = v8_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[385]); a1_0 += s * w0; a1_1 += s * w1; }
            { const v8 s = v8_splat(p[769]); a2_0 += s * w0; a2_1 += s * w1; }
            { const v8 s = v8_splat(p[1153]); a3_0 += s * w0; a3_1 += s * w1; }
            { const v8 s = v8_splat(p[1537]); a4_0 += s * w0; a4_1 += s * w1; }
            { const v8 s = v8_splat(p[1921]); a5_0 += s * w0; a5_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
        }
      }
      v8_store(out + 0, a0_0);
      v8_store(out + 8, a0_1);
      v8_store(out + 16, a1_0);
      v8_store(out + 24, a1_1);
      v8_store(out + 32, a2_0);
      v8_store(out + 40, a2_1);
      v8_store(out + 48, a3_0);
      v8_store(out + 56, a3_1);
      v8_store(out + 64, a4_0);
      v8_store(out + 72, a4_1);
      v8_store(out + 80, a5_0);
      v8_store(out + 88, a5_1);
    }
    for (long i = 0; i < 2; ++i) {
      const float *const left = a + t * 1536 + i * 49536, *const right = panels + (5 + i) * 6144;
      float *const out = products + (5 + i) * 96;
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
      v8 a5_0 = (v8){0};
      v8 a5_1 = (v8){0};
      {
        const float *p = left, *q = right;
        for (long i = 0; i < 192; ++i, p += 2, q += 32, ahead += 22) {
          __builtin_prefetch(ahead + 0, 0, 2);
          { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
            { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[1536]); a1_0 += s * w0; a1_1 += s * w1; }
            { const v8 s = v8_splat(p[3072]); a2_0 += s * w0; a2_1 += s * w1; }
            { const v8 s = v8_splat(p[4608]); a3_0 += s * w0; a3_1 += s * w1; }
            { const v8 s = v8_splat(p[6144]); a4_0 += s * w0; a4_1 += s * w1; }
            { const v8 s = v8_splat(p[7680]); a5_0 += s * w0; a5_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 16); const v8 w1 = v8_load(q + 24);
            { const v8 s = v8_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[1537]); a1_0 += s * w0; a1_1 += s * w1; }
            { const v8 s = v8_splat(p[3073]); a2_0 += s * w0; a2_1 += s * w1; }
            { const v8 s = v8_splat(p[4609]); a3_0 += s * w0; a3_1 += s * w1; }
            { const v8 s = v8_splat(p[6145]); a4_0 += s * w0; a4_1 += s * w1; }
            { const v8 s = v8_splat(p[7681]); a5_0 += s * w0; a5_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
        }
      }
      v8_store(out + 0, a0_0);
      v8_store(out + 8, a0_1);
      v8_store(out + 16, a1_0);
      v8_store(out + 24, a1_1);
      v8_store(out + 32, a2_0);
      v8_store(out + 40, a2_1);
      v8_store(out + 48, a3_0);
      v8_store(out + 56, a3_1);
      v8_store(out + 64, a4_0);
      v8_store(out + 72, a4_1);
      v8_store(out + 80, a5_0);
      v8_store(out + 88, a5_1);
    }
    for (long m = 0; m < 6; ++m) {
      for (long n = 0; n < 16; n += 8) {
        const float *const from = products + m * 16 + n;
        const vf M0 = mi_load(from + 0), M1 = mi_load(from + 96), M2 = mi_load(from + 192), M3 = mi_load(from + 288), M4 = mi_load(from + 384), M5 = mi_load(from + 480), M6 = mi_load(from + 576);
        const vf quarters[4] = {M0 + M6 - M2 + M4, M5 + M2, M1 + M6, M0 - M1 + M5 + M3};
        const long row = t + m;
        for (long i = 0; i < 4; ++i) {
          const long column = (i % 2) * 256 + item * 16 + n;
          const long at = (row + (i / 2) * 32) * 512 + column;
          vf sum = quarters[i];
          sum = sum + mi_load(y + at);
          const vf t0 = mi_relu(sum);
          sum = t0;
          mi_store(y + at, sum);
        }
      }
    }
  }
  {
    const long t = 30;
    for (long i = 0; i < 5; ++i) {
      const float *const left = sums + i * 12288 + t * 384, *const right = panels + (0 + i) * 6144;
      float *const out = products + (0 + i) * 96;
      v8 a0_0 = (v8){0};
      v8 a0_1 = (v8){0};
      v8 a1_0 = (v8){0};
      v8 a1_1 = (v8){0};
      v8 a0_0_1 = {0}, a0_1_1 = {0}, a1_0_1 = {0}, a1_1_1 = {0};
      {
        const float *p = left, *q = right;
        for (long i = 0; i < 48; ++i, p += 8, q += 128, ahead += 88) {
          __builtin_prefetch(ahead + 0, 0, 2);
          __builtin_prefetch(ahead + 64, 0, 2);
          { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
            { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[384]); a1_0 += s * w0; a1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 16); const v8 w1 = v8_load(q + 24);
            { const v8 s = v8_splat(p[1]); a0_0_1 += s * w0; a0_1_1 += s * w1; }
            { const v8 s = v8_splat(p[385]); a1_0_1 += s * w0; a1_1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 32); const v8 w1 = v8_load(q + 40);
            { const v8 s = v8_splat(p[2]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[386]); a1_0 += s * w0; a1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 48); const v8 w1 = v8_load(q + 56);
            { const v8 s = v8_splat(p[3]); a0_0_1 += s * w0; a0_1_1 += s * w1; }
            { const v8 s = v8_splat(p[387]); a1_0_1 += s * w0; a1_1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 64); const v8 w1 = v8_load(q + 72);
            { const v8 s = v8_splat(p[4]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[388]); a1_0 += s * w0; a1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 80); const v8 w1 = v8_load(q + 88);
            { const v8 s = v8_splat(p[5]); a0_0_1 += s * w0; a0_1_1 += s * w1; }
            { const v8 s = v8_splat(p[389]); a1_0_1 += s * w0; a1_1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 96); const v8 w1 = v8_load(q + 104);
            { const v8 s = v8_splat(p[6]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[390]); a1_0 += s * w0; a1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 112); const v8 w1 = v8_load(q + 120);
            { const v8 s = v8_splat(p[7]); a0_0_1 += s * w0; a0_1_1 += s * w1; }
            { const v8 s = v8_splat(p[391]); a1_0_1 += s * w0; a1_1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
        }
      }
      a0_0 += a0_0_1;
      a0_1 += a0_1_1;
      a1_0 += a1_0_1;
      a1_1 += a1_1_1;
      v8_store(out + 0, a0_0);
      v8_store(out + 8, a0_1);
      v8_store(out + 16, a1_0);
      v8_store(out + 24, a1_1);
    }
    for (long i = 0; i < 2; ++i) {
      const float *const left = a + t * 1536 + i * 49536, *const right = panels + (5 + i) * 6144;
      float *const out = products + (5 + i) * 96;
      v8 a0_0 = (v8){0};
      v8 a0_1 = (v8){0};
      v8 a1_0 = (v8){0};
      v8 a1_1 = (v8){0};
      v8 a0_0_1 = {0}, a0_1_1 = {0}, a1_0_1 = {0}, a1_1_1 = {0};
      {
        const float *p = left, *q = right;
        for (long i = 0; i < 48; ++i, p += 8, q += 128, ahead += 88) {
          __builtin_prefetch(ahead + 0, 0, 2);
          __builtin_prefetch(ahead + 64, 0, 2);
          { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
            { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[1536]); a1_0 += s * w0; a1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 16); const v8 w1 = v8_load(q + 24);
            { const v8 s = v8_splat(p[1]); a0_0_1 += s * w0; a0_1_1 += s * w1; }
            { const v8 s = v8_splat(p[1537]); a1_0_1 += s * w0; a1_1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 32); const v8 w1 = v8_load(q + 40);
            { const v8 s = v8_splat(p[2]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[1538]); a1_0 += s * w0; a1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 48); const v8 w1 = v8_load(q + 56);
            { const v8 s = v8_splat(p[3]); a0_0_1 += s * w0; a0_1_1 += s * w1; }
            { const v8 s = v8_splat(p[1539]); a1_0_1 += s * w0; a1_1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 64); const v8 w1 = v8_load(q + 72);
            { const v8 s = v8_splat(p[4]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[1540]); a1_0 += s * w0; a1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 80); const v8 w1 = v8_load(q + 88);
            { const v8 s = v8_splat(p[5]); a0_0_1 += s * w0; a0_1_1 += s * w1; }
            { const v8 s = v8_splat(p[1541]); a1_0_1 += s * w0; a1_1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 96); const v8 w1 = v8_load(q + 104);
            { const v8 s = v8_splat(p[6]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[1542]); a1_0 += s * w0; a1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 112); const v8 w1 = v8_load(q + 120);
            { const v8 s = v8_splat(p[7]); a0_0_1 += s * w0; a0_1_1 += s * w1; }
            { const v8 s = v8_splat(p[1543]); a1_0_1 += s * w0; a1_1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
        }
      }
      a0_0 += a0_0_1;
      a0_1 += a0_1_1;
      a1_0 += a1_0_1;
      a1_1 += a1_1_1;
      v8_store(out + 0, a0_0);
      v8_store(out + 8, a0_1);
      v8_store(out + 16, a1_0);
      v8_store(out + 24, a1_1);
    }
    for (long m = 0; m < 2; ++m) {
      for (long n = 0; n < 16; n += 8) {
        const float *const from = products + m * 16 + n;
        const vf M0 = mi_load(from + 0), M1 = mi_load(from + 96), M2 = mi_load(from + 192), M3 = mi_load(from + 288), M4 = mi_load(from + 384), M5 = mi_load(from + 480), M6 = mi_load(from + 576);
        const vf quarters[4] = {M0 + M6 - M2 + M4, M5 + M2, M1 + M6, M0 - M1 + M5 + M3};
        const long row = t + m;
        for (long i = 0; i < 4; ++i) {
          const long column = (i % 2) * 256 + item * 16 + n;
          const long at = (row + (i / 2) * 32) * 512 + column;
          vf sum = quarters[i];
          sum = sum + mi_load(y + at);
          const vf t0 = mi_relu(sum);
          sum = t0;
          mi_store(y + at, sum);
        }
      }
    }
  }
}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: Relu_2: MatMul + Add + Relu */
  strassen_sums_0((const void *)((const uint8_t *)inputs[0]), (void *)(arena + AT_Relu_2_workspace0), 0, 32);
  strassen_1((const void *)((const uint8_t *)inputs[0]), (const void *)(arena + AT_Relu_2_workspace0), (const void *)(constants + 0), (const void *)(constants + 5505024), (void *)(arena + AT_Relu_2_workspace1), (void *)((uint8_t *)outputs[0]), 0, 16);
  strassen_sums_0((const void *)((const uint8_t *)inputs[0] + 3072), (void *)(arena + AT_Relu_2_workspace0), 0, 32);
  strassen_2((const void *)((const uint8_t *)inputs[0] + 3072), (const void *)(arena + AT_Relu_2_workspace0), (const void *)(constants + 0 + 2752512), (void *)(arena + AT_Relu_2_workspace1), (void *)((uint8_t *)outputs[0]), 0, 16);
  return 0;
}
