/* g: 7 steps in an arena of 180480 bytes. */
#include "prelude.h"

#define AT_a_last sizes[2] /* a_last: 102400 bytes, steps [0, 2) */
#define AT_c_last sizes[3] /* c_last: 25600 bytes, steps [1, 5) */
#define AT_e_moved sizes[4] /* e_moved: 102400 bytes, steps [2, 4) */
#define AT_y_last sizes[5] /* y_last: 51200 bytes, steps [3, 6) */
#define AT_Resize_2_workspace0 sizes[6] /* Resize_2/workspace0: 320 bytes, steps [2, 3) */
#define AT_Resize_2_workspace1 sizes[7] /* Resize_2/workspace1: 320 bytes, steps [2, 3) */
#define AT_Resize_2_workspace2 sizes[8] /* Resize_2/workspace2: 51200 bytes, steps [2, 3) */
#define AT_Resize_2_workspace3 sizes[9] /* Resize_2/workspace3: 320 bytes, steps [2, 3) */
#define AT_Resize_2_workspace4 sizes[10] /* Resize_2/workspace4: 320 bytes, steps [2, 3) */
#define AT_GlobalAveragePool_4_workspace0 sizes[11] /* GlobalAveragePool_4/workspace0: 128 bytes, steps [4, 5) */

typedef float v8 __attribute__((vector_size(32), aligned(4), may_alias));
typedef double v8_wide __attribute__((vector_size(64)));
typedef int32_t v8_mask __attribute__((vector_size(32), aligned(4), may_alias));
MI_INLINE v8 v8_load(const float *p) { return *(const v8 *)p; }
MI_INLINE void v8_store(float *p, v8 a) { *(v8 *)p = a; }
MI_INLINE v8 v8_splat(float s) { return s - (v8){0}; }
MI_INLINE v8 v8_select(v8_mask m, v8 a, v8 b) { return (v8)(((v8_mask)a & m) | ((v8_mask)b & ~m)); }
MI_INLINE v8 v8_greatest(v8 a, v8 b) { return v8_select(b == b, v8_select(b > a, b, a), b); }

