"""Scalar expressions of the operators on quantized tensors, rounded where onnxruntime rounds (`ir.quantized`).

Constants are computed here, in float32: what an expression has of scales and zero points is a few numbers.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from mini_infer.ir import DType
from mini_infer.ir.rounding import fused_multiply_add
from mini_infer.lowering.term import Term

_FAR = 1024.0
"""More than any two 8-bit numbers are apart."""

_KNOWN: Mapping[str, Callable[..., Any]] = {
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Div": np.divide,
    "MultiplyAdd": fused_multiply_add,
}


def requantize(sums: Term, scale: Term, zero: Term) -> Term:
    """`Requantize`."""
    return _apply("Mul", _real(sums), scale).quantize(zero.dtype, zero)


def add(operands: Sequence[Term], single: tuple[bool, bool]) -> Term:
    """`QLinearAdd`, by fused multiply-adds; `single` says which of both operands are one element.

    Such an operand is added to the constant part, and rounded there.
    """
    a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero = operands
    if single[0] and not single[1]:
        a, a_scale, a_zero, b, b_scale, b_zero = b, b_scale, b_zero, a, a_scale, a_zero
    left, right = (_apply("Div", scale, y_scale) for scale in (a_scale, b_scale))
    zeros = _apply("MultiplyAdd", left, _real(a_zero), _apply("Mul", right, _real(b_zero)))
    partial = _apply("MultiplyAdd", _real(b), right, _apply("Sub", _real(y_zero), zeros))
    return _apply("MultiplyAdd", _real(a), left, partial).quantize(y_zero.dtype)


def multiply(operands: Sequence[Term]) -> Term:
    """`QLinearMul`: the product is rounded before the zero point is added.

    What bounds it stands between both, so that no compiler makes one operation of them; beyond, the result saturates.
    """
    a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero = operands
    ratio = _apply("Div", _apply("Mul", a_scale, b_scale), y_scale)
    product = _apply("Sub", _real(a), _real(a_zero)) * _apply("Sub", _real(b), _real(b_zero))
    scaled = (product * ratio).apply("Clip", parameters=(-_FAR, _FAR))
    return (scaled + _real(y_zero)).quantize(y_zero.dtype)


def _real(term: Term) -> Term:
    """A number in float32."""
    return (
        Term(DType.FLOAT32, "Constant", (), term.parameters)
        if term.operation == "Constant"
        else term.cast(DType.FLOAT32)
    )


def _apply(operation: str, *terms: Term) -> Term:
    """An operation on float32; computed now, if all that it is applied to is known."""
    if not all(term.operation == "Constant" for term in terms):
        return terms[0].apply(operation, *terms[1:])
    with np.errstate(all="ignore"):
        value = _KNOWN[operation](*(np.float32(term.parameters[0]) for term in terms))
    return Term(DType.FLOAT32, "Constant", (), (float(value),))
