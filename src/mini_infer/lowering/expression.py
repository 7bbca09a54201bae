"""Elementwise ONNX operators, alone or fused into chains, as scalar expressions.

Every operator becomes a term of the few operations that `codegen.vectors.expression` writes in C.
"""

import math
from collections.abc import Callable, Sequence

from mini_infer.ir import DType, Node
from mini_infer.ir.splats import element, is_splat
from mini_infer.lowering import qlinear
from mini_infer.lowering.attributes import element_type, integer, number, text
from mini_infer.lowering.builder import Builder, NotNativeError
from mini_infer.lowering.term import Term, linearize
from mini_infer.program.kernels import Expression
from mini_infer.program.kernels.rules import NATIVE

_EXACT = 2**53
"""Integers below this are exact as parameters of an operation."""

_CLIP_BY_INPUTS = 11
_FLOAT32_MAX = 3.4028234663852886e38

Operator = Callable[[Node, Sequence[Term]], Term]
"""(node, its inputs present) → what the node computes for one element."""


def express(
    nodes: Sequence[Node], build: Builder, accumulator: tuple[str, DType] | None = None
) -> tuple[Expression, tuple[str, ...]]:
    """Write elementwise nodes as one expression.

    Parameters
    ----------
    nodes
        A chain or DAG in order; the last node's first output is the result.
    build
        Types, and constants: those with one element become part of the expression.
    accumulator
        The value that becomes argument 0 although no input of the fused node has this name, and its element type: the
        result of a convolution or matrix product.

    Returns
    -------
    expression
        What to compute for each element.
    inputs
        The names of its arguments, in order. Each broadcasts against the result's shape.

    Raises
    ------
    NotNativeError
        When an element type has no form in C.
    """
    terms: dict[str, Term] = {}
    inputs: dict[str, Term] = {}
    value, dtype = accumulator or ("", DType.FLOAT32)
    if value:
        inputs[value] = terms[value] = Term(dtype)
    for node in nodes:
        for name in node.reads:
            if name not in terms:
                terms[name] = inputs[name] = _leaf(name, build)
        given = [terms[name] for name in qlinear.arranged(node, build).inputs if name]
        terms[node.outputs[0]] = (OPERATORS.get(node.op) or qlinear.OPERATORS[node.op])(node, given)
    result = terms[nodes[-1].outputs[0]]
    leaves = result.leaves()
    used = {name: term for name, term in inputs.items() if name == value or term in leaves}
    return linearize(result, list(used.values())), tuple(used)


def _leaf(name: str, build: Builder) -> Term:
    """An input; a constant where the value is one number, known now, that a parameter holds exactly."""
    kind = build.type(name)
    if kind.dtype not in NATIVE:
        raise NotNativeError(f"no native code for {kind.dtype.value}")
    value = build.constant(name)
    if value is not None and is_splat(value):
        value = element(value)
    if value is None or value.size != 1 or (not kind.dtype.is_float and abs(int(value.item())) > _EXACT):
        return Term(kind.dtype)
    return Term(kind.dtype, "Constant", (), (float(value.item()),))


def _same(operation: str) -> Operator:
    """An operator that is an operation, of its first input's type."""
    return lambda _node, x: x[0].apply(operation, *x[1:])


def _test(operation: str) -> Operator:
    """An operator that is an operation and gives truth values."""
    return lambda _node, x: x[0].test(operation, *x[1:])


def _fold(operation: str) -> Operator:
    """A binary operation over any number of inputs, from the left."""

    def operator(_node: Node, x: Sequence[Term]) -> Term:
        result = x[0]
        for term in x[1:]:
            result = result.apply(operation, term)
        return result

    return operator


def _real(operator: Operator) -> Operator:
    """An operator that ONNX defines on real numbers alone. Half floats are rounded once, at its end."""

    def checked(node: Node, x: Sequence[Term]) -> Term:
        dtype = x[0].dtype
        if dtype is DType.FLOAT16:
            x = [term.cast(DType.FLOAT32) for term in x]
        return operator(node, x).cast(dtype)

    return checked


def _power(_node: Node, x: Sequence[Term]) -> Term:
    base, exponent = x
    if base.dtype.is_float and exponent.operation == "Constant":
        match exponent.parameters[0]:
            case 1.0:
                return base
            case 2.0:
                return base * base
            case 3.0:
                return base * base * base
            case -1.0:
                return base.apply("Reciprocal")
    return Term(base.dtype, "Pow", (base, exponent))


def _clip(node: Node, x: Sequence[Term]) -> Term:
    """Bounds are attributes up to opset 10, by default the ends of float32, and inputs since, by default none."""
    bounds: dict[str, Term | float] = {}
    if node.version < _CLIP_BY_INPUTS:
        bounds = {"min": number(node, "min", -_FLOAT32_MAX), "max": number(node, "max", _FLOAT32_MAX)}
    present = [name for name, given in zip(("", "min", "max"), node.inputs, strict=False) if given]
    bounds |= dict(zip(present[1:], x[1:], strict=True))
    low, high = (x[0].like(bounds[name]) if name in bounds else None for name in ("min", "max"))
    if low is not None and high is not None and low.operation == high.operation == "Constant":
        (p,), (q,) = low.parameters, high.parameters
        if not (math.isnan(p) or math.isnan(q)):  # which the kernel's comparisons would pass over
            return x[0].apply("Clip", parameters=(min(p, q), q))
    result = x[0] if low is None else x[0].apply("Max", low)
    return result if high is None else result.apply("Min", high)


