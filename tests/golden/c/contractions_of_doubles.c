/* g: 4 steps in an arena of 2416 bytes. */
#include "prelude.h"

#define AT_greatest_last 1216 /* greatest_last: 1200 bytes, steps [0, 2) */
#define AT_each_last 0 /* each_last: 1200 bytes, steps [1, 4) */

typedef double vd4 __attribute__((vector_size(32), aligned(8), may_alias));
typedef double vd4_wide __attribute__((vector_size(32)));
typedef int64_t vd4_mask __attribute__((vector_size(32), aligned(8), may_alias));
MI_INLINE vd4 vd4_load(const double *p) { return *(const vd4 *)p; }
MI_INLINE void vd4_store(double *p, vd4 a) { *(vd4 *)p = a; }
MI_INLINE vd4 vd4_splat(double s) { return s - (vd4){0}; }
MI_INLINE vd4 vd4_select(vd4_mask m, vd4 a, vd4 b) { return (vd4)(((vd4_mask)a & m) | ((vd4_mask)b & ~m)); }
MI_INLINE vd4 vd4_greatest(vd4 a, vd4 b) { return vd4_select(b == b, vd4_select(b > a, b, a), b); }

static void conv_0(const double *restrict a, const double *restrict b, const double *restrict bias, double *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long block = 0, row = item;
  const long o0 = row % 5;
  const double *const weight = b + (block * 72);
  const long a_at = 0;
  const long y_at = 0 + (0 * 6 + block * 8) * 1 + o0 * 30;
  {
    const long o = 0;
    vd4 a0_0 = vd4_load(bias + block * 8 + 0);
    vd4 a0_1 = vd4_load(bias + block * 8 + 4);
    vd4 a1_0 = vd4_load(bias + block * 8 + 0);
    vd4 a1_1 = vd4_load(bias + block * 8 + 4);
    vd4 a2_0 = vd4_load(bias + block * 8 + 0);
    vd4 a2_1 = vd4_load(bias + block * 8 + 4);
    vd4 a3_0 = vd4_load(bias + block * 8 + 0);
    vd4 a3_1 = vd4_load(bias + block * 8 + 4);
    if (o0 >= 1 && o0 < 4) {
      for (long k0 = 0; k0 < 3; ++k0) {
        {
          const double *p = a + (a_at + (o0 * 2 + k0 * 1 + -1) * 10 + (o * 1 + 0 * 1 + 0) * 1), *q = weight + (k0 * 3 + 0) * 8;
          { const vd4 w0 = vd4_load(q + 0); const vd4 w1 = vd4_load(q + 4);
            { const vd4 s = vd4_splat(p[0]); a1_0 += s * w0; a1_1 += s * w1; }
            { const vd4 s = vd4_splat(p[10]); a3_0 += s * w0; a3_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
        }
        {
          const double *p = a + (a_at + (o0 * 2 + k0 * 1 + -1) * 10 + (o * 1 + 1 * 1 + -1) * 1), *q = weight + (k0 * 3 + 1) * 8;
          { const vd4 w0 = vd4_load(q + 0); const vd4 w1 = vd4_load(q + 4);
            { const vd4 s = vd4_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
            { const vd4 s = vd4_splat(p[1]); a1_0 += s * w0; a1_1 += s * w1; }
            { const vd4 s = vd4_splat(p[10]); a2_0 += s * w0; a2_1 += s * w1; }
            { const vd4 s = vd4_splat(p[11]); a3_0 += s * w0; a3_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const vd4 w0 = vd4_load(q + 8); const vd4 w1 = vd4_load(q + 12);
            { const vd4 s = vd4_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; }
            { const vd4 s = vd4_splat(p[2]); a1_0 += s * w0; a1_1 += s * w1; }
            { const vd4 s = vd4_splat(p[11]); a2_0 += s * w0; a2_1 += s * w1; }
            { const vd4 s = vd4_splat(p[12]); a3_0 += s * w0; a3_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
        }
      }
    } else {
      {
        const long begin0 = o0 * 2 - 1, end0 = 10 - begin0;
        const long first0 = begin0 < 0 ? -begin0 : 0;
        const long last0 = end0 < 3 ? end0 : 3;
        for (long k0 = first0; k0 < last0; ++k0) {
          {
            const double *p = a + (a_at + (o0 * 2 + k0 * 1 + -1) * 10 + (o * 1 + 0 * 1 + 0) * 1), *q = weight + (k0 * 3 + 0) * 8;
            { const vd4 w0 = vd4_load(q + 0); const vd4 w1 = vd4_load(q + 4);
              { const vd4 s = vd4_splat(p[0]); a1_0 += s * w0; a1_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
          }
          {
            const double *p = a + (a_at + (o0 * 2 + k0 * 1 + -1) * 10 + (o * 1 + 1 * 1 + -1) * 1), *q = weight + (k0 * 3 + 1) * 8;
            { const vd4 w0 = vd4_load(q + 0); const vd4 w1 = vd4_load(q + 4);
              { const vd4 s = vd4_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
              { const vd4 s = vd4_splat(p[1]); a1_0 += s * w0; a1_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const vd4 w0 = vd4_load(q + 8); const vd4 w1 = vd4_load(q + 12);
              { const vd4 s = vd4_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; }
              { const vd4 s = vd4_splat(p[2]); a1_0 += s * w0; a1_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
          }
        }
      }
      {
        const long begin0 = o0 * 2 + 1 - 1, end0 = 10 - begin0;
        const long first0 = begin0 < 0 ? -begin0 : 0;
        const long last0 = end0 < 3 ? end0 : 3;
        for (long k0 = first0; k0 < last0; ++k0) {
          {
            const double *p = a + (a_at + (o0 * 2 + k0 * 1 + 0) * 10 + (o * 1 + 0 * 1 + 0) * 1), *q = weight + (k0 * 3 + 0) * 8;
            { const vd4 w0 = vd4_load(q + 0); const vd4 w1 = vd4_load(q + 4);
              { const vd4 s = vd4_splat(p[0]); a3_0 += s * w0; a3_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
          }
          {
            const double *p = a + (a_at + (o0 * 2 + k0 * 1 + 0) * 10 + (o * 1 + 1 * 1 + -1) * 1), *q = weight + (k0 * 3 + 1) * 8;
            { const vd4 w0 = vd4_load(q + 0); const vd4 w1 = vd4_load(q + 4);
              { const vd4 s = vd4_splat(p[0]); a2_0 += s * w0; a2_1 += s * w1; }
              { const vd4 s = vd4_splat(p[1]); a3_0 += s * w0; a3_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const vd4 w0 = vd4_load(q + 8); const vd4 w1 = vd4_load(q + 12);
              { const vd4 s = vd4_splat(p[1]); a2_0 += s * w0; a2_1 += s * w1; }
              { const vd4 s = vd4_splat(p[2]); a3_0 += s * w0; a3_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
          }
        }
      }
    }
    a0_0 = vd4_greatest(a0_0, a1_0);
    a0_1 = vd4_greatest(a0_1, a1_1);
    a0_0 = vd4_greatest(a0_0, a2_0);
    a0_1 = vd4_greatest(a0_1, a2_1);
    a0_0 = vd4_greatest(a0_0, a3_0);
    a0_1 = vd4_greatest(a0_1, a3_1);
    double *const out = y + (y_at + o / 2 * 6);
    {
      _Alignas(64) double sums[1][8];
      vd4_store(&sums[0][0], a0_0);
      vd4_store(&sums[0][4], a0_1);
      for (long j = 0; j < 6; ++j) {
        for (long m = 0; m < 1; ++m) {
          const double sum = sums[m][j];
          const double t0 = sum < 0 ? 0 : sum;
          out[m * 6 + j * 1] = t0;
        }
      }
    }
  }
  for (long o = 2; o < 8; o += 2) {
    vd4 a0_0 = vd4_load(bias + block * 8 + 0);
    vd4 a0_1 = vd4_load(bias + block * 8 + 4);
    vd4 a1_0 = vd4_load(bias + block * 8 + 0);
    vd4 a1_1 = vd4_load(bias + block * 8 + 4);
    vd4 a2_0 = vd4_load(bias + block * 8 + 0);
    vd4 a2_1 = vd4_load(bias + block * 8 + 4);
    vd4 a3_0 = vd4_load(bias + block * 8 + 0);
    vd4 a3_1 = vd4_load(bias + block * 8 + 4);
    if (o0 >= 1 && o0 < 4) {
      for (long k0 = 0; k0 < 3; ++k0) {
        {
          const double *p = a + (a_at + (o0 * 2 + k0 * 1 + -1) * 10 + (o * 1 + 0 * 1 + -1) * 1), *q = weight + (k0 * 3 + 0) * 8;
          { const vd4 w0 = vd4_load(q + 0); const vd4 w1 = vd4_load(q + 4);
            { const vd4 s = vd4_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
            { const vd4 s = vd4_splat(p[1]); a1_0 += s * w0; a1_1 += s * w1; }
            { const vd4 s = vd4_splat(p[10]); a2_0 += s * w0; a2_1 += s * w1; }
            { const vd4 s = vd4_splat(p[11]); a3_0 += s * w0; a3_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const vd4 w0 = vd4_load(q + 8); const vd4 w1 = vd4_load(q + 12);
            { const vd4 s = vd4_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; }
            { const vd4 s = vd4_splat(p[2]); a1_0 += s * w0; a1_1 += s * w1; }
            { const vd4 s = vd4_splat(p[11]); a2_0 += s * w0; a2_1 += s * w1; }
            { const vd4 s = vd4_splat(p[12]); a3_0 += s * w0; a3_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const vd4 w0 = vd4_load(q + 16); const vd4 w1 = vd4_load(q + 20);
            { const vd4 s = vd4_splat(p[2]); a0_0 += s * w0; a0_1 += s * w1; }
            { const vd4 s = vd4_splat(p[3]); a1_0 += s * w0; a1_1 += s * w1; }
            { const vd4 s = vd4_splat(p[12]); a2_0 += s * w0; a2_1 += s * w1; }
            { const vd4 s = vd4_splat(p[13]); a3_0 += s * w0; a3_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
        }
      }
    } else {
      {
        const long begin0 = o0 * 2 - 1, end0 = 10 - begin0;
        const long first0 = begin0 < 0 ? -begin0 : 0;
        const long last0 = end0 < 3 ? end0 : 3;
        for (long k0 = first0; k0 < last0; ++k0) {
          {
            const double *p = a + (a_at + (o0 * 2 + k0 * 1 + -1) * 10 + (o * 1 + 0 * 1 + -1) * 1), *q = weight + (k0 * 3 + 0) * 8;
            { const vd4 w0 = vd4_load(q + 0); const vd4 w1 = vd4_load(q + 4);
              { const vd4 s = vd4_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
              { const vd4 s = vd4_splat(p[1]); a1_0 += s * w0; a1_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const vd4 w0 = vd4_load(q + 8); const vd4 w1 = vd4_load(q + 12);
              { const vd4 s = vd4_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; }
              { const vd4 s = vd4_splat(p[2]); a1_0 += s * w0; a1_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const vd4 w0 = vd4_load(q + 16); const vd4 w1 = vd4_load(q + 20);
              { const vd4 s = vd4_splat(p[2]); a0_0 += s * w0; a0_1 += s * w1; }
              { const vd4 s = vd4_splat(p[3]); a1_0 += s * w0; a1_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
          }
        }
      }
      {
        const long begin0 = o0 * 2 + 1 - 1, end0 = 10 - begin0;
        const long first0 = begin0 < 0 ? -begin0 : 0;
        const long last0 = end0 < 3 ? end0 : 3;
        for (long k0 = first0; k0 < last0; ++k0) {
          {
            const double *p = a + (a_at + (o0 * 2 + k0 * 1 + 0) * 10 + (o * 1 + 0 * 1 + -1) * 1), *q = weight + (k0 * 3 + 0) * 8;
            { const vd4 w0 = vd4_load(q + 0); const vd4 w1 = vd4_load(q + 4);
              { const vd4 s = vd4_splat(p[0]); a2_0 += s * w0; a2_1 += s * w1; }
              { const vd4 s = vd4_splat(p[1]); a3_0 += s * w0; a3_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const vd4 w0 = vd4_load(q + 8); const vd4 w1 = vd4_load(q + 12);
              { const vd4 s = vd4_splat(p[1]); a2_0 += s * w0; a2_1 += s * w1; }
              { const vd4 s = vd4_splat(p[2]); a3_0 += s * w0; a3_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const vd4 w0 = vd4_load(q + 16); const vd4 w1 = vd4_load(q + 20);
              { const vd4 s = vd4_splat(p[2]); a2_0 += s * w0; a2_1 += s * w1; }
              { const vd4 s = vd4_splat(p[3]); a3_0 += s * w0; a3_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
          }
        }
      }
    }
    a0_0 = vd4_greatest(a0_0, a1_0);
    a0_1 = vd4_greatest(a0_1, a1_1);
    a0_0 = vd4_greatest(a0_0, a2_0);
    a0_1 = vd4_greatest(a0_1, a2_1);
    a0_0 = vd4_greatest(a0_0, a3_0);
    a0_1 = vd4_greatest(a0_1, a3_1);
    double *const out = y + (y_at + o / 2 * 6);
    {
      _Alignas(64) double sums[1][8];
      vd4_store(&sums[0][0], a0_0);
      vd4_store(&sums[0][4], a0_1);
      for (long j = 0; j < 6; ++j) {
        for (long m = 0; m < 1; ++m) {
          const double sum = sums[m][j];
          const double t0 = sum < 0 ? 0 : sum;
          out[m * 6 + j * 1] = t0;
        }
      }
    }
  }
  {
    const long o = 8;
    vd4 a0_0 = vd4_load(bias + block * 8 + 0);
    vd4 a0_1 = vd4_load(bias + block * 8 + 4);
    vd4 a1_0 = vd4_load(bias + block * 8 + 0);
    vd4 a1_1 = vd4_load(bias + block * 8 + 4);
    vd4 a2_0 = vd4_load(bias + block * 8 + 0);
    vd4 a2_1 = vd4_load(bias + block * 8 + 4);
    vd4 a3_0 = vd4_load(bias + block * 8 + 0);
    vd4 a3_1 = vd4_load(bias + block * 8 + 4);
    if (o0 >= 1 && o0 < 4) {
      for (long k0 = 0; k0 < 3; ++k0) {
        {
          const double *p = a + (a_at + (o0 * 2 + k0 * 1 + -1) * 10 + (o * 1 + 0 * 1 + -1) * 1), *q = weight + (k0 * 3 + 0) * 8;
          { const vd4 w0 = vd4_load(q + 0); const vd4 w1 = vd4_load(q + 4);
            { const vd4 s = vd4_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
            { const vd4 s = vd4_splat(p[1]); a1_0 += s * w0; a1_1 += s * w1; }
            { const vd4 s = vd4_splat(p[10]); a2_0 += s * w0; a2_1 += s * w1; }
            { const vd4 s = vd4_splat(p[11]); a3_0 += s * w0; a3_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const vd4 w0 = vd4_load(q + 8); const vd4 w1 = vd4_load(q + 12);
            { const vd4 s = vd4_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; }
            { const vd4 s = vd4_splat(p[2]); a1_0 += s * w0; a1_1 += s * w1; }
            { const vd4 s = vd4_splat(p[11]); a2_0 += s * w0; a2_1 += s * w1; }
            { const vd4 s = vd4_splat(p[12]); a3_0 += s * w0; a3_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
        }
        {
          const double *p = a + (a_at + (o0 * 2 + k0 * 1 + -1) * 10 + (o * 1 + 2 * 1 + -1) * 1), *q = weight + (k0 * 3 + 2) * 8;
          { const vd4 w0 = vd4_load(q + 0); const vd4 w1 = vd4_load(q + 4);
            { const vd4 s = vd4_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
            { const vd4 s = vd4_splat(p[10]); a2_0 += s * w0; a2_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
        }
      }
    } else {
      {
        const long begin0 = o0 * 2 - 1, end0 = 10 - begin0;
        const long first0 = begin0 < 0 ? -begin0 : 0;
        const long last0 = end0 < 3 ? end0 : 3;
        for (long k0 = first0; k0 < last0; ++k0) {
          {
            const double *p = a + (a_at + (o0 * 2 + k0 * 1 + -1) * 10 + (o * 1 + 0 * 1 + -1) * 1), *q = weight + (k0 * 3 + 0) * 8;
            { const vd4 w0 = vd4_load(q + 0); const vd4 w1 = vd4_load(q + 4);
              { const vd4 s = vd4_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
              { const vd4 s = vd4_splat(p[1]); a1_0 += s * w0; a1_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const vd4 w0 = vd4_load(q + 8); const vd4 w1 = vd4_load(q + 12);
              { const vd4 s = vd4_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; }
              { const vd4 s = vd4_splat(p[2]); a1_0 += s * w0; a1_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
          }
          {
            const double *p = a + (a_at + (o0 * 2 + k0 * 1 + -1) * 10 + (o * 1 + 2 * 1 + -1) * 1), *q = weight + (k0 * 3 + 2) * 8;
            { const vd4 w0 = vd4_load(q + 0); const vd4 w1 = vd4_load(q + 4);
              { const vd4 s = vd4_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
          }
        }
      }
      {
        const long begin0 = o0 * 2 + 1 - 1, end0 = 10 - begin0;
        const long first0 = begin0 < 0 ? -begin0 : 0;
        const long last0 = end0 < 3 ? end0 : 3;
        for (long k0 = first0; k0 < last0; ++k0) {
          {
            const double *p = a + (a_at + (o0 * 2 + k0 * 1 + 0) * 10 + (o * 1 + 0 * 1 + -1) * 1), *q = weight + (k0 * 3 + 0) * 8;
            { const vd4 w0 = vd4_load(q + 0); const vd4 w1 = vd4_load(q + 4);
              { const vd4 s = vd4_splat(p[0]); a2_0 += s * w0; a2_1 += s * w1; }
              { const vd4 s = vd4_splat(p[1]); a3_0 += s * w0; a3_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const vd4 w0 = vd4_load(q + 8); const vd4 w1 = vd4_load(q + 12);
              { const vd4 s = vd4_splat(p[1]); a2_0 += s * w0; a2_1 += s * w1; }
              { const vd4 s = vd4_splat(p[2]); a3_0 += s * w0; a3_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
          }
          {
            const double *p = a + (a_at + (o0 * 2 + k0 * 1 + 0) * 10 + (o * 1 + 2 * 1 + -1) * 1), *q = weight + (k0 * 3 + 2) * 8;
            { const vd4 w0 = vd4_load(q + 0); const vd4 w1 = vd4_load(q + 4);
              { const vd4 s = vd4_splat(p[0]); a2_0 += s * w0; a2_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
          }
        }
      }
    }
    a0_0 = vd4_greatest(a0_0, a1_0);
    a0_1 = vd4_greatest(a0_1, a1_1);
    a0_0 = vd4_greatest(a0_0, a2_0);
    a0_1 = vd4_greatest(a0_1, a2_1);
    a0_0 = vd4_greatest(a0_0, a3_0);
    a0_1 = vd4_greatest(a0_1, a3_1);
    double *const out = y + (y_at + o / 2 * 6);
    {
      _Alignas(64) double sums[1][8];
      vd4_store(&sums[0][0], a0_0);
      vd4_store(&sums[0][4], a0_1);
      for (long j = 0; j < 6; ++j) {
        for (long m = 0; m < 1; ++m) {
          const double sum = sums[m][j];
          const double t0 = sum < 0 ? 0 : sum;
          out[m * 6 + j * 1] = t0;
        }
      }
    }
  }
}
}

typedef double vd2 __attribute__((vector_size(16), aligned(8), may_alias));
typedef double vd2_wide __attribute__((vector_size(16)));
typedef int64_t vd2_mask __attribute__((vector_size(16), aligned(8), may_alias));
MI_INLINE vd2 vd2_load(const double *p) { return *(const vd2 *)p; }
MI_INLINE void vd2_store(double *p, vd2 a) { *(vd2 *)p = a; }
MI_INLINE vd2 vd2_splat(double s) { return s - (vd2){0}; }
MI_INLINE vd2 vd2_select(vd2_mask m, vd2 a, vd2 b) { return (vd2)(((vd2_mask)a & m) | ((vd2_mask)b & ~m)); }
MI_INLINE vd2 vd2_greatest(vd2 a, vd2 b) { return vd2_select(b == b, vd2_select(b > a, b, a), b); }

static void depthwise_1(const double *restrict a, const double *restrict b, double *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long o0 = item % 5;
  const long begin0 = o0 * 1 - 1, end0 = 5 - begin0;
  const long first0 = begin0 < 0 ? -begin0 : 0;
  const long last0 = end0 < 3 ? end0 : 3;
  const long a_at = 0;
  const long y_at = 0 + o0 * 30;
  {
    const long o = 0;
    for (long c = 0; c < 6; c += 2) {
      vd2 a0_0 = (vd2){0};
      vd2 a1_0 = (vd2){0};
      vd2 a2_0 = (vd2){0};
      vd2 a3_0 = (vd2){0};
      vd2 a4_0 = (vd2){0};
      for (long k0 = first0; k0 < last0; ++k0) {
        {
          const double *p = a + (a_at + c + o * 6 + 0 + (o0 * 1 + k0 * 1 - 1) * 30), *q = b + (k0 * 18 + c);
          { const vd2 w0 = vd2_load(q + 0); const vd2 w1 = vd2_load(q + 6); const vd2 w2 = vd2_load(q + 12);
            { const vd2 s = vd2_load(p + 0); a1_0 += s * w0; a0_0 += s * w1; }
            { const vd2 s = vd2_load(p + 6); a2_0 += s * w0; a1_0 += s * w1; a0_0 += s * w2; }
            { const vd2 s = vd2_load(p + 12); a3_0 += s * w0; a2_0 += s * w1; a1_0 += s * w2; }
            { const vd2 s = vd2_load(p + 18); a4_0 += s * w0; a3_0 += s * w1; a2_0 += s * w2; }
            { const vd2 s = vd2_load(p + 24); a4_0 += s * w1; a3_0 += s * w2; }
          }
        }
      }
      double *const out = y + (y_at + c + o * 6);
      vd2_store(out + 0, a0_0);
      vd2_store(out + 6, a1_0);
      vd2_store(out + 12, a2_0);
      vd2_store(out + 18, a3_0);
      vd2_store(out + 24, a4_0);
    }
  }
}
}

static void gemm_2(const double *restrict a, const double *restrict b, const double *restrict bias, double *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long block = 0, row = item;
  const long o = row % 5 * 5;
  const double *const weight = b + (block * 48);
  const long a_at = 0;
  const long y_at = 0 + (0 * 5 + block * 8) * 1;
  vd4 a0_0 = vd4_load(bias + block * 8 + 0);
  vd4 a0_1 = vd4_load(bias + block * 8 + 4);
  vd4 a1_0 = vd4_load(bias + block * 8 + 0);
  vd4 a1_1 = vd4_load(bias + block * 8 + 4);
  vd4 a2_0 = vd4_load(bias + block * 8 + 0);
  vd4 a2_1 = vd4_load(bias + block * 8 + 4);
  vd4 a3_0 = vd4_load(bias + block * 8 + 0);
  vd4 a3_1 = vd4_load(bias + block * 8 + 4);
  vd4 a4_0 = vd4_load(bias + block * 8 + 0);
  vd4 a4_1 = vd4_load(bias + block * 8 + 4);
  {
    const double *p = a + (a_at + (o * 1 + 0 * 1 + 0) * 6), *q = weight + 0 * 48;
    for (long i = 0; i < 2; ++i, p += 3, q += 24) {
      { const vd4 w0 = vd4_load(q + 0); const vd4 w1 = vd4_load(q + 4);
        { const vd4 s = vd4_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
        { const vd4 s = vd4_splat(p[6]); a1_0 += s * w0; a1_1 += s * w1; }
        { const vd4 s = vd4_splat(p[12]); a2_0 += s * w0; a2_1 += s * w1; }
        { const vd4 s = vd4_splat(p[18]); a3_0 += s * w0; a3_1 += s * w1; }
        { const vd4 s = vd4_splat(p[24]); a4_0 += s * w0; a4_1 += s * w1; }
      } __asm__ volatile("" ::: "memory");
      { const vd4 w0 = vd4_load(q + 8); const vd4 w1 = vd4_load(q + 12);
        { const vd4 s = vd4_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; }
        { const vd4 s = vd4_splat(p[7]); a1_0 += s * w0; a1_1 += s * w1; }
        { const vd4 s = vd4_splat(p[13]); a2_0 += s * w0; a2_1 += s * w1; }
        { const vd4 s = vd4_splat(p[19]); a3_0 += s * w0; a3_1 += s * w1; }
        { const vd4 s = vd4_splat(p[25]); a4_0 += s * w0; a4_1 += s * w1; }
      } __asm__ volatile("" ::: "memory");
      { const vd4 w0 = vd4_load(q + 16); const vd4 w1 = vd4_load(q + 20);
        { const vd4 s = vd4_splat(p[2]); a0_0 += s * w0; a0_1 += s * w1; }
        { const vd4 s = vd4_splat(p[8]); a1_0 += s * w0; a1_1 += s * w1; }
        { const vd4 s = vd4_splat(p[14]); a2_0 += s * w0; a2_1 += s * w1; }
        { const vd4 s = vd4_splat(p[20]); a3_0 += s * w0; a3_1 += s * w1; }
        { const vd4 s = vd4_splat(p[26]); a4_0 += s * w0; a4_1 += s * w1; }
      } __asm__ volatile("" ::: "memory");
    }
  }
  double *const out = y + (y_at + o * 5);
  vd4_store(out + 0, a0_0);
  __builtin_memcpy(out + 4, &a0_1, 8);
  vd4_store(out + 5, a1_0);
  __builtin_memcpy(out + 9, &a1_1, 8);
  vd4_store(out + 10, a2_0);
  __builtin_memcpy(out + 14, &a2_1, 8);
  vd4_store(out + 15, a3_0);
  __builtin_memcpy(out + 19, &a3_1, 8);
  vd4_store(out + 20, a4_0);
  __builtin_memcpy(out + 24, &a4_1, 8);
}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: MaxPool_2: Conv + Relu + MaxPool + Transpose */
  conv_0((const void *)((const uint8_t *)inputs[0]), (const void *)(constants + 0), (const void *)(constants + 576), (void *)(arena + AT_greatest_last), 0, 5);
  /* 1: Conv_3: Transpose + Conv + Transpose */
  depthwise_1((const void *)(arena + AT_greatest_last), (const void *)(constants + 640), (void *)(arena + AT_each_last), 0, 5);
  /* 3: Add_7: MatMul + Add */
  gemm_2((const void *)(arena + AT_each_last), (const void *)(constants + 1088), (const void *)(constants + 1472), (void *)((uint8_t *)outputs[0]), 0, 5);
  return 0;
}
