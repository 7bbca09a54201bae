/* g: 3 steps in an arena of 385 bytes. */
#include "prelude.h"

#define AT_q 256 /* q: 64 bytes, steps [0, 3) */
#define AT_s 320 /* s: 4 bytes, steps [0, 3) */
#define AT_z 384 /* z: 1 bytes, steps [0, 3) */
#define AT_Mul_4_workspace0 0 /* Mul_4/workspace0: 96 bytes, steps [2, 3) */
#define AT_Mul_4_workspace1 128 /* Mul_4/workspace1: 96 bytes, steps [2, 3) */

static void dynamic_range_0(const float *restrict x, float *restrict scale, uint8_t *restrict zero, long begin, long end) {
for (long item = begin; item < end; ++item) {
  float low = 0, high = 0;
  vf low0 = {0}, low1 = {0}, low2 = {0}, low3 = {0}, high0 = {0}, high1 = {0}, high2 = {0}, high3 = {0};
  for (long j = 0; j < 64; j += 32) {
    const vf x0 = mi_load(x + (j + 0));
    const vf x1 = mi_load(x + (j + 8));
    const vf x2 = mi_load(x + (j + 16));
    const vf x3 = mi_load(x + (j + 24));
    low0 = mi_select(x0 < low0, x0, low0);
    low1 = mi_select(x1 < low1, x1, low1);
    low2 = mi_select(x2 < low2, x2, low2);
    low3 = mi_select(x3 < low3, x3, low3);
    high0 = mi_select(x0 > high0, x0, high0);
    high1 = mi_select(x1 > high1, x1, high1);
    high2 = mi_select(x2 > high2, x2, high2);
    high3 = mi_select(x3 > high3, x3, high3);
  }
  low0 = mi_min(low0, low1), high0 = mi_max(high0, high1);
  low0 = mi_min(low0, low2), high0 = mi_max(high0, high2);
  low0 = mi_min(low0, low3), high0 = mi_max(high0, high3);
  low = mi_lowest(low0), high = mi_highest(high0);
  const float step = (low == high ? 1 : high - low) / 255;
  const float origin = -low / step;
  *scale = step;
  *zero = (uint8_t)__builtin_rintf(origin > 0 ? origin < 255 ? origin : 255 : 0);
}
}

/* Of numbers as wide as bytes and twice that, as many as a `vf` has. */
typedef uint8_t mi_u8 __attribute__((vector_size(8), aligned(1), may_alias));
typedef int8_t mi_s8 __attribute__((vector_size(8), aligned(1), may_alias));
typedef uint16_t mi_u16 __attribute__((vector_size(2 * 8)));
typedef int16_t mi_s16 __attribute__((vector_size(2 * 8)));

/* A step at a time: gcc has instructions for conversions to types twice or half as wide alone. */
MI_INLINE vf mi_of_u8(mi_u8 v) {
    return __builtin_convertvector(__builtin_convertvector(__builtin_convertvector(v, mi_u16), vi), vf);
}
MI_INLINE vf mi_of_s8(mi_s8 v) {
    return __builtin_convertvector(__builtin_convertvector(__builtin_convertvector(v, mi_s16), vi), vf);
}
MI_INLINE vf mi_of_s32(vi v) { return __builtin_convertvector(v, vf); }
MI_INLINE mi_u8 mi_to_u8(vf v) {
    return __builtin_convertvector(__builtin_convertvector(__builtin_convertvector(v, vi), mi_u16), mi_u8);
}
MI_INLINE mi_s8 mi_to_s8(vf v) {
    return __builtin_convertvector(__builtin_convertvector(__builtin_convertvector(v, vi), mi_s16), mi_s8);
}

MI_INLINE vf mi_load_u8(const uint8_t *p) { return mi_of_u8(*(const mi_u8 *)p); }
MI_INLINE vf mi_load_u8_n(const uint8_t *p, int n) {
    mi_u8 v = {0};
    __builtin_memcpy(&v, p, (uint32_t)n * sizeof(uint8_t));
    return mi_of_u8(v);
}
MI_INLINE void mi_store_u8(uint8_t *p, vf v) { *(mi_u8 *)p = mi_to_u8(v); }
MI_INLINE void mi_store_u8_n(uint8_t *p, vf v, int n) {
    const mi_u8 whole = mi_to_u8(v);
    __builtin_memcpy(p, &whole, (uint32_t)n);
}

