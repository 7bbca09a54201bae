/* g: 3 steps in an arena of 414720 bytes. */
#include "prelude.h"

#define AT_x_last 0 /* x_last: 294912 bytes, steps [0, 2) */
#define AT_y_last 294912 /* y_last: 73728 bytes, steps [1, 3) */
#define AT_MaxPool_2_workspace0 398592 /* MaxPool_2/workspace0: 16128 bytes, steps [1, 2) */
#define AT_MaxPool_2_workspace1 368640 /* MaxPool_2/workspace1: 29952 bytes, steps [1, 2) */

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
  const long t = i0 * 256;
  const float *p = (const float *)x + s;
  float *q = (float *)y + t;
  for (long j = 0; j < 4; ++j, p += 18432, q += 8) {
    mi_transpose_tile(p, 2304, q, 32);
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

static void winograd_1(const float *restrict x, const float *restrict weights, const float *restrict bias, float *restrict y, float *restrict inputs, float *restrict products, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long chunk = item;
  for (long t = 0; t < 6; ++t) {
    const long n = chunk / 24, number = chunk % 24 * 6 + t;
    const long row = number / 12, column = number % 12;
    const long top = row * 4 - 1;
    const long left = column * 4 - 1;
    const long at = n * 73728 + top * 1536 + left * 32;
    const long direct = top >= 0 && top <= 42 && left >= 0 && left <= 42 ? 32 : 0;
    float *const to = inputs + t * 32;
    for (long c = 0; c < direct; c += 8) {
      const vf c0_0 = mi_fma(mi_set1(-2.8125f), mi_load(x + (at + c + 3072)), mi_fma(mi_set1(1.265625f), mi_load(x + (at + c + 0)), mi_load(x + (at + c + 6144))));
      const vf c0_1_even = mi_fma(mi_set1(-2.25f), mi_load(x + (at + c + 3072)), mi_load(x + (at + c + 6144))), c0_1_odd = mi_fma(mi_set1(-2.25f), mi_load(x + (at + c + 1536)), mi_load(x + (at + c + 4608)));
      const vf c0_1 = mi_fma(mi_set1(0.75f), c0_1_odd, c0_1_even);
      const vf c0_2 = mi_fma(mi_set1(-0.75f), c0_1_odd, c0_1_even);
      const vf c0_3_even = mi_fma(mi_set1(-0.5625f), mi_load(x + (at + c + 3072)), mi_load(x + (at + c + 6144))), c0_3_odd = mi_fma(mi_set1(-0.5625f), mi_load(x + (at + c + 1536)), mi_load(x + (at + c + 4608)));
      const vf c0_3 = mi_fma(mi_set1(1.5f), c0_3_odd, c0_3_even);
      const vf c0_4 = mi_fma(mi_set1(-1.5f), c0_3_odd, c0_3_even);
      const vf c0_5 = mi_fma(mi_set1(-2.8125f), mi_load(x + (at + c + 4608)), mi_fma(mi_set1(1.265625f), mi_load(x + (at + c + 1536)), mi_load(x + (at + c + 7680))));
      const vf c1_0 = mi_fma(mi_set1(-2.8125f), mi_load(x + (at + c + 3104)), mi_fma(mi_set1(1.265625f), mi_load(x + (at + c + 32)), mi_load(x + (at + c + 6176))));
      const vf c1_1_even = mi_fma(mi_set1(-2.25f), mi_load(x + (at + c + 3104)), mi_load(x + (at + c + 6176))), c1_1_odd = mi_fma(mi_set1(-2.25f), mi_load(x + (at + c + 1568)), mi_load(x + (at + c + 4640)));
      const vf c1_1 = mi_fma(mi_set1(0.75f), c1_1_odd, c1_1_even);
      const vf c1_2 = mi_fma(mi_set1(-0.75f), c1_1_odd, c1_1_even);
      const vf c1_3_even = mi_fma(mi_set1(-0.5625f), mi_load(x + (at + c + 3104)), mi_load(x + (at + c + 6176))), c1_3_odd = mi_fma(mi_set1(-0.5625f), mi_load(x + (at + c + 1568)), mi_load(x + (at + c + 4640)));
      const vf c1_3 = mi_fma(mi_set1(1.5f), c1_3_odd, c1_3_even);
      const vf c1_4 = mi_fma(mi_set1(-1.5f), c1_3_odd, c1_3_even);
      const vf c1_5 = mi_fma(mi_set1(-2.8125f), mi_load(x + (at + c + 4640)), mi_fma(mi_set1(1.265625f), mi_load(x + (at + c + 1568)), mi_load(x + (at + c + 7712))));
      const vf c2_0 = mi_fma(mi_set1(-2.8125f), mi_load(x + (at + c + 3136)), mi_fma(mi_set1(1.265625f), mi_load(x + (at + c + 64)), mi_load(x + (at + c + 6208))));
      const vf c2_1_even = mi_fma(mi_set1(-2.25f), mi_load(x + (at + c + 3136)), mi_load(x + (at + c + 6208))), c2_1_odd = mi_fma(mi_set1(-2.25f), mi_load(x + (at + c + 1600)), mi_load(x + (at + c + 4672)));
      const vf c2_1 = mi_fma(mi_set1(0.75f), c2_1_odd, c2_1_even);
      const vf c2_2 = mi_fma(mi_set1(-0.75f), c2_1_odd, c2_1_even);
      const vf c2_3_even = mi_fma(mi_set1(-0.5625f), mi_load(x + (at + c + 3136)), mi_load(x + (at + c + 6208))), c2_3_odd = mi_fma(mi_set1(-0.5625f), mi_load(x + (at + c + 1600)), mi_load(x + (at + c + 4672)));
      const vf c2_3 = mi_fma(mi_set1(1.5f), c2_3_odd, c2_3_even);
      const vf c2_4 = mi_fma(mi_set1(-1.5f), c2_3_odd, c2_3_even);
      const vf c2_5 = mi_fma(mi_set1(-2.8125f), mi_load(x + (at + c + 4672)), mi_fma(mi_set1(1.265625f), mi_load(x + (at + c + 1600)), mi_load(x + (at + c + 7744))));
      const vf c3_0 = mi_fma(mi_set1(-2.8125f), mi_load(x + (at + c + 3168)), mi_fma(mi_set1(1.265625f), mi_load(x + (at + c + 96)), mi_load(x + (at + c + 6240))));
      const vf c3_1_even = mi_fma(mi_set1(-2.25f), mi_load(x + (at + c + 3168)), mi_load(x + (at + c + 6240))), c3_1_odd = mi_fma(mi_set1(-2.25f), mi_load(x + (at + c + 1632)), mi_load(x + (at + c + 4704)));
      const vf c3_1 = mi_fma(mi_set1(0.75f), c3_1_odd, c3_1_even);
      const vf c3_2 = mi_fma(mi_set1(-0.75f), c3_1_odd, c3_1_even);
      const vf c3_3_even = mi_fma(mi_set1(-0.5625f), mi_load(x + (at + c + 3168)), mi_load(x + (at + c + 6240))), c3_3_odd = mi_fma(mi_set1(-0.5625f), mi_load(x + (at + c + 1632)), mi_load(x + (at + c + 4704)));
      const vf c3_3 = mi_fma(mi_set1(1.5f), c3_3_odd, c3_3_even);
      const vf c3_4 = mi_fma(mi_set1(-1.5f), c3_3_odd, c3_3_even);
      const vf c3_5 = mi_fma(mi_set1(-2.8125f), mi_load(x + (at + c + 4704)), mi_fma(mi_set1(1.265625f), mi_load(x + (at + c + 1632)), mi_load(x + (at + c + 7776))));
      const vf c4_0 = mi_fma(mi_set1(-2.8125f), mi_load(x + (at + c + 3200)), mi_fma(mi_set1(1.265625f), mi_load(x + (at + c + 128)), mi_load(x + (at + c + 6272))));
      const vf c4_1_even = mi_fma(mi_set1(-2.25f), mi_load(x + (at + c + 3200)), mi_load(x + (at + c + 6272))), c4_1_odd = mi_fma(mi_set1(-2.25f), mi_load(x + (at + c + 1664)), mi_load(x + (at + c + 4736)));
      const vf c4_1 = mi_fma(mi_set1(0.75f), c4_1_odd, c4_1_even);
      const vf c4_2 = mi_fma(mi_set1(-0.75f), c4_1_odd, c4_1_even);
      const vf c4_3_even = mi_fma(mi_set1(-0.5625f), mi_load(x + (at + c + 3200)), mi_load(x + (at + c + 6272))), c4_3_odd = mi_fma(mi_set1(-0.5625f), mi_load(x + (at + c + 1664)), mi_load(x + (at + c + 4736)));
      const vf c4_3 = mi_fma(mi_set1(1.5f), c4_3_odd, c4_3_even);
      const vf c4_4 = mi_fma(mi_set1(-1.5f), c4_3_odd, c4_3_even);
      const vf c4_5 = mi_fma(mi_set1(-2.8125f), mi_load(x + (at + c + 4736)), mi_fma(mi_set1(1.265625f), mi_load(x + (at + c + 1664)), mi_load(x + (at + c + 7808))));
      const vf c5_0 = mi_fma(mi_set1(-2.8125f), mi_load(x + (at + c + 3232)), mi_fma(mi_set1(1.265625f), mi_load(x + (at + c + 160)), mi_load(x + (at + c + 6304))));
      const vf c5_1_even = mi_fma(mi_set1(-2.25f), mi_load(x + (at + c + 3232)), mi_load(x + (at + c + 6304))), c5_1_odd = mi_fma(mi_set1(-2.25f), mi_load(x + (at + c + 1696)), mi_load(x + (at + c + 4768)));
      const vf c5_1 = mi_fma(mi_set1(0.75f), c5_1_odd, c5_1_even);
      const vf c5_2 = mi_fma(mi_set1(-0.75f), c5_1_odd, c5_1_even);
      const vf c5_3_even = mi_fma(mi_set1(-0.5625f), mi_load(x + (at + c + 3232)), mi_load(x + (at + c + 6304))), c5_3_odd = mi_fma(mi_set1(-0.5625f), mi_load(x + (at + c + 1696)), mi_load(x + (at + c + 4768)));
      const vf c5_3 = mi_fma(mi_set1(1.5f), c5_3_odd, c5_3_even);
      const vf c5_4 = mi_fma(mi_set1(-1.5f), c5_3_odd, c5_3_even);
      const vf c5_5 = mi_fma(mi_set1(-2.8125f), mi_load(x + (at + c + 4768)), mi_fma(mi_set1(1.265625f), mi_load(x + (at + c + 1696)), mi_load(x + (at + c + 7840))));
      const vf p0_0 = mi_fma(mi_set1(-2.8125f), c2_0, mi_fma(mi_set1(1.265625f), c0_0, c4_0));
      const vf p0_1_even = mi_fma(mi_set1(-2.25f), c2_0, c4_0), p0_1_odd = mi_fma(mi_set1(-2.25f), c1_0, c3_0);
      const vf p0_1 = mi_fma(mi_set1(0.75f), p0_1_odd, p0_1_even);
      const vf p0_2 = mi_fma(mi_set1(-0.75f), p0_1_odd, p0_1_even);
      const vf p0_3_even = mi_fma(mi_set1(-0.5625f), c2_0, c4_0), p0_3_odd = mi_fma(mi_set1(-0.5625f), c1_0, c3_0);
      const vf p0_3 = mi_fma(mi_set1(1.5f), p0_3_odd, p0_3_even);
      const vf p0_4 = mi_fma(mi_set1(-1.5f), p0_3_odd, p0_3_even);
      const vf p0_5 = mi_fma(mi_set1(-2.8125f), c3_0, mi_fma(mi_set1(1.265625f), c1_0, c5_0));
      const vf p1_0 = mi_fma(mi_set1(-2.8125f), c2_1, mi_fma(mi_set1(1.265625f), c0_1, c4_1));
      const vf p1_1_even = mi_fma(mi_set1(-2.25f), c2_1, c4_1), p1_1_odd = mi_fma(mi_set1(-2.25f), c1_1, c3_1);
      const vf p1_1 = mi_fma(mi_set1(0.75f), p1_1_odd, p1_1_even);
      const vf p1_2 = mi_fma(mi_set1(-0.75f), p1_1_odd, p1_1_even);
      const vf p1_3_even = mi_fma(mi_set1(-0.5625f), c2_1, c4_1), p1_3_odd = mi_fma(mi_set1(-0.5625f), c1_1, c3_1);
      const vf p1_3 = mi_fma(mi_set1(1.5f), p1_3_odd, p1_3_even);
      const vf p1_4 = mi_fma(mi_set1(-1.5f), p1_3_odd, p1_3_even);
      const vf p1_5 = mi_fma(mi_set1(-2.8125f), c3_1, mi_fma(mi_set1(1.265625f), c1_1, c5_1));
      const vf p2_0 = mi_fma(mi_set1(-2.8125f), c2_2, mi_fma(mi_set1(1.265625f), c0_2, c4_2));
      const vf p2_1_even = mi_fma(mi_set1(-2.25f), c2_2, c4_2), p2_1_odd = mi_fma(mi_set1(-2.25f), c1_2, c3_2);
      const vf p2_1 = mi_fma(mi_set1(0.75f), p2_1_odd, p2_1_even);
      const vf p2_2 = mi_fma(mi_set1(-0.75f), p2_1_odd, p2_1_even);
      const vf p2_3_even = mi_fma(mi_set1(-0.5625f), c2_2, c4_2), p2_3_odd = mi_fma(mi_set1(-0.5625f), c1_2, c3_2);
      const vf p2_3 = mi_fma(mi_set1(1.5f), p2_3_odd, p2_3_even);
      const vf p2_4 = mi_fma(mi_set1(-1.5f), p2_3_odd, p2_3_even);
      const vf p2_5 = mi_fma(mi_set1(-2.8125f), c3_2, mi_fma(mi_set1(1.265625f), c1_2, c5_2));
      const vf p3_0 = mi_fma(mi_set1(-2.8125f), c2_3, mi_fma(mi_set1(1.265625f), c0_3, c4_3));
      const vf p3_1_even = mi_fma(mi_set1(-2.25f), c2_3, c4_3), p3_1_odd = mi_fma(mi_set1(-2.25f), c1_3, c3_3);
      const vf p3_1 = mi_fma(mi_set1(0.75f), p3_1_odd, p3_1_even);
      const vf p3_2 = mi_fma(mi_set1(-0.75f), p3_1_odd, p3_1_even);
      const vf p3_3_even = mi_fma(mi_set1(-0.5625f), c2_3, c4_3), p3_3_odd = mi_fma(mi_set1(-0.5625f), c1_3, c3_3);
      const vf p3_3 = mi_fma(mi_set1(1.5f), p3_3_odd, p3_3_even);
      const vf p3_4 = mi_fma(mi_set1(-1.5f), p3_3_odd, p3_3_even);
      const vf p3_5 = mi_fma(mi_set1(-2.8125f), c3_3, mi_fma(mi_set1(1.265625f), c1_3, c5_3));
      const vf p4_0 = mi_fma(mi_set1(-2.8125f), c2_4, mi_fma(mi_set1(1.265625f), c0_4, c4_4));
      const vf p4_1_even = mi_fma(mi_set1(-2.25f), c2_4, c4_4), p4_1_odd = mi_fma(mi_set1(-2.25f), c1_4, c3_4);
      const vf p4_1 = mi_fma(mi_set1(0.75f), p4_1_odd, p4_1_even);
      const vf p4_2 = mi_fma(mi_set1(-0.75f), p4_1_odd, p4_1_even);
      const vf p4_3_even = mi_fma(mi_set1(-0.5625f), c2_4, c4_4), p4_3_odd = mi_fma(mi_set1(-0.5625f), c1_4, c3_4);
      const vf p4_3 = mi_fma(mi_set1(1.5f), p4_3_odd, p4_3_even);
      const vf p4_4 = mi_fma(mi_set1(-1.5f), p4_3_odd, p4_3_even);
      const vf p4_5 = mi_fma(mi_set1(-2.8125f), c3_4, mi_fma(mi_set1(1.265625f), c1_4, c5_4));
      const vf p5_0 = mi_fma(mi_set1(-2.8125f), c2_5, mi_fma(mi_set1(1.265625f), c0_5, c4_5));
      const vf p5_1_even = mi_fma(mi_set1(-2.25f), c2_5, c4_5), p5_1_odd = mi_fma(mi_set1(-2.25f), c1_5, c3_5);
      const vf p5_1 = mi_fma(mi_set1(0.75f), p5_1_odd, p5_1_even);
      const vf p5_2 = mi_fma(mi_set1(-0.75f), p5_1_odd, p5_1_even);
      const vf p5_3_even = mi_fma(mi_set1(-0.5625f), c2_5, c4_5), p5_3_odd = mi_fma(mi_set1(-0.5625f), c1_5, c3_5);
      const vf p5_3 = mi_fma(mi_set1(1.5f), p5_3_odd, p5_3_even);
      const vf p5_4 = mi_fma(mi_set1(-1.5f), p5_3_odd, p5_3_even);
      const vf p5_5 = mi_fma(mi_set1(-2.8125f), c3_5, mi_fma(mi_set1(1.265625f), c1_5, c5_5));
      mi_store(to + (c + 0), p0_0);
      mi_store(to + (c + 208), p0_1);
      mi_store(to + (c + 416), p0_2);
      mi_store(to + (c + 624), p0_3);
      mi_store(to + (c + 832), p0_4);
      mi_store(to + (c + 1040), p0_5);
      mi_store(to + (c + 1248), p1_0);
      mi_store(to + (c + 1456), p1_1);
      mi_store(to + (c + 1664), p1_2);
      mi_store(to + (c + 1872), p1_3);
      mi_store(to + (c + 2080), p1_4);
      mi_store(to + (c + 2288), p1_5);
      mi_store(to + (c + 2496), p2_0);
      mi_store(to + (c + 2704), p2_1);
      mi_store(to + (c + 2912), p2_2);
      mi_store(to + (c + 3120), p2_3);
      mi_store(to + (c + 3328), p2_4);
      mi_store(to + (c + 3536), p2_5);
      mi_store(to + (c + 3744), p3_0);
      mi_store(to + (c + 3952), p3_1);
      mi_store(to + (c + 4160), p3_2);
      mi_store(to + (c + 4368), p3_3);
      mi_store(to + (c + 4576), p3_4);
      mi_store(to + (c + 4784), p3_5);
      mi_store(to + (c + 4992), p4_0);
      mi_store(to + (c + 5200), p4_1);
      mi_store(to + (c + 5408), p4_2);
      mi_store(to + (c + 5616), p4_3);
      mi_store(to + (c + 5824), p4_4);
      mi_store(to + (c + 6032), p4_5);
      mi_store(to + (c + 6240), p5_0);
      mi_store(to + (c + 6448), p5_1);
      mi_store(to + (c + 6656), p5_2);
      mi_store(to + (c + 6864), p5_3);
      mi_store(to + (c + 7072), p5_4);
      mi_store(to + (c + 7280), p5_5);
    }
    if (direct < 32) {
      const long first = top < 0 ? -top : 0, start = left < 0 ? -left : 0;
      const long last = top > 42 ? 48 - top : 6;
      const long stop = left > 42 ? 48 - left : 6;
      _Alignas(64) vf patch[6][6] = {{{0}}};
      for (long c = direct; c < 32; c += 8) {
        for (long i = first; i < last; ++i) {
          for (long j = start; j < stop; ++j) {
            patch[i][j] = mi_load(x + (at + i * 1536 + j * 32 + c));
          }
        }
        const vf c0_0 = mi_fma(mi_set1(-2.8125f), patch[2][0], mi_fma(mi_set1(1.265625f), patch[0][0], patch[4][0]));
        const vf c0_1_even = mi_fma(mi_set1(-2.25f), patch[2][0], patch[4][0]), c0_1_odd = mi_fma(mi_set1(-2.25f), patch[1][0], patch[3][0]);
        const vf c0_1 = mi_fma(mi_set1(0.75f), c0_1_odd, c0_1_even);
        const vf c0_2 = mi_fma(mi_set1(-0.75f), c0_1_odd, c0_1_even);
        const vf c0_3_even = mi_fma(mi_set1(-0.5625f), patch[2][0], patch[4][0]), c0_3_odd = mi_fma(mi_set1(-0.5625f), patch[1][0], patch[3][0]);
        const vf c0_3 = mi_fma(mi_set1(1.5f), c0_3_odd, c0_3_even);
        const vf c0_4 = mi_fma(mi_set1(-1.5f), c0_3_odd, c0_3_even);
        const vf c0_5 = mi_fma(mi_set1(-2.8125f), patch[3][0], mi_fma(mi_set1(1.265625f), patch[1][0], patch[5][0]));
        const vf c1_0 = mi_fma(mi_set1(-2.8125f), patch[2][1], mi_fma(mi_set1(1.265625f), patch[0][1], patch[4][1]));
        const vf c1_1_even = mi_fma(mi_set1(-2.25f), patch[2][1], patch[4][1]), c1_1_odd = mi_fma(mi_set1(-2.25f), patch[1][1], patch[3][1]);
        const vf c1_1 = mi_fma(mi_set1(0.75f), c1_1_odd, c1_1_even);
        const vf c1_2 = mi_fma(mi_set1(-0.75f), c1_1_odd, c1_1_even);
        const vf c1_3_even = mi_fma(mi_set1(-0.5625f), patch[2][1], patch[4][1]), c1_3_odd = mi_fma(mi_set1(-0.5625f), patch[1][1], patch[3][1]);
        const vf c1_3 = mi_fma(mi_set1(1.5f), c1_3_odd, c1_3_even);
        const vf c1_4 = mi_fma(mi_set1(-1.5f), c1_3_odd, c1_3_even);
        const vf c1_5 = mi_fma(mi_set1(-2.8125f), patch[3][1], mi_fma(mi_set1(1.265625f), patch[1][1], patch[5][1]));
        const vf c2_0 = mi_fma(mi_set1(-2.8125f), patch[2][2], mi_fma(mi_set1(1.265625f), patch[0][2], patch[4][2]));
        const vf c2_1_even = mi_fma(mi_set1(-2.25f), patch[2][2], patch[4][2]), c2_1_odd = mi_fma(mi_set1(-2.25f), patch[1][2], patch[3][2]);
        const vf c2_1 = mi_fma(mi_set1(0.75f), c2_1_odd, c2_1_even);
        const vf c2_2 = mi_fma(mi_set1(-0.75f), c2_1_odd, c2_1_even);
        const vf c2_3_even = mi_fma(mi_set1(-0.5625f), patch[2][2], patch[4][2]), c2_3_odd = mi_fma(mi_set1(-0.5625f), patch[1][2], patch[3][2]);
        const vf c2_3 = mi_fma(mi_set1(1.5f), c2_3_odd, c2_3_even);
        const vf c2_4 = mi_fma(mi_set1(-1.5f), c2_3_odd, c2_3_even);
        const vf c2_5 = mi_fma(mi_set1(-2.8125f), patch[3][2], mi_fma(mi_set1(1.265625f), patch[1][2], patch[5][2]));
        const vf c3_0 = mi_fma(mi_set1(-2.8125f), patch[2][3], mi_fma(mi_set1(1.265625f), patch[0][3], patch[4][3]));
        const vf c3_1_even = mi_fma(mi_set1(-2.25f), patch[2][3], patch[4][3]), c3_1_odd = mi_fma(mi_set1(-2.25f), patch[1][3], patch[3][3]);
        const vf c3_1 = mi_fma(mi_set1(0.75f), c3_1_odd, c3_1_even);
        const vf c3_2 = mi_fma(mi_set1(-0.75f), c3_1_odd, c3_1_even);
        const vf c3_3_even = mi_fma(mi_set1(-0.5625f), patch[2][3], patch[4][3]), c3_3_odd = mi_fma(mi_set1(-0.5625f), patch[1][3], patch[3][3]);
        const vf c3_3 = mi_fma(mi_set1(1.5f), c3_3_odd, c3_3_even);
        const vf c3_4 = mi_fma(mi_set1(-1.5f), c3_3_odd, c3_3_even);
        const vf c3_5 = mi_fma(mi_set1(-2.8125f), patch[3][3], mi_fma(mi_set1(1.265625f), patch[1][3], patch[5][3]));
        const vf c4_0 = mi_fma(mi_set1(-2.8125f), patch[2][4], mi_fma(mi_set1(1.265625f), patch[0][4], patch[4][4]));
        const vf c4_1_even = mi_fma(mi_set1(-2.25f), patch[2][4], patch[4][4]), c4_1_odd = mi_fma(mi_set1(-2.25f), patch[1][4], patch[3][4]);
        const vf c4_1 = mi_fma(mi_set1(0.75f), c4_1_odd, c4_1_even);
        const vf c4_2 = mi_fma(mi_set1(-0.75f), c4_1_odd, c4_1_even);
        const vf c4_3_even = mi_fma(mi_set1(-0.5625f), patch[2][4], patch[4][4]), c4_3_odd = mi_fma(mi_set1(-0.5625f), patch[1][4], patch[3][4]);
        const vf c4_3 = mi_fma(mi_set1(1.5f), c4_3_odd, c4_3_even);
        const vf c4_4 = mi_fma(mi_set1(-1.5f), c4_3_odd, c4_3_even);
        const vf c4_5 = mi_fma(mi_set1(-2.8125f), patch[3][4], mi_fma(mi_set1(1.265625f), patch[1][4], patch[5][4]));
        const vf c5_0 = mi_fma(mi_set1(-2.8125f), patch[2][5], mi_fma(mi_set1(1.265625f), patch[0][5], patch[4][5]));
        const vf c5_1_even = mi_fma(mi_set1(-2.25f), patch[2][5], patch[4][5]), c5_1_odd = mi_fma(mi_set1(-2.25f), patch[1][5], patch[3][5]);
        const vf c5_1 = mi_fma(mi_set1(0.75f), c5_1_odd, c5_1_even);
        const vf c5_2 = mi_fma(mi_set1(-0.75f), c5_1_odd, c5_1_even);
        const vf c5_3_even = mi_fma(mi_set1(-0.5625f), patch[2][5], patch[4][5]), c5_3_odd = mi_fma(mi_set1(-0.5625f), patch[1][5], patch[3][5]);
        const vf c5_3 = mi_fma(mi_set1(1.5f), c5_3_odd, c5_3_even);
        const vf c5_4 = mi_fma(mi_set1(-1.5f), c5_3_odd, c5_3_even);
        const vf c5_5 = mi_fma(mi_set1(-2.8125f), patch[3][5], mi_fma(mi_set1(1.265625f), patch[1][5], patch[5][5]));
        const vf p0_0 = mi_fma(mi_set1(-2.8125f), c2_0, mi_fma(mi_set1(1.265625f), c0_0, c4_0));
        const vf p0_1_even = mi_fma(mi_set1(-2.25f), c2_0, c4_0), p0_1_odd = mi_fma(mi_set1(-2.25f), c1_0, c3_0);
        const vf p0_1 = mi_fma(mi_set1(0.75f), p0_1_odd, p0_1_even);
        const vf p0_2 = mi_fma(mi_set1(-0.75f), p0_1_odd, p0_1_even);
        const vf p0_3_even = mi_fma(mi_set1(-0.5625f), c2_0, c4_0), p0_3_odd = mi_fma(mi_set1(-0.5625f), c1_0, c3_0);
        const vf p0_3 = mi_fma(mi_set1(1.5f), p0_3_odd, p0_3_even);
        const vf p0_4 = mi_fma(mi_set1(-1.5f), p0_3_odd, p0_3_even);
        const vf p0_5 = mi_fma(mi_set1(-2.8125f), c3_0, mi_fma(mi_set1(1.265625f), c1_0, c5_0));
        const vf p1_0 = mi_fma(mi_set1(-2.8125f), c2_1, mi_fma(mi_set1(1.265625f), c0_1, c4_1));
        const vf p1_1_even = mi_fma(mi_set1(-2.25f), c2_1, c4_1), p1_1_odd = mi_fma(mi_set1(-2.25f), c1_1, c3_1);
        const vf p1_1 = mi_fma(mi_set1(0.75f), p1_1_odd, p1_1_even);
        const vf p1_2 = mi_fma(mi_set1(-0.75f), p1_1_odd, p1_1_even);
        const vf p1_3_even = mi_fma(mi_set1(-0.5625f), c2_1, c4_1), p1_3_odd = mi_fma(mi_set1(-0.5625f), c1_1, c3_1);
        const vf p1_3 = mi_fma(mi_set1(1.5f), p1_3_odd, p1_3_even);
        const vf p1_4 = mi_fma(mi_set1(-1.5f), p1_3_odd, p1_3_even);
        const vf p1_5 = mi_fma(mi_set1(-2.8125f), c3_1, mi_fma(mi_set1(1.265625f), c1_1, c5_1));
        const vf p2_0 = mi_fma(mi_set1(-2.8125f), c2_2, mi_fma(mi_set1(1.265625f), c0_2, c4_2));
        const vf p2_1_even = mi_fma(mi_set1(-2.25f), c2_2, c4_2), p2_1_odd = mi_fma(mi_set1(-2.25f), c1_2, c3_2);
        const vf p2_1 = mi_fma(mi_set1(0.75f), p2_1_odd, p2_1_even);
        const vf p2_2 = mi_fma(mi_set1(-0.75f), p2_1_odd, p2_1_even);
        const vf p2_3_even = mi_fma(mi_set1(-0.5625f), c2_2, c4_2), p2_3_odd = mi_fma(mi_set1(-0.5625f), c1_2, c3_2);
        const vf p2_3 = mi_fma(mi_set1(1.5f), p2_3_odd, p2_3_even);
        const vf p2_4 = mi_fma(mi_set1(-1.5f), p2_3_odd, p2_3_even);
        const vf p2_5 = mi_fma(mi_set1(-2.8125f), c3_2, mi_fma(mi_set1(1.265625f), c1_2, c5_2));
        const vf p3_0 = mi_fma(mi_set1(-2.8125f), c2_3, mi_fma(mi_set1(1.265625f), c0_3, c4_3));
        const vf p3_1_even = mi_fma(mi_set1(-2.25f), c2_3, c4_3), p3_1_odd = mi_fma(mi_set1(-2.25f), c1_3, c3_3);
        const vf p3_1 = mi_fma(mi_set1(0.75f), p3_1_odd, p3_1_even);
        const vf p3_2 = mi_fma(mi_set1(-0.75f), p3_1_odd, p3_1_even);
        const vf p3_3_even = mi_fma(mi_set1(-0.5625f), c2_3, c4_3), p3_3_odd = mi_fma(mi_set1(-0.5625f), c1_3, c3_3);
        const vf p3_3 = mi_fma(mi_set1(1.5f), p3_3_odd, p3_3_even);
        const vf p3_4 = mi_fma(mi_set1(-1.5f), p3_3_odd, p3_3_even);
        const vf p3_5 = mi_fma(mi_set1(-2.8125f), c3_3, mi_fma(mi_set1(1.265625f), c1_3, c5_3));
        const vf p4_0 = mi_fma(mi_set1(-2.8125f), c2_4, mi_fma(mi_set1(1.265625f), c0_4, c4_4));
        const vf p4_1_even = mi_fma(mi_set1(-2.25f), c2_4, c4_4), p4_1_odd = mi_fma(mi_set1(-2.25f), c1_4, c3_4);
        const vf p4_1 = mi_fma(mi_set1(0.75f), p4_1_odd, p4_1_even);
        const vf p4_2 = mi_fma(mi_set1(-0.75f), p4_1_odd, p4_1_even);
        const vf p4_3_even = mi_fma(mi_set1(-0.5625f), c2_4, c4_4), p4_3_odd = mi_fma(mi_set1(-0.5625f), c1_4, c3_4);
        const vf p4_3 = mi_fma(mi_set1(1.5f), p4_3_odd, p4_3_even);
        const vf p4_4 = mi_fma(mi_set1(-1.5f), p4_3_odd, p4_3_even);
        const vf p4_5 = mi_fma(mi_set1(-2.8125f), c3_4, mi_fma(mi_set1(1.265625f), c1_4, c5_4));
        const vf p5_0 = mi_fma(mi_set1(-2.8125f), c2_5, mi_fma(mi_set1(1.265625f), c0_5, c4_5));
        const vf p5_1_even = mi_fma(mi_set1(-2.25f), c2_5, c4_5), p5_1_odd = mi_fma(mi_set1(-2.25f), c1_5, c3_5);
        const vf p5_1 = mi_fma(mi_set1(0.75f), p5_1_odd, p5_1_even);
        const vf p5_2 = mi_fma(mi_set1(-0.75f), p5_1_odd, p5_1_even);
        const vf p5_3_even = mi_fma(mi_set1(-0.5625f), c2_5, c4_5), p5_3_odd = mi_fma(mi_set1(-0.5625f), c1_5, c3_5);
        const vf p5_3 = mi_fma(mi_set1(1.5f), p5_3_odd, p5_3_even);
        const vf p5_4 = mi_fma(mi_set1(-1.5f), p5_3_odd, p5_3_even);
        const vf p5_5 = mi_fma(mi_set1(-2.8125f), c3_5, mi_fma(mi_set1(1.265625f), c1_5, c5_5));
        mi_store(to + (c + 0), p0_0);
        mi_store(to + (c + 208), p0_1);
        mi_store(to + (c + 416), p0_2);
        mi_store(to + (c + 624), p0_3);
        mi_store(to + (c + 832), p0_4);
        mi_store(to + (c + 1040), p0_5);
        mi_store(to + (c + 1248), p1_0);
        mi_store(to + (c + 1456), p1_1);
        mi_store(to + (c + 1664), p1_2);
        mi_store(to + (c + 1872), p1_3);
        mi_store(to + (c + 2080), p1_4);
        mi_store(to + (c + 2288), p1_5);
        mi_store(to + (c + 2496), p2_0);
        mi_store(to + (c + 2704), p2_1);
        mi_store(to + (c + 2912), p2_2);
        mi_store(to + (c + 3120), p2_3);
        mi_store(to + (c + 3328), p2_4);
        mi_store(to + (c + 3536), p2_5);
        mi_store(to + (c + 3744), p3_0);
        mi_store(to + (c + 3952), p3_1);
        mi_store(to + (c + 4160), p3_2);
        mi_store(to + (c + 4368), p3_3);
        mi_store(to + (c + 4576), p3_4);
        mi_store(to + (c + 4784), p3_5);
        mi_store(to + (c + 4992), p4_0);
        mi_store(to + (c + 5200), p4_1);
        mi_store(to + (c + 5408), p4_2);
        mi_store(to + (c + 5616), p4_3);
        mi_store(to + (c + 5824), p4_4);
        mi_store(to + (c + 6032), p4_5);
        mi_store(to + (c + 6240), p5_0);
        mi_store(to + (c + 6448), p5_1);
        mi_store(to + (c + 6656), p5_2);
        mi_store(to + (c + 6864), p5_3);
        mi_store(to + (c + 7072), p5_4);
        mi_store(to + (c + 7280), p5_5);
      }
    }
  }
  for (long block = 0; block < 2; ++block) {
    for (long point = 0; point < 36; ++point) {
      const float *const weight = weights + (block * 36 + point) * 512;
      const char *ahead = (const char *)(weight + 512);
      (void)ahead;
      const float *const in = inputs + point * 208;
      float *const product = products + point * 112;
      for (long t = 0; t < 6; t += 6) {
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
          const float *p = in + t * 32, *q = weight;
          for (long i = 0; i < 16; ++i, p += 2, q += 32, ahead += 128) {
            __builtin_prefetch(ahead + 0, 0, 2);
            __builtin_prefetch(ahead + 64, 0, 2);
            { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
              { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
              { const v8 s = v8_splat(p[32]); a1_0 += s * w0; a1_1 += s * w1; }
              { const v8 s = v8_splat(p[64]); a2_0 += s * w0; a2_1 += s * w1; }
              { const v8 s = v8_splat(p[96]); a3_0 += s * w0; a3_1 += s * w1; }
              { const v8 s = v8_splat(p[128]); a4_0 += s * w0; a4_1 += s * w1; }
              { const v8 s = v8_splat(p[160]); a5_0 += s * w0; a5_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const v8 w0 = v8_load(q + 16); const v8 w1 = v8_load(q + 24);
              { const v8 s = v8_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; }
              { const v8 s = v8_splat(p[33]); a1_0 += s * w0; a1_1 += s * w1; }
              { const v8 s = v8_splat(p[65]); a2_0 += s * w0; a2_1 += s * w1; }
              { const v8 s = v8_splat(p[97]); a3_0 += s * w0; a3_1 += s * w1; }
              { const v8 s = v8_splat(p[129]); a4_0 += s * w0; a4_1 += s * w1; }
              { const v8 s = v8_splat(p[161]); a5_0 += s * w0; a5_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
          }
        }
        float *const out = product + t * 16;
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
    for (long t = 0; t < 6; ++t) {
      const long n = chunk / 24, number = chunk % 24 * 6 + t;
      const long row = number / 12, column = number % 12;
      const long to = 0 + n * 18432 + row * 1536 + column * 64 + block * 16;
      for (long c = 0; c < 16; c += 8) {
        const float *const from = products + (t * 16 + c);
        const vf c0_0_plus = mi_load(from + 672), c0_0_minus = mi_load(from + 1344);
        const vf c0_even0 = c0_0_plus + c0_0_minus, c0_odd0 = c0_0_plus - c0_0_minus;
        const vf c0_2_plus = mi_load(from + 2016), c0_2_minus = mi_load(from + 2688);
        const vf c0_even1 = c0_2_plus + c0_2_minus, c0_odd1 = c0_2_plus - c0_2_minus;
        vf c0_0 = (mi_load(from + 0) + (c0_even0 + c0_even1));
        vf c0_1 = mi_fma(mi_set1(2.0f), c0_odd1, c0_odd0);
        vf c0_2 = mi_fma(mi_set1(4.0f), c0_even1, c0_even0);
        vf c0_3 = mi_fma(mi_set1(0.421875f), mi_fma(mi_set1(8.0f), c0_odd1, c0_odd0), mi_load(from + 3360));
        const vf c1_0_plus = mi_load(from + 784), c1_0_minus = mi_load(from + 1456);
        const vf c1_even0 = c1_0_plus + c1_0_minus, c1_odd0 = c1_0_plus - c1_0_minus;
        const vf c1_2_plus = mi_load(from + 2128), c1_2_minus = mi_load(from + 2800);
        const vf c1_even1 = c1_2_plus + c1_2_minus, c1_odd1 = c1_2_plus - c1_2_minus;
        vf c1_0 = (mi_load(from + 112) + (c1_even0 + c1_even1));
        vf c1_1 = mi_fma(mi_set1(2.0f), c1_odd1, c1_odd0);
        vf c1_2 = mi_fma(mi_set1(4.0f), c1_even1, c1_even0);
        vf c1_3 = mi_fma(mi_set1(0.421875f), mi_fma(mi_set1(8.0f), c1_odd1, c1_odd0), mi_load(from + 3472));
        const vf c2_0_plus = mi_load(from + 896), c2_0_minus = mi_load(from + 1568);
        const vf c2_even0 = c2_0_plus + c2_0_minus, c2_odd0 = c2_0_plus - c2_0_minus;
        const vf c2_2_plus = mi_load(from + 2240), c2_2_minus = mi_load(from + 2912);
        const vf c2_even1 = c2_2_plus + c2_2_minus, c2_odd1 = c2_2_plus - c2_2_minus;
        vf c2_0 = (mi_load(from + 224) + (c2_even0 + c2_even1));
        vf c2_1 = mi_fma(mi_set1(2.0f), c2_odd1, c2_odd0);
        vf c2_2 = mi_fma(mi_set1(4.0f), c2_even1, c2_even0);
        vf c2_3 = mi_fma(mi_set1(0.421875f), mi_fma(mi_set1(8.0f), c2_odd1, c2_odd0), mi_load(from + 3584));
        const vf c3_0_plus = mi_load(from + 1008), c3_0_minus = mi_load(from + 1680);
        const vf c3_even0 = c3_0_plus + c3_0_minus, c3_odd0 = c3_0_plus - c3_0_minus;
        const vf c3_2_plus = mi_load(from + 2352), c3_2_minus = mi_load(from + 3024);
        const vf c3_even1 = c3_2_plus + c3_2_minus, c3_odd1 = c3_2_plus - c3_2_minus;
        vf c3_0 = (mi_load(from + 336) + (c3_even0 + c3_even1));
        vf c3_1 = mi_fma(mi_set1(2.0f), c3_odd1, c3_odd0);
        vf c3_2 = mi_fma(mi_set1(4.0f), c3_even1, c3_even0);
        vf c3_3 = mi_fma(mi_set1(0.421875f), mi_fma(mi_set1(8.0f), c3_odd1, c3_odd0), mi_load(from + 3696));
        const vf c4_0_plus = mi_load(from + 1120), c4_0_minus = mi_load(from + 1792);
        const vf c4_even0 = c4_0_plus + c4_0_minus, c4_odd0 = c4_0_plus - c4_0_minus;
        const vf c4_2_plus = mi_load(from + 2464), c4_2_minus = mi_load(from + 3136);
        const vf c4_even1 = c4_2_plus + c4_2_minus, c4_odd1 = c4_2_plus - c4_2_minus;
        vf c4_0 = (mi_load(from + 448) + (c4_even0 + c4_even1));
        vf c4_1 = mi_fma(mi_set1(2.0f), c4_odd1, c4_odd0);
        vf c4_2 = mi_fma(mi_set1(4.0f), c4_even1, c4_even0);
        vf c4_3 = mi_fma(mi_set1(0.421875f), mi_fma(mi_set1(8.0f), c4_odd1, c4_odd0), mi_load(from + 3808));
        const vf c5_0_plus = mi_load(from + 1232), c5_0_minus = mi_load(from + 1904);
        const vf c5_even0 = c5_0_plus + c5_0_minus, c5_odd0 = c5_0_plus - c5_0_minus;
        const vf c5_2_plus = mi_load(from + 2576), c5_2_minus = mi_load(from + 3248);
        const vf c5_even1 = c5_2_plus + c5_2_minus, c5_odd1 = c5_2_plus - c5_2_minus;
        vf c5_0 = (mi_load(from + 560) + (c5_even0 + c5_even1));
        vf c5_1 = mi_fma(mi_set1(2.0f), c5_odd1, c5_odd0);
        vf c5_2 = mi_fma(mi_set1(4.0f), c5_even1, c5_even0);
        vf c5_3 = mi_fma(mi_set1(0.421875f), mi_fma(mi_set1(8.0f), c5_odd1, c5_odd0), mi_load(from + 3920));
        const vf y0_0_plus = c1_0, y0_0_minus = c2_0;
        const vf y0_even0 = y0_0_plus + y0_0_minus, y0_odd0 = y0_0_plus - y0_0_minus;
        const vf y0_2_plus = c3_0, y0_2_minus = c4_0;
        const vf y0_even1 = y0_2_plus + y0_2_minus, y0_odd1 = y0_2_plus - y0_2_minus;
        vf y0_0 = (c0_0 + (y0_even0 + y0_even1));
        vf y0_1 = mi_fma(mi_set1(2.0f), y0_odd1, y0_odd0);
        vf y0_2 = mi_fma(mi_set1(4.0f), y0_even1, y0_even0);
        vf y0_3 = mi_fma(mi_set1(0.421875f), mi_fma(mi_set1(8.0f), y0_odd1, y0_odd0), c5_0);
        y0_1 *= 0.75f;
        y0_2 *= 0.5625f;
        const vf y1_0_plus = c1_1, y1_0_minus = c2_1;
        const vf y1_even0 = y1_0_plus + y1_0_minus, y1_odd0 = y1_0_plus - y1_0_minus;
        const vf y1_2_plus = c3_1, y1_2_minus = c4_1;
        const vf y1_even1 = y1_2_plus + y1_2_minus, y1_odd1 = y1_2_plus - y1_2_minus;
        vf y1_0 = (c0_1 + (y1_even0 + y1_even1));
        vf y1_1 = mi_fma(mi_set1(2.0f), y1_odd1, y1_odd0);
        vf y1_2 = mi_fma(mi_set1(4.0f), y1_even1, y1_even0);
        vf y1_3 = mi_fma(mi_set1(0.421875f), mi_fma(mi_set1(8.0f), y1_odd1, y1_odd0), c5_1);
        y1_0 *= 0.75f;
        y1_1 *= 0.5625f;
        y1_2 *= 0.421875f;
        y1_3 *= 0.75f;
        const vf y2_0_plus = c1_2, y2_0_minus = c2_2;
        const vf y2_even0 = y2_0_plus + y2_0_minus, y2_odd0 = y2_0_plus - y2_0_minus;
        const vf y2_2_plus = c3_2, y2_2_minus = c4_2;
        const vf y2_even1 = y2_2_plus + y2_2_minus, y2_odd1 = y2_2_plus - y2_2_minus;
        vf y2_0 = (c0_2 + (y2_even0 + y2_even1));
        vf y2_1 = mi_fma(mi_set1(2.0f), y2_odd1, y2_odd0);
        vf y2_2 = mi_fma(mi_set1(4.0f), y2_even1, y2_even0);
        vf y2_3 = mi_fma(mi_set1(0.421875f), mi_fma(mi_set1(8.0f), y2_odd1, y2_odd0), c5_2);
        y2_0 *= 0.5625f;
        y2_1 *= 0.421875f;
        y2_2 *= 0.31640625f;
        y2_3 *= 0.5625f;
        const vf y3_0_plus = c1_3, y3_0_minus = c2_3;
        const vf y3_even0 = y3_0_plus + y3_0_minus, y3_odd0 = y3_0_plus - y3_0_minus;
        const vf y3_2_plus = c3_3, y3_2_minus = c4_3;
        const vf y3_even1 = y3_2_plus + y3_2_minus, y3_odd1 = y3_2_plus - y3_2_minus;
        vf y3_0 = (c0_3 + (y3_even0 + y3_even1));
        vf y3_1 = mi_fma(mi_set1(2.0f), y3_odd1, y3_odd0);
        vf y3_2 = mi_fma(mi_set1(4.0f), y3_even1, y3_even0);
        vf y3_3 = mi_fma(mi_set1(0.421875f), mi_fma(mi_set1(8.0f), y3_odd1, y3_odd0), c5_3);
        y3_1 *= 0.75f;
        y3_2 *= 0.5625f;
        y0_0 = v8_greatest(y0_0, y0_1);
        y0_0 = v8_greatest(y0_0, y1_0);
        y0_0 = v8_greatest(y0_0, y1_1);
        y0_2 = v8_greatest(y0_2, y0_3);
        y0_2 = v8_greatest(y0_2, y1_2);
        y0_2 = v8_greatest(y0_2, y1_3);
        y2_0 = v8_greatest(y2_0, y2_1);
        y2_0 = v8_greatest(y2_0, y3_0);
        y2_0 = v8_greatest(y2_0, y3_1);
        y2_2 = v8_greatest(y2_2, y2_3);
        y2_2 = v8_greatest(y2_2, y3_2);
        y2_2 = v8_greatest(y2_2, y3_3);
        const vf b = mi_load(bias + (block * 16 + c));
        y0_0 += b;
        y0_2 += b;
        y2_0 += b;
        y2_2 += b;
        { vf sum = y0_0; const vf t0 = mi_relu(sum); sum = t0; mi_store(y + (to + c + 0), sum); }
        { vf sum = y0_2; const vf t0 = mi_relu(sum); sum = t0; mi_store(y + (to + c + 32), sum); }
        { vf sum = y2_0; const vf t0 = mi_relu(sum); sum = t0; mi_store(y + (to + c + 768), sum); }
        { vf sum = y2_2; const vf t0 = mi_relu(sum); sum = t0; mi_store(y + (to + c + 800), sum); }
      }
    }
  }
}
}

static void copy_2(const uint32_t *restrict x, uint32_t *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long s = i0 * 8;
  const long t = i0 * 4608;
  const float *p = (const float *)x + s;
  float *q = (float *)y + t;
  for (long j = 0; j < 72; ++j, p += 256, q += 8) {
    mi_transpose_tile(p, 32, q, 576);
  }

}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: x_last: Transpose */
  copy_0((const void *)((const uint8_t *)inputs[0]), (void *)(arena + AT_x_last), 0, 288);
  /* 1: MaxPool_2: Transpose + Conv + Relu + MaxPool + Transpose */
  winograd_1((const void *)(arena + AT_x_last), (const void *)(constants + 0), (const void *)(constants + 147456), (void *)(arena + AT_y_last), (void *)(arena + AT_MaxPool_2_workspace1), (void *)(arena + AT_MaxPool_2_workspace0), 0, 24);
  /* 2: y: Transpose */
  copy_2((const void *)(arena + AT_y_last), (void *)((uint8_t *)outputs[0]), 0, 4);
  return 0;
}