static void conv_0(const float *restrict a, const float *restrict b, const float *restrict bias, float *restrict y, long begin, long end, long n_h, long n_w0) {
(void)n_h;
(void)n_w0;
static const float zeros[3];
for (long item = begin; item < end; ++item) {
  const long block = 0, row = item;
  const long o0 = row % n_h;
  const float *const weight = b + (block * 432);
  const long a_at = 0;
  const long y_at = 0 + (0 * 16 + block * 16) * 1 + o0 * (16 * n_w0);
  for (long o = 0; o < n_w0; o += 6) {
    if (o * 1 < 1 || o * 1 + 6 >= n_w0 || o + 6 > n_w0) {
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
        const long begin0 = o0 * 1 - 1, end0 = n_h - begin0;
        const long first0 = begin0 < 0 ? -begin0 : 0;
        const long last0 = end0 < 3 ? end0 : 3;
        for (long k0 = first0; k0 < last0; ++k0) {
          {
            const long origin = o * 1 + -1, beyond = (n_w0 - origin + 0) / 1;
            const long from_k = origin + 5 < 0 ? (-5 - origin) / 1 : 0;
            const long to_k = beyond < 3 ? beyond : 3;
            for (long k = from_k; k < to_k; ++k) {
              {
                const long at = origin + k * 1;
                const long low = at < 0 ? (0 - at) / 1 : 0;
                const long end_k = at < n_w0 ? (n_w0 - at + 0) / 1 : 0;
                const long high = end_k < 6 ? end_k : 6;
                if (low == 0 && high == 6) {
                  {
                    const float *p = a + (a_at + (o0 * 1 + k0 * 1 + -1) * n_w0 + (o * 1 + k * 1 + -1) * 1), *q = weight + (k0 * 3 + k) * 48;
                    { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
                      { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
                      { const v8 s = v8_splat(p[1]); a1_0 += s * w0; a1_1 += s * w1; }
                      { const v8 s = v8_splat(p[2]); a2_0 += s * w0; a2_1 += s * w1; }
                      { const v8 s = v8_splat(p[3]); a3_0 += s * w0; a3_1 += s * w1; }
                      { const v8 s = v8_splat(p[4]); a4_0 += s * w0; a4_1 += s * w1; }
                      { const v8 s = v8_splat(p[5]); a5_0 += s * w0; a5_1 += s * w1; }
                    } __asm__ volatile("" ::: "memory");
                    { const v8 w0 = v8_load(q + 16); const v8 w1 = v8_load(q + 24);
                      { const v8 s = v8_splat(p[(n_h * n_w0)]); a0_0 += s * w0; a0_1 += s * w1; }
                      { const v8 s = v8_splat(p[(n_h * n_w0 + 1)]); a1_0 += s * w0; a1_1 += s * w1; }
                      { const v8 s = v8_splat(p[(n_h * n_w0 + 2)]); a2_0 += s * w0; a2_1 += s * w1; }
                      { const v8 s = v8_splat(p[(n_h * n_w0 + 3)]); a3_0 += s * w0; a3_1 += s * w1; }
                      { const v8 s = v8_splat(p[(n_h * n_w0 + 4)]); a4_0 += s * w0; a4_1 += s * w1; }
                      { const v8 s = v8_splat(p[(n_h * n_w0 + 5)]); a5_0 += s * w0; a5_1 += s * w1; }
                    } __asm__ volatile("" ::: "memory");
                    { const v8 w0 = v8_load(q + 32); const v8 w1 = v8_load(q + 40);
                      { const v8 s = v8_splat(p[(2 * n_h * n_w0)]); a0_0 += s * w0; a0_1 += s * w1; }
                      { const v8 s = v8_splat(p[(2 * n_h * n_w0 + 1)]); a1_0 += s * w0; a1_1 += s * w1; }
                      { const v8 s = v8_splat(p[(2 * n_h * n_w0 + 2)]); a2_0 += s * w0; a2_1 += s * w1; }
                      { const v8 s = v8_splat(p[(2 * n_h * n_w0 + 3)]); a3_0 += s * w0; a3_1 += s * w1; }
                      { const v8 s = v8_splat(p[(2 * n_h * n_w0 + 4)]); a4_0 += s * w0; a4_1 += s * w1; }
                      { const v8 s = v8_splat(p[(2 * n_h * n_w0 + 5)]); a5_0 += s * w0; a5_1 += s * w1; }
                    } __asm__ volatile("" ::: "memory");
                  }
                } else {
                  {
                    const float *p = a + (a_at + (o0 * 1 + k0 * 1 + -1) * n_w0 + (o * 1 + k * 1 + -1) * 1), *q = weight + (k0 * 3 + k) * 48;
                    const float *x0 = low <= 0 && 0 < high ? p + 0 : zeros;
                    const long step0 = low <= 0 && 0 < high ? (n_h * n_w0) : 0;
                    const float *x1 = low <= 1 && 1 < high ? p + 1 : zeros;
                    const long step1 = low <= 1 && 1 < high ? (n_h * n_w0) : 0;
                    const float *x2 = low <= 2 && 2 < high ? p + 2 : zeros;
                    const long step2 = low <= 2 && 2 < high ? (n_h * n_w0) : 0;
                    const float *x3 = low <= 3 && 3 < high ? p + 3 : zeros;
                    const long step3 = low <= 3 && 3 < high ? (n_h * n_w0) : 0;
                    const float *x4 = low <= 4 && 4 < high ? p + 4 : zeros;
                    const long step4 = low <= 4 && 4 < high ? (n_h * n_w0) : 0;
                    const float *x5 = low <= 5 && 5 < high ? p + 5 : zeros;
                    const long step5 = low <= 5 && 5 < high ? (n_h * n_w0) : 0;
                    for (long i = 0; i < 3; ++i, q += 16) {
                      { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
                        { const v8 s = v8_splat(x0[0]); a0_0 += s * w0; a0_1 += s * w1; } x0 += step0;
                        { const v8 s = v8_splat(x1[0]); a1_0 += s * w0; a1_1 += s * w1; } x1 += step1;
                        { const v8 s = v8_splat(x2[0]); a2_0 += s * w0; a2_1 += s * w1; } x2 += step2;
                        { const v8 s = v8_splat(x3[0]); a3_0 += s * w0; a3_1 += s * w1; } x3 += step3;
                        { const v8 s = v8_splat(x4[0]); a4_0 += s * w0; a4_1 += s * w1; } x4 += step4;
                        { const v8 s = v8_splat(x5[0]); a5_0 += s * w0; a5_1 += s * w1; } x5 += step5;
                      } __asm__ volatile("" ::: "memory");
                    }
                  }
                }
              }
            }
          }
        }
      }
      float *const out = y + (y_at + o * 16);
      if (0 < (n_w0 - o < 6 ? n_w0 - o : 6)) {
        v8_store(out + 0, a0_0);
        v8_store(out + 8, a0_1);
      }
      if (1 < (n_w0 - o < 6 ? n_w0 - o : 6)) {
        v8_store(out + 16, a1_0);
        v8_store(out + 24, a1_1);
      }
      if (2 < (n_w0 - o < 6 ? n_w0 - o : 6)) {
        v8_store(out + 32, a2_0);
        v8_store(out + 40, a2_1);
      }
      if (3 < (n_w0 - o < 6 ? n_w0 - o : 6)) {
        v8_store(out + 48, a3_0);
        v8_store(out + 56, a3_1);
      }
      if (4 < (n_w0 - o < 6 ? n_w0 - o : 6)) {
        v8_store(out + 64, a4_0);
        v8_store(out + 72, a4_1);
      }
      if (5 < (n_w0 - o < 6 ? n_w0 - o : 6)) {
        v8_store(out + 80, a5_0);
        v8_store(out + 88, a5_1);
      }
    } else {
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
        const long begin0 = o0 * 1 - 1, end0 = n_h - begin0;
        const long first0 = begin0 < 0 ? -begin0 : 0;
        const long last0 = end0 < 3 ? end0 : 3;
        for (long k0 = first0; k0 < last0; ++k0) {
          for (long k = 0; k < 3; ++k) {
            {
              const float *p = a + (a_at + (o0 * 1 + k0 * 1 + -1) * n_w0 + (o * 1 + k * 1 + -1) * 1), *q = weight + (k0 * 3 + k) * 48;
              { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
                { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
                { const v8 s = v8_splat(p[1]); a1_0 += s * w0; a1_1 += s * w1; }
                { const v8 s = v8_splat(p[2]); a2_0 += s * w0; a2_1 += s * w1; }
                { const v8 s = v8_splat(p[3]); a3_0 += s * w0; a3_1 += s * w1; }
                { const v8 s = v8_splat(p[4]); a4_0 += s * w0; a4_1 += s * w1; }
                { const v8 s = v8_splat(p[5]); a5_0 += s * w0; a5_1 += s * w1; }
              } __asm__ volatile("" ::: "memory");
              { const v8 w0 = v8_load(q + 16); const v8 w1 = v8_load(q + 24);
                { const v8 s = v8_splat(p[(n_h * n_w0)]); a0_0 += s * w0; a0_1 += s * w1; }
                { const v8 s = v8_splat(p[(n_h * n_w0 + 1)]); a1_0 += s * w0; a1_1 += s * w1; }
                { const v8 s = v8_splat(p[(n_h * n_w0 + 2)]); a2_0 += s * w0; a2_1 += s * w1; }
                { const v8 s = v8_splat(p[(n_h * n_w0 + 3)]); a3_0 += s * w0; a3_1 += s * w1; }
                { const v8 s = v8_splat(p[(n_h * n_w0 + 4)]); a4_0 += s * w0; a4_1 += s * w1; }
                { const v8 s = v8_splat(p[(n_h * n_w0 + 5)]); a5_0 += s * w0; a5_1 += s * w1; }
              } __asm__ volatile("" ::: "memory");
              { const v8 w0 = v8_load(q + 32); const v8 w1 = v8_load(q + 40);
                { const v8 s = v8_splat(p[(2 * n_h * n_w0)]); a0_0 += s * w0; a0_1 += s * w1; }
                { const v8 s = v8_splat(p[(2 * n_h * n_w0 + 1)]); a1_0 += s * w0; a1_1 += s * w1; }
                { const v8 s = v8_splat(p[(2 * n_h * n_w0 + 2)]); a2_0 += s * w0; a2_1 += s * w1; }
                { const v8 s = v8_splat(p[(2 * n_h * n_w0 + 3)]); a3_0 += s * w0; a3_1 += s * w1; }
                { const v8 s = v8_splat(p[(2 * n_h * n_w0 + 4)]); a4_0 += s * w0; a4_1 += s * w1; }
                { const v8 s = v8_splat(p[(2 * n_h * n_w0 + 5)]); a5_0 += s * w0; a5_1 += s * w1; }
              } __asm__ volatile("" ::: "memory");
            }
          }
        }
      }
      float *const out = y + (y_at + o * 16);
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
  }
}
}

static void depthwise_1(const float *restrict a, const float *restrict b, float *restrict y, long begin, long end, long n_h, long n_w0) {
(void)n_h;
(void)n_w0;
for (long item = begin; item < end; ++item) {
  const long o0 = item % ((n_h + 1) / 2);
  const long begin0 = o0 * 2 - 1, end0 = n_h - begin0;
  const long first0 = begin0 < 0 ? -begin0 : 0;
  const long last0 = end0 < 3 ? end0 : 3;
  const long a_at = 0;
  const long y_at = 0 + o0 * (16 * ((n_w0 + 1) / 2));
  for (long o = 0; o < ((n_w0 + 1) / 2); o += 6) {
    if (o * 2 < 1 || o * 2 + 11 >= n_w0 || o + 6 > ((n_w0 + 1) / 2)) {
      const long origin = o * 2 + -1;
      for (long c = 0; c < 16; c += 8) {
        v8 a0_0 = (v8){0};
        v8 a1_0 = (v8){0};
        v8 a2_0 = (v8){0};
        v8 a3_0 = (v8){0};
        v8 a4_0 = (v8){0};
        v8 a5_0 = (v8){0};
        for (long k0 = first0; k0 < last0; ++k0) {
          {
            const float *p = a + (a_at + c + o * 32 + -16 + (o0 * 2 + k0 * 1 - 1) * (16 * n_w0)), *q = b + (k0 * 48 + c);
            { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 16); const v8 w2 = v8_load(q + 32);
              if ((unsigned long)(origin + 0) < (unsigned long)n_w0) { const v8 s = v8_load(p + 0); a0_0 += s * w0; }
              if ((unsigned long)(origin + 1) < (unsigned long)n_w0) { const v8 s = v8_load(p + 16); a0_0 += s * w1; }
              if ((unsigned long)(origin + 2) < (unsigned long)n_w0) { const v8 s = v8_load(p + 32); a1_0 += s * w0; a0_0 += s * w2; }
              if ((unsigned long)(origin + 3) < (unsigned long)n_w0) { const v8 s = v8_load(p + 48); a1_0 += s * w1; }
              if ((unsigned long)(origin + 4) < (unsigned long)n_w0) { const v8 s = v8_load(p + 64); a2_0 += s * w0; a1_0 += s * w2; }
              if ((unsigned long)(origin + 5) < (unsigned long)n_w0) { const v8 s = v8_load(p + 80); a2_0 += s * w1; }
              if ((unsigned long)(origin + 6) < (unsigned long)n_w0) { const v8 s = v8_load(p + 96); a3_0 += s * w0; a2_0 += s * w2; }
              if ((unsigned long)(origin + 7) < (unsigned long)n_w0) { const v8 s = v8_load(p + 112); a3_0 += s * w1; }
              if ((unsigned long)(origin + 8) < (unsigned long)n_w0) { const v8 s = v8_load(p + 128); a4_0 += s * w0; a3_0 += s * w2; }
              if ((unsigned long)(origin + 9) < (unsigned long)n_w0) { const v8 s = v8_load(p + 144); a4_0 += s * w1; }
              if ((unsigned long)(origin + 10) < (unsigned long)n_w0) { const v8 s = v8_load(p + 160); a5_0 += s * w0; a4_0 += s * w2; }
              if ((unsigned long)(origin + 11) < (unsigned long)n_w0) { const v8 s = v8_load(p + 176); a5_0 += s * w1; }
              if ((unsigned long)(origin + 12) < (unsigned long)n_w0) { const v8 s = v8_load(p + 192); a5_0 += s * w2; }
            }
          }
        }
        float *const out = y + (y_at + c + o * 16);
        if (0 < (((n_w0 + 1) / 2) - o < 6 ? ((n_w0 + 1) / 2) - o : 6)) {
          v8_store(out + 0, a0_0);
        }
        if (1 < (((n_w0 + 1) / 2) - o < 6 ? ((n_w0 + 1) / 2) - o : 6)) {
          v8_store(out + 16, a1_0);
        }
        if (2 < (((n_w0 + 1) / 2) - o < 6 ? ((n_w0 + 1) / 2) - o : 6)) {
          v8_store(out + 32, a2_0);
        }
        if (3 < (((n_w0 + 1) / 2) - o < 6 ? ((n_w0 + 1) / 2) - o : 6)) {
          v8_store(out + 48, a3_0);
        }
        if (4 < (((n_w0 + 1) / 2) - o < 6 ? ((n_w0 + 1) / 2) - o : 6)) {
          v8_store(out + 64, a4_0);
        }
        if (5 < (((n_w0 + 1) / 2) - o < 6 ? ((n_w0 + 1) / 2) - o : 6)) {
          v8_store(out + 80, a5_0);
        }
      }
    } else {
      for (long c = 0; c < 16; c += 8) {
        v8 a0_0 = (v8){0};
        v8 a1_0 = (v8){0};
        v8 a2_0 = (v8){0};
        v8 a3_0 = (v8){0};
        v8 a4_0 = (v8){0};
        v8 a5_0 = (v8){0};
        for (long k0 = first0; k0 < last0; ++k0) {
          {
            const float *p = a + (a_at + c + o * 32 + -16 + (o0 * 2 + k0 * 1 - 1) * (16 * n_w0)), *q = b + (k0 * 48 + c);
            { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 16); const v8 w2 = v8_load(q + 32);
              { const v8 s = v8_load(p + 0); a0_0 += s * w0; }
              { const v8 s = v8_load(p + 16); a0_0 += s * w1; }
              { const v8 s = v8_load(p + 32); a1_0 += s * w0; a0_0 += s * w2; }
              { const v8 s = v8_load(p + 48); a1_0 += s * w1; }
              { const v8 s = v8_load(p + 64); a2_0 += s * w0; a1_0 += s * w2; }
              { const v8 s = v8_load(p + 80); a2_0 += s * w1; }
              { const v8 s = v8_load(p + 96); a3_0 += s * w0; a2_0 += s * w2; }
              { const v8 s = v8_load(p + 112); a3_0 += s * w1; }
              { const v8 s = v8_load(p + 128); a4_0 += s * w0; a3_0 += s * w2; }
              { const v8 s = v8_load(p + 144); a4_0 += s * w1; }
              { const v8 s = v8_load(p + 160); a5_0 += s * w0; a4_0 += s * w2; }
              { const v8 s = v8_load(p + 176); a5_0 += s * w1; }
              { const v8 s = v8_load(p + 192); a5_0 += s * w2; }
            }
          }
        }
        float *const out = y + (y_at + c + o * 16);
        v8_store(out + 0, a0_0);
        v8_store(out + 16, a1_0);
        v8_store(out + 32, a2_0);
        v8_store(out + 48, a3_0);
        v8_store(out + 64, a4_0);
        v8_store(out + 80, a5_0);
      }
    }
  }
}
}

