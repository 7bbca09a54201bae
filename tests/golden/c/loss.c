/* g: 2 steps in an arena of 80 bytes. */
#include "prelude.h"

#define AT_SoftmaxCrossEntropyLoss_0_workspace0 0 /* SoftmaxCrossEntropyLoss_0/workspace0: 80 bytes, steps [0, 1) */

static void fold_0(const float *restrict x, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long from = i0 * 5;
  float a0;
  {
    vf part0 = mi_set1(-__builtin_inff());
    {
      const float *p = x + from;
      {
        const vf t0 = mi_load_n(p + 0, 5);
        const vf t1 = t0;
        part0 = mi_max(part0, mi_select((vi){-1, -1, -1, -1, -1, 0, 0, 0}, t1, mi_set1(-__builtin_inff())));
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
      {
        const vf t0 = mi_load_n(p + 0, 5);
        const vf t1 = t0 - s0;
        const vf t2 = mi_exp(t1);
        part0 = part0 + mi_select((vi){-1, -1, -1, -1, -1, 0, 0, 0}, t2, mi_set1(0.0f));
      }
    }
    a1 = mi_sum(part0);
  }
  const float w1_0 = __builtin_logf(a1);
  const float v1 = w1_0;
  const vf s1 = mi_set1(v1);
  {
    const float *p = x + from;
    float *q = y + from;
    {
      const vf t0 = mi_load_n(p + 0, 5);
      const vf t1 = t0 - s0;
      const vf t2 = t1 - s1;
      mi_store_n(q + 0, t2, 5);
    }
  }
}
}

static int class_loss_1(const float *restrict x, const int64_t *restrict target, const float *restrict weights, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  double sum = 0, total = 0;
  for (long n = 0; n < 4; ++n) {
    for (long i = 0; i < 1; ++i) {
      int64_t chosen = target[n * 1 + i];
      if ((chosen < -5 || chosen >= 5)) return 1;
      chosen += chosen < 0 ? 5 : 0;
      const float weight = (float)weights[chosen];
      const float loss = -(float)x[(n * 5 + chosen) * 1 + i] * weight;
      sum += loss;
      total += weight;
    }
  }
  *y = (float)(float)(sum / total);
}
return 0;
}

static int class_loss_2(const float *restrict x, const int64_t *restrict target, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long n = item;
  for (long i = 0; i < 1; ++i) {
    int64_t chosen = target[n * 1 + i];
    if ((chosen < -5 || chosen >= 5)) return 1;
    chosen += chosen < 0 ? 5 : 0;
    const float weight = 1;
    const float loss = -(float)x[(n * 5 + chosen) * 1 + i] * weight;
    y[n * 1 + i] = (float)loss;
  }
}
return 0;
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: SoftmaxCrossEntropyLoss_0: SoftmaxCrossEntropyLoss */
  fold_0((const void *)((const uint8_t *)inputs[0]), (void *)(arena + AT_SoftmaxCrossEntropyLoss_0_workspace0), 0, 4);
  { const int code = class_loss_1((const void *)(arena + AT_SoftmaxCrossEntropyLoss_0_workspace0), (const void *)((const uint8_t *)inputs[1]), (const void *)(constants + 0), (void *)((uint8_t *)outputs[0]), 0, 1); if (code) return 0 + code; }
  /* 1: NegativeLogLikelihoodLoss_1: NegativeLogLikelihoodLoss */
  { const int code = class_loss_2((const void *)((const uint8_t *)inputs[0]), (const void *)((const uint8_t *)inputs[1]), (void *)((uint8_t *)outputs[1]), 0, 4); if (code) return 256 + code; }
  return 0;
}
