/* g: 2 steps in an arena of 0 bytes. */
#include "prelude.h"


static int rotation_0(const float *restrict x, const float *restrict cosines, const float *restrict sines, const int64_t *restrict positions, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const int64_t position = positions[item];
  if (position < -12 || position >= 12) return 1;
  const long angle = (long)(position < 0 ? position + 12 : position) * 4;
  for (long h = 0; h < 2; ++h) {
    const long at = item / 6 * 96 + item % 6 * 8 + h * 48;
    for (long j = 0; j < 4; ++j) {
      const float c = (float)cosines[angle + j], s = (float)sines[angle + j];
      const float a = (float)x[at + j], b = (float)x[at + j + 4];
      y[at + j] = (float)(c * a - s * b);
      y[at + j + 4] = (float)(s * a + c * b);
    }
    for (long j = 8; j < 8; ++j) y[at + j] = x[at + j];
  }
}
return 0;
}

static int rotation_1(const float *restrict x, const float *restrict cosines, const float *restrict sines, const int64_t *restrict positions, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const int64_t position = positions[item];
  if (position < -12 || position >= 12) return 1;
  const long angle = (long)(position < 0 ? position + 12 : position) * 4;
  for (long h = 0; h < 2; ++h) {
    const long at = item / 6 * 96 + item % 6 * 16 + h * 8;
    for (long j = 0; j < 4; ++j) {
      const float c = (float)cosines[angle + j], s = (float)sines[angle + j];
      const float a = (float)x[at + 2 * j], b = (float)x[at + 2 * j + 1];
      y[at + 2 * j] = (float)(c * a - s * b);
      y[at + 2 * j + 1] = (float)(s * a + c * b);
    }
    for (long j = 8; j < 8; ++j) y[at + j] = x[at + j];
  }
}
return 0;
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: RotaryEmbedding_0: RotaryEmbedding */
  { const int code = rotation_0((const void *)((const uint8_t *)inputs[0]), (const void *)(constants + 0), (const void *)(constants + 192), (const void *)((const uint8_t *)inputs[2]), (void *)((uint8_t *)outputs[0]), 0, 6); if (code) return 0 + code; }
  /* 1: RotaryEmbedding_1: RotaryEmbedding */
  { const int code = rotation_1((const void *)((const uint8_t *)inputs[1]), (const void *)(constants + 0), (const void *)(constants + 192), (const void *)((const uint8_t *)inputs[2]), (void *)((uint8_t *)outputs[1]), 0, 6); if (code) return 256 + code; }
  return 0;
}
