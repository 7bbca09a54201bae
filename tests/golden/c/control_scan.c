/* g: 13 steps in an arena of 257 bytes. */
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

#define AT_last_Loop_1_body_condition 192 /* last/Loop_1/body/condition: 1 bytes, steps [0, 13) */
#define AT_last_Loop_1_body_iteration 128 /* last/Loop_1/body/iteration: 8 bytes, steps [2, 13) */
#define AT_last_Loop_1_body_each 0 /* last/Loop_1/body/each: 16 bytes, steps [3, 11) */
#define AT_last_Loop_1_body_s_last_still_output0 256 /* last/Loop_1/body/s/last/still/output0: 1 bytes, steps [7, 10) */
#define AT_last_Loop_1_body_out_output2 64 /* last/Loop_1/body/out/output2: 16 bytes, steps [8, 12) */

static void copy_0(const uint8_t *restrict x, uint8_t *restrict y, long begin, long end) {
const long start = begin * 65536, stop = end == 1 ? 1 : end * 65536;
const __typeof__(*y) fill = x[0];
for (long j = start; j < stop; ++j) y[j * 0] = fill;
}

static void copy_1(const uint32_t *restrict x, uint32_t *restrict y, long begin, long end) {
const long start = begin * 65536, stop = end == 1 ? 4 : end * 65536;
__builtin_memcpy(y + start, x + start, (stop - start) * 4L);
}

static int gather_2(const uint8_t *restrict x, const int64_t *restrict indices, uint8_t *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const int64_t *at = indices + item * 1;
  long o = 0;
  {
    int64_t p = at[0];
    p += p < 0 ? 3 : 0;
    if (p < 0 || p >= 3) return 1;
    o += p * 16;
  }
  __builtin_memcpy(y + item * 16, x + o, 16);
}
return 0;
}

static void elementwise_3(const float *restrict x0, float *restrict y, long begin, long end) {
const long start = begin * 4096, stop = end == 1 ? 4 : end * 4096;
long j = start;
if (j < stop) {
  const vf t0 = mi_load_n(&x0[j], 4);
  const vf t1 = mi_load_n(&y[j], 4);
  const vf t2 = t0 + t1;
  mi_store_n(&y[j], t2, 4);
}
}

static int mini_infer_0_steps(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena, const volatile sig_atomic_t *interrupted) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: last/Loop_1/body/condition = last/Loop_1/body/true: Identity */
  copy_0((const void *)(constants + 0), (void *)(arena + AT_last_Loop_1_body_condition), 0, 1);
  /* 1: last = start: Identity */
  copy_1((const void *)((const uint8_t *)inputs[0]), (void *)((uint8_t *)outputs[0]), 0, 1);
  for (int64_t trip2 = 0; trip2 < *(const int64_t *)(const void *)(constants + 64) && *(const uint8_t *)(const void *)(arena + AT_last_Loop_1_body_condition); ++trip2) {
  if (*interrupted) return -2;
  *(int64_t *)(void *)(arena + AT_last_Loop_1_body_iteration) = trip2;
  /* 3: last/Loop_1/body/Gather_1: Gather */
  { const int code = gather_2((const void *)((const uint8_t *)inputs[1]), (const void *)(arena + AT_last_Loop_1_body_iteration), (void *)(arena + AT_last_Loop_1_body_each), 0, 1); if (code) return 768 + code; }
  /* 4: last/Loop_1/body/Add_2: Add */
  elementwise_3((const void *)((uint8_t *)outputs[0]), (void *)(arena + AT_last_Loop_1_body_each), 0, 1);
  /* 7: last/Loop_1/body/s/last/still/output0: Identity */
  copy_0((const void *)(arena + AT_last_Loop_1_body_condition), (void *)(arena + AT_last_Loop_1_body_s_last_still_output0), 0, 1);
  /* 8: last/Loop_1/body/out/output2: Identity */
  copy_1((const void *)(arena + AT_last_Loop_1_body_each), (void *)(arena + AT_last_Loop_1_body_out_output2), 0, 1);
  /* 9: last/Loop_1/body/condition = last/Loop_1/body/s/last/still/output0: Identity */
  copy_0((const void *)(arena + AT_last_Loop_1_body_s_last_still_output0), (void *)(arena + AT_last_Loop_1_body_condition), 0, 1);
  /* 10: last = last/Loop_1/body/after: Identity */
  copy_1((const void *)(arena + AT_last_Loop_1_body_each), (void *)((uint8_t *)outputs[0]), 0, 1);
  __builtin_memcpy((uint8_t *)(void *)((uint8_t *)outputs[1]) + 16 * *(const int64_t *)(const void *)(arena + AT_last_Loop_1_body_iteration), (const void *)(arena + AT_last_Loop_1_body_out_output2), 16);
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