static void origins_2(int32_t *restrict indices, float *restrict weights, long begin, long end, long n_h) {
(void)n_h;
const long start = begin * 1024, stop = end == ((n_h + 1023) / 1024) ? (2 * ((n_h + 1) / 2)) : end * 1024;
const double ratio = 2.0, product = ratio * (double)((n_h + 1) / 2);
const int close = __builtin_fabs(product - (double)(2 * ((n_h + 1) / 2))) <= 1e-9 * __builtin_fmax(product, (double)(2 * ((n_h + 1) / 2)));
const double length = close ? (double)(2 * ((n_h + 1) / 2)) : product;
const double scale = (double)ratio;
(void)length; (void)scale;
for (long j = start; j < stop; ++j) {
  const double i = (double)j, x = (i + 0.5) / scale - 0.5;
  const double up = __builtin_ceil(x), low = x - (up - 1.0), high = up - x;
  const double w0 = low < 1.0 ? 1.0 - low : 0, w1 = 1.0 - high, total = w0 + w1;
  indices[2 * j] = (int32_t)(((long)up - 1) < 0 ? 0 : ((long)up - 1) < ((n_h + 1) / 2) ? ((long)up - 1) : ((n_h + 1) / 2) - 1);
  indices[2 * j + 1] = (int32_t)((long)up < 0 ? 0 : (long)up < ((n_h + 1) / 2) ? (long)up : ((n_h + 1) / 2) - 1);
  weights[2 * j] = (float)(w0 / total);
  weights[2 * j + 1] = (float)(w1 / total);
}
}

