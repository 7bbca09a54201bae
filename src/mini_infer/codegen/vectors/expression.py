"""Expressions in C: element by element in any type, or a vector of float32 at a time.

Both forms follow ONNX: NaN goes through, integers wrap around, and no operand makes the program trap.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mini_infer.codegen.function import C_TYPES
from mini_infer.codegen.vectors.integers import FUSED, QUANTIZE, QUANTIZE_BYTES, SUFFIXES, store
from mini_infer.codegen.vectors.scalars import (
    Code,
    cast,
    floor_mod,
    fused,
    is_unsigned,
    literal,
    power,
    quantize,
    wide_unsigned,
)
from mini_infer.codegen.vectors.whole_numbers import Added, Scaled, found_in
from mini_infer.ir import DType
from mini_infer.program.kernels import Expression, Operation
from mini_infer.program.kernels.expression import EIGHT_BITS, limits


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


def _integer(text: str) -> _Form:
    return _Form(signed=text, unsigned=text)


def _wrapping(operator: str) -> _Form:
    """Arithmetic that wraps around: signed overflow would be undefined."""
    return _Form(f"{{a}} {operator} {{b}}", *[f"({{t}})(({{u}}){{a}} {operator} ({{u}}){{b}})"] * 2)


_OF_MATH = """
    Sqrt Floor Ceil Exp Log Sin Cos Tan Asin Acos Atan Sinh Cosh Tanh Asinh Acosh Atanh Expm1 Log1p Erf
    """

_COMPARISONS = {"Equal": "==", "Less": "<", "LessOrEqual": "<=", "Greater": ">", "GreaterOrEqual": ">="}

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
    "Reciprocal": _Form("1 / {a}"),
    "Round": _Form("__builtin_rint{s}({a})"),
    # functions of math.h, by their names
    **{name: _Form(f"__builtin_{name.lower()}{{s}}({{a}})") for name in _OF_MATH.split()},
    "Sigmoid": _Form("1 / (1 + __builtin_exp{s}(-{a}))"),
    # activations
    "Relu": _Form("{a} < 0 ? 0 : {a}", "{a} < 0 ? 0 : {a}", "{a}"),
    "LeakyRelu": _Form("{a} < 0 ? {a} * {p} : {a}"),
    "Clip": _any("{a} < {p} ? {p} : {a} > {q} ? {q} : {a}"),
    "Gelu": _Form("{a} / 2 * (1 + __builtin_erf{s}({a} * ({t})0.70710678118654752))"),
    "GeluTanh": _Form(
        "{a} / 2 * (1 + __builtin_tanh{s}(({a} + {a} * {a} * {a} * ({t})0.044715) * ({t})0.79788456080286536))"
    ),
    # truth: the kind is that of a bool, unsigned
    **{name: _any(f"{{a}} {operator} {{b}}") for name, operator in _COMPARISONS.items()},
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
"""Operation → C on scalars. Those that depend on types are in `codegen.vectors.scalars`."""

_OF_PRELUDE = "Abs Sqrt Floor Ceil Round Exp Expm1 Log Log1p Sin Cos Tanh Erf Sigmoid Relu Gelu"

VECTOR: dict[str, str] = {
    **{name: f"mi_{name.lower()}({{a}})" for name in _OF_PRELUDE.split()},
    **{name: f"{{a}} {operator} {{b}}" for name, operator in _COMPARISONS.items()},
    "Identity": "{a}",
    "Constant": "mi_set1({p})",
    "Add": "{a} + {b}",
    "Sub": "{a} - {b}",
    "Mul": "{a} * {b}",
    "Div": "{a} / {b}",
    "Neg": "-{a}",
    "Max": "mi_max({a}, {b})",
    "Min": "mi_min({a}, {b})",
    "Reciprocal": "1.0f / {a}",
    "LeakyRelu": "mi_select({a} < 0.0f, {a} * {p}, {a})",
    "Clip": "mi_clip({a}, mi_set1({p}), mi_set1({q}))",
    "GeluTanh": "mi_gelu_tanh({a})",
    "IsNaN": "{a} != {a}",
    "Not": "~{a}",
    "And": "{a} & {b}",
    "Or": "{a} | {b}",
    "Xor": "{a} ^ {b}",
    "Where": "mi_select({a}, {b}, {c})",
    "Cast": "{a}",
    "FusedMultiplyAdd": "mi_fused({a}, {b}, {c})",
    "Quantize": "mi_quantize({a}, {b}, {low}, {high})",
}
"""Operation → C on vectors of float32; a truth value is a mask of all ones or all zeros in each lane.