MI_INLINE vf mi_load_s8(const int8_t *p) { return mi_of_s8(*(const mi_s8 *)p); }
MI_INLINE vf mi_load_s8_n(const int8_t *p, int n) {
    mi_s8 v = {0};
    __builtin_memcpy(&v, p, (uint32_t)n * sizeof(int8_t));
    return mi_of_s8(v);
}
MI_INLINE void mi_store_s8(int8_t *p, vf v) { *(mi_s8 *)p = mi_to_s8(v); }
MI_INLINE void mi_store_s8_n(int8_t *p, vf v, int n) {
    const mi_s8 whole = mi_to_s8(v);
    __builtin_memcpy(p, &whole, (uint32_t)n);
}

MI_INLINE vf mi_load_s32(const int32_t *p) { return mi_of_s32(*(const vi *)p); }
MI_INLINE vf mi_load_s32_n(const int32_t *p, int n) {
    vi v = {0};
    __builtin_memcpy(&v, p, (uint32_t)n * sizeof(int32_t));
    return mi_of_s32(v);
}

/* The same in the lowest byte of each lane, to be stored: with 1.5 * 2^23 added, whole numbers are the last bits. */
MI_INLINE vu mi_quantize_bytes(vf x, vf zero, float low, float high) {
    const vf least = low - zero, most = high - zero;
    vf near = mi_select(x > least, x, least);
    near = mi_select(near < most, near, most);
    const vu bits = (vu)(near + 12582912.0f) + (vu)__builtin_convertvector(zero, vi);
    const vu numbers = bits & (vu)(x == x);
    return low < 0 ? numbers : bits;
}
MI_INLINE mi_u8 mi_last_bytes(vu v) { return __builtin_convertvector(__builtin_convertvector(v, mi_u16), mi_u8); }
MI_INLINE void mi_store_bytes(void *p, vu v) { *(mi_u8 *)p = mi_last_bytes(v); }
MI_INLINE void mi_store_bytes_n(void *p, vu v, int n) {
    const mi_u8 whole = mi_last_bytes(v);
    __builtin_memcpy(p, &whole, (uint32_t)n);
}

static void elementwise_1(const float *restrict x0, const float *restrict x1, const uint8_t *restrict x2, uint8_t *restrict y, long begin, long end) {
const long start = begin * 4096, stop = end == 1 ? 64 : end * 4096;
const vf s1 = mi_set1(x1[0]);
const vf s2 = mi_set1(x2[0]);
long j = start;
for (; j <= stop - 8; j += 8) {
  const vf t0 = mi_load(&x0[j]);
  const vf t1 = t0 / s1;
  const vf t2 = s2;
  const vu t3 = mi_quantize_bytes(t1, t2, 0.0f, 255.0f);
  mi_store_bytes(&y[j], t3);
}
}

static void elementwise_2(float *restrict y, long begin, long end) {
const long start = begin * 4096, stop = end == 1 ? 1 : end * 4096;
for (long j = start; j < stop; ++j) {
  const float t0 = y[j * 0];
  const float t1 = 0.5f;
  const float t2 = t0 * t1;
  y[j * 0] = t2;
}
}

static void elementwise_3(const int32_t *restrict x0, const int32_t *restrict x1, const uint8_t *restrict x2, int32_t *restrict y, long begin, long end) {
const long start = begin * 4096, stop = end == 1 ? 24 : end * 4096;
const uint8_t s2 = x2[0];
for (long j = start; j < stop; ++j) {
  const int32_t t0 = x0[j];
  const int32_t t1 = x1[j];
  const int32_t t2 = (int32_t)s2;
  const int32_t t3 = (int32_t)((uint32_t)t1 * (uint32_t)t2);
  const int32_t t4 = (int32_t)((uint32_t)t0 - (uint32_t)t3);
  y[j] = t4;
}
}

static void copy_4(const uint32_t *restrict x, uint32_t *restrict y, long begin, long end) {
const long start = begin * 65536, stop = end == 1 ? 24 : end * 65536;
const __typeof__(*y) fill = x[0];
for (long j = start; j < stop; ++j) y[j] = fill;
}

typedef int16_t mi_shorts __attribute__((vector_size(32), aligned(2), may_alias));
typedef int32_t mi_products __attribute__((vector_size(64)));
MI_INLINE mi_shorts mi_pair(const int16_t *p) {
  int32_t pair;
  __builtin_memcpy(&pair, p, sizeof pair);
  return (mi_shorts)(pair - (vi){0});
}
#if defined(__clang__) || __GNUC__ >= 12
MI_INLINE vi mi_pairs(mi_shorts a, mi_shorts b) {
  const mi_products p = __builtin_convertvector(a, mi_products) * __builtin_convertvector(b, mi_products);
  return __builtin_shufflevector(p, p, 0, 2, 4, 6, 8, 10, 12, 14) + __builtin_shufflevector(p, p, 1, 3, 5, 7, 9, 11, 13, 15);
}
#else
MI_INLINE vi mi_pairs(mi_shorts a, mi_shorts b) {
  vi sum;
  for (int i = 0; i < VL; ++i) sum[i] = a[2 * i] * b[2 * i] + a[2 * i + 1] * b[2 * i + 1];
  return sum;
}
#endif