static void sample_weighted_3(const float *restrict x, const int32_t *restrict indices, const float *restrict weights, float *restrict y, long begin, long end, long n_h, long n_w0) {
(void)n_h;
(void)n_w0;
for (long item = begin; item < end; ++item) {
  const int32_t *at = indices + item % (2 * ((n_h + 1) / 2)) * 2;
  const float *w = weights + item % (2 * ((n_h + 1) / 2)) * 2;
  const float *from = x + item / (2 * ((n_h + 1) / 2)) * (16 * ((n_h + 1) / 2) * ((n_w0 + 1) / 2));
  float *to = y + item * (16 * ((n_w0 + 1) / 2));
  const float *x0 = from + ((long)at[0] < 0 ? 0 : (long)at[0] < ((n_h + 1) / 2) ? (long)at[0] : ((n_h + 1) / 2) - 1) * (16 * ((n_w0 + 1) / 2)), *x1 = from + ((long)at[1] < 0 ? 0 : (long)at[1] < ((n_h + 1) / 2) ? (long)at[1] : ((n_h + 1) / 2) - 1) * (16 * ((n_w0 + 1) / 2));
  const float w0 = w[0], w1 = w[1];
  for (long i = 0; i < (16 * ((n_w0 + 1) / 2)); ++i) {
    const float sum = w0 * (float)x0[i] + w1 * (float)x1[i];
    const float t0 = (float)sum;
    to[i] = t0;
  }
}
}

