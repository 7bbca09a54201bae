/* g: 11 steps in an arena of 1824 bytes. */
#include "prelude.h"

#define AT_x_last 0 /* x_last: 288 bytes, steps [0, 2) */
#define AT_q_Requantize_4_last 384 /* q/Requantize_4_last: 1440 bytes, steps [1, 11) */
#define AT_m_last 0 /* m_last: 360 bytes, steps [4, 7) */
#define AT_a_last 0 /* a_last: 360 bytes, steps [7, 9) */
#define AT_QLinearGlobalAveragePool_6_workspace0 0 /* QLinearGlobalAveragePool_6/workspace0: 160 bytes, steps [2, 3) */

static void copy_0(const uint8_t *restrict x, uint8_t *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long s = i0 * 16;
  const long t = i0 * 128;
  const long row = i0 * 16;
  const uint8_t *p = x + s;
  uint8_t *q = y + t;
  if (row <= 20) {
    for (long i = 0; i < 16; ++i)
      for (long j = 0; j < 8; ++j) q[i * 8 + j] = p[i + j * 36];
  } else {
    for (long i = 0; i < 4; ++i)
      for (long j = 0; j < 8; ++j) q[i * 8 + j] = p[i + j * 36];
  }
}
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

static void gemm_1(const uint8_t *restrict a, const int8_t *restrict b, const int32_t *restrict bias, uint8_t *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long block = item / 3, row = item % 3;
  const long o = row % 3 * 12;
  const int8_t *const weight = b + (block * 64);
  const long a_at = 0;
  const long y_at = 0 + (0 * 40 + block * 8) * 1;
  vi a0_0 = *(const vi *)(bias + block * 8 + 0);
  vi a1_0 = *(const vi *)(bias + block * 8 + 0);
  vi a2_0 = *(const vi *)(bias + block * 8 + 0);
  vi a3_0 = *(const vi *)(bias + block * 8 + 0);
  vi a4_0 = *(const vi *)(bias + block * 8 + 0);
  vi a5_0 = *(const vi *)(bias + block * 8 + 0);
  vi a6_0 = *(const vi *)(bias + block * 8 + 0);
  vi a7_0 = *(const vi *)(bias + block * 8 + 0);
  vi a8_0 = *(const vi *)(bias + block * 8 + 0);
  vi a9_0 = *(const vi *)(bias + block * 8 + 0);
  vi a10_0 = *(const vi *)(bias + block * 8 + 0);
  vi a11_0 = *(const vi *)(bias + block * 8 + 0);
  {
    const uint8_t *p = a + a_at + (o * 1 + 0 * 1 - 0) * 8;
    const int8_t *q = weight + 0 * 64;
    { const mi_columns w0 = mi_columns_of(q + 0);
      { const mi_four s = mi_unsigned(mi_four_of(&p[0]), 0); a0_0 = mi_add_products(a0_0, s, w0); }
      { const mi_four s = mi_unsigned(mi_four_of(&p[8]), 0); a1_0 = mi_add_products(a1_0, s, w0); }
      { const mi_four s = mi_unsigned(mi_four_of(&p[16]), 0); a2_0 = mi_add_products(a2_0, s, w0); }
      { const mi_four s = mi_unsigned(mi_four_of(&p[24]), 0); a3_0 = mi_add_products(a3_0, s, w0); }
      { const mi_four s = mi_unsigned(mi_four_of(&p[32]), 0); a4_0 = mi_add_products(a4_0, s, w0); }
      { const mi_four s = mi_unsigned(mi_four_of(&p[40]), 0); a5_0 = mi_add_products(a5_0, s, w0); }
      { const mi_four s = mi_unsigned(mi_four_of(&p[48]), 0); a6_0 = mi_add_products(a6_0, s, w0); }
      { const mi_four s = mi_unsigned(mi_four_of(&p[56]), 0); a7_0 = mi_add_products(a7_0, s, w0); }
      { const mi_four s = mi_unsigned(mi_four_of(&p[64]), 0); a8_0 = mi_add_products(a8_0, s, w0); }
      { const mi_four s = mi_unsigned(mi_four_of(&p[72]), 0); a9_0 = mi_add_products(a9_0, s, w0); }
      { const mi_four s = mi_unsigned(mi_four_of(&p[80]), 0); a10_0 = mi_add_products(a10_0, s, w0); }
      { const mi_four s = mi_unsigned(mi_four_of(&p[88]), 0); a11_0 = mi_add_products(a11_0, s, w0); }
    } __asm__ volatile("" ::: "memory");
    { const mi_columns w0 = mi_columns_of(q + 32);
      { const mi_four s = mi_unsigned(mi_four_of(&p[4]), 0); a0_0 = mi_add_products(a0_0, s, w0); }
      { const mi_four s = mi_unsigned(mi_four_of(&p[12]), 0); a1_0 = mi_add_products(a1_0, s, w0); }
      { const mi_four s = mi_unsigned(mi_four_of(&p[20]), 0); a2_0 = mi_add_products(a2_0, s, w0); }
      { const mi_four s = mi_unsigned(mi_four_of(&p[28]), 0); a3_0 = mi_add_products(a3_0, s, w0); }
      { const mi_four s = mi_unsigned(mi_four_of(&p[36]), 0); a4_0 = mi_add_products(a4_0, s, w0); }
      { const mi_four s = mi_unsigned(mi_four_of(&p[44]), 0); a5_0 = mi_add_products(a5_0, s, w0); }
      { const mi_four s = mi_unsigned(mi_four_of(&p[52]), 0); a6_0 = mi_add_products(a6_0, s, w0); }
      { const mi_four s = mi_unsigned(mi_four_of(&p[60]), 0); a7_0 = mi_add_products(a7_0, s, w0); }
      { const mi_four s = mi_unsigned(mi_four_of(&p[68]), 0); a8_0 = mi_add_products(a8_0, s, w0); }
      { const mi_four s = mi_unsigned(mi_four_of(&p[76]), 0); a9_0 = mi_add_products(a9_0, s, w0); }
      { const mi_four s = mi_unsigned(mi_four_of(&p[84]), 0); a10_0 = mi_add_products(a10_0, s, w0); }
      { const mi_four s = mi_unsigned(mi_four_of(&p[92]), 0); a11_0 = mi_add_products(a11_0, s, w0); }
    } __asm__ volatile("" ::: "memory");
  }
  uint8_t *const out = y + (y_at + o * 40);
  { const vf real = mi_of_s32(a0_0); const vf t0 = real; const vf t1 = mi_set1(0.009999999776482582f); const vf t2 = t0 * t1; const vf t3 = mi_set1(3); const vf t4 = t3; const vu t5 = mi_quantize_bytes(t2, t4, 0.0f, 255.0f); mi_store_bytes(out + 0, t5); }
  { const vf real = mi_of_s32(a1_0); const vf t0 = real; const vf t1 = mi_set1(0.009999999776482582f); const vf t2 = t0 * t1; const vf t3 = mi_set1(3); const vf t4 = t3; const vu t5 = mi_quantize_bytes(t2, t4, 0.0f, 255.0f); mi_store_bytes(out + 40, t5); }
  { const vf real = mi_of_s32(a2_0); const vf t0 = real; const vf t1 = mi_set1(0.009999999776482582f); const vf t2 = t0 * t1; const vf t3 = mi_set1(3); const vf t4 = t3; const vu t5 = mi_quantize_bytes(t2, t4, 0.0f, 255.0f); mi_store_bytes(out + 80, t5); }
  { const vf real = mi_of_s32(a3_0); const vf t0 = real; const vf t1 = mi_set1(0.009999999776482582f); const vf t2 = t0 * t1; const vf t3 = mi_set1(3); const vf t4 = t3; const vu t5 = mi_quantize_bytes(t2, t4, 0.0f, 255.0f); mi_store_bytes(out + 120, t5); }
  { const vf real = mi_of_s32(a4_0); const vf t0 = real; const vf t1 = mi_set1(0.009999999776482582f); const vf t2 = t0 * t1; const vf t3 = mi_set1(3); const vf t4 = t3; const vu t5 = mi_quantize_bytes(t2, t4, 0.0f, 255.0f); mi_store_bytes(out + 160, t5); }
  { const vf real = mi_of_s32(a5_0); const vf t0 = real; const vf t1 = mi_set1(0.009999999776482582f); const vf t2 = t0 * t1; const vf t3 = mi_set1(3); const vf t4 = t3; const vu t5 = mi_quantize_bytes(t2, t4, 0.0f, 255.0f); mi_store_bytes(out + 200, t5); }
  { const vf real = mi_of_s32(a6_0); const vf t0 = real; const vf t1 = mi_set1(0.009999999776482582f); const vf t2 = t0 * t1; const vf t3 = mi_set1(3); const vf t4 = t3; const vu t5 = mi_quantize_bytes(t2, t4, 0.0f, 255.0f); mi_store_bytes(out + 240, t5); }
  { const vf real = mi_of_s32(a7_0); const vf t0 = real; const vf t1 = mi_set1(0.009999999776482582f); const vf t2 = t0 * t1; const vf t3 = mi_set1(3); const vf t4 = t3; const vu t5 = mi_quantize_bytes(t2, t4, 0.0f, 255.0f); mi_store_bytes(out + 280, t5); }
  { const vf real = mi_of_s32(a8_0); const vf t0 = real; const vf t1 = mi_set1(0.009999999776482582f); const vf t2 = t0 * t1; const vf t3 = mi_set1(3); const vf t4 = t3; const vu t5 = mi_quantize_bytes(t2, t4, 0.0f, 255.0f); mi_store_bytes(out + 320, t5); }
  { const vf real = mi_of_s32(a9_0); const vf t0 = real; const vf t1 = mi_set1(0.009999999776482582f); const vf t2 = t0 * t1; const vf t3 = mi_set1(3); const vf t4 = t3; const vu t5 = mi_quantize_bytes(t2, t4, 0.0f, 255.0f); mi_store_bytes(out + 360, t5); }
  { const vf real = mi_of_s32(a10_0); const vf t0 = real; const vf t1 = mi_set1(0.009999999776482582f); const vf t2 = t0 * t1; const vf t3 = mi_set1(3); const vf t4 = t3; const vu t5 = mi_quantize_bytes(t2, t4, 0.0f, 255.0f); mi_store_bytes(out + 400, t5); }
  { const vf real = mi_of_s32(a11_0); const vf t0 = real; const vf t1 = mi_set1(0.009999999776482582f); const vf t2 = t0 * t1; const vf t3 = mi_set1(3); const vf t4 = t3; const vu t5 = mi_quantize_bytes(t2, t4, 0.0f, 255.0f); mi_store_bytes(out + 440, t5); }
}
}

