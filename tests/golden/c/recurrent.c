/* g: 4 steps in an arena of 608 bytes. */
#include "prelude.h"

#define AT_LSTM_0_workspace0 0 /* LSTM_0/workspace0: 384 bytes, steps [0, 1) */
#define AT_LSTM_0_workspace1 384 /* LSTM_0/workspace1: 224 bytes, steps [0, 1) */
#define AT_GRU_2_workspace0 0 /* GRU_2/workspace0: 288 bytes, steps [2, 3) */
#define AT_GRU_2_workspace1 320 /* GRU_2/workspace1: 192 bytes, steps [2, 3) */
#define AT_RNN_3_workspace0 128 /* RNN_3/workspace0: 60 bytes, steps [3, 4) */
#define AT_RNN_3_workspace1 0 /* RNN_3/workspace1: 80 bytes, steps [3, 4) */

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
  const long o = row % 2 * 2;
  const float *const weight = b + (block * 192);
  const long a_at = 0;
  const long y_at = 0 + (0 * 32 + block * 32) * 1;
  if (o < 2) {
    v8 a0_0 = (v8){0};
    v8 a0_1 = (v8){0};
    v8 a0_2 = (v8){0};
    v8 a0_3 = (v8){0};
    v8 a1_0 = (v8){0};
    v8 a1_1 = (v8){0};
    v8 a1_2 = (v8){0};
    v8 a1_3 = (v8){0};
    {
      const float *p = a + (a_at + (o * 1 + 0 * 1 + 0) * 6), *q = weight + 0 * 192;
      { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8); const v8 w2 = v8_load(q + 16); const v8 w3 = v8_load(q + 24);
        { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; a0_2 += s * w2; a0_3 += s * w3; }
        { const v8 s = v8_splat(p[6]); a1_0 += s * w0; a1_1 += s * w1; a1_2 += s * w2; a1_3 += s * w3; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 32); const v8 w1 = v8_load(q + 40); const v8 w2 = v8_load(q + 48); const v8 w3 = v8_load(q + 56);
        { const v8 s = v8_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; a0_2 += s * w2; a0_3 += s * w3; }
        { const v8 s = v8_splat(p[7]); a1_0 += s * w0; a1_1 += s * w1; a1_2 += s * w2; a1_3 += s * w3; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 64); const v8 w1 = v8_load(q + 72); const v8 w2 = v8_load(q + 80); const v8 w3 = v8_load(q + 88);
        { const v8 s = v8_splat(p[2]); a0_0 += s * w0; a0_1 += s * w1; a0_2 += s * w2; a0_3 += s * w3; }
        { const v8 s = v8_splat(p[8]); a1_0 += s * w0; a1_1 += s * w1; a1_2 += s * w2; a1_3 += s * w3; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 96); const v8 w1 = v8_load(q + 104); const v8 w2 = v8_load(q + 112); const v8 w3 = v8_load(q + 120);
        { const v8 s = v8_splat(p[3]); a0_0 += s * w0; a0_1 += s * w1; a0_2 += s * w2; a0_3 += s * w3; }
        { const v8 s = v8_splat(p[9]); a1_0 += s * w0; a1_1 += s * w1; a1_2 += s * w2; a1_3 += s * w3; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 128); const v8 w1 = v8_load(q + 136); const v8 w2 = v8_load(q + 144); const v8 w3 = v8_load(q + 152);
        { const v8 s = v8_splat(p[4]); a0_0 += s * w0; a0_1 += s * w1; a0_2 += s * w2; a0_3 += s * w3; }
        { const v8 s = v8_splat(p[10]); a1_0 += s * w0; a1_1 += s * w1; a1_2 += s * w2; a1_3 += s * w3; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 160); const v8 w1 = v8_load(q + 168); const v8 w2 = v8_load(q + 176); const v8 w3 = v8_load(q + 184);
        { const v8 s = v8_splat(p[5]); a0_0 += s * w0; a0_1 += s * w1; a0_2 += s * w2; a0_3 += s * w3; }
        { const v8 s = v8_splat(p[11]); a1_0 += s * w0; a1_1 += s * w1; a1_2 += s * w2; a1_3 += s * w3; }
      } __asm__ volatile("" ::: "memory");
    }
    float *const out = y + (y_at + o * 32);
    v8_store(out + 0, a0_0);
    v8_store(out + 8, a0_1);
    v8_store(out + 16, a0_2);
    v8_store(out + 24, a0_3);
    v8_store(out + 32, a1_0);
    v8_store(out + 40, a1_1);
    v8_store(out + 48, a1_2);
    v8_store(out + 56, a1_3);
  } else {
    v8 a0_0 = (v8){0};
    v8 a0_1 = (v8){0};
    v8 a0_2 = (v8){0};
    v8 a0_3 = (v8){0};
    {
      const float *p = a + (a_at + (o * 1 + 0 * 1 + 0) * 6), *q = weight + 0 * 192;
      { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8); const v8 w2 = v8_load(q + 16); const v8 w3 = v8_load(q + 24);
        { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; a0_2 += s * w2; a0_3 += s * w3; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 32); const v8 w1 = v8_load(q + 40); const v8 w2 = v8_load(q + 48); const v8 w3 = v8_load(q + 56);
        { const v8 s = v8_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; a0_2 += s * w2; a0_3 += s * w3; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 64); const v8 w1 = v8_load(q + 72); const v8 w2 = v8_load(q + 80); const v8 w3 = v8_load(q + 88);
        { const v8 s = v8_splat(p[2]); a0_0 += s * w0; a0_1 += s * w1; a0_2 += s * w2; a0_3 += s * w3; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 96); const v8 w1 = v8_load(q + 104); const v8 w2 = v8_load(q + 112); const v8 w3 = v8_load(q + 120);
        { const v8 s = v8_splat(p[3]); a0_0 += s * w0; a0_1 += s * w1; a0_2 += s * w2; a0_3 += s * w3; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 128); const v8 w1 = v8_load(q + 136); const v8 w2 = v8_load(q + 144); const v8 w3 = v8_load(q + 152);
        { const v8 s = v8_splat(p[4]); a0_0 += s * w0; a0_1 += s * w1; a0_2 += s * w2; a0_3 += s * w3; }
      } __asm__ volatile("" ::: "memory");
      { const v8 w0 = v8_load(q + 160); const v8 w1 = v8_load(q + 168); const v8 w2 = v8_load(q + 176); const v8 w3 = v8_load(q + 184);
        { const v8 s = v8_splat(p[5]); a0_0 += s * w0; a0_1 += s * w1; a0_2 += s * w2; a0_3 += s * w3; }
      } __asm__ volatile("" ::: "memory");
    }
    float *const out = y + (y_at + o * 32);
    v8_store(out + 0, a0_0);
    v8_store(out + 8, a0_1);
    v8_store(out + 16, a0_2);
    v8_store(out + 24, a0_3);
  }
}
}

