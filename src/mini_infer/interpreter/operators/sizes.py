"""What depends on sizes that are given at run time: they are numbers where a node is evaluated."""

from collections.abc import Sequence

import numpy as np

from mini_infer.interpreter.operators.values import Value, attribute
from mini_infer.ir import Node


def sizes(node: Node, _inputs: Sequence[Value]) -> Sequence[Value]:
    """The numbers that the node has for an attribute."""
    return [np.array(attribute(node, "values"), np.int64).reshape(attribute(node, "shape"))]


def reshape(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """Another shape: an attribute, as until opset 5, or an input, in which 0 and -1 have a meaning."""
    data = inputs[0]
    if (known := attribute(node, "shape")) is not None:
        return [data.reshape(known)]
    shape = [int(size) for size in inputs[1]]
    if not attribute(node, "allowzero", 0):
        shape = [data.shape[axis] if size == 0 else size for axis, size in enumerate(shape)]
    return [data.reshape(shape)]
