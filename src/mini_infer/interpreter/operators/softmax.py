"""Softmax, LogSoftmax and Hardmax of every opset: before 13 they took all axes from one on for one."""

from collections.abc import Callable, Sequence

import numpy as np

from mini_infer.interpreter.operators.values import Value, accumulator, attribute
from mini_infer.ir import Node


def softmax(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """`exp(x) / sum(exp(x))`; before opset 13 over all axes from `axis` on, which `onnx.reference` does not know."""

    def rows(x: np.ndarray) -> np.ndarray:
        powers = np.exp(_centered(x))
        return np.asarray(powers / powers.sum(axis=-1, keepdims=True))

    return [_on_rows(rows, node, inputs[0]).astype(inputs[0].dtype)]


def log_softmax(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """`log(softmax(x))`, axes as in `softmax`."""

    def rows(x: np.ndarray) -> np.ndarray:
        centered = _centered(x)
        return np.asarray(centered - np.log(np.exp(centered).sum(axis=-1, keepdims=True)))

    return [_on_rows(rows, node, inputs[0]).astype(inputs[0].dtype)]


def hardmax(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """One at the first maximum and zero elsewhere, axes as in `softmax`."""

    def rows(x: np.ndarray) -> np.ndarray:
        return np.asarray(np.arange(x.shape[-1]) == x.argmax(axis=-1, keepdims=True), x.dtype)

    return [_on_rows(rows, node, inputs[0])] if inputs[0].size else [inputs[0]]


def _on_rows(rows: Callable[[np.ndarray], np.ndarray], node: Node, x: np.ndarray) -> np.ndarray:
    """Apply to the last axis of `[rows, columns]`, or since opset 13 along one axis."""
    if node.version >= 13:  # noqa: PLR2004 - the opset that changed the meaning
        axis = attribute(node, "axis", -1)
        return np.moveaxis(rows(np.moveaxis(x, axis, -1)), -1, axis)
    axis = attribute(node, "axis", 1) % max(x.ndim, 1)
    flat = x.reshape(int(np.prod(x.shape[:axis])), int(np.prod(x.shape[axis:])))
    return rows(flat).reshape(x.shape)


def _centered(x: np.ndarray) -> np.ndarray:
    wide: np.ndarray = x.astype(accumulator(x.dtype))
    return np.asarray(wide - wide.max(axis=-1, keepdims=True)) if wide.size else wide
