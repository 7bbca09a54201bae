"""Tables of `Lookup`: what a function makes of each of the 256 values of a quantized tensor.

They are computed as onnxruntime does (`QlinearBuildLookupTable`, contrib_ops/cpu/quantization/qlinear_lookup_table.cc):
each value made real, `scale * (x - zero)`, the function in float32, and the result quantized, `rint(y / scale) + zero`,
saturated.
"""

from collections.abc import Callable, Mapping

import numpy as np

from mini_infer.ir.attributes import number
from mini_infer.ir.graph import Node
from mini_infer.ir.rounding import fused_multiply_add

Quantization = tuple[np.ndarray, np.ndarray]
"""A float32 scale and a zero point, one element each, of a tensor of the zero point's type."""


def table(node: Node, x: Quantization, y: Quantization) -> np.ndarray:
    """The table of a node of `FUNCTIONS`: from one quantization to another."""
    values = every_value(x[1].dtype)
    with np.errstate(all="ignore"):
        real = (values.astype(np.int32) - int(x[1].item())).astype(np.float32) * np.float32(x[0].item())
        return quantized(FUNCTIONS[node.op](node, real), y)


def every_value(dtype: "np.dtype[np.generic]") -> np.ndarray:
    """All values of an 8-bit type, from the least."""
    limits = np.iinfo(dtype)  # type: ignore[type-var]
    return np.arange(limits.min, limits.max + 1).astype(dtype)


def quantized(real: np.ndarray, to: Quantization) -> np.ndarray:
    """float32 numbers, quantized: `saturate(rint(real / scale) + zero)`."""
    scale, zero = np.float32(to[0].item()), to[1]
    limits = np.iinfo(zero.dtype)
    with np.errstate(all="ignore"):
        whole = np.nan_to_num(np.rint(real / scale).astype(np.float64), nan=0.0) + int(zero.item())
    return np.clip(whole, limits.min, limits.max).astype(zero.dtype)


def _leaky(node: Node, x: np.ndarray) -> np.ndarray:
    return np.where(x >= 0, x, np.float32(number(node, "alpha", 0.01)) * x)


_ALPHA = np.array(
    [4.37031012579801e-11, 1.15627324459942e-07, 6.08574864600143e-05, 8.51377133304701e-03, 2.48287947061529e-01],
    np.float32,
)
_BETA = np.array(
    [
        6.10247389755681e-13,
        5.76102136993427e-09,
        6.29106785017040e-06,
        1.70198817374094e-03,
        1.16817656904453e-01,
        9.93151921023180e-01,
    ],
    np.float32,
)
_REACH = np.float32(18)


def logistic(x: np.ndarray) -> np.ndarray:
    """The logistic function of float32 numbers as MLAS computes it: a quotient of polynomials, by fused multiply-adds.

    Its source is `MlasLogisticKernelFma3` (core/mlas/lib/x86_64/LogisticKernelFma3.S). It is 3e-7 away at most.
    """
    x = np.clip(x, -_REACH, _REACH)
    square = x * x
    over, under = (np.full_like(x, numbers[0]) for numbers in (_ALPHA, _BETA))
    for number_ in _ALPHA[1:]:
        over = fused_multiply_add(over, square, number_)
    for number_ in _BETA[1:]:
        under = fused_multiply_add(under, square, number_)
    return np.asarray(np.maximum(x * over / under + np.float32(0.5), np.float32(0)))


FUNCTIONS: Mapping[str, Callable[[Node, np.ndarray], np.ndarray]] = {
    "Identity": lambda _, x: x,
    "LeakyRelu": _leaky,
    "Sigmoid": lambda _, x: logistic(x),
}
"""Operator → what it makes of float32 numbers."""
