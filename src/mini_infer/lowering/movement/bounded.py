"""Operators of data-dependent size, with their bounds: NonMaxSuppression, NonZero, Compress."""

import math
from collections.abc import Sequence

import numpy as np

from mini_infer.ir import DType, Node, TensorType
from mini_infer.ir.attributes import has_input
from mini_infer.lowering.attributes import integer
from mini_infer.lowering.builder import Builder, NotNativeError
from mini_infer.program import Call, View
from mini_infer.program.kernels.movement.bounded import Compress, NonMaxSuppression, NonZeroIndices


def lower_non_max_suppression(node: Node, build: Builder) -> Sequence[Call]:
    """Boxes that do not overlap better ones."""
    boxes, scores = (build.view(name) for name in node.inputs[:2])
    selected, count = (build.view(name) for name in node.outputs)
    batch, classes, number = scores.type.shape
    kernel = NonMaxSuppression(
        batch,
        classes,
        number,
        rows=selected.type.shape[0],
        centered=bool(integer(node, "center_point_box")),
        thresholded=has_input(node, 4),
    )
    limits = [_given(node, build, position, dtype) for position, dtype in ((2, DType.INT64), (3, DType.FLOAT32))]
    limits += [build.view(node.inputs[4])] if kernel.thresholded else []
    order = build.workspace(TensorType(DType.INT64, (number,)))
    return (Call(kernel, (boxes, scores, *limits, selected, count, order)),)


def lower_non_zero(node: Node, build: Builder) -> Sequence[Call]:
    """Indices of what is not zero."""
    x = build.view(node.inputs[0])
    kernel = NonZeroIndices(x.type.shape, x.type.dtype)
    return (Call(kernel, (x, *(build.view(name) for name in node.outputs))),)


def lower_compress(node: Node, build: Builder) -> Sequence[Call]:
    """Slices whose condition holds; elements, where no axis is given."""
    x, conditions = (build.view(name) for name in node.inputs)
    y, count = (build.view(name) for name in node.outputs)
    width = x.type.dtype.numpy.itemsize
    outer, size, inner = 1, x.type.elements, width
    if "axis" in node.attributes:
        axis = integer(node, "axis") % len(x.type.shape)
        outer, size = math.prod(x.type.shape[:axis]), x.type.shape[axis]
        inner = math.prod(x.type.shape[axis + 1 :]) * width
    kernel = Compress(outer, size, inner, integer(node, "size"), conditions.type.elements)
    return (Call(kernel, (x, conditions, y, count)),)


def lower_trim(node: Node, build: Builder) -> Sequence[Call]:
    """What needs the true size of a value is interpreted, and so is this."""
    del build
    raise NotNativeError(f"{node.outputs[0]!r} is needed at its true size, which is known only at run time")


def _given(node: Node, build: Builder, position: int, dtype: DType) -> View:
    """An input of one element, or a zero in its place."""
    if has_input(node, position):
        return build.view(node.inputs[position])
    return build.literal(f"no {dtype.value}", np.zeros((), dtype.numpy))
