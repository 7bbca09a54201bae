"""Matrix products and convolutions of onnxruntime's own operators, with what was fused into them."""

from collections.abc import Sequence

import numpy as np

from mini_infer.frontend.composer import Composer
from mini_infer.frontend.contrib.activations import activate


def fused_matmul(c: Composer) -> Sequence[str]:
    """`FusedMatMul`, `TransposeMatMul`: alpha · A · B, each perhaps transposed."""
    sides = [_turned(c, position, side) for position, side in enumerate("AB")]
    product = c("MatMul", *sides)
    alpha = c.attribute("alpha", 1.0)
    return [product if alpha == 1 else c("Mul", product, c.like(alpha, product))]


def _turned(c: Composer, position: int, side: str) -> str:
    """A side of the product: with `transBatch`, its axes 1, 2, …, n - 2 move to the front, 0 after them."""
    name = c.input(position)
    rank = len(c.shape(name))
    axes = [*range(rank)]
    if c.attribute(f"transBatch{side}", 0):
        axes = [*range(1, rank - 1), 0, rank - 1]
    if c.attribute(f"trans{side}", 0) and rank > 1:
        axes[-2:] = axes[:-3:-1]
    return name if axes == [*range(rank)] else c("Transpose", name, perm=axes)


def fused_gemm(c: Composer) -> Sequence[str]:
    """`FusedGemm`: a Gemm and an activation."""
    y = c("Gemm", *c.node.input, **c.attributes("alpha", "beta", "transA", "transB"))
    names = [f"activation_{name}" for name in ("alpha", "beta", "gamma")]
    parameters = [value for name in names if (value := c.attribute(name)) is not None]
    return [activate(c, y, c.attribute("activation", ""), parameters)]


def fused_conv(c: Composer) -> Sequence[str]:
    """`FusedConv`: a Conv, a sum with the fourth input, an activation."""
    known = ("auto_pad", "dilations", "group", "kernel_shape", "pads", "strides")
    y = c("Conv", *(name for name in c.node.input[:3] if name), **c.attributes(*known))
    if c.input(3):
        y = c("Add", y, c.input(3))
    return [activate(c, y, c.attribute("activation", ""), c.attribute("activation_params", ()))]


def matmul_n_bits(c: Composer) -> Sequence[str]:
    """`MatMulNBits`: a product with weights of a few bits, which are constants and so become real numbers here."""
    rows, columns = c.attribute("K"), c.attribute("N")
    bits, block = c.attribute("bits", 4), c.attribute("block_size")
    if c.input(4):
        raise c.refusal("has group indices, which are not supported")
    scales = c.value(2)
    blocks = -(-rows // block)
    levels = _unpacked(c.value(1).reshape(columns, blocks, -1), bits)[..., :block]
    zeros = np.full((columns, blocks, 1), 2 ** (bits - 1), np.float32)
    if c.input(3):
        zeros = c.value(3)
        packed = zeros.dtype == np.uint8
        zeros = _unpacked(zeros.reshape(columns, -1), bits)[:, :blocks, None] if packed else zeros
        zeros = zeros.reshape(columns, blocks, 1).astype(np.float32)
    weights = (levels - zeros) * scales.reshape(columns, blocks, 1).astype(np.float32)
    matrix = weights.reshape(columns, -1)[:, :rows].T.astype(scales.dtype)
    y = c("MatMul", c.input(0), c.constant(matrix))
    return [c("Add", y, c.input(5)) if c.input(5) else y]


def _unpacked(packed: np.ndarray, bits: int) -> np.ndarray:
    """Numbers of a few bits, the lowest bits of a byte first, as float32; along the last axis."""
    shifts = np.arange(0, 8, bits, dtype=np.uint8)
    numbers = (packed[..., None] >> shifts) & np.uint8(2**bits - 1)
    return numbers.reshape(*packed.shape[:-1], -1).astype(np.float32)
