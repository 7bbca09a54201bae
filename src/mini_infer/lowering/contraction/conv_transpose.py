"""`ConvTranspose` as convolutions: one for each phase of the output.

Along an axis of stride s, the outputs r, r + s, r + 2s, … all see the same elements k of the window: those for which
`r + pad - k * dilation` is a multiple of s. Reversed, these elements are the window of a convolution of stride 1 that
writes every s-th output.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mini_infer.ir import Node
from mini_infer.ir.dims import greatest
from mini_infer.lowering.attributes import given, integer, integers, text
from mini_infer.lowering.builder import Builder
from mini_infer.lowering.contraction.conv import residual_at
from mini_infer.lowering.contraction.convolution import Convolution, Weights
from mini_infer.lowering.contraction.epilogue import epilogue_of
from mini_infer.lowering.contraction.plain import WeightLayout
from mini_infer.lowering.fused import Layout, take_apart
from mini_infer.program import Call
from mini_infer.program.kernels import Axis, Batch, ContractionShape
from mini_infer.program.strides import dense_strides


@dataclass(frozen=True, slots=True)
class _Phase:
    """Every `stride`-th output from `first` on, by a convolution's axis, and the window's elements that they see."""

    first: int
    axis: Axis
    elements: tuple[int, ...]


def lower_conv_transpose(node: Node, build: Builder) -> Sequence[Call]:
    """Lower `ConvTranspose`, alone or fused with activations, a residual and transposes to channels-last."""
    parts = take_apart(node)
    product = parts.product
    if parts.pool is not None:
        raise ValueError("a pool after a transposed convolution, which none is fused into")
    x, y = build.strided(product.inputs[0]), build.strided(node.outputs[0])
    weights = build.type(product.inputs[1]).shape
    bias = given(product, 2)
    epilogue, residual = epilogue_of(product.outputs[0], x.type.dtype, parts.pointwise, build, bias=bool(bias))
    added = residual_at(residual, node.outputs[0], build, alike=parts.alike(residual)) if residual else None
    source = Layout.at(x, channels_last=product.inputs[0] in parts.channels_last)
    target = Layout.at(y, channels_last=parts.writes_channels_last)
    groups = integer(product, "group", 1)
    calls: list[Call] = []
    for phases in itertools.product(*_phases(product, weights[2:], source, target)):
        shape = ContractionShape(
            weights[0] // groups,
            weights[1],
            tuple(phase.axis for phase in phases),
            source.strides[1],
            target.strides[1],
            (Batch(source.shape[0], source.strides[0], 0, target.strides[0]),),
            groups,
            sum(phase.first * stride for phase, stride in zip(phases, target.strides[2:], strict=True)),
        )
        convolution = Convolution(
            build,
            _weights(product.inputs[1], weights, groups, phases, build.constant(product.inputs[1])),
            bias,
            shape,
            epilogue,
            x,
            added,
            y,
            (1,) * len(phases),
            mean=False,
        )
        calls.append(convolution.call())
    return calls


def _phases(node: Node, kernel: Sequence[int], x: Layout, y: Layout) -> list[list[_Phase]]:
    """The phases of each axis."""
    rank = len(kernel)
    strides = integers(node, "strides") or (1,) * rank
    dilations = integers(node, "dilations") or (1,) * rank
    found = []
    for index, pad in enumerate(_pads(node, kernel, strides, dilations, x, y)):
        stride, dilation = strides[index], dilations[index]
        size, y_stride = x.shape[2 + index], y.strides[2 + index] * stride
        phases = []
        for first in range(min(stride, greatest(y.shape[2 + index]))):
            count = -(-(y.shape[2 + index] - first) // stride)
            elements = tuple(k for k in reversed(range(kernel[index])) if (first + pad - k * dilation) % stride == 0)
            # No element: a window of one that lies after every input.
            nearest = (first + pad - elements[0] * dilation) // stride if elements else greatest(size)
            step = dilation // math.gcd(stride, dilation)
            axis = Axis(size, count, max(1, len(elements)), 1, step, -nearest, x.strides[2 + index], y_stride)
            phases.append(_Phase(first, axis, elements))
        found.append(phases)
    return found


def _pads(
    node: Node, kernel: Sequence[int], strides: Sequence[int], dilations: Sequence[int], x: Layout, y: Layout
) -> list[int]:
    """How many outputs are cut off before the first, along each axis."""
    rank = len(kernel)
    automatic = text(node, "auto_pad", "NOTSET")
    if "output_shape" not in node.attributes and not automatic.startswith("SAME"):
        explicit = integers(node, "pads") if automatic == "NOTSET" else ()
        return list(explicit or (0,) * 2 * rank)[:rank]
    extra = integers(node, "output_padding") or (0,) * rank
    pads = []
    for index in range(rank):
        extent = (x.shape[2 + index] - 1) * strides[index] + (kernel[index] - 1) * dilations[index] + 1
        total = max(0, extent + extra[index] - y.shape[2 + index])
        pads.append(total // 2 if automatic == "SAME_UPPER" else total - total // 2)
    return pads


def _weights(
    name: str, shape: tuple[int, ...], groups: int, phases: Sequence[_Phase], array: np.ndarray | None
) -> Weights:
    """The weights of one phase, from ONNX's tensor `[groups * in_channels, out_channels, window...]`."""
    strides = dense_strides(shape)
    inner = shape[0] // groups
    steps = [
        stride * (phase.elements[1] - phase.elements[0] if len(phase.elements) > 1 else 0)
        for phase, stride in zip(phases, strides[2:], strict=True)
    ]
    start = sum(stride * phase.elements[0] for phase, stride in zip(phases, strides[2:], strict=True) if phase.elements)
    layout = WeightLayout(start, strides[0] * inner, strides[1], strides[0], tuple(steps))
    window = tuple(phase.axis.kernel for phase in phases)
    part_shape = (groups * shape[1], inner, *window)
    if array is None:
        return Weights(name, layout, part_shape)
    part = np.moveaxis(array.reshape(groups, inner, *shape[1:]), 2, 1).reshape(groups * shape[1], inner, *shape[2:])
    for axis, phase in enumerate(phases):
        # Where no output of the phase sees an element, any weight does.
        part = part.take(phase.elements or (0,), axis=2 + axis)
    label = "/".join(",".join(map(str, phase.elements)) for phase in phases)
    return Weights(name, layout, part_shape, (f"{name}[{label}]", part))
