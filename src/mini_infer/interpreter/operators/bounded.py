"""Operators of data-dependent size, their results filled up with zeros to their upper bound, and counted."""

from collections.abc import Sequence

import numpy as np

from mini_infer.interpreter.operators import boxes
from mini_infer.interpreter.operators.values import Value, attribute
from mini_infer.ir import Node


def non_max_suppression(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """ONNX's, with `size` rows."""
    return _filled(node, boxes.non_max_suppression(node, inputs)[0], 0)


def non_zero(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """ONNX's, with `size` columns."""
    return _filled(node, np.array(np.nonzero(inputs[0]), np.int64), 1)


def compress(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """ONNX's, with `size` slices."""
    x, conditions = inputs
    axis = attribute(node, "axis")
    length = x.size if axis is None else x.shape[axis]
    return _filled(node, np.compress(conditions[:length], x, axis=axis), 0 if axis is None else axis % x.ndim)


def trim(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """What is there of a tensor, as the count says."""
    x, count = inputs
    return [np.take(x, np.arange(int(count)), axis=attribute(node, "axis"))]


def _filled(node: Node, values: np.ndarray, axis: int) -> Sequence[Value]:
    missing = [(0, attribute(node, "size") - values.shape[axis] if k == axis else 0) for k in range(values.ndim)]
    return [np.pad(values, missing), np.array(values.shape[axis], np.int64)]