A vector of 8-bit numbers is one of float32 whose lanes are whole and in their range, one of int32 what float32 holds of
it; to float32 they are cast by doing nothing.
"""

_OF_WHOLE = frozenset("Clip Constant Equal Greater GreaterOrEqual Identity Less LessOrEqual Max Min Relu Where".split())
"""Operations whose results on 8-bit numbers are what they are on the same numbers in float32."""

CHEAP = frozenset(
    """
    Abs Add And Cast Clip Constant Div Equal FusedMultiplyAdd Greater GreaterOrEqual Identity LeakyRelu Less LessOrEqual
    Max Min Mul Neg Not Or Quantize Reciprocal Relu Sqrt Sub Where Xor
    """.split()
)
"""Operations that are an instruction or two, on a scalar as on a vector."""


def has_vector_form(expression: Expression, dtypes: Sequence[DType]) -> bool:
    """Whether `vector_code` can write the expression over inputs of these types.

    They are float32, or types that `integers.load` makes float32 of, and so is the result, or of 8 bits.
    """
    if not all(dtype in SUFFIXES for dtype in dtypes):
        return False
    types = list(dtypes)
    for step in expression:
        if not _is_vector_step(step, [types[index] for index in step.arguments]):
            return False
        types.append(step.dtype)
    return types[-1] is DType.FLOAT32 or types[-1] in EIGHT_BITS


def _is_vector_step(step: Operation, arguments: Sequence[DType]) -> bool:
    """Whether one operation is the same on float32 that holds the numbers."""
    if step.name not in VECTOR:
        return False
    if step.name == "Cast":
        return step.dtype is DType.FLOAT32 and arguments[0] in SUFFIXES
    whole = [dtype for dtype in (*arguments, step.dtype) if dtype in EIGHT_BITS]
    if whole and step.name != "Quantize":
        return step.name in _OF_WHOLE and all(dtype in EIGHT_BITS or dtype is DType.BOOL for dtype in arguments)
    return all(dtype in (DType.FLOAT32, DType.BOOL, *EIGHT_BITS) for dtype in (*arguments, step.dtype))


def is_of_reals(expression: Expression, dtypes: Sequence[DType]) -> bool:
    """Whether it has a vector form in which inputs and result are float32, as they lie in memory."""
    reals = all(dtype is DType.FLOAT32 for dtype in (*dtypes, expression[-1].dtype))
    return reals and has_vector_form(expression, dtypes)


def is_cheap(expression: Expression) -> bool:
    """Whether the expression costs no more element by element, where there are too few elements for a vector."""
    return all(step.name in CHEAP for step in expression)


def inputs_of(expression: Expression) -> frozenset[int]:
    """The inputs that an expression asks for, among the results of its operations."""
    return frozenset(index for step in expression for index in step.arguments)


def in_scalars(expression: Expression, dtypes: Sequence[DType]) -> Expression:
    """The operations that `scalar_code` writes: those that others do along with their own have no statements."""
    asked = _asked_for(expression, len(dtypes), found_in(expression, dtypes))
    return tuple(step for index, step in enumerate(expression, len(dtypes)) if index in asked)


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

    `has_vector_form` says which expressions have one; arguments and result of other types are what `integers` loads and
    stores.
    """
    return _render(expression, arguments, [DType.FLOAT32] * len(arguments), prefix, vector=True)


def stored_code(expression: Expression, arguments: Sequence[str], address: str, part: int = 0) -> Rendered:
    """The same, stored at an address, or the first `part` lanes of it; there is no `result` left."""
    *_, last = expression
    if last.name != "Quantize":
        code = vector_code(expression, arguments)
        return Rendered((*code.statements, store(address, code.result, part, last.dtype)), "", code.helpers)
    code = _render(expression, arguments, [DType.FLOAT32] * len(arguments), "t", vector=True, stored=True)
    name, count = ("mi_store_bytes_n", f", {part}") if part != 0 else ("mi_store_bytes", "")
    return Rendered((*code.statements, f"{name}({address}, {code.result}{count});"), "", code.helpers)


