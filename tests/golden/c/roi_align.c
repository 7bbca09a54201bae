/* g: 1 steps in an arena of 0 bytes. */
#include "prelude.h"


static inline void mi_corner_float(float v, float u, long height, long width, long *at,
    float *weights) {
  const int inside = v >= -1 && v <= (float)height && u >= -1 && u <= (float)width;
  v = inside && v > 0 ? v : 0;
  u = inside && u > 0 ? u : 0;
  const long top = (long)v < height - 1 ? (long)v : height - 1, left = (long)u < width - 1 ? (long)u : width - 1;
  const long down = top < height - 1 ? width : 0, right = left < width - 1 ? 1 : 0;
  const float b = down ? v - (float)top : 0, r = right ? u - (float)left : 0;
  at[0] = top * width + left;
  at[1] = at[0] + right;
  at[2] = at[0] + down;
  at[3] = at[2] + right;
  weights[0] = inside ? (1 - b) * (1 - r) : 0;
  weights[1] = inside ? (1 - b) * r : 0;
  weights[2] = inside ? b * (1 - r) : 0;
  weights[3] = inside ? b * r : 0;
}

static int roi_align_0(const float *restrict x, const float *restrict regions, const int64_t *restrict images, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const int64_t n = images[item];
  if (n < 0 || n >= 1) return 1;
  float start[2], across[2], cell[2];
  long samples[2];
  static const long cells[2] = {2, 2};
  for (int k = 0; k < 2; ++k) {
    start[k] = regions[item * 4 + k] * 0.5f - 0.5f;
    across[k] = regions[item * 4 + 2 + k] * 0.5f - 0.5f - start[k];
    cell[k] = across[k] / (float)cells[k];
    samples[k] = 2;
  }
  const float share = 1 / (float)(samples[0] * samples[1] > 0 ? samples[0] * samples[1] : 1);
  for (long c = 0; c < 2; ++c) {
    const float *const plane = x + (n * 2 + c) * 64;
    for (long row = 0; row < 2; ++row)
      for (long column = 0; column < 2; ++column) {
        double total = 0;
        for (long i = 0; i < samples[1]; ++i)
          for (long j = 0; j < samples[0]; ++j) {
          long at[4];
          float weights[4];
          mi_corner_float(start[1] + (((float)i + (float)0.5) / (float)samples[1] + (float)row) * cell[1],
              start[0] + (((float)j + (float)0.5) / (float)samples[0] + (float)column) * cell[0],
              8, 8, at, weights);
          for (int t = 0; t < 4; ++t) total += weights[t] * plane[at[t]];
        }
        y[((item * 2 + c) * 2 + row) * 2 + column] = (float)(total * share);
      }
  }
}
return 0;
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: RoiAlign_0: RoiAlign */
  { const int code = roi_align_0((const void *)((const uint8_t *)inputs[0]), (const void *)((const uint8_t *)inputs[1]), (const void *)((const uint8_t *)inputs[2]), (void *)((uint8_t *)outputs[0]), 0, 3); if (code) return 0 + code; }
  return 0;
}