def _is_infinite(node: Node, x: Sequence[Term]) -> Term:
    signs = float(integer(node, "detect_negative", 1)), float(integer(node, "detect_positive", 1))
    return x[0].test("IsInf", parameters=signs)


def _unit(x: Term) -> Term:
    """Between 0 and 1."""
    return x.apply("Clip", parameters=(0.0, 1.0))


def _mish(_node: Node, x: Sequence[Term]) -> Term:
    """Of x · tanh(ln(1 + e)), e = exp(x), the second factor is e(e + 2) / (e(e + 2) + 2): 1 from x = 20 on."""
    exponential = x[0].apply("Min", 20.0).apply("Exp")
    product = exponential * (exponential + 2)
    return x[0] * (product / (product + 2))


def _elu(node: Node, x: Sequence[Term], alpha: float = 1.0) -> Term:
    return (x[0] > 0).where(x[0], x[0].apply("Expm1") * number(node, "alpha", alpha))


def _selu(node: Node, x: Sequence[Term]) -> Term:
    return _elu(node, x, 1.67326319217681884765625) * number(node, "gamma", 1.05070102214813232421875)


def _celu(node: Node, x: Sequence[Term]) -> Term:
    alpha = number(node, "alpha", 1.0)
    return x[0].apply("Max", 0.0) + ((x[0] / alpha).apply("Expm1") * alpha).apply("Min", 0.0)


def _swish(node: Node, x: Sequence[Term]) -> Term:
    alpha = number(node, "alpha", 1.0)
    return x[0] * (x[0] if alpha == 1 else x[0] * alpha).apply("Sigmoid")


def _shrink(node: Node, x: Sequence[Term]) -> Term:
    value, bias, threshold = x[0], number(node, "bias", 0.0), number(node, "lambd", 0.5)
    if not value.dtype.is_float:
        value = value.cast(DType.FLOAT64)
    shrunk = (value > threshold).where(value - bias, 0)
    return (value < -threshold).where(value + bias, shrunk).cast(x[0].dtype)


OPERATORS: dict[str, Operator] = {
    **{
        name: _same(name)
        for name in "Abs Add BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Div Mul Neg Relu Sign Sub".split()
    },
    **{
        name: _real(_same(name))
        for name in (
            "Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Erf Exp Floor Log Reciprocal Round Sigmoid Sin Sinh Sqrt "
            "Tan Tanh"
        ).split()
    },
    **{name: _test(name) for name in "And Equal Greater GreaterOrEqual IsNaN Less LessOrEqual Not Or Xor".split()},
    "BitShift": lambda node, x: x[0].apply("ShiftLeft" if text(node, "direction") == "LEFT" else "ShiftRight", x[1]),
    "Cast": lambda node, x: x[0].cast(element_type(node, "to", x[0].dtype)),
    "CastLike": lambda _node, x: x[0].cast(x[1].dtype),
    "Celu": _real(_celu),
    "Clip": _clip,
    "Dropout": lambda _node, x: x[0],
    "Elu": _real(_elu),
    "Gelu": _real(lambda node, x: x[0].apply("GeluTanh" if text(node, "approximate") == "tanh" else "Gelu")),
    "HardSigmoid": _real(
        lambda node, x: _unit(x[0] * number(node, "alpha", 0.20000000298023224) + number(node, "beta", 0.5))
    ),
    "HardSwish": _real(lambda _node, x: x[0] * _unit(x[0] * (1 / 6) + 0.5)),
    "Identity": lambda _node, x: x[0],
    "IsInf": _is_infinite,
    "LeakyRelu": _real(
        lambda node, x: x[0].apply("LeakyRelu", parameters=(number(node, "alpha", 0.009999999776482582),))
    ),
    "Max": _fold("Max"),
    "Mean": _real(lambda node, x: _fold("Add")(node, x) / len(x)),
    "Min": _fold("Min"),
    "Mish": _real(_mish),
    "Mod": lambda node, x: x[0].apply("Remainder" if integer(node, "fmod") else "FloorMod", x[1]),
    "PRelu": lambda _node, x: (x[0] < 0).where(x[0] * x[1], x[0]),
    "Pow": _power,
    "Selu": _real(_selu),
    "Shrink": _shrink,
    "Softplus": _real(lambda _node, x: x[0].apply("Relu") + (-abs(x[0])).apply("Exp").apply("Log1p")),
    "Softsign": _real(lambda _node, x: x[0] / (abs(x[0]) + 1)),
    "Sum": _fold("Add"),
    "Swish": _real(_swish),
    "ThresholdedRelu": _real(lambda node, x: (x[0] > number(node, "alpha", 1.0)).where(x[0], 0)),
    "Where": lambda _node, x: x[0].where(x[1], x[2]),
}
"""ONNX operator → its term."""
