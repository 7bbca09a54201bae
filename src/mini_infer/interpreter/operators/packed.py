"""Operators whose weights have a few bits each, computed in float64 from what the weights stand for, rounded once."""

from collections.abc import Sequence

import numpy as np

from mini_infer.errors import UnsupportedError
from mini_infer.interpreter.operators.values import Value, attribute, padded
from mini_infer.ir import Node
from mini_infer.ir.packed import unpacked


def matmul_n_bits(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """`a [..., K]` times the weights `[N, K]`, transposed, plus the bias `[N]`.

    Number k of column n is `(b[n, k] - zero[n, k / block]) * scale[n, k / block]`, exact in float64. Zeros are packed
    like the weights, or real; without any they are the middle of what the bits hold.
    """
    a, b, scales, zeros, bias = padded(inputs, 5)
    depth, columns, block = (attribute(node, name, 0) for name in ("K", "N", "block_size"))
    weights = _reals(b, scales, zeros, attribute(node, "bits", 4), (columns, depth, block))
    y = np.matmul(a.astype(np.float64), weights.T)
    return [(y if bias is None else y + bias).astype(np.float32)]


def gather_block_quantized(node: Node, inputs: Sequence[Value]) -> Sequence[Value]:
    """Rows of a packed table `[rows, ..., bytes]`, each number `(q - zero) * scale` of its block."""
    data, indices, scales, zeros = padded(inputs, 4)
    bits, block = attribute(node, "bits", 4), attribute(node, "block_size", 128)
    if ((indices < -len(data)) | (indices >= len(data))).any():
        raise UnsupportedError(f"node {node.name!r}: an index is out of range")
    chosen = data[indices]
    size = data.shape[-1] * (8 // bits)
    lines = chosen.size // max(1, data.shape[-1])
    picked = None if zeros is None else zeros[indices]
    rows = _reals(chosen, scales[indices], picked, bits, (lines, size, block))
    return [rows.astype(np.float32).reshape(*chosen.shape[:-1], size)]


def _reals(
    packed: np.ndarray, scales: np.ndarray, zeros: np.ndarray | None, bits: int, sizes: tuple[int, int, int]
) -> np.ndarray:
    """What packed rows stand for, as float64 `[rows, size]`; `sizes` are those and the block."""
    rows, size, block = sizes
    blocks = -(-size // block)
    levels = unpacked(packed.reshape(rows, -1), bits)
    if levels.shape[1] == blocks * -(-block * bits // 8) * (8 // bits):  # each block fills its bytes
        levels = levels.reshape(rows, blocks, -1)[..., :block].reshape(rows, -1)
    if zeros is None:
        origin = np.full((rows, blocks), 2.0 ** (bits - 1))
    elif zeros.dtype == np.uint8:
        origin = unpacked(zeros.reshape(rows, -1), bits)[:, :blocks].astype(np.float64)
    else:
        origin = zeros.reshape(rows, blocks).astype(np.float64)
    factors = scales.reshape(rows, blocks).astype(np.float64)
    spread = np.arange(size) // block
    return np.asarray((levels[:, :size] - origin[:, spread]) * factors[:, spread])
