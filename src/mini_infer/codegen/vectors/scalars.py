"""What C leaves undefined or has no word for, as functions on scalars: conversions, powers, remainders, numbers."""

import numpy as np

from mini_infer.codegen.function import C_TYPES
from mini_infer.ir import Dim, DType
from mini_infer.program.kernels.expression import limits

Code = tuple[str, tuple[str, ...]]
"""A C expression, and the functions it calls."""


def literal(value: float, dtype: DType) -> str:
    """A number in C, of an element type: text that reads back as the same number; a size is converted at run time."""
    if isinstance(value, Dim):
        return f"(({C_TYPES[dtype]}){value})"
    if dtype is DType.INT64 and value == -(2**63):
        return "INT64_MIN"  # C has no negative literals: 9223372036854775808 would overflow before its sign comes
    if not dtype.is_float:
        suffix = {DType.INT64: "LL", DType.UINT32: "U", DType.UINT64: "ULL"}.get(dtype, "")
        return f"{int(value)}{suffix}"
    with np.errstate(over="ignore"):
        rounded = np.float64(value) if dtype is DType.FLOAT64 else np.float32(value)
    if np.isnan(rounded):
        return '__builtin_nanf("")'
    if np.isinf(rounded):
        return "__builtin_inff()" if rounded > 0 else "-__builtin_inff()"
    return f"{float(rounded)}" if dtype is DType.FLOAT64 else f"{float(rounded)}f"


def is_unsigned(dtype: DType) -> bool:
    """Whether the type has no negative numbers; truth values have none."""
    return dtype.value.startswith(("uint", "bool"))


def wide_unsigned(dtype: DType) -> str:
    """The unsigned type in which integers of this type are computed, so that they wrap around."""
    return "uint64_t" if dtype.numpy.itemsize == DType.INT64.numpy.itemsize else "uint32_t"


def cast(operand: str, source: DType, target: DType) -> Code:
    """A conversion as NumPy does it, where C leaves it undefined: out of range it saturates or wraps around.

    Floats become integers by truncation. What does not fit is first clamped to int32 (to int64 for the types wider
    than that), then wraps around; NaN becomes 0.
    """
    kind = C_TYPES[target]
    if target is DType.BOOL:
        return f"{operand} != 0", ()
    if target is DType.FLOAT16 and source is not DType.FLOAT32:
        return f"mi_half_of_double((double){operand})", (_HALF_OF_DOUBLE,)
    if target.is_float or not source.is_float:
        return f"({kind}){operand}", ()
    real = "double" if source is DType.FLOAT64 else "float"
    if target is DType.UINT64:
        limit = literal(2.0**64, DType.FLOAT64)
        helper = (
            f"static inline uint64_t mi_uint64_of_{real}({real} x) {{\n"
            f"  return x >= {limit} ? UINT64_MAX : x >= 0 ? (uint64_t)x : (uint64_t)mi_int64_of_{real}(x);\n}}\n"
        )
        return f"mi_uint64_of_{real}({operand})", (_clamped(64, real), helper)
    bits = 64 if target in (DType.INT64, DType.UINT32) else 32
    return f"({kind})mi_int{bits}_of_{real}({operand})", (_clamped(bits, real),)


_HALF_OF_DOUBLE = """static inline _Float16 mi_half_of_double(double x) {
  /* By way of float, rounded to odd so that rounding twice gives what rounding once would. */
  union { float value; uint32_t bits; } near = {(float)x};
  if (near.value == near.value && near.value != x && !(near.bits & 1))
    near.bits += __builtin_fabsf(near.value) > __builtin_fabs(x) ? -1U : 1U;
  return (_Float16)near.value;
}
"""


def _clamped(bits: int, real: str) -> str:
    """A C function that truncates a float to a signed integer, clamping what does not fit."""
    limit = literal(2.0 ** (bits - 1), DType.FLOAT64 if real == "double" else DType.FLOAT32)
    return (
        f"static inline int{bits}_t mi_int{bits}_of_{real}({real} x) {{\n"
        f"  return x != x ? 0 : x >= {limit} ? INT{bits}_MAX : x < -{limit} ? INT{bits}_MIN : (int{bits}_t)x;\n}}\n"
    )


