/* g: 8 steps in an arena of 16 bytes. */
#include "prelude.h"

#define AT_If_3_then_branch_a 0 /* If_3/then_branch/a: 16 bytes, steps [1, 3) */
#define AT_If_3_else_branch_s 0 /* If_3/else_branch/s: 16 bytes, steps [4, 7) */

static void elementwise_0(const float *restrict x0, float *restrict y, long begin, long end) {
const long start = begin * 4096, stop = end == 1 ? 4 : end * 4096;
long j = start;
if (j < stop) {
  const vf t0 = mi_load_n(&x0[j], 4);
  const vf t1 = mi_exp(t0);
  mi_store_n(&y[j], t1, 4);
}
}

static void copy_1(const uint32_t *restrict x, uint32_t *restrict y, long begin, long end) {
const long start = begin * 65536, stop = end == 1 ? 4 : end * 65536;
__builtin_memcpy(y + start, x + start, (stop - start) * 4L);
}

static void elementwise_2(const float *restrict x0, float *restrict y, long begin, long end) {
const long start = begin * 4096, stop = end == 1 ? 4 : end * 4096;
long j = start;
if (j < stop) {
  const vf t0 = mi_load_n(&x0[j], 4);
  const vf t1 = mi_sqrt(t0);
  mi_store_n(&y[j], t1, 4);
}
}

static void elementwise_3(float *restrict y, long begin, long end) {
const long start = begin * 4096, stop = end == 1 ? 4 : end * 4096;
long j = start;
if (j < stop) {
  const vf t0 = mi_load_n(&y[j], 4);
  const vf t1 = -t0;
  mi_store_n(&y[j], t1, 4);
}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  if (*(const uint8_t *)(const void *)((const uint8_t *)inputs[1])) {
  /* 1: If_3/then_branch/Exp_0: Exp */
  elementwise_0((const void *)((const uint8_t *)inputs[0]), (void *)(arena + AT_If_3_then_branch_a), 0, 1);
  /* 2: y = If_3/then_branch/a: Identity */
  copy_1((const void *)(arena + AT_If_3_then_branch_a), (void *)((uint8_t *)outputs[0]), 0, 1);
  } else {
  /* 4: If_3/else_branch/Sqrt_1: Sqrt */
  elementwise_2((const void *)((const uint8_t *)inputs[0]), (void *)(arena + AT_If_3_else_branch_s), 0, 1);
  /* 5: If_3/else_branch/Neg_2: Neg */
  elementwise_3((void *)(arena + AT_If_3_else_branch_s), 0, 1);
  /* 6: y = If_3/else_branch/b: Identity */
  copy_1((const void *)(arena + AT_If_3_else_branch_s), (void *)((uint8_t *)outputs[0]), 0, 1);
  }
  return 0;
}
