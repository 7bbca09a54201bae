"""Softmax and normalizations: values of groups, and elements computed from them."""

import math
from collections.abc import Sequence

import numpy as np

from mini_infer.ir import DType, Node, TensorType
from mini_infer.lowering.attributes import integer, integers, number
from mini_infer.lowering.builder import Builder, NotNativeError
from mini_infer.lowering.movement.copy import fill
from mini_infer.lowering.reduction.reduction import Folding
from mini_infer.lowering.shapes import reshaped
from mini_infer.lowering.term import Term, linearize, wide
from mini_infer.lowering.window import Window
from mini_infer.program import Call, View
from mini_infer.program.kernels.movement.scatter import ScatterElements
from mini_infer.program.kernels.reduction.local_response import LocalResponse
from mini_infer.program.kernels.reduction.reduction import ArgReduce
from mini_infer.program.strides import dense_strides

_SOFTMAX_BY_AXIS = 13
"""Since this opset softmax works along one axis; before, along all from the axis on, seen as one."""
_TINY = 1e-18
"""Added to variances that ONNX protects from zero by adding 1e-9 to their root."""


def lower_softmax(node: Node, build: Builder) -> Sequence[Call]:
    """Exponentials (or their logarithms) relative to the largest element, so that none overflows."""
    source, target = build.view(node.inputs[0]), build.view(node.outputs[0])
    shape = source.type.shape
    since = node.version >= _SOFTMAX_BY_AXIS
    axis = integer(node, "axis", -1 if since else 1) % max(len(shape), 1)
    if not since:
        shape, axis = (math.prod(shape[:axis]), math.prod(shape[axis:])), 1
    if node.op == "LogSoftmax":
        return log_softmax(reshaped(source, shape), target, axis)
    folding = Folding(source, shape or (1,), [axis])
    largest = folding.fold("Max", folding.element)
    exponential = (folding.element - largest).apply("Exp")
    keep = exponential.dtype is target.type.dtype
    scale = folding.fold("Add", exponential, lambda total: total.apply("Reciprocal"), keep=keep)
    element = folding.element if keep else exponential
    return folding.call(target, (element * scale).cast(target.type.dtype))


def log_softmax(source: View, target: View, axis: int) -> Sequence[Call]:
    """Logarithms of the softmax along one axis."""
    folding = Folding(source, source.type.shape or (1,), [axis])
    largest = folding.fold("Max", folding.element)
    shifted = folding.element - largest
    total = folding.fold("Add", shifted.apply("Exp"), lambda total: total.apply("Log"))
    return folding.call(target, (folding.element - largest - total).cast(target.type.dtype))


def lower_layer_normalization(node: Node, build: Builder) -> Sequence[Call]:
    """Each row to mean 0 and variance 1, then scaled and shifted element by element."""
    source, target = build.view(node.inputs[0]), build.view(node.outputs[0])
    shape = source.type.shape
    axis = integer(node, "axis", -1) % len(shape)
    parameters = [build.view(name) for name in node.inputs[1:] if name]
    folding = Folding(source, shape, range(axis, len(shape)), parameters)
    mean, factor = _standardize(folding, math.prod(shape[axis:]), number(node, "epsilon", 1e-5))
    result = _affine((folding.element - mean) * factor, folding.inputs)
    values = []
    for value, name in zip((mean, factor), node.outputs[1:], strict=False):
        if name:
            if build.type(name).dtype is not value.dtype:
                raise NotNativeError(f"statistics in {build.type(name).dtype.value} of {source.type.dtype.value}")
            values.append((value, build.view(name)))
    return folding.call(target, result.cast(target.type.dtype), values)


def lower_rms_normalization(node: Node, build: Builder) -> Sequence[Call]:
    """Each row divided by the root of its mean square, then scaled element by element."""
    source, target = build.view(node.inputs[0]), build.view(node.outputs[0])
    shape = source.type.shape
    axis = integer(node, "axis", -1) % len(shape)
    folding = Folding(source, shape, range(axis, len(shape)), [build.view(node.inputs[1])])
    element = folding.element
    count, epsilon = math.prod(shape[axis:]), number(node, "epsilon", 1e-5)
    factor = folding.fold("Add", element * element, lambda total: _inverse_root(total / count + epsilon))
    return folding.call(target, (element * factor).cast(target.type.dtype) * folding.inputs[0].cast(target.type.dtype))


