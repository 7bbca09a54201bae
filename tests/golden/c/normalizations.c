/* g: 6 steps in an arena of 0 bytes. */
#include "prelude.h"


static void fold_0(const float *restrict x, const float *restrict u0, const float *restrict u1, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long from = i0 * 8;
  const long from0 = 0;
  const long from1 = 0;
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
  const vf s0 = mi_set1(v0);
  float a1;
  {
    vf part0 = mi_set1(0.0f);
    {
      const float *p = x + from;
      {
        const vf t0 = mi_load(p + 0);
        const vf t1 = t0 - s0;
        const vf t2 = t1 * t1;
        part0 = part0 + t2;
      }
    }
    a1 = mi_sum(part0);
  }
  const float w1_0 = 8.0f;
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
    for (long j = 0; j <= 0; j += 8) {
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

static void fold_1(const float *restrict x, const float *restrict u0, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long from = i0 * 8;
  const long from0 = 0;
  float a0;
  {
    vf part0 = mi_set1(0.0f);
    {
      const float *p = x + from;
      {
        const vf t0 = mi_load(p + 0);
        const vf t1 = t0 * t0;
        part0 = part0 + t1;
      }
    }
    a0 = mi_sum(part0);
  }
  const float w0_0 = 8.0f;
  const float w0_1 = a0 / w0_0;
  const float w0_2 = 9.999999747378752e-06f;
  const float w0_3 = w0_1 + w0_2;
  const float w0_4 = __builtin_sqrtf(w0_3);
  const float w0_5 = 1 / w0_4;
  const float v0 = w0_5;
  const vf s0 = mi_set1(v0);
  {
    const float *p = x + from;
    float *q = y + from;
    const float *b0 = u0 + from0;
    for (long j = 0; j <= 0; j += 8) {
      const vf t0 = mi_load(p + j);
      const vf t1 = mi_load(b0 + j);
      const vf t2 = t0 * s0;
      const vf t3 = t2 * t1;
      mi_store(q + j, t3);
    }

  }
}
}

static void fold_2(const float *restrict x, const float *restrict u0, const float *restrict u1, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long from = i0 * 9;
  const long from0 = i0 * 1;
  const long from1 = i0 * 1;
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
        const vf t0 = mi_load_n(p + 8, 1);
        const vf t1 = t0;
        part1 = part1 + mi_select((vi){-1, 0, 0, 0, 0, 0, 0, 0}, t1, mi_set1(0.0f));
      }
    }
    a0 = mi_sum((part0 + part1));
  }
  const float w0_0 = 9.0f;
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
        const vf t0 = mi_load_n(p + 8, 1);
        const vf t1 = t0 - s0;
        const vf t2 = t1 * t1;
        part1 = part1 + mi_select((vi){-1, 0, 0, 0, 0, 0, 0, 0}, t2, mi_set1(0.0f));
      }
    }
    a1 = mi_sum((part0 + part1));
  }
  const float w1_0 = 9.0f;
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
    const vf c0 = mi_set1(*b0);
    const vf c1 = mi_set1(*b1);
    for (long j = 0; j <= 1; j += 8) {
      const vf t0 = mi_load(p + j);
      const vf t1 = t0 - s0;
      const vf t2 = t1 * s1;
      const vf t3 = t2 * c0;
      const vf t4 = t3 + c1;
      mi_store(q + j, t4);
    }
    {
      const vf t0 = mi_load_n(p + 8, 1);
      const vf t1 = t0 - s0;
      const vf t2 = t1 * s1;
      const vf t3 = t2 * c0;
      const vf t4 = t3 + c1;
      mi_store_n(q + 8, t4, 1);
    }
  }
}
}

static void fold_3(const float *restrict x, const float *restrict u0, const float *restrict u1, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long from = i0 * 18;
  const long from0 = i0 * 2;
  const long from1 = i0 * 2;
  float a0;
  {
    vf part0 = mi_set1(0.0f), part1 = mi_set1(0.0f);
    for (long r1 = 0; r1 < 2; ++r1) {
      {
        const float *p = x + from + r1 * 9;
        {
          const vf t0 = mi_load(p + 0);
          const vf t1 = t0;
          part0 = part0 + t1;
        }
        {
          const vf t0 = mi_load_n(p + 8, 1);
          const vf t1 = t0;
          part1 = part1 + mi_select((vi){-1, 0, 0, 0, 0, 0, 0, 0}, t1, mi_set1(0.0f));
        }
      }
    }
    a0 = mi_sum((part0 + part1));
  }
  const float w0_0 = 18.0f;
  const float w0_1 = a0 / w0_0;
  const float v0 = w0_1;
  const vf s0 = mi_set1(v0);
  float a1;
  {
    vf part0 = mi_set1(0.0f), part1 = mi_set1(0.0f);
    for (long r1 = 0; r1 < 2; ++r1) {
      {
        const float *p = x + from + r1 * 9;
        {
          const vf t0 = mi_load(p + 0);
          const vf t1 = t0 - s0;
          const vf t2 = t1 * t1;
          part0 = part0 + t2;
        }
        {
          const vf t0 = mi_load_n(p + 8, 1);
          const vf t1 = t0 - s0;
          const vf t2 = t1 * t1;
          part1 = part1 + mi_select((vi){-1, 0, 0, 0, 0, 0, 0, 0}, t2, mi_set1(0.0f));
        }
      }
    }
    a1 = mi_sum((part0 + part1));
  }
  const float w1_0 = 18.0f;
  const float w1_1 = a1 / w1_0;
  const float w1_2 = 9.999999747378752e-06f;
  const float w1_3 = w1_1 + w1_2;
  const float w1_4 = __builtin_sqrtf(w1_3);
  const float w1_5 = 1 / w1_4;
  const float v1 = w1_5;
  const vf s1 = mi_set1(v1);
  for (long r1 = 0; r1 < 2; ++r1) {
    const float *p = x + from + r1 * 9;
    float *q = y + from + r1 * 9;
    const float *b0 = u0 + from0 + r1 * 1;
    const float *b1 = u1 + from1 + r1 * 1;
    const vf c0 = mi_set1(*b0);
    const vf c1 = mi_set1(*b1);
    for (long j = 0; j <= 1; j += 8) {
      const vf t0 = mi_load(p + j);
      const vf t1 = t0 - s0;
      const vf t2 = t1 * s1;
      const vf t3 = t2 * c0;
      const vf t4 = t3 + c1;
      mi_store(q + j, t4);
    }
    {
      const vf t0 = mi_load_n(p + 8, 1);
      const vf t1 = t0 - s0;
      const vf t2 = t1 * s1;
      const vf t3 = t2 * c0;
      const vf t4 = t3 + c1;
      mi_store_n(q + 8, t4, 1);
    }
  }
}
}

