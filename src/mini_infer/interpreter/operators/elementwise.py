"""Erf, Gelu, HardSwish, Mean, PRelu, Pow and Softsign."""

from collections.abc import Sequence

import numpy as np

from mini_infer.interpreter.operators.values import Value, accumulator
from mini_infer.ir import Node
from mini_infer.ir.attributes import text

# W. J. Cody, "Rational Chebyshev approximations for the error function", Mathematics of Computation 23 (1969): the
# coefficients of the three ranges, highest power first. Relative error below 6e-16.
_SMALL, _MIDDLE, _LARGE = (
    tuple(tuple(map(float, row.split())) for row in rows.strip().splitlines())
    for rows in (
        """
        1.85777706184603153e-1 3.16112374387056560 1.13864154151050156e2 3.77485237685302021e2 3.20937758913846947e3
        1 2.36012909523441209e1 2.44024637934444173e2 1.28261652607737228e3 2.84423683343917062e3
        """,
        """
        2.15311535474403846e-8 5.64188496988670089e-1 8.88314979438837594 6.61191906371416295e1 2.98635138197400131e2 \
            8.81952221241769090e2 1.71204761263407058e3 2.05107837782607147e3 1.23033935479799725e3
        1 1.57449261107098347e1 1.17693950891312499e2 5.37181101862009858e2 1.62138957456669019e3 \
            3.29079923573345963e3 4.36261909014324716e3 3.43936767414372164e3 1.23033935480374942e3
        """,
        """
        1.63153871373020978e-2 3.05326634961232344e-1 3.60344899949804439e-1 1.25781726111229246e-1 \
            1.60837851487422766e-2 6.58749161529837803e-4
        1 2.56852019228982242 1.87295284992346725 5.27905102951428412e-1 6.05183413124413191e-2 2.33520497626869185e-3
        """,
    )
)


def erf(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:  # noqa: ARG001 - one shape for all
    """The error function (`onnx.reference` computes it element by element)."""
    x = inputs[0].astype(np.float64)
    size = np.abs(x)
    y = np.empty_like(x)
    is_small, is_large = size <= 0.46875, size > 4  # noqa: PLR2004 - Cody's ranges
    is_middle = ~is_small & ~is_large
    y[is_small] = x[is_small] * _ratio(_SMALL, x[is_small] ** 2)
    middle = size[is_middle]
    y[is_middle] = 1 - np.exp(-(middle**2)) * _ratio(_MIDDLE, middle)
    large = size[is_large]
    inverse = 1 / large**2
    tail = np.exp(-(large**2)) / large * (1 / np.sqrt(np.pi) - inverse * _ratio(_LARGE, inverse))
    y[is_large] = 1 - tail
    return [np.where(is_small, y, np.copysign(y, x)).astype(inputs[0].dtype)]


def gelu(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """`x` times the normal distribution's share below it, or by tanh (`onnx.reference` has constants of float32)."""
    x = inputs[0].astype(np.float64)
    if text(node, "approximate", "none") == "tanh":
        share = 0.5 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
    else:
        share = 0.5 * (1 + erf(node, [x / np.sqrt(2)])[0])
    return [(x * share).astype(inputs[0].dtype)]


def hard_swish(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:  # noqa: ARG001 - one shape for all
    """`x` times `x / 6 + 1 / 2`, which is clipped to 0 and 1 (`onnx.reference` has a sixth of float32)."""
    x = inputs[0].astype(np.float64)
    return [(x * np.clip(x / 6 + 0.5, 0, 1)).astype(inputs[0].dtype)]


def mean(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:  # noqa: ARG001 - one shape for all
    """The mean of all inputs, broadcast (`onnx.reference` broadcasts to the first one only)."""
    dtype = accumulator(inputs[0].dtype)
    total = sum((each.astype(dtype) for each in inputs[1:]), inputs[0].astype(dtype))
    return [(total / dtype.type(len(inputs))).astype(inputs[0].dtype)]


def prelu(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:  # noqa: ARG001 - one shape for all
    """`x` where it is not negative, elsewhere `x · slope` (`onnx.reference` multiplies zeros by infinities too)."""
    x, slope = inputs
    return [np.where(x < 0, x * slope, x)]


def power(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:  # noqa: ARG001 - one shape for all
    """`x ** exponent` in the type of `x`; of integers too where the exponent is negative, truncated (NumPy refuses)."""
    x, exponent = inputs
    if x.dtype.kind == "i" and exponent.dtype.kind == "i":
        inverse = np.where(np.abs(x) == 1, x ** (np.abs(exponent) % 2), 0)
        return [np.where(exponent < 0, inverse, x ** np.maximum(exponent, 0)).astype(x.dtype)]
    return [np.power(x, exponent).astype(x.dtype)]


def softsign(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:  # noqa: ARG001 - one shape for all
    """`x / (1 + |x|)` (`onnx.reference` fails on scalars)."""
    return [np.asarray(inputs[0] / (1 + np.abs(inputs[0])), inputs[0].dtype)]


def _ratio(coefficients: Sequence[Sequence[float]], x: np.ndarray) -> np.ndarray:
    above, below = coefficients
    return np.asarray(np.polyval(above, x) / np.polyval(below, x))
