"""C that asks an x86-64 processor, and the system, for features: no library of a compiler's is needed."""

from collections.abc import Sequence

_AVX, _AVX512 = 0x6, 0xE6
"""Registers that the system must keep for a program (XCR0)."""

_FEATURES = {
    "sse3": (1, 0, "ecx", 0, 0),
    "ssse3": (1, 0, "ecx", 9, 0),
    "sse4.1": (1, 0, "ecx", 19, 0),
    "sse4.2": (1, 0, "ecx", 20, 0),
    "popcnt": (1, 0, "ecx", 23, 0),
    "avx": (1, 0, "ecx", 28, _AVX),
    "f16c": (1, 0, "ecx", 29, _AVX),
    "fma": (1, 0, "ecx", 12, _AVX),
    "avx2": (7, 0, "ebx", 5, _AVX),
    "bmi": (7, 0, "ebx", 3, 0),
    "bmi2": (7, 0, "ebx", 8, 0),
    "lzcnt": (0x80000001, 0, "ecx", 5, 0),
    "avx512f": (7, 0, "ebx", 16, _AVX512),
    "avx512cd": (7, 0, "ebx", 28, _AVX512),
    "avx512bw": (7, 0, "ebx", 30, _AVX512),
    "avx512dq": (7, 0, "ebx", 17, _AVX512),
    "avx512vl": (7, 0, "ebx", 31, _AVX512),
    "avx512vnni": (7, 0, "ecx", 11, _AVX512),
    "avxvnni": (7, 1, "eax", 4, _AVX),
    "avx512vbmi": (7, 0, "ecx", 1, _AVX512),
}
"""Feature → leaf, subleaf, register and bit of CPUID (Intel's manual, volume 2, table 3-8), registers to be kept."""

_DETECTION = """\
#include <cpuid.h>
static const struct {
  const char *name;
  unsigned leaf, subleaf, place, bit, kept; /* where CPUID says it, and the registers that the system must keep */
} features[] = {
@ROWS@
};

/* The features that are there, a bit each. */
static uint32_t present(void) {
  uint32_t found = 0;
  unsigned words[4], kept = 0, high = 0;
  if (__get_cpuid(1, &words[0], &words[1], &words[2], &words[3]) && words[2] >> 27 & 1)
    __asm__ volatile("xgetbv" : "=a"(kept), "=d"(high) : "c"(0));
  for (unsigned i = 0; i < sizeof features / sizeof *features; ++i) {
    if (!__get_cpuid_count(features[i].leaf, features[i].subleaf, &words[0], &words[1], &words[2], &words[3])) continue;
    if (words[features[i].place] >> features[i].bit & 1 && (features[i].kept & ~kept) == 0) found |= UINT32_C(1) << i;
  }
  return found;
}
"""

_NONE = """\
static const struct { const char *name; } features[] = {{""}};
static uint32_t present(void) { return 0; }
"""


def detection(features: Sequence[str]) -> str:
    """A table `features`, and a function `present` that says which of these the processor has, a bit each."""
    if not features:
        return _NONE
    rows = []
    for feature in features:
        leaf, subleaf, register, bit, kept = _FEATURES[feature]
        place = ("eax", "ebx", "ecx", "edx").index(register)
        rows.append(f'    {{"{feature}", {leaf:#x}, {subleaf}, {place}, {bit}, {kept:#x}}},')
    return _DETECTION.replace("@ROWS@", "\n".join(rows))


def mask(features: Sequence[str], needed: Sequence[str]) -> int:
    """The bits of some of the features."""
    return sum(1 << index for index, feature in enumerate(features) if feature in needed)
