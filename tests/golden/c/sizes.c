/* g: 10 steps in an arena of 15360 bytes. */
#include "prelude.h"

#define AT_x sizes[2] /* x: 7680 bytes, steps [0, 10) */
#define AT_n sizes[3] /* n: 8 bytes, steps [2, 4) */
#define AT_places sizes[4] /* places: 320 bytes, steps [3, 5) */
#define AT_at sizes[5] /* at: 2560 bytes, steps [4, 6) */
#define AT_norm sizes[6] /* norm: 7680 bytes, steps [6, 8) */

static int gather_0(const uint8_t *restrict x, const int64_t *restrict indices, uint8_t *restrict y, long begin, long end, long n_batch, long n_seq) {
(void)n_batch;
(void)n_seq;
for (long item = begin; item < end; ++item) {
  const int64_t *at = indices + item * 1;
  long o = 0;
  {
    int64_t p = at[0];
    p += p < 0 ? 40 : 0;
    if (p < 0 || p >= 40) return 1;
    o += p * 64;
  }
  __builtin_memcpy(y + item * 64, x + o, 64);
}
return 0;
}

static void sizes_1(int64_t *restrict y, long begin, long end, long n_batch, long n_seq) {
(void)n_batch;
(void)n_seq;
for (long item = begin; item < end; ++item) {
  y[0] = n_batch;
  y[1] = n_seq;
}
}

static void sizes_2(int64_t *restrict y, long begin, long end, long n_seq) {
(void)n_seq;
for (long item = begin; item < end; ++item) {
  y[0] = n_seq;
}
}

static void progression_3(int64_t *restrict y, long begin, long end, long n_seq) {
(void)n_seq;
const long start = begin * 4096, stop = end == ((n_seq + 4095) / 4096) ? n_seq : end * 4096;
for (long j = start; j < stop; ++j) {
  y[j] = (int64_t)(0 + j * 1);
}
}

static int gather_4(const uint8_t *restrict x, const int64_t *restrict indices, uint8_t *restrict y, long begin, long end, long n_seq) {
(void)n_seq;
for (long item = begin; item < end; ++item) {
  const int64_t *at = indices + item * 1;
  long o = 0;
  {
    int64_t p = at[0];
    p += p < 0 ? 40 : 0;
    if (p < 0 || p >= 40) return 1;
    o += p * 64;
  }
  __builtin_memcpy(y + item * 64, x + o, 64);
}
return 0;
}

static void elementwise_5(const float *restrict x1, float *restrict y, long begin, long end, long n_batch, long n_seq) {
(void)n_batch;
(void)n_seq;
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long o1 = 0;
  const long o = i0 * (16 * n_seq);
  long j = 0;
  for (; j <= (16 * n_seq) - 8; j += 8) {
    const vf t0 = mi_load(&y[o + j]);
    const vf t1 = mi_load(&x1[o1 + j]);
    const vf t2 = t0 + t1;
    mi_store(&y[o + j], t2);
  }
}
}