#if defined(__ARM_FEATURE_DSP) && defined(__ARM_FP) && defined(__GNUC__) && defined(__arm__)
#ifndef MI_NEAREST
#define MI_NEAREST
#include <arm_acle.h>
/* The nearest int32, ties to even, 0 for NaN; an instruction that compilers use for nothing. */
static inline int32_t mi_nearest(float x) {
  union { float bits; int32_t number; } near;
  __asm__("vcvtr.s32.f32 %0, %1" : "=t"(near.bits) : "t"(x));
  return near.number;
}
#endif
#endif
static inline uint8_t mi_quantize_uint8_t(float x, float zero) {
#if defined(MI_NEAREST)
  const int32_t shift = (int32_t)zero; /* of 0 the compiler knows, and so where NaN gives 0 anyway */
  if (shift == 0) return (uint8_t)__usat(mi_nearest(x), 8);
  return x == x ? (uint8_t)__usat(__qadd(mi_nearest(x), shift), 8) : 0;
#else
  const float low = 0.0f - zero, high = 255.0f - zero;
  const float near = ((x < low ? low : x > high ? high : x) + 12582912.0f) - 12582912.0f;
  return (uint8_t)(x == x ? (int32_t)(near + zero) : 0);
#endif
}

static void quantized_mean_2(const uint8_t *restrict x, uint8_t *restrict y, int32_t *restrict sums, long begin, long end) {
(void)sums;
for (long item = begin; item < end; ++item) {
  const long c = item * 64;
  int32_t total[40];
  for (long j = 0; j < 40; ++j) {
    total[j] = 0;
  }
  const uint8_t *from = x + c;
  for (long row = 0; row < 36; ++row) {
    for (long j = 0; j < 40; ++j) {
      total[j] += from[j];
    }
    from += 40;
  }
  for (long j = 0; j < 40; ++j) {
    y[c + j] = mi_quantize_uint8_t((float)(total[j] - (int32_t)(3 * 36)) * (0.019999999552965164f / (0.019999999552965164f * (float)36)), 3.0f);
  }
}
}