static void origins_4(int32_t *restrict indices, float *restrict weights, long begin, long end, long n_w0) {
(void)n_w0;
const long start = begin * 1024, stop = end == ((n_w0 + 1023) / 1024) ? (2 * ((n_w0 + 1) / 2)) : end * 1024;
const double ratio = 2.0, product = ratio * (double)((n_w0 + 1) / 2);
const int close = __builtin_fabs(product - (double)(2 * ((n_w0 + 1) / 2))) <= 1e-9 * __builtin_fmax(product, (double)(2 * ((n_w0 + 1) / 2)));
const double length = close ? (double)(2 * ((n_w0 + 1) / 2)) : product;
const double scale = (double)ratio;
(void)length; (void)scale;
for (long j = start; j < stop; ++j) {
  const double i = (double)j, x = (i + 0.5) / scale - 0.5;
  const double up = __builtin_ceil(x), low = x - (up - 1.0), high = up - x;
  const double w0 = low < 1.0 ? 1.0 - low : 0, w1 = 1.0 - high, total = w0 + w1;
  indices[2 * j] = (int32_t)(((long)up - 1) < 0 ? 0 : ((long)up - 1) < ((n_w0 + 1) / 2) ? ((long)up - 1) : ((n_w0 + 1) / 2) - 1);
  indices[2 * j + 1] = (int32_t)((long)up < 0 ? 0 : (long)up < ((n_w0 + 1) / 2) ? (long)up : ((n_w0 + 1) / 2) - 1);
  weights[2 * j] = (float)(w0 / total);
  weights[2 * j + 1] = (float)(w1 / total);
}
}

static void sample_weighted_5(const float *restrict x, const int32_t *restrict indices, const float *restrict weights, float *restrict y, long begin, long end, long n_h, long n_w0) {
(void)n_h;
(void)n_w0;
for (long item = begin; item < end; ++item) {
  const int32_t *at = indices + item % (2 * ((n_w0 + 1) / 2)) * 2;
  const float *w = weights + item % (2 * ((n_w0 + 1) / 2)) * 2;
  const float *from = x + item / (2 * ((n_w0 + 1) / 2)) * (16 * ((n_w0 + 1) / 2));
  float *to = y + item * 16;
  const float *x0 = from + ((long)at[0] < 0 ? 0 : (long)at[0] < ((n_w0 + 1) / 2) ? (long)at[0] : ((n_w0 + 1) / 2) - 1) * 16L, *x1 = from + ((long)at[1] < 0 ? 0 : (long)at[1] < ((n_w0 + 1) / 2) ? (long)at[1] : ((n_w0 + 1) / 2) - 1) * 16L;
  const float w0 = w[0], w1 = w[1];
  for (long i = 0; i < 16; ++i) {
    const float sum = w0 * (float)x0[i] + w1 * (float)x1[i];
    const float t0 = (float)sum;
    to[i] = t0;
  }
}
}

