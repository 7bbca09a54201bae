/* g: 3 steps in an arena of 9216 bytes. */
#include "prelude.h"

#define AT_one_MatMulNBits_0_workspace0 0 /* one/MatMulNBits_0/workspace0: 288 bytes, steps [0, 1) */
#define AT_one_MatMulNBits_0_workspace1 320 /* one/MatMulNBits_0/workspace1: 24 bytes, steps [0, 1) */
#define AT_many_MatMulNBits_0_workspace0 0 /* many/MatMulNBits_0/workspace0: 9216 bytes, steps [1, 2) */

MI_INLINE vf mi_numbers(vu bits) { return __builtin_convertvector((vi)bits, vf); }

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

MI_INLINE vi mi_digits(const int8_t *p) {
  int32_t four;
  __builtin_memcpy(&four, p, sizeof four);
  return four - (vi){0};
}
/* Four unsigned bytes below 64, so that no pair of products saturates, by four signed ones. */
MI_INLINE vi mi_add_bytes(vi sum, vu q, vi x) {
#if defined(__x86_64__) && defined(__AVX512VNNI__) && (8 == 16 || defined(__AVX512VL__))
  __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(q), "v"(x));
  return sum;
#elif defined(__x86_64__) && defined(__AVXVNNI__) && 8 < 16
  __asm__("{vex} vpdpbusd %2, %1, %0" : "+x"(sum) : "x"(q), "x"(x));
  return sum;
#elif defined(__x86_64__) && (8 == 16 ? defined(__AVX512BW__) : 8 == 8 ? defined(__AVX2__) : defined(__SSSE3__))
  const vu ones = (vu){0} + 0x00010001u;
#if defined(__AVX__)
  vi pairs;
  __asm__("vpmaddubsw %2, %1, %0" : "=x"(pairs) : "x"(q), "x"(x));
  __asm__("vpmaddwd %1, %0, %0" : "+x"(pairs) : "x"(ones));
#else
  vi pairs = (vi)q;
  __asm__("pmaddubsw %1, %0" : "+x"(pairs) : "x"(x));
  __asm__("pmaddwd %1, %0" : "+x"(pairs) : "x"(ones));
#endif
  return sum + pairs;
#else
  const mi_shorts even = (mi_shorts)((vu)x << 8) >> 8, odd = (mi_shorts)x >> 8;
  return sum + mi_pairs((mi_shorts)(q & 0x00ff00ffu), even) + mi_pairs((mi_shorts)(q >> 8 & 0x00ff00ffu), odd);
#endif
}

/* Numbers as three signed bytes each, for the words that they meet; the rest of the last word is 0. `sums` gets what
   1 stands for, and the sum of all times `zero`; where no exponent serves, the first is NaN. */
MI_INLINE void mi_split_4(const float *x, long count, float zero, int8_t *digits, float *sums) {
  int32_t whole[256] = {0};
  vf most = {0};
  long k = 0;
  for (; k + VL <= count; k += VL) most = mi_max(most, mi_abs(mi_load(x + k)));
  for (; k < count; ++k) most = mi_max(most, mi_abs(mi_set1(x[k])));
  const float top = mi_highest(most);
  uint32_t exponent = 127u << 23;
  const int fits = top == 0 || (top >= 0x1p-100f && top < __builtin_inff());
  if (top != 0 && fits) __builtin_memcpy(&exponent, &top, sizeof exponent);
  exponent &= 255u << 23;
  float up, down;
  uint32_t bits = (276u << 23) - exponent;
  __builtin_memcpy(&up, &bits, sizeof up);
  const int wide = top * up > 8355711.0f; /* 127 + 127 * 2^8 + 127 * 2^16 */
  if (wide) up *= 0.5f;
  bits = exponent - (22u << 23);
  __builtin_memcpy(&down, &bits, sizeof down);
  if (wide) down *= 2;
  int64_t total = 0;
  for (k = 0; fits && k < count; ++k) {
    whole[k] = (int32_t)__builtin_rintf(x[k] * up);
    total += whole[k];
  }
  for (long n = 0; n < count; n += 4 * 2) {
    for (int j = 0; j < 2; ++j) {
      for (int i = 0; i < 4; ++i) {
        int32_t value = whole[n + i * 2 + j];
        for (int digit = 0; digit < 3; ++digit) {
          const int8_t low = (int8_t)value;
          digits[(3 * n + digit * 4 * 2) + 4 * j + i] = low;
          value = (value - low) >> 8;
        }
      }
    }
  }
  sums[0] = fits ? down : __builtin_nanf("");
  sums[1] = (float)total * down * zero;
}