def _render(
    expression: Expression,
    arguments: Sequence[str],
    dtypes: list[DType],
    prefix: str,
    *,
    vector: bool,
    stored: bool = False,
) -> Rendered:
    """One statement for each argument that is used and no plain name, then one for each operation.

    Of what is `stored`, a last `Quantize` leaves its result in bytes.
    """
    statements: list[str] = []
    helpers: dict[str, None] = {}
    names: list[str] = []

    def declare(dtype: DType, text: str, reals: str = "vf") -> None:
        name = f"{prefix}{len(statements)}"
        kind = ("vi" if dtype is DType.BOOL else reals) if vector else C_TYPES[dtype]
        statements.append(f"const {kind} {name} = {text};")
        names.append(name)

    bytes_of = {} if vector else found_in(expression, dtypes)
    used = _asked_for(expression, len(dtypes), bytes_of)
    for index, (argument, dtype) in enumerate(zip(arguments, dtypes, strict=True)):
        if index not in used or argument.isidentifier():
            names.append(argument)
        else:
            declare(dtype, argument)
    for position, step in enumerate(expression, 1):
        if len(names) not in used:
            names.append("")
            dtypes.append(step.dtype)
            continue
        operands = [names[index] for index in step.arguments]
        kinds = [dtypes[index] for index in step.arguments]
        in_bytes = stored and position == len(expression)
        if vector:
            text, helper = _vector(step, operands, in_bytes=in_bytes)
        elif len(names) in bytes_of:
            text, helper = bytes_of[len(names)].code(names)
        else:
            text, helper = _scalar(step, operands, kinds)
        helpers.update(dict.fromkeys(helper))
        declare(step.dtype, text, "vu" if in_bytes else "vf")
        dtypes.append(step.dtype)
    return Rendered(tuple(statements), names[-1], tuple(helpers))


def _asked_for(expression: Expression, inputs: int, bytes_of: Mapping[int, Scaled | Added]) -> frozenset[int]:
    """The indices of what the result needs, where some results are made of others than their operations say."""
    asked = {inputs + len(expression) - 1} if expression else set()
    for index in range(inputs + len(expression) - 1, inputs - 1, -1):
        if index in asked:
            asked.update((bytes_of.get(index) or expression[index - inputs]).arguments)
    return frozenset(asked)


def _vector(step: Operation, operands: Sequence[str], *, in_bytes: bool) -> Code:
    """C for one operation on vectors, and the functions it calls beside those of the prelude."""
    fields = _operands(step, operands)
    if step.name == "FusedMultiplyAdd":
        return VECTOR[step.name].format(**fields), (FUSED,)
    if step.name == "Quantize":
        low, high = (literal(end, DType.FLOAT32) for end in limits(step.dtype))
        text = VECTOR[step.name].format(low=low, high=high, **fields)
        return (text.replace("(", "_bytes(", 1), (QUANTIZE_BYTES,)) if in_bytes else (text, (QUANTIZE,))
    return VECTOR[step.name].format(**fields), ()


def _scalar(step: Operation, operands: Sequence[str], kinds: Sequence[DType]) -> Code:
    """C for one operation on scalars, and the functions it calls. Half floats are computed in single precision."""
    if step.name == "Cast":
        return cast(operands[0], kinds[0], step.dtype)
    if step.name == "Pow":
        return power(operands[0], operands[1], kinds[0], kinds[1])
    if step.name == "Quantize":
        return quantize(operands[0], operands[1], step.dtype)
    if step.name == "FusedMultiplyAdd":
        return fused(*operands)
    operands = [f"(float){name}" if kind is DType.FLOAT16 else name for name, kind in zip(operands, kinds, strict=True)]
    if step.name == "FloorMod":
        return floor_mod(operands[0], operands[1], step.dtype)
    form = SCALAR[step.name]
    fields = _operands(step, operands)
    if step.dtype.is_float:
        double = step.dtype is DType.FLOAT64
        text = form.real.format(t="double" if double else "float", s="" if double else "f", **fields)
        return (f"(_Float16)({text})" if step.dtype is DType.FLOAT16 else text), ()
    bits = 8 * step.dtype.numpy.itemsize
    text = form.unsigned if is_unsigned(step.dtype) else form.signed
    return text.format(t=C_TYPES[step.dtype], u=wide_unsigned(step.dtype), bits=bits, **fields), ()


def _operands(step: Operation, operands: Sequence[str]) -> dict[str, str]:
    """The placeholders of an operation's arguments and parameters."""
    parameters = [literal(value, step.dtype) for value in step.parameters]
    return {
        **dict(zip("abc", (f"({name})" if name[0] == "(" else name for name in operands), strict=False)),
        **dict(zip("pq", parameters, strict=False)),
    }