MI_INLINE int32_t mi_four_of(const void *p) {
  int32_t four;
  __builtin_memcpy(&four, p, sizeof four);
  return four;
}
MI_INLINE int32_t mi_some_of(const void *p, int count) {
  int32_t four = 0; /* of little-endian machines: the first numbers are the lowest bytes */
  __builtin_memcpy(&four, p, (uint32_t)count);
  return four;
}

#if defined(__x86_64__) && defined(__AVX512VNNI__) && defined(__AVX512VL__)
#define MI_DOT "vpdpbusd"
#elif defined(__x86_64__) && defined(__AVXVNNI__)
#define MI_DOT "{vex} vpdpbusd"
#endif
#if defined(MI_DOT)
typedef vi mi_four;
typedef vi mi_columns;
MI_INLINE mi_columns mi_columns_of(const int8_t *p) { return *(const vi *)p; }
MI_INLINE vi mi_add_products(vi sum, mi_four s, mi_columns w) {
  __asm__(MI_DOT " %2, %1, %0" : "+v"(sum) : "v"(s), "v"(w));
  return sum;
}
MI_INLINE mi_four mi_unsigned(int32_t number, int lifted) {
  vi s = number - (vi){0};
  if (!lifted) return s;
  __asm__("" : "+v"(s)); /* or compilers do the rest to the number, and broadcast it from another register */
  return s ^ (vi)((vu){0} + 0x80808080u);
}
#else
typedef uint16_t mi_words __attribute__((vector_size(sizeof(mi_shorts)), aligned(2), may_alias));
typedef struct { mi_shorts even, odd; } mi_four;
typedef mi_four mi_columns;
MI_INLINE mi_columns mi_columns_of(const int8_t *p) {
  const vu w = *(const vu *)p;
  return (mi_columns){(mi_shorts)((mi_words)w << 8) >> 8, (mi_shorts)w >> 8};
}
MI_INLINE vi mi_add_products(vi sum, mi_four s, mi_columns w) {
  return sum + mi_pairs(s.even, w.even) + mi_pairs(s.odd, w.odd);
}
MI_INLINE mi_four mi_unsigned(int32_t number, int lifted) {
  const vu s = ((uint32_t)number ^ (lifted ? 0x80808080u : 0)) - (vu){0};
  return (mi_four){(mi_shorts)(s & 0x00ff00ffu), (mi_shorts)(s >> 8 & 0x00ff00ffu)};
}
#endif

