"""MatMul, Gemm, inference BatchNormalization, and softmax as it was before opset 13."""

from collections.abc import Callable, Sequence

import numpy as np

from mini_infer.interpreter.operators.convolution import accumulator
from mini_infer.interpreter.operators.values import Value, attribute
from mini_infer.ir import Node


def gemm(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """`alpha · A·B + beta · C`, A and B transposed where asked; every opset's broadcast of C is NumPy's."""
    a, b, *rest = inputs
    dtype = accumulator(a.dtype) if a.dtype.kind not in "iub" else a.dtype
    left = a.T if attribute(node, "transA", 0) else a
    right = b.T if attribute(node, "transB", 0) else b
    y = np.matmul(left.astype(dtype), right.astype(dtype))
    alpha, beta = attribute(node, "alpha", 1.0), attribute(node, "beta", 1.0)
    if alpha != 1:
        y = (y * alpha).astype(dtype)
    if rest and rest[0] is not None:
        c = rest[0].astype(dtype)
        y = y + (c if beta == 1 else (c * beta).astype(dtype))
    return [y.astype(a.dtype)]


def matmul(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:  # noqa: ARG001 - one shape for all
    """NumPy's matmul; a stack of rows times one matrix is one product, not many."""
    a, b = inputs
    dtype = accumulator(a.dtype) if a.dtype.kind not in "iub" else a.dtype
    left, right = a.astype(dtype, copy=False), b.astype(dtype, copy=False)
    if a.ndim > b.ndim == 2:  # noqa: PLR2004 - a matrix
        y = np.matmul(left.reshape(-1, a.shape[-1]), right).reshape(*a.shape[:-1], b.shape[-1])
    else:
        y = np.asarray(np.matmul(left, right))
    return [y.astype(a.dtype, copy=False)]


def batch_normalization(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """Normalise each channel: by the given statistics, or when training (opset 14) by the batch's own.

    `onnx.reference` updates the statistics at inference too for opsets 9 to 13, and ignores `spatial`.
    """
    x, scale, bias, mean, variance = inputs
    epsilon = attribute(node, "epsilon", 1e-5)
    outputs = []
    if attribute(node, "training_mode", 0):
        momentum, axes = attribute(node, "momentum", 0.9), (0, *range(2, x.ndim))
        batch_mean, batch_variance = x.mean(axis=axes), x.var(axis=axes)
        outputs = [
            (mean * momentum + batch_mean * (1 - momentum)).astype(mean.dtype),
            (variance * momentum + batch_variance * (1 - momentum)).astype(variance.dtype),
        ]
        mean, variance = batch_mean, batch_variance
    shape = x.shape[1:] if scale.ndim > 1 or not attribute(node, "spatial", 1) else (-1, *[1] * (x.ndim - 2))
    dtype = np.result_type(accumulator(x.dtype), accumulator(mean.dtype))
    scale, bias, mean, variance = (part.astype(dtype).reshape(shape) for part in (scale, bias, mean, variance))
    y = (x.astype(dtype) - mean) * (scale / np.sqrt(variance + dtype.type(epsilon))) + bias
    return [y.astype(x.dtype), *outputs]


def mean_variance_normalization(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """`(x - mean) / (deviation + 1e-9)` over `axes` (onnx's own function of it knows float32 only)."""
    x = inputs[0].astype(accumulator(inputs[0].dtype))
    axes = tuple(attribute(node, "axes", (0, 2, 3)))
    centred = x - x.mean(axis=axes, keepdims=True)
    deviation = np.sqrt((centred**2).mean(axis=axes, keepdims=True))
    return [(centred / (deviation + x.dtype.type(1e-9))).astype(inputs[0].dtype)]


def lrn(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """Divide by the squares of the neighbouring channels (`onnx.reference` does so for the first few channels only)."""
    x = inputs[0].astype(accumulator(inputs[0].dtype))
    size = attribute(node, "size")
    before, after = (size - 1) // 2, size // 2
    squares = np.pad(x**2, [(0, 0), (before, after), *[(0, 0)] * (x.ndim - 2)])
    sums = np.lib.stride_tricks.sliding_window_view(squares, size, axis=1).sum(axis=-1)
    scale = attribute(node, "alpha", 0.0001) / size * sums + attribute(node, "bias", 1.0)
    return [(x / scale ** attribute(node, "beta", 0.75)).astype(inputs[0].dtype)]


def lp_normalization(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """Divide by the p-norm along an axis; where that is zero, zero (`onnx.reference` sums without absolute values)."""
    x = inputs[0].astype(accumulator(inputs[0].dtype))
    axis, p = attribute(node, "axis", -1), attribute(node, "p", 2)
    norm = (np.abs(x) ** p).sum(axis=axis, keepdims=True) ** (1.0 / p)
    return [np.divide(x, norm, out=np.zeros_like(x), where=norm != 0).astype(inputs[0].dtype)]


def mean(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:  # noqa: ARG001 - one shape for all
    """The mean of all inputs, broadcast (`onnx.reference` broadcasts to the first one only)."""
    dtype = accumulator(inputs[0].dtype)
    total = sum((each.astype(dtype) for each in inputs[1:]), inputs[0].astype(dtype))
    return [(total / dtype.type(len(inputs))).astype(inputs[0].dtype)]


def softsign(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:  # noqa: ARG001 - one shape for all
    """`x / (1 + |x|)` (`onnx.reference` fails on scalars)."""
    return [np.asarray(inputs[0] / (1 + np.abs(inputs[0])), inputs[0].dtype)]


def _on_rows(rows: Callable[[np.ndarray], np.ndarray], node: Node, x: np.ndarray) -> np.ndarray:
    """Apply to the last axis of `[rows, columns]`, or since opset 13 along one axis."""
    if node.version >= 13:  # noqa: PLR2004 - the opset that changed the meaning
        axis = attribute(node, "axis", -1)
        return np.moveaxis(rows(np.moveaxis(x, axis, -1)), -1, axis)
    axis = attribute(node, "axis", 1) % max(x.ndim, 1)
    flat = x.reshape(int(np.prod(x.shape[:axis])), int(np.prod(x.shape[axis:])))
    return rows(flat).reshape(x.shape)


def softmax(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """`exp(x) / sum(exp(x))`; before opset 13 over all axes from `axis` on, which `onnx.reference` does not know."""

    def rows(x: np.ndarray) -> np.ndarray:
        powers = np.exp(_centred(x))
        return np.asarray(powers / powers.sum(axis=-1, keepdims=True))

    return [_on_rows(rows, node, inputs[0]).astype(inputs[0].dtype)]


def log_softmax(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """`log(softmax(x))`, axes as in `softmax`."""

    def rows(x: np.ndarray) -> np.ndarray:
        centred = _centred(x)
        return np.asarray(centred - np.log(np.exp(centred).sum(axis=-1, keepdims=True)))

    return [_on_rows(rows, node, inputs[0]).astype(inputs[0].dtype)]


def hardmax(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """One at the first maximum and zero elsewhere, axes as in `softmax`."""

    def rows(x: np.ndarray) -> np.ndarray:
        return np.asarray(np.arange(x.shape[-1]) == x.argmax(axis=-1, keepdims=True), x.dtype)

    return [_on_rows(rows, node, inputs[0])] if inputs[0].size else [inputs[0]]


def _centred(x: np.ndarray) -> np.ndarray:
    wide: np.ndarray = x.astype(accumulator(x.dtype))
    return np.asarray(wide - wide.max(axis=-1, keepdims=True)) if wide.size else wide