static void mi_multiply_float(const float *x, const float *r, long rows, long stride, long columns,
    float *restrict sums) {
  long i = 0;
  for (; i + 8 <= rows; i += 8, x += 8, r += 8 * stride) {
    const float *r0 = r, *r1 = r + 1 * stride, *r2 = r + 2 * stride, *r3 = r + 3 * stride, *r4 = r + 4 * stride, *r5 = r + 5 * stride, *r6 = r + 6 * stride, *r7 = r + 7 * stride;
    const float x0 = x[0], x1 = x[1], x2 = x[2], x3 = x[3], x4 = x[4], x5 = x[5], x6 = x[6], x7 = x[7];
    for (long j = 0; j < columns; ++j) {
      float sum = 0;
      sum += x0 * r0[j]; sum += x1 * r1[j]; sum += x2 * r2[j]; sum += x3 * r3[j]; sum += x4 * r4[j]; sum += x5 * r5[j]; sum += x6 * r6[j]; sum += x7 * r7[j];
      sums[j] += sum;
    }
  }
  for (; i < rows; ++i, ++x, r += stride) {
    const float factor = *x;
    for (long j = 0; j < columns; ++j) sums[j] += factor * r[j];
  }
}

static void lstm_1(const float *restrict products, const float *restrict weights, const float *restrict bias, float *restrict scratch, float *restrict Y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long d = item / 1, n = item % 1;
  const float *const in = products + d * 96 + n * 32;
  const float *const r = weights + d * 256;
  float *const h0 = scratch + item * 56;
  float *const sums = h0 + 24;
  float *const c0 = h0 + 8;
  const float *const b = bias + d * 64;
  float *const out = Y + d * 8 + n * 8;
  for (long j = 0; j < 8; ++j) h0[j] = 0;
  for (long j = 0; j < 8; ++j) c0[j] = 0;
  const long length = 3;
  for (long step = 0; step < length; ++step) {
    const long t = 0 ? length - 1 - step : step;
    const float *const row = in + t * 32;
    for (long j = 0; j < 32; ++j) sums[0 + j] = row[0 + j] + b[0 + j] + b[32 + j];
    mi_multiply_float(h0, r + 0, 8, 32, 32,
        sums + 0);
    for (long j = 0; j < 8; j += 8) {
      const vf t0 = mi_load((sums + 0) + j);
      const vf t1 = mi_load((sums + 16) + j);
      const vf t2 = mi_load((sums + 24) + j);
      const vf t3 = mi_load(c0 + j);
      const vf t4 = mi_sigmoid(t1);
      const vf t5 = t4 * t3;
      const vf t6 = mi_sigmoid(t0);
      const vf t7 = mi_tanh(t2);
      const vf t8 = t6 * t7;
      const vf t9 = t5 + t8;
      mi_store(c0 + j, t9);
    }
    for (long j = 0; j < 8; j += 8) {
      const vf t0 = mi_load((sums + 8) + j);
      const vf t1 = mi_load(c0 + j);
      const vf t2 = mi_sigmoid(t0);
      const vf t3 = mi_tanh(t1);
      const vf t4 = t2 * t3;
      mi_store(h0 + j, t4);
    }
    __builtin_memcpy(out + t * 8, h0, 8 * sizeof(float));
  }
}
}