static void gemm_5(const uint8_t *restrict a, const int8_t *restrict b, const int32_t *restrict bias, const float *restrict column0, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long block = 0, row = item;
  const long o = row % 2 * 2;
  const int8_t *const weight = b + (block * 384);
  const long a_at = 0;
  const long y_at = 0 + (0 * 24 + block * 24) * 1;
  vi a0_0 = *(const vi *)(bias + block * 24 + 0);
  vi a0_1 = *(const vi *)(bias + block * 24 + 8);
  vi a0_2 = *(const vi *)(bias + block * 24 + 16);
  vi a1_0 = *(const vi *)(bias + block * 24 + 0);
  vi a1_1 = *(const vi *)(bias + block * 24 + 8);
  vi a1_2 = *(const vi *)(bias + block * 24 + 16);
  {
    const uint8_t *p = a + a_at + (o * 1 + 0 * 1 - 0) * 16;
    const int8_t *q = weight + 0 * 384;
    { const mi_columns w0 = mi_columns_of(q + 0); const mi_columns w1 = mi_columns_of(q + 32); const mi_columns w2 = mi_columns_of(q + 64);
      { const mi_four s = mi_unsigned(mi_four_of(&p[0]), 0); a0_0 = mi_add_products(a0_0, s, w0); a0_1 = mi_add_products(a0_1, s, w1); a0_2 = mi_add_products(a0_2, s, w2); }
      { const mi_four s = mi_unsigned(mi_four_of(&p[16]), 0); a1_0 = mi_add_products(a1_0, s, w0); a1_1 = mi_add_products(a1_1, s, w1); a1_2 = mi_add_products(a1_2, s, w2); }
    } __asm__ volatile("" ::: "memory");
    { const mi_columns w0 = mi_columns_of(q + 96); const mi_columns w1 = mi_columns_of(q + 128); const mi_columns w2 = mi_columns_of(q + 160);
      { const mi_four s = mi_unsigned(mi_four_of(&p[4]), 0); a0_0 = mi_add_products(a0_0, s, w0); a0_1 = mi_add_products(a0_1, s, w1); a0_2 = mi_add_products(a0_2, s, w2); }
      { const mi_four s = mi_unsigned(mi_four_of(&p[20]), 0); a1_0 = mi_add_products(a1_0, s, w0); a1_1 = mi_add_products(a1_1, s, w1); a1_2 = mi_add_products(a1_2, s, w2); }
    } __asm__ volatile("" ::: "memory");
    { const mi_columns w0 = mi_columns_of(q + 192); const mi_columns w1 = mi_columns_of(q + 224); const mi_columns w2 = mi_columns_of(q + 256);
      { const mi_four s = mi_unsigned(mi_four_of(&p[8]), 0); a0_0 = mi_add_products(a0_0, s, w0); a0_1 = mi_add_products(a0_1, s, w1); a0_2 = mi_add_products(a0_2, s, w2); }
      { const mi_four s = mi_unsigned(mi_four_of(&p[24]), 0); a1_0 = mi_add_products(a1_0, s, w0); a1_1 = mi_add_products(a1_1, s, w1); a1_2 = mi_add_products(a1_2, s, w2); }
    } __asm__ volatile("" ::: "memory");
    { const mi_columns w0 = mi_columns_of(q + 288); const mi_columns w1 = mi_columns_of(q + 320); const mi_columns w2 = mi_columns_of(q + 352);
      { const mi_four s = mi_unsigned(mi_four_of(&p[12]), 0); a0_0 = mi_add_products(a0_0, s, w0); a0_1 = mi_add_products(a0_1, s, w1); a0_2 = mi_add_products(a0_2, s, w2); }
      { const mi_four s = mi_unsigned(mi_four_of(&p[28]), 0); a1_0 = mi_add_products(a1_0, s, w0); a1_1 = mi_add_products(a1_1, s, w1); a1_2 = mi_add_products(a1_2, s, w2); }
    } __asm__ volatile("" ::: "memory");
  }
  float *const out = y + (y_at + o * 24);
  { const vf real = mi_of_s32(a0_0); const vf t0 = mi_load(column0 + block * 24 + 0); const vf t1 = real; const vf t2 = t1 * t0; mi_store(out + 0, t2); }
  { const vf real = mi_of_s32(a0_1); const vf t0 = mi_load(column0 + block * 24 + 8); const vf t1 = real; const vf t2 = t1 * t0; mi_store(out + 8, t2); }
  { const vf real = mi_of_s32(a0_2); const vf t0 = mi_load(column0 + block * 24 + 16); const vf t1 = real; const vf t2 = t1 * t0; mi_store(out + 16, t2); }
  { const vf real = mi_of_s32(a1_0); const vf t0 = mi_load(column0 + block * 24 + 0); const vf t1 = real; const vf t2 = t1 * t0; mi_store(out + 24, t2); }
  { const vf real = mi_of_s32(a1_1); const vf t0 = mi_load(column0 + block * 24 + 8); const vf t1 = real; const vf t2 = t1 * t0; mi_store(out + 32, t2); }
  { const vf real = mi_of_s32(a1_2); const vf t0 = mi_load(column0 + block * 24 + 16); const vf t1 = real; const vf t2 = t1 * t0; mi_store(out + 40, t2); }
}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: DynamicQuantizeLinear_0: DynamicQuantizeLinear */
  dynamic_range_0((const void *)((const uint8_t *)inputs[0]), (void *)(arena + AT_s), (void *)(arena + AT_z), 0, 1);
  elementwise_1((const void *)((const uint8_t *)inputs[0]), (const void *)(arena + AT_s), (const void *)(arena + AT_z), (void *)(arena + AT_q), 0, 1);
  /* 1: Mul_3: Mul */
  elementwise_2((void *)(arena + AT_s), 0, 1);
  /* 2: Mul_4: MatMulInteger + Cast + Mul */
  elementwise_3((const void *)(constants + 0), (const void *)(constants + 128), (const void *)(arena + AT_z), (void *)(arena + AT_Mul_4_workspace0), 0, 1);
  copy_4((const void *)(arena + AT_s), (void *)(arena + AT_Mul_4_workspace1), 0, 1);
  gemm_5((const void *)(arena + AT_q), (const void *)(constants + 256), (const void *)(arena + AT_Mul_4_workspace0), (const void *)(arena + AT_Mul_4_workspace1), (void *)((uint8_t *)outputs[0]), 0, 2);
  return 0;
}
