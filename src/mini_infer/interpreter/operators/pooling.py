"""MaxPool, AveragePool, LpPool and the global pools, over any number of spatial dimensions."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from mini_infer.interpreter.operators.values import Value, accumulator, attribute
from mini_infer.interpreter.operators.window import Window, box
from mini_infer.ir import Node


def _lowest(dtype: Any) -> float:
    """The value that loses against every other."""
    return int(np.iinfo(dtype).min) if np.issubdtype(dtype, np.integer) else -np.inf


def max_pool(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """`x [N, C, *S]` → the maxima `[N, C, *O]`, and where asked for their flat indices in `x`."""
    x = inputs[0]
    window = Window.of(node, x.shape[2:], tuple(attribute(node, "kernel_shape")))
    rank = len(window.kernel)
    taps = window.taps(window.pad(x, _lowest(x.dtype)))
    y = taps.max(axis=tuple(range(-rank, 0)))
    if len(node.outputs) == 1 or not node.outputs[1]:
        return [y]
    best = taps.reshape(*y.shape, -1).argmax(axis=-1)
    tap = np.unravel_index(best, window.kernel)
    where = [
        np.arange(window.output[i]).reshape(-1, *[1] * (rank - 1 - i)) * window.strides[i]
        + tap[i] * window.dilations[i]
        - window.before[i]
        for i in range(rank)
    ]
    spatial = x.shape[2:]
    inside = (
        np.ravel_multi_index(where[::-1], spatial[::-1], mode="clip")
        if attribute(node, "storage_order", 0)
        else np.ravel_multi_index(where, spatial, mode="clip")
    )
    plane = np.arange(x.shape[0] * x.shape[1]).reshape(*x.shape[:2], *[1] * rank) * math.prod(spatial)
    return [y, (inside + plane).astype(np.int64)]


def average_pool(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """`x [N, C, *S]` → the means `[N, C, *O]`; padding counts only with `count_include_pad`."""
    x = inputs[0].astype(accumulator(inputs[0].dtype))
    window = Window.of(node, x.shape[2:], tuple(attribute(node, "kernel_shape")))
    axes = tuple(range(-len(window.kernel), 0))
    sums = window.taps(window.pad(x, 0)).sum(axis=axes)
    borders = zip(window.before, x.shape[2:], window.after, window.declared_after, strict=True)
    if attribute(node, "count_include_pad", 0):
        counting = [(0, b + s + declared) for b, s, _, declared in borders]
    else:
        counting = [(b, b + s) for b, s, _, _ in borders]
    counted = np.zeros((1, 1, *(b + s + a for b, s, a in zip(window.before, x.shape[2:], window.after, strict=True))))
    counted[box(*counting)] = 1
    counts = window.taps(counted).sum(axis=axes).astype(x.dtype)
    return [(sums / counts).astype(inputs[0].dtype)]


def lp_pool(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """`x [N, C, *S]` → the p-norms of the windows."""
    x = inputs[0].astype(accumulator(inputs[0].dtype))
    window = Window.of(node, x.shape[2:], tuple(attribute(node, "kernel_shape")))
    p = attribute(node, "p", 2)
    sums = (np.abs(window.taps(window.pad(x, 0))) ** p).sum(axis=tuple(range(-len(window.kernel), 0)))
    return [(sums ** (1.0 / p)).astype(inputs[0].dtype)]


def global_average_pool(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:  # noqa: ARG001 - one shape for all
    """`x [N, C, *S]` → the means over `S`, of shape `[N, C, 1, ...]`."""
    x = inputs[0]
    return [x.mean(axis=tuple(range(2, x.ndim)), keepdims=True, dtype=accumulator(x.dtype)).astype(x.dtype)]


def global_max_pool(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:  # noqa: ARG001 - one shape for all
    """`x [N, C, *S]` → the maxima over `S`, of shape `[N, C, 1, ...]` (`onnx.reference` drops an axis of 3-D input)."""
    x = inputs[0]
    return [x.max(axis=tuple(range(2, x.ndim)), keepdims=True)]


def global_lp_pool(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """`x [N, C, *S]` → the p-norms over `S`, of shape `[N, C, 1, ...]`."""
    x = np.abs(inputs[0].astype(accumulator(inputs[0].dtype)))
    p = attribute(node, "p", 2)
    return [((x**p).sum(axis=tuple(range(2, x.ndim)), keepdims=True) ** (1.0 / p)).astype(inputs[0].dtype)]
