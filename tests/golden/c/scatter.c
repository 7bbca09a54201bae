/* g: 2 steps in an arena of 0 bytes. */
#include "prelude.h"


static void copy_0(const uint32_t *restrict x, uint32_t *restrict y, long begin, long end) {
const long start = begin * 65536, stop = end == 1 ? 48 : end * 65536;
__builtin_memcpy(y + start, x + start, (stop - start) * 4L);
}

static int scatter_elements_1(const int64_t *restrict indices, const float *restrict updates, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long line = i0 * 1;
  const long start = i0 * 1;
  for (long k = 0; k < 2; ++k) {
    const long i = line + k * 8;
    long o = start;
    {
      int64_t p = indices[i];
      p += p < 0 ? 6 : 0;
      if (p < 0 || p >= 6) return 1;
      o += p * 8;
    }
    const float t0 = y[o];
    const float t1 = updates[i];
    const float t2 = t0 + t1;
    y[o] = t2;
  }
}
return 0;
}

static int scatter_slices_2(const int64_t *restrict indices, const float *restrict updates, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  for (long slice = 0; slice < 3; ++slice) {
    const int64_t *at = indices + slice * 1;
    long o = 0;
    {
      int64_t p = at[0];
      p += p < 0 ? 6 : 0;
      if (p < 0 || p >= 6) return 1;
      o += p * 8;
    }
    for (long j = 0; j < 8; ++j) {
      y[o + j] = updates[slice * 8 + j];
    }
  }
}
return 0;
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: ScatterElements_0: ScatterElements */
  copy_0((const void *)((const uint8_t *)inputs[0]), (void *)((uint8_t *)outputs[0]), 0, 1);
  { const int code = scatter_elements_1((const void *)((const uint8_t *)inputs[1]), (const void *)((const uint8_t *)inputs[2]), (void *)((uint8_t *)outputs[0]), 0, 8); if (code) return 0 + code; }
  /* 1: ScatterND_1: ScatterND */
  copy_0((const void *)((const uint8_t *)inputs[0]), (void *)((uint8_t *)outputs[1]), 0, 1);
  { const int code = scatter_slices_2((const void *)((const uint8_t *)inputs[3]), (const void *)((const uint8_t *)inputs[4]), (void *)((uint8_t *)outputs[1]), 0, 1); if (code) return 256 + code; }
  return 0;
}
