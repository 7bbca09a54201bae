"""Expressions in C: element by element in any type, or a vector of float32 at a time.

Both forms follow ONNX: NaN goes through, integers wrap around, and no operand makes the program trap.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mini_infer.codegen.function import C_TYPES
from mini_infer.ir import DType
from mini_infer.program.kernels import Expression, Operation


@dataclass(frozen=True, slots=True)
class Rendered:
    """An expression in C.

    Parameters
    ----------
    statements
        Declarations of constants named `<prefix>0`, `<prefix>1`, …
    result
        The C expression of the result: a name.
    helpers
        C functions that the statements call.
    """

    statements: tuple[str, ...]
    result: str
    helpers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Form:
    """C for one operation, by the kind of its result's type; an empty text means that no such operation exists.

    Placeholders: arguments {a} {b} {c}, parameters {p} {q}, {t} the C type of the result, {s} the suffix of its
    `math.h` functions, {u} an unsigned type as wide as the computation, {bits} the width of an integer.
    """

    real: str = ""
    signed: str = ""
    unsigned: str = ""


def _any(text: str) -> _Form:
    return _Form(text, text, text)


def _real(text: str) -> _Form:
    return _Form(real=text)


def _integer(text: str) -> _Form:
    return _Form(signed=text, unsigned=text)


def _wrapping(operator: str) -> _Form:
    """Arithmetic that wraps around: signed overflow would be undefined."""
    return _Form(f"{{a}} {operator} {{b}}", *[f"({{t}})(({{u}}){{a}} {operator} ({{u}}){{b}})"] * 2)


SCALAR: dict[str, _Form] = {
    # arithmetic
    "Identity": _any("{a}"),
    "Constant": _any("{p}"),
    "Add": _wrapping("+"),
    "Sub": _wrapping("-"),
    "Mul": _wrapping("*"),
    "Div": _Form(
        "{a} / {b}",
        "{b} == 0 ? 0 : {b} == -1 ? ({t})(0 - ({u}){a}) : ({t})({a} / {b})",
        "{b} == 0 ? 0 : ({t})({a} / {b})",
    ),
    "Remainder": _Form(
        "__builtin_fmod{s}({a}, {b})", "{b} == 0 || {b} == -1 ? 0 : ({t})({a} % {b})", "{b} == 0 ? 0 : ({t})({a} % {b})"
    ),
    "Neg": _Form("-{a}", "({t})(0 - ({u}){a})"),
    "Abs": _Form("__builtin_fabs{s}({a})", "{a} < 0 ? ({t})(0 - ({u}){a}) : {a}", "{a}"),
    "Sign": _Form("{a} != {a} ? {a} : ({t})(({a} > 0) - ({a} < 0))", "({t})(({a} > 0) - ({a} < 0))", "{a} > 0"),
    "Max": _Form("{a} > {b} || {a} != {a} ? {a} : {b}", *["{a} > {b} ? {a} : {b}"] * 2),
    "Min": _Form("{a} < {b} || {a} != {a} ? {a} : {b}", *["{a} < {b} ? {a} : {b}"] * 2),
    "Reciprocal": _real("1 / {a}"),
    "Sqrt": _real("__builtin_sqrt{s}({a})"),
    "Floor": _real("__builtin_floor{s}({a})"),
    "Ceil": _real("__builtin_ceil{s}({a})"),
    "Round": _real("__builtin_rint{s}({a})"),
    # transcendental
    "Exp": _real("__builtin_exp{s}({a})"),
    "Log": _real("__builtin_log{s}({a})"),
    "Sin": _real("__builtin_sin{s}({a})"),
    "Cos": _real("__builtin_cos{s}({a})"),
    "Tan": _real("__builtin_tan{s}({a})"),
    "Asin": _real("__builtin_asin{s}({a})"),
    "Acos": _real("__builtin_acos{s}({a})"),
    "Atan": _real("__builtin_atan{s}({a})"),
    "Sinh": _real("__builtin_sinh{s}({a})"),
    "Cosh": _real("__builtin_cosh{s}({a})"),
    "Tanh": _real("__builtin_tanh{s}({a})"),
    "Asinh": _real("__builtin_asinh{s}({a})"),
    "Acosh": _real("__builtin_acosh{s}({a})"),
    "Atanh": _real("__builtin_atanh{s}({a})"),
    "Expm1": _real("__builtin_expm1{s}({a})"),
    "Log1p": _real("__builtin_log1p{s}({a})"),
    "Erf": _real("__builtin_erf{s}({a})"),
    "Sigmoid": _real("1 / (1 + __builtin_exp{s}(-{a}))"),
    # activations
    "Relu": _Form("{a} < 0 ? 0 : {a}", "{a} < 0 ? 0 : {a}", "{a}"),
    "LeakyRelu": _real("{a} < 0 ? {a} * {p} : {a}"),
    "Clip": _any("{a} < {p} ? {p} : {a} > {q} ? {q} : {a}"),
    "Gelu": _real("{a} / 2 * (1 + __builtin_erf{s}({a} * ({t})0.70710678118654752))"),
    "GeluTanh": _real(
        "{a} / 2 * (1 + __builtin_tanh{s}(({a} + {a} * {a} * {a} * ({t})0.044715) * ({t})0.79788456080286536))"
    ),
    # truth: the kind is that of a bool, unsigned
    "Equal": _any("{a} == {b}"),
    "Less": _any("{a} < {b}"),
    "LessOrEqual": _any("{a} <= {b}"),
    "Greater": _any("{a} > {b}"),
    "GreaterOrEqual": _any("{a} >= {b}"),
    "IsNaN": _any("{a} != {a}"),
    "IsInf": _any("({p} && {a} == -__builtin_inff()) || ({q} && {a} == __builtin_inff())"),
    "Not": _any("!{a}"),
    "And": _any("{a} && {b}"),
    "Or": _any("{a} || {b}"),
    "Xor": _any("!{a} != !{b}"),
    "Where": _any("{a} ? {b} : {c}"),
    # bits
    "BitwiseNot": _integer("({t})~{a}"),
    "BitwiseAnd": _integer("({t})({a} & {b})"),
    "BitwiseOr": _integer("({t})({a} | {b})"),
    "BitwiseXor": _integer("({t})({a} ^ {b})"),
    "ShiftLeft": _integer("({u}){b} >= {bits} ? 0 : ({t})(({u}){a} << {b})"),
    "ShiftRight": _Form(
        signed="({t})({a} >> (({u}){b} >= {bits} ? {bits} - 1 : {b}))",
        unsigned="({u}){b} >= {bits} ? 0 : ({t})({a} >> {b})",
    ),
}
"""Operation → C on scalars. `Cast`, `Pow` and `FloorMod` are functions of their own, below."""

VECTOR: dict[str, str] = {
    "Identity": "{a}",
    "Constant": "mi_set1({p})",
    "Add": "{a} + {b}",
    "Sub": "{a} - {b}",
    "Mul": "{a} * {b}",
    "Div": "{a} / {b}",
    "Neg": "-{a}",
    "Abs": "mi_abs({a})",
    "Max": "mi_max({a}, {b})",
    "Min": "mi_min({a}, {b})",
    "Reciprocal": "1.0f / {a}",
    "Sqrt": "mi_sqrt({a})",
    "Floor": "mi_floor({a})",
    "Ceil": "mi_ceil({a})",
    "Round": "mi_round({a})",
    "Exp": "mi_exp({a})",
    "Expm1": "mi_expm1({a})",
    "Log": "mi_log({a})",
    "Log1p": "mi_log1p({a})",
    "Sin": "mi_sin({a})",
    "Cos": "mi_cos({a})",
    "Tanh": "mi_tanh({a})",
    "Erf": "mi_erf({a})",
    "Sigmoid": "mi_sigmoid({a})",
    "Relu": "mi_relu({a})",
    "LeakyRelu": "mi_select({a} < 0.0f, {a} * {p}, {a})",
    "Clip": "mi_clip({a}, mi_set1({p}), mi_set1({q}))",
    "Gelu": "mi_gelu({a})",
    "GeluTanh": "mi_gelu_tanh({a})",
    "Equal": "{a} == {b}",
    "Less": "{a} < {b}",
    "LessOrEqual": "{a} <= {b}",
    "Greater": "{a} > {b}",
    "GreaterOrEqual": "{a} >= {b}",
    "IsNaN": "{a} != {a}",
    "Not": "~{a}",
    "And": "{a} & {b}",
    "Or": "{a} | {b}",
    "Xor": "{a} ^ {b}",
    "Where": "mi_select({a}, {b}, {c})",
}
"""Operation → C on vectors of float32; a truth value is a mask of all ones or all zeros in each lane."""

_NAME = re.compile(r"[A-Za-z_]\w*")


def has_vector_form(expression: Expression, dtypes: Sequence[DType]) -> bool:
    """Whether `vector_code` can write the expression over inputs of these types."""
    return (
        all(dtype is DType.FLOAT32 for dtype in dtypes)
        and all(step.name in VECTOR and step.dtype in (DType.FLOAT32, DType.BOOL) for step in expression)
        and expression[-1].dtype is DType.FLOAT32
    )


def scalar_code(
    expression: Expression, arguments: Sequence[str], dtypes: Sequence[DType], prefix: str = "t"
) -> Rendered:
    """The expression for one element.

    Parameters
    ----------
    expression
        What to compute.
    arguments
        C expressions of the inputs, without side effects.
    dtypes
        Their element types.
    prefix
        Start of the names that the statements declare.
    """
    return _render(expression, arguments, list(dtypes), prefix, vector=False)


def vector_code(expression: Expression, arguments: Sequence[str], prefix: str = "t") -> Rendered:
    """The expression for one vector of float32 (type `vf`), in terms of the vector prelude.

    `has_vector_form` says which expressions have one.
    """
    return _render(expression, arguments, [DType.FLOAT32] * len(arguments), prefix, vector=True)


def _render(
    expression: Expression, arguments: Sequence[str], dtypes: list[DType], prefix: str, *, vector: bool
) -> Rendered:
    """One statement for each argument that is used and no plain name, then one for each operation."""
    statements: list[str] = []
    helpers: dict[str, None] = {}
    names: list[str] = []

    def declare(dtype: DType, text: str) -> None:
        name = f"{prefix}{len(statements)}"
        kind = ("vi" if dtype is DType.BOOL else "vf") if vector else C_TYPES[dtype]
        statements.append(f"const {kind} {name} = {text};")
        names.append(name)

    used = {index for step in expression for index in step.arguments}
    for index, (argument, dtype) in enumerate(zip(arguments, dtypes, strict=True)):
        if index not in used or _NAME.fullmatch(argument):
            names.append(argument)
        else:
            declare(dtype, argument)
    for step in expression:
        operands = [names[index] for index in step.arguments]
        kinds = [dtypes[index] for index in step.arguments]
        if vector:
            text = VECTOR[step.name].format(**_operands(step, operands))
        else:
            text, helper = _scalar(step, operands, kinds)
            helpers.update(dict.fromkeys(helper))
        declare(step.dtype, text)
        dtypes.append(step.dtype)
    return Rendered(tuple(statements), names[-1], tuple(helpers))


def _scalar(step: Operation, operands: Sequence[str], kinds: Sequence[DType]) -> tuple[str, tuple[str, ...]]:
    """C for one operation on scalars, and the functions it calls. Half floats are computed in single precision."""
    if step.name == "Cast":
        return _cast(operands[0], kinds[0], step.dtype)
    if step.name == "Pow":
        return _power(operands[0], operands[1], kinds[0], kinds[1])
    operands = [f"(float){name}" if kind is DType.FLOAT16 else name for name, kind in zip(operands, kinds, strict=True)]
    if step.name == "FloorMod":
        return _floor_mod(operands[0], operands[1], step.dtype)
    form = SCALAR[step.name]
    fields = _operands(step, operands)
    if step.dtype.is_float:
        double = step.dtype is DType.FLOAT64
        text = form.real.format(t="double" if double else "float", s="" if double else "f", **fields)
        return (f"(_Float16)({text})" if step.dtype is DType.FLOAT16 else text), ()
    bits = 8 * step.dtype.numpy.itemsize
    text = form.unsigned if _is_unsigned(step.dtype) else form.signed
    return text.format(t=C_TYPES[step.dtype], u=_wide_unsigned(step.dtype), bits=bits, **fields), ()


def _operands(step: Operation, operands: Sequence[str]) -> dict[str, str]:
    """The placeholders of an operation's arguments and parameters."""
    parameters = [literal(value, step.dtype) for value in step.parameters]
    return {
        **dict(zip("abc", (f"({name})" if name[0] == "(" else name for name in operands), strict=False)),
        **dict(zip("pq", parameters, strict=False)),
    }