static void elementwise_4(const float *restrict x0, const float *restrict x1, const float *restrict x2, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long o0 = i0 * 9;
  const long o1 = i0 * 1;
  const long o2 = i0 * 1;
  const long o = i0 * 9;
  const vf s1 = mi_set1(x1[o1]);
  const vf s2 = mi_set1(x2[o2]);
  long j = 0;
  for (; j <= 9 - 8; j += 8) {
    const vf t0 = mi_load(&x0[o0 + j]);
    const vf t1 = t0 * s1;
    const vf t2 = t1 + s2;
    mi_store(&y[o + j], t2);
  }
  if (j < 9) {
    const vf t0 = mi_load_n(&x0[o0 + j], 1);
    const vf t1 = t0 * s1;
    const vf t2 = t1 + s2;
    mi_store_n(&y[o + j], t2, 1);
  }
}
}

static void local_response_5(const float *restrict x, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item / 2;
  const long i1 = item % 2;
  const long at = i0 * 36 + i1 * 8;
  const long column = i1 * 8;
  if (column <= 1) {
    for (long c = 0; c < 4; ++c) {
      const long first = c > 1 ? c - 1 : 0;
      const long last = c < 2 ? c + 1 : 3;
      vf sum = {0};
      for (long k = first; k < last + 1; ++k) {
        const vf v = mi_load(x + at + k * 9);
        sum += v * v;
      }
      const vf t0 = mi_load(x + at + c * 9);
      const vf t1 = mi_set1(3.333333370392211e-05f);
      const vf t2 = sum * t1;
      const vf t3 = mi_set1(1.0f);
      const vf t4 = t2 + t3;
      const vf t5 = mi_sqrt(t4);
      const vf t6 = mi_sqrt(t5);
      const vf t7 = t5 * t6;
      const vf t8 = t0 / t7;
      mi_store(y + at + c * 9, t8);
    }
  } else {
    for (long c = 0; c < 4; ++c) {
      const long first = c > 1 ? c - 1 : 0;
      const long last = c < 2 ? c + 1 : 3;
      vf sum = {0};
      for (long k = first; k < last + 1; ++k) {
        const vf v = mi_load_n(x + at + k * 9, 1);
        sum += v * v;
      }
      const vf t0 = mi_load_n(x + at + c * 9, 1);
      const vf t1 = mi_set1(3.333333370392211e-05f);
      const vf t2 = sum * t1;
      const vf t3 = mi_set1(1.0f);
      const vf t4 = t2 + t3;
      const vf t5 = mi_sqrt(t4);
      const vf t6 = mi_sqrt(t5);
      const vf t7 = t5 * t6;
      const vf t8 = t0 / t7;
      mi_store_n(y + at + c * 9, t8, 1);
    }
  }
}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: LayerNormalization_0: LayerNormalization */
  fold_0((const void *)((const uint8_t *)inputs[0]), (const void *)(constants + 0), (const void *)(constants + 64), (void *)((uint8_t *)outputs[0]), 0, 12);
  /* 1: RMSNormalization_1: RMSNormalization */
  fold_1((const void *)((const uint8_t *)inputs[0]), (const void *)(constants + 0), (void *)((uint8_t *)outputs[1]), 0, 12);
  /* 2: InstanceNormalization_2: InstanceNormalization */
  fold_2((const void *)((const uint8_t *)inputs[1]), (const void *)(constants + 128), (const void *)(constants + 192), (void *)((uint8_t *)outputs[2]), 0, 4);
  /* 3: GroupNormalization_3: GroupNormalization */
  fold_3((const void *)((const uint8_t *)inputs[1]), (const void *)(constants + 128), (const void *)(constants + 192), (void *)((uint8_t *)outputs[3]), 0, 2);
  /* 4: BatchNormalization_4: Mul + Add */
  elementwise_4((const void *)((const uint8_t *)inputs[1]), (const void *)(constants + 256), (const void *)(constants + 320), (void *)((uint8_t *)outputs[4]), 0, 4);
  /* 5: LRN_5: LRN */
  local_response_5((const void *)((const uint8_t *)inputs[1]), (void *)((uint8_t *)outputs[5]), 0, 2);
  return 0;
}
