/* g: 4 steps in an arena of 6304 bytes. */
#include "prelude.h"

#define AT_greatest_last 1600 /* greatest_last: 4704 bytes, steps [0, 2) */
#define AT_padded_last 0 /* padded_last: 1600 bytes, steps [1, 3) */
#define AT_y_last 1600 /* y_last: 1024 bytes, steps [2, 4) */

typedef float v8 __attribute__((vector_size(32), aligned(4), may_alias));
typedef double v8_wide __attribute__((vector_size(64)));
typedef int32_t v8_mask __attribute__((vector_size(32), aligned(4), may_alias));
MI_INLINE v8 v8_load(const float *p) { return *(const v8 *)p; }
MI_INLINE void v8_store(float *p, v8 a) { *(v8 *)p = a; }
MI_INLINE v8 v8_splat(float s) { return s - (v8){0}; }
MI_INLINE v8 v8_select(v8_mask m, v8 a, v8 b) { return (v8)(((v8_mask)a & m) | ((v8_mask)b & ~m)); }
MI_INLINE v8 v8_greatest(v8 a, v8 b) { return v8_select(b == b, v8_select(b > a, b, a), b); }

static void conv_0(const float *restrict a, const float *restrict b, const float *restrict bias, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long block = 0, row = item;
  const long o0 = row % 14;
  const float *const weight = b + (block * 200);
  const long a_at = 0;
  const long y_at = 0 + (0 * 6 + block * 8) * 1 + o0 * 84;
  {
    const long o = 0;
    v8 a0_0 = v8_load(bias + block * 8 + 0);
    v8 a1_0 = v8_load(bias + block * 8 + 0);
    v8 a2_0 = v8_load(bias + block * 8 + 0);
    v8 a3_0 = v8_load(bias + block * 8 + 0);
    v8 a4_0 = v8_load(bias + block * 8 + 0);
    v8 a5_0 = v8_load(bias + block * 8 + 0);
    v8 a6_0 = v8_load(bias + block * 8 + 0);
    v8 a7_0 = v8_load(bias + block * 8 + 0);
    v8 a8_0 = v8_load(bias + block * 8 + 0);
    v8 a9_0 = v8_load(bias + block * 8 + 0);
    v8 a10_0 = v8_load(bias + block * 8 + 0);
    v8 a11_0 = v8_load(bias + block * 8 + 0);
    if (o0 >= 1 && o0 < 13) {
      for (long k0 = 0; k0 < 5; ++k0) {
        {
          const float *p = a + (a_at + (o0 * 2 + k0 * 1 + -2) * 28 + (o * 1 + 0 * 1 + 0) * 1), *q = weight + (k0 * 5 + 0) * 8;
          { const v8 w0 = v8_load(q + 0);
            { const v8 s = v8_splat(p[0]); a2_0 += s * w0; }
            { const v8 s = v8_splat(p[1]); a3_0 += s * w0; }
            { const v8 s = v8_splat(p[2]); a4_0 += s * w0; }
            { const v8 s = v8_splat(p[3]); a5_0 += s * w0; }
            { const v8 s = v8_splat(p[28]); a8_0 += s * w0; }
            { const v8 s = v8_splat(p[29]); a9_0 += s * w0; }
            { const v8 s = v8_splat(p[30]); a10_0 += s * w0; }
            { const v8 s = v8_splat(p[31]); a11_0 += s * w0; }
          } __asm__ volatile("" ::: "memory");
        }
        {
          const float *p = a + (a_at + (o0 * 2 + k0 * 1 + -2) * 28 + (o * 1 + 1 * 1 + -1) * 1), *q = weight + (k0 * 5 + 1) * 8;
          { const v8 w0 = v8_load(q + 0);
            { const v8 s = v8_splat(p[0]); a1_0 += s * w0; }
            { const v8 s = v8_splat(p[1]); a2_0 += s * w0; }
            { const v8 s = v8_splat(p[2]); a3_0 += s * w0; }
            { const v8 s = v8_splat(p[3]); a4_0 += s * w0; }
            { const v8 s = v8_splat(p[4]); a5_0 += s * w0; }
            { const v8 s = v8_splat(p[28]); a7_0 += s * w0; }
            { const v8 s = v8_splat(p[29]); a8_0 += s * w0; }
            { const v8 s = v8_splat(p[30]); a9_0 += s * w0; }
            { const v8 s = v8_splat(p[31]); a10_0 += s * w0; }
            { const v8 s = v8_splat(p[32]); a11_0 += s * w0; }
          } __asm__ volatile("" ::: "memory");
        }
        {
          const float *p = a + (a_at + (o0 * 2 + k0 * 1 + -2) * 28 + (o * 1 + 2 * 1 + -2) * 1), *q = weight + (k0 * 5 + 2) * 8;
          { v8 w0 = {0}; __builtin_memcpy(&w0, q + 0, 24); v8 w1 = {0}; __builtin_memcpy(&w1, q + 8, 24); v8 w2 = {0}; __builtin_memcpy(&w2, q + 16, 24);
            { const v8 s = v8_splat(p[0]); a0_0 += s * w0; } __asm__ volatile("" ::: "memory");
            { const v8 s = v8_splat(p[1]); a0_0 += s * w1; a1_0 += s * w0; } __asm__ volatile("" ::: "memory");
            { const v8 s = v8_splat(p[2]); a0_0 += s * w2; a1_0 += s * w1; a2_0 += s * w0; } __asm__ volatile("" ::: "memory");
            { const v8 s = v8_splat(p[3]); a1_0 += s * w2; a2_0 += s * w1; a3_0 += s * w0; } __asm__ volatile("" ::: "memory");
            { const v8 s = v8_splat(p[4]); a2_0 += s * w2; a3_0 += s * w1; a4_0 += s * w0; } __asm__ volatile("" ::: "memory");
            { const v8 s = v8_splat(p[5]); a3_0 += s * w2; a4_0 += s * w1; a5_0 += s * w0; } __asm__ volatile("" ::: "memory");
            { const v8 s = v8_splat(p[6]); a4_0 += s * w2; a5_0 += s * w1; } __asm__ volatile("" ::: "memory");
            { const v8 s = v8_splat(p[7]); a5_0 += s * w2; } __asm__ volatile("" ::: "memory");
            { const v8 s = v8_splat(p[28]); a6_0 += s * w0; } __asm__ volatile("" ::: "memory");
            { const v8 s = v8_splat(p[29]); a6_0 += s * w1; a7_0 += s * w0; } __asm__ volatile("" ::: "memory");
            { const v8 s = v8_splat(p[30]); a6_0 += s * w2; a7_0 += s * w1; a8_0 += s * w0; } __asm__ volatile("" ::: "memory");
            { const v8 s = v8_splat(p[31]); a7_0 += s * w2; a8_0 += s * w1; a9_0 += s * w0; } __asm__ volatile("" ::: "memory");
            { const v8 s = v8_splat(p[32]); a8_0 += s * w2; a9_0 += s * w1; a10_0 += s * w0; } __asm__ volatile("" ::: "memory");
            { const v8 s = v8_splat(p[33]); a9_0 += s * w2; a10_0 += s * w1; a11_0 += s * w0; } __asm__ volatile("" ::: "memory");
            { const v8 s = v8_splat(p[34]); a10_0 += s * w2; a11_0 += s * w1; } __asm__ volatile("" ::: "memory");
            { const v8 s = v8_splat(p[35]); a11_0 += s * w2; } __asm__ volatile("" ::: "memory");
          }
        }
      }
    } else {
      {
        const long begin0 = o0 * 2 - 2, end0 = 28 - begin0;
        const long first0 = begin0 < 0 ? -begin0 : 0;
        const long last0 = end0 < 5 ? end0 : 5;
        for (long k0 = first0; k0 < last0; ++k0) {
          {
            const float *p = a + (a_at + (o0 * 2 + k0 * 1 + -2) * 28 + (o * 1 + 0 * 1 + 0) * 1), *q = weight + (k0 * 5 + 0) * 8;
            { const v8 w0 = v8_load(q + 0);
              { const v8 s = v8_splat(p[0]); a2_0 += s * w0; }
              { const v8 s = v8_splat(p[1]); a3_0 += s * w0; }
              { const v8 s = v8_splat(p[2]); a4_0 += s * w0; }
              { const v8 s = v8_splat(p[3]); a5_0 += s * w0; }
            } __asm__ volatile("" ::: "memory");
          }
          {
            const float *p = a + (a_at + (o0 * 2 + k0 * 1 + -2) * 28 + (o * 1 + 1 * 1 + -1) * 1), *q = weight + (k0 * 5 + 1) * 8;
            { const v8 w0 = v8_load(q + 0);
              { const v8 s = v8_splat(p[0]); a1_0 += s * w0; }
              { const v8 s = v8_splat(p[1]); a2_0 += s * w0; }
              { const v8 s = v8_splat(p[2]); a3_0 += s * w0; }
              { const v8 s = v8_splat(p[3]); a4_0 += s * w0; }
              { const v8 s = v8_splat(p[4]); a5_0 += s * w0; }
            } __asm__ volatile("" ::: "memory");
          }
          {
            const float *p = a + (a_at + (o0 * 2 + k0 * 1 + -2) * 28 + (o * 1 + 2 * 1 + -2) * 1), *q = weight + (k0 * 5 + 2) * 8;
            { v8 w0 = {0}; __builtin_memcpy(&w0, q + 0, 24); v8 w1 = {0}; __builtin_memcpy(&w1, q + 8, 24); v8 w2 = {0}; __builtin_memcpy(&w2, q + 16, 24);
              { const v8 s = v8_splat(p[0]); a0_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[1]); a0_0 += s * w1; a1_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[2]); a0_0 += s * w2; a1_0 += s * w1; a2_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[3]); a1_0 += s * w2; a2_0 += s * w1; a3_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[4]); a2_0 += s * w2; a3_0 += s * w1; a4_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[5]); a3_0 += s * w2; a4_0 += s * w1; a5_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[6]); a4_0 += s * w2; a5_0 += s * w1; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[7]); a5_0 += s * w2; } __asm__ volatile("" ::: "memory");
            }
          }
        }
      }
      {
        const long begin0 = o0 * 2 + 1 - 2, end0 = 28 - begin0;
        const long first0 = begin0 < 0 ? -begin0 : 0;
        const long last0 = end0 < 5 ? end0 : 5;
        for (long k0 = first0; k0 < last0; ++k0) {
          {
            const float *p = a + (a_at + (o0 * 2 + k0 * 1 + -1) * 28 + (o * 1 + 0 * 1 + 0) * 1), *q = weight + (k0 * 5 + 0) * 8;
            { const v8 w0 = v8_load(q + 0);
              { const v8 s = v8_splat(p[0]); a8_0 += s * w0; }
              { const v8 s = v8_splat(p[1]); a9_0 += s * w0; }
              { const v8 s = v8_splat(p[2]); a10_0 += s * w0; }
              { const v8 s = v8_splat(p[3]); a11_0 += s * w0; }
            } __asm__ volatile("" ::: "memory");
          }
          {
            const float *p = a + (a_at + (o0 * 2 + k0 * 1 + -1) * 28 + (o * 1 + 1 * 1 + -1) * 1), *q = weight + (k0 * 5 + 1) * 8;
            { const v8 w0 = v8_load(q + 0);
              { const v8 s = v8_splat(p[0]); a7_0 += s * w0; }
              { const v8 s = v8_splat(p[1]); a8_0 += s * w0; }
              { const v8 s = v8_splat(p[2]); a9_0 += s * w0; }
              { const v8 s = v8_splat(p[3]); a10_0 += s * w0; }
              { const v8 s = v8_splat(p[4]); a11_0 += s * w0; }
            } __asm__ volatile("" ::: "memory");
          }
          {
            const float *p = a + (a_at + (o0 * 2 + k0 * 1 + -1) * 28 + (o * 1 + 2 * 1 + -2) * 1), *q = weight + (k0 * 5 + 2) * 8;
            { v8 w0 = {0}; __builtin_memcpy(&w0, q + 0, 24); v8 w1 = {0}; __builtin_memcpy(&w1, q + 8, 24); v8 w2 = {0}; __builtin_memcpy(&w2, q + 16, 24);
              { const v8 s = v8_splat(p[0]); a6_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[1]); a6_0 += s * w1; a7_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[2]); a6_0 += s * w2; a7_0 += s * w1; a8_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[3]); a7_0 += s * w2; a8_0 += s * w1; a9_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[4]); a8_0 += s * w2; a9_0 += s * w1; a10_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[5]); a9_0 += s * w2; a10_0 += s * w1; a11_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[6]); a10_0 += s * w2; a11_0 += s * w1; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[7]); a11_0 += s * w2; } __asm__ volatile("" ::: "memory");
            }
          }
        }
      }
    }
    a0_0 = v8_greatest(a0_0, a1_0);
    a0_0 = v8_greatest(a0_0, a6_0);
    a0_0 = v8_greatest(a0_0, a7_0);
    a2_0 = v8_greatest(a2_0, a3_0);
    a2_0 = v8_greatest(a2_0, a8_0);
    a2_0 = v8_greatest(a2_0, a9_0);
    a4_0 = v8_greatest(a4_0, a5_0);
    a4_0 = v8_greatest(a4_0, a10_0);
    a4_0 = v8_greatest(a4_0, a11_0);
    float *const out = y + (y_at + o / 2 * 6);
    { const vf t0 = mi_relu(a0_0); const v8 result = t0; __builtin_memcpy(out + 0, &result, 24); }
    { const vf t0 = mi_relu(a2_0); const v8 result = t0; __builtin_memcpy(out + 6, &result, 24); }
    { const vf t0 = mi_relu(a4_0); const v8 result = t0; __builtin_memcpy(out + 12, &result, 24); }
  }
  for (long o = 6; o < 24; o += 6) {
    v8 a0_0 = v8_load(bias + block * 8 + 0);
    v8 a1_0 = v8_load(bias + block * 8 + 0);
    v8 a2_0 = v8_load(bias + block * 8 + 0);
    v8 a3_0 = v8_load(bias + block * 8 + 0);
    v8 a4_0 = v8_load(bias + block * 8 + 0);
    v8 a5_0 = v8_load(bias + block * 8 + 0);
    v8 a6_0 = v8_load(bias + block * 8 + 0);
    v8 a7_0 = v8_load(bias + block * 8 + 0);
    v8 a8_0 = v8_load(bias + block * 8 + 0);
    v8 a9_0 = v8_load(bias + block * 8 + 0);
    v8 a10_0 = v8_load(bias + block * 8 + 0);
    v8 a11_0 = v8_load(bias + block * 8 + 0);
    if (o0 >= 1 && o0 < 13) {
      for (long k0 = 0; k0 < 5; ++k0) {
        {
          const float *p = a + (a_at + (o0 * 2 + k0 * 1 + -2) * 28 + (o * 1 + 0 * 1 + -2) * 1), *q = weight + (k0 * 5 + 0) * 8;
          for (long i = 0; i < 2; ++i, p += 2, q += 16) {
            { const v8 w0 = v8_load(q + 0);
              { const v8 s = v8_splat(p[0]); a0_0 += s * w0; }
              { const v8 s = v8_splat(p[1]); a1_0 += s * w0; }
              { const v8 s = v8_splat(p[2]); a2_0 += s * w0; }
              { const v8 s = v8_splat(p[3]); a3_0 += s * w0; }
              { const v8 s = v8_splat(p[4]); a4_0 += s * w0; }
              { const v8 s = v8_splat(p[5]); a5_0 += s * w0; }
              { const v8 s = v8_splat(p[28]); a6_0 += s * w0; }
              { const v8 s = v8_splat(p[29]); a7_0 += s * w0; }
              { const v8 s = v8_splat(p[30]); a8_0 += s * w0; }
              { const v8 s = v8_splat(p[31]); a9_0 += s * w0; }
              { const v8 s = v8_splat(p[32]); a10_0 += s * w0; }
              { const v8 s = v8_splat(p[33]); a11_0 += s * w0; }
            } __asm__ volatile("" ::: "memory");
            { const v8 w0 = v8_load(q + 8);
              { const v8 s = v8_splat(p[1]); a0_0 += s * w0; }
              { const v8 s = v8_splat(p[2]); a1_0 += s * w0; }
              { const v8 s = v8_splat(p[3]); a2_0 += s * w0; }
              { const v8 s = v8_splat(p[4]); a3_0 += s * w0; }
              { const v8 s = v8_splat(p[5]); a4_0 += s * w0; }
              { const v8 s = v8_splat(p[6]); a5_0 += s * w0; }
              { const v8 s = v8_splat(p[29]); a6_0 += s * w0; }
              { const v8 s = v8_splat(p[30]); a7_0 += s * w0; }
              { const v8 s = v8_splat(p[31]); a8_0 += s * w0; }
              { const v8 s = v8_splat(p[32]); a9_0 += s * w0; }
              { const v8 s = v8_splat(p[33]); a10_0 += s * w0; }
              { const v8 s = v8_splat(p[34]); a11_0 += s * w0; }
            } __asm__ volatile("" ::: "memory");
          }
          { const v8 w0 = v8_load(q + 0);
            { const v8 s = v8_splat(p[0]); a0_0 += s * w0; }
            { const v8 s = v8_splat(p[1]); a1_0 += s * w0; }
            { const v8 s = v8_splat(p[2]); a2_0 += s * w0; }
            { const v8 s = v8_splat(p[3]); a3_0 += s * w0; }
            { const v8 s = v8_splat(p[4]); a4_0 += s * w0; }
            { const v8 s = v8_splat(p[5]); a5_0 += s * w0; }
            { const v8 s = v8_splat(p[28]); a6_0 += s * w0; }
            { const v8 s = v8_splat(p[29]); a7_0 += s * w0; }
            { const v8 s = v8_splat(p[30]); a8_0 += s * w0; }
            { const v8 s = v8_splat(p[31]); a9_0 += s * w0; }
            { const v8 s = v8_splat(p[32]); a10_0 += s * w0; }
            { const v8 s = v8_splat(p[33]); a11_0 += s * w0; }
          } __asm__ volatile("" ::: "memory");
        }
      }
    } else {
      {
        const long begin0 = o0 * 2 - 2, end0 = 28 - begin0;
        const long first0 = begin0 < 0 ? -begin0 : 0;
        const long last0 = end0 < 5 ? end0 : 5;
        for (long k0 = first0; k0 < last0; ++k0) {
          {
            const float *p = a + (a_at + (o0 * 2 + k0 * 1 + -2) * 28 + (o * 1 + 0 * 1 + -2) * 1), *q = weight + (k0 * 5 + 0) * 8;
            { v8 w0 = {0}; __builtin_memcpy(&w0, q + 0, 24); v8 w1 = {0}; __builtin_memcpy(&w1, q + 8, 24); v8 w2 = {0}; __builtin_memcpy(&w2, q + 16, 24); v8 w3 = {0}; __builtin_memcpy(&w3, q + 24, 24); v8 w4 = {0}; __builtin_memcpy(&w4, q + 32, 24);
              { const v8 s = v8_splat(p[0]); a0_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[1]); a0_0 += s * w1; a1_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[2]); a0_0 += s * w2; a1_0 += s * w1; a2_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[3]); a0_0 += s * w3; a1_0 += s * w2; a2_0 += s * w1; a3_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[4]); a0_0 += s * w4; a1_0 += s * w3; a2_0 += s * w2; a3_0 += s * w1; a4_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[5]); a1_0 += s * w4; a2_0 += s * w3; a3_0 += s * w2; a4_0 += s * w1; a5_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[6]); a2_0 += s * w4; a3_0 += s * w3; a4_0 += s * w2; a5_0 += s * w1; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[7]); a3_0 += s * w4; a4_0 += s * w3; a5_0 += s * w2; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[8]); a4_0 += s * w4; a5_0 += s * w3; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[9]); a5_0 += s * w4; } __asm__ volatile("" ::: "memory");
            }
          }
        }
      }
      {
        const long begin0 = o0 * 2 + 1 - 2, end0 = 28 - begin0;
        const long first0 = begin0 < 0 ? -begin0 : 0;
        const long last0 = end0 < 5 ? end0 : 5;
        for (long k0 = first0; k0 < last0; ++k0) {
          {
            const float *p = a + (a_at + (o0 * 2 + k0 * 1 + -1) * 28 + (o * 1 + 0 * 1 + -2) * 1), *q = weight + (k0 * 5 + 0) * 8;
            { v8 w0 = {0}; __builtin_memcpy(&w0, q + 0, 24); v8 w1 = {0}; __builtin_memcpy(&w1, q + 8, 24); v8 w2 = {0}; __builtin_memcpy(&w2, q + 16, 24); v8 w3 = {0}; __builtin_memcpy(&w3, q + 24, 24); v8 w4 = {0}; __builtin_memcpy(&w4, q + 32, 24);
              { const v8 s = v8_splat(p[0]); a6_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[1]); a6_0 += s * w1; a7_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[2]); a6_0 += s * w2; a7_0 += s * w1; a8_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[3]); a6_0 += s * w3; a7_0 += s * w2; a8_0 += s * w1; a9_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[4]); a6_0 += s * w4; a7_0 += s * w3; a8_0 += s * w2; a9_0 += s * w1; a10_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[5]); a7_0 += s * w4; a8_0 += s * w3; a9_0 += s * w2; a10_0 += s * w1; a11_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[6]); a8_0 += s * w4; a9_0 += s * w3; a10_0 += s * w2; a11_0 += s * w1; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[7]); a9_0 += s * w4; a10_0 += s * w3; a11_0 += s * w2; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[8]); a10_0 += s * w4; a11_0 += s * w3; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[9]); a11_0 += s * w4; } __asm__ volatile("" ::: "memory");
            }
          }
        }
      }
    }
    a0_0 = v8_greatest(a0_0, a1_0);
    a0_0 = v8_greatest(a0_0, a6_0);
    a0_0 = v8_greatest(a0_0, a7_0);
    a2_0 = v8_greatest(a2_0, a3_0);
    a2_0 = v8_greatest(a2_0, a8_0);
    a2_0 = v8_greatest(a2_0, a9_0);
    a4_0 = v8_greatest(a4_0, a5_0);
    a4_0 = v8_greatest(a4_0, a10_0);
    a4_0 = v8_greatest(a4_0, a11_0);
    float *const out = y + (y_at + o / 2 * 6);
    { const vf t0 = mi_relu(a0_0); const v8 result = t0; __builtin_memcpy(out + 0, &result, 24); }
    { const vf t0 = mi_relu(a2_0); const v8 result = t0; __builtin_memcpy(out + 6, &result, 24); }
    { const vf t0 = mi_relu(a4_0); const v8 result = t0; __builtin_memcpy(out + 12, &result, 24); }
  }
  {
    const long o = 24;
    v8 a0_0 = v8_load(bias + block * 8 + 0);
    v8 a1_0 = v8_load(bias + block * 8 + 0);
    v8 a2_0 = v8_load(bias + block * 8 + 0);
    v8 a3_0 = v8_load(bias + block * 8 + 0);
    v8 a4_0 = v8_load(bias + block * 8 + 0);
    v8 a5_0 = v8_load(bias + block * 8 + 0);
    v8 a6_0 = v8_load(bias + block * 8 + 0);
    v8 a7_0 = v8_load(bias + block * 8 + 0);
    if (o0 >= 1 && o0 < 13) {
      for (long k0 = 0; k0 < 5; ++k0) {
        {
          const float *p = a + (a_at + (o0 * 2 + k0 * 1 + -2) * 28 + (o * 1 + 0 * 1 + -2) * 1), *q = weight + (k0 * 5 + 0) * 8;
          { v8 w0 = {0}; __builtin_memcpy(&w0, q + 0, 24); v8 w1 = {0}; __builtin_memcpy(&w1, q + 8, 24); v8 w2 = {0}; __builtin_memcpy(&w2, q + 16, 24);
            { const v8 s = v8_splat(p[0]); a0_0 += s * w0; } __asm__ volatile("" ::: "memory");
            { const v8 s = v8_splat(p[1]); a0_0 += s * w1; a1_0 += s * w0; } __asm__ volatile("" ::: "memory");
            { const v8 s = v8_splat(p[2]); a0_0 += s * w2; a1_0 += s * w1; a2_0 += s * w0; } __asm__ volatile("" ::: "memory");
            { const v8 s = v8_splat(p[3]); a1_0 += s * w2; a2_0 += s * w1; a3_0 += s * w0; } __asm__ volatile("" ::: "memory");
            { const v8 s = v8_splat(p[4]); a2_0 += s * w2; a3_0 += s * w1; } __asm__ volatile("" ::: "memory");
            { const v8 s = v8_splat(p[5]); a3_0 += s * w2; } __asm__ volatile("" ::: "memory");
            { const v8 s = v8_splat(p[28]); a4_0 += s * w0; } __asm__ volatile("" ::: "memory");
            { const v8 s = v8_splat(p[29]); a4_0 += s * w1; a5_0 += s * w0; } __asm__ volatile("" ::: "memory");
            { const v8 s = v8_splat(p[30]); a4_0 += s * w2; a5_0 += s * w1; a6_0 += s * w0; } __asm__ volatile("" ::: "memory");
            { const v8 s = v8_splat(p[31]); a5_0 += s * w2; a6_0 += s * w1; a7_0 += s * w0; } __asm__ volatile("" ::: "memory");
            { const v8 s = v8_splat(p[32]); a6_0 += s * w2; a7_0 += s * w1; } __asm__ volatile("" ::: "memory");
            { const v8 s = v8_splat(p[33]); a7_0 += s * w2; } __asm__ volatile("" ::: "memory");
          }
        }
        {
          const float *p = a + (a_at + (o0 * 2 + k0 * 1 + -2) * 28 + (o * 1 + 3 * 1 + -2) * 1), *q = weight + (k0 * 5 + 3) * 8;
          { const v8 w0 = v8_load(q + 0);
            { const v8 s = v8_splat(p[0]); a0_0 += s * w0; }
            { const v8 s = v8_splat(p[1]); a1_0 += s * w0; }
            { const v8 s = v8_splat(p[2]); a2_0 += s * w0; }
            { const v8 s = v8_splat(p[28]); a4_0 += s * w0; }
            { const v8 s = v8_splat(p[29]); a5_0 += s * w0; }
            { const v8 s = v8_splat(p[30]); a6_0 += s * w0; }
          } __asm__ volatile("" ::: "memory");
        }
        {
          const float *p = a + (a_at + (o0 * 2 + k0 * 1 + -2) * 28 + (o * 1 + 4 * 1 + -2) * 1), *q = weight + (k0 * 5 + 4) * 8;
          { const v8 w0 = v8_load(q + 0);
            { const v8 s = v8_splat(p[0]); a0_0 += s * w0; }
            { const v8 s = v8_splat(p[1]); a1_0 += s * w0; }
            { const v8 s = v8_splat(p[28]); a4_0 += s * w0; }
            { const v8 s = v8_splat(p[29]); a5_0 += s * w0; }
          } __asm__ volatile("" ::: "memory");
        }
      }
    } else {
      {
        const long begin0 = o0 * 2 - 2, end0 = 28 - begin0;
        const long first0 = begin0 < 0 ? -begin0 : 0;
        const long last0 = end0 < 5 ? end0 : 5;
        for (long k0 = first0; k0 < last0; ++k0) {
          {
            const float *p = a + (a_at + (o0 * 2 + k0 * 1 + -2) * 28 + (o * 1 + 0 * 1 + -2) * 1), *q = weight + (k0 * 5 + 0) * 8;
            { v8 w0 = {0}; __builtin_memcpy(&w0, q + 0, 24); v8 w1 = {0}; __builtin_memcpy(&w1, q + 8, 24); v8 w2 = {0}; __builtin_memcpy(&w2, q + 16, 24);
              { const v8 s = v8_splat(p[0]); a0_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[1]); a0_0 += s * w1; a1_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[2]); a0_0 += s * w2; a1_0 += s * w1; a2_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[3]); a1_0 += s * w2; a2_0 += s * w1; a3_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[4]); a2_0 += s * w2; a3_0 += s * w1; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[5]); a3_0 += s * w2; } __asm__ volatile("" ::: "memory");
            }
          }
          {
            const float *p = a + (a_at + (o0 * 2 + k0 * 1 + -2) * 28 + (o * 1 + 3 * 1 + -2) * 1), *q = weight + (k0 * 5 + 3) * 8;
            { const v8 w0 = v8_load(q + 0);
              { const v8 s = v8_splat(p[0]); a0_0 += s * w0; }
              { const v8 s = v8_splat(p[1]); a1_0 += s * w0; }
              { const v8 s = v8_splat(p[2]); a2_0 += s * w0; }
            } __asm__ volatile("" ::: "memory");
          }
          {
            const float *p = a + (a_at + (o0 * 2 + k0 * 1 + -2) * 28 + (o * 1 + 4 * 1 + -2) * 1), *q = weight + (k0 * 5 + 4) * 8;
            { const v8 w0 = v8_load(q + 0);
              { const v8 s = v8_splat(p[0]); a0_0 += s * w0; }
              { const v8 s = v8_splat(p[1]); a1_0 += s * w0; }
            } __asm__ volatile("" ::: "memory");
          }
        }
      }
      {
        const long begin0 = o0 * 2 + 1 - 2, end0 = 28 - begin0;
        const long first0 = begin0 < 0 ? -begin0 : 0;
        const long last0 = end0 < 5 ? end0 : 5;
        for (long k0 = first0; k0 < last0; ++k0) {
          {
            const float *p = a + (a_at + (o0 * 2 + k0 * 1 + -1) * 28 + (o * 1 + 0 * 1 + -2) * 1), *q = weight + (k0 * 5 + 0) * 8;
            { v8 w0 = {0}; __builtin_memcpy(&w0, q + 0, 24); v8 w1 = {0}; __builtin_memcpy(&w1, q + 8, 24); v8 w2 = {0}; __builtin_memcpy(&w2, q + 16, 24);
              { const v8 s = v8_splat(p[0]); a4_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[1]); a4_0 += s * w1; a5_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[2]); a4_0 += s * w2; a5_0 += s * w1; a6_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[3]); a5_0 += s * w2; a6_0 += s * w1; a7_0 += s * w0; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[4]); a6_0 += s * w2; a7_0 += s * w1; } __asm__ volatile("" ::: "memory");
              { const v8 s = v8_splat(p[5]); a7_0 += s * w2; } __asm__ volatile("" ::: "memory");
            }
          }
          {
            const float *p = a + (a_at + (o0 * 2 + k0 * 1 + -1) * 28 + (o * 1 + 3 * 1 + -2) * 1), *q = weight + (k0 * 5 + 3) * 8;
            { const v8 w0 = v8_load(q + 0);
              { const v8 s = v8_splat(p[0]); a4_0 += s * w0; }
              { const v8 s = v8_splat(p[1]); a5_0 += s * w0; }
              { const v8 s = v8_splat(p[2]); a6_0 += s * w0; }
            } __asm__ volatile("" ::: "memory");
          }
          {
            const float *p = a + (a_at + (o0 * 2 + k0 * 1 + -1) * 28 + (o * 1 + 4 * 1 + -2) * 1), *q = weight + (k0 * 5 + 4) * 8;
            { const v8 w0 = v8_load(q + 0);
              { const v8 s = v8_splat(p[0]); a4_0 += s * w0; }
              { const v8 s = v8_splat(p[1]); a5_0 += s * w0; }
            } __asm__ volatile("" ::: "memory");
          }
        }
      }
    }
    a0_0 = v8_greatest(a0_0, a1_0);
    a0_0 = v8_greatest(a0_0, a4_0);
    a0_0 = v8_greatest(a0_0, a5_0);
    a2_0 = v8_greatest(a2_0, a3_0);
    a2_0 = v8_greatest(a2_0, a6_0);
    a2_0 = v8_greatest(a2_0, a7_0);
    float *const out = y + (y_at + o / 2 * 6);
    { const vf t0 = mi_relu(a0_0); const v8 result = t0; __builtin_memcpy(out + 0, &result, 24); }
    { const vf t0 = mi_relu(a2_0); const v8 result = t0; __builtin_memcpy(out + 6, &result, 24); }
  }
}
}