def quantize(x: str, zero: str, target: DType) -> Code:
    """The nearest whole number plus a zero point, saturated; the bits of `mi_quantize` on vectors."""
    kind = C_TYPES[target]
    low, high = (literal(end, DType.FLOAT32) for end in limits(target))
    saturate = "__usat" if is_unsigned(target) else "__ssat"
    helper = (
        _NEAREST
        + f"""static inline {kind} mi_quantize_{kind}(float x, float zero) {{
#if defined(MI_NEAREST)
  const int32_t shift = (int32_t)zero; /* of 0 the compiler knows, and so where NaN gives 0 anyway */
  if (shift == 0) return ({kind}){saturate}(mi_nearest(x), 8);
  return x == x ? ({kind}){saturate}(__qadd(mi_nearest(x), shift), 8) : 0;
#else
  const float low = {low} - zero, high = {high} - zero;
  const float near = ((x < low ? low : x > high ? high : x) + 12582912.0f) - 12582912.0f;
  return ({kind})(x == x ? (int32_t)(near + zero) : 0);
#endif
}}
"""
    )
    return f"mi_quantize_{kind}({x}, {zero})", (helper,)


_NEAREST = """\
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
"""


def fused(x: str, y: str, z: str) -> Code:
    """The first times the second plus the third, in float, rounded once; the bits of `mi_fused` on vectors."""
    return f"mi_fused_float({x}, {y}, {z})", (_FUSED,)


_FUSED = """static inline float mi_fused_float(float x, float y, float z) {
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA) || defined(__riscv_f)
  return __builtin_fmaf(x, y, z);
#else
  return (float)((double)x * y + z);
#endif
}
"""


def power(base: str, exponent: str, base_type: DType, exponent_type: DType) -> Code:
    """A power, in the base's type: exact (wrapping around) on integers, in double where float is too narrow."""
    if base_type.is_float or exponent_type.is_float:
        narrow = base_type.is_float and all(
            kind in (DType.FLOAT16, DType.FLOAT32) or kind.numpy.itemsize < DType.INT32.numpy.itemsize
            for kind in (base_type, exponent_type)
        )
        power = (
            f"__builtin_powf((float){base}, (float){exponent})"
            if narrow
            else f"__builtin_pow((double){base}, (double){exponent})"
        )
        return cast(power, DType.FLOAT32 if narrow else DType.FLOAT64, base_type)
    kind, wide = C_TYPES[base_type], wide_unsigned(base_type)
    helper = f"""static inline {kind} mi_power_{kind}({kind} base, int64_t exponent) {{
  {wide} power = 1, square = ({wide})base;
  if (exponent < 0) return ({kind})(base == 1 ? 1 : base == ({kind})-1 ? (exponent & 1 ? -1 : 1) : 0);
  for (; exponent; exponent >>= 1, square *= square)
    if (exponent & 1) power *= square;
  return ({kind})power;
}}
"""
    return f"mi_power_{kind}({base}, (int64_t){exponent})", (helper,)


def floor_mod(dividend: str, divisor: str, dtype: DType) -> Code:
    """A remainder with the divisor's sign, as Python has it."""
    if not dtype.is_float:
        kind = C_TYPES[dtype]
        if is_unsigned(dtype):
            return f"{divisor} == 0 ? 0 : ({kind})({dividend} % {divisor})", ()
        helper = f"""static inline {kind} mi_floor_mod_{kind}({kind} a, {kind} b) {{
  const {kind} r = b == 0 || b == -1 ? 0 : ({kind})(a % b);
  return r != 0 && (r < 0) != (b < 0) ? ({kind})(r + b) : r;
}}
"""
        return f"mi_floor_mod_{kind}({dividend}, {divisor})", (helper,)
    kind, suffix = ("double", "") if dtype is DType.FLOAT64 else ("float", "f")
    helper = f"""static inline {kind} mi_floor_mod_{kind}({kind} a, {kind} b) {{
  const {kind} r = __builtin_fmod{suffix}(a, b);
  return r == 0 ? __builtin_copysign{suffix}(0, b) : (r < 0) != (b < 0) ? r + b : r;
}}
"""
    return f"mi_floor_mod_{kind}({dividend}, {divisor})", (helper,)