static void conv_6(const float *restrict a, const float *restrict b, float *restrict y, long begin, long end, long n_h, long n_w0) {
(void)n_h;
(void)n_w0;
static const float zeros[16];
for (long item = begin; item < end; ++item) {
  const long block = 0, row = item;
  const long o0 = row % (2 * ((n_h + 1) / 2));
  const float *const weight = b + (block * 1152);
  const long a_at = 0;
  const long y_at = 0 + (0 * 8 + block * 8) * 1 + o0 * (16 * ((n_w0 + 1) / 2));
  for (long o = 0; o < (2 * ((n_w0 + 1) / 2)); o += 12) {
    if (o * 1 < 1 || o * 1 + 12 >= (2 * ((n_w0 + 1) / 2)) || o + 12 > (2 * ((n_w0 + 1) / 2))) {
      _Alignas(64) v8 totals[12] = {(v8){0}, (v8){0}, (v8){0}, (v8){0}, (v8){0}, (v8){0}, (v8){0}, (v8){0}, (v8){0}, (v8){0}, (v8){0}, (v8){0}};
      v8 a0_0;
      v8 a1_0;
      v8 a2_0;
      v8 a3_0;
      v8 a4_0;
      v8 a5_0;
      v8 a6_0;
      v8 a7_0;
      v8 a8_0;
      v8 a9_0;
      v8 a10_0;
      v8 a11_0;
      {
        const long begin0 = o0 * 1 - 1, end0 = (2 * ((n_h + 1) / 2)) - begin0;
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
            a7_0 = (v8){0};
            a8_0 = (v8){0};
            a9_0 = (v8){0};
            a10_0 = (v8){0};
            a11_0 = (v8){0};
            {
              const long origin = o * 1 + -1, beyond = ((2 * ((n_w0 + 1) / 2)) - origin + 0) / 1;
              const long from_k = origin + 11 < 0 ? (-11 - origin) / 1 : 0;
              const long to_k = beyond < 3 ? beyond : 3;
              for (long k = from_k; k < to_k; ++k) {
                {
                  const long at = origin + k * 1;
                  const long low = at < 0 ? (0 - at) / 1 : 0;
                  const long end_k = at < (2 * ((n_w0 + 1) / 2)) ? ((2 * ((n_w0 + 1) / 2)) - at + 0) / 1 : 0;
                  const long high = end_k < 12 ? end_k : 12;
                  if (low == 0 && high == 12) {
                    {
                      const float *p = a + (a_at + (o0 * 1 + k0 * 1 + -1) * (32 * ((n_w0 + 1) / 2)) + (o * 1 + k * 1 + -1) * 16), *q = weight + (k0 * 3 + k) * 128;
                      for (long i = 0; i < 8; ++i, p += 2, q += 16) {
                        { const v8 w0 = v8_load(q + 0);
                          { const v8 s = v8_splat(p[0]); a0_0 += s * w0; }
                          { const v8 s = v8_splat(p[16]); a1_0 += s * w0; }
                          { const v8 s = v8_splat(p[32]); a2_0 += s * w0; }
                          { const v8 s = v8_splat(p[48]); a3_0 += s * w0; }
                          { const v8 s = v8_splat(p[64]); a4_0 += s * w0; }
                          { const v8 s = v8_splat(p[80]); a5_0 += s * w0; }
                          { const v8 s = v8_splat(p[96]); a6_0 += s * w0; }
                          { const v8 s = v8_splat(p[112]); a7_0 += s * w0; }
                          { const v8 s = v8_splat(p[128]); a8_0 += s * w0; }
                          { const v8 s = v8_splat(p[144]); a9_0 += s * w0; }
                          { const v8 s = v8_splat(p[160]); a10_0 += s * w0; }
                          { const v8 s = v8_splat(p[176]); a11_0 += s * w0; }
                        } __asm__ volatile("" ::: "memory");
                        { const v8 w0 = v8_load(q + 8);
                          { const v8 s = v8_splat(p[1]); a0_0 += s * w0; }
                          { const v8 s = v8_splat(p[17]); a1_0 += s * w0; }
                          { const v8 s = v8_splat(p[33]); a2_0 += s * w0; }
                          { const v8 s = v8_splat(p[49]); a3_0 += s * w0; }
                          { const v8 s = v8_splat(p[65]); a4_0 += s * w0; }
                          { const v8 s = v8_splat(p[81]); a5_0 += s * w0; }
                          { const v8 s = v8_splat(p[97]); a6_0 += s * w0; }
                          { const v8 s = v8_splat(p[113]); a7_0 += s * w0; }
                          { const v8 s = v8_splat(p[129]); a8_0 += s * w0; }
                          { const v8 s = v8_splat(p[145]); a9_0 += s * w0; }
                          { const v8 s = v8_splat(p[161]); a10_0 += s * w0; }
                          { const v8 s = v8_splat(p[177]); a11_0 += s * w0; }
                        } __asm__ volatile("" ::: "memory");
                      }
                    }
                  } else {
                    {
                      const float *p = a + (a_at + (o0 * 1 + k0 * 1 + -1) * (32 * ((n_w0 + 1) / 2)) + (o * 1 + k * 1 + -1) * 16), *q = weight + (k0 * 3 + k) * 128;
                      const float *x0 = low <= 0 && 0 < high ? p + 0 : zeros;
                      const float *x1 = low <= 1 && 1 < high ? p + 16 : zeros;
                      const float *x2 = low <= 2 && 2 < high ? p + 32 : zeros;
                      const float *x3 = low <= 3 && 3 < high ? p + 48 : zeros;
                      const float *x4 = low <= 4 && 4 < high ? p + 64 : zeros;
                      const float *x5 = low <= 5 && 5 < high ? p + 80 : zeros;
                      const float *x6 = low <= 6 && 6 < high ? p + 96 : zeros;
                      const float *x7 = low <= 7 && 7 < high ? p + 112 : zeros;
                      const float *x8 = low <= 8 && 8 < high ? p + 128 : zeros;
                      const float *x9 = low <= 9 && 9 < high ? p + 144 : zeros;
                      const float *x10 = low <= 10 && 10 < high ? p + 160 : zeros;
                      const float *x11 = low <= 11 && 11 < high ? p + 176 : zeros;
                      for (long i = 0; i < 16; ++i, q += 8) {
                        { const v8 w0 = v8_load(q + 0);
                          { const v8 s = v8_splat(x0[i * 1]); a0_0 += s * w0; }
                          { const v8 s = v8_splat(x1[i * 1]); a1_0 += s * w0; }
                          { const v8 s = v8_splat(x2[i * 1]); a2_0 += s * w0; }
                          { const v8 s = v8_splat(x3[i * 1]); a3_0 += s * w0; }
                          { const v8 s = v8_splat(x4[i * 1]); a4_0 += s * w0; }
                          { const v8 s = v8_splat(x5[i * 1]); a5_0 += s * w0; }
                          { const v8 s = v8_splat(x6[i * 1]); a6_0 += s * w0; }
                          { const v8 s = v8_splat(x7[i * 1]); a7_0 += s * w0; }
                          { const v8 s = v8_splat(x8[i * 1]); a8_0 += s * w0; }
                          { const v8 s = v8_splat(x9[i * 1]); a9_0 += s * w0; }
                          { const v8 s = v8_splat(x10[i * 1]); a10_0 += s * w0; }
                          { const v8 s = v8_splat(x11[i * 1]); a11_0 += s * w0; }
                        } __asm__ volatile("" ::: "memory");
                      }
                    }
                  }
                }
              }
            }
            totals[0] += a0_0;
            totals[1] += a1_0;
            totals[2] += a2_0;
            totals[3] += a3_0;
            totals[4] += a4_0;
            totals[5] += a5_0;
            totals[6] += a6_0;
            totals[7] += a7_0;
            totals[8] += a8_0;
            totals[9] += a9_0;
            totals[10] += a10_0;
            totals[11] += a11_0;
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
      a7_0 = totals[7];
      a8_0 = totals[8];
      a9_0 = totals[9];
      a10_0 = totals[10];
      a11_0 = totals[11];
      float *const out = y + (y_at + o * 8);
      if (0 < ((2 * ((n_w0 + 1) / 2)) - o < 12 ? (2 * ((n_w0 + 1) / 2)) - o : 12)) {
        v8_store(out + 0, a0_0);
      }
      if (1 < ((2 * ((n_w0 + 1) / 2)) - o < 12 ? (2 * ((n_w0 + 1) / 2)) - o : 12)) {
        v8_store(out + 8, a1_0);
      }
      if (2 < ((2 * ((n_w0 + 1) / 2)) - o < 12 ? (2 * ((n_w0 + 1) / 2)) - o : 12)) {
        v8_store(out + 16, a2_0);
      }
      if (3 < ((2 * ((n_w0 + 1) / 2)) - o < 12 ? (2 * ((n_w0 + 1) / 2)) - o : 12)) {
        v8_store(out + 24, a3_0);
      }
      if (4 < ((2 * ((n_w0 + 1) / 2)) - o < 12 ? (2 * ((n_w0 + 1) / 2)) - o : 12)) {
        v8_store(out + 32, a4_0);
      }
      if (5 < ((2 * ((n_w0 + 1) / 2)) - o < 12 ? (2 * ((n_w0 + 1) / 2)) - o : 12)) {
        v8_store(out + 40, a5_0);
      }
      if (6 < ((2 * ((n_w0 + 1) / 2)) - o < 12 ? (2 * ((n_w0 + 1) / 2)) - o : 12)) {
        v8_store(out + 48, a6_0);
      }
      if (7 < ((2 * ((n_w0 + 1) / 2)) - o < 12 ? (2 * ((n_w0 + 1) / 2)) - o : 12)) {
        v8_store(out + 56, a7_0);
      }
      if (8 < ((2 * ((n_w0 + 1) / 2)) - o < 12 ? (2 * ((n_w0 + 1) / 2)) - o : 12)) {
        v8_store(out + 64, a8_0);
      }
      if (9 < ((2 * ((n_w0 + 1) / 2)) - o < 12 ? (2 * ((n_w0 + 1) / 2)) - o : 12)) {
        v8_store(out + 72, a9_0);
      }
      if (10 < ((2 * ((n_w0 + 1) / 2)) - o < 12 ? (2 * ((n_w0 + 1) / 2)) - o : 12)) {
        v8_store(out + 80, a10_0);
      }
      if (11 < ((2 * ((n_w0 + 1) / 2)) - o < 12 ? (2 * ((n_w0 + 1) / 2)) - o : 12)) {
        v8_store(out + 88, a11_0);
      }
    } else {
      _Alignas(64) v8 totals[12] = {(v8){0}, (v8){0}, (v8){0}, (v8){0}, (v8){0}, (v8){0}, (v8){0}, (v8){0}, (v8){0}, (v8){0}, (v8){0}, (v8){0}};
      v8 a0_0;
      v8 a1_0;
      v8 a2_0;
      v8 a3_0;
      v8 a4_0;
      v8 a5_0;
      v8 a6_0;
      v8 a7_0;
      v8 a8_0;
      v8 a9_0;
      v8 a10_0;
      v8 a11_0;
      {
        const long begin0 = o0 * 1 - 1, end0 = (2 * ((n_h + 1) / 2)) - begin0;
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
            a7_0 = (v8){0};
            a8_0 = (v8){0};
            a9_0 = (v8){0};
            a10_0 = (v8){0};
            a11_0 = (v8){0};
            for (long c = 0; c < 16; ++c) {
              {
                const float *p = a + (a_at + (o0 * 1 + k0 * 1 + -1) * (32 * ((n_w0 + 1) / 2)) + (o * 1 + 0 * 1 + -1) * 16) + c * 1, *q = weight + (k0 * 3 + 0) * 128 + c * 8;
                { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 128); const v8 w2 = v8_load(q + 256);
                  { const v8 s = v8_splat(p[0]); a0_0 += s * w0; } __asm__ volatile("" ::: "memory");
                  { const v8 s = v8_splat(p[16]); a0_0 += s * w1; a1_0 += s * w0; } __asm__ volatile("" ::: "memory");
                  { const v8 s = v8_splat(p[32]); a0_0 += s * w2; a1_0 += s * w1; a2_0 += s * w0; } __asm__ volatile("" ::: "memory");
                  { const v8 s = v8_splat(p[48]); a1_0 += s * w2; a2_0 += s * w1; a3_0 += s * w0; } __asm__ volatile("" ::: "memory");
                  { const v8 s = v8_splat(p[64]); a2_0 += s * w2; a3_0 += s * w1; a4_0 += s * w0; } __asm__ volatile("" ::: "memory");
                  { const v8 s = v8_splat(p[80]); a3_0 += s * w2; a4_0 += s * w1; a5_0 += s * w0; } __asm__ volatile("" ::: "memory");
                  { const v8 s = v8_splat(p[96]); a4_0 += s * w2; a5_0 += s * w1; a6_0 += s * w0; } __asm__ volatile("" ::: "memory");
                  { const v8 s = v8_splat(p[112]); a5_0 += s * w2; a6_0 += s * w1; a7_0 += s * w0; } __asm__ volatile("" ::: "memory");
                  { const v8 s = v8_splat(p[128]); a6_0 += s * w2; a7_0 += s * w1; a8_0 += s * w0; } __asm__ volatile("" ::: "memory");
                  { const v8 s = v8_splat(p[144]); a7_0 += s * w2; a8_0 += s * w1; a9_0 += s * w0; } __asm__ volatile("" ::: "memory");
                  { const v8 s = v8_splat(p[160]); a8_0 += s * w2; a9_0 += s * w1; a10_0 += s * w0; } __asm__ volatile("" ::: "memory");
                  { const v8 s = v8_splat(p[176]); a9_0 += s * w2; a10_0 += s * w1; a11_0 += s * w0; } __asm__ volatile("" ::: "memory");
                  { const v8 s = v8_splat(p[192]); a10_0 += s * w2; a11_0 += s * w1; } __asm__ volatile("" ::: "memory");
                  { const v8 s = v8_splat(p[208]); a11_0 += s * w2; } __asm__ volatile("" ::: "memory");
                }
              }
            }
            totals[0] += a0_0;
            totals[1] += a1_0;
            totals[2] += a2_0;
            totals[3] += a3_0;
            totals[4] += a4_0;
            totals[5] += a5_0;
            totals[6] += a6_0;
            totals[7] += a7_0;
            totals[8] += a8_0;
            totals[9] += a9_0;
            totals[10] += a10_0;
            totals[11] += a11_0;
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
      a7_0 = totals[7];
      a8_0 = totals[8];
      a9_0 = totals[9];
      a10_0 = totals[10];
      a11_0 = totals[11];
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
    }
  }
}
}

static void mean_7(const float *restrict x, float *restrict y, double *restrict sums, long begin, long end, long n_h, long n_w0) {
(void)n_h;
(void)n_w0;
(void)sums;
for (long item = begin; item < end; ++item) {
  const long c = item * 32;
  double total[16];
  for (long j = 0; j < 16; ++j) {
    total[j] = 0;
  }
  const float *from = x + c;
  for (long group = 0; group < ((((n_h + 1) / 2) * ((n_w0 + 1) / 2)) / 4); ++group) {
    for (long j = 0; j < 16; ++j) {
      total[j] += (double)(from[0 + j] + from[16 + j] + from[32 + j] + from[48 + j]);
    }
    from += 64;
  }
  if ((((n_h + 1) / 2) * ((n_w0 + 1) / 2) - 4 * ((((n_h + 1) / 2) * ((n_w0 + 1) / 2)) / 4)) == 1) {
    for (long j = 0; j < 16; ++j) {
      total[j] += (double)(from[0 + j]);
    }
  }
  if ((((n_h + 1) / 2) * ((n_w0 + 1) / 2) - 4 * ((((n_h + 1) / 2) * ((n_w0 + 1) / 2)) / 4)) == 2) {
    for (long j = 0; j < 16; ++j) {
      total[j] += (double)(from[0 + j] + from[16 + j]);
    }
  }
  if ((((n_h + 1) / 2) * ((n_w0 + 1) / 2) - 4 * ((((n_h + 1) / 2) * ((n_w0 + 1) / 2)) / 4)) == 3) {
    for (long j = 0; j < 16; ++j) {
      total[j] += (double)(from[0 + j] + from[16 + j] + from[32 + j]);
    }
  }
  for (long j = 0; j < 16; ++j) {
    y[c + j] = (float)(total[j] / (((n_h + 1) / 2) * ((n_w0 + 1) / 2)));
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

static void copy_8(const uint32_t *restrict x, uint32_t *restrict y, long begin, long end, long n_h, long n_w0) {
(void)n_h;
(void)n_w0;
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long s = i0 * 8;
  const long t = i0 * (32 * ((n_h + 1) / 2) * ((n_w0 + 1) / 2));
  const float *p = (const float *)x + s;
  float *q = (float *)y + t;
  for (long j = 0; j < ((((n_h + 1) / 2) * ((n_w0 + 1) / 2)) / 2); ++j, p += 64, q += 8) {
    mi_transpose_tile(p, 8, q, (4 * ((n_h + 1) / 2) * ((n_w0 + 1) / 2)));
  }
  for (long i = 0; i < 8; ++i)
    for (long j = 0; j < (4 * ((n_h + 1) / 2) * ((n_w0 + 1) / 2) - 8 * ((((n_h + 1) / 2) * ((n_w0 + 1) / 2)) / 2)); ++j) q[i * (4 * ((n_h + 1) / 2) * ((n_w0 + 1) / 2)) + j] = p[i + j * 8];
}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  const long *const sizes = (const long *)inputs[1];
  const long n_h = sizes[0];
  const long n_w0 = sizes[1];
  (void)sizes; (void)n_h; (void)n_w0;
  /* 0: Conv_0: Conv + Transpose */
  conv_0((const void *)((const uint8_t *)inputs[0]), (const void *)(constants + 0), (const void *)(constants + 1728), (void *)(arena + AT_a_last), 0, n_h, n_h, n_w0);
  /* 1: Conv_1: Transpose + Conv + Transpose */
  depthwise_1((const void *)(arena + AT_a_last), (const void *)(constants + 1792), (void *)(arena + AT_c_last), 0, ((n_h + 1) / 2), n_h, n_w0);
  /* 2: Resize_2: Resize */
  origins_2((void *)(arena + AT_Resize_2_workspace0), (void *)(arena + AT_Resize_2_workspace1), 0, ((n_h + 1023) / 1024), n_h);
  sample_weighted_3((const void *)(arena + AT_c_last), (const void *)(arena + AT_Resize_2_workspace0), (const void *)(arena + AT_Resize_2_workspace1), (void *)(arena + AT_Resize_2_workspace2), 0, (2 * ((n_h + 1) / 2)), n_h, n_w0);
  origins_4((void *)(arena + AT_Resize_2_workspace3), (void *)(arena + AT_Resize_2_workspace4), 0, ((n_w0 + 1023) / 1024), n_w0);
  sample_weighted_5((const void *)(arena + AT_Resize_2_workspace2), (const void *)(arena + AT_Resize_2_workspace3), (const void *)(arena + AT_Resize_2_workspace4), (void *)(arena + AT_e_moved), 0, (4 * ((n_h + 1) / 2) * ((n_w0 + 1) / 2)), n_h, n_w0);
  /* 3: Conv_3: Transpose + Conv + Transpose */
  conv_6((const void *)(arena + AT_e_moved), (const void *)(constants + 2368), (void *)(arena + AT_y_last), 0, (2 * ((n_h + 1) / 2)), n_h, n_w0);
  /* 4: GlobalAveragePool_4: Transpose + GlobalAveragePool + Transpose */
  mean_7((const void *)(arena + AT_c_last), (void *)((uint8_t *)outputs[1]), (void *)(arena + AT_GlobalAveragePool_4_workspace0), 0, 1, n_h, n_w0);
  /* 5: y: Transpose */
  copy_8((const void *)(arena + AT_y_last), (void *)((uint8_t *)outputs[0]), 0, 1, n_h, n_w0);
  return 0;
}