typedef uint8_t vu32 __attribute__((vector_size(32), aligned(1), may_alias));
MI_INLINE vu32 vu32_load(const uint8_t *p) { return *(const vu32 *)p; }
MI_INLINE void vu32_store(uint8_t *p, vu32 a) { *(vu32 *)p = a; }
MI_INLINE vu32 vu32_greatest(vu32 a, vu32 b) { const vu32 more = (vu32)(b > a); return (b & more) | (a & ~more); }

static void pool_3(const uint8_t *restrict x, uint8_t *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long o1 = item % 3;
  const long o0 = item / 3 % 3;
  const long n = item / 3 / 3;
  const long begin0 = o0 * 2 - 0, end0 = 6 - begin0;
  const long first0 = begin0 < 0 ? -begin0 : 0;
  const long last0 = end0 < 2 ? end0 : 2;
  const long begin1 = o1 * 2 - 0, end1 = 6 - begin1;
  const long first1 = begin1 < 0 ? -begin1 : 0;
  const long last1 = end1 < 2 ? end1 : 2;
  const long x_at = n * 1440 + begin0 * 240 + begin1 * 40, y_at = n * 360 + o0 * 120 + o1 * 40;
  {
    const long c = 0;
    const uint8_t *const start = x + (x_at + first0 * 240 + first1 * 40 + c);
    vu32 a0 = vu32_load(start + 0);
    for (long k0 = first0; k0 < last0; ++k0) {
      for (long k1 = first1; k1 < last1; ++k1) {
        const long at = x_at + k0 * 240 + k1 * 40;
        a0 = vu32_greatest(a0, vu32_load(x + (at + c + 0)));
      }
    }
    vu32_store(y + (y_at + c + 0), a0);
  }
  {
    const long c = 8;
    const uint8_t *const start = x + (x_at + first0 * 240 + first1 * 40 + c);
    vu32 a0 = vu32_load(start + 0);
    for (long k0 = first0; k0 < last0; ++k0) {
      for (long k1 = first1; k1 < last1; ++k1) {
        const long at = x_at + k0 * 240 + k1 * 40;
        a0 = vu32_greatest(a0, vu32_load(x + (at + c + 0)));
      }
    }
    vu32_store(y + (y_at + c + 0), a0);
  }
}
}

