/* g: 4 steps in an arena of 9696 bytes. */
#include "prelude.h"

#define AT_positive_last 0 /* positive_last: 8112 bytes, steps [0, 2) */
#define AT_second_last 8128 /* second_last: 1568 bytes, steps [1, 3) */
#define AT_y_last 0 /* y_last: 1568 bytes, steps [2, 4) */

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
  const long o0 = row % 13;
  const float *const weight = b + (block * 432);
  const long a_at = 0;
  const long y_at = 0 + (0 * 12 + block * 16) * 1 + o0 * 156;
  {
    const long o = 0;
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
    {
      const long begin0 = o0 * 1 - 1, end0 = 13 - begin0;
      const long first0 = begin0 < 0 ? -begin0 : 0;
      const long last0 = end0 < 3 ? end0 : 3;
      for (long k0 = first0; k0 < last0; ++k0) {
        {
          const float *p = a + (a_at + (o0 * 1 + k0 * 1 + -1) * 13 + (o * 1 + 0 * 1 + 0) * 1), *q = weight + (k0 * 3 + 0) * 48;
          { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
            { const v8 s = v8_splat(p[0]); a1_0 += s * w0; a1_1 += s * w1; }
            { const v8 s = v8_splat(p[1]); a2_0 += s * w0; a2_1 += s * w1; }
            { const v8 s = v8_splat(p[2]); a3_0 += s * w0; a3_1 += s * w1; }
            { const v8 s = v8_splat(p[3]); a4_0 += s * w0; a4_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 16); const v8 w1 = v8_load(q + 24);
            { const v8 s = v8_splat(p[169]); a1_0 += s * w0; a1_1 += s * w1; }
            { const v8 s = v8_splat(p[170]); a2_0 += s * w0; a2_1 += s * w1; }
            { const v8 s = v8_splat(p[171]); a3_0 += s * w0; a3_1 += s * w1; }
            { const v8 s = v8_splat(p[172]); a4_0 += s * w0; a4_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 32); const v8 w1 = v8_load(q + 40);
            { const v8 s = v8_splat(p[338]); a1_0 += s * w0; a1_1 += s * w1; }
            { const v8 s = v8_splat(p[339]); a2_0 += s * w0; a2_1 += s * w1; }
            { const v8 s = v8_splat(p[340]); a3_0 += s * w0; a3_1 += s * w1; }
            { const v8 s = v8_splat(p[341]); a4_0 += s * w0; a4_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
        }
        for (long k = 1; k < 3; ++k) {
          {
            const float *p = a + (a_at + (o0 * 1 + k0 * 1 + -1) * 13 + (o * 1 + k * 1 + -1) * 1), *q = weight + (k0 * 3 + k) * 48;
            { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
              { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
              { const v8 s = v8_splat(p[1]); a1_0 += s * w0; a1_1 += s * w1; }
              { const v8 s = v8_splat(p[2]); a2_0 += s * w0; a2_1 += s * w1; }
              { const v8 s = v8_splat(p[3]); a3_0 += s * w0; a3_1 += s * w1; }
              { const v8 s = v8_splat(p[4]); a4_0 += s * w0; a4_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const v8 w0 = v8_load(q + 16); const v8 w1 = v8_load(q + 24);
              { const v8 s = v8_splat(p[169]); a0_0 += s * w0; a0_1 += s * w1; }
              { const v8 s = v8_splat(p[170]); a1_0 += s * w0; a1_1 += s * w1; }
              { const v8 s = v8_splat(p[171]); a2_0 += s * w0; a2_1 += s * w1; }
              { const v8 s = v8_splat(p[172]); a3_0 += s * w0; a3_1 += s * w1; }
              { const v8 s = v8_splat(p[173]); a4_0 += s * w0; a4_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const v8 w0 = v8_load(q + 32); const v8 w1 = v8_load(q + 40);
              { const v8 s = v8_splat(p[338]); a0_0 += s * w0; a0_1 += s * w1; }
              { const v8 s = v8_splat(p[339]); a1_0 += s * w0; a1_1 += s * w1; }
              { const v8 s = v8_splat(p[340]); a2_0 += s * w0; a2_1 += s * w1; }
              { const v8 s = v8_splat(p[341]); a3_0 += s * w0; a3_1 += s * w1; }
              { const v8 s = v8_splat(p[342]); a4_0 += s * w0; a4_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
          }
        }
      }
    }
    float *const out = y + (y_at + o * 12);
    { const vf t0 = mi_relu(a0_0); const v8 result = t0; v8_store(out + 0, result); }
    { const vf t0 = mi_relu(a0_1); const v8 result = t0; __builtin_memcpy(out + 8, &result, 16); }
    { const vf t0 = mi_relu(a1_0); const v8 result = t0; v8_store(out + 12, result); }
    { const vf t0 = mi_relu(a1_1); const v8 result = t0; __builtin_memcpy(out + 20, &result, 16); }
    { const vf t0 = mi_relu(a2_0); const v8 result = t0; v8_store(out + 24, result); }
    { const vf t0 = mi_relu(a2_1); const v8 result = t0; __builtin_memcpy(out + 32, &result, 16); }
    { const vf t0 = mi_relu(a3_0); const v8 result = t0; v8_store(out + 36, result); }
    { const vf t0 = mi_relu(a3_1); const v8 result = t0; __builtin_memcpy(out + 44, &result, 16); }
    { const vf t0 = mi_relu(a4_0); const v8 result = t0; v8_store(out + 48, result); }
    { const vf t0 = mi_relu(a4_1); const v8 result = t0; __builtin_memcpy(out + 56, &result, 16); }
  }
  {
    const long o = 5;
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
    {
      const long begin0 = o0 * 1 - 1, end0 = 13 - begin0;
      const long first0 = begin0 < 0 ? -begin0 : 0;
      const long last0 = end0 < 3 ? end0 : 3;
      for (long k0 = first0; k0 < last0; ++k0) {
        for (long k = 0; k < 3; ++k) {
          {
            const float *p = a + (a_at + (o0 * 1 + k0 * 1 + -1) * 13 + (o * 1 + k * 1 + -1) * 1), *q = weight + (k0 * 3 + k) * 48;
            { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
              { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
              { const v8 s = v8_splat(p[1]); a1_0 += s * w0; a1_1 += s * w1; }
              { const v8 s = v8_splat(p[2]); a2_0 += s * w0; a2_1 += s * w1; }
              { const v8 s = v8_splat(p[3]); a3_0 += s * w0; a3_1 += s * w1; }
              { const v8 s = v8_splat(p[4]); a4_0 += s * w0; a4_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const v8 w0 = v8_load(q + 16); const v8 w1 = v8_load(q + 24);
              { const v8 s = v8_splat(p[169]); a0_0 += s * w0; a0_1 += s * w1; }
              { const v8 s = v8_splat(p[170]); a1_0 += s * w0; a1_1 += s * w1; }
              { const v8 s = v8_splat(p[171]); a2_0 += s * w0; a2_1 += s * w1; }
              { const v8 s = v8_splat(p[172]); a3_0 += s * w0; a3_1 += s * w1; }
              { const v8 s = v8_splat(p[173]); a4_0 += s * w0; a4_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const v8 w0 = v8_load(q + 32); const v8 w1 = v8_load(q + 40);
              { const v8 s = v8_splat(p[338]); a0_0 += s * w0; a0_1 += s * w1; }
              { const v8 s = v8_splat(p[339]); a1_0 += s * w0; a1_1 += s * w1; }
              { const v8 s = v8_splat(p[340]); a2_0 += s * w0; a2_1 += s * w1; }
              { const v8 s = v8_splat(p[341]); a3_0 += s * w0; a3_1 += s * w1; }
              { const v8 s = v8_splat(p[342]); a4_0 += s * w0; a4_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
          }
        }
      }
    }
    float *const out = y + (y_at + o * 12);
    { const vf t0 = mi_relu(a0_0); const v8 result = t0; v8_store(out + 0, result); }
    { const vf t0 = mi_relu(a0_1); const v8 result = t0; __builtin_memcpy(out + 8, &result, 16); }
    { const vf t0 = mi_relu(a1_0); const v8 result = t0; v8_store(out + 12, result); }
    { const vf t0 = mi_relu(a1_1); const v8 result = t0; __builtin_memcpy(out + 20, &result, 16); }
    { const vf t0 = mi_relu(a2_0); const v8 result = t0; v8_store(out + 24, result); }
    { const vf t0 = mi_relu(a2_1); const v8 result = t0; __builtin_memcpy(out + 32, &result, 16); }
    { const vf t0 = mi_relu(a3_0); const v8 result = t0; v8_store(out + 36, result); }
    { const vf t0 = mi_relu(a3_1); const v8 result = t0; __builtin_memcpy(out + 44, &result, 16); }
    { const vf t0 = mi_relu(a4_0); const v8 result = t0; v8_store(out + 48, result); }
    { const vf t0 = mi_relu(a4_1); const v8 result = t0; __builtin_memcpy(out + 56, &result, 16); }
  }
  {
    const long o = 10;
    v8 a0_0 = v8_load(bias + block * 16 + 0);
    v8 a0_1 = v8_load(bias + block * 16 + 8);
    v8 a1_0 = v8_load(bias + block * 16 + 0);
    v8 a1_1 = v8_load(bias + block * 16 + 8);
    v8 a2_0 = v8_load(bias + block * 16 + 0);
    v8 a2_1 = v8_load(bias + block * 16 + 8);
    {
      const long begin0 = o0 * 1 - 1, end0 = 13 - begin0;
      const long first0 = begin0 < 0 ? -begin0 : 0;
      const long last0 = end0 < 3 ? end0 : 3;
      for (long k0 = first0; k0 < last0; ++k0) {
        for (long k = 0; k < 2; ++k) {
          {
            const float *p = a + (a_at + (o0 * 1 + k0 * 1 + -1) * 13 + (o * 1 + k * 1 + -1) * 1), *q = weight + (k0 * 3 + k) * 48;
            { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
              { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
              { const v8 s = v8_splat(p[1]); a1_0 += s * w0; a1_1 += s * w1; }
              { const v8 s = v8_splat(p[2]); a2_0 += s * w0; a2_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const v8 w0 = v8_load(q + 16); const v8 w1 = v8_load(q + 24);
              { const v8 s = v8_splat(p[169]); a0_0 += s * w0; a0_1 += s * w1; }
              { const v8 s = v8_splat(p[170]); a1_0 += s * w0; a1_1 += s * w1; }
              { const v8 s = v8_splat(p[171]); a2_0 += s * w0; a2_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const v8 w0 = v8_load(q + 32); const v8 w1 = v8_load(q + 40);
              { const v8 s = v8_splat(p[338]); a0_0 += s * w0; a0_1 += s * w1; }
              { const v8 s = v8_splat(p[339]); a1_0 += s * w0; a1_1 += s * w1; }
              { const v8 s = v8_splat(p[340]); a2_0 += s * w0; a2_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
          }
        }
        {
          const float *p = a + (a_at + (o0 * 1 + k0 * 1 + -1) * 13 + (o * 1 + 2 * 1 + -1) * 1), *q = weight + (k0 * 3 + 2) * 48;
          { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
            { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[1]); a1_0 += s * w0; a1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 16); const v8 w1 = v8_load(q + 24);
            { const v8 s = v8_splat(p[169]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[170]); a1_0 += s * w0; a1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 32); const v8 w1 = v8_load(q + 40);
            { const v8 s = v8_splat(p[338]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[339]); a1_0 += s * w0; a1_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
        }
      }
    }
    float *const out = y + (y_at + o * 12);
    { const vf t0 = mi_relu(a0_0); const v8 result = t0; v8_store(out + 0, result); }
    { const vf t0 = mi_relu(a0_1); const v8 result = t0; __builtin_memcpy(out + 8, &result, 16); }
    { const vf t0 = mi_relu(a1_0); const v8 result = t0; v8_store(out + 12, result); }
    { const vf t0 = mi_relu(a1_1); const v8 result = t0; __builtin_memcpy(out + 20, &result, 16); }
    { const vf t0 = mi_relu(a2_0); const v8 result = t0; v8_store(out + 24, result); }
    { const vf t0 = mi_relu(a2_1); const v8 result = t0; __builtin_memcpy(out + 32, &result, 16); }
  }
}
}

static void conv_1(const float *restrict a, const float *restrict b, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long block = 0, row = item;
  const long o0 = row % 7;
  const float *const weight = b + (block * 864);
  const long a_at = 0;
  const long y_at = 0 + (0 * 8 + block * 8) * 1 + o0 * 56;
  {
    const long o = 0;
    _Alignas(64) v8 totals[7] = {(v8){0}, (v8){0}, (v8){0}, (v8){0}, (v8){0}, (v8){0}, (v8){0}};
    v8 a0_0;
    v8 a1_0;
    v8 a2_0;
    v8 a3_0;
    v8 a4_0;
    v8 a5_0;
    v8 a6_0;
    {
      const long begin0 = o0 * 2 - 1, end0 = 13 - begin0;
      const long first0 = begin0 < 0 ? -begin0 : 0;
      const long last0 = end0 < 3 ? end0 : 3;
      for (long k0 = first0; k0 < last0; ++k0) {
        {
          a0_0 = (v8){0};
          a1_0 = (v8){0};
          a2_0 = (v8){0};
          a3_0 = (v8){0};
          a4_0 = (v8){0};
          a5_0 = (v8){0};
          a6_0 = (v8){0};
          {
            const float *p = a + (a_at + (o0 * 2 + k0 * 1 + -1) * 156 + (o * 2 + 0 * 1 + 1) * 12), *q = weight + (k0 * 3 + 0) * 96;
            for (long i = 0; i < 2; ++i, p += 5, q += 40) {
              { const v8 w0 = v8_load(q + 0);
                { const v8 s = v8_splat(p[0]); a1_0 += s * w0; }
                { const v8 s = v8_splat(p[24]); a2_0 += s * w0; }
                { const v8 s = v8_splat(p[48]); a3_0 += s * w0; }
                { const v8 s = v8_splat(p[72]); a4_0 += s * w0; }
                { const v8 s = v8_splat(p[96]); a5_0 += s * w0; }
                { const v8 s = v8_splat(p[120]); a6_0 += s * w0; }
              } __asm__ volatile("" ::: "memory");
              { const v8 w0 = v8_load(q + 8);
                { const v8 s = v8_splat(p[1]); a1_0 += s * w0; }
                { const v8 s = v8_splat(p[25]); a2_0 += s * w0; }
                { const v8 s = v8_splat(p[49]); a3_0 += s * w0; }
                { const v8 s = v8_splat(p[73]); a4_0 += s * w0; }
                { const v8 s = v8_splat(p[97]); a5_0 += s * w0; }
                { const v8 s = v8_splat(p[121]); a6_0 += s * w0; }
              } __asm__ volatile("" ::: "memory");
              { const v8 w0 = v8_load(q + 16);
                { const v8 s = v8_splat(p[2]); a1_0 += s * w0; }
                { const v8 s = v8_splat(p[26]); a2_0 += s * w0; }
                { const v8 s = v8_splat(p[50]); a3_0 += s * w0; }
                { const v8 s = v8_splat(p[74]); a4_0 += s * w0; }
                { const v8 s = v8_splat(p[98]); a5_0 += s * w0; }
                { const v8 s = v8_splat(p[122]); a6_0 += s * w0; }
              } __asm__ volatile("" ::: "memory");
              { const v8 w0 = v8_load(q + 24);
                { const v8 s = v8_splat(p[3]); a1_0 += s * w0; }
                { const v8 s = v8_splat(p[27]); a2_0 += s * w0; }
                { const v8 s = v8_splat(p[51]); a3_0 += s * w0; }
                { const v8 s = v8_splat(p[75]); a4_0 += s * w0; }
                { const v8 s = v8_splat(p[99]); a5_0 += s * w0; }
                { const v8 s = v8_splat(p[123]); a6_0 += s * w0; }
              } __asm__ volatile("" ::: "memory");
              { const v8 w0 = v8_load(q + 32);
                { const v8 s = v8_splat(p[4]); a1_0 += s * w0; }
                { const v8 s = v8_splat(p[28]); a2_0 += s * w0; }
                { const v8 s = v8_splat(p[52]); a3_0 += s * w0; }
                { const v8 s = v8_splat(p[76]); a4_0 += s * w0; }
                { const v8 s = v8_splat(p[100]); a5_0 += s * w0; }
                { const v8 s = v8_splat(p[124]); a6_0 += s * w0; }
              } __asm__ volatile("" ::: "memory");
            }
            { const v8 w0 = v8_load(q + 0);
              { const v8 s = v8_splat(p[0]); a1_0 += s * w0; }
              { const v8 s = v8_splat(p[24]); a2_0 += s * w0; }
              { const v8 s = v8_splat(p[48]); a3_0 += s * w0; }
              { const v8 s = v8_splat(p[72]); a4_0 += s * w0; }
              { const v8 s = v8_splat(p[96]); a5_0 += s * w0; }
              { const v8 s = v8_splat(p[120]); a6_0 += s * w0; }
            } __asm__ volatile("" ::: "memory");
            { const v8 w0 = v8_load(q + 8);
              { const v8 s = v8_splat(p[1]); a1_0 += s * w0; }
              { const v8 s = v8_splat(p[25]); a2_0 += s * w0; }
              { const v8 s = v8_splat(p[49]); a3_0 += s * w0; }
              { const v8 s = v8_splat(p[73]); a4_0 += s * w0; }
              { const v8 s = v8_splat(p[97]); a5_0 += s * w0; }
              { const v8 s = v8_splat(p[121]); a6_0 += s * w0; }
            } __asm__ volatile("" ::: "memory");
          }
          {
            const float *p = a + (a_at + (o0 * 2 + k0 * 1 + -1) * 156 + (o * 2 + 1 * 1 + -1) * 12), *q = weight + (k0 * 3 + 1) * 96;
            for (long i = 0; i < 3; ++i, p += 4, q += 32) {
              { const v8 w0 = v8_load(q + 0);
                { const v8 s = v8_splat(p[0]); a0_0 += s * w0; }
                { const v8 s = v8_splat(p[24]); a1_0 += s * w0; }
                { const v8 s = v8_splat(p[48]); a2_0 += s * w0; }
                { const v8 s = v8_splat(p[72]); a3_0 += s * w0; }
                { const v8 s = v8_splat(p[96]); a4_0 += s * w0; }
                { const v8 s = v8_splat(p[120]); a5_0 += s * w0; }
                { const v8 s = v8_splat(p[144]); a6_0 += s * w0; }
              } __asm__ volatile("" ::: "memory");
              { const v8 w0 = v8_load(q + 8);
                { const v8 s = v8_splat(p[1]); a0_0 += s * w0; }
                { const v8 s = v8_splat(p[25]); a1_0 += s * w0; }
                { const v8 s = v8_splat(p[49]); a2_0 += s * w0; }
                { const v8 s = v8_splat(p[73]); a3_0 += s * w0; }
                { const v8 s = v8_splat(p[97]); a4_0 += s * w0; }
                { const v8 s = v8_splat(p[121]); a5_0 += s * w0; }
                { const v8 s = v8_splat(p[145]); a6_0 += s * w0; }
              } __asm__ volatile("" ::: "memory");
              { const v8 w0 = v8_load(q + 16);
                { const v8 s = v8_splat(p[2]); a0_0 += s * w0; }
                { const v8 s = v8_splat(p[26]); a1_0 += s * w0; }
                { const v8 s = v8_splat(p[50]); a2_0 += s * w0; }
                { const v8 s = v8_splat(p[74]); a3_0 += s * w0; }
                { const v8 s = v8_splat(p[98]); a4_0 += s * w0; }
                { const v8 s = v8_splat(p[122]); a5_0 += s * w0; }
                { const v8 s = v8_splat(p[146]); a6_0 += s * w0; }
              } __asm__ volatile("" ::: "memory");
              { const v8 w0 = v8_load(q + 24);
                { const v8 s = v8_splat(p[3]); a0_0 += s * w0; }
                { const v8 s = v8_splat(p[27]); a1_0 += s * w0; }
                { const v8 s = v8_splat(p[51]); a2_0 += s * w0; }
                { const v8 s = v8_splat(p[75]); a3_0 += s * w0; }
                { const v8 s = v8_splat(p[99]); a4_0 += s * w0; }
                { const v8 s = v8_splat(p[123]); a5_0 += s * w0; }
                { const v8 s = v8_splat(p[147]); a6_0 += s * w0; }
              } __asm__ volatile("" ::: "memory");
            }
          }
          {
            const float *p = a + (a_at + (o0 * 2 + k0 * 1 + -1) * 156 + (o * 2 + 2 * 1 + -1) * 12), *q = weight + (k0 * 3 + 2) * 96;
            for (long i = 0; i < 2; ++i, p += 5, q += 40) {
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
          }
          totals[0] += a0_0;
          totals[1] += a1_0;
          totals[2] += a2_0;
          totals[3] += a3_0;
          totals[4] += a4_0;
          totals[5] += a5_0;
          totals[6] += a6_0;
        }
      }
    }
    a0_0 = totals[0];
    a1_0 = totals[1];
    a2_0 = totals[2];
    a3_0 = totals[3];
    a4_0 = totals[4];
    a5_0 = totals[5];
    a6_0 = totals[6];
    float *const out = y + (y_at + o * 8);
    v8_store(out + 0, a0_0);
    v8_store(out + 8, a1_0);
    v8_store(out + 16, a2_0);
    v8_store(out + 24, a3_0);
    v8_store(out + 32, a4_0);
    v8_store(out + 40, a5_0);
    v8_store(out + 48, a6_0);
  }
}
}

static void conv_2(const float *restrict a, const float *restrict b, const float *residual, float *y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long block = item / 7, row = item % 7;
  const long o0 = row % 7;
  const float *const weight = b + (block * 288);
  const long a_at = (block / 1) * 4;
  const long y_at = 0 + ((block / 1) * 4 + (block % 1) * 8) * 1 + o0 * 56;
  {
    const long o = 0;
    v8 a0_0 = (v8){0};
    v8 a1_0 = (v8){0};
    v8 a2_0 = (v8){0};
    v8 a3_0 = (v8){0};
    v8 a4_0 = (v8){0};
    v8 a5_0 = (v8){0};
    v8 a6_0 = (v8){0};
    {
      const long begin0 = o0 * 1 - 1, end0 = 7 - begin0;
      const long first0 = begin0 < 0 ? -begin0 : 0;
      const long last0 = end0 < 3 ? end0 : 3;
      for (long k0 = first0; k0 < last0; ++k0) {
        {
          const float *p = a + (a_at + (o0 * 1 + k0 * 1 + -1) * 56 + (o * 1 + 0 * 1 + 0) * 8), *q = weight + (k0 * 3 + 0) * 32;
          { const v8 w0 = v8_load(q + 0);
            { const v8 s = v8_splat(p[0]); a1_0 += s * w0; }
            { const v8 s = v8_splat(p[8]); a2_0 += s * w0; }
            { const v8 s = v8_splat(p[16]); a3_0 += s * w0; }
            { const v8 s = v8_splat(p[24]); a4_0 += s * w0; }
            { const v8 s = v8_splat(p[32]); a5_0 += s * w0; }
            { const v8 s = v8_splat(p[40]); a6_0 += s * w0; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 8);
            { const v8 s = v8_splat(p[1]); a1_0 += s * w0; }
            { const v8 s = v8_splat(p[9]); a2_0 += s * w0; }
            { const v8 s = v8_splat(p[17]); a3_0 += s * w0; }
            { const v8 s = v8_splat(p[25]); a4_0 += s * w0; }
            { const v8 s = v8_splat(p[33]); a5_0 += s * w0; }
            { const v8 s = v8_splat(p[41]); a6_0 += s * w0; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 16);
            { const v8 s = v8_splat(p[2]); a1_0 += s * w0; }
            { const v8 s = v8_splat(p[10]); a2_0 += s * w0; }
            { const v8 s = v8_splat(p[18]); a3_0 += s * w0; }
            { const v8 s = v8_splat(p[26]); a4_0 += s * w0; }
            { const v8 s = v8_splat(p[34]); a5_0 += s * w0; }
            { const v8 s = v8_splat(p[42]); a6_0 += s * w0; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 24);
            { const v8 s = v8_splat(p[3]); a1_0 += s * w0; }
            { const v8 s = v8_splat(p[11]); a2_0 += s * w0; }
            { const v8 s = v8_splat(p[19]); a3_0 += s * w0; }
            { const v8 s = v8_splat(p[27]); a4_0 += s * w0; }
            { const v8 s = v8_splat(p[35]); a5_0 += s * w0; }
            { const v8 s = v8_splat(p[43]); a6_0 += s * w0; }
          } __asm__ volatile("" ::: "memory");
        }
        {
          const float *p = a + (a_at + (o0 * 1 + k0 * 1 + -1) * 56 + (o * 1 + 1 * 1 + -1) * 8), *q = weight + (k0 * 3 + 1) * 32;
          { const v8 w0 = v8_load(q + 0);
            { const v8 s = v8_splat(p[0]); a0_0 += s * w0; }
            { const v8 s = v8_splat(p[8]); a1_0 += s * w0; }
            { const v8 s = v8_splat(p[16]); a2_0 += s * w0; }
            { const v8 s = v8_splat(p[24]); a3_0 += s * w0; }
            { const v8 s = v8_splat(p[32]); a4_0 += s * w0; }
            { const v8 s = v8_splat(p[40]); a5_0 += s * w0; }
            { const v8 s = v8_splat(p[48]); a6_0 += s * w0; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 8);
            { const v8 s = v8_splat(p[1]); a0_0 += s * w0; }
            { const v8 s = v8_splat(p[9]); a1_0 += s * w0; }
            { const v8 s = v8_splat(p[17]); a2_0 += s * w0; }
            { const v8 s = v8_splat(p[25]); a3_0 += s * w0; }
            { const v8 s = v8_splat(p[33]); a4_0 += s * w0; }
            { const v8 s = v8_splat(p[41]); a5_0 += s * w0; }
            { const v8 s = v8_splat(p[49]); a6_0 += s * w0; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 16);
            { const v8 s = v8_splat(p[2]); a0_0 += s * w0; }
            { const v8 s = v8_splat(p[10]); a1_0 += s * w0; }
            { const v8 s = v8_splat(p[18]); a2_0 += s * w0; }
            { const v8 s = v8_splat(p[26]); a3_0 += s * w0; }
            { const v8 s = v8_splat(p[34]); a4_0 += s * w0; }
            { const v8 s = v8_splat(p[42]); a5_0 += s * w0; }
            { const v8 s = v8_splat(p[50]); a6_0 += s * w0; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 24);
            { const v8 s = v8_splat(p[3]); a0_0 += s * w0; }
            { const v8 s = v8_splat(p[11]); a1_0 += s * w0; }
            { const v8 s = v8_splat(p[19]); a2_0 += s * w0; }
            { const v8 s = v8_splat(p[27]); a3_0 += s * w0; }
            { const v8 s = v8_splat(p[35]); a4_0 += s * w0; }
            { const v8 s = v8_splat(p[43]); a5_0 += s * w0; }
            { const v8 s = v8_splat(p[51]); a6_0 += s * w0; }
          } __asm__ volatile("" ::: "memory");
        }
        {
          const float *p = a + (a_at + (o0 * 1 + k0 * 1 + -1) * 56 + (o * 1 + 2 * 1 + -1) * 8), *q = weight + (k0 * 3 + 2) * 32;
          { const v8 w0 = v8_load(q + 0);
            { const v8 s = v8_splat(p[0]); a0_0 += s * w0; }
            { const v8 s = v8_splat(p[8]); a1_0 += s * w0; }
            { const v8 s = v8_splat(p[16]); a2_0 += s * w0; }
            { const v8 s = v8_splat(p[24]); a3_0 += s * w0; }
            { const v8 s = v8_splat(p[32]); a4_0 += s * w0; }
            { const v8 s = v8_splat(p[40]); a5_0 += s * w0; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 8);
            { const v8 s = v8_splat(p[1]); a0_0 += s * w0; }
            { const v8 s = v8_splat(p[9]); a1_0 += s * w0; }
            { const v8 s = v8_splat(p[17]); a2_0 += s * w0; }
            { const v8 s = v8_splat(p[25]); a3_0 += s * w0; }
            { const v8 s = v8_splat(p[33]); a4_0 += s * w0; }
            { const v8 s = v8_splat(p[41]); a5_0 += s * w0; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 16);
            { const v8 s = v8_splat(p[2]); a0_0 += s * w0; }
            { const v8 s = v8_splat(p[10]); a1_0 += s * w0; }
            { const v8 s = v8_splat(p[18]); a2_0 += s * w0; }
            { const v8 s = v8_splat(p[26]); a3_0 += s * w0; }
            { const v8 s = v8_splat(p[34]); a4_0 += s * w0; }
            { const v8 s = v8_splat(p[42]); a5_0 += s * w0; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 24);
            { const v8 s = v8_splat(p[3]); a0_0 += s * w0; }
            { const v8 s = v8_splat(p[11]); a1_0 += s * w0; }
            { const v8 s = v8_splat(p[19]); a2_0 += s * w0; }
            { const v8 s = v8_splat(p[27]); a3_0 += s * w0; }
            { const v8 s = v8_splat(p[35]); a4_0 += s * w0; }
            { const v8 s = v8_splat(p[43]); a5_0 += s * w0; }
          } __asm__ volatile("" ::: "memory");
        }
      }
    }
    float *const out = y + (y_at + o * 8);
    const float *const res = residual + (y_at + o * 8);
    { v8 r = {0}; __builtin_memcpy(&r, res + 0, 16); const vf t0 = a0_0 + r; const v8 result = t0; __builtin_memcpy(out + 0, &result, 16); }
    { v8 r = {0}; __builtin_memcpy(&r, res + 8, 16); const vf t0 = a1_0 + r; const v8 result = t0; __builtin_memcpy(out + 8, &result, 16); }
    { v8 r = {0}; __builtin_memcpy(&r, res + 16, 16); const vf t0 = a2_0 + r; const v8 result = t0; __builtin_memcpy(out + 16, &result, 16); }
    { v8 r = {0}; __builtin_memcpy(&r, res + 24, 16); const vf t0 = a3_0 + r; const v8 result = t0; __builtin_memcpy(out + 24, &result, 16); }
    { v8 r = {0}; __builtin_memcpy(&r, res + 32, 16); const vf t0 = a4_0 + r; const v8 result = t0; __builtin_memcpy(out + 32, &result, 16); }
    { v8 r = {0}; __builtin_memcpy(&r, res + 40, 16); const vf t0 = a5_0 + r; const v8 result = t0; __builtin_memcpy(out + 40, &result, 16); }
    { v8 r = {0}; __builtin_memcpy(&r, res + 48, 16); const vf t0 = a6_0 + r; const v8 result = t0; __builtin_memcpy(out + 48, &result, 16); }
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
  const long t = i0 * 392;
  const float *p = (const float *)x + s;
  float *q = (float *)y + t;
  for (long j = 0; j < 6; ++j, p += 64, q += 8) {
    mi_transpose_tile(p, 8, q, 49);
  }
  for (long i = 0; i < 8; ++i)
    for (long j = 0; j < 1; ++j) q[i * 49 + j] = p[i + j * 8];
}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: Relu_1: Conv + Relu + Transpose */
  conv_0((const void *)((const uint8_t *)inputs[0]), (const void *)(constants + 0), (const void *)(constants + 1728), (void *)(arena + AT_positive_last), 0, 13);
  /* 1: Conv_2: Transpose + Conv + Transpose */
  conv_1((const void *)(arena + AT_positive_last), (const void *)(constants + 1792), (void *)(arena + AT_second_last), 0, 7);
  /* 2: Add_5: Transpose + Conv + Add + Transpose */
  conv_2((const void *)(arena + AT_second_last), (const void *)(constants + 5248), (const void *)(arena + AT_second_last), (void *)(arena + AT_y_last), 0, 14);
  /* 3: y: Transpose */
  copy_3((const void *)(arena + AT_y_last), (void *)((uint8_t *)outputs[0]), 0, 1);
  return 0;
}
