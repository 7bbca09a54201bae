"""Elementwise operators on quantized tensors (`ir.quantized`) as terms: in float32, rounded where onnxruntime rounds.

Their scales must be known at build time, but for those of `Requantize`.
"""

from collections.abc import Callable, Sequence

import numpy as np

from mini_infer.ir import DType, Node, TensorType, ValueType
from mini_infer.ir.rounding import fused_multiply_add
from mini_infer.lowering.builder import Builder, NotNativeError
from mini_infer.lowering.term import Term
from mini_infer.program.kernels.expression import EIGHT_BITS, limits

_LARGEST = float(np.finfo(np.float32).max)

_FIRST, _SECOND = slice(0, 3), slice(3, 6)
"""The inputs of `QLinearAdd` and `QLinearMul` that are an operand, its scale and its zero point."""


def arranged(node: Node, build: Builder) -> Node:
    """The node with an operand of one element second: a `QLinearAdd` adds that to what its zero points add.

    (onnxruntime does so also where one operand is the same along the last axes, whichever these are in its layout.)
    """
    if node.op != "QLinearAdd":
        return node
    single = [_is_single(build.graph.types.get(name)) for name in (node.inputs[0], node.inputs[3])]
    if single != [True, False]:
        return node
    inputs = (*node.inputs[_SECOND], *node.inputs[_FIRST], *node.inputs[6:])
    return Node(node.name, node.op, inputs, node.outputs, node.attributes, node.domain, node.version)


def _is_single(kind: ValueType | None) -> bool:
    return isinstance(kind, TensorType) and all(size == 1 for size in kind.shape)


def requantize(_node: Node, x: Sequence[Term]) -> Term:
    """Sums times a scale, rounded, plus a zero point."""
    sums, scale, zero = x
    return (sums.cast(DType.FLOAT32) * scale).quantize(_target(zero), zero)


def quantize(_node: Node, x: Sequence[Term]) -> Term:
    """A real number over a scale, rounded, plus a zero point."""
    real, scale, zero = x
    return (real / scale).quantize(_target(zero), zero)


def dequantize(_node: Node, x: Sequence[Term]) -> Term:
    """What is left after a zero point is subtracted, times a scale.

    A bound follows that cuts nothing off, so that no compiler makes one rounding of the product and a sum of it.
    """
    number, scale, zero = x
    product = (number.cast(DType.FLOAT32) - zero.cast(DType.FLOAT32)) * scale
    return product.apply("Clip", parameters=(-_LARGEST, _LARGEST))


def qlinear_add(_node: Node, x: Sequence[Term]) -> Term:
    """Both operands times their scales over the result's, by fused multiply-adds; zero points are one number."""
    a, b, target = x[0], x[3], _target(x[7])
    result, zero = _number(x[6]), _number(x[7])
    with np.errstate(all="ignore"):
        left, right = (np.float32(_number(scale) / result) for scale in (x[1], x[4]))
        inner = fused_multiply_add(np.asarray(left), np.asarray(_number(x[2])), np.asarray(right * _number(x[5])))
        fixed = np.float32(zero - np.float32(inner))
    total = _fused(a, left, _fused(b, right, _constant(fixed)))
    return total.quantize(target)


def qlinear_mul(_node: Node, x: Sequence[Term]) -> Term:
    """The product less the zero points, exact, times the scales; the result's zero point is added before rounding."""
    a, b, zero, target = x[0], x[3], _number(x[7]), _target(x[7])
    with np.errstate(all="ignore"):
        ratio = np.float32(_number(x[1]) * _number(x[4])) / _number(x[6])
    product = (a.cast(DType.FLOAT32) - x[2].cast(DType.FLOAT32)) * (b.cast(DType.FLOAT32) - x[5].cast(DType.FLOAT32))
    return shifted(product * _constant(ratio), zero, target)


def shifted(real: Term, zero: np.float32, target: DType) -> Term:
    """`saturate(rint(real + zero))`.

    What cannot count is cut off before the sum, so that no compiler makes one rounding of a product before and this
    sum.
    """
    low, high = limits(target)
    within = real.apply("Clip", parameters=(float(low - zero), float(high - zero)))
    return (within + float(zero)).quantize(target)


def _fused(factor: Term, other: np.float32, added: Term) -> Term:
    return Term(DType.FLOAT32, "FusedMultiplyAdd", (factor.cast(DType.FLOAT32), _constant(other), added))


def _constant(value: np.float32) -> Term:
    return Term(DType.FLOAT32, "Constant", (), (float(value),))


def _number(term: Term) -> np.float32:
    """The value of a constant of one element, in float32."""
    if term.operation != "Constant":
        raise NotNativeError("no native code for scales that are computed at run time")
    return np.float32(term.parameters[0])


def _target(zero: Term) -> DType:
    if zero.dtype not in EIGHT_BITS:
        raise NotNativeError(f"no native code for quantizing to {zero.dtype.value}")
    return zero.dtype


OPERATORS: dict[str, Callable[[Node, Sequence[Term]], Term]] = {
    "DequantizeLinear": dequantize,
    "QuantizeLinear": quantize,
    "QLinearAdd": qlinear_add,
    "QLinearMul": qlinear_mul,
    "Requantize": requantize,
}
"""Operator → its term."""
