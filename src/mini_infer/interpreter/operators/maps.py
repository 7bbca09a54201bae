"""Operators of `ai.onnx.ml` on maps and categories, which `onnx.reference` lacks. A map is a dict."""

from collections.abc import Sequence

import numpy as np

from mini_infer.interpreter.operators.values import Value, attribute
from mini_infer.ir import Node


def zip_map(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """`[N, classes]` or `[classes]` → for each row a map from label to value."""
    labels = attribute(node, "classlabels_strings") or attribute(node, "classlabels_int64s")
    rows = np.atleast_2d(inputs[0])
    return [[dict(zip(labels, row, strict=True)) for row in rows]]


def cast_map(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """A map from integers → its values `[1, N]`: all of them, or with `map_form` SPARSE at their keys, zero between."""
    (values,) = inputs
    dtype = {"TO_FLOAT": np.float32, "TO_INT64": np.int64, "TO_STRING": np.object_}[
        attribute(node, "cast_to", "TO_FLOAT")
    ]
    cast = str if dtype is np.object_ else np.dtype(dtype).type
    keys = sorted(values)
    if attribute(node, "map_form", "DENSE") == "DENSE":
        return [np.array([[cast(values[key]) for key in keys]], dtype)]
    result = np.full((1, attribute(node, "max_map", 1)), "" if dtype is np.object_ else 0, dtype)
    for key in keys:
        result[0, key] = cast(values[key])
    return [result]


def category_mapper(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """Strings → integers or back, by two lists in step; what is in neither becomes the default."""
    strings, integers = attribute(node, "cats_strings", ()), attribute(node, "cats_int64s", ())
    (x,) = inputs
    if x.dtype.kind in "OUS":
        to_integer = dict(zip(strings, integers, strict=True))
        default = attribute(node, "default_int64", -1)
        return [np.array([to_integer.get(str(each), default) for each in x.ravel()], np.int64).reshape(x.shape)]
    to_string = dict(zip(integers, strings, strict=True))
    default = attribute(node, "default_string", "_Unused")
    return [np.array([to_string.get(int(each), default) for each in x.ravel()], np.object_).reshape(x.shape)]
