"""Scalar expressions, the part of a kernel that is computed element by element."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mini_infer.ir import Dim, DType
from mini_infer.program.kernels.rules import element, limit, one_of, require


@dataclass(frozen=True, slots=True)
class Operation:
    """One scalar operation of an expression.

    An expression over k inputs is a tuple of operations: argument i < k is input i, argument k + j is the result of
    operation j. The last operation is the expression's result.

    Parameters
    ----------
    name
        The ONNX operator's name; `codegen.vectors.expression` knows how to write it in C. `Quantize`, of float32 and a
        zero point in float32, rounds the first to the nearest whole number, ties to even, adds the second, which is
        whole and in the result's range, and saturates; NaN gives 0. `FusedMultiplyAdd` is the first argument times the
        second plus the third, of float32, rounded once.
    arguments
        What it is applied to.
    dtype
        Element type of the result.
    parameters
        Numbers fixed at build time: an activation's alpha, a clip's bounds.
    """

    name: str
    arguments: tuple[int, ...]
    dtype: DType
    parameters: tuple[float, ...] = ()


Expression = tuple[Operation, ...]

_ANY, _REAL, _SIGNED, _INTEGER = "fiub", "f", "fi", "iub"

_SAME = {
    (0, 1, _ANY): "Constant",
    (1, 0, _ANY): "Identity Abs Sign Relu",
    (1, 0, _SIGNED): "Neg",
    (1, 0, _REAL): """Reciprocal Sqrt Floor Ceil Round Exp Log Sin Cos Tan Asin Acos Atan Sinh Cosh Tanh Asinh Acosh
        Atanh Expm1 Log1p Erf Sigmoid Gelu GeluTanh""",
    (1, 0, _INTEGER): "BitwiseNot",
    (1, 1, _REAL): "LeakyRelu",
    (1, 2, _ANY): "Clip",
    (2, 0, _ANY): "Add Sub Mul Div Remainder FloorMod Max Min",
    (2, 0, _INTEGER): "BitwiseAnd BitwiseOr BitwiseXor ShiftLeft ShiftRight",
}
"""(arguments, parameters, NumPy's kinds: float, signed, unsigned, bool) → operations of one type throughout."""

_FORMS = {name: form for form, names in _SAME.items() for name in names.split()}

_TESTS = {
    **dict.fromkeys("Equal Less LessOrEqual Greater GreaterOrEqual".split(), (2, 0)),
    "IsNaN": (1, 0),
    "IsInf": (1, 2),
}
"""Operation that gives a truth value about numbers of one type → its arguments and parameters."""

_LOGIC = {"Not": 1, "And": 2, "Or": 2, "Xor": 2}
"""Operation on truth values → its arguments."""

EIGHT_BITS = (DType.UINT8, DType.INT8)
"""The types of quantized numbers."""

OPERATIONS = frozenset({*_FORMS, *_TESTS, *_LOGIC, "Cast", "FusedMultiplyAdd", "Pow", "Quantize", "Where"})
"""Every operation that there is."""


def check_expression(expression: Expression, inputs: Sequence[DType]) -> DType:
    """Check an expression over inputs of these types; return the type of its result.

    Raises
    ------
    KernelError
        For an operation that there is not, or whose arguments are of the wrong number or type.
    """
    require(bool(expression), "an expression has no operation")
    types = list(inputs)
    for step in expression:
        one_of("an operation", step.name, OPERATIONS)
        element(step.dtype, name=f"the type of {step.name}")
        known = all(0 <= index < len(types) for index in step.arguments)
        require(known, f"{step.name} is applied to {step.arguments}; there are {len(types)} values before it")
        _check_operation(step, [types[index] for index in step.arguments])
        types.append(step.dtype)
    return types[-1]


def _check_operation(step: Operation, arguments: list[DType]) -> None:
    """Check the number and the types of what one operation is applied to."""
    wanted, parameters = [step.dtype] * len(arguments), 0
    match step.name:
        case "Cast":
            count, wanted = 1, arguments
        case "Pow":
            count, wanted = 2, [step.dtype, *arguments[1:]]
        case "FusedMultiplyAdd":
            count = 3
            limit(step.dtype is DType.FLOAT32, f"there is no {step.name} of {step.dtype.value}")
        case "Quantize":
            count, wanted = 2, [DType.FLOAT32] * 2
            limit(step.dtype in EIGHT_BITS, f"there is no {step.name} to {step.dtype.value}")
        case "Where":
            count, wanted = 3, [DType.BOOL, *wanted[1:]]
        case name if name in _LOGIC:
            count, wanted = _LOGIC[name], [DType.BOOL] * len(arguments)
        case name if name in _TESTS:
            count, parameters = _TESTS[name]
            wanted = arguments[:1] * len(arguments)
        case name:
            count, parameters, kinds = _FORMS[name]
            limit(step.dtype.numpy.kind in kinds, f"there is no {name} of {step.dtype.value}")
    truth = step.name in _LOGIC or step.name in _TESTS
    require(not truth or step.dtype is DType.BOOL, f"{step.name} gives truth values, not {step.dtype.value}")
    given = (len(arguments), len(step.parameters))
    require(given == (count, parameters), f"{step.name} has {given[0]} arguments and {given[1]} parameters")
    require(arguments == wanted, f"{step.name} of {step.dtype.value} is applied to {[a.value for a in arguments]}")
    for value in step.parameters:
        limit(_fits(value, step.dtype), f"{value} is a parameter of {step.name}, but no {step.dtype.value}")


def _fits(value: float, dtype: DType) -> bool:
    """Whether a parameter is a number of the type."""
    low, high = limits(dtype)
    if isinstance(value, Dim):
        return dtype.is_float or low <= value.bounds[0] <= value.bounds[1] <= high
    return dtype.is_float or (low <= value <= high and value == int(value))


def limits(dtype: DType) -> tuple[float, float]:
    """The least and the greatest number of an element type."""
    if dtype.is_float:
        return -math.inf, math.inf
    if dtype is DType.BOOL:
        return 0, 1
    ends = np.iinfo(dtype.value)
    return ends.min, ends.max
