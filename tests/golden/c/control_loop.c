/* g: 10 steps in an arena of 193 bytes. */
#define _POSIX_C_SOURCE 200809L

#include "prelude.h"

/* An interrupt from the keyboard sets a flag while an interruptible run lasts. */
#include <signal.h>
static volatile sig_atomic_t mi_interrupted;
static const volatile sig_atomic_t mi_not_interrupted;

#if defined(_WIN32)
__declspec(dllimport) int __stdcall SetConsoleCtrlHandler(int(__stdcall *handler)(unsigned long), int add);
static int __stdcall mi_handle_interrupt(unsigned long event) {
    if (event == 0) mi_interrupted = 1;
    return 0; /* Python's turn */
}
static int mi_install_handler(void) {
    mi_interrupted = 0;
    return SetConsoleCtrlHandler(mi_handle_interrupt, 1);
}
static void mi_restore_handler(void) { SetConsoleCtrlHandler(mi_handle_interrupt, 0); }
#else
static struct sigaction mi_previous;
static void mi_handle_interrupt(int number) {
    mi_interrupted = 1;
    mi_previous.sa_handler(number); /* Python's */
}
static int mi_install_handler(void) {
    if (sigaction(SIGINT, 0, &mi_previous) || mi_previous.sa_flags & SA_SIGINFO) return 0;
    if (mi_previous.sa_handler == SIG_DFL || mi_previous.sa_handler == SIG_IGN) return 0;
    struct sigaction own = mi_previous;
    own.sa_handler = mi_handle_interrupt;
    mi_interrupted = 0;
    return !sigaction(SIGINT, &own, 0);
}
static void mi_restore_handler(void) { sigaction(SIGINT, &mi_previous, 0); }
#endif

#define AT_Loop_3_body_condition 128 /* Loop_3/body/condition: 1 bytes, steps [0, 10) */
#define AT_Loop_3_body_iteration 64 /* Loop_3/body/iteration: 8 bytes, steps [2, 10) */
#define AT_Loop_3_body_p 0 /* Loop_3/body/p: 16 bytes, steps [3, 9) */
#define AT_Loop_3_body_d_output0 192 /* Loop_3/body/d/output0: 1 bytes, steps [6, 8) */

static void copy_0(const uint8_t *restrict x, uint8_t *restrict y, long begin, long end) {
const long start = begin * 65536, stop = end == 1 ? 1 : end * 65536;
const __typeof__(*y) fill = x[0];
for (long j = start; j < stop; ++j) y[j * 0] = fill;
}

static void copy_1(const uint32_t *restrict x, uint32_t *restrict y, long begin, long end) {
const long start = begin * 65536, stop = end == 1 ? 4 : end * 65536;
__builtin_memcpy(y + start, x + start, (stop - start) * 4L);
}

typedef float v8 __attribute__((vector_size(32), aligned(4), may_alias));
typedef double v8_wide __attribute__((vector_size(64)));
typedef int32_t v8_mask __attribute__((vector_size(32), aligned(4), may_alias));
MI_INLINE v8 v8_load(const float *p) { return *(const v8 *)p; }
MI_INLINE void v8_store(float *p, v8 a) { *(v8 *)p = a; }
MI_INLINE v8 v8_splat(float s) { return s - (v8){0}; }
MI_INLINE v8 v8_select(v8_mask m, v8 a, v8 b) { return (v8)(((v8_mask)a & m) | ((v8_mask)b & ~m)); }
MI_INLINE v8 v8_greatest(v8 a, v8 b) { return v8_select(b == b, v8_select(b > a, b, a), b); }

static void gemm_2(const float *restrict a, const float *restrict b, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long block = 0;
  const long o = 0;
  const float *const weight = b + (block * 32);
  const long a_at = 0;
  const long y_at = 0 + (0 * 4 + block * 8) * 1;
  v8 a0_0 = (v8){0};
  v8 a0_0_1 = {0}, a0_0_2 = {0}, a0_0_3 = {0};
  {
    const float *p = a + (a_at + (o * 1 + 0 * 1 + 0) * 4), *q = weight + 0 * 32;
    { const v8 w0 = v8_load(q + 0);
      { const v8 s = v8_splat(p[0]); a0_0 += s * w0; }
    } __asm__ volatile("" ::: "memory");
    { const v8 w0 = v8_load(q + 8);
      { const v8 s = v8_splat(p[1]); a0_0_1 += s * w0; }
    } __asm__ volatile("" ::: "memory");
    { const v8 w0 = v8_load(q + 16);
      { const v8 s = v8_splat(p[2]); a0_0_2 += s * w0; }
    } __asm__ volatile("" ::: "memory");
    { const v8 w0 = v8_load(q + 24);
      { const v8 s = v8_splat(p[3]); a0_0_3 += s * w0; }
    } __asm__ volatile("" ::: "memory");
  }
  a0_0 += a0_0_1 + a0_0_2 + a0_0_3;
  float *const out = y + (y_at + o * 4);
  __builtin_memcpy(out + 0, &a0_0, 16);
}
}

static void elementwise_3(float *restrict y, long begin, long end) {
const long start = begin * 4096, stop = end == 1 ? 4 : end * 4096;
long j = start;
if (j < stop) {
  const vf t0 = mi_load_n(&y[j], 4);
  const vf t1 = mi_tanh(t0);
  mi_store_n(&y[j], t1, 4);
}
}

static int mini_infer_0_steps(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena, const volatile sig_atomic_t *interrupted) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: Loop_3/body/condition = go: Identity */
  copy_0((const void *)(constants + 0), (void *)(arena + AT_Loop_3_body_condition), 0, 1);
  /* 1: y = x: Identity */
  copy_1((const void *)((const uint8_t *)inputs[0]), (void *)((uint8_t *)outputs[0]), 0, 1);
  for (int64_t trip2 = 0; trip2 < *(const int64_t *)(const void *)((const uint8_t *)inputs[1]) && *(const uint8_t *)(const void *)(arena + AT_Loop_3_body_condition); ++trip2) {
  if (*interrupted) return -2;
  *(int64_t *)(void *)(arena + AT_Loop_3_body_iteration) = trip2;
  /* 3: Loop_3/body/MatMul_0: MatMul */
  gemm_2((const void *)((uint8_t *)outputs[0]), (const void *)(constants + 64), (void *)(arena + AT_Loop_3_body_p), 0, 1);
  /* 4: Loop_3/body/Tanh_1: Tanh */
  elementwise_3((void *)(arena + AT_Loop_3_body_p), 0, 1);
  /* 6: Loop_3/body/d/output0: Identity */
  copy_0((const void *)(arena + AT_Loop_3_body_condition), (void *)(arena + AT_Loop_3_body_d_output0), 0, 1);
  /* 7: Loop_3/body/condition = Loop_3/body/d/output0: Identity */
  copy_0((const void *)(arena + AT_Loop_3_body_d_output0), (void *)(arena + AT_Loop_3_body_condition), 0, 1);
  /* 8: y = Loop_3/body/r: Identity */
  copy_1((const void *)(arena + AT_Loop_3_body_p), (void *)((uint8_t *)outputs[0]), 0, 1);
  }
  return 0;
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena, int interruptible) {
  const int installed = interruptible && mi_install_handler();
  const volatile sig_atomic_t *const flag = installed ? &mi_interrupted : &mi_not_interrupted;
  const int result = mini_infer_0_steps(inputs, outputs, constants, arena, flag);
  if (installed) mi_restore_handler();
  return result;
}
