/* g: 2 steps in an arena of 1216 bytes. */
#include "prelude.h"

#define AT_Attention_0_workspace0 0 /* Attention_0/workspace0: 1216 bytes, steps [0, 1) */
#define AT_Attention_1_workspace0 0 /* Attention_1/workspace0: 288 bytes, steps [1, 2) */

typedef float v8 __attribute__((vector_size(32), aligned(4), may_alias));
typedef double v8_wide __attribute__((vector_size(64)));
typedef int32_t v8_mask __attribute__((vector_size(32), aligned(4), may_alias));
MI_INLINE v8 v8_load(const float *p) { return *(const v8 *)p; }
MI_INLINE void v8_store(float *p, v8 a) { *(v8 *)p = a; }
MI_INLINE v8 v8_splat(float s) { return s - (v8){0}; }
MI_INLINE v8 v8_select(v8_mask m, v8 a, v8 b) { return (v8)(((v8_mask)a & m) | ((v8_mask)b & ~m)); }
MI_INLINE v8 v8_greatest(v8 a, v8 b) { return v8_select(b == b, v8_select(b > a, b, a), b); }

#if defined(__clang__) || __GNUC__ >= 12
#define MI_SHUFFLE_TWO(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define MI_SHUFFLE_TWO(a, b, ...) __builtin_shuffle(a, b, (vi){__VA_ARGS__})
#endif
MI_INLINE void mi_transpose(const float *from, long from_row, float *to, long to_row) {
    vf r0 = mi_load(from + 0 * from_row), r1 = mi_load(from + 1 * from_row), r2 = mi_load(from + 2 * from_row), r3 = mi_load(from + 3 * from_row), r4 = mi_load(from + 4 * from_row), r5 = mi_load(from + 5 * from_row), r6 = mi_load(from + 6 * from_row), r7 = mi_load(from + 7 * from_row);
    vf other;
    other = MI_SHUFFLE_TWO(r0, r4, 4, 5, 6, 7, 12, 13, 14, 15);
    r0 = MI_SHUFFLE_TWO(r0, r4, 0, 1, 2, 3, 8, 9, 10, 11);
    r4 = other;
    other = MI_SHUFFLE_TWO(r1, r5, 4, 5, 6, 7, 12, 13, 14, 15);
    r1 = MI_SHUFFLE_TWO(r1, r5, 0, 1, 2, 3, 8, 9, 10, 11);
    r5 = other;
    other = MI_SHUFFLE_TWO(r2, r6, 4, 5, 6, 7, 12, 13, 14, 15);
    r2 = MI_SHUFFLE_TWO(r2, r6, 0, 1, 2, 3, 8, 9, 10, 11);
    r6 = other;
    other = MI_SHUFFLE_TWO(r3, r7, 4, 5, 6, 7, 12, 13, 14, 15);
    r3 = MI_SHUFFLE_TWO(r3, r7, 0, 1, 2, 3, 8, 9, 10, 11);
    r7 = other;
    other = MI_SHUFFLE_TWO(r0, r2, 2, 3, 10, 11, 6, 7, 14, 15);
    r0 = MI_SHUFFLE_TWO(r0, r2, 0, 1, 8, 9, 4, 5, 12, 13);
    r2 = other;
    other = MI_SHUFFLE_TWO(r1, r3, 2, 3, 10, 11, 6, 7, 14, 15);
    r1 = MI_SHUFFLE_TWO(r1, r3, 0, 1, 8, 9, 4, 5, 12, 13);
    r3 = other;
    other = MI_SHUFFLE_TWO(r4, r6, 2, 3, 10, 11, 6, 7, 14, 15);
    r4 = MI_SHUFFLE_TWO(r4, r6, 0, 1, 8, 9, 4, 5, 12, 13);
    r6 = other;
    other = MI_SHUFFLE_TWO(r5, r7, 2, 3, 10, 11, 6, 7, 14, 15);
    r5 = MI_SHUFFLE_TWO(r5, r7, 0, 1, 8, 9, 4, 5, 12, 13);
    r7 = other;
    other = MI_SHUFFLE_TWO(r0, r1, 1, 9, 3, 11, 5, 13, 7, 15);
    r0 = MI_SHUFFLE_TWO(r0, r1, 0, 8, 2, 10, 4, 12, 6, 14);
    r1 = other;
    other = MI_SHUFFLE_TWO(r2, r3, 1, 9, 3, 11, 5, 13, 7, 15);
    r2 = MI_SHUFFLE_TWO(r2, r3, 0, 8, 2, 10, 4, 12, 6, 14);
    r3 = other;
    other = MI_SHUFFLE_TWO(r4, r5, 1, 9, 3, 11, 5, 13, 7, 15);
    r4 = MI_SHUFFLE_TWO(r4, r5, 0, 8, 2, 10, 4, 12, 6, 14);
    r5 = other;
    other = MI_SHUFFLE_TWO(r6, r7, 1, 9, 3, 11, 5, 13, 7, 15);
    r6 = MI_SHUFFLE_TWO(r6, r7, 0, 8, 2, 10, 4, 12, 6, 14);
    r7 = other;
    mi_store(to + 0 * to_row, r0);
    mi_store(to + 1 * to_row, r1);
    mi_store(to + 2 * to_row, r2);
    mi_store(to + 3 * to_row, r3);
    mi_store(to + 4 * to_row, r4);
    mi_store(to + 5 * to_row, r5);
    mi_store(to + 6 * to_row, r6);
    mi_store(to + 7 * to_row, r7);
}