static void gemm_2(const float *restrict a, const float *restrict b, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long block = 0;
  const long o = 0;
  const float *const weight = b + (block * 128);
  const long a_at = 0;
  const long y_at = 0 + (0 * 12 + block * 16) * 1;
  v8 a0_0 = (v8){0};
  v8 a0_1 = (v8){0};
  v8 a1_0 = (v8){0};
  v8 a1_1 = (v8){0};
  v8 a2_0 = (v8){0};
  v8 a2_1 = (v8){0};
  {
    const float *p = a + (a_at + (o * 1 + 0 * 1 + 0) * 8), *q = weight + 0 * 128;
    { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
      { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
      { const v8 s = v8_splat(p[8]); a1_0 += s * w0; a1_1 += s * w1; }
      { const v8 s = v8_splat(p[16]); a2_0 += s * w0; a2_1 += s * w1; }
    } __asm__ volatile("" ::: "memory");
    { const v8 w0 = v8_load(q + 16); const v8 w1 = v8_load(q + 24);
      { const v8 s = v8_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; }
      { const v8 s = v8_splat(p[9]); a1_0 += s * w0; a1_1 += s * w1; }
      { const v8 s = v8_splat(p[17]); a2_0 += s * w0; a2_1 += s * w1; }
    } __asm__ volatile("" ::: "memory");
    { const v8 w0 = v8_load(q + 32); const v8 w1 = v8_load(q + 40);
      { const v8 s = v8_splat(p[2]); a0_0 += s * w0; a0_1 += s * w1; }
      { const v8 s = v8_splat(p[10]); a1_0 += s * w0; a1_1 += s * w1; }
      { const v8 s = v8_splat(p[18]); a2_0 += s * w0; a2_1 += s * w1; }
    } __asm__ volatile("" ::: "memory");
    { const v8 w0 = v8_load(q + 48); const v8 w1 = v8_load(q + 56);
      { const v8 s = v8_splat(p[3]); a0_0 += s * w0; a0_1 += s * w1; }
      { const v8 s = v8_splat(p[11]); a1_0 += s * w0; a1_1 += s * w1; }
      { const v8 s = v8_splat(p[19]); a2_0 += s * w0; a2_1 += s * w1; }
    } __asm__ volatile("" ::: "memory");
    { const v8 w0 = v8_load(q + 64); const v8 w1 = v8_load(q + 72);
      { const v8 s = v8_splat(p[4]); a0_0 += s * w0; a0_1 += s * w1; }
      { const v8 s = v8_splat(p[12]); a1_0 += s * w0; a1_1 += s * w1; }
      { const v8 s = v8_splat(p[20]); a2_0 += s * w0; a2_1 += s * w1; }
    } __asm__ volatile("" ::: "memory");
    { const v8 w0 = v8_load(q + 80); const v8 w1 = v8_load(q + 88);
      { const v8 s = v8_splat(p[5]); a0_0 += s * w0; a0_1 += s * w1; }
      { const v8 s = v8_splat(p[13]); a1_0 += s * w0; a1_1 += s * w1; }
      { const v8 s = v8_splat(p[21]); a2_0 += s * w0; a2_1 += s * w1; }
    } __asm__ volatile("" ::: "memory");
    { const v8 w0 = v8_load(q + 96); const v8 w1 = v8_load(q + 104);
      { const v8 s = v8_splat(p[6]); a0_0 += s * w0; a0_1 += s * w1; }
      { const v8 s = v8_splat(p[14]); a1_0 += s * w0; a1_1 += s * w1; }
      { const v8 s = v8_splat(p[22]); a2_0 += s * w0; a2_1 += s * w1; }
    } __asm__ volatile("" ::: "memory");
    { const v8 w0 = v8_load(q + 112); const v8 w1 = v8_load(q + 120);
      { const v8 s = v8_splat(p[7]); a0_0 += s * w0; a0_1 += s * w1; }
      { const v8 s = v8_splat(p[15]); a1_0 += s * w0; a1_1 += s * w1; }
      { const v8 s = v8_splat(p[23]); a2_0 += s * w0; a2_1 += s * w1; }
    } __asm__ volatile("" ::: "memory");
  }
  float *const out = y + (y_at + o * 12);
  v8_store(out + 0, a0_0);
  __builtin_memcpy(out + 8, &a0_1, 16);
  v8_store(out + 12, a1_0);
  __builtin_memcpy(out + 20, &a1_1, 16);
  v8_store(out + 24, a2_0);
  __builtin_memcpy(out + 32, &a2_1, 16);
}
}