/* 256 bytes, and what they are for numbers from 0 to 255. An `asm` says the same to every compiler. */
typedef uint8_t mi_bytes __attribute__((vector_size(32), aligned(1), may_alias));
typedef int8_t mi_signed_bytes __attribute__((vector_size(32), aligned(1), may_alias));
#if defined(__AVX512VBMI__) && 32 == 64
typedef struct { mi_bytes part[4]; } mi_table;
MI_INLINE mi_table mi_table_of(const void *p) {
  const mi_bytes *const from = (const mi_bytes *)p;
  return (mi_table){{from[0], from[1], from[2], from[3]}};
}
MI_INLINE mi_bytes mi_look_up(const mi_table *table, mi_bytes x) {
  const mi_bytes upper = (mi_bytes)((mi_signed_bytes)x < 0);
  mi_bytes low = x, high = x; /* of an index the instruction takes the lowest 7 bits */
  __asm__("vpermi2b %2, %1, %0" : "+v"(low) : "v"(table->part[0]), "v"(table->part[1]));
  __asm__("vpermi2b %2, %1, %0" : "+v"(high) : "v"(table->part[2]), "v"(table->part[3]));
  return (high & upper) | (low & ~upper);
}
#else
/* Each part of 16 less the one before it, but for the first and the ninth. */
typedef struct { mi_bytes part[16]; } mi_table;
MI_INLINE mi_table mi_table_of(const void *p) {
  mi_table table;
  for (int k = 0; k < 16; ++k)
    for (int j = 0; j < 32; j += 16)
      __builtin_memcpy((uint8_t *)&table.part[k] + j, (const uint8_t *)p + 16 * k, 16);
  for (int k = 15; k > 0; --k)
    if (k != 8) table.part[k] ^= table.part[k - 1];
  return table;
}
/* Of an index the instruction takes the lowest 4 bits; 0 comes of one with the highest. */
MI_INLINE mi_bytes mi_of_sixteen(mi_bytes table, mi_bytes x) {
  mi_bytes y;
  __asm__("vpshufb %2, %1, %0" : "=v"(y) : "v"(table), "v"(x));
  return y;
}
MI_INLINE mi_bytes mi_sixteen_less(mi_bytes x) {
  const mi_bytes sixteen = 16 - (mi_bytes){0};
  mi_bytes y;
  __asm__("vpsubsb %2, %1, %0" : "=v"(y) : "v"(x), "v"(sixteen));
  return y;
}
MI_INLINE mi_bytes mi_look_up(const mi_table *table, mi_bytes x) {
  mi_bytes low = x, high = x ^ 0x80;
  mi_bytes a = mi_of_sixteen(table->part[0], low), b = mi_of_sixteen(table->part[8], high);
  for (int k = 1; k < 8; ++k) {
    low = mi_sixteen_less(low);
    high = mi_sixteen_less(high);
    a ^= mi_of_sixteen(table->part[k], low);
    b ^= mi_of_sixteen(table->part[k + 8], high);
  }
  return a ^ b;
}
#endif
MI_INLINE mi_bytes mi_look_up_n(const mi_table *table, const void *p, int n, int flip) {
  mi_bytes x = {0};
  __builtin_memcpy(&x, p, (uint32_t)n);
  return mi_look_up(table, x ^ (uint8_t)flip);
}

