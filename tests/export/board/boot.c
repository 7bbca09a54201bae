/* What a Cortex-M or a RISC-V starts with, in an emulator: memory as C wants it, the net's test, and how much stack that took.
   Semihosting tells the result: 0 where the test passes; 100 + its exit code; 200 for a fault. */
#include <stdint.h>

extern uint32_t stack_top, stack_low, data_start, data_end, data_load, bss_start, bss_end;

int main(void);
void reset(void);
static void fault(void);

#ifdef __riscv
static int semihost(int operation, const void *argument) {
  register int a0 __asm__("a0") = operation;
  register const void *a1 __asm__("a1") = argument;
  __asm__ volatile(".balign 16\n .option push\n .option norvc\n"
                   "slli x0, x0, 0x1f\n ebreak\n srai x0, x0, 7\n .option pop" : "+r"(a0) : "r"(a1) : "memory");
  return a0;
}
#else
__attribute__((section(".vectors"), used)) void *const vectors[16] = {
    &stack_top, (void *)reset, (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault,
};

static int semihost(int operation, const void *argument) {
  register int r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}
#endif

static void leave(uint32_t code) {
  const uint32_t why[2] = {0x20026 /* the application ends */, code};
  semihost(0x20, why);
  for (;;) {}
}

__attribute__((aligned(4), used)) static void fault(void) { leave(200); }

static void say(const char *what, uint32_t number) {
  char text[12], *digit = text + sizeof text;
  *--digit = 0;
  *--digit = '\n';
  do *--digit = (char)('0' + number % 10);
  while (number /= 10);
  semihost(4, what);
  semihost(4, digit);
}

/* The linker sends calls of the net's run function here: an emulator counts between the two. */
__attribute__((noinline)) void count_begin(void) { __asm__ volatile("" ::: "memory"); }
__attribute__((noinline)) void count_end(void) { __asm__ volatile("" ::: "memory"); }
int __real_net_run(void *arena, void *state);
int __wrap_net_run(void *arena, void *state);
static uint32_t stack_used;

int __wrap_net_run(void *arena, void *state) {
  uint32_t *const here = (uint32_t *)__builtin_frame_address(0) - 16;
  for (uint32_t *word = &stack_low; word < here; ++word) *word = 0xdeadbeef;
  count_begin();
  const int code = __real_net_run(arena, state);
  count_end();
  const uint32_t *word = &stack_low;
  while (word < here && *word == 0xdeadbeef) ++word;
  stack_used = (uint32_t)((const uint8_t *)(here + 16) - (const uint8_t *)word);
  return code;
}

__attribute__((used)) static void start(void) {
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
  *(volatile uint32_t *)0xe000ed88 |= 0xfu << 20;
  __asm__ volatile("dsb\n isb");
#endif
  const uint32_t *from = &data_load;
  for (uint32_t *to = &data_start; to < &data_end; ++to) *to = *from++;
  for (uint32_t *to = &bss_start; to < &bss_end; ++to) *to = 0;
  const int code = main();
  say("stack ", stack_used);
  leave(code ? 100u + (uint32_t)code : 0u);
}

#ifdef __riscv
__attribute__((naked, section(".vectors"))) void reset(void) {
  __asm__ volatile(".option arch, +zicsr\n la sp, stack_top\n la t0, fault\n csrw mtvec, t0\n call start\n");
}
#else
__attribute__((naked)) void reset(void) { __asm__ volatile("ldr r0, =stack_top\n mov sp, r0\n bl start\n"); }
#endif
