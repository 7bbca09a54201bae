"""Operators on quantized tensors: how a graph says what onnxruntime computes in integers.

A quantized tensor has elements of 8 bits, `uint8` or `int8`; its scale and zero point are inputs of the nodes that must
know them, float32 and of the tensor's type, each one element (`scale * (element - zero)` is meant). The front end and
the pass `passes.quantization` write them so, and always in full: no zero point is left out.

In ONNX's domain:

`ConvInteger`, `MatMulInteger`
    Products of what is left after zero points are subtracted, exact in int32.
`Add`
    Of such sums and a constant int32 bias, `[C, 1, ...]` or `[N]`.
`MaxPool`, `Concat` and all that only moves elements
    On the elements as they are, where all have one scale and zero point.

In `QUANTIZED_DOMAIN`, at version 1:

`Requantize(sums, scale, zero)`
    int32 sums, a float32 scale (one element, or as many as broadcast with the sums, such as `[C, 1, 1]`), a zero point
    → elements of the zero point's type: `saturate(rint(float32(sums) * scale) + zero)`, the product rounded to float32
    and then to the nearest whole number, halves to the even one.
`Lookup(x, table)`
    8-bit elements, a constant of 256 → `table[x - least value of x's type]`: any function of one quantized tensor.
`MatMulNBits(a, b, scales, zeros?, bias?)`
    A float32 product with constant weights of `bits` bits, in blocks of `block_size` along `K` for each of `N` columns:
    number k of column n is `(b[n, k] - zeros[n, k / block_size]) * scales[n, k / block_size]`. b is uint8, the lowest
    bits first; zeros are packed likewise, or float32; without any they are the middle of what the bits hold.
`GatherBlockQuantized(data, indices, scales, zeros?)`
    Rows of a table `[rows, ..., bytes]` of such numbers, as float32; blocks are along the last axis.

In `CONTRIB_DOMAIN`, at version 1, as onnxruntime defines and computes them:

`QLinearAdd(a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero)`, `QLinearMul` with the same inputs
    They broadcast. All three tensors have one type.
`QLinearAveragePool(x, x_scale, x_zero, y_scale, y_zero)`, `QLinearGlobalAveragePool`, `QLinearSoftmax`
    Attributes are onnxruntime's, channels lie first, `QLinearSoftmax` has an `opset` of 13 or more: its axis is one.
"""

from collections.abc import Sequence

import numpy as np

from mini_infer.ir.graph import CONTRIB_DOMAIN, QUANTIZED_DOMAIN, Node

VERSION = 1
"""The version of all operators of both domains."""

TABLE = 256
"""Elements of a `Lookup`'s table."""


def centered(weights: np.ndarray | None, zero: np.ndarray | None) -> np.ndarray | None:
    """Quantized weights less their zero points as int8; none where they are not known or are no such bytes.

    Parameters
    ----------
    weights
        int8 or uint8 `[channels, ...]`.
    zero
        Of them all, or one of each channel.
    """
    if weights is None or zero is None or weights.dtype not in (np.int8, np.uint8) or not weights.size:
        return None
    if weights.dtype == np.int8 and not zero.any():
        return weights
    less = weights.astype(np.int16) - zero.astype(np.int16).reshape(-1, *[1] * (weights.ndim - 1))
    limits = np.iinfo(np.int8)
    fits = limits.min <= less.min() and less.max() <= limits.max
    return less.astype(np.int8) if fits else None


_RESERVED = 5
"""Of the logarithm of the largest float32, what a sum of exponentials leaves free."""


def is_scale(number: float) -> bool:
    """Whether a number can be a scale: what has 0 or no number for one is computed by the meaning alone."""
    return bool(np.isfinite(number)) and number > 0


def exponentials(scale: np.float32, size: int) -> np.ndarray:
    """The table of `QLinearSoftmax`: exponentials of 8-bit numbers less the greatest of a line, which has the last.

    They are as large as a line of so many elements allows (contrib_ops/cpu/quantization/qlinear_softmax.cc).
    """
    room = np.log(np.float64(np.finfo(np.float32).max / np.float32(size)))
    with np.errstate(all="ignore"):
        shift = np.float64(max(0.0, float(room) - _RESERVED)) / np.float64(scale)
        return np.exp((np.arange(TABLE, dtype=np.float64) - (TABLE - 1) + shift) * np.float64(scale)).astype(np.float32)


def requantize(name: str, sums: str, scale: str, zero: str, result: str) -> Node:
    """A node that scales int32 sums to a quantized tensor."""
    return Node(name, "Requantize", (sums, scale, zero), (result,), domain=QUANTIZED_DOMAIN, version=VERSION)


def lookup(name: str, x: str, table: str, result: str) -> Node:
    """A node that takes each element of a quantized tensor from a table."""
    return Node(name, "Lookup", (x, table), (result,), domain=QUANTIZED_DOMAIN, version=VERSION)


def contrib(name: str, op: str, inputs: Sequence[str], result: str, **attributes: object) -> Node:
    """A node of onnxruntime's own."""
    return Node(name, op, tuple(inputs), (result,), attributes, CONTRIB_DOMAIN, VERSION)  # type: ignore[arg-type]