static void lookup_4(const uint8_t *restrict table, uint8_t *restrict y, long begin, long end) {
const mi_table table_of = mi_table_of(table);
const uint8_t *const from = (const uint8_t *)y;
uint8_t *const to = (uint8_t *)y;
const long start = begin * 4096, stop = end == 1 ? 360 : end * 4096;
long j = start;
for (; j <= stop - 32; j += 32) {
  const uint8_t *const p = from + (j);
  uint8_t *const q = to + (j);
  *(mi_bytes *)q = mi_look_up(&table_of, *(const mi_bytes *)p);
}
if (j < stop) {
  const uint8_t *const p = from + (j);
  uint8_t *const q = to + (j);
  const mi_bytes last = mi_look_up_n(&table_of, p, 8, 0);
  __builtin_memcpy(q, &last, 8);
}
}

static void copy_5(const uint8_t *restrict x, uint8_t *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long s = i0 * 16;
  const long t = i0 * 144;
  const long row = i0 * 16;
  const uint8_t *p = x + s;
  uint8_t *q = y + t;
  if (row <= 24) {
    for (long i = 0; i < 16; ++i)
      for (long j = 0; j < 9; ++j) q[i * 9 + j] = p[i + j * 40];
  } else {
    for (long i = 0; i < 8; ++i)
      for (long j = 0; j < 9; ++j) q[i * 9 + j] = p[i + j * 40];
  }
}
}

MI_INLINE vf mi_real_vector(vf x, float zero, float scale) {
    const vf product = (x - zero) * scale, least = mi_set1(-3.4028234664e38f);
    return mi_select(product < least, least, product);
}

/* The whole number nearest to x, ties to even, plus another, no less than low and no more than high; NaN gives 0.
   Below 2^22 adding and subtracting 1.5 * 2^23 rounds. */
MI_INLINE vf mi_quantize(vf x, vf zero, float low, float high) {
    const vf least = low - zero, most = high - zero;
    vf near = mi_select(x > least, x, least); /* of NaN the least, which is 0 where there is no sign */
    near = mi_select(near < most, near, most);
    near = ((near + 12582912.0f) - 12582912.0f) + zero;
    return low < 0 ? mi_select(x == x, near, (vf){0}) : near;
}

