"""`QLinearSoftmax`: exponentials of 8-bit numbers by a table."""

import math
from collections.abc import Sequence

import numpy as np

from mini_infer.ir import Node
from mini_infer.ir.dims import symbols_in
from mini_infer.ir.quantized import exponentials, is_scale
from mini_infer.lowering.attributes import integer
from mini_infer.lowering.builder import Builder, NotNativeError
from mini_infer.program import Call
from mini_infer.program.kernels.reduction.quantized_softmax import QuantizedSoftmax


def lower_quantized_softmax(node: Node, build: Builder) -> Sequence[Call]:
    """Take each element's exponential from a table, relative to the greatest of its line."""
    x, y = build.view(node.inputs[0]), build.view(node.outputs[0])
    shape = x.type.shape
    if 0 in shape:
        return ()
    x_scale, y_scale, y_zero = (build.constant(node.inputs[position]) for position in (1, 3, 4))
    if x_scale is None or y_scale is None or y_zero is None:
        raise NotNativeError("no native code for scales that are computed at run time")
    if not is_scale(x_scale.item()) or not is_scale(y_scale.item()):
        raise NotNativeError("no native code for scales that are not positive")
    axis = integer(node, "axis", -1) % len(shape)
    if symbols_in((shape[axis],)):
        raise NotNativeError("a table of exponentials for lines whose length is given at run time")
    table = exponentials(np.float32(x_scale.item()), shape[axis])
    in_place = x.same_bytes(y)
    kernel = QuantizedSoftmax(
        math.prod(shape[:axis]),
        shape[axis],
        math.prod(shape[axis + 1 :]),
        x.type.dtype,
        float(np.floor(np.float32(1) / np.float32(y_scale.item()))),
        int(y_zero.item()),
        in_place,
    )
    known = build.literal(f"{node.name}/exponentials", table)
    return (Call(kernel, (known, y) if in_place else (x, known, y)),)
