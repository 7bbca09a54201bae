"""Bytes from whole numbers where a core has no floating point: int32 sums times scales, and sums of bytes times theirs.

What it means is said in float32 (`Quantize` of a product, or of fused multiply-adds). A float instruction takes some
hundred others in software, and the bytes are the same but where a number lies so near to the middle of two whole ones
that the rounding of floats might matter. How near that is, is known; only there are floats computed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from mini_infer.codegen.function import C_TYPES
from mini_infer.codegen.vectors.scalars import Code, fused, literal, quantize
from mini_infer.ir import DType
from mini_infer.program.kernels import Expression, Operation
from mini_infer.program.kernels.expression import EIGHT_BITS, limits


@dataclass(frozen=True, slots=True)
class Scaled:
    """`Quantize` of an int32 made a float, times another.

    Parameters
    ----------
    arguments
        Indices of the int32, its scale, and the zero point.
    dtype
        Of the result.
    """

    arguments: tuple[int, int, int]
    dtype: DType

    def code(self, names: Sequence[str]) -> Code:
        """C of the byte, where indices have these names."""
        total, scale, zero = (names[index] for index in self.arguments)
        return requantize(total, scale, zero, self.dtype)


@dataclass(frozen=True, slots=True)
class Added:
    """`Quantize` of two bytes times constant scales and a constant, by two fused multiply-adds.

    Parameters
    ----------
    arguments
        Indices of the bytes, that of the outer multiply-add first, and of the zero point.
    factors
        Their scales and the constant, which are numbers of float32.
    whole
        The `fixed_point` of these.
    dtype
        Of the result.
    """

    arguments: tuple[int, int, int]
    factors: tuple[float, float, float]
    whole: tuple[int, int, int, int, int]
    dtype: DType

    def code(self, names: Sequence[str]) -> Code:
        """C of the byte, where indices have these names."""
        x, y, zero = (names[index] for index in self.arguments)
        return add_bytes((x, y, zero), self.factors, self.whole, self.dtype)


def found_in(expression: Expression, dtypes: Sequence[DType]) -> dict[int, Scaled | Added]:
    """The indices of results that are computed in whole numbers, and how."""
    first = len(dtypes)
    types = [*dtypes, *(step.dtype for step in expression)]
    made = dict(enumerate(expression, first))
    found = {}
    for index, step in made.items():
        if step.name == "Quantize":
            one = _scaled(step, made, types) or _added(step, made, types)
            if one is not None:
                found[index] = one
    return found


def _scaled(step: Operation, made: dict[int, Operation], types: Sequence[DType]) -> Scaled | None:
    real, zero = step.arguments
    product = made.get(real)
    if product is None or product.name != "Mul":
        return None
    for factor, scale in (product.arguments, product.arguments[::-1]):
        total = _cast_of(factor, made)
        if total is not None and factor != scale and types[total] is DType.INT32:
            return Scaled((total, scale, zero), step.dtype)
    return None


def _added(step: Operation, made: dict[int, Operation], types: Sequence[DType]) -> Added | None:
    real, zero = step.arguments
    outer = made.get(real)
    if outer is None or outer.name != "FusedMultiplyAdd":
        return None
    inner = made.get(outer.arguments[2])
    if inner is None or inner.name != "FusedMultiplyAdd":
        return None
    x, y = (_cast_of(each.arguments[0], made) for each in (outer, inner))
    known = [made.get(index) for index in (outer.arguments[1], *inner.arguments[1:])]
    if x is None or y is None or not {types[x], types[y]} <= {*EIGHT_BITS}:
        return None
    numbers = [each.parameters[0] for each in known if each is not None and each.name == "Constant"]
    if len(numbers) != len(known):
        return None
    left, right, constant = numbers
    whole = fixed_point((left, right, constant))
    return None if whole is None else Added((x, y, zero), (left, right, constant), whole, step.dtype)


def _cast_of(index: int, made: dict[int, Operation]) -> int | None:
    """What the result of an operation is a conversion of."""
    step = made.get(index)
    return step.arguments[0] if step is not None and step.name == "Cast" else None


def requantize(total: str, scale: str, zero: str, target: DType) -> Code:
    """The nearest whole number to an int32 sum times a scale, plus a zero point, saturated."""
    kind = C_TYPES[target]
    _, (rounded,) = quantize("", "", target)
    return f"mi_requantize_{kind}({total}, {scale}, (int32_t){zero})", (rounded, _DECIDED, _for(_REQUANTIZE, target))


def add_bytes(
    operands: tuple[str, str, str],
    factors: tuple[float, float, float],
    whole: tuple[int, int, int, int, int],
    target: DType,
) -> Code:
    """The nearest whole number to two bytes times their scales and a constant, plus a zero point, saturated.

    The third operand is the zero point; `whole` is the `fixed_point` of the factors, which the function is made for.
    """
    x, y, zero = operands
    _, (rounded,) = quantize("", "", target)
    _, (multiplied,) = fused("", "", "")
    bits = np.asarray(factors, np.float32).view(np.uint32)
    name = "_".join(["mi_add", C_TYPES[target], *(f"{each:08x}" for each in bits)])
    numbers = [*(literal(each, DType.FLOAT32) for each in factors), *(str(each) for each in whole)]
    helper = _for(_ADD, target).replace("NAME", name)
    for parameter, number in zip(_ADD_PARAMETERS, numbers, strict=True):
        helper = helper.replace(parameter, number)
    return f"{name}({x}, {y}, (int32_t){zero})", (rounded, multiplied, _DECIDED, helper)


def fixed_point(factors: tuple[float, float, float]) -> tuple[int, int, int, int, int] | None:
    """Factors of two bytes, with a sign or without, and a constant, as whole numbers whose sum has int32.

    Returns
    -------
    The three numbers; how many bits lie behind their point; and by how many of the last of these what the sum is and
    what floats give may differ. `None` where there are none so large that the sum says anything.
    """
    if not np.isfinite(factors).all():
        return None
    exact = [Fraction(float(np.float32(each))) for each in factors]
    sizes = [abs(number) * most for number, most in zip(exact, _LARGEST, strict=True)]
    inner = sizes[1] + sizes[2]
    rounding = _half_unit(inner) + _half_unit(sizes[0] + inner + _half_unit(inner))
    for point in range(_MOST_BITS, 1, -1):
        whole = [round(number * 2**point) for number in exact]
        missing = sum(
            (abs(each - number * 2**point) * most for each, number, most in zip(whole, exact, _LARGEST, strict=True)),
            Fraction(0),
        )
        apart = int(missing + rounding * 2**point) + 1
        reached = sum(abs(each) * most for each, most in zip(whole, _LARGEST, strict=True))
        if reached + 2**point < 2**31 and apart < 2 ** (point - 1):
            return whole[0], whole[1], whole[2], point, apart
    return None


def _half_unit(most: Fraction) -> Fraction:
    """How far a number no greater than this is from the nearest float32, at most."""
    return max(most * Fraction(1, 2**24), Fraction(1, 2**150))


def _for(helper: str, target: DType) -> str:
    """A C function that gives numbers of a type."""
    low, high = limits(target)
    return helper.replace("KIND", C_TYPES[target]).replace("LOW", str(int(low))).replace("HIGH", str(int(high)))


_LARGEST = (255, 255, 1)
"""What factors are multiplied by, at most."""

_MOST_BITS = 29
"""Behind the point of a sum of 32 that may be 1 or more."""

_SOFTWARE = "#if defined(__SOFTFP__) || (defined(__riscv) && !defined(__riscv_flen))"

_DECIDED = """\
#ifndef MI_DECIDED
/* Whether what lies behind the point, in units of 2^-32, is more than `apart` of these from a half. */
#define MI_DECIDED(part, apart) ((part) - 0x80000000u + (apart) > 2 * (apart))
#endif
"""
"""C of what both take."""

_REQUANTIZE = f"""\
/* The sum times the scale, in float, to the nearest whole number, plus zero. Of a sum of 24 bits and an ordinary number
   the product of whole numbers is computed but for its last 16 bits, and is less than 2 of the rest too small. A longer
   sum loses its last 8 bits where the scale is small, and the product 256 more. What this, or rounding to float (2^-13
   below 1024, from where on it cannot), might carry over the middle of two whole numbers is computed as float. */
{_SOFTWARE}
#if defined(__GNUC__)
#define MI_RARE static __attribute__((noinline, cold))
#else
#define MI_RARE static
#endif
MI_RARE KIND mi_requantize_as_floats_KIND(int32_t sum, float scale, int32_t zero) {{
  return mi_quantize_KIND((float)sum * scale, (float)zero);
}}
static KIND mi_requantize_KIND(int32_t sum, float scale, int32_t zero) {{
  const union {{ float number; uint32_t bits; }} s = {{scale}};
  const uint32_t m = (s.bits << 8 | 0x80000000u) >> 16;
  uint32_t power = s.bits >> 23, missing = 2;
  int32_t x = sum;
  if (((uint32_t)sum + 0x800000u) >> 24 != 0) {{
    x = sum >> 8, power += 8, missing = 258;
    if (power > 120) return mi_requantize_as_floats_KIND(sum, scale, zero);
  }}
  if (power > 131) return mi_requantize_as_floats_KIND(sum, scale, zero);
  if (power < 103) return (KIND)zero; /* less than a half */
  const int32_t product = (x >> 16) * (int32_t)(m << 8) + (int32_t)((uint32_t)(x & 0xffff) * m >> 8) +
                          (x * (int32_t)(s.bits & 0xff) >> 16);
  const uint32_t point = 134 - power, part = (uint32_t)product << (32 - point);
  const uint32_t apart = (missing << (32 - point)) + 0x80000;
  if (!MI_DECIDED(part, apart)) return mi_requantize_as_floats_KIND(sum, scale, zero);
  const int32_t moved = (product >> point) + (int32_t)(part >> 31) + zero;
  return (KIND)(moved < LOW ? LOW : moved > HIGH ? HIGH : moved);
}}
#else
static inline KIND mi_requantize_KIND(int32_t sum, float scale, int32_t zero) {{
  return mi_quantize_KIND((float)sum * scale, (float)zero);
}}
#endif
"""

_ADD_PARAMETERS = ("FLOAT_A", "FLOAT_B", "FLOAT_C", "WHOLE_A", "WHOLE_B", "WHOLE_C", "POINT", "APART")

_ADD = f"""\
/* x times FLOAT_A and y times FLOAT_B plus FLOAT_C, in float, to the nearest whole number, plus zero. The sum in whole
   numbers has POINT bits behind its point, and is that of floats but for APART of the last of them: what is so near to
   the middle of two is computed as float. */
static inline KIND NAME_as_floats(int32_t x, int32_t y, int32_t zero) {{
  return mi_quantize_KIND(mi_fused_float((float)x, FLOAT_A, mi_fused_float((float)y, FLOAT_B, FLOAT_C)), (float)zero);
}}
{_SOFTWARE}
static KIND NAME(int32_t x, int32_t y, int32_t zero) {{
  const int32_t sum = x * (WHOLE_A) + y * (WHOLE_B) + (WHOLE_C);
  const uint32_t part = (uint32_t)sum << (32 - POINT);
  if (!MI_DECIDED(part, (uint32_t)APART << (32 - POINT))) return NAME_as_floats(x, y, zero);
  const int32_t moved = (sum >> POINT) + (int32_t)(part >> 31) + zero;
  return (KIND)(moved < LOW ? LOW : moved > HIGH ? HIGH : moved);
}}
#else
#define NAME NAME_as_floats
#endif
"""
