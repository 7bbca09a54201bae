"""Rows of tables whose numbers have a few bits, which stay packed."""

import math
from collections.abc import Sequence

from mini_infer.ir import DType, Node
from mini_infer.lowering.attributes import given, integer
from mini_infer.lowering.builder import Builder, NotNativeError
from mini_infer.program import Call
from mini_infer.program.kernels.movement.packed_gather import PackedGather


def lower_gather_block_quantized(node: Node, build: Builder) -> Sequence[Call]:
    """Lower our `GatherBlockQuantized`."""
    zeros = given(node, 3)
    data, indices, scales = (build.view(name) for name in (node.inputs[0], node.inputs[1], node.inputs[2]))
    y = build.view(node.outputs[0])
    if 0 in (*data.type.shape, *indices.type.shape):
        if 0 in y.type.shape:
            return ()
        raise NotNativeError("no index can be right: there is nothing to index")
    bits = integer(node, "bits", 4)
    rows, *lines, width = data.type.shape
    real = zeros and build.type(zeros).dtype is DType.FLOAT32
    kernel = PackedGather(
        count=indices.type.elements,
        rows=rows,
        lines=math.prod(lines),
        size=width * (8 // bits),
        block=integer(node, "block_size", 128),
        bits=bits,
        zeros="real" if real else "packed" if zeros else "",
        index=indices.type.dtype,
    )
    return [Call(kernel, (data, scales, *([build.view(zeros)] if zeros else []), indices, y))]