static void gru_3(const float *restrict products, const float *restrict weights, float *restrict scratch, float *restrict Y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long d = item / 1, n = item % 1;
  const float *const in = products + d * 36 + n * 12;
  const float *const r = weights + d * 48;
  float *const h0 = scratch + item * 24;
  float *const sums = h0 + 12;
  float *const out = Y + d * 4 + n * 4;
  for (long j = 0; j < 4; ++j) h0[j] = 0;
  const long length = 3;
  for (long step = 0; step < length; ++step) {
    const long t = d == 1 ? length - 1 - step : step;
    const float *const row = in + t * 12;
    for (long j = 0; j < 8; ++j) sums[0 + j] = row[0 + j];
    mi_multiply_float(h0, r + 0, 4, 12, 8,
        sums + 0);
    for (long j = 0; j < 4; ++j) sums[8 + j] = 0;
    mi_multiply_float(h0, r + 8, 4, 12, 4,
        sums + 8);
    {
      const vf t0 = mi_load_n((sums + 0) + 0, 4);
      const vf t1 = mi_load_n((sums + 4) + 0, 4);
      const vf t2 = mi_load_n((row + 8) + 0, 4);
      const vf t3 = mi_load_n((sums + 8) + 0, 4);
      const vf t4 = mi_load_n(h0 + 0, 4);
      const vf t5 = mi_sigmoid(t0);
      const vf t6 = -t5;
      const vf t7 = mi_set1(1.0f);
      const vf t8 = t6 + t7;
      const vf t9 = mi_sigmoid(t1);
      const vf t10 = t9 * t3;
      const vf t11 = t2 + t10;
      const vf t12 = mi_tanh(t11);
      const vf t13 = t8 * t12;
      const vf t14 = t5 * t4;
      const vf t15 = t13 + t14;
      mi_store_n(h0 + 0, t15, 4);
    }
    __builtin_memcpy(out + t * 8, h0, 4 * sizeof(float));
  }
}
}

