"""Products of quantized tensors: exact in int32, then scaled, rounded to even and saturated.

Those with constant weights of bytes are contractions of bytes (`lowering.contraction.int8_dot`), with what follows.
Of others zero points are subtracted first, of weights at build time, of data in workspace: what remains are int16,
whose products are added in pairs, or int32.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from mini_infer.ir import DType, Node, TensorType
from mini_infer.ir.fusion import multiplies_in_pairs
from mini_infer.lowering.attributes import given, integer
from mini_infer.lowering.builder import Builder, NotNativeError
from mini_infer.lowering.contraction import int16_dot
from mini_infer.lowering.contraction.conv import conv_shape, residual_at, weight_layout
from mini_infer.lowering.contraction.gemm import multiply
from mini_infer.lowering.contraction.int8_dot import ByteContraction, Weights, as_matrix
from mini_infer.lowering.contraction.plain import plain_convolution
from mini_infer.lowering.contraction.spatial import Window
from mini_infer.lowering.elementwise import map_elements
from mini_infer.lowering.expression import express
from mini_infer.lowering.fused import Layout, Parts, planar_order, take_apart
from mini_infer.lowering.shapes import reshaped
from mini_infer.lowering.tables import Table
from mini_infer.lowering.term import Term, linearize
from mini_infer.lowering.window import Window as MemoryWindow
from mini_infer.lowering.window import copy
from mini_infer.program import Call, View
from mini_infer.program.kernels import ContractionShape, Epilogue, Expression
from mini_infer.program.kernels.quantized import QuantizationRange
from mini_infer.program.strides import dense_strides

_QUANTIZED = (DType.INT8, DType.UINT8)
_MATRIX = 2
_ZERO = np.zeros((), np.int8)
"""The zero point where none is given."""


def lower_matmul_integer(node: Node, build: Builder) -> Sequence[Call]:
    """Lower `MatMulInteger`, alone or fused: with a bias, scaled, requantized, added to a residual."""
    y = build.view(node.outputs[0])
    return _quantizing(build, take_apart(node), lambda parts: _multiplied(build, parts, y))


def _quantizing(build: Builder, parts: Parts, lower: Callable[[Parts], Sequence[Call]]) -> Sequence[Call]:
    """Lower a contraction; one that quantizes what it reads, but has no kernel for that, has it quantized before."""
    if not parts.before:
        return lower(parts)
    try:
        return lower(parts)
    except NotNativeError:
        expression, (real,) = express(parts.before, build)
        x, name = build.view(real), parts.before[-1].outputs[0]
        made = build.workspace(replace(x.type, dtype=expression[-1].dtype))
        build.places = {**build.places, name: made}
        return [*map_elements(expression, [x], made), *lower(replace(parts, before=()))]


def _multiplied(build: Builder, parts: Parts, y: View) -> Sequence[Call]:
    """The product of two matrices, with what follows it."""
    for way in (_of_bytes, _of_pairs) if build.machine.has_vectors else (_of_bytes,):
        try:
            return way(build, parts, y)
        except NotNativeError:
            continue
    if parts.before:
        raise NotNativeError("no kernel quantizes what it reads")
    a, b, a_zero, b_zero = (given(parts.product, position) for position in range(4))
    sums = _target(build, parts, y)
    calls = _product(build, (a, b), (a_zero, b_zero), sums)
    return [*calls, *_after(build, parts, parts.product.outputs[0], sums, y)]


def _of_bytes(build: Builder, parts: Parts, y: View) -> Sequence[Call]:
    """The product of bytes with a constant matrix of bytes, with what follows it.

    Raises
    ------
    NotNativeError
        When it is none, or there is no such kernel.
    """
    b, a_zero, b_zero = (given(parts.product, position) for position in range(1, 4))
    (name, convert), kind = _data(build, parts), build.type(b).shape
    a = build.view(name)
    weights = Weights.of(build, b, b_zero, turned=True) if len(kind) == _MATRIX else None
    if weights is None or not a.type.shape or (a_zero and build.type(a_zero).elements != 1):
        raise NotNativeError("this is no product with a constant matrix of bytes, by one zero point")
    depth, columns = kind
    shape = ContractionShape.matrix(math.prod(a.type.shape[:-1]), columns, depth, (depth, 1, columns))
    value, result = parts.product.outputs[0], y.type.shape
    axis = len(result) - 1
    fused = ByteContraction(build, shape, weights, a, a_zero, y, value, parts.pointwise, result, axis, convert)
    return fused.calls(build.view)


def _data(build: Builder, parts: Parts) -> tuple[str, Expression]:
    """What a contraction reads, and how that becomes its bytes, unless they are there."""
    if not parts.before:
        return given(parts.product, 0), ()
    expression, (real,) = express(parts.before, build)
    return real, expression


def _of_pairs(build: Builder, parts: Parts, y: View) -> Sequence[Call]:
    """The product of matrices that are both found at run time, with what follows it.

    Raises
    ------
    NotNativeError
        When it is none, or something follows that reads more than the sums.
    """
    a, b, a_zero, b_zero = (given(parts.product, position) for position in range(4))
    value = parts.product.outputs[0]
    expression: Expression = ()
    inputs: Sequence[str] = ()
    if build.constant(b) is not None or not multiplies_in_pairs(build.type(a).shape, build.type(b).shape):
        raise NotNativeError("these are no matrices of pairs that are found at run time")
    if parts.pointwise:
        expression, inputs = express(parts.pointwise, build, (value, DType.INT32))
    if any(name != value for name in inputs):
        raise NotNativeError("what follows the sums reads more than they")
    by_row = _by_row(build.view(a_zero)).type.shape if a_zero else None
    left, left_calls = _centered(build, a, a_zero, by_row, DType.INT16)
    right, right_calls = _centered(build, b, b_zero, target=DType.INT16)
    return [*left_calls, *right_calls, *int16_dot.matrices(build, left, right, y, Epilogue(expression=expression))]


def lower_qlinear_matmul(node: Node, build: Builder) -> Sequence[Call]:
    """Lower `QLinearMatMul`; scales of a may differ for each row, of b for each column."""
    a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero = node.inputs
    y = build.view(node.outputs[0])
    sums = build.workspace(TensorType(DType.INT32, y.type.shape))
    scales = [_by_row(build.view(a_scale)), build.view(b_scale), _by_row(build.view(y_scale))]
    calls = _product(build, (a, b), (a_zero, b_zero), sums)
    return [*calls, *_requantize(sums, scales, _by_row(build.view(y_zero)), y)]


def lower_conv_integer(node: Node, build: Builder) -> Sequence[Call]:
    """Lower `ConvInteger`, alone or fused: with a bias, scaled, requantized, added to a residual, channels last."""
    return _quantizing(build, take_apart(node), lambda parts: _convolved(node, build, parts))


def _convolved(node: Node, build: Builder, parts: Parts) -> Sequence[Call]:
    """A convolution, with what follows it."""
    conv, value = parts.product, parts.product.outputs[0]
    x, w, x_zero, w_zero = (given(conv, position) for position in range(4))
    source, y = build.strided(_data(build, parts)[0]), build.strided(node.outputs[0])
    before = Layout.at(source, channels_last=x in parts.channels_last)
    after = Layout.at(y, channels_last=parts.writes_channels_last)
    windows = Window.of(conv, build.type(w).shape[2:], before.shape[2:])
    clipped = any(axis.clipped for axis in conv_shape(conv, windows, before, after, (1,) * len(windows)).axes)
    known = not x_zero or build.constant(x_zero) is not None or not clipped
    weights = Weights.of(build, w, w_zero) if known else None
    if weights is not None:
        try:
            return _bytes_convolved(node, build, parts, weights, (source, before), (y, after))
        except NotNativeError:
            pass
    if parts.before:
        raise NotNativeError("no kernel quantizes what it reads")
    whole = build.view(node.outputs[0])
    sums = _target(build, parts, whole)
    calls = _convolution(conv, build, (before, after), (x, w), (x_zero, w_zero), "", sums)
    return [*calls, *_after(build, parts, value, sums, whole)]


def _bytes_convolved(
    node: Node, build: Builder, parts: Parts, weights: Weights, data: tuple[View, Layout], result: tuple[View, Layout]
) -> Sequence[Call]:
    """A convolution of bytes where they lie, with what follows it.

    Raises
    ------
    NotNativeError
        When there is no such kernel.
    """
    conv, (x, before), (y, after) = parts.product, data, result
    windows = Window.of(conv, weights.array.shape[2:], before.shape[2:])
    shape = conv_shape(conv, windows, before, after, (1,) * len(windows))
    if any(axis.is_open and axis.clipped for axis in shape.axes):
        raise NotNativeError("windows of bytes are clipped where sizes are given at run time")
    copied: list[Call] = []
    convert = _data(build, parts)[1]
    if shape.x_channel != 1 and shape.groups * shape.in_channels > 1:
        if convert:
            raise NotNativeError("the numbers of a pixel are no neighbors")
        x, before = _with_channels_last(build, x, before, copied)
        shape = conv_shape(conv, windows, before, after, (1,) * len(windows))
    shape = as_matrix(replace(shape, x_channel=1))
    zero, value = given(conv, 2), conv.outputs[0]
    fused = ByteContraction(build, shape, weights, x, zero, y, value, parts.pointwise, after.shape, 1, convert)
    calls = fused.calls(lambda name: residual_at(name, node.outputs[0], build, alike=parts.alike(name)))
    return [*copied, *calls]


def _with_channels_last(build: Builder, x: View, layout: Layout, calls: list[Call]) -> tuple[View, Layout]:
    """A copy of a planar tensor in workspace, as bytes of a channel are not neighbors."""
    order = planar_order(len(layout.shape))
    kind = TensorType(x.type.dtype, tuple(layout.shape[axis] for axis in order))
    target = build.workspace(kind)
    calls += copy(MemoryWindow(x, layout.shape, layout.strides).permute(order), MemoryWindow.of(target))
    return target, Layout.at(target, channels_last=True)


def _target(build: Builder, parts: Parts, y: View) -> View:
    """Where the sums go: y, if nothing follows them."""
    return build.workspace(replace(y.type, dtype=DType.INT32)) if parts.pointwise else y


def _after(build: Builder, parts: Parts, value: str, sums: View, y: View) -> Sequence[Call]:
    """What follows the sums, element by element, where they are in memory."""
    if not parts.pointwise:
        return ()
    expression, names = express(parts.pointwise, build, (value, DType.INT32))
    views = [sums if name == value else build.view(name) for name in names]
    if parts.writes_channels_last:  # numbers by channel, [C, 1, ...], meet the last axis
        views = [view if view.type.shape == y.type.shape else reshaped(view, (view.type.elements,)) for view in views]
    return map_elements(expression, views, y)


def lower_qlinear_conv(node: Node, build: Builder) -> Sequence[Call]:
    """Lower `QLinearConv`; scales and zero points of the weights may differ for each output channel."""
    x, x_scale, x_zero, w, w_scale, w_zero, y_scale, y_zero, bias = (given(node, position) for position in range(9))
    y = build.view(node.outputs[0])
    sums = build.workspace(TensorType(DType.INT32, y.type.shape))
    layouts = [Layout.of(view.type, channels_last=False) for view in (build.view(x), sums)]
    calls = _convolution(node, build, (layouts[0], layouts[1]), (x, w), (x_zero, w_zero), bias, sums)
    channels = _by_channel(build.view(w_scale), len(y.type.shape) - 1)
    scales = [reshaped(build.view(x_scale), ()), channels, reshaped(build.view(y_scale), ())]
    return [*calls, *_requantize(sums, scales, reshaped(build.view(y_zero), ()), y)]


def lower_dynamic_quantize(node: Node, build: Builder) -> Sequence[Call]:
    """Lower `DynamicQuantizeLinear`: find the range, then quantize."""
    x = build.view(node.inputs[0])
    kinds = (TensorType(DType.UINT8, x.type.shape), TensorType(DType.FLOAT32, ()), TensorType(DType.UINT8, ()))
    y, scale, zero = (build.output(node, position, kind) for position, kind in enumerate(kinds))
    terms = [Term(DType.FLOAT32), Term(DType.FLOAT32), Term(DType.UINT8)]
    quantized = (terms[0] / terms[1]).quantize(DType.UINT8, terms[2])
    return [
        Call(QuantizationRange(x.type.elements), (x, scale, zero)),
        *map_elements(linearize(quantized, terms), [x, scale, zero], y),
    ]


def _by_row(view: View) -> View:
    """One number for the tensor, or one for each row of a matrix."""
    shape = view.type.shape
    return reshaped(view, (*shape, 1)) if len(shape) == 1 and shape[0] > 1 else view


def _by_channel(view: View, after: int) -> View:
    """One number for the tensor, or one for each index of the axis with so many after it, the batch not counted."""
    return reshaped(view, (view.type.elements, *[1] * (after - 1)))


def _centered(
    build: Builder, name: str, zero: str, shape: Sequence[int] | None = None, target: DType = DType.INT32
) -> tuple[View, Sequence[Call]]:
    """A tensor minus its zero point (none: 0), which broadcasts in `shape`, and the calls that compute it."""
    kind = build.type(name)
    if kind.dtype not in _QUANTIZED:
        raise NotNativeError(f"no native code for quantized {kind.dtype.value}")
    known = _known(build, name, zero, target, shape)
    if known is not None:
        return build.table(replace(known, name=f"{known.name} as {target.value}")), ()
    result = build.workspace(TensorType(target, kind.shape))
    terms, views = [Term(kind.dtype)], [build.view(name)]
    value = terms[0].cast(target)
    if zero:
        view = build.view(zero)
        views.append(view if shape is None else reshaped(view, shape))
        terms.append(Term(view.type.dtype))
        value = value - terms[1].cast(target)
    return result, map_elements(linearize(value, terms), views, result)


def _product(build: Builder, operands: tuple[str, str], zeros: tuple[str, str], sums: View) -> Sequence[Call]:
    """The matrix product of two quantized tensors."""
    by_row = _by_row(build.view(zeros[0])).type.shape if zeros[0] else None
    known = _known(build, operands[1], zeros[1], DType.INT16)
    paired = known is not None and len(known.shape) == _MATRIX and known.shape[0] % 2 == 0
    if known is not None and paired and build.machine.has_vectors:
        a, a_calls = _centered(build, operands[0], zeros[0], by_row, DType.INT16)
        return [*a_calls, int16_dot.product(build, a, known, sums)]
    a, a_calls = _centered(build, operands[0], zeros[0], by_row)
    b, b_calls = _centered(build, operands[1], zeros[1])
    return [*a_calls, *b_calls, multiply(a, b, sums, build)]


def _known(build: Builder, name: str, zero: str, target: DType, shape: Sequence[int] | None = None) -> Table | None:
    """A constant of bytes minus its constant zero point; none if either is computed at run time."""
    array, origin = build.constant(name), build.constant(zero) if zero else _ZERO
    if array is None or origin is None or not array.size or build.type(name).dtype not in _QUANTIZED:
        return None

    def make() -> np.ndarray:
        zeros = origin.astype(target.numpy).reshape(origin.shape if shape is None else shape)
        return array.astype(target.numpy) - zeros

    return Table(f"{name} - {zero or 0}", array.shape, (array, origin), make)


def _convolution(
    node: Node,
    build: Builder,
    layouts: tuple[Layout, Layout],
    operands: tuple[str, str],
    zeros: tuple[str, str],
    bias: str,
    sums: View,
) -> Sequence[Call]:
    """The convolution of two quantized tensors in these layouts. Padding is the zero point, so it adds nothing."""
    w_shape = build.type(operands[1]).shape
    per_channel = (build.type(zeros[1]).elements, *[1] * (len(w_shape) - 1)) if zeros[1] else None
    known = _known(build, operands[1], zeros[1], DType.INT16, per_channel)
    planar = all(layout.strides == dense_strides(layout.shape) for layout in layouts)
    in_pairs = build.machine.has_vectors and build.objective.packs_pairs and integer(node, "group", 1) == 1 and planar
    target = DType.INT16 if known is not None and in_pairs else DType.INT32
    x, x_calls = _centered(build, operands[0], zeros[0], () if zeros[0] else None, target)
    windows = Window.of(node, w_shape[2:], layouts[0].shape[2:])
    if known is not None and in_pairs:
        calls = int16_dot.convolution(build, x, known, windows, sums)
        return [*x_calls, *calls, *(_biased(build, bias, sums) if bias else ())]
    w, w_calls = _centered(build, operands[1], zeros[1], per_channel)
    shape = conv_shape(node, windows, *layouts, (1,) * len(windows))
    layout = weight_layout(w_shape, shape.out_channels)
    kernel = plain_convolution(shape, layout, DType.INT32, Epilogue(bias=bool(bias)))
    added = [build.view(bias)] if bias else []
    return [*x_calls, *w_calls, Call(kernel, (x, w, *added, sums))]


def _biased(build: Builder, bias: str, sums: View) -> Sequence[Call]:
    """Sums plus a number for each channel, in place."""
    total, added = terms = [Term(DType.INT32), Term(DType.INT32)]
    views = [sums, _by_channel(build.view(bias), len(sums.type.shape) - 1)]
    return map_elements(linearize(total + added, terms), views, sums)


def _requantize(sums: View, scales: Sequence[View], zero: View, y: View) -> Sequence[Call]:
    """int32 sums times the operands' scales, divided by the output's, plus its zero point. Computed in float64."""
    target = y.type.dtype
    if target not in _QUANTIZED:
        raise NotNativeError(f"no native code for quantizing to {target.value}")
    total, a, b, c, origin = terms = [Term(view.type.dtype) for view in (sums, *scales, zero)]
    factor = a.cast(DType.FLOAT32) * b.cast(DType.FLOAT32) / c.cast(DType.FLOAT32)
    scaled = (total.cast(DType.FLOAT64) * factor.cast(DType.FLOAT64)).apply("Round") + origin.cast(DType.FLOAT64)
    return map_elements(linearize(scaled.saturate(target), terms), [sums, *scales, zero], y)
