/* g: 3 steps in an arena of 357120 bytes. */
#include "prelude.h"

#include "mini_infer_thread_pool.h"

#define AT_x_last 168192 /* x_last: 73728 bytes, steps [0, 2) */
#define AT_y_last 241920 /* y_last: 73728 bytes, steps [1, 3) */
#define AT_Relu_1_workspace0 315648 /* Relu_1/workspace0: 41472 bytes, steps [1, 2) */
#define AT_Relu_1_workspace1 0 /* Relu_1/workspace1: 168192 bytes, steps [1, 2) */

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
  const long t = i0 * 1024;
  const float *p = (const float *)x + s;
  float *q = (float *)y + t;
  for (long j = 0; j < 16; ++j, p += 1152, q += 8) {
    mi_transpose_tile(p, 144, q, 128);
  }

}
}

static void winograd_input_1(const float *restrict x, float *restrict transformed, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long chunk = item / 9, t = item % 9;
  float *const inputs = transformed + chunk * 42048;
  const long n = chunk / 1, number = chunk % 1 * 9 + t;
  const long row = number / 3, column = number % 3;
  const long top = row * 4 - 1;
  const long left = column * 4 - 1;
  const long at = n * 18432 + top * 1536 + left * 128;
  const long direct = top >= 0 && top <= 6 && left >= 0 && left <= 6 ? 128 : 0;
  float *const to = inputs + t * 128;
  for (long c = 0; c < direct; c += 8) {
    const vf c0_0 = mi_fma(mi_set1(-2.8125f), mi_load(x + (at + c + 3072)), mi_fma(mi_set1(1.265625f), mi_load(x + (at + c + 0)), mi_load(x + (at + c + 6144))));
    const vf c0_1_even = mi_fma(mi_set1(-2.25f), mi_load(x + (at + c + 3072)), mi_load(x + (at + c + 6144))), c0_1_odd = mi_fma(mi_set1(-2.25f), mi_load(x + (at + c + 1536)), mi_load(x + (at + c + 4608)));
    const vf c0_1 = mi_fma(mi_set1(0.75f), c0_1_odd, c0_1_even);
    const vf c0_2 = mi_fma(mi_set1(-0.75f), c0_1_odd, c0_1_even);
    const vf c0_3_even = mi_fma(mi_set1(-0.5625f), mi_load(x + (at + c + 3072)), mi_load(x + (at + c + 6144))), c0_3_odd = mi_fma(mi_set1(-0.5625f), mi_load(x + (at + c + 1536)), mi_load(x + (at + c + 4608)));
    const vf c0_3 = mi_fma(mi_set1(1.5f), c0_3_odd, c0_3_even);
    const vf c0_4 = mi_fma(mi_set1(-1.5f), c0_3_odd, c0_3_even);
    const vf c0_5 = mi_fma(mi_set1(-2.8125f), mi_load(x + (at + c + 4608)), mi_fma(mi_set1(1.265625f), mi_load(x + (at + c + 1536)), mi_load(x + (at + c + 7680))));
    const vf c1_0 = mi_fma(mi_set1(-2.8125f), mi_load(x + (at + c + 3200)), mi_fma(mi_set1(1.265625f), mi_load(x + (at + c + 128)), mi_load(x + (at + c + 6272))));
    const vf c1_1_even = mi_fma(mi_set1(-2.25f), mi_load(x + (at + c + 3200)), mi_load(x + (at + c + 6272))), c1_1_odd = mi_fma(mi_set1(-2.25f), mi_load(x + (at + c + 1664)), mi_load(x + (at + c + 4736)));
    const vf c1_1 = mi_fma(mi_set1(0.75f), c1_1_odd, c1_1_even);
    const vf c1_2 = mi_fma(mi_set1(-0.75f), c1_1_odd, c1_1_even);
    const vf c1_3_even = mi_fma(mi_set1(-0.5625f), mi_load(x + (at + c + 3200)), mi_load(x + (at + c + 6272))), c1_3_odd = mi_fma(mi_set1(-0.5625f), mi_load(x + (at + c + 1664)), mi_load(x + (at + c + 4736)));
    const vf c1_3 = mi_fma(mi_set1(1.5f), c1_3_odd, c1_3_even);
    const vf c1_4 = mi_fma(mi_set1(-1.5f), c1_3_odd, c1_3_even);
    const vf c1_5 = mi_fma(mi_set1(-2.8125f), mi_load(x + (at + c + 4736)), mi_fma(mi_set1(1.265625f), mi_load(x + (at + c + 1664)), mi_load(x + (at + c + 7808))));
    const vf c2_0 = mi_fma(mi_set1(-2.8125f), mi_load(x + (at + c + 3328)), mi_fma(mi_set1(1.265625f), mi_load(x + (at + c + 256)), mi_load(x + (at + c + 6400))));
    const vf c2_1_even = mi_fma(mi_set1(-2.25f), mi_load(x + (at + c + 3328)), mi_load(x + (at + c + 6400))), c2_1_odd = mi_fma(mi_set1(-2.25f), mi_load(x + (at + c + 1792)), mi_load(x + (at + c + 4864)));
    const vf c2_1 = mi_fma(mi_set1(0.75f), c2_1_odd, c2_1_even);
    const vf c2_2 = mi_fma(mi_set1(-0.75f), c2_1_odd, c2_1_even);
    const vf c2_3_even = mi_fma(mi_set1(-0.5625f), mi_load(x + (at + c + 3328)), mi_load(x + (at + c + 6400))), c2_3_odd = mi_fma(mi_set1(-0.5625f), mi_load(x + (at + c + 1792)), mi_load(x + (at + c + 4864)));
    const vf c2_3 = mi_fma(mi_set1(1.5f), c2_3_odd, c2_3_even);
    const vf c2_4 = mi_fma(mi_set1(-1.5f), c2_3_odd, c2_3_even);
    const vf c2_5 = mi_fma(mi_set1(-2.8125f), mi_load(x + (at + c + 4864)), mi_fma(mi_set1(1.265625f), mi_load(x + (at + c + 1792)), mi_load(x + (at + c + 7936))));
    const vf c3_0 = mi_fma(mi_set1(-2.8125f), mi_load(x + (at + c + 3456)), mi_fma(mi_set1(1.265625f), mi_load(x + (at + c + 384)), mi_load(x + (at + c + 6528))));
    const vf c3_1_even = mi_fma(mi_set1(-2.25f), mi_load(x + (at + c + 3456)), mi_load(x + (at + c + 6528))), c3_1_odd = mi_fma(mi_set1(-2.25f), mi_load(x + (at + c + 1920)), mi_load(x + (at + c + 4992)));
    const vf c3_1 = mi_fma(mi_set1(0.75f), c3_1_odd, c3_1_even);
    const vf c3_2 = mi_fma(mi_set1(-0.75f), c3_1_odd, c3_1_even);
    const vf c3_3_even = mi_fma(mi_set1(-0.5625f), mi_load(x + (at + c + 3456)), mi_load(x + (at + c + 6528))), c3_3_odd = mi_fma(mi_set1(-0.5625f), mi_load(x + (at + c + 1920)), mi_load(x + (at + c + 4992)));
    const vf c3_3 = mi_fma(mi_set1(1.5f), c3_3_odd, c3_3_even);
    const vf c3_4 = mi_fma(mi_set1(-1.5f), c3_3_odd, c3_3_even);
    const vf c3_5 = mi_fma(mi_set1(-2.8125f), mi_load(x + (at + c + 4992)), mi_fma(mi_set1(1.265625f), mi_load(x + (at + c + 1920)), mi_load(x + (at + c + 8064))));
    const vf c4_0 = mi_fma(mi_set1(-2.8125f), mi_load(x + (at + c + 3584)), mi_fma(mi_set1(1.265625f), mi_load(x + (at + c + 512)), mi_load(x + (at + c + 6656))));
    const vf c4_1_even = mi_fma(mi_set1(-2.25f), mi_load(x + (at + c + 3584)), mi_load(x + (at + c + 6656))), c4_1_odd = mi_fma(mi_set1(-2.25f), mi_load(x + (at + c + 2048)), mi_load(x + (at + c + 5120)));
    const vf c4_1 = mi_fma(mi_set1(0.75f), c4_1_odd, c4_1_even);
    const vf c4_2 = mi_fma(mi_set1(-0.75f), c4_1_odd, c4_1_even);
    const vf c4_3_even = mi_fma(mi_set1(-0.5625f), mi_load(x + (at + c + 3584)), mi_load(x + (at + c + 6656))), c4_3_odd = mi_fma(mi_set1(-0.5625f), mi_load(x + (at + c + 2048)), mi_load(x + (at + c + 5120)));
    const vf c4_3 = mi_fma(mi_set1(1.5f), c4_3_odd, c4_3_even);
    const vf c4_4 = mi_fma(mi_set1(-1.5f), c4_3_odd, c4_3_even);
    const vf c4_5 = mi_fma(mi_set1(-2.8125f), mi_load(x + (at + c + 5120)), mi_fma(mi_set1(1.265625f), mi_load(x + (at + c + 2048)), mi_load(x + (at + c + 8192))));
    const vf c5_0 = mi_fma(mi_set1(-2.8125f), mi_load(x + (at + c + 3712)), mi_fma(mi_set1(1.265625f), mi_load(x + (at + c + 640)), mi_load(x + (at + c + 6784))));
    const vf c5_1_even = mi_fma(mi_set1(-2.25f), mi_load(x + (at + c + 3712)), mi_load(x + (at + c + 6784))), c5_1_odd = mi_fma(mi_set1(-2.25f), mi_load(x + (at + c + 2176)), mi_load(x + (at + c + 5248)));
    const vf c5_1 = mi_fma(mi_set1(0.75f), c5_1_odd, c5_1_even);
    const vf c5_2 = mi_fma(mi_set1(-0.75f), c5_1_odd, c5_1_even);
    const vf c5_3_even = mi_fma(mi_set1(-0.5625f), mi_load(x + (at + c + 3712)), mi_load(x + (at + c + 6784))), c5_3_odd = mi_fma(mi_set1(-0.5625f), mi_load(x + (at + c + 2176)), mi_load(x + (at + c + 5248)));
    const vf c5_3 = mi_fma(mi_set1(1.5f), c5_3_odd, c5_3_even);
    const vf c5_4 = mi_fma(mi_set1(-1.5f), c5_3_odd, c5_3_even);
    const vf c5_5 = mi_fma(mi_set1(-2.8125f), mi_load(x + (at + c + 5248)), mi_fma(mi_set1(1.265625f), mi_load(x + (at + c + 2176)), mi_load(x + (at + c + 8320))));
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
    mi_store(to + (c + 1168), p0_1);
    mi_store(to + (c + 2336), p0_2);
    mi_store(to + (c + 3504), p0_3);
    mi_store(to + (c + 4672), p0_4);
    mi_store(to + (c + 5840), p0_5);
    mi_store(to + (c + 7008), p1_0);
    mi_store(to + (c + 8176), p1_1);
    mi_store(to + (c + 9344), p1_2);
    mi_store(to + (c + 10512), p1_3);
    mi_store(to + (c + 11680), p1_4);
    mi_store(to + (c + 12848), p1_5);
    mi_store(to + (c + 14016), p2_0);
    mi_store(to + (c + 15184), p2_1);
    mi_store(to + (c + 16352), p2_2);
    mi_store(to + (c + 17520), p2_3);
    mi_store(to + (c + 18688), p2_4);
    mi_store(to + (c + 19856), p2_5);
    mi_store(to + (c + 21024), p3_0);
    mi_store(to + (c + 22192), p3_1);
    mi_store(to + (c + 23360), p3_2);
    mi_store(to + (c + 24528), p3_3);
    mi_store(to + (c + 25696), p3_4);
    mi_store(to + (c + 26864), p3_5);
    mi_store(to + (c + 28032), p4_0);
    mi_store(to + (c + 29200), p4_1);
    mi_store(to + (c + 30368), p4_2);
    mi_store(to + (c + 31536), p4_3);
    mi_store(to + (c + 32704), p4_4);
    mi_store(to + (c + 33872), p4_5);
    mi_store(to + (c + 35040), p5_0);
    mi_store(to + (c + 36208), p5_1);
    mi_store(to + (c + 37376), p5_2);
    mi_store(to + (c + 38544), p5_3);
    mi_store(to + (c + 39712), p5_4);
    mi_store(to + (c + 40880), p5_5);
  }
  if (direct < 128) {
    const long first = top < 0 ? -top : 0, start = left < 0 ? -left : 0;
    const long last = top > 6 ? 12 - top : 6;
    const long stop = left > 6 ? 12 - left : 6;
    _Alignas(64) vf patch[6][6] = {{{0}}};
    for (long c = direct; c < 128; c += 8) {
      for (long i = first; i < last; ++i) {
        for (long j = start; j < stop; ++j) {
          patch[i][j] = mi_load(x + (at + i * 1536 + j * 128 + c));
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
      mi_store(to + (c + 1168), p0_1);
      mi_store(to + (c + 2336), p0_2);
      mi_store(to + (c + 3504), p0_3);
      mi_store(to + (c + 4672), p0_4);
      mi_store(to + (c + 5840), p0_5);
      mi_store(to + (c + 7008), p1_0);
      mi_store(to + (c + 8176), p1_1);
      mi_store(to + (c + 9344), p1_2);
      mi_store(to + (c + 10512), p1_3);
      mi_store(to + (c + 11680), p1_4);
      mi_store(to + (c + 12848), p1_5);
      mi_store(to + (c + 14016), p2_0);
      mi_store(to + (c + 15184), p2_1);
      mi_store(to + (c + 16352), p2_2);
      mi_store(to + (c + 17520), p2_3);
      mi_store(to + (c + 18688), p2_4);
      mi_store(to + (c + 19856), p2_5);
      mi_store(to + (c + 21024), p3_0);
      mi_store(to + (c + 22192), p3_1);
      mi_store(to + (c + 23360), p3_2);
      mi_store(to + (c + 24528), p3_3);
      mi_store(to + (c + 25696), p3_4);
      mi_store(to + (c + 26864), p3_5);
      mi_store(to + (c + 28032), p4_0);
      mi_store(to + (c + 29200), p4_1);
      mi_store(to + (c + 30368), p4_2);
      mi_store(to + (c + 31536), p4_3);
      mi_store(to + (c + 32704), p4_4);
      mi_store(to + (c + 33872), p4_5);
      mi_store(to + (c + 35040), p5_0);
      mi_store(to + (c + 36208), p5_1);
      mi_store(to + (c + 37376), p5_2);
      mi_store(to + (c + 38544), p5_3);
      mi_store(to + (c + 39712), p5_4);
      mi_store(to + (c + 40880), p5_5);
    }
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

static void winograd_output_2(const float *restrict transformed, const float *restrict weights, const float *restrict bias, float *restrict y, float *restrict products, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long block = item / 1, chunk = item % 1;
  const float *const inputs = transformed + chunk * 42048;
  for (long point = 0; point < 36; ++point) {
    const float *const weight = weights + (block * 36 + point) * 2048;
    const char *ahead = (const char *)(weight + 2048);
    (void)ahead;
    const float *const in = inputs + point * 1168;
    float *const product = products + point * 144;
    for (long t = 0; t < 5; t += 5) {
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
        const float *p = in + t * 128, *q = weight;
        for (long i = 0; i < 42; ++i, p += 3, q += 48, ahead += 96) {
          __builtin_prefetch(ahead + 0, 0, 2);
          __builtin_prefetch(ahead + 64, 0, 2);
          { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
            { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[128]); a1_0 += s * w0; a1_1 += s * w1; }
            { const v8 s = v8_splat(p[256]); a2_0 += s * w0; a2_1 += s * w1; }
            { const v8 s = v8_splat(p[384]); a3_0 += s * w0; a3_1 += s * w1; }
            { const v8 s = v8_splat(p[512]); a4_0 += s * w0; a4_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 16); const v8 w1 = v8_load(q + 24);
            { const v8 s = v8_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[129]); a1_0 += s * w0; a1_1 += s * w1; }
            { const v8 s = v8_splat(p[257]); a2_0 += s * w0; a2_1 += s * w1; }
            { const v8 s = v8_splat(p[385]); a3_0 += s * w0; a3_1 += s * w1; }
            { const v8 s = v8_splat(p[513]); a4_0 += s * w0; a4_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 32); const v8 w1 = v8_load(q + 40);
            { const v8 s = v8_splat(p[2]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[130]); a1_0 += s * w0; a1_1 += s * w1; }
            { const v8 s = v8_splat(p[258]); a2_0 += s * w0; a2_1 += s * w1; }
            { const v8 s = v8_splat(p[386]); a3_0 += s * w0; a3_1 += s * w1; }
            { const v8 s = v8_splat(p[514]); a4_0 += s * w0; a4_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
        }
        { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
          { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
          { const v8 s = v8_splat(p[128]); a1_0 += s * w0; a1_1 += s * w1; }
          { const v8 s = v8_splat(p[256]); a2_0 += s * w0; a2_1 += s * w1; }
          { const v8 s = v8_splat(p[384]); a3_0 += s * w0; a3_1 += s * w1; }
          { const v8 s = v8_splat(p[512]); a4_0 += s * w0; a4_1 += s * w1; }
        } __asm__ volatile("" ::: "memory");
        { const v8 w0 = v8_load(q + 16); const v8 w1 = v8_load(q + 24);
          { const v8 s = v8_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; }
          { const v8 s = v8_splat(p[129]); a1_0 += s * w0; a1_1 += s * w1; }
          { const v8 s = v8_splat(p[257]); a2_0 += s * w0; a2_1 += s * w1; }
          { const v8 s = v8_splat(p[385]); a3_0 += s * w0; a3_1 += s * w1; }
          { const v8 s = v8_splat(p[513]); a4_0 += s * w0; a4_1 += s * w1; }
        } __asm__ volatile("" ::: "memory");
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
    }
    {
      const long t = 5;
      v8 a0_0 = (v8){0};
      v8 a0_1 = (v8){0};
      v8 a1_0 = (v8){0};
      v8 a1_1 = (v8){0};
      v8 a2_0 = (v8){0};
      v8 a2_1 = (v8){0};
      v8 a3_0 = (v8){0};
      v8 a3_1 = (v8){0};
      {
        const float *p = in + t * 128, *q = weight;
        for (long i = 0; i < 32; ++i, p += 4, q += 64, ahead += 128) {
          __builtin_prefetch(ahead + 0, 0, 2);
          __builtin_prefetch(ahead + 64, 0, 2);
          { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
            { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[128]); a1_0 += s * w0; a1_1 += s * w1; }
            { const v8 s = v8_splat(p[256]); a2_0 += s * w0; a2_1 += s * w1; }
            { const v8 s = v8_splat(p[384]); a3_0 += s * w0; a3_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 16); const v8 w1 = v8_load(q + 24);
            { const v8 s = v8_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[129]); a1_0 += s * w0; a1_1 += s * w1; }
            { const v8 s = v8_splat(p[257]); a2_0 += s * w0; a2_1 += s * w1; }
            { const v8 s = v8_splat(p[385]); a3_0 += s * w0; a3_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 32); const v8 w1 = v8_load(q + 40);
            { const v8 s = v8_splat(p[2]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[130]); a1_0 += s * w0; a1_1 += s * w1; }
            { const v8 s = v8_splat(p[258]); a2_0 += s * w0; a2_1 += s * w1; }
            { const v8 s = v8_splat(p[386]); a3_0 += s * w0; a3_1 += s * w1; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 48); const v8 w1 = v8_load(q + 56);
            { const v8 s = v8_splat(p[3]); a0_0 += s * w0; a0_1 += s * w1; }
            { const v8 s = v8_splat(p[131]); a1_0 += s * w0; a1_1 += s * w1; }
            { const v8 s = v8_splat(p[259]); a2_0 += s * w0; a2_1 += s * w1; }
            { const v8 s = v8_splat(p[387]); a3_0 += s * w0; a3_1 += s * w1; }
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
    }
  }
  for (long t = 0; t < 9; ++t) {
    const long n = chunk / 1, number = chunk % 1 * 9 + t;
    const long row = number / 3, column = number % 3;
    const long to = 0 + n * 18432 + row * 6144 + column * 512 + block * 16;
    for (long c = 0; c < 16; c += 8) {
      const float *const from = products + (t * 16 + c);
      const vf c0_0_plus = mi_load(from + 864), c0_0_minus = mi_load(from + 1728);
      const vf c0_even0 = c0_0_plus + c0_0_minus, c0_odd0 = c0_0_plus - c0_0_minus;
      const vf c0_2_plus = mi_load(from + 2592), c0_2_minus = mi_load(from + 3456);
      const vf c0_even1 = c0_2_plus + c0_2_minus, c0_odd1 = c0_2_plus - c0_2_minus;
      vf c0_0 = (mi_load(from + 0) + (c0_even0 + c0_even1));
      vf c0_1 = mi_fma(mi_set1(2.0f), c0_odd1, c0_odd0);
      vf c0_2 = mi_fma(mi_set1(4.0f), c0_even1, c0_even0);
      vf c0_3 = mi_fma(mi_set1(0.421875f), mi_fma(mi_set1(8.0f), c0_odd1, c0_odd0), mi_load(from + 4320));
      const vf c1_0_plus = mi_load(from + 1008), c1_0_minus = mi_load(from + 1872);
      const vf c1_even0 = c1_0_plus + c1_0_minus, c1_odd0 = c1_0_plus - c1_0_minus;
      const vf c1_2_plus = mi_load(from + 2736), c1_2_minus = mi_load(from + 3600);
      const vf c1_even1 = c1_2_plus + c1_2_minus, c1_odd1 = c1_2_plus - c1_2_minus;
      vf c1_0 = (mi_load(from + 144) + (c1_even0 + c1_even1));
      vf c1_1 = mi_fma(mi_set1(2.0f), c1_odd1, c1_odd0);
      vf c1_2 = mi_fma(mi_set1(4.0f), c1_even1, c1_even0);
      vf c1_3 = mi_fma(mi_set1(0.421875f), mi_fma(mi_set1(8.0f), c1_odd1, c1_odd0), mi_load(from + 4464));
      const vf c2_0_plus = mi_load(from + 1152), c2_0_minus = mi_load(from + 2016);
      const vf c2_even0 = c2_0_plus + c2_0_minus, c2_odd0 = c2_0_plus - c2_0_minus;
      const vf c2_2_plus = mi_load(from + 2880), c2_2_minus = mi_load(from + 3744);
      const vf c2_even1 = c2_2_plus + c2_2_minus, c2_odd1 = c2_2_plus - c2_2_minus;
      vf c2_0 = (mi_load(from + 288) + (c2_even0 + c2_even1));
      vf c2_1 = mi_fma(mi_set1(2.0f), c2_odd1, c2_odd0);
      vf c2_2 = mi_fma(mi_set1(4.0f), c2_even1, c2_even0);
      vf c2_3 = mi_fma(mi_set1(0.421875f), mi_fma(mi_set1(8.0f), c2_odd1, c2_odd0), mi_load(from + 4608));
      const vf c3_0_plus = mi_load(from + 1296), c3_0_minus = mi_load(from + 2160);
      const vf c3_even0 = c3_0_plus + c3_0_minus, c3_odd0 = c3_0_plus - c3_0_minus;
      const vf c3_2_plus = mi_load(from + 3024), c3_2_minus = mi_load(from + 3888);
      const vf c3_even1 = c3_2_plus + c3_2_minus, c3_odd1 = c3_2_plus - c3_2_minus;
      vf c3_0 = (mi_load(from + 432) + (c3_even0 + c3_even1));
      vf c3_1 = mi_fma(mi_set1(2.0f), c3_odd1, c3_odd0);
      vf c3_2 = mi_fma(mi_set1(4.0f), c3_even1, c3_even0);
      vf c3_3 = mi_fma(mi_set1(0.421875f), mi_fma(mi_set1(8.0f), c3_odd1, c3_odd0), mi_load(from + 4752));
      const vf c4_0_plus = mi_load(from + 1440), c4_0_minus = mi_load(from + 2304);
      const vf c4_even0 = c4_0_plus + c4_0_minus, c4_odd0 = c4_0_plus - c4_0_minus;
      const vf c4_2_plus = mi_load(from + 3168), c4_2_minus = mi_load(from + 4032);
      const vf c4_even1 = c4_2_plus + c4_2_minus, c4_odd1 = c4_2_plus - c4_2_minus;
      vf c4_0 = (mi_load(from + 576) + (c4_even0 + c4_even1));
      vf c4_1 = mi_fma(mi_set1(2.0f), c4_odd1, c4_odd0);
      vf c4_2 = mi_fma(mi_set1(4.0f), c4_even1, c4_even0);
      vf c4_3 = mi_fma(mi_set1(0.421875f), mi_fma(mi_set1(8.0f), c4_odd1, c4_odd0), mi_load(from + 4896));
      const vf c5_0_plus = mi_load(from + 1584), c5_0_minus = mi_load(from + 2448);
      const vf c5_even0 = c5_0_plus + c5_0_minus, c5_odd0 = c5_0_plus - c5_0_minus;
      const vf c5_2_plus = mi_load(from + 3312), c5_2_minus = mi_load(from + 4176);
      const vf c5_even1 = c5_2_plus + c5_2_minus, c5_odd1 = c5_2_plus - c5_2_minus;
      vf c5_0 = (mi_load(from + 720) + (c5_even0 + c5_even1));
      vf c5_1 = mi_fma(mi_set1(2.0f), c5_odd1, c5_odd0);
      vf c5_2 = mi_fma(mi_set1(4.0f), c5_even1, c5_even0);
      vf c5_3 = mi_fma(mi_set1(0.421875f), mi_fma(mi_set1(8.0f), c5_odd1, c5_odd0), mi_load(from + 5040));
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
      const vf b = mi_load(bias + (block * 16 + c));
      y0_0 += b;
      y0_1 += b;
      y0_2 += b;
      y0_3 += b;
      y1_0 += b;
      y1_1 += b;
      y1_2 += b;
      y1_3 += b;
      y2_0 += b;
      y2_1 += b;
      y2_2 += b;
      y2_3 += b;
      y3_0 += b;
      y3_1 += b;
      y3_2 += b;
      y3_3 += b;
      { vf sum = y0_0; const vf t0 = mi_relu(sum); sum = t0; mi_store(y + (to + c + 0), sum); }
      { vf sum = y0_1; const vf t0 = mi_relu(sum); sum = t0; mi_store(y + (to + c + 128), sum); }
      { vf sum = y0_2; const vf t0 = mi_relu(sum); sum = t0; mi_store(y + (to + c + 256), sum); }
      { vf sum = y0_3; const vf t0 = mi_relu(sum); sum = t0; mi_store(y + (to + c + 384), sum); }
      { vf sum = y1_0; const vf t0 = mi_relu(sum); sum = t0; mi_store(y + (to + c + 1536), sum); }
      { vf sum = y1_1; const vf t0 = mi_relu(sum); sum = t0; mi_store(y + (to + c + 1664), sum); }
      { vf sum = y1_2; const vf t0 = mi_relu(sum); sum = t0; mi_store(y + (to + c + 1792), sum); }
      { vf sum = y1_3; const vf t0 = mi_relu(sum); sum = t0; mi_store(y + (to + c + 1920), sum); }
      { vf sum = y2_0; const vf t0 = mi_relu(sum); sum = t0; mi_store(y + (to + c + 3072), sum); }
      { vf sum = y2_1; const vf t0 = mi_relu(sum); sum = t0; mi_store(y + (to + c + 3200), sum); }
      { vf sum = y2_2; const vf t0 = mi_relu(sum); sum = t0; mi_store(y + (to + c + 3328), sum); }
      { vf sum = y2_3; const vf t0 = mi_relu(sum); sum = t0; mi_store(y + (to + c + 3456), sum); }
      { vf sum = y3_0; const vf t0 = mi_relu(sum); sum = t0; mi_store(y + (to + c + 4608), sum); }
      { vf sum = y3_1; const vf t0 = mi_relu(sum); sum = t0; mi_store(y + (to + c + 4736), sum); }
      { vf sum = y3_2; const vf t0 = mi_relu(sum); sum = t0; mi_store(y + (to + c + 4864), sum); }
      { vf sum = y3_3; const vf t0 = mi_relu(sum); sum = t0; mi_store(y + (to + c + 4992), sum); }
    }
  }
}
}

static void copy_3(const uint32_t *restrict x, uint32_t *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long s = i0 * 8;
  const long t = i0 * 1152;
  const float *p = (const float *)x + s;
  float *q = (float *)y + t;
  for (long j = 0; j < 18; ++j, p += 1024, q += 8) {
    mi_transpose_tile(p, 128, q, 144);
  }

}
}

static void mini_infer_0_task(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena, mi_thread_pool *pool, long worker) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  (void)pool; (void)worker;
  /* 0: x_last: Transpose */
  if (worker < 1) copy_0((const void *)((const uint8_t *)inputs[0]), (void *)(arena + AT_x_last), 0, 18);
  /* 1: Relu_1: Transpose + Conv + Relu + Transpose */
  if (worker < 1) winograd_input_1((const void *)(arena + AT_x_last), (void *)(arena + AT_Relu_1_workspace1), 0, 9);
  if (mi_barrier(pool)) return;
  winograd_output_2((const void *)(arena + AT_Relu_1_workspace1), (const void *)(constants + 0), (const void *)(constants + 2359296), (void *)(arena + AT_y_last), (void *)(arena + AT_Relu_1_workspace0 + worker * 20736), 8 * worker / 2, 8 * (worker + 1) / 2);
  /* 2: y: Transpose */
  if (mi_barrier(pool)) return;
  if (worker < 1) copy_3((const void *)(arena + AT_y_last), (void *)((uint8_t *)outputs[0]), 0, 16);
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena, mi_thread_pool *pool) {
  return mi_run(pool, mini_infer_0_task, inputs, outputs, constants, arena, 0);
}