static void gemm_4(const float *restrict a, const float *restrict b, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long block = 0;
  const long o = 0;
  const float *const weight = b + (block * 64);
  const long a_at = 0;
  const long y_at = 0 + (0 * 5 + block * 8) * 1;
  v8 a0_0 = (v8){0};
  v8 a1_0 = (v8){0};
  v8 a2_0 = (v8){0};
  v8 a0_0_1 = {0}, a1_0_1 = {0}, a2_0_1 = {0};
  {
    const float *p = a + (a_at + (o * 1 + 0 * 1 + 0) * 8), *q = weight + 0 * 64;
    { const v8 w0 = v8_load(q + 0);
      { const v8 s = v8_splat(p[0]); a0_0 += s * w0; }
      { const v8 s = v8_splat(p[8]); a1_0 += s * w0; }
      { const v8 s = v8_splat(p[16]); a2_0 += s * w0; }
    } __asm__ volatile("" ::: "memory");
    { const v8 w0 = v8_load(q + 8);
      { const v8 s = v8_splat(p[1]); a0_0_1 += s * w0; }
      { const v8 s = v8_splat(p[9]); a1_0_1 += s * w0; }
      { const v8 s = v8_splat(p[17]); a2_0_1 += s * w0; }
    } __asm__ volatile("" ::: "memory");
    { const v8 w0 = v8_load(q + 16);
      { const v8 s = v8_splat(p[2]); a0_0 += s * w0; }
      { const v8 s = v8_splat(p[10]); a1_0 += s * w0; }
      { const v8 s = v8_splat(p[18]); a2_0 += s * w0; }
    } __asm__ volatile("" ::: "memory");
    { const v8 w0 = v8_load(q + 24);
      { const v8 s = v8_splat(p[3]); a0_0_1 += s * w0; }
      { const v8 s = v8_splat(p[11]); a1_0_1 += s * w0; }
      { const v8 s = v8_splat(p[19]); a2_0_1 += s * w0; }
    } __asm__ volatile("" ::: "memory");
    { const v8 w0 = v8_load(q + 32);
      { const v8 s = v8_splat(p[4]); a0_0 += s * w0; }
      { const v8 s = v8_splat(p[12]); a1_0 += s * w0; }
      { const v8 s = v8_splat(p[20]); a2_0 += s * w0; }
    } __asm__ volatile("" ::: "memory");
    { const v8 w0 = v8_load(q + 40);
      { const v8 s = v8_splat(p[5]); a0_0_1 += s * w0; }
      { const v8 s = v8_splat(p[13]); a1_0_1 += s * w0; }
      { const v8 s = v8_splat(p[21]); a2_0_1 += s * w0; }
    } __asm__ volatile("" ::: "memory");
    { const v8 w0 = v8_load(q + 48);
      { const v8 s = v8_splat(p[6]); a0_0 += s * w0; }
      { const v8 s = v8_splat(p[14]); a1_0 += s * w0; }
      { const v8 s = v8_splat(p[22]); a2_0 += s * w0; }
    } __asm__ volatile("" ::: "memory");
    { const v8 w0 = v8_load(q + 56);
      { const v8 s = v8_splat(p[7]); a0_0_1 += s * w0; }
      { const v8 s = v8_splat(p[15]); a1_0_1 += s * w0; }
      { const v8 s = v8_splat(p[23]); a2_0_1 += s * w0; }
    } __asm__ volatile("" ::: "memory");
  }
  a0_0 += a0_0_1;
  a1_0 += a1_0_1;
  a2_0 += a2_0_1;
  float *const out = y + (y_at + o * 5);
  __builtin_memcpy(out + 0, &a0_0, 20);
  __builtin_memcpy(out + 5, &a1_0, 20);
  __builtin_memcpy(out + 10, &a2_0, 20);
}
}

static void rnn_5(const float *restrict products, const float *restrict weights, float *restrict scratch, float *restrict Y_h, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long d = item / 1, n = item % 1;
  const float *const in = products + d * 15 + n * 5;
  const float *const r = weights + d * 25;
  float *const h0 = scratch + item * 20;
  float *const sums = h0 + 15;
  for (long j = 0; j < 5; ++j) h0[j] = 0;
  const long length = 3;
  for (long step = 0; step < length; ++step) {
    const long t = 0 ? length - 1 - step : step;
    const float *const row = in + t * 5;
    for (long j = 0; j < 5; ++j) sums[0 + j] = row[0 + j];
    mi_multiply_float(h0, r + 0, 5, 5, 5,
        sums + 0);
    {
      const vf t0 = mi_load_n((sums + 0) + 0, 5);
      const vf t1 = mi_relu(t0);
      mi_store_n(h0 + 0, t1, 5);
    }
  }
  __builtin_memcpy(Y_h + d * 5 + n * 5, h0, 5 * sizeof(float));
}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: LSTM_0: LSTM */
  gemm_0((const void *)((const uint8_t *)inputs[0]), (const void *)(constants + 2048), (void *)(arena + AT_LSTM_0_workspace0), 0, 2);
  lstm_1((const void *)(arena + AT_LSTM_0_workspace0), (const void *)(constants + 2816), (const void *)(constants + 1792), (void *)(arena + AT_LSTM_0_workspace1), (void *)((uint8_t *)outputs[0]), 0, 1);
  /* 2: GRU_2: GRU */
  gemm_2((const void *)((uint8_t *)outputs[0]), (const void *)(constants + 4992), (void *)(arena + AT_GRU_2_workspace0), 0, 1);
  gemm_2((const void *)((uint8_t *)outputs[0]), (const void *)(constants + 4992 + 512), (void *)(arena + AT_GRU_2_workspace0 + 144), 0, 1);
  gru_3((const void *)(arena + AT_GRU_2_workspace0), (const void *)(constants + 6016), (void *)(arena + AT_GRU_2_workspace1), (void *)((uint8_t *)outputs[1]), 0, 2);
  /* 3: RNN_3: RNN */
  gemm_4((const void *)((uint8_t *)outputs[0]), (const void *)(constants + 6720), (void *)(arena + AT_RNN_3_workspace0), 0, 1);
  rnn_5((const void *)(arena + AT_RNN_3_workspace0), (const void *)(constants + 6976), (void *)(arena + AT_RNN_3_workspace1), (void *)((uint8_t *)outputs[2]), 0, 1);
  return 0;
}
