"""The shapes of values inside a body, which the graph does not list."""

from collections.abc import Sequence

import numpy as np

from mini_infer.ir.attributes import integer, integers, text
from mini_infer.ir.graph import Node
from mini_infer.ir.operators import traits

Shape = tuple[int, ...]


def result_shape(node: Node, given: Sequence[Shape | None]) -> Shape | None:
    """The shape of a plain node's only result, for the operators that fusion puts before others; none if not known.

    Parameters
    ----------
    node
        The node.
    given
        The shapes of its inputs; none of an omitted or unknown one.
    """
    first = given[0] if given else None
    if first is None:
        return None
    kind = traits(node)
    if kind.elementwise:
        return tuple(np.broadcast_shapes(*(shape for shape in given if shape is not None)))
    if kind.grouped or node.op in {"Cast", "Identity"}:
        return first
    if node.op == "Transpose":
        return tuple(first[axis] for axis in integers(node, "perm", tuple(range(len(first)))[::-1]))
    second = given[1] if len(given) > 1 else None
    if second is None:
        return None
    if node.op == "MatMul" and len(first) > 1 < len(second):
        return (*np.broadcast_shapes(first[:-2], second[:-2]), first[-2], second[-1])
    if node.op == "Gemm":
        return first[integer(node, "transA")], second[1 - integer(node, "transB")]
    if node.op == "Conv" and text(node, "auto_pad", "NOTSET") == "NOTSET":
        return (first[0], second[0], *_windows(node, first[2:], second[2:]))
    return None


def _windows(node: Node, sizes: Shape, kernel: Shape) -> Shape:
    """How many windows fit along each axis."""
    rank = len(sizes)
    ones = (1,) * rank
    strides, dilations = integers(node, "strides", ones), integers(node, "dilations", ones)
    pads = integers(node, "pads", (0,) * 2 * rank)
    axes = zip(sizes, kernel, strides, dilations, pads[:rank], pads[rank:], strict=True)
    return tuple(
        (size + before + after - (window - 1) * dilation - 1) // stride + 1
        for size, window, stride, dilation, before, after in axes
    )
