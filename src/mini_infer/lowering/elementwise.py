"""Nodes computed element by element, alone or fused: everything that `lowering.expression` can express."""

from collections.abc import Sequence

from mini_infer.ir import Node
from mini_infer.lowering.attributes import integers
from mini_infer.lowering.builder import Builder
from mini_infer.lowering.expression import express
from mini_infer.lowering.shapes import broadcast_strides, merge
from mini_infer.program import Call, View
from mini_infer.program.kernels import Expression
from mini_infer.program.kernels.elementwise import Elementwise


def lower_elementwise(node: Node, build: Builder) -> Sequence[Call]:
    """Lower a node of one output whose meaning is a scalar expression."""
    expression, names = express(node.primitives, build)
    return map_elements(expression, [build.strided(name) for name in names], build.strided(node.outputs[0]))


def lower_woven(node: Node, build: Builder) -> Sequence[Call]:
    """Lower pointwise nodes and the `Transpose` of what they make, `passes.fusion.weave`."""
    *pointwise, transpose = node.primitives
    output, order = build.strided(node.outputs[0]), integers(transpose, "perm")
    expression, names = express(pointwise, build)
    planes = tuple(output.type.shape[order.index(axis)] for axis in range(len(order)))
    inputs = [build.strided(name) for name in names]
    strides = [broadcast_strides(view.type.shape, planes, view.walk) for view in inputs]
    return _mapped(expression, inputs, [tuple(walk[axis] for axis in order) for walk in strides], output)


def map_elements(expression: Expression, inputs: Sequence[View], output: View) -> Sequence[Call]:
    """Call an expression on inputs that broadcast against the output; nothing to do where that is empty.

    Raises
    ------
    NotNativeError
        When they do not broadcast.
    """
    target = output.type.shape
    if 0 in target:
        return ()
    strides = [broadcast_strides(view.type.shape, target, view.walk) for view in inputs]
    return _mapped(expression, inputs, strides, output)


def _mapped(
    expression: Expression, inputs: Sequence[View], strides: Sequence[tuple[int, ...]], output: View
) -> Sequence[Call]:
    """The same on inputs that are walked so while the output is."""
    shape, (*walks, walk) = merge(output.type.shape, [*strides, output.walk])
    in_place = [index for index, view in enumerate(inputs) if view.same_bytes(output)]
    dtypes = tuple(view.type.dtype for view in inputs)
    operands = [view for index, view in enumerate(inputs) if index not in in_place]
    kernel = Elementwise(shape, tuple(walks), dtypes, expression, tuple(in_place), walk)
    return (Call(kernel, (*operands, output)),)
