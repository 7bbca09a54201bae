/* g: 4 steps in an arena of 48 bytes. */
#include "prelude.h"

#define AT_NonMaxSuppression_0_workspace0 0 /* NonMaxSuppression_0/workspace0: 48 bytes, steps [0, 1) */

static void mi_sink_box(const float *score, int64_t *order, long at, long count) {
  if (at >= count) return;
  const int64_t moved = order[at];
  for (long child; (child = 2 * at + 1) < count; at = child) {
    if (child + 1 < count && (score[order[child + 1]] > score[order[child]] ||
        (score[order[child + 1]] == score[order[child]] && order[child + 1] < order[child]))) ++child;
    if (score[moved] > score[order[child]] || (score[moved] == score[order[child]] && moved < order[child])) break;
    order[at] = order[child];
  }
  order[at] = moved;
}

static inline float mi_overlap_corners(const float *p, const float *q) {
  const float p0 = __builtin_fminf(p[0], p[0 + 2]), p2 = __builtin_fmaxf(p[0], p[0 + 2]);
  const float p1 = __builtin_fminf(p[1], p[1 + 2]), p3 = __builtin_fmaxf(p[1], p[1 + 2]);
  const float q0 = __builtin_fminf(q[0], q[0 + 2]), q2 = __builtin_fmaxf(q[0], q[0 + 2]);
  const float q1 = __builtin_fminf(q[1], q[1 + 2]), q3 = __builtin_fmaxf(q[1], q[1 + 2]);
  const float h = __builtin_fminf(p2, q2) - __builtin_fmaxf(p0, q0);
  const float w = __builtin_fminf(p3, q3) - __builtin_fmaxf(p1, q1);
  const float common = h > 0 && w > 0 ? h * w : 0;
  const float all = (p2 - p0) * (p3 - p1) + (q2 - q0) * (q3 - q1) - common;
  return all > 0 ? common / all : 0;
}

static void suppression_0(const float *restrict boxes, const float *restrict scores, const int64_t *restrict limit, const float *restrict most, int64_t *restrict selected, int64_t *restrict count, int64_t *restrict order, long begin, long end) {
for (long item = begin; item < end; ++item) {
  long rows = 0;
  for (long group = 0; group < 2; ++group) {
    const long sample = group / 2, first = rows;
    const float *const score = scores + group * 6, *const box = boxes + sample * 24;
    long waiting = 0;
    for (long i = 0; i < 6; ++i)
      order[waiting++] = i;
    for (long i = waiting / 2; i-- > 0;) mi_sink_box(score, order, i, waiting);
    while (waiting > 0 && rows - first < *limit && rows < 4) {
      const int64_t best = order[0];
      order[0] = order[--waiting];
      mi_sink_box(score, order, 0, waiting);
      long other = first;
      while (other < rows && mi_overlap_corners(box + best * 4, box + selected[other * 3 + 2] * 4) <= *most) ++other;
      if (other < rows) continue;
      selected[rows * 3] = sample;
      selected[rows * 3 + 1] = group % 2;
      selected[rows * 3 + 2] = best;
      ++rows;
    }
  }
  for (long i = rows * 3; i < 12; ++i) selected[i] = 0;
  *count = rows;
}
}

static void non_zero_1(const float *restrict x, int64_t *restrict y, int64_t *restrict count, long begin, long end) {
for (long item = begin; item < end; ++item) {
  long n = 0;
  for (long i = 0; i < 6; ++i)
    if (x[i] != 0) {
      y[0 + n] = i / 1 % 6;
      ++n;
    }
  for (long row = 0; row < 1; ++row)
    for (long i = n; i < 6; ++i) y[row * 6 + i] = 0;
  *count = n;
}
}

static void compaction_2(const uint8_t *restrict x, const uint8_t *restrict conditions, uint8_t *restrict y, int64_t *restrict count, long begin, long end) {
for (long item = begin; item < end; ++item) {
  long n = 0;
  for (long i = 0; i < 6; ++i) {
    if (!conditions[i]) continue;
    for (long o = 0; o < 1; ++o)
      __builtin_memcpy(y + (o * 6 + n) * 4, x + (o * 6 + i) * 4, 4);
    ++n;
  }
  for (long o = 0; o < 1; ++o)
    __builtin_memset(y + (o * 6 + n) * 4, 0, (uint64_t)(6 - n) * 4);
  *count = n;
}
}

static void elementwise_3(const float *restrict x0, float *restrict y, long begin, long end) {
const long start = begin * 4096, stop = end == 1 ? 6 : end * 4096;
long j = start;
if (j < stop) {
  const vf t0 = mi_load_n(&x0[j], 6);
  const vf t1 = mi_exp(t0);
  mi_store_n(&y[j], t1, 6);
}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: NonMaxSuppression_0: NonMaxSuppression */
  suppression_0((const void *)((const uint8_t *)inputs[0]), (const void *)((const uint8_t *)inputs[1]), (const void *)(constants + 0), (const void *)(constants + 64), (void *)((uint8_t *)outputs[0]), (void *)((uint8_t *)outputs[4]), (void *)(arena + AT_NonMaxSuppression_0_workspace0), 0, 1);
  /* 1: NonZero_1: NonZero */
  non_zero_1((const void *)((const uint8_t *)inputs[2]), (void *)((uint8_t *)outputs[1]), (void *)((uint8_t *)outputs[5]), 0, 1);
  /* 2: Compress_2: Compress */
  compaction_2((const void *)((const uint8_t *)inputs[2]), (const void *)((const uint8_t *)inputs[3]), (void *)((uint8_t *)outputs[2]), (void *)((uint8_t *)outputs[6]), 0, 1);
  /* 3: Exp_3: Exp */
  elementwise_3((const void *)((uint8_t *)outputs[2]), (void *)((uint8_t *)outputs[3]), 0, 1);
  return 0;
}
