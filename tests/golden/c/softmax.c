/* g: 3 steps in an arena of 48 bytes. */
#include "prelude.h"

#define AT_Hardmax_2_workspace0 0 /* Hardmax_2/workspace0: 48 bytes, steps [2, 3) */

static void fold_0(const float *restrict x, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long from = i0 * 8;
  float a0;
  {
    vf part0 = mi_set1(-__builtin_inff());
    {
      const float *p = x + from;
      {
        const vf t0 = mi_load(p + 0);
        const vf t1 = t0;
        part0 = mi_max(part0, t1);
      }
    }
    a0 = mi_highest(part0);
  }
  const float w0_0 = a0;
  const float v0 = w0_0;
  const vf s0 = mi_set1(v0);
  float a1;
  {
    vf part0 = mi_set1(0.0f);
    {
      const float *p = x + from;
      float *q = y + from;
      {
        const vf t0 = mi_load(p + 0);
        const vf t1 = t0 - s0;
        const vf t2 = mi_exp(t1);
        mi_store(q + 0, t2);
        part0 = part0 + t2;
      }
    }
    a1 = mi_sum(part0);
  }
  const float w1_0 = 1 / a1;
  const float v1 = w1_0;
  const vf s1 = mi_set1(v1);
  {
    const float *p = y + from;
    float *q = y + from;
    for (long j = 0; j <= 0; j += 8) {
      const vf t0 = mi_load(p + j);
      const vf t1 = t0 * s1;
      mi_store(q + j, t1);
    }

  }
}
}

static void fold_1(const float *restrict x, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long i1 = item % 1;
  const long from = i0 * 24 + i1 * 32;
  vf part0_0 = mi_set1(-__builtin_inff());
  for (long r1 = 0; r1 < 3; ++r1) {
    {
      const float *p = x + from + r1 * 8;
      {
        const vf t0 = mi_load(p + 0);
        const vf t1 = t0;
        part0_0 = mi_max(part0_0, t1);
      }
    }
  }
  const vf w0_0_0 = part0_0;
  const vf v0_0 = w0_0_0;
  vf part1_0 = mi_set1(0.0f);
  for (long r1 = 0; r1 < 3; ++r1) {
    {
      const float *p = x + from + r1 * 8;
      {
        const vf t0 = mi_load(p + 0);
        const vf t1 = t0 - v0_0;
        const vf t2 = mi_exp(t1);
        part1_0 = part1_0 + t2;
      }
    }
  }
  const vf w1_0_0 = mi_log(part1_0);
  const vf v1_0 = w1_0_0;
  for (long r1 = 0; r1 < 3; ++r1) {
    const float *p = x + from + r1 * 8;
    float *q = y + from + r1 * 8;
    {
      const vf t0 = mi_load(p + 0);
      const vf t1 = t0 - v0_0;
      const vf t2 = t1 - v1_0;
      mi_store(q + 0, t2);
    }
  }
}
}

static void arg_reduce_2(const float *restrict x, int64_t *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long i1 = item % 1;
  const long from = i0 * 8 + i1 * 1;
  const long to = i0 * 1 + i1 * 1;
  const long width = 1;
  const float *p = x + from;
  float best[1];
  int64_t *at = y + to;
  for (long k = 0; k < width; ++k) { best[k] = p[k]; at[k] = 0; }
  for (long j = 1; j < 8; ++j)
    for (long k = 0; k < width; ++k) {
      const float v = p[j * 1 + k];
      if ((v > best[k] || (v != v && best[k] == best[k]))) { best[k] = v; at[k] = j; }
    }
}
}

static void copy_3(const uint32_t *restrict x, uint32_t *restrict y, long begin, long end) {
const long start = begin * 65536, stop = end == 1 ? 48 : end * 65536;
const __typeof__(*y) fill = x[0];
for (long j = start; j < stop; ++j) y[j] = fill;
}

static int scatter_elements_4(const int64_t *restrict indices, const float *restrict updates, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long i1 = item % 1;
  const long line = i0 * 1 + i1 * 1;
  const long start = i0 * 8 + i1 * 1;
  for (long k = 0; k < 1; ++k) {
    const long i = line + k * 1;
    long o = start;
    {
      int64_t p = indices[i];
      p += p < 0 ? 8 : 0;
      if (p < 0 || p >= 8) return 1;
      o += p * 1;
    }
    y[o] = updates[i];
  }
}
return 0;
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: Softmax_0: Softmax */
  fold_0((const void *)((const uint8_t *)inputs[0]), (void *)((uint8_t *)outputs[0]), 0, 6);
  /* 1: LogSoftmax_1: LogSoftmax */
  fold_1((const void *)((const uint8_t *)inputs[0]), (void *)((uint8_t *)outputs[1]), 0, 2);
  /* 2: Hardmax_2: Hardmax */
  arg_reduce_2((const void *)((const uint8_t *)inputs[0]), (void *)(arena + AT_Hardmax_2_workspace0), 0, 6);
  copy_3((const void *)(constants + 64), (void *)((uint8_t *)outputs[2]), 0, 1);
  { const int code = scatter_elements_4((const void *)(arena + AT_Hardmax_2_workspace0), (const void *)(constants + 0), (void *)((uint8_t *)outputs[2]), 0, 6); if (code) return 512 + code; }
  return 0;
}
