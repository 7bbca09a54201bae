"""Operators that pick elements by index."""

from collections.abc import Sequence

import numpy as np

from mini_infer.errors import InputError
from mini_infer.interpreter.operators.values import Value, attribute
from mini_infer.ir import Node


def gather_elements(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """`output[i][j][k] = data[index[i][j][k]][j][k]` (`onnx.reference` wants equal sizes off the axis)."""
    data, indices = inputs
    axis = attribute(node, "axis", 0) % max(data.ndim, 1)
    return [data[_where(node, data.shape, indices, axis)]]


def _where(node: Node, shape: tuple[int, ...], indices: np.ndarray, axis: int) -> tuple[np.ndarray, ...]:
    """The element of a tensor of `shape` that each index means: its own place, but along the axis."""
    size = shape[axis]
    if indices.size and (indices.min() < -size or indices.max() >= size):
        raise InputError(f"node {node.name!r} ({node.op}): an index is outside [-{size}, {size})")
    where: list[np.ndarray] = list(np.indices(indices.shape, sparse=True))
    where[axis] = np.where(indices < 0, indices + size, indices)
    return tuple(where)
