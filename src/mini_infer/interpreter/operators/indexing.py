"""Operators that pick elements by index, and Pad."""

from collections.abc import Sequence

import numpy as np

from mini_infer.errors import InputError
from mini_infer.interpreter.operators.values import Value, attribute, padded
from mini_infer.ir import Node
from mini_infer.ir.slices import slice_range


def gather_elements(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """`output[i][j][k] = data[index[i][j][k]][j][k]` (`onnx.reference` wants equal sizes off the axis)."""
    data, indices = inputs
    axis = attribute(node, "axis", 0) % max(data.ndim, 1)
    return [data[_where(node, data.shape, indices, axis)]]


def scatter_elements(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """A copy of `data` with updates at indices along an axis, one after another (`onnx.reference` drops NaN)."""
    data, indices, updates = inputs
    made = data.copy()
    where = _where(node, data.shape, indices, attribute(node, "axis", 0) % max(data.ndim, 1))
    match attribute(node, "reduction", "none"):
        case "add":
            np.add.at(made, where, updates)
        case "mul":
            np.multiply.at(made, where, updates)
        case "max":
            np.maximum.at(made, where, updates)
        case "min":
            np.minimum.at(made, where, updates)
        case _:
            made[where] = updates
    return [made]


def _where(node: Node, shape: tuple[int, ...], indices: np.ndarray, axis: int) -> tuple[np.ndarray, ...]:
    """The element of a tensor of `shape` that each index means: its own place, but along the axis."""
    size = shape[axis]
    if indices.size and (indices.min() < -size or indices.max() >= size):
        raise InputError(f"node {node.name!r} ({node.op}): an index is outside [-{size}, {size})")
    where: list[np.ndarray] = list(np.indices(indices.shape, sparse=True))
    where[axis] = np.where(indices < 0, indices + size, indices)
    return tuple(where)


def slice_(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """`data[starts:ends:steps]` along `axes`."""
    data, starts, ends, axes, steps = padded(inputs, 5)
    if starts is None:
        starts, ends, axes = (attribute(node, name) for name in ("starts", "ends", "axes"))
    axes = range(len(starts)) if axes is None else axes
    steps = [1] * len(starts) if steps is None else steps
    where: list[Value] = [slice(None)] * data.ndim
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        taken = slice_range(data.shape[int(axis)], int(start), int(end), int(step))
        where[int(axis)] = np.array(taken, np.int64) if step < 0 else slice(taken.start, taken.stop, taken.step)
    if not any(isinstance(each, np.ndarray) for each in where):
        return [data[tuple(where)]]
    for axis, each in enumerate(where):
        data = data.take(each, axis) if isinstance(each, np.ndarray) else data[(slice(None),) * axis + (each,)]
    return [data]


def pad(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """More elements before and after, or fewer where a pad is negative (which `np.pad` refuses)."""
    data, pads, value, axes = padded(inputs, 4)
    pads = attribute(node, "pads") if pads is None else pads
    axes = range(data.ndim) if axes is None else [int(axis) % data.ndim for axis in axes]
    widths, cuts = [(0, 0)] * data.ndim, [slice(None)] * data.ndim
    for index, axis in enumerate(axes):
        before, after = int(pads[index]), int(pads[index + len(axes)])
        widths[axis] = max(before, 0), max(after, 0)
        cuts[axis] = slice(max(-before, 0), data.shape[axis] - max(-after, 0))
    data = data[tuple(cuts)]
    mode = attribute(node, "mode", "constant")
    if mode != "constant":
        return [np.pad(data, widths, mode)]
    filling = attribute(node, "value", 0) if value is None else np.asarray(value).item()
    return [np.pad(data, widths, constant_values=np.asarray(filling, data.dtype))]


def one_hot(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """An axis of `depth` more, with the second of `values` at each index and the first elsewhere.

    The depth may be a scalar or hold one element (`onnx.reference` takes scalars only). Indices count from the end
    where they are negative; one outside has no place.
    """
    indices, depth, values = inputs
    size = int(depth.item())
    axis = attribute(node, "axis", -1) % (indices.ndim + 1)
    whole = indices.astype(np.int64)
    whole = np.where(whole < 0, whole + size, whole)
    places = np.arange(size).reshape(-1, *[1] * (indices.ndim - axis))
    return [np.where(np.expand_dims(whole, axis) == places, values[1], values[0])]
