/* g: 5 steps in an arena of 0 bytes. */
#include "prelude.h"


static inline int mi_before_largest_float_1(const float *line, int64_t a, int64_t b) {
  const float p = line[a * 1], q = line[b * 1];
  return (p > q || (p != p && q == q)) ? 1 : (p < q || (p == p && q != q)) ? 0 : a < b;
}
static void mi_sift_largest_float_1(const float *line, int64_t *heap, long at, long count) {
  const int64_t moved = heap[at * 1];
  for (long child; (child = 2 * at + 1) < count; at = child) {
    if (child + 1 < count && mi_before_largest_float_1(line, heap[child * 1], heap[(child + 1) * 1])) ++child;
    if (!mi_before_largest_float_1(line, moved, heap[child * 1])) break;
    heap[at * 1] = heap[child * 1];
  }
  heap[at * 1] = moved;
}

static void extremes_0(const float *restrict x, float *restrict values, int64_t *restrict indices, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long outer = item / 1, i = item % 1;
  const float *const line = x + (outer * 6 + i);
  int64_t *const heap = indices + (outer * 2 + i);
  for (long k = 0; k < 2; ++k) heap[k * 1] = k;
  for (long k = 2 / 2; k-- > 0;) mi_sift_largest_float_1(line, heap, k, 2);
  for (long k = 2; k < 6; ++k)
    if (mi_before_largest_float_1(line, k, heap[0])) {
      heap[0] = k;
      mi_sift_largest_float_1(line, heap, 0, 2);
    }
  for (long k = 2 - 1; k > 0; --k) {
    const int64_t worst = heap[0];
    heap[0] = heap[k * 1];
    heap[k * 1] = worst;
    mi_sift_largest_float_1(line, heap, 0, k);
  }
  for (long k = 0; k < 2; ++k)
    values[(outer * 2 + k) * 1 + i] = line[heap[k * 1] * 1];
}
}

static int reversal_1(const uint8_t *restrict x, const int64_t *restrict lengths, uint8_t *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const int64_t length = lengths[item];
  if (length < 0 || length > 6) return 2;
  for (long t = 0; t < 6; ++t) {
    const long from = t < length ? length - 1 - t : t;
    __builtin_memcpy(y + (item * 6 + t) * 4, x + (item * 6 + from) * 4, 4);
  }
}
return 0;
}

static void triangle_2(const uint8_t *restrict x, const int64_t *restrict diagonal, uint8_t *restrict y, long begin, long end) {
const int64_t k = *diagonal < -4 ? -4 : *diagonal > 4 ? 4 : *diagonal;
for (long item = begin; item < end; ++item) {
  const long row = item % 4, at = row + k;
  const long cut = at < 0 ? 0 : at > 4 ? 4 : at, start = item * 4;
  __builtin_memcpy(y + (start + cut) * 4, x + (start + cut) * 4,
      (uint64_t)(4 - cut) * 4);
  __builtin_memset(y + (start + 0) * 4, 0, (uint64_t)(cut) * 4);
}
}

static void cumulate_3(const float *restrict x, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long start = item / 1 * 1 * 6 + item % 1;
  double sum = 0;
  for (long k = 0; k < 6; ++k) {
    const long at = start + (k) * 1;
    const double t0 = (double)x[at];
    const double t1 = sum + t0;
    sum = t1;
    y[at] = (float)sum;
  }
}
}

static void one_hot_4(const int64_t *restrict indices, const float *restrict values, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long outer = item / 5, d = item % 5;
  for (long i = 0; i < 1; ++i) {
    const int64_t index = (int64_t)indices[outer * 1 + i];
    y[item * 1 + i] = values[index == d || index == d - 5];
  }
}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: TopK_0: TopK */
  extremes_0((const void *)((const uint8_t *)inputs[0]), (void *)((uint8_t *)outputs[0]), (void *)((uint8_t *)outputs[1]), 0, 2);
  /* 1: ReverseSequence_1: ReverseSequence */
  { const int code = reversal_1((const void *)((const uint8_t *)inputs[0]), (const void *)((const uint8_t *)inputs[1]), (void *)((uint8_t *)outputs[2]), 0, 2); if (code) return 256 + code; }
  /* 2: Trilu_2: Trilu */
  triangle_2((const void *)((const uint8_t *)inputs[2]), (const void *)(constants + 0), (void *)((uint8_t *)outputs[3]), 0, 4);
  /* 3: CumSum_3: CumSum */
  cumulate_3((const void *)((const uint8_t *)inputs[0]), (void *)((uint8_t *)outputs[4]), 0, 2);
  /* 4: OneHot_4: OneHot */
  one_hot_4((const void *)((const uint8_t *)inputs[3]), (const void *)(constants + 128), (void *)((uint8_t *)outputs[5]), 0, 15);
  return 0;
}