static void fold_6(const float *restrict x, const float *restrict u0, const float *restrict u1, float *restrict y, long begin, long end, long n_batch, long n_seq) {
(void)n_batch;
(void)n_seq;
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long from = i0 * 16;
  const long from0 = 0;
  const long from1 = 0;
  float a0;
  {
    vf part0 = mi_set1(0.0f), part1 = mi_set1(0.0f);
    {
      const float *p = x + from;
      {
        const vf t0 = mi_load(p + 0);
        const vf t1 = t0;
        part0 = part0 + t1;
      }
      {
        const vf t0 = mi_load(p + 8);
        const vf t1 = t0;
        part1 = part1 + t1;
      }
    }
    a0 = mi_sum((part0 + part1));
  }
  const float w0_0 = 16.0f;
  const float w0_1 = a0 / w0_0;
  const float v0 = w0_1;
  const vf s0 = mi_set1(v0);
  float a1;
  {
    vf part0 = mi_set1(0.0f), part1 = mi_set1(0.0f);
    {
      const float *p = x + from;
      {
        const vf t0 = mi_load(p + 0);
        const vf t1 = t0 - s0;
        const vf t2 = t1 * t1;
        part0 = part0 + t2;
      }
      {
        const vf t0 = mi_load(p + 8);
        const vf t1 = t0 - s0;
        const vf t2 = t1 * t1;
        part1 = part1 + t2;
      }
    }
    a1 = mi_sum((part0 + part1));
  }
  const float w1_0 = 16.0f;
  const float w1_1 = a1 / w1_0;
  const float w1_2 = 9.999999747378752e-06f;
  const float w1_3 = w1_1 + w1_2;
  const float w1_4 = __builtin_sqrtf(w1_3);
  const float w1_5 = 1 / w1_4;
  const float v1 = w1_5;
  const vf s1 = mi_set1(v1);
  {
    const float *p = x + from;
    float *q = y + from;
    const float *b0 = u0 + from0;
    const float *b1 = u1 + from1;
    for (long j = 0; j <= 8; j += 8) {
      const vf t0 = mi_load(p + j);
      const vf t1 = mi_load(b0 + j);
      const vf t2 = mi_load(b1 + j);
      const vf t3 = t0 - s0;
      const vf t4 = t3 * s1;
      const vf t5 = t4 * t1;
      const vf t6 = t5 + t2;
      mi_store(q + j, t6);
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

static void gemm_7(const float *restrict a, const float *restrict b, const float *restrict bias, float *restrict y, long begin, long end, long n_batch, long n_seq) {
(void)n_batch;
(void)n_seq;
for (long item = begin; item < end; ++item) {
  const long block = 0, row = item;
  const long o = row % ((n_batch * n_seq + 5) / 6) * 6;
  const float *const weight = b + (block * 256);
  const long a_at = 0;
  const long y_at = 0 + (0 * 16 + block * 16) * 1;
  if (o < (6 * ((n_batch * n_seq) / 6))) {
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
      const float *p = a + (a_at + (o * 1 + 0 * 1 + 0) * 16), *q = weight + 0 * 256;
      for (long i = 0; i < 8; ++i, p += 2, q += 32) {
        { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
          { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
          { const v8 s = v8_splat(p[16]); a1_0 += s * w0; a1_1 += s * w1; }
          { const v8 s = v8_splat(p[32]); a2_0 += s * w0; a2_1 += s * w1; }
          { const v8 s = v8_splat(p[48]); a3_0 += s * w0; a3_1 += s * w1; }
          { const v8 s = v8_splat(p[64]); a4_0 += s * w0; a4_1 += s * w1; }
          { const v8 s = v8_splat(p[80]); a5_0 += s * w0; a5_1 += s * w1; }
        } __asm__ volatile("" ::: "memory");
        { const v8 w0 = v8_load(q + 16); const v8 w1 = v8_load(q + 24);
          { const v8 s = v8_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; }
          { const v8 s = v8_splat(p[17]); a1_0 += s * w0; a1_1 += s * w1; }
          { const v8 s = v8_splat(p[33]); a2_0 += s * w0; a2_1 += s * w1; }
          { const v8 s = v8_splat(p[49]); a3_0 += s * w0; a3_1 += s * w1; }
          { const v8 s = v8_splat(p[65]); a4_0 += s * w0; a4_1 += s * w1; }
          { const v8 s = v8_splat(p[81]); a5_0 += s * w0; a5_1 += s * w1; }
        } __asm__ volatile("" ::: "memory");
      }
    }
    float *const out = y + (y_at + o * 16);
    { const vf t0 = mi_relu(a0_0); const v8 result = t0; v8_store(out + 0, result); }
    { const vf t0 = mi_relu(a0_1); const v8 result = t0; v8_store(out + 8, result); }
    { const vf t0 = mi_relu(a1_0); const v8 result = t0; v8_store(out + 16, result); }
    { const vf t0 = mi_relu(a1_1); const v8 result = t0; v8_store(out + 24, result); }
    { const vf t0 = mi_relu(a2_0); const v8 result = t0; v8_store(out + 32, result); }
    { const vf t0 = mi_relu(a2_1); const v8 result = t0; v8_store(out + 40, result); }
    { const vf t0 = mi_relu(a3_0); const v8 result = t0; v8_store(out + 48, result); }
    { const vf t0 = mi_relu(a3_1); const v8 result = t0; v8_store(out + 56, result); }
    { const vf t0 = mi_relu(a4_0); const v8 result = t0; v8_store(out + 64, result); }
    { const vf t0 = mi_relu(a4_1); const v8 result = t0; v8_store(out + 72, result); }
    { const vf t0 = mi_relu(a5_0); const v8 result = t0; v8_store(out + 80, result); }
    { const vf t0 = mi_relu(a5_1); const v8 result = t0; v8_store(out + 88, result); }
  } else {
    if ((n_batch * n_seq - 6 * ((n_batch * n_seq) / 6)) == 1) {
      v8 a0_0 = v8_load(bias + block * 16 + 0);
      v8 a0_1 = v8_load(bias + block * 16 + 8);
      v8 a0_0_1 = {0}, a0_0_2 = {0}, a0_0_3 = {0}, a0_1_1 = {0}, a0_1_2 = {0}, a0_1_3 = {0};
      {
        const float *p = a + (a_at + (o * 1 + 0 * 1 + 0) * 16), *q = weight + 0 * 256;
        { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
          { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
        } __asm__ volatile("" ::: "memory");
        { const v8 w0 = v8_load(q + 16); const v8 w1 = v8_load(q + 24);
          { const v8 s = v8_splat(p[1]); a0_0_1 += s * w0; a0_1_1 += s * w1; }
        } __asm__ volatile("" ::: "memory");
        { const v8 w0 = v8_load(q + 32); const v8 w1 = v8_load(q + 40);
          { const v8 s = v8_splat(p[2]); a0_0_2 += s * w0; a0_1_2 += s * w1; }
        } __asm__ volatile("" ::: "memory");
        { const v8 w0 = v8_load(q + 48); const v8 w1 = v8_load(q + 56);
          { const v8 s = v8_splat(p[3]); a0_0_3 += s * w0; a0_1_3 += s * w1; }
        } __asm__ volatile("" ::: "memory");
        { const v8 w0 = v8_load(q + 64); const v8 w1 = v8_load(q + 72);
          { const v8 s = v8_splat(p[4]); a0_0 += s * w0; a0_1 += s * w1; }
        } __asm__ volatile("" ::: "memory");
        { const v8 w0 = v8_load(q + 80); const v8 w1 = v8_load(q + 88);
          { const v8 s = v8_splat(p[5]); a0_0_1 += s * w0; a0_1_1 += s * w1; }
        } __asm__ volatile("" ::: "memory");
        { const v8 w0 = v8_load(q + 96); const v8 w1 = v8_load(q + 104);
          { const v8 s = v8_splat(p[6]); a0_0_2 += s * w0; a0_1_2 += s * w1; }
        } __asm__ volatile("" ::: "memory");
        { const v8 w0 = v8_load(q + 112); const v8 w1 = v8_load(q + 120);
          { const v8 s = v8_splat(p[7]); a0_0_3 += s * w0; a0_1_3 += s * w1; }
        } __asm__ volatile("" ::: "memory");
        { const v8 w0 = v8_load(q + 128); const v8 w1 = v8_load(q + 136);
          { const v8 s = v8_splat(p[8]); a0_0 += s * w0; a0_1 += s * w1; }
        } __asm__ volatile("" ::: "memory");
        { const v8 w0 = v8_load(q + 144); const v8 w1 = v8_load(q + 152);
          { const v8 s = v8_splat(p[9]); a0_0_1 += s * w0; a0_1_1 += s * w1; }
        } __asm__ volatile("" ::: "memory");
        { const v8 w0 = v8_load(q + 160); const v8 w1 = v8_load(q + 168);
          { const v8 s = v8_splat(p[10]); a0_0_2 += s * w0; a0_1_2 += s * w1; }
        } __asm__ volatile("" ::: "memory");
        { const v8 w0 = v8_load(q + 176); const v8 w1 = v8_load(q + 184);
          { const v8 s = v8_splat(p[11]); a0_0_3 += s * w0; a0_1_3 += s * w1; }
        } __asm__ volatile("" ::: "memory");
        { const v8 w0 = v8_load(q + 192); const v8 w1 = v8_load(q + 200);
          { const v8 s = v8_splat(p[12]); a0_0 += s * w0; a0_1 += s * w1; }
        } __asm__ volatile("" ::: "memory");
        { const v8 w0 = v8_load(q + 208); const v8 w1 = v8_load(q + 216);
          { const v8 s = v8_splat(p[13]); a0_0_1 += s * w0; a0_1_1 += s * w1; }
        } __asm__ volatile("" ::: "memory");
        { const v8 w0 = v8_load(q + 224); const v8 w1 = v8_load(q + 232);
          { const v8 s = v8_splat(p[14]); a0_0_2 += s * w0; a0_1_2 += s * w1; }
        } __asm__ volatile("" ::: "memory");
        { const v8 w0 = v8_load(q + 240); const v8 w1 = v8_load(q + 248);
          { const v8 s = v8_splat(p[15]); a0_0_3 += s * w0; a0_1_3 += s * w1; }
        } __asm__ volatile("" ::: "memory");
      }
      a0_0 += a0_0_1 + a0_0_2 + a0_0_3;
      a0_1 += a0_1_1 + a0_1_2 + a0_1_3;
      float *const out = y + (y_at + o * 16);
      { const vf t0 = mi_relu(a0_0); const v8 result = t0; v8_store(out + 0, result); }
      { const vf t0 = mi_relu(a0_1); const v8 result = t0; v8_store(out + 8, result); }
    } else {
      if ((n_batch * n_seq - 6 * ((n_batch * n_seq) / 6)) == 2) {
        v8 a0_0 = v8_load(bias + block * 16 + 0);
        v8 a0_1 = v8_load(bias + block * 16 + 8);
        v8 a1_0 = v8_load(bias + block * 16 + 0);
        v8 a1_1 = v8_load(bias + block * 16 + 8);
        v8 a0_0_1 = {0}, a0_1_1 = {0}, a1_0_1 = {0}, a1_1_1 = {0};
        {
          const float *p = a + (a_at + (o * 1 + 0 * 1 + 0) * 16), *q = weight + 0 * 256;
          for (long i = 0; i < 2; ++i, p += 8, q += 128) {
            { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
              { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
              { const v8 s = v8_splat(p[16]); a1_0 += s * w0; a1_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const v8 w0 = v8_load(q + 16); const v8 w1 = v8_load(q + 24);
              { const v8 s = v8_splat(p[1]); a0_0_1 += s * w0; a0_1_1 += s * w1; }
              { const v8 s = v8_splat(p[17]); a1_0_1 += s * w0; a1_1_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const v8 w0 = v8_load(q + 32); const v8 w1 = v8_load(q + 40);
              { const v8 s = v8_splat(p[2]); a0_0 += s * w0; a0_1 += s * w1; }
              { const v8 s = v8_splat(p[18]); a1_0 += s * w0; a1_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const v8 w0 = v8_load(q + 48); const v8 w1 = v8_load(q + 56);
              { const v8 s = v8_splat(p[3]); a0_0_1 += s * w0; a0_1_1 += s * w1; }
              { const v8 s = v8_splat(p[19]); a1_0_1 += s * w0; a1_1_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const v8 w0 = v8_load(q + 64); const v8 w1 = v8_load(q + 72);
              { const v8 s = v8_splat(p[4]); a0_0 += s * w0; a0_1 += s * w1; }
              { const v8 s = v8_splat(p[20]); a1_0 += s * w0; a1_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const v8 w0 = v8_load(q + 80); const v8 w1 = v8_load(q + 88);
              { const v8 s = v8_splat(p[5]); a0_0_1 += s * w0; a0_1_1 += s * w1; }
              { const v8 s = v8_splat(p[21]); a1_0_1 += s * w0; a1_1_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const v8 w0 = v8_load(q + 96); const v8 w1 = v8_load(q + 104);
              { const v8 s = v8_splat(p[6]); a0_0 += s * w0; a0_1 += s * w1; }
              { const v8 s = v8_splat(p[22]); a1_0 += s * w0; a1_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const v8 w0 = v8_load(q + 112); const v8 w1 = v8_load(q + 120);
              { const v8 s = v8_splat(p[7]); a0_0_1 += s * w0; a0_1_1 += s * w1; }
              { const v8 s = v8_splat(p[23]); a1_0_1 += s * w0; a1_1_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
          }
        }
        a0_0 += a0_0_1;
        a0_1 += a0_1_1;
        a1_0 += a1_0_1;
        a1_1 += a1_1_1;
        float *const out = y + (y_at + o * 16);
        { const vf t0 = mi_relu(a0_0); const v8 result = t0; v8_store(out + 0, result); }
        { const vf t0 = mi_relu(a0_1); const v8 result = t0; v8_store(out + 8, result); }
        { const vf t0 = mi_relu(a1_0); const v8 result = t0; v8_store(out + 16, result); }
        { const vf t0 = mi_relu(a1_1); const v8 result = t0; v8_store(out + 24, result); }
      } else {
        if ((n_batch * n_seq - 6 * ((n_batch * n_seq) / 6)) == 3) {
          v8 a0_0 = v8_load(bias + block * 16 + 0);
          v8 a0_1 = v8_load(bias + block * 16 + 8);
          v8 a1_0 = v8_load(bias + block * 16 + 0);
          v8 a1_1 = v8_load(bias + block * 16 + 8);
          v8 a2_0 = v8_load(bias + block * 16 + 0);
          v8 a2_1 = v8_load(bias + block * 16 + 8);
          {
            const float *p = a + (a_at + (o * 1 + 0 * 1 + 0) * 16), *q = weight + 0 * 256;
            for (long i = 0; i < 3; ++i, p += 5, q += 80) {
              { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
                { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
                { const v8 s = v8_splat(p[16]); a1_0 += s * w0; a1_1 += s * w1; }
                { const v8 s = v8_splat(p[32]); a2_0 += s * w0; a2_1 += s * w1; }
              } __asm__ volatile("" ::: "memory");
              { const v8 w0 = v8_load(q + 16); const v8 w1 = v8_load(q + 24);
                { const v8 s = v8_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; }
                { const v8 s = v8_splat(p[17]); a1_0 += s * w0; a1_1 += s * w1; }
                { const v8 s = v8_splat(p[33]); a2_0 += s * w0; a2_1 += s * w1; }
              } __asm__ volatile("" ::: "memory");
              { const v8 w0 = v8_load(q + 32); const v8 w1 = v8_load(q + 40);
                { const v8 s = v8_splat(p[2]); a0_0 += s * w0; a0_1 += s * w1; }
                { const v8 s = v8_splat(p[18]); a1_0 += s * w0; a1_1 += s * w1; }
                { const v8 s = v8_splat(p[34]); a2_0 += s * w0; a2_1 += s * w1; }
              } __asm__ volatile("" ::: "memory");
              { const v8 w0 = v8_load(q + 48); const v8 w1 = v8_load(q + 56);
                { const v8 s = v8_splat(p[3]); a0_0 += s * w0; a0_1 += s * w1; }
                { const v8 s = v8_splat(p[19]); a1_0 += s * w0; a1_1 += s * w1; }
                { const v8 s = v8_splat(p[35]); a2_0 += s * w0; a2_1 += s * w1; }
              } __asm__ volatile("" ::: "memory");
              { const v8 w0 = v8_load(q + 64); const v8 w1 = v8_load(q + 72);
                { const v8 s = v8_splat(p[4]); a0_0 += s * w0; a0_1 += s * w1; }
                { const v8 s = v8_splat(p[20]); a1_0 += s * w0; a1_1 += s * w1; }
                { const v8 s = v8_splat(p[36]); a2_0 += s * w0; a2_1 += s * w1; }
              } __asm__ volatile("" ::: "memory");
            }
            { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
              { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
              { const v8 s = v8_splat(p[16]); a1_0 += s * w0; a1_1 += s * w1; }
              { const v8 s = v8_splat(p[32]); a2_0 += s * w0; a2_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
          }
          float *const out = y + (y_at + o * 16);
          { const vf t0 = mi_relu(a0_0); const v8 result = t0; v8_store(out + 0, result); }
          { const vf t0 = mi_relu(a0_1); const v8 result = t0; v8_store(out + 8, result); }
          { const vf t0 = mi_relu(a1_0); const v8 result = t0; v8_store(out + 16, result); }
          { const vf t0 = mi_relu(a1_1); const v8 result = t0; v8_store(out + 24, result); }
          { const vf t0 = mi_relu(a2_0); const v8 result = t0; v8_store(out + 32, result); }
          { const vf t0 = mi_relu(a2_1); const v8 result = t0; v8_store(out + 40, result); }
        } else {
          if ((n_batch * n_seq - 6 * ((n_batch * n_seq) / 6)) == 4) {
            v8 a0_0 = v8_load(bias + block * 16 + 0);
            v8 a0_1 = v8_load(bias + block * 16 + 8);
            v8 a1_0 = v8_load(bias + block * 16 + 0);
            v8 a1_1 = v8_load(bias + block * 16 + 8);
            v8 a2_0 = v8_load(bias + block * 16 + 0);
            v8 a2_1 = v8_load(bias + block * 16 + 8);
            v8 a3_0 = v8_load(bias + block * 16 + 0);
            v8 a3_1 = v8_load(bias + block * 16 + 8);
            {
              const float *p = a + (a_at + (o * 1 + 0 * 1 + 0) * 16), *q = weight + 0 * 256;
              for (long i = 0; i < 4; ++i, p += 4, q += 64) {
                { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
                  { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
                  { const v8 s = v8_splat(p[16]); a1_0 += s * w0; a1_1 += s * w1; }
                  { const v8 s = v8_splat(p[32]); a2_0 += s * w0; a2_1 += s * w1; }
                  { const v8 s = v8_splat(p[48]); a3_0 += s * w0; a3_1 += s * w1; }
                } __asm__ volatile("" ::: "memory");
                { const v8 w0 = v8_load(q + 16); const v8 w1 = v8_load(q + 24);
                  { const v8 s = v8_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; }
                  { const v8 s = v8_splat(p[17]); a1_0 += s * w0; a1_1 += s * w1; }
                  { const v8 s = v8_splat(p[33]); a2_0 += s * w0; a2_1 += s * w1; }
                  { const v8 s = v8_splat(p[49]); a3_0 += s * w0; a3_1 += s * w1; }
                } __asm__ volatile("" ::: "memory");
                { const v8 w0 = v8_load(q + 32); const v8 w1 = v8_load(q + 40);
                  { const v8 s = v8_splat(p[2]); a0_0 += s * w0; a0_1 += s * w1; }
                  { const v8 s = v8_splat(p[18]); a1_0 += s * w0; a1_1 += s * w1; }
                  { const v8 s = v8_splat(p[34]); a2_0 += s * w0; a2_1 += s * w1; }
                  { const v8 s = v8_splat(p[50]); a3_0 += s * w0; a3_1 += s * w1; }
                } __asm__ volatile("" ::: "memory");
                { const v8 w0 = v8_load(q + 48); const v8 w1 = v8_load(q + 56);
                  { const v8 s = v8_splat(p[3]); a0_0 += s * w0; a0_1 += s * w1; }
                  { const v8 s = v8_splat(p[19]); a1_0 += s * w0; a1_1 += s * w1; }
                  { const v8 s = v8_splat(p[35]); a2_0 += s * w0; a2_1 += s * w1; }
                  { const v8 s = v8_splat(p[51]); a3_0 += s * w0; a3_1 += s * w1; }
                } __asm__ volatile("" ::: "memory");
              }
            }
            float *const out = y + (y_at + o * 16);
            { const vf t0 = mi_relu(a0_0); const v8 result = t0; v8_store(out + 0, result); }
            { const vf t0 = mi_relu(a0_1); const v8 result = t0; v8_store(out + 8, result); }
            { const vf t0 = mi_relu(a1_0); const v8 result = t0; v8_store(out + 16, result); }
            { const vf t0 = mi_relu(a1_1); const v8 result = t0; v8_store(out + 24, result); }
            { const vf t0 = mi_relu(a2_0); const v8 result = t0; v8_store(out + 32, result); }
            { const vf t0 = mi_relu(a2_1); const v8 result = t0; v8_store(out + 40, result); }
            { const vf t0 = mi_relu(a3_0); const v8 result = t0; v8_store(out + 48, result); }
            { const vf t0 = mi_relu(a3_1); const v8 result = t0; v8_store(out + 56, result); }
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
            {
              const float *p = a + (a_at + (o * 1 + 0 * 1 + 0) * 16), *q = weight + 0 * 256;
              for (long i = 0; i < 5; ++i, p += 3, q += 48) {
                { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
                  { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
                  { const v8 s = v8_splat(p[16]); a1_0 += s * w0; a1_1 += s * w1; }
                  { const v8 s = v8_splat(p[32]); a2_0 += s * w0; a2_1 += s * w1; }
                  { const v8 s = v8_splat(p[48]); a3_0 += s * w0; a3_1 += s * w1; }
                  { const v8 s = v8_splat(p[64]); a4_0 += s * w0; a4_1 += s * w1; }
                } __asm__ volatile("" ::: "memory");
                { const v8 w0 = v8_load(q + 16); const v8 w1 = v8_load(q + 24);
                  { const v8 s = v8_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; }
                  { const v8 s = v8_splat(p[17]); a1_0 += s * w0; a1_1 += s * w1; }
                  { const v8 s = v8_splat(p[33]); a2_0 += s * w0; a2_1 += s * w1; }
                  { const v8 s = v8_splat(p[49]); a3_0 += s * w0; a3_1 += s * w1; }
                  { const v8 s = v8_splat(p[65]); a4_0 += s * w0; a4_1 += s * w1; }
                } __asm__ volatile("" ::: "memory");
                { const v8 w0 = v8_load(q + 32); const v8 w1 = v8_load(q + 40);
                  { const v8 s = v8_splat(p[2]); a0_0 += s * w0; a0_1 += s * w1; }
                  { const v8 s = v8_splat(p[18]); a1_0 += s * w0; a1_1 += s * w1; }
                  { const v8 s = v8_splat(p[34]); a2_0 += s * w0; a2_1 += s * w1; }
                  { const v8 s = v8_splat(p[50]); a3_0 += s * w0; a3_1 += s * w1; }
                  { const v8 s = v8_splat(p[66]); a4_0 += s * w0; a4_1 += s * w1; }
                } __asm__ volatile("" ::: "memory");
              }
              { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
                { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
                { const v8 s = v8_splat(p[16]); a1_0 += s * w0; a1_1 += s * w1; }
                { const v8 s = v8_splat(p[32]); a2_0 += s * w0; a2_1 += s * w1; }
                { const v8 s = v8_splat(p[48]); a3_0 += s * w0; a3_1 += s * w1; }
                { const v8 s = v8_splat(p[64]); a4_0 += s * w0; a4_1 += s * w1; }
              } __asm__ volatile("" ::: "memory");
            }
            float *const out = y + (y_at + o * 16);
            { const vf t0 = mi_relu(a0_0); const v8 result = t0; v8_store(out + 0, result); }
            { const vf t0 = mi_relu(a0_1); const v8 result = t0; v8_store(out + 8, result); }
            { const vf t0 = mi_relu(a1_0); const v8 result = t0; v8_store(out + 16, result); }
            { const vf t0 = mi_relu(a1_1); const v8 result = t0; v8_store(out + 24, result); }
            { const vf t0 = mi_relu(a2_0); const v8 result = t0; v8_store(out + 32, result); }
            { const vf t0 = mi_relu(a2_1); const v8 result = t0; v8_store(out + 40, result); }
            { const vf t0 = mi_relu(a3_0); const v8 result = t0; v8_store(out + 48, result); }
            { const vf t0 = mi_relu(a3_1); const v8 result = t0; v8_store(out + 56, result); }
            { const vf t0 = mi_relu(a4_0); const v8 result = t0; v8_store(out + 64, result); }
            { const vf t0 = mi_relu(a4_1); const v8 result = t0; v8_store(out + 72, result); }
          }
        }
      }
    }
  }
}
}

static void copy_8(const uint32_t *restrict x, uint32_t *restrict y, long begin, long end, long n_batch, long n_seq) {
(void)n_batch;
(void)n_seq;
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long s = i0 * (16 * n_seq);
  const long t = i0 * 16;
  __builtin_memcpy(y + t, x + s, 16 * 4L);
}
}

static void fold_9(const float *restrict x, float *restrict z0, long begin, long end, long n_batch, long n_seq) {
(void)n_batch;
(void)n_seq;
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long from = i0 * 16;
  const long to = i0 * 1;
  float a0;
  {
    vf part0 = mi_set1(0.0f), part1 = mi_set1(0.0f);
    {
      const float *p = x + from;
      {
        const vf t0 = mi_load(p + 0);
        const vf t1 = t0;
        part0 = part0 + t1;
      }
      {
        const vf t0 = mi_load(p + 8);
        const vf t1 = t0;
        part1 = part1 + t1;
      }
    }
    a0 = mi_sum((part0 + part1));
  }
  const float w0_0 = 16.0f;
  const float w0_1 = a0 / w0_0;
  const float v0 = w0_1;
  z0[to] = v0;
}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  const long *const sizes = (const long *)inputs[1];
  const long n_batch = sizes[0];
  const long n_seq = sizes[1];
  (void)sizes; (void)n_batch; (void)n_seq;
  /* 0: Gather_0: Gather */
  { const int code = gather_0((const void *)(constants + 0), (const void *)((const uint8_t *)inputs[0]), (void *)(arena + AT_x), 0, (n_batch * n_seq), n_batch, n_seq); if (code) return 0 + code; }
  /* 1: Shape_1: Sizes */
  sizes_1((void *)((uint8_t *)outputs[1]), 0, 1, n_batch, n_seq);
  /* 2: Gather_2: Sizes */
  sizes_2((void *)(arena + AT_n), 0, 1, n_seq);
  /* 3: Range_3: Range */
  progression_3((void *)(arena + AT_places), 0, ((n_seq + 4095) / 4096), n_seq);
  /* 4: Gather_4: Gather */
  { const int code = gather_4((const void *)(constants + 2560), (const void *)(arena + AT_places), (void *)(arena + AT_at), 0, n_seq, n_seq); if (code) return 1024 + code; }
  /* 5: Add_5: Add */
  elementwise_5((const void *)(arena + AT_at), (void *)(arena + AT_x), 0, n_batch, n_batch, n_seq);
  /* 6: LayerNormalization_6: LayerNormalization */
  fold_6((const void *)(arena + AT_x), (const void *)(constants + 5120), (const void *)(constants + 5184), (void *)(arena + AT_norm), 0, (n_batch * n_seq), n_batch, n_seq);
  /* 7: Relu_9: MatMul + Add + Relu */
  gemm_7((const void *)(arena + AT_norm), (const void *)(constants + 5248), (const void *)(constants + 6272), (void *)((uint8_t *)outputs[0]), 0, ((n_batch * n_seq + 5) / 6), n_batch, n_seq);
  /* 8: Slice_10: Slice */
  copy_8((const void *)((uint8_t *)outputs[0]), (void *)((uint8_t *)outputs[2]), 0, n_batch, n_batch, n_seq);
  /* 9: ReduceMean_11: ReduceMean */
  fold_9((const void *)(arena + AT_x), (void *)((uint8_t *)outputs[3]), 0, (n_batch * n_seq), n_batch, n_seq);
  return 0;
}
