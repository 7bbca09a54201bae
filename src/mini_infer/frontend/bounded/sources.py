"""Operators that make data-dependent sizes: the largest result each can give, and the axis that may be shorter."""

import math
from collections.abc import Callable, Mapping

import onnx
from onnx import helper

from mini_infer.frontend.inference.scope import Scope
from mini_infer.ir import DType, TensorType

Source = Callable[[onnx.NodeProto, Scope], tuple[TensorType, int] | None]
"""The type of the largest result, and the axis; `None` where no bound is known or nothing can be selected."""

LARGEST = 2**28
"""Results of more elements are not planned: a bound is no use where it takes gigabytes."""


def _non_max_suppression(node: onnx.NodeProto, scope: Scope) -> tuple[TensorType, int] | None:
    """`[batch · classes · most, 3]`, `most` being the limit for each class, or all boxes where it comes at run time."""
    scores = scope.type(node.input[1])
    if not isinstance(scores, TensorType) or not isinstance(scope.type(node.input[0]), TensorType):
        return None
    batch, classes, boxes = scores.shape
    most = 0
    if len(node.input) > 2 and node.input[2]:  # noqa: PLR2004 - the limit is the third input
        limit = scope.value(node.input[2])
        most = boxes if limit is None else min(max(int(limit.item()), 0), boxes)
    return _bounded(DType.INT64, (batch * classes * most, 3), 0)


def _non_zero(node: onnx.NodeProto, scope: Scope) -> tuple[TensorType, int] | None:
    """`[rank, elements]`: every element may be one."""
    x = scope.type(node.input[0])
    if not isinstance(x, TensorType) or not x.shape:
        return None
    return _bounded(DType.INT64, (len(x.shape), x.elements), 1)


def _compress(node: onnx.NodeProto, scope: Scope) -> tuple[TensorType, int] | None:
    """As many slices as there are conditions, or slices."""
    x, conditions = scope.type(node.input[0]), scope.type(node.input[1])
    if not isinstance(x, TensorType) or not isinstance(conditions, TensorType):
        return None
    axis = next((helper.get_attribute_value(each) for each in node.attribute if each.name == "axis"), None)
    if axis is None:
        return _bounded(x.dtype, (min(x.elements, conditions.elements),), 0)
    axis %= len(x.shape)
    kept = min(x.shape[axis], conditions.elements)
    return _bounded(x.dtype, (*x.shape[:axis], kept, *x.shape[axis + 1 :]), axis)


def _bounded(dtype: DType, shape: tuple[int, ...], axis: int) -> tuple[TensorType, int] | None:
    return (TensorType(dtype, shape), axis) if 0 < math.prod(shape) <= LARGEST else None


SOURCES: Mapping[str, Source] = {
    "Compress": _compress,
    "NonMaxSuppression": _non_max_suppression,
    "NonZero": _non_zero,
}
"""Operator → its bound."""