static void attention_0(const float *restrict q, const float *restrict k, const float *restrict v, float *restrict scratch, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long n = item / 4, h = item % 4;
  const float *const kh = k + (n * 160 + h / 2 * 80);
  const float *const vh = v + (n * 160 + h / 2 * 80);
  float *const columns = scratch;
  float *const scores = columns + 208;
  for (long j = 0; j < 8; j += 8)
    for (long d = 0; d < 8; d += 8)
      mi_transpose(kh + j * 8 + d, 8, columns + (j / 16 * 128 + j % 16 + d * 16), 16);
  for (long j = 8; j < 10; ++j)
    for (long d = 0; d < 8; ++d)
      (columns + (j / 16 * 128 + j % 16 + d * 16))[0] = kh[j * 8 + d * 1];
  for (long d = 0; d < 8; ++d)
    for (long j = 10; j < 16; ++j) (columns + (0 * 128 + d * 16))[j] = 0;
  for (long t = 0; t < 6; t += 6) {
    const float *const qt = q + (n * 192 + h * 48) + t * 8;
    for (long b = 0; b < 16; b += 16) {
      const float *const kt = columns + b * 8;
      float *const out = scores + b;
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
        const float *p = qt, *q = kt;
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
    float share[6];
    for (long m = 0; m < 6; ++m) {
      float *const s = scores + m * 16;
      const vi numbers = {0, 1, 2, 3, 4, 5, 6, 7};
      const long last = 0 + t + m;
      vf top = mi_set1(-__builtin_inff()), total = {0};
      for (long j = 0; j < 8; j += 8) {
        vf x = mi_load(s + j) * 0.3535533845424652f;
        x = mi_select(numbers <= (int32_t)(last - j), x, mi_set1(-__builtin_inff()));
        top = mi_max(top, x);
        mi_store(s + j, x);
      }
      {
        const long j = 8;
        vf x = mi_load(s + j) * 0.3535533845424652f;
        x = mi_select(numbers <= (int32_t)(last - j), x, mi_set1(-__builtin_inff()));
        x = mi_select((vi){-1, -1, 0, 0, 0, 0, 0, 0}, x, mi_set1(-__builtin_inff()));
        top = mi_max(top, x);
        mi_store(s + j, x);
      }
      const float greatest = mi_highest(top);
      const vf shift = mi_set1(greatest == -__builtin_inff() ? 0.0f : greatest);
      for (long j = 0; j < 16; j += 8) {
        const vf weight = mi_exp_of_negative(mi_load(s + j) - shift);
        total += weight;
        mi_store(s + j, weight);
      }
      const float sum = mi_sum(total);
      share[m] = sum > 0 || sum != sum ? 1.0f / sum : 0.0f;
    }
    float *const yt = y + (n * 192 + h * 48) + t * 8;
    for (long b = 0; b < 8; b += 8) {
      const float *const vt = vh + b;
      float *const out = yt + b;
      v8 a0_0 = (v8){0};
      v8 a1_0 = (v8){0};
      v8 a2_0 = (v8){0};
      v8 a3_0 = (v8){0};
      v8 a4_0 = (v8){0};
      v8 a5_0 = (v8){0};
      {
        const float *p = scores, *q = vt;
        for (long i = 0; i < 2; ++i, p += 5, q += 40) {
          { const v8 w0 = v8_load(q + 0);
            { const v8 s = v8_splat(p[0]); a0_0 += s * w0; }
            { const v8 s = v8_splat(p[16]); a1_0 += s * w0; }
            { const v8 s = v8_splat(p[32]); a2_0 += s * w0; }
            { const v8 s = v8_splat(p[48]); a3_0 += s * w0; }
            { const v8 s = v8_splat(p[64]); a4_0 += s * w0; }
            { const v8 s = v8_splat(p[80]); a5_0 += s * w0; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 8);
            { const v8 s = v8_splat(p[1]); a0_0 += s * w0; }
            { const v8 s = v8_splat(p[17]); a1_0 += s * w0; }
            { const v8 s = v8_splat(p[33]); a2_0 += s * w0; }
            { const v8 s = v8_splat(p[49]); a3_0 += s * w0; }
            { const v8 s = v8_splat(p[65]); a4_0 += s * w0; }
            { const v8 s = v8_splat(p[81]); a5_0 += s * w0; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 16);
            { const v8 s = v8_splat(p[2]); a0_0 += s * w0; }
            { const v8 s = v8_splat(p[18]); a1_0 += s * w0; }
            { const v8 s = v8_splat(p[34]); a2_0 += s * w0; }
            { const v8 s = v8_splat(p[50]); a3_0 += s * w0; }
            { const v8 s = v8_splat(p[66]); a4_0 += s * w0; }
            { const v8 s = v8_splat(p[82]); a5_0 += s * w0; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 24);
            { const v8 s = v8_splat(p[3]); a0_0 += s * w0; }
            { const v8 s = v8_splat(p[19]); a1_0 += s * w0; }
            { const v8 s = v8_splat(p[35]); a2_0 += s * w0; }
            { const v8 s = v8_splat(p[51]); a3_0 += s * w0; }
            { const v8 s = v8_splat(p[67]); a4_0 += s * w0; }
            { const v8 s = v8_splat(p[83]); a5_0 += s * w0; }
          } __asm__ volatile("" ::: "memory");
          { const v8 w0 = v8_load(q + 32);
            { const v8 s = v8_splat(p[4]); a0_0 += s * w0; }
            { const v8 s = v8_splat(p[20]); a1_0 += s * w0; }
            { const v8 s = v8_splat(p[36]); a2_0 += s * w0; }
            { const v8 s = v8_splat(p[52]); a3_0 += s * w0; }
            { const v8 s = v8_splat(p[68]); a4_0 += s * w0; }
            { const v8 s = v8_splat(p[84]); a5_0 += s * w0; }
          } __asm__ volatile("" ::: "memory");
        }
      }
      a0_0 *= share[0];
      a1_0 *= share[1];
      a2_0 *= share[2];
      a3_0 *= share[3];
      a4_0 *= share[4];
      a5_0 *= share[5];
      v8_store(out + 0, a0_0);
      v8_store(out + 8, a1_0);
      v8_store(out + 16, a2_0);
      v8_store(out + 24, a3_0);
      v8_store(out + 32, a4_0);
      v8_store(out + 40, a5_0);
    }
  }
}
}

