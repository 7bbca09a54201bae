/* g: 5 steps in an arena of 0 bytes. */
#include "prelude.h"


static int gather_0(const uint8_t *restrict x, const int64_t *restrict indices, uint8_t *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const int64_t *at = indices + item * 1;
  long o = 0;
  {
    int64_t p = at[0];
    p += p < 0 ? 6 : 0;
    if (p < 0 || p >= 6) return 1;
    o += p * 32;
  }
  __builtin_memcpy(y + item * 32, x + o, 32);
}
return 0;
}

static int gather_1(const uint8_t *restrict x, const int64_t *restrict indices, uint8_t *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const int64_t *at = indices + item % 6 * 1;
  long o = item / 6 * 32;
  {
    int64_t p = at[0];
    p += p < 0 ? 8 : 0;
    if (p < 0 || p >= 8) return 1;
    o += p * 4;
  }
  __builtin_memcpy(y + item * 4, x + o, 4);
}
return 0;
}

static int gather_elements_2(const uint32_t *restrict x, const int32_t *restrict indices, uint32_t *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item / 8;
  const long i1 = item % 8;
  const long i = i0 * 8 + i1 * 1;
  const long start = i1 * 1;
  long o = start;
  {
    int64_t p = indices[i];
    p += p < 0 ? 6 : 0;
    if (p < 0 || p >= 6) return 1;
    o += p * 8;
  }
  y[i] = x[o];
}
return 0;
}

static int gather_3(const uint8_t *restrict x, const int64_t *restrict indices, uint8_t *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const int64_t *at = indices + item * 2;
  long o = 0;
  {
    int64_t p = at[0];
    p += p < 0 ? 6 : 0;
    if (p < 0 || p >= 6) return 1;
    o += p * 32;
  }
  {
    int64_t p = at[1];
    p += p < 0 ? 8 : 0;
    if (p < 0 || p >= 8) return 1;
    o += p * 4;
  }
  __builtin_memcpy(y + item * 4, x + o, 4);
}
return 0;
}

static void gather_4(const uint8_t *restrict x, const int64_t *restrict indices, uint8_t *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const int64_t *at = indices + item * 1;
  long o = 0;
  {
    int64_t p = at[0];
    p += p < 0 ? 6 : 0;
    o += p * 32;
  }
  __builtin_memcpy(y + item * 32, x + o, 32);
}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: Gather_0: Gather */
  { const int code = gather_0((const void *)((const uint8_t *)inputs[0]), (const void *)((const uint8_t *)inputs[1]), (void *)((uint8_t *)outputs[0]), 0, 6); if (code) return 0 + code; }
  /* 1: Gather_1: Gather */
  { const int code = gather_1((const void *)((const uint8_t *)inputs[0]), (const void *)((const uint8_t *)inputs[1]), (void *)((uint8_t *)outputs[1]), 0, 36); if (code) return 256 + code; }
  /* 2: GatherElements_2: GatherElements */
  { const int code = gather_elements_2((const void *)((const uint8_t *)inputs[0]), (const void *)((const uint8_t *)inputs[2]), (void *)((uint8_t *)outputs[2]), 0, 32); if (code) return 512 + code; }
  /* 3: GatherND_3: GatherND */
  { const int code = gather_3((const void *)((const uint8_t *)inputs[0]), (const void *)((const uint8_t *)inputs[3]), (void *)((uint8_t *)outputs[3]), 0, 2); if (code) return 768 + code; }
  /* 4: Gather_4: Gather */
  gather_4((const void *)((const uint8_t *)inputs[0]), (const void *)(constants + 0), (void *)((uint8_t *)outputs[4]), 0, 2);
  return 0;
}