def literal(value: float, dtype: DType) -> str:
    """A number in C, of an element type: the shortest text that reads back as the same number."""
    if not dtype.is_float:
        return _integer_literal(int(value), dtype)
    if math.isnan(value):
        return '__builtin_nanf("")'
    if math.isinf(value):
        return "__builtin_inff()" if value > 0 else "-__builtin_inff()"
    return str(np.float64(value)) if dtype is DType.FLOAT64 else f"{np.float32(value)}f"


def _integer_literal(value: int, dtype: DType) -> str:
    if dtype is DType.INT64 and value == -(2**63):
        return "INT64_MIN"  # C has no negative literals: 9223372036854775808 would overflow before its sign comes
    suffix = {DType.INT64: "LL", DType.UINT32: "U", DType.UINT64: "ULL"}.get(dtype, "")
    return f"{value}{suffix}"


def _is_unsigned(dtype: DType) -> bool:
    return dtype.value.startswith(("uint", "bool"))


def _wide_unsigned(dtype: DType) -> str:
    """The unsigned type in which integers of this type are computed, so that they wrap around."""
    return "uint64_t" if dtype.numpy.itemsize == DType.INT64.numpy.itemsize else "uint32_t"


def _cast(operand: str, source: DType, target: DType) -> tuple[str, tuple[str, ...]]:
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


def _power(base: str, exponent: str, base_type: DType, exponent_type: DType) -> tuple[str, tuple[str, ...]]:
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
        return _cast(power, DType.FLOAT32 if narrow else DType.FLOAT64, base_type)
    kind, wide = C_TYPES[base_type], _wide_unsigned(base_type)
    helper = f"""static inline {kind} mi_power_{kind}({kind} base, int64_t exponent) {{
  {wide} power = 1, square = ({wide})base;
  if (exponent < 0) return ({kind})(base == 1 ? 1 : base == ({kind})-1 ? (exponent & 1 ? -1 : 1) : 0);
  for (; exponent; exponent >>= 1, square *= square)
    if (exponent & 1) power *= square;
  return ({kind})power;
}}
"""
    return f"mi_power_{kind}({base}, (int64_t){exponent})", (helper,)


def _floor_mod(dividend: str, divisor: str, dtype: DType) -> tuple[str, tuple[str, ...]]:
    """A remainder with the divisor's sign, as Python has it."""
    if not dtype.is_float:
        kind = C_TYPES[dtype]
        if _is_unsigned(dtype):
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