static inline float mi_dot_float_8(const float *a, const float *b) {
  float sum = 0;
  vf sums = {0};
  for (long i = 0; i < 8; i += 8) {
    sums += mi_load(a + i) * mi_load(b + i);
  }
  sum += mi_sum(sums);
  return sum;
}

static void attention_1(const float *restrict q, const float *restrict k, const float *restrict v, const uint8_t *restrict mask, float *restrict scratch, float *restrict y, float *restrict scores, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long n = item / 4, h = item % 4;
  const float *const kh = k + (n * 160 + h / 2 * 80);
  const float *const vh = v + (n * 160 + h / 2 * 80);
  float *const s = scratch + item * 18;
  float *const sum = s + 10;
  for (long i = 0; i < 6; ++i) {
    const float *const qi = q + (n * 192 + h * 48) + i * 8;
    const uint8_t *const m = mask + (n * 0 + h * 0) + i * 10;
    float greatest = -__builtin_inff();
    int any = 0;
    for (long j = 0; j < 10; ++j) {
      const int seen = m[j] != 0;
      if (!seen) { s[j] = -__builtin_inff(); scores[(item * 6 + i) * 10 + j] = -__builtin_inff(); continue; }
      any |= seen;
      float score = mi_dot_float_8(qi, kh + j * 8) * 0.3535533845424652f;
      score = 5.0f * __builtin_tanhf(score / 5.0f);
      s[j] = seen ? score : -__builtin_inff();
      scores[(item * 6 + i) * 10 + j] = (float)s[j];
      greatest = s[j] > greatest || s[j] != s[j] ? s[j] : greatest;
    }
    float total = 0;
    const vf top = mi_set1(greatest);
    vf totals = {0};
    for (long j = 0; j < 8; j += 8) {
      const vf weight = mi_exp(mi_load(s + j) - top);
      totals += weight;
      mi_store(s + j, weight);
    }
    for (long j = 8; j < 10; ++j) total += s[j] = mi_exp1(s[j] - greatest);
    total += mi_sum(totals);
    const float share = any && greatest > -__builtin_inff() ? 1 / total : 0;
    for (long j = 0; j < 10; ++j) s[j] = share != 0 ? s[j] * share : 0;
    for (long d = 0; d < 8; ++d) sum[d] = 0;
    for (long j = 0; j < 10; ++j) {
      const float *const vj = vh + j * 8;
      const float weight = s[j];
      if (weight == 0) continue;
      for (long d = 0; d < 8; ++d) sum[d] += weight * (float)vj[d];
    }
    float *const yi = y + (n * 192 + h * 48) + i * 8;
    for (long d = 0; d < 8; ++d) yi[d] = (float)sum[d];
  }
}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: Attention_0: Attention */
  attention_0((const void *)((const uint8_t *)inputs[0]), (const void *)((const uint8_t *)inputs[1]), (const void *)((const uint8_t *)inputs[2]), (void *)(arena + AT_Attention_0_workspace0), (void *)((uint8_t *)outputs[0]), 0, 4);
  /* 1: Attention_1: Attention */
  attention_1((const void *)((const uint8_t *)inputs[4]), (const void *)((const uint8_t *)inputs[1]), (const void *)((const uint8_t *)inputs[2]), (const void *)((const uint8_t *)inputs[3]), (void *)(arena + AT_Attention_1_workspace0), (void *)((uint8_t *)outputs[1]), (void *)((uint8_t *)outputs[2]), 0, 4);
  return 0;
}