def lower_group_normalization(node: Node, build: Builder) -> Sequence[Call]:
    """Each group of channels (of one, unless told) of each sample to mean 0 and variance 1, then scaled and shifted."""
    source, target = build.view(node.inputs[0]), build.view(node.outputs[0])
    batch, channels, *space = source.type.shape
    groups = integer(node, "num_groups", channels)
    shape = (batch, groups, channels // groups, *space)
    broadcast = (1, groups, channels // groups, *[1] * len(space))
    parameters = [reshaped(build.view(name), broadcast) for name in node.inputs[1:]]
    folding = Folding(source, shape, range(2, len(shape)), parameters)
    mean, factor = _standardize(folding, math.prod(shape[2:]), number(node, "epsilon", 1e-5))
    return folding.call(target, _affine((folding.element - mean) * factor, folding.inputs).cast(target.type.dtype))


def lower_mean_variance_normalization(node: Node, build: Builder) -> Sequence[Call]:
    """To mean 0 and variance 1 over the given axes, by default all but the channels."""
    source, target = build.view(node.inputs[0]), build.view(node.outputs[0])
    shape = source.type.shape
    axes = {axis % len(shape) for axis in integers(node, "axes") or (0, 2, 3)}
    folding = Folding(source, shape, sorted(axes))
    mean, factor = _standardize(folding, math.prod(shape[axis] for axis in axes), _TINY)
    return folding.call(target, ((folding.element - mean) * factor).cast(target.type.dtype))


def lower_lp_normalization(node: Node, build: Builder) -> Sequence[Call]:
    """Each vector along an axis divided by its norm; the zero vector stays."""
    source, target = build.view(node.inputs[0]), build.view(node.outputs[0])
    shape = source.type.shape
    folding = Folding(source, shape, [integer(node, "axis", -1) % len(shape)])
    element = folding.element
    square = integer(node, "p", 2) == 2  # noqa: PLR2004 - the Euclidean norm

    def inverse(total: Term) -> Term:
        norm = total.apply("Sqrt") if square else total
        return norm.test("Equal", 0).where(norm, norm.apply("Reciprocal"))

    factor = folding.fold("Add", element * element if square else abs(element), inverse)
    return folding.call(target, (element * factor).cast(target.type.dtype))


def _standardize(folding: Folding, count: int, epsilon: float) -> tuple[Term, Term]:
    """The mean, and one over the standard deviation: in two passes, since one would cancel."""
    mean = folding.fold("Add", folding.element, lambda total: total / count)
    difference = folding.element - mean
    return mean, folding.fold("Add", difference * difference, lambda total: _inverse_root(total / count + epsilon))


def _inverse_root(x: Term) -> Term:
    return x.apply("Sqrt").apply("Reciprocal")


def _affine(x: Term, parameters: Sequence[Term]) -> Term:
    """Scaled by the first parameter, shifted by the second, if there are any."""
    for operation, parameter in zip(("Mul", "Add"), parameters, strict=False):
        x = x.apply(operation, parameter.cast(x.dtype))
    return x


def lower_local_response(node: Node, build: Builder) -> Sequence[Call]:
    """Each element divided by (bias + alpha / size * s) ** beta, s the sum of squares over the channels around it."""
    source, target = build.view(node.inputs[0]), build.view(node.outputs[0])
    batch, channels, *space = source.type.shape
    dtype = source.type.dtype
    size, beta = integer(node, "size"), number(node, "beta", 0.75)
    element, total = Term(dtype), Term(wide(dtype))
    base = total * (number(node, "alpha", 1e-4) / size) + number(node, "bias", 1.0)
    root = base.apply("Sqrt")
    match beta:
        case 0.5:
            power = root
        case 0.75:
            power = root * root.apply("Sqrt")
        case _:
            power = (base.apply("Log") * beta).apply("Exp")
    expression = linearize((element.cast(power.dtype) / power).cast(dtype), [element, total])
    kernel = LocalResponse(batch, channels, math.prod(space), (size - 1) // 2, size // 2, dtype, expression)
    return (Call(kernel, (source, target)),)


def lower_hardmax(node: Node, build: Builder) -> Sequence[Call]:
    """One at the largest element along an axis, zero elsewhere."""
    target = build.view(node.outputs[0])
    shape = target.type.shape
    since = node.version >= _SOFTMAX_BY_AXIS
    axis = integer(node, "axis", -1 if since else 1) % len(shape)
    end = axis + 1 if since else len(shape)
    outer, size, inner = shape = (math.prod(shape[:axis]), math.prod(shape[axis:end]), math.prod(shape[end:]))
    dtype = target.type.dtype
    places = build.workspace(TensorType(DType.INT64, (outer, 1, inner)))
    ones = build.literal(f"{outer * inner} ones of {dtype.value}", np.ones((outer, 1, inner), dtype.numpy))
    search = ArgReduce(outer, size, inner, dtype, largest=True, last=False)
    put = ScatterElements((outer, 1, inner), dense_strides(shape), 1, size, "", dtype, DType.INT64, checked=True)
    zeros = fill(build, Window.of(target), np.zeros((), dtype.numpy))
    return (Call(search, (build.view(node.inputs[0]), places)), *zeros, Call(put, (places, ones, target)))