static void packed_0(const float *restrict a, const uint8_t *restrict words, const float *restrict scales, int8_t *restrict digits, float *restrict sums, float *restrict y, long begin, long end) {
for (long b = 0; b < 2; ++b) {
  {
    mi_split_4(a + 0 + b * 32 + 0 * 256, 32, 8, digits + 0 + (b * 4 + 0 * 32) * 24, sums + 2 * (0 + b) + 2 * 0);
  }
}
{
  const long b = 2;
  {
    mi_split_4(a + 0 + b * 32 + 0 * 256, 26, 8, digits + 0 + (b * 4 + 0 * 32) * 24, sums + 2 * (0 + b) + 2 * 0);
  }
}
for (long item = begin; item < end; ++item) {
  const uint8_t *w = words + item * 384;
  const float *s = scales + item * 24;
  const int8_t *p = digits;
  vf t0 = {0};
  for (long b = 0; b < 2; ++b) {
    vf u0 = {0};
    const vf scale = mi_load(s);
    {
      vi s0_0 = {0}, s0_1 = {0}, s0_2 = {0};
      for (long n = 0; n < 4; ++n, w += 32, p += 24) {
        __builtin_prefetch(w + 4096);
        const vu word = *(const vu *)w;
        {
          const vu q = word & 0x0f0f0f0fu;
          s0_0 = mi_add_bytes(s0_0, q, mi_digits(p + 0));
          s0_1 = mi_add_bytes(s0_1, q, mi_digits(p + 8));
          s0_2 = mi_add_bytes(s0_2, q, mi_digits(p + 16));
        }
        {
          const vu q = word >> 4 & 0x0f0f0f0fu;
          s0_0 = mi_add_bytes(s0_0, q, mi_digits(p + 4));
          s0_1 = mi_add_bytes(s0_1, q, mi_digits(p + 12));
          s0_2 = mi_add_bytes(s0_2, q, mi_digits(p + 20));
        }
      }
      u0 = (__builtin_convertvector(s0_0, vf) + 256.0f * __builtin_convertvector(s0_1, vf) + 65536.0f * __builtin_convertvector(s0_2, vf)) * (sums + 2 * (0 + b) + 2 * 0)[0] - (sums + 2 * (0 + b) + 2 * 0)[1];
    }
    t0 += scale * u0;
    s += 8;
  }
  {
    const long b = 2;
    vf u0 = {0};
    const vf scale = mi_load(s);
    {
      vi s0_0 = {0}, s0_1 = {0}, s0_2 = {0};
      for (long n = 0; n < 4; ++n, w += 32, p += 24) {
        __builtin_prefetch(w + 4096);
        const vu word = *(const vu *)w;
        {
          const vu q = word & 0x0f0f0f0fu;
          s0_0 = mi_add_bytes(s0_0, q, mi_digits(p + 0));
          s0_1 = mi_add_bytes(s0_1, q, mi_digits(p + 8));
          s0_2 = mi_add_bytes(s0_2, q, mi_digits(p + 16));
        }
        {
          const vu q = word >> 4 & 0x0f0f0f0fu;
          s0_0 = mi_add_bytes(s0_0, q, mi_digits(p + 4));
          s0_1 = mi_add_bytes(s0_1, q, mi_digits(p + 12));
          s0_2 = mi_add_bytes(s0_2, q, mi_digits(p + 20));
        }
      }
      u0 = (__builtin_convertvector(s0_0, vf) + 256.0f * __builtin_convertvector(s0_1, vf) + 65536.0f * __builtin_convertvector(s0_2, vf)) * (sums + 2 * (0 + b) + 2 * 0)[0] - (sums + 2 * (0 + b) + 2 * 0)[1];
    }
    t0 += scale * u0;
    s += 8;
  }
  if (mi_any(~(mi_abs(t0) < __builtin_inff()))) {
    const float *const x = a + 0;
    for (long lane = 0; lane < 8; ++lane) {
      float total = 0;
      for (long b = 0; b < 2; ++b) {
        const float zero = 8;
        float sum = 0;
        long k = b * 32;
        for (long n = 0; n < 4; ++n, k += 8) {
          uint32_t bits;
          __builtin_memcpy(&bits, words + ((item * 12 + b * 4 + n) * 8 + lane) * 4, 4);
          for (long j = 0; j < 8; ++j) {
            sum += x[k + j] * ((float)(bits & 15) - zero);
            bits >>= 4;
          }
        }
        total += scales[(item * 3 + b) * 8 + lane] * sum;
      }
      {
        const long b = 2;
        const float zero = 8;
        float sum = 0;
        long k = b * 32;
        for (long n = 0; n < 3; ++n, k += 8) {
          uint32_t bits;
          __builtin_memcpy(&bits, words + ((item * 12 + b * 4 + n) * 8 + lane) * 4, 4);
          for (long j = 0; j < 8; ++j) {
            sum += x[k + j] * ((float)(bits & 15) - zero);
            bits >>= 4;
          }
        }
        {
          const long n = 3;
          uint32_t bits;
          __builtin_memcpy(&bits, words + ((item * 12 + b * 4 + n) * 8 + lane) * 4, 4);
          for (long j = 0; j < 2; ++j) {
            sum += x[k + j] * ((float)(bits & 15) - zero);
            bits >>= 4;
          }
        }
        total += scales[(item * 3 + b) * 8 + lane] * sum;
      }
      t0[lane] = total;
    }
  }
  mi_store(y + 0 + item * 8, t0);
}
}

