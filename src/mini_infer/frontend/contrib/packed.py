"""Operators whose weights have a few bits each and stay so in memory: what language models for CPUs are made of."""

from collections.abc import Sequence

import numpy as np
from onnx import TensorProto

from mini_infer.frontend.composer import Composer
from mini_infer.ir.graph import QUANTIZED_DOMAIN
from mini_infer.ir.packed import is_whole, unpacked

_KNOWN = (1, 2, 3, 5)
"""Inputs of a product that are its weights' or its bias."""


def matmul_n_bits(c: Composer) -> Sequence[str]:
    """`MatMulNBits`: a product with weights of a few bits, in blocks along the depth with a scale and a zero each.

    Of float16 it is computed in float32, as onnxruntime does.
    """
    rows, columns = c.attribute("K"), c.attribute("N")
    bits, block = c.attribute("bits", 4), c.attribute("block_size")
    if c.input(4):
        raise c.refusal("has group indices, which are not supported")
    if c.attribute("weight_prepacked", 0):
        raise c.refusal("has weights in an order of one processor's")
    known = {position: c.value(position) for position in _KNOWN if c.input(position)}
    real = c.element_type(c.input(0))
    if real not in (TensorProto.FLOAT, TensorProto.FLOAT16) or not is_whole(block, bits, rows):
        return [_written_out(c)]
    a = c.input(0) if real == TensorProto.FLOAT else c("Cast", c.input(0), to=TensorProto.FLOAT)
    inputs = [a, *(_single(c, position, known.get(position)) for position in _KNOWN)]
    y = c("MatMulNBits", *inputs, domain=QUANTIZED_DOMAIN, K=rows, N=columns, bits=bits, block_size=block)
    return [y if real == TensorProto.FLOAT else c("Cast", y, to=real)]


def gather_block_quantized(c: Composer) -> Sequence[str]:
    """`GatherBlockQuantized`: rows of a table of few bits, in blocks along its last axis.

    Bytes hold 8 / bits numbers each, and without zero points the middle of their range is 0; numbers of four bits are
    a type of ONNX's, whose zero is 0.
    """
    data, indices, scales, zeros = (c.input(position) for position in range(4))
    rank, bits, block = len(c.shape(data)), c.attribute("bits", 4), c.attribute("block_size", 128)
    axis, along = (c.attribute(name, default) % rank for name, default in (("gather_axis", 0), ("quantize_axis", 1)))
    if c.element_type(data) != TensorProto.UINT8:
        given = [data, scales, zeros] if zeros else [data, scales]
        return [c("Gather", c("DequantizeLinear", *given, axis=along, block_size=block), indices, axis=axis)]
    if axis != 0 or along != rank - 1 or rank < 2:  # noqa: PLR2004 - rows of a table
        raise c.refusal("gathers bytes along another axis than the first, or has blocks along another than the last")
    real = c.element_type(scales)
    if real != TensorProto.FLOAT:
        scales = c("Cast", scales, to=TensorProto.FLOAT)
    inputs = [data, indices, scales, *([zeros] if zeros else [])]
    y = c("GatherBlockQuantized", *inputs, domain=QUANTIZED_DOMAIN, bits=bits, block_size=block)
    return [y if real == TensorProto.FLOAT else c("Cast", y, to=real)]


def _single(c: Composer, position: int, value: np.ndarray | None) -> str:
    """The name of a constant input, as float32 where it is real and no other; empty where it is omitted."""
    if value is None or value.dtype in (np.uint8, np.float32):
        return c.input(position)
    return c.constant(value, np.float32)


def _written_out(c: Composer) -> str:
    """The product with the weights as real numbers."""
    rows, columns = c.attribute("K"), c.attribute("N")
    bits, block = c.attribute("bits", 4), c.attribute("block_size")
    scales = c.value(2)
    blocks = -(-rows // block)
    levels = unpacked(c.value(1).reshape(columns, blocks, -1), bits)[..., :block].astype(np.float32)
    zeros = np.full((columns, blocks, 1), 2 ** (bits - 1), np.float32)
    if c.input(3):
        zeros = c.value(3)
        packed = zeros.dtype == np.uint8
        zeros = unpacked(zeros.reshape(columns, -1), bits)[:, :blocks, None] if packed else zeros
        zeros = zeros.reshape(columns, blocks, 1).astype(np.float32)
    weights = (levels - zeros) * scales.reshape(columns, blocks, 1).astype(np.float32)
    matrix = weights.reshape(columns, -1)[:, :rows].T.astype(scales.dtype)
    y = c("MatMul", c.input(0), c.constant(matrix))
    return c("Add", y, c.input(5)) if c.input(5) else y