static void pool_6(const uint8_t *restrict x, uint8_t *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long o1 = item % 3;
  const long o0 = item / 3 % 3;
  const long n = item / 3 / 3;
  const long begin0 = o0 * 2 - 0, end0 = 6 - begin0;
  const long first0 = begin0 < 0 ? -begin0 : 0;
  const long last0 = end0 < 2 ? end0 : 2;
  const long begin1 = o1 * 2 - 0, end1 = 6 - begin1;
  const long first1 = begin1 < 0 ? -begin1 : 0;
  const long last1 = end1 < 2 ? end1 : 2;
  const long x_at = n * 1440 + begin0 * 240 + begin1 * 40, y_at = n * 360 + o0 * 120 + o1 * 40;
  const long elements = (last0 - first0) * (last1 - first1);
  for (long c = 0; c < 32; c += 32) {
    vf a0 = {0};
    vf a1 = {0};
    vf a2 = {0};
    vf a3 = {0};
    for (long k0 = first0; k0 < last0; ++k0) {
      for (long k1 = first1; k1 < last1; ++k1) {
        const long at = x_at + k0 * 240 + k1 * 40;
        a0 += mi_real_vector(mi_load_u8(x + (at + c + 0)), 3.0f, 0.019999999552965164f);
        a1 += mi_real_vector(mi_load_u8(x + (at + c + 8)), 3.0f, 0.019999999552965164f);
        a2 += mi_real_vector(mi_load_u8(x + (at + c + 16)), 3.0f, 0.019999999552965164f);
        a3 += mi_real_vector(mi_load_u8(x + (at + c + 24)), 3.0f, 0.019999999552965164f);
      }
    }
    mi_store_u8(y + (y_at + c + 0), mi_quantize(a0 / (float)elements / 0.019999999552965164f + 3.0f, (vf){0}, 0.0f, 255.0f));
    mi_store_u8(y + (y_at + c + 8), mi_quantize(a1 / (float)elements / 0.019999999552965164f + 3.0f, (vf){0}, 0.0f, 255.0f));
    mi_store_u8(y + (y_at + c + 16), mi_quantize(a2 / (float)elements / 0.019999999552965164f + 3.0f, (vf){0}, 0.0f, 255.0f));
    mi_store_u8(y + (y_at + c + 24), mi_quantize(a3 / (float)elements / 0.019999999552965164f + 3.0f, (vf){0}, 0.0f, 255.0f));
  }
  {
    const long c = 32;
    vf a0 = {0};
    for (long k0 = first0; k0 < last0; ++k0) {
      for (long k1 = first1; k1 < last1; ++k1) {
        const long at = x_at + k0 * 240 + k1 * 40;
        a0 += mi_real_vector(mi_load_u8(x + (at + c + 0)), 3.0f, 0.019999999552965164f);
      }
    }
    mi_store_u8(y + (y_at + c + 0), mi_quantize(a0 / (float)elements / 0.019999999552965164f + 3.0f, (vf){0}, 0.0f, 255.0f));
  }
}
}

static void quantized_softmax_7(const float *restrict table, uint8_t *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long at = i0 * 320;
  const long line = i0 * 8;
  if (line <= 28) {
    const uint8_t *const from = y + at;
    uint8_t *const to = y + at;
    uint8_t most[8];
    const float *entries[8];
    float total[8];
    for (long k = 0; k < 8; ++k) {
      most[k] = from[k * 40];
    }
    for (long k = 0; k < 8; ++k) {
      uint8_t high = most[k];
      for (long j = 0; j < 40; ++j) {
        high = from[k * 40 + j * 1] > high ? from[k * 40 + j * 1] : high;
      }
      most[k] = high;
    }
    for (long k = 0; k < 8; ++k) {
      entries[k] = table + (255 - most[k]);
      total[k] = 0;
    }
    for (long j = 0; j < 40; ++j) {
      for (long k = 0; k < 8; ++k) {
        total[k] += entries[k][from[k * 40 + j * 1]];
      }
    }
    for (long k = 0; k < 8; ++k) {
      const vf sum = mi_set1(total[k]);
      {
        const long j = 0;
        float looked_up[40] = {0};
        for (long i = 0; i < 40; ++i) {
          looked_up[i] = entries[k][from[k * 40 + j + i]];
        }
        for (long i = 0; i < 40; i += 8) {
          mi_store_u8(to + (k * 40 + j + i), mi_quantize(mi_load(looked_up + i) * 50.0f / sum, mi_set1(3.0f), 0.0f, 255.0f));
        }

      }
    }
  } else {
    const uint8_t *const from = y + at;
    uint8_t *const to = y + at;
    uint8_t most[4];
    const float *entries[4];
    float total[4];
    for (long k = 0; k < 4; ++k) {
      most[k] = from[k * 40];
    }
    for (long k = 0; k < 4; ++k) {
      uint8_t high = most[k];
      for (long j = 0; j < 40; ++j) {
        high = from[k * 40 + j * 1] > high ? from[k * 40 + j * 1] : high;
      }
      most[k] = high;
    }
    for (long k = 0; k < 4; ++k) {
      entries[k] = table + (255 - most[k]);
      total[k] = 0;
    }
    for (long j = 0; j < 40; ++j) {
      for (long k = 0; k < 4; ++k) {
        total[k] += entries[k][from[k * 40 + j * 1]];
      }
    }
    for (long k = 0; k < 4; ++k) {
      const vf sum = mi_set1(total[k]);
      {
        const long j = 0;
        float looked_up[40] = {0};
        for (long i = 0; i < 40; ++i) {
          looked_up[i] = entries[k][from[k * 40 + j + i]];
        }
        for (long i = 0; i < 40; i += 8) {
          mi_store_u8(to + (k * 40 + j + i), mi_quantize(mi_load(looked_up + i) * 50.0f / sum, mi_set1(3.0f), 0.0f, 255.0f));
        }

      }
    }
  }
}
}

