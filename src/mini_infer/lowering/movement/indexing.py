"""Operators that read or write where their indices say."""

import math
from collections.abc import Sequence

import numpy as np

from mini_infer.ir import DType, Node
from mini_infer.ir.dims import symbols_in
from mini_infer.lowering.attributes import integer, text
from mini_infer.lowering.builder import Builder, NotNativeError
from mini_infer.lowering.shapes import reshaped
from mini_infer.lowering.window import Window, copy
from mini_infer.program import Call, Packing, View
from mini_infer.program.kernels.movement.gather import Gather, GatherElements
from mini_infer.program.kernels.movement.scatter import ScatterElements, ScatterSlices
from mini_infer.program.strides import dense_strides

_WIDEST = 8
"""Bytes of the widest element that is moved as one."""
_REDUCTIONS = {"none": "", "add": "Add", "mul": "Mul", "max": "Max", "min": "Min"}


def lower_gather(node: Node, build: Builder) -> Sequence[Call]:
    """Whole slices along one axis; a plain copy where there is one, and it is known which."""
    half = _half(node.inputs[0], build)
    data = build.view(node.inputs[0]) if half is None else _table(node.inputs[0], half, build)
    indices, y = (build.view(name) for name in (node.inputs[1], node.outputs[0]))
    axis = integer(node, "axis") % len(data.type.shape)
    size = data.type.shape[axis]
    checked = _must_check(node, build, (size,))
    known = build.constant(node.inputs[1])
    if known is not None and known.size == 1 and not checked and half is None:
        window = Window.of(data).slice(axis, int(known.item()) % size, 1)
        return copy(window, Window.of(y, window.shape))
    return _gather((data, indices, y), indices.type.elements, axis, (size,), shared=True, checked=checked, half=half)


def _half(name: str, build: Builder) -> DType | None:
    """The type of 16 bits that a table lies in, if any."""
    table = build.constant(name)
    return None if table is None else build.halves.of(table)


def _table(name: str, half: DType, build: Builder) -> View:
    """A constant whose numbers lie in 16 bits."""
    shape = build.type(name).shape
    return reshaped(build.packed(name, Packing.rows_of(shape, half)), shape)


def lower_gather_nd(node: Node, build: Builder) -> Sequence[Call]:
    """Slices at positions along several axes."""
    data, indices, y = (build.view(name) for name in (*node.inputs, node.outputs[0]))
    shared = integer(node, "batch_dims")
    depth = indices.type.shape[-1]
    sizes = data.type.shape[shared : shared + depth]
    checked = _must_check(node, build, sizes)
    count = math.prod(indices.type.shape[shared:-1])
    return _gather((data, indices, y), count, shared, sizes, shared=False, checked=checked)


def _gather(
    operands: tuple[View, View, View],
    count: int,
    axis: int,
    sizes: tuple[int, ...],
    *,
    shared: bool,
    checked: bool,
    half: DType | None = None,
) -> Sequence[Call]:
    """Slices of the first operand, at `count` positions along the axes of these sizes, which begin with `axis`."""
    kind, indices = operands[0].type, operands[1].type
    inner = math.prod(kind.shape[axis + len(sizes) :]) * (1 if half else kind.dtype.numpy.itemsize)
    kernel = Gather(math.prod(kind.shape[:axis]), count, inner, sizes, shared, indices.dtype, checked, half)
    return (Call(kernel, operands),)


def lower_gather_elements(node: Node, build: Builder) -> Sequence[Call]:
    """One element for each index."""
    data, indices, y = (build.view(name) for name in (*node.inputs, node.outputs[0]))
    axis = integer(node, "axis") % len(data.type.shape)
    size = data.type.shape[axis]
    checked = _must_check(node, build, (size,), elements=True)
    width = data.type.dtype.numpy.itemsize
    if width > _WIDEST:
        raise NotNativeError(f"no native code for {data.type.dtype.value}")
    kernel = GatherElements(
        indices.type.shape, dense_strides(data.type.shape), axis, size, width, indices.type.dtype, checked
    )
    return (Call(kernel, (data, indices, y)),)


def lower_scatter_nd(node: Node, build: Builder) -> Sequence[Call]:
    """A copy of the data, then slices put into it."""
    data, indices, updates, y = (build.view(name) for name in (*node.inputs, node.outputs[0]))
    depth = indices.type.shape[-1]
    sizes = data.type.shape[:depth]
    checked = _must_check(node, build, sizes)
    calls = copy(Window.of(data), Window.of(y))
    if 0 in (*y.type.shape, *updates.type.shape):
        return calls
    kernel = ScatterSlices(
        count=math.prod(indices.type.shape[:-1]),
        inner=math.prod(data.type.shape[depth:]),
        sizes=sizes,
        reduction=_REDUCTIONS[text(node, "reduction", "none")],
        dtype=y.type.dtype,
        index=indices.type.dtype,
        checked=checked,
    )
    return (*calls, Call(kernel, (indices, updates, y)))


def lower_scatter_elements(node: Node, build: Builder) -> Sequence[Call]:
    """A copy of the data, then elements put into it."""
    data, indices, updates, y = (build.view(name) for name in (*node.inputs, node.outputs[0]))
    axis = integer(node, "axis") % len(data.type.shape)
    size = data.type.shape[axis]
    checked = _must_check(node, build, (size,), elements=True)
    calls = copy(Window.of(data), Window.of(y))
    if 0 in (*y.type.shape, *updates.type.shape):
        return calls
    strides = dense_strides(data.type.shape)
    reduction = _REDUCTIONS[text(node, "reduction", "none")]
    kernel = ScatterElements(
        indices.type.shape, strides, axis, size, reduction, y.type.dtype, indices.type.dtype, checked
    )
    return (*calls, Call(kernel, (indices, updates, y)))


def _must_check(node: Node, build: Builder, sizes: Sequence[int], *, elements: bool = False) -> bool:
    """Whether the indices, the node's second input, can be outside: computed at run time, or known to be.

    The last dimension of the indices goes through `sizes`; with `elements`, all of them index the one that there is.
    """
    if 0 in sizes and build.type(node.inputs[1]).elements:
        raise NotNativeError("no index can be right: there is nothing to index")
    known = build.constant(node.inputs[1])
    if known is None or symbols_in(tuple(sizes)):
        return True
    limits = np.array(sizes if not elements and known.ndim and len(sizes) > 1 else sizes[:1], np.int64)
    # What the front end saw of them is right. Others are found when they are used, which may be never.
    return bool(((known < -limits) | (known >= limits)).any())
