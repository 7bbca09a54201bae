"""Scaling by channel or by block: batch normalization, quantization, dequantization."""

from collections.abc import Sequence

import numpy as np

from mini_infer.ir import DType, Node
from mini_infer.lowering.attributes import integer, number
from mini_infer.lowering.builder import Builder, NotNativeError
from mini_infer.lowering.elementwise import map_elements
from mini_infer.lowering.shapes import reshaped
from mini_infer.lowering.term import Term, linearize, wide
from mini_infer.program import Call, View
from mini_infer.program.kernels.expression import EIGHT_BITS

_TARGETS = (DType.INT8, DType.UINT8, DType.INT16, DType.UINT16)
"""Types to quantize to."""


def lower_batch_normalization(node: Node, build: Builder) -> Sequence[Call]:
    """One multiplication and addition for each channel, folded into tables where the statistics are constants."""
    if integer(node, "training_mode") or len(node.writes) > 1:
        raise NotNativeError("batch normalization in training mode")
    if not integer(node, "spatial", 1):
        raise NotNativeError("batch normalization of each position by itself (spatial = 0)")
    x, y = build.view(node.inputs[0]), build.view(node.outputs[0])
    channels = _along(x, 1 if len(x.type.shape) > 1 else 0)
    data = Term(x.type.dtype)
    epsilon = number(node, "epsilon", 1e-5)
    known = [build.constant(name) for name in node.inputs[1:]]
    if all(value is not None for value in known):
        scale, bias, mean, variance = (np.asarray(value, np.float64) for value in known)
        factor = scale / np.sqrt(variance + epsilon)
        tables = [factor.astype(x.type.dtype.numpy), (bias - mean * factor).astype(x.type.dtype.numpy)]
        views = [
            build.literal(f"{node.outputs[0]}/{name}", t) for name, t in zip(("factor", "offset"), tables, strict=True)
        ]
        terms = [Term(x.type.dtype), Term(x.type.dtype)]
        result = data * terms[0] + terms[1]
    else:
        views = [build.view(name) for name in node.inputs[1:]]
        terms = [Term(view.type.dtype) for view in views]
        scale_term, bias_term, mean_term, variance_term = (term.cast(x.type.dtype) for term in terms)
        result = (data - mean_term) / (variance_term + epsilon).apply("Sqrt") * scale_term + bias_term
    inputs = [x, *(reshaped(view, channels) for view in views)]
    return map_elements(linearize(result, [data, *terms]), inputs, y)


def lower_quantize(node: Node, build: Builder) -> Sequence[Call]:
    """Round x / scale to the nearest, ties to even, add the zero point, and saturate."""
    target = build.type(node.outputs[0]).dtype
    if target not in _TARGETS:
        raise NotNativeError(f"no native code for quantizing to {target.value}")
    if integer(node, "precision"):
        raise NotNativeError("quantization with a precision of its own")
    term, scale, *zero = terms = _operands(node, build)
    real = scale.dtype
    if not real.is_float:
        raise NotNativeError(f"no native code for quantizing by {real.value}")
    if real is DType.FLOAT32 and target in EIGHT_BITS:
        return _blockwise(node, build, (term.cast(real) / scale).quantize(target, *zero), terms)
    rounded = (term.cast(real) / scale).cast(wide(real)).apply("Round")
    if zero:
        rounded = rounded + zero[0].cast(rounded.dtype)
    return _blockwise(node, build, rounded.saturate(target), terms)


def lower_dequantize(node: Node, build: Builder) -> Sequence[Call]:
    """Compute (x - zero point) * scale."""
    term, scale, *zero = terms = _operands(node, build)
    value = term.cast(wide(scale.dtype))
    if zero:
        value = value - zero[0].cast(value.dtype)
    result = (value * scale.cast(value.dtype)).cast(build.type(node.outputs[0]).dtype)
    return _blockwise(node, build, result, terms)


def _operands(node: Node, build: Builder) -> list[Term]:
    """The inputs present: data, scale, zero point."""
    return [Term(build.type(name).dtype) for name in node.inputs if name]


def _along(view: View, axis: int) -> tuple[int, ...]:
    """The shape of a vector that broadcasts along one axis of a tensor."""
    shape = view.type.shape
    return tuple(size if at == axis else 1 for at, size in enumerate(shape))


def _blockwise(node: Node, build: Builder, result: Term, terms: Sequence[Term]) -> Sequence[Call]:
    """Call the term where scale and zero point are one for the tensor, for each index of an axis, or for each block."""
    x, *scales = (build.view(name) for name in node.inputs if name)
    y = build.view(node.outputs[0])
    shape = x.type.shape
    block = integer(node, "block_size")
    if scales[0].type.elements == 1 and not block:
        scales = [reshaped(view, ()) for view in scales]
    else:
        axis = integer(node, "axis", 1) % len(shape)
        if not block:
            scales = [reshaped(view, _along(x, axis)) for view in scales]
        elif shape[axis] % block:
            raise NotNativeError(f"{shape[axis]} elements in blocks of {block}")
        else:
            blocks = (*shape[:axis], shape[axis] // block, block, *shape[axis + 1 :])
            x, y = reshaped(x, blocks), reshaped(y, blocks)
            scales = [reshaped(view, (*blocks[: axis + 1], 1, *blocks[axis + 2 :])) for view in scales]
    return map_elements(linearize(result, terms), [x, *scales], y)