typedef uint8_t mi_row __attribute__((vector_size(16), aligned(1), may_alias));
#if defined(__clang__) || __GNUC__ >= 12
#define MI_WEAVE_0(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define MI_WEAVE_1(a, b) __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#else
#define MI_WEAVE_0(a, b) __builtin_shuffle(a, b, (mi_row){0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23})
#define MI_WEAVE_1(a, b) __builtin_shuffle(a, b, (mi_row){8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31})
#endif
MI_INLINE void mi_transpose_bytes(const uint8_t *p, long step, uint8_t *q, long target) {
    const mi_row r0 = *(const mi_row *)(p + 0 * step), r1 = *(const mi_row *)(p + 1 * step), r2 = *(const mi_row *)(p + 2 * step), r3 = *(const mi_row *)(p + 3 * step), r4 = *(const mi_row *)(p + 4 * step), r5 = *(const mi_row *)(p + 5 * step), r6 = *(const mi_row *)(p + 6 * step), r7 = *(const mi_row *)(p + 7 * step), r8 = *(const mi_row *)(p + 8 * step), r9 = *(const mi_row *)(p + 9 * step), r10 = *(const mi_row *)(p + 10 * step), r11 = *(const mi_row *)(p + 11 * step), r12 = *(const mi_row *)(p + 12 * step), r13 = *(const mi_row *)(p + 13 * step), r14 = *(const mi_row *)(p + 14 * step), r15 = *(const mi_row *)(p + 15 * step);
    const mi_row a0 = MI_WEAVE_0(r0, r8), a1 = MI_WEAVE_1(r0, r8), a2 = MI_WEAVE_0(r1, r9), a3 = MI_WEAVE_1(r1, r9), a4 = MI_WEAVE_0(r2, r10), a5 = MI_WEAVE_1(r2, r10), a6 = MI_WEAVE_0(r3, r11), a7 = MI_WEAVE_1(r3, r11), a8 = MI_WEAVE_0(r4, r12), a9 = MI_WEAVE_1(r4, r12), a10 = MI_WEAVE_0(r5, r13), a11 = MI_WEAVE_1(r5, r13), a12 = MI_WEAVE_0(r6, r14), a13 = MI_WEAVE_1(r6, r14), a14 = MI_WEAVE_0(r7, r15), a15 = MI_WEAVE_1(r7, r15);
    const mi_row b0 = MI_WEAVE_0(a0, a8), b1 = MI_WEAVE_1(a0, a8), b2 = MI_WEAVE_0(a1, a9), b3 = MI_WEAVE_1(a1, a9), b4 = MI_WEAVE_0(a2, a10), b5 = MI_WEAVE_1(a2, a10), b6 = MI_WEAVE_0(a3, a11), b7 = MI_WEAVE_1(a3, a11), b8 = MI_WEAVE_0(a4, a12), b9 = MI_WEAVE_1(a4, a12), b10 = MI_WEAVE_0(a5, a13), b11 = MI_WEAVE_1(a5, a13), b12 = MI_WEAVE_0(a6, a14), b13 = MI_WEAVE_1(a6, a14), b14 = MI_WEAVE_0(a7, a15), b15 = MI_WEAVE_1(a7, a15);
    const mi_row c0 = MI_WEAVE_0(b0, b8), c1 = MI_WEAVE_1(b0, b8), c2 = MI_WEAVE_0(b1, b9), c3 = MI_WEAVE_1(b1, b9), c4 = MI_WEAVE_0(b2, b10), c5 = MI_WEAVE_1(b2, b10), c6 = MI_WEAVE_0(b3, b11), c7 = MI_WEAVE_1(b3, b11), c8 = MI_WEAVE_0(b4, b12), c9 = MI_WEAVE_1(b4, b12), c10 = MI_WEAVE_0(b5, b13), c11 = MI_WEAVE_1(b5, b13), c12 = MI_WEAVE_0(b6, b14), c13 = MI_WEAVE_1(b6, b14), c14 = MI_WEAVE_0(b7, b15), c15 = MI_WEAVE_1(b7, b15);
    const mi_row d0 = MI_WEAVE_0(c0, c8), d1 = MI_WEAVE_1(c0, c8), d2 = MI_WEAVE_0(c1, c9), d3 = MI_WEAVE_1(c1, c9), d4 = MI_WEAVE_0(c2, c10), d5 = MI_WEAVE_1(c2, c10), d6 = MI_WEAVE_0(c3, c11), d7 = MI_WEAVE_1(c3, c11), d8 = MI_WEAVE_0(c4, c12), d9 = MI_WEAVE_1(c4, c12), d10 = MI_WEAVE_0(c5, c13), d11 = MI_WEAVE_1(c5, c13), d12 = MI_WEAVE_0(c6, c14), d13 = MI_WEAVE_1(c6, c14), d14 = MI_WEAVE_0(c7, c15), d15 = MI_WEAVE_1(c7, c15);
    *(mi_row *)(q + 0 * target) = d0;
    *(mi_row *)(q + 1 * target) = d1;
    *(mi_row *)(q + 2 * target) = d2;
    *(mi_row *)(q + 3 * target) = d3;
    *(mi_row *)(q + 4 * target) = d4;
    *(mi_row *)(q + 5 * target) = d5;
    *(mi_row *)(q + 6 * target) = d6;
    *(mi_row *)(q + 7 * target) = d7;
    *(mi_row *)(q + 8 * target) = d8;
    *(mi_row *)(q + 9 * target) = d9;
    *(mi_row *)(q + 10 * target) = d10;
    *(mi_row *)(q + 11 * target) = d11;
    *(mi_row *)(q + 12 * target) = d12;
    *(mi_row *)(q + 13 * target) = d13;
    *(mi_row *)(q + 14 * target) = d14;
    *(mi_row *)(q + 15 * target) = d15;
}

