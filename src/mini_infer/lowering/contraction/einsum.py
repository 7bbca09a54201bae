"""Einsum: a matrix product of transposed operands where it is one, otherwise plain loops."""

import math
from collections.abc import Mapping, Sequence

from mini_infer.ir import Node, TensorType
from mini_infer.ir.einsum import Einsum
from mini_infer.lowering.attributes import text
from mini_infer.lowering.builder import Builder, NotNativeError
from mini_infer.lowering.contraction.gemm import multiply
from mini_infer.lowering.shapes import reshaped
from mini_infer.lowering.window import Window, copy
from mini_infer.program import Call, View
from mini_infer.program.kernels.contraction.plain_contraction import Loop, PlainContraction
from mini_infer.program.strides import dense_strides, is_dense


def lower_einsum(node: Node, build: Builder) -> Sequence[Call]:
    """Lower `Einsum`."""
    inputs, y = [build.view(name) for name in node.inputs], build.view(node.outputs[0])
    equation = Einsum.of(text(node, "equation"), [view.type.shape for view in inputs])
    labels, result, sizes = equation.labels, equation.result, equation.sizes
    if 0 in sizes.values():
        raise NotNativeError("a sum over nothing")
    walks = [_diagonal(view.type.shape, names, sizes) for view, names in zip(inputs, labels, strict=True)]
    summed = [label for label in sizes if label not in result]
    # A product: two tensors are multiplied, and summed over what both have.
    if len(inputs) == 2 and summed and all(label in walk for label in summed for walk in walks):  # noqa: PLR2004
        return _product(inputs, walks, equation, y, build)

    def loop(label: str, stride: int = 0) -> Loop:
        return Loop(sizes[label], tuple(walk.get(label, 0) for walk in walks), stride)

    outer = tuple(map(loop, result, dense_strides(y.type.shape)))
    starts = (0,) * len(inputs)
    kernel = PlainContraction(outer, tuple(map(loop, summed)), y.type.dtype, y.type.dtype, starts)
    return (Call(kernel, (*inputs, y)),)


def _diagonal(shape: Sequence[int], labels: Sequence[str], sizes: Mapping[str, int]) -> dict[str, int]:
    """A tensor's stride along each label: 0 where it broadcasts, a diagonal's where a label comes twice."""
    strides: dict[str, int] = {}
    for label, size, stride in zip(labels, shape, dense_strides(shape), strict=True):
        strides[label] = strides.get(label, 0) + (stride if size == sizes[label] else 0)
    return strides


def _product(
    inputs: Sequence[View], walks: Sequence[Mapping[str, int]], equation: Einsum, y: View, build: Builder
) -> Sequence[Call]:
    """Both operands as stacks of matrices, their product, and its axes in the order that is wanted."""
    (first, second), (a, b), result, sizes = inputs, walks, equation.result, equation.sizes
    batch = [label for label in result if label in a and label in b]
    rows = [label for label in result if label in a and label not in b]
    columns = [label for label in result if label in b and label not in a]
    depth = [label for label in sizes if label not in result]
    calls: list[Call] = []

    def matrices(view: View, strides: Mapping[str, int], *groups: Sequence[str]) -> View:
        """A tensor with its axes in groups, copied unless it lies so already."""
        labels = [label for group in groups for label in group]
        shape = tuple(sizes[label] for label in labels)
        merged = tuple(math.prod(sizes[label] for label in group) for group in groups)
        window = Window(view, shape, tuple(strides[label] for label in labels))
        if is_dense(shape, window.strides):
            return reshaped(view, merged)
        target = build.workspace(TensorType(view.type.dtype, shape))
        calls.extend(copy(window, Window.of(target)))
        return reshaped(target, merged)

    left = matrices(first, a, batch, rows, depth)
    right = matrices(second, b, batch, depth, columns)
    order = [*batch, *rows, *columns]
    shape = tuple(sizes[label] for label in order)
    direct = order == list(result)
    total = y if direct else build.workspace(TensorType(y.type.dtype, shape))
    merged = (*left.type.shape[:2], right.type.shape[2])
    calls.append(multiply(left, right, reshaped(total, merged), build))
    if not direct:
        calls.extend(copy(Window.of(total, shape).permute([order.index(label) for label in result]), Window.of(y)))
    return calls