typedef uint8_t mi_zero_bytes __attribute__((vector_size(8), aligned(1), may_alias));
MI_INLINE vf mi_zeros(const uint8_t *p, int shift, uint32_t mask) {
  const vu bytes = __builtin_convertvector(*(const mi_zero_bytes *)p, vu);
  return __builtin_convertvector((vi)(bytes >> shift & mask), vf);
}

typedef float v8 __attribute__((vector_size(32), aligned(4), may_alias));
typedef double v8_wide __attribute__((vector_size(64)));
typedef int32_t v8_mask __attribute__((vector_size(32), aligned(4), may_alias));
MI_INLINE v8 v8_load(const float *p) { return *(const v8 *)p; }
MI_INLINE void v8_store(float *p, v8 a) { *(v8 *)p = a; }
MI_INLINE v8 v8_splat(float s) { return s - (v8){0}; }
MI_INLINE v8 v8_select(v8_mask m, v8 a, v8 b) { return (v8)(((v8_mask)a & m) | ((v8_mask)b & ~m)); }
MI_INLINE v8 v8_greatest(v8 a, v8 b) { return v8_select(b == b, v8_select(b > a, b, a), b); }

static void packed_1(const float *restrict a, const uint8_t *restrict words, const float *restrict scales, const uint8_t *restrict zeros, float *restrict numbers, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  const long block = item;
  const long top = 0, count = 20;
  if (block < 1) {
    {
      const long at = 0;
      for (long v = 0; v < 3; ++v) {
        const long c = block * 3 + v;
        const uint8_t *w = words + (c * 12 + at / 8) * 32;
        float *to = numbers + v * 8;
        const long first = at / 32;
        for (long b = first; b < first + 2; ++b) {
          const vf scale = mi_load(scales + (c * 3 + b) * 8), zero = mi_zeros(zeros + (c * 2 + b / 2) * 8, (int)(b % 2) * 4, 15);
          for (long n = 0; n < 4; ++n, w += 32, to += 192) {
            vu word = *(const vu *)w;
            mi_store(to + 0, (mi_numbers(word & 0xfu) - zero) * scale);
            mi_store(to + 24, (mi_numbers(word & 0xf0u) * 0.0625f - zero) * scale);
            mi_store(to + 48, (mi_numbers(word & 0xf00u) * 0.00390625f - zero) * scale);
            mi_store(to + 72, (mi_numbers(word & 0xf000u) * 0.000244140625f - zero) * scale);
            word >>= 16;
            mi_store(to + 96, (mi_numbers(word & 0xfu) - zero) * scale);
            mi_store(to + 120, (mi_numbers(word & 0xf0u) * 0.0625f - zero) * scale);
            mi_store(to + 144, (mi_numbers(word & 0xf00u) * 0.00390625f - zero) * scale);
            mi_store(to + 168, (mi_numbers(word & 0xf000u) * 0.000244140625f - zero) * scale);
          }
        }
        {
          const long b = first + 2;
          const vf scale = mi_load(scales + (c * 3 + b) * 8), zero = mi_zeros(zeros + (c * 2 + b / 2) * 8, (int)(b % 2) * 4, 15);
          for (long n = 0; n < 3; ++n, w += 32, to += 192) {
            vu word = *(const vu *)w;
            mi_store(to + 0, (mi_numbers(word & 0xfu) - zero) * scale);
            mi_store(to + 24, (mi_numbers(word & 0xf0u) * 0.0625f - zero) * scale);
            mi_store(to + 48, (mi_numbers(word & 0xf00u) * 0.00390625f - zero) * scale);
            mi_store(to + 72, (mi_numbers(word & 0xf000u) * 0.000244140625f - zero) * scale);
            word >>= 16;
            mi_store(to + 96, (mi_numbers(word & 0xfu) - zero) * scale);
            mi_store(to + 120, (mi_numbers(word & 0xf0u) * 0.0625f - zero) * scale);
            mi_store(to + 144, (mi_numbers(word & 0xf00u) * 0.00390625f - zero) * scale);
            mi_store(to + 168, (mi_numbers(word & 0xf000u) * 0.000244140625f - zero) * scale);
          }
          {
            vu word = *(const vu *)w;
            mi_store(to + 0, (mi_numbers(word & 0xfu) - zero) * scale);
            mi_store(to + 24, (mi_numbers(word & 0xf0u) * 0.0625f - zero) * scale);
          }
        }
      }
      for (long r = 0; r < count - 2; r += 3) {
        v8 a0_0 = (v8){0};
        v8 a0_1 = (v8){0};
        v8 a0_2 = (v8){0};
        v8 a1_0 = (v8){0};
        v8 a1_1 = (v8){0};
        v8 a1_2 = (v8){0};
        v8 a2_0 = (v8){0};
        v8 a2_1 = (v8){0};
        v8 a2_2 = (v8){0};
        {
          const float *p = a + ((top + r) * 90 + at), *q = numbers;
          for (long i = 0; i < 30; ++i, p += 3, q += 72) {
            { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8); const v8 w2 = v8_load(q + 16);
              { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; a0_2 += s * w2; }
              { const v8 s = v8_splat(p[90]); a1_0 += s * w0; a1_1 += s * w1; a1_2 += s * w2; }
              { const v8 s = v8_splat(p[180]); a2_0 += s * w0; a2_1 += s * w1; a2_2 += s * w2; }
            } __asm__ volatile("" ::: "memory");
            { const v8 w0 = v8_load(q + 24); const v8 w1 = v8_load(q + 32); const v8 w2 = v8_load(q + 40);
              { const v8 s = v8_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; a0_2 += s * w2; }
              { const v8 s = v8_splat(p[91]); a1_0 += s * w0; a1_1 += s * w1; a1_2 += s * w2; }
              { const v8 s = v8_splat(p[181]); a2_0 += s * w0; a2_1 += s * w1; a2_2 += s * w2; }
            } __asm__ volatile("" ::: "memory");
            { const v8 w0 = v8_load(q + 48); const v8 w1 = v8_load(q + 56); const v8 w2 = v8_load(q + 64);
              { const v8 s = v8_splat(p[2]); a0_0 += s * w0; a0_1 += s * w1; a0_2 += s * w2; }
              { const v8 s = v8_splat(p[92]); a1_0 += s * w0; a1_1 += s * w1; a1_2 += s * w2; }
              { const v8 s = v8_splat(p[182]); a2_0 += s * w0; a2_1 += s * w1; a2_2 += s * w2; }
            } __asm__ volatile("" ::: "memory");
          }
        }
        float *const out = y + ((top + r) * 40 + block * 24);
        v8_store(out + 0, a0_0);
        v8_store(out + 8, a0_1);
        v8_store(out + 16, a0_2);
        v8_store(out + 40, a1_0);
        v8_store(out + 48, a1_1);
        v8_store(out + 56, a1_2);
        v8_store(out + 80, a2_0);
        v8_store(out + 88, a2_1);
        v8_store(out + 96, a2_2);
      }
      {
        const long r = count / 3 * 3;
        if (r < count) {
          v8 a0_0 = (v8){0};
          v8 a0_1 = (v8){0};
          v8 a0_2 = (v8){0};
          v8 a1_0 = (v8){0};
          v8 a1_1 = (v8){0};
          v8 a1_2 = (v8){0};
          {
            const float *p = a + ((top + r) * 90 + at), *q = numbers;
            for (long i = 0; i < 18; ++i, p += 5, q += 120) {
              { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8); const v8 w2 = v8_load(q + 16);
                { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; a0_2 += s * w2; }
                { const v8 s = v8_splat(p[90]); a1_0 += s * w0; a1_1 += s * w1; a1_2 += s * w2; }
              } __asm__ volatile("" ::: "memory");
              { const v8 w0 = v8_load(q + 24); const v8 w1 = v8_load(q + 32); const v8 w2 = v8_load(q + 40);
                { const v8 s = v8_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; a0_2 += s * w2; }
                { const v8 s = v8_splat(p[91]); a1_0 += s * w0; a1_1 += s * w1; a1_2 += s * w2; }
              } __asm__ volatile("" ::: "memory");
              { const v8 w0 = v8_load(q + 48); const v8 w1 = v8_load(q + 56); const v8 w2 = v8_load(q + 64);
                { const v8 s = v8_splat(p[2]); a0_0 += s * w0; a0_1 += s * w1; a0_2 += s * w2; }
                { const v8 s = v8_splat(p[92]); a1_0 += s * w0; a1_1 += s * w1; a1_2 += s * w2; }
              } __asm__ volatile("" ::: "memory");
              { const v8 w0 = v8_load(q + 72); const v8 w1 = v8_load(q + 80); const v8 w2 = v8_load(q + 88);
                { const v8 s = v8_splat(p[3]); a0_0 += s * w0; a0_1 += s * w1; a0_2 += s * w2; }
                { const v8 s = v8_splat(p[93]); a1_0 += s * w0; a1_1 += s * w1; a1_2 += s * w2; }
              } __asm__ volatile("" ::: "memory");
              { const v8 w0 = v8_load(q + 96); const v8 w1 = v8_load(q + 104); const v8 w2 = v8_load(q + 112);
                { const v8 s = v8_splat(p[4]); a0_0 += s * w0; a0_1 += s * w1; a0_2 += s * w2; }
                { const v8 s = v8_splat(p[94]); a1_0 += s * w0; a1_1 += s * w1; a1_2 += s * w2; }
              } __asm__ volatile("" ::: "memory");
            }
          }
          float *const out = y + ((top + r) * 40 + block * 24);
          v8_store(out + 0, a0_0);
          v8_store(out + 8, a0_1);
          v8_store(out + 16, a0_2);
          v8_store(out + 40, a1_0);
          v8_store(out + 48, a1_1);
          v8_store(out + 56, a1_2);
        }
      }
    }
  } else {
    {
      const long at = 0;
      for (long v = 0; v < 2; ++v) {
        const long c = block * 3 + v;
        const uint8_t *w = words + (c * 12 + at / 8) * 32;
        float *to = numbers + v * 8;
        const long first = at / 32;
        for (long b = first; b < first + 2; ++b) {
          const vf scale = mi_load(scales + (c * 3 + b) * 8), zero = mi_zeros(zeros + (c * 2 + b / 2) * 8, (int)(b % 2) * 4, 15);
          for (long n = 0; n < 4; ++n, w += 32, to += 192) {
            vu word = *(const vu *)w;
            mi_store(to + 0, (mi_numbers(word & 0xfu) - zero) * scale);
            mi_store(to + 24, (mi_numbers(word & 0xf0u) * 0.0625f - zero) * scale);
            mi_store(to + 48, (mi_numbers(word & 0xf00u) * 0.00390625f - zero) * scale);
            mi_store(to + 72, (mi_numbers(word & 0xf000u) * 0.000244140625f - zero) * scale);
            word >>= 16;
            mi_store(to + 96, (mi_numbers(word & 0xfu) - zero) * scale);
            mi_store(to + 120, (mi_numbers(word & 0xf0u) * 0.0625f - zero) * scale);
            mi_store(to + 144, (mi_numbers(word & 0xf00u) * 0.00390625f - zero) * scale);
            mi_store(to + 168, (mi_numbers(word & 0xf000u) * 0.000244140625f - zero) * scale);
          }
        }
        {
          const long b = first + 2;
          const vf scale = mi_load(scales + (c * 3 + b) * 8), zero = mi_zeros(zeros + (c * 2 + b / 2) * 8, (int)(b % 2) * 4, 15);
          for (long n = 0; n < 3; ++n, w += 32, to += 192) {
            vu word = *(const vu *)w;
            mi_store(to + 0, (mi_numbers(word & 0xfu) - zero) * scale);
            mi_store(to + 24, (mi_numbers(word & 0xf0u) * 0.0625f - zero) * scale);
            mi_store(to + 48, (mi_numbers(word & 0xf00u) * 0.00390625f - zero) * scale);
            mi_store(to + 72, (mi_numbers(word & 0xf000u) * 0.000244140625f - zero) * scale);
            word >>= 16;
            mi_store(to + 96, (mi_numbers(word & 0xfu) - zero) * scale);
            mi_store(to + 120, (mi_numbers(word & 0xf0u) * 0.0625f - zero) * scale);
            mi_store(to + 144, (mi_numbers(word & 0xf00u) * 0.00390625f - zero) * scale);
            mi_store(to + 168, (mi_numbers(word & 0xf000u) * 0.000244140625f - zero) * scale);
          }
          {
            vu word = *(const vu *)w;
            mi_store(to + 0, (mi_numbers(word & 0xfu) - zero) * scale);
            mi_store(to + 24, (mi_numbers(word & 0xf0u) * 0.0625f - zero) * scale);
          }
        }
      }
      for (long r = 0; r < count - 2; r += 3) {
        v8 a0_0 = (v8){0};
        v8 a0_1 = (v8){0};
        v8 a1_0 = (v8){0};
        v8 a1_1 = (v8){0};
        v8 a2_0 = (v8){0};
        v8 a2_1 = (v8){0};
        {
          const float *p = a + ((top + r) * 90 + at), *q = numbers;
          for (long i = 0; i < 18; ++i, p += 5, q += 120) {
            { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
              { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
              { const v8 s = v8_splat(p[90]); a1_0 += s * w0; a1_1 += s * w1; }
              { const v8 s = v8_splat(p[180]); a2_0 += s * w0; a2_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const v8 w0 = v8_load(q + 24); const v8 w1 = v8_load(q + 32);
              { const v8 s = v8_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; }
              { const v8 s = v8_splat(p[91]); a1_0 += s * w0; a1_1 += s * w1; }
              { const v8 s = v8_splat(p[181]); a2_0 += s * w0; a2_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const v8 w0 = v8_load(q + 48); const v8 w1 = v8_load(q + 56);
              { const v8 s = v8_splat(p[2]); a0_0 += s * w0; a0_1 += s * w1; }
              { const v8 s = v8_splat(p[92]); a1_0 += s * w0; a1_1 += s * w1; }
              { const v8 s = v8_splat(p[182]); a2_0 += s * w0; a2_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const v8 w0 = v8_load(q + 72); const v8 w1 = v8_load(q + 80);
              { const v8 s = v8_splat(p[3]); a0_0 += s * w0; a0_1 += s * w1; }
              { const v8 s = v8_splat(p[93]); a1_0 += s * w0; a1_1 += s * w1; }
              { const v8 s = v8_splat(p[183]); a2_0 += s * w0; a2_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const v8 w0 = v8_load(q + 96); const v8 w1 = v8_load(q + 104);
              { const v8 s = v8_splat(p[4]); a0_0 += s * w0; a0_1 += s * w1; }
              { const v8 s = v8_splat(p[94]); a1_0 += s * w0; a1_1 += s * w1; }
              { const v8 s = v8_splat(p[184]); a2_0 += s * w0; a2_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
          }
        }
        float *const out = y + ((top + r) * 40 + block * 24);
        v8_store(out + 0, a0_0);
        v8_store(out + 8, a0_1);
        v8_store(out + 40, a1_0);
        v8_store(out + 48, a1_1);
        v8_store(out + 80, a2_0);
        v8_store(out + 88, a2_1);
      }
      {
        const long r = count / 3 * 3;
        if (r < count) {
          v8 a0_0 = (v8){0};
          v8 a0_1 = (v8){0};
          v8 a1_0 = (v8){0};
          v8 a1_1 = (v8){0};
          {
            const float *p = a + ((top + r) * 90 + at), *q = numbers;
            for (long i = 0; i < 11; ++i, p += 8, q += 192) {
              { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
                { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
                { const v8 s = v8_splat(p[90]); a1_0 += s * w0; a1_1 += s * w1; }
              } __asm__ volatile("" ::: "memory");
              { const v8 w0 = v8_load(q + 24); const v8 w1 = v8_load(q + 32);
                { const v8 s = v8_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; }
                { const v8 s = v8_splat(p[91]); a1_0 += s * w0; a1_1 += s * w1; }
              } __asm__ volatile("" ::: "memory");
              { const v8 w0 = v8_load(q + 48); const v8 w1 = v8_load(q + 56);
                { const v8 s = v8_splat(p[2]); a0_0 += s * w0; a0_1 += s * w1; }
                { const v8 s = v8_splat(p[92]); a1_0 += s * w0; a1_1 += s * w1; }
              } __asm__ volatile("" ::: "memory");
              { const v8 w0 = v8_load(q + 72); const v8 w1 = v8_load(q + 80);
                { const v8 s = v8_splat(p[3]); a0_0 += s * w0; a0_1 += s * w1; }
                { const v8 s = v8_splat(p[93]); a1_0 += s * w0; a1_1 += s * w1; }
              } __asm__ volatile("" ::: "memory");
              { const v8 w0 = v8_load(q + 96); const v8 w1 = v8_load(q + 104);
                { const v8 s = v8_splat(p[4]); a0_0 += s * w0; a0_1 += s * w1; }
                { const v8 s = v8_splat(p[94]); a1_0 += s * w0; a1_1 += s * w1; }
              } __asm__ volatile("" ::: "memory");
              { const v8 w0 = v8_load(q + 120); const v8 w1 = v8_load(q + 128);
                { const v8 s = v8_splat(p[5]); a0_0 += s * w0; a0_1 += s * w1; }
                { const v8 s = v8_splat(p[95]); a1_0 += s * w0; a1_1 += s * w1; }
              } __asm__ volatile("" ::: "memory");
              { const v8 w0 = v8_load(q + 144); const v8 w1 = v8_load(q + 152);
                { const v8 s = v8_splat(p[6]); a0_0 += s * w0; a0_1 += s * w1; }
                { const v8 s = v8_splat(p[96]); a1_0 += s * w0; a1_1 += s * w1; }
              } __asm__ volatile("" ::: "memory");
              { const v8 w0 = v8_load(q + 168); const v8 w1 = v8_load(q + 176);
                { const v8 s = v8_splat(p[7]); a0_0 += s * w0; a0_1 += s * w1; }
                { const v8 s = v8_splat(p[97]); a1_0 += s * w0; a1_1 += s * w1; }
              } __asm__ volatile("" ::: "memory");
            }
            { const v8 w0 = v8_load(q + 0); const v8 w1 = v8_load(q + 8);
              { const v8 s = v8_splat(p[0]); a0_0 += s * w0; a0_1 += s * w1; }
              { const v8 s = v8_splat(p[90]); a1_0 += s * w0; a1_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
            { const v8 w0 = v8_load(q + 24); const v8 w1 = v8_load(q + 32);
              { const v8 s = v8_splat(p[1]); a0_0 += s * w0; a0_1 += s * w1; }
              { const v8 s = v8_splat(p[91]); a1_0 += s * w0; a1_1 += s * w1; }
            } __asm__ volatile("" ::: "memory");
          }
          float *const out = y + ((top + r) * 40 + block * 24);
          v8_store(out + 0, a0_0);
          v8_store(out + 8, a0_1);
          v8_store(out + 40, a1_0);
          v8_store(out + 48, a1_1);
        }
      }
    }
  }
}
}

static int packed_gather_2(const uint8_t *restrict x, const float *restrict scales, const int64_t *restrict indices, float *restrict y, long begin, long end) {
for (long item = begin; item < end; ++item) {
  int64_t p = indices[item];
  p += p < 0 ? 12 : 0;
  if (p < 0 || p >= 12) return 1;
  for (long l = 0; l < 1; ++l) {
    const int64_t line = p * 1 + l;
    for (long b = 0; b < 1; ++b) {
      const float scale = scales[line * 1 + b], zero = 8;
      const uint8_t *const from = x + line * 16 + b * 32 / 2;
      float *const to = y + (item * 1 + l) * 32 + b * 32;
      for (long i = 0; i < 16; ++i) {
        to[2 * i + 0] = ((float)(from[i] >> 0 & 15) - zero) * scale;
        to[2 * i + 1] = ((float)(from[i] >> 4 & 15) - zero) * scale;
      }
    }
  }
}
return 0;
}

MI_EXPORT int mini_infer_0(const void *const *inputs, void *const *outputs, const uint8_t *constants, uint8_t *arena) {
  (void)inputs; (void)outputs; (void)constants; (void)arena;
  /* 0: one/MatMulNBits_0: MatMulNBits */
  packed_0((const void *)((const uint8_t *)inputs[0]), (const void *)(constants + 0), (const void *)(constants + 1920), (void *)(arena + AT_one_MatMulNBits_0_workspace0), (void *)(arena + AT_one_MatMulNBits_0_workspace1), (void *)((uint8_t *)outputs[0]), 0, 5);
  /* 1: many/MatMulNBits_0: MatMulNBits */
  packed_1((const void *)((const uint8_t *)inputs[1]), (const void *)(constants + 0), (const void *)(constants + 1920), (const void *)(constants + 2432), (void *)(arena + AT_many_MatMulNBits_0_workspace0), (void *)((uint8_t *)outputs[1]), 0, 2);
  /* 2: rows/GatherBlockQuantized_0: GatherBlockQuantized */
  { const int code = packed_gather_2((const void *)(constants + 2560), (const void *)(constants + 2752), (const void *)((const uint8_t *)inputs[2]), (void *)((uint8_t *)outputs[2]), 0, 3); if (code) return 512 + code; }
  return 0;
}