static void copy_8(const uint8_t *restrict x, uint8_t *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long i0 = item;
  const long s = i0 * 16;
  const long t = i0 * 576;
  const long row = i0 * 16;
  const uint8_t *p = x + s;
  uint8_t *q = y + t;
  if (row <= 24) {
    for (long j = 0; j < 2; ++j, p += 640, q += 16) {
      mi_transpose_bytes(p, 40, q, 36);
    }
    p -= 480, q -= 12;
    mi_transpose_bytes(p, 40, q, 36);
  } else {
    for (long j = 0; j < 2; ++j, p += 640, q += 16) {
      for (long i = 0; i < 8; ++i)
        for (long j = 0; j < 16; ++j) q[i * 36 + j] = p[i + j * 40];
    }
    p -= 480, q -= 12;
    for (long i = 0; i < 8; ++i)
      for (long j = 0; j < 16; ++j) q[i * 36 + j] = p[i + j * 40];
  }
}
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: x_last: Transpose */
  copy_0((const void *)((const uint8_t *)inputs[0]), (void *)(arena + AT_x_last), 0, 3);
  /* 1: q/Requantize_4: Transpose + ConvInteger + Requantize + Transpose */
  gemm_1((const void *)(arena + AT_x_last), (const void *)(constants + 192), (const void *)(constants + 0), (void *)(arena + AT_q_Requantize_4_last), 0, 15);
  /* 2: QLinearGlobalAveragePool_6: Transpose + QLinearGlobalAveragePool + Transpose */
  quantized_mean_2((const void *)(arena + AT_q_Requantize_4_last), (void *)((uint8_t *)outputs[1]), (void *)(arena + AT_QLinearGlobalAveragePool_6_workspace0), 0, 1);
  /* 4: MaxPool_8: Transpose + MaxPool + Transpose */
  pool_3((const void *)(arena + AT_q_Requantize_4_last), (void *)(arena + AT_m_last), 0, 9);
  /* 5: d/Lookup_1: Lookup */
  lookup_4((const void *)(constants + 512), (void *)(arena + AT_m_last), 0, 1);
  /* 6: d: Transpose */
  copy_5((const void *)(arena + AT_m_last), (void *)((uint8_t *)outputs[3]), 0, 3);
  /* 7: QLinearAveragePool_5: Transpose + QLinearAveragePool + Transpose */
  pool_6((const void *)(arena + AT_q_Requantize_4_last), (void *)(arena + AT_a_last), 0, 9);
  /* 8: a: Transpose */
  copy_5((const void *)(arena + AT_a_last), (void *)((uint8_t *)outputs[0]), 0, 3);
  /* 9: QLinearSoftmax_7: QLinearSoftmax */
  quantized_softmax_7((const void *)(constants + 768), (void *)(arena + AT_q_Requantize_4_last), 0, 5);
  /* 10: c: Transpose */
  copy_8((const void *)(arena + AT_q_Requantize_4_last), (void *)((uint8_t *)outputs[2]), 0, 3);
  return 0;
}