static void conv_1(const float *restrict a, const float *restrict b, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long block = 0, row = item;
  const long o0 = row % 5;
  const float *const weight = b + (block * 2400);
  const long a_at = 0;
  const long y_at = 0 + (0 * 16 + block * 16) * 1 + o0 * 80;
  for (long o = 0; o < 10; o += 2) {
    _Alignas(64) v8 totals[8] = {(v8){0}, (v8){0}, (v8){0}, (v8){0}, (v8){0}, (v8){0}, (v8){0}, (v8){0}};
    v8 a0_0;
    v8 a0_1;
    v8 a1_0;
    v8 a1_1;
    v8 a2_0;
    v8 a2_1;
    v8 a3_0;
    v8 a3_1;
    for (long k0 = 0; k0 < 5; ++k0) {
      {
        a0_0 = (v8){0};
        a0_1 = (v8){0};
        a1_0 = (v8){0};
        a1_1 = (v8){0};
        a2_0 = (v8){0};
        a2_1 = (v8){0};
        a3_0 = (v8){0};
        a3_1 = (v8){0};
        for (long k = 0; k < 5; ++k) {
          {
            const float *p = a + (a_at + (o0 * 2 + k0 * 1 + 0) * 84 + (o * 1 + k * 1 + 0) * 6), *q = weight + (k0 * 5 + k) * 96;
            { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
              { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
              { const v8 s = v8_splat(p[6]); a1_0 += s * w0; a1_1 += s * w1; }
              { const v8 s = v8_splat(p[84]); a2_0 += s * w0; a2_1 += s * w1; }
              { const v8 s = v8_splat(p[90]); a3_0 += s * w0; a3_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const v8 w0 = v8_load(q + 16); const v8 w1 = v8_load(q + 24);
              { const v8 s = v8_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; }
              { const v8 s = v8_splat(p[7]); a1_0 += s * w0; a1_1 += s * w1; }
              { const v8 s = v8_splat(p[85]); a2_0 += s * w0; a2_1 += s * w1; }
              { const v8 s = v8_splat(p[91]); a3_0 += s * w0; a3_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const v8 w0 = v8_load(q + 32); const v8 w1 = v8_load(q + 40);
              { const v8 s = v8_splat(p[2]); a0_0 += s * w0; a0_1 += s * w1; }
              { const v8 s = v8_splat(p[8]); a1_0 += s * w0; a1_1 += s * w1; }
              { const v8 s = v8_splat(p[86]); a2_0 += s * w0; a2_1 += s * w1; }
              { const v8 s = v8_splat(p[92]); a3_0 += s * w0; a3_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const v8 w0 = v8_load(q + 48); const v8 w1 = v8_load(q + 56);
              { const v8 s = v8_splat(p[3]); a0_0 += s * w0; a0_1 += s * w1; }
              { const v8 s = v8_splat(p[9]); a1_0 += s * w0; a1_1 += s * w1; }
              { const v8 s = v8_splat(p[87]); a2_0 += s * w0; a2_1 += s * w1; }
              { const v8 s = v8_splat(p[93]); a3_0 += s * w0; a3_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const v8 w0 = v8_load(q + 64); const v8 w1 = v8_load(q + 72);
              { const v8 s = v8_splat(p[4]); a0_0 += s * w0; a0_1 += s * w1; }
              { const v8 s = v8_splat(p[10]); a1_0 += s * w0; a1_1 += s * w1; }
              { const v8 s = v8_splat(p[88]); a2_0 += s * w0; a2_1 += s * w1; }
              { const v8 s = v8_splat(p[94]); a3_0 += s * w0; a3_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const v8 w0 = v8_load(q + 80); const v8 w1 = v8_load(q + 88);
              { const v8 s = v8_splat(p[5]); a0_0 += s * w0; a0_1 += s * w1; }
              { const v8 s = v8_splat(p[11]); a1_0 += s * w0; a1_1 += s * w1; }
              { const v8 s = v8_splat(p[89]); a2_0 += s * w0; a2_1 += s * w1; }
              { const v8 s = v8_splat(p[95]); a3_0 += s * w0; a3_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
          }
        }
        totals[0] += a0_0;
        totals[1] += a0_1;
        totals[2] += a1_0;
        totals[3] += a1_1;
        totals[4] += a2_0;
        totals[5] += a2_1;
        totals[6] += a3_0;
        totals[7] += a3_1;
      }
    }
    a0_0 = totals[0];
    a0_1 = totals[1];
    a1_0 = totals[2];
    a1_1 = totals[3];
    a2_0 = totals[4];
    a2_1 = totals[5];
    a3_0 = totals[6];
    a3_1 = totals[7];
    {
      _Alignas(64) float sums[4][16];
      v8_store(&sums[0][0], a0_0);
      v8_store(&sums[0][8], a0_1);
      v8_store(&sums[1][0], a1_0);
      v8_store(&sums[1][8], a1_1);
      v8_store(&sums[2][0], a2_0);
      v8_store(&sums[2][8], a2_1);
      v8_store(&sums[3][0], a3_0);
      v8_store(&sums[3][8], a3_1);
      for (long m = 0; m < 4; ++m) {
        for (long n = 0; n < 2; ++n) {
          const v8 sum = v8_load(&sums[m][n * 8]); const vf t0 = mi_sigmoid(sum); v8_store(&sums[m][n * 8], t0);
        }
      }
      a0_0 = v8_load(&sums[0][0]);
      a0_1 = v8_load(&sums[0][8]);
      a1_0 = v8_load(&sums[1][0]);
      a1_1 = v8_load(&sums[1][8]);
      a2_0 = v8_load(&sums[2][0]);
      a2_1 = v8_load(&sums[2][8]);
      a3_0 = v8_load(&sums[3][0]);
      a3_1 = v8_load(&sums[3][8]);
    }
    a0_0 = (a0_0 + a1_0 + a2_0 + a3_0) / 4.0f;
    a0_1 = (a0_1 + a1_1 + a2_1 + a3_1) / 4.0f;
    float *const out = y + (y_at + o / 2 * 16);
    v8_store(out + 0, a0_0);
    v8_store(out + 8, a0_1);
  }
}
}

static void pool_2(const float *restrict x, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long o1 = item % 4;
  const long o0 = item / 4 % 4;
  const long n = item / 4 / 4;
  const long begin0 = o0 * 1 - 0, end0 = 5 - begin0;
  const long first0 = begin0 < 0 ? -begin0 : 0;
  const long last0 = end0 < 2 ? end0 : 2;
  const long begin1 = o1 * 1 - 0, end1 = 5 - begin1;
  const long first1 = begin1 < 0 ? -begin1 : 0;
  const long last1 = end1 < 2 ? end1 : 2;
  const long x_at = n * 400 + begin0 * 80 + begin1 * 16, y_at = n * 256 + o0 * 64 + o1 * 16;
  {
    const long c = 0;
    const float *const start = x + (x_at + first0 * 80 + first1 * 16 + c);
    v8 a0 = v8_load(start + 0);
    v8 a1 = v8_load(start + 8);
    for (long k0 = first0; k0 < last0; ++k0) {
      for (long k1 = first1; k1 < last1; ++k1) {
        const long at = x_at + k0 * 80 + k1 * 16;
        a0 = v8_greatest(a0, v8_load(x + (at + c + 0)));
        a1 = v8_greatest(a1, v8_load(x + (at + c + 8)));
      }
    }
    v8_store(y + (y_at + c + 0), a0);
    v8_store(y + (y_at + c + 8), a1);
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

static void copy_3(const uint32_t *restrict x, uint32_t *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long s = i0 * 8;
  const long t = i0 * 128;
  const float *p = (const float *)x + s;
  float *q = (float *)y + t;
  for (long j = 0; j < 2; ++j, p += 128, q += 8) {
    mi_transpose_tile(p, 16, q, 16);
  }

}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: MaxPool_2: Conv + Relu + MaxPool + Transpose */
  conv_0((const void *)((const uint8_t *)inputs[0]), (const void *)(constants + 0), (const void *)(constants + 832), (void *)(arena + AT_greatest_last), 0, 14);
  /* 1: AveragePool_5: Transpose + Conv + Sigmoid + AveragePool + Transpose */
  conv_1((const void *)(arena + AT_greatest_last), (const void *)(constants + 896), (void *)(arena + AT_padded_last), 0, 5);
  /* 2: MaxPool_6: Transpose + MaxPool + Transpose */
  pool_2((const void *)(arena + AT_padded_last), (void *)(arena + AT_y_last), 0, 16);
  /* 3: y: Transpose */
  copy_3((const void *)(arena + AT_y_last), (void *)((uint8_t *)outputs[0]), 0, 2);
  return 0;
}
