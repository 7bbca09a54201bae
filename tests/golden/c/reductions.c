/* g: 5 steps in an arena of 0 bytes. */
#include "prelude.h"


static void fold_0(const float *restrict x, float *restrict z0, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long from = i0 * 8;
  const long to = i0 * 1;
  float a0;
  {
    vf part0 = mi_set1(0.0f);
    {
      const float *p = x + from;
      {
        const vf t0 = mi_load(p + 0);
        const vf t1 = t0;
        part0 = part0 + t1;
      }
    }
    a0 = mi_sum(part0);
  }
  const float w0_0 = 8.0f;
  const float w0_1 = a0 / w0_0;
  const float v0 = w0_1;
  z0[to] = v0;
}
}

static void fold_1(const float *restrict x, float *restrict z0, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long from = i0 * 8;
  const long to = i0 * 1;
  float a0;
  {
    vf part0 = mi_set1(-__builtin_inff());
    for (long r0 = 0; r0 < 2; ++r0) {
      {
        const float *p = x + from + r0 * 24;
        {
          const vf t0 = mi_load(p + 0);
          const vf t1 = t0;
          part0 = mi_max(part0, t1);
        }
      }
    }
    a0 = mi_highest(part0);
  }
  const float w0_0 = a0;
  const float v0 = w0_0;
  z0[to] = v0;
}
}

static void fold_2(const float *restrict x, float *restrict z0, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long i1 = item % 1;
  const long from = i0 * 24 + i1 * 32;
  const long to = i0 * 8 + i1 * 32;
  vf part0_0 = mi_set1(0.0f);
  for (long r1 = 0; r1 < 3; ++r1) {
    {
      const float *p = x + from + r1 * 8;
      {
        const vf t0 = mi_load(p + 0);
        const vf t1 = t0 * t0;
        part0_0 = part0_0 + t1;
      }
    }
  }
  const vf w0_0_0 = mi_sqrt(part0_0);
  const vf v0_0 = w0_0_0;
  mi_store(z0 + to + 0, v0_0);
}
}

static void arg_reduce_3(const float *restrict x, int64_t *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long i1 = item % 1;
  const long from = i0 * 24 + i1 * 8;
  const long to = i0 * 8 + i1 * 8;
  const long width = 8;
  const float *p = x + from;
  float best[8];
  int64_t *at = y + to;
  for (long k = 0; k < width; ++k) { best[k] = p[k]; at[k] = 0; }
  for (long j = 1; j < 3; ++j)
    for (long k = 0; k < width; ++k) {
      const float v = p[j * 8 + k];
      if ((v > best[k] || (v != v && best[k] == best[k]))) { best[k] = v; at[k] = j; }
    }
}
}

static void fold_4(const int64_t *restrict x, int64_t *restrict z0, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long from = i0 * 64;
  const long to = i0 * 64;
  int64_t total0[5];
  for (long k = 0; k < 5; ++k) {
    total0[k] = 1LL;
  }
  for (long r0 = 0; r0 < 4; ++r0) {
    {
      const int64_t *p = x + from + r0 * 5;
      for (long k = 0; k < 5; ++k) {
        const int64_t t0 = p[k];
        const int64_t t1 = t0;
        const int64_t c0 = total0[k];
        const int64_t c1 = (int64_t)((uint64_t)c0 * (uint64_t)t1);
        total0[k] = c1;
      }
    }
  }
  int64_t v0[5];
  for (long k = 0; k < 5; ++k) {
    const int64_t t0 = total0[k];
    const int64_t t1 = t0;
    v0[k] = t1;
  }
  for (long k = 0; k < 5; ++k) {
    z0[to + k] = v0[k];
  }
}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: ReduceMean_0: ReduceMean */
  fold_0((const void *)((const uint8_t *)inputs[0]), (void *)((uint8_t *)outputs[0]), 0, 6);
  /* 1: ReduceMax_1: ReduceMax */
  fold_1((const void *)((const uint8_t *)inputs[0]), (void *)((uint8_t *)outputs[1]), 0, 3);
  /* 2: ReduceL2_2: ReduceL2 */
  fold_2((const void *)((const uint8_t *)inputs[0]), (void *)((uint8_t *)outputs[2]), 0, 2);
  /* 3: ArgMax_3: ArgMax */
  arg_reduce_3((const void *)((const uint8_t *)inputs[0]), (void *)((uint8_t *)outputs[3]), 0, 2);
  /* 4: ReduceProd_4: ReduceProd */
  fold_4((const void *)((const uint8_t *)inputs[1]), (void *)((uint8_t *)outputs[4]), 0, 1);
  return 0;
}
