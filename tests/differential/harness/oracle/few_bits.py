"""Products and tables whose weights have a few bits."""

import numpy as np

from harness.ball import Ball, bilinear, known, rounded
from harness.oracle.call import Call


def _numbers(packed: np.ndarray, bits: int) -> np.ndarray:
    """The numbers in bytes, the lowest bits first, along the last axis."""
    fields = [packed.astype(np.int64) >> shift & (1 << bits) - 1 for shift in range(0, 8, bits)]
    return np.stack(fields, axis=-1).reshape(*packed.shape[:-1], -1)


def _origins(zeros: Ball | None, bits: int, shape: tuple[int, ...]) -> np.ndarray:
    """A zero for each block."""
    if zeros is None:
        return np.full(shape, 2.0 ** (bits - 1))
    if zeros.dtype != "uint8":
        return zeros.value.reshape(shape)
    lines = zeros.value.reshape(*shape[:-1], -1)
    return _numbers(lines, bits)[..., : shape[-1]].astype(np.float64)


def _product(call: Call) -> Ball:
    depth, columns, bits, block = (call.get(name) for name in ("K", "N", "bits", "block_size"))
    blocks = -(-depth // block)
    numbers = _numbers(call[1].value.reshape(columns, blocks, -1), bits)
    origins = _origins(call.optional(3), bits, (columns, blocks))
    weights = (numbers - origins[..., None]) * call[2].value.reshape(columns, blocks, 1)
    matrix = weights.reshape(columns, -1)[:, :depth].T
    # What a zero takes away may be summed up by itself: terms are as large as two numbers without it.
    y = bilinear(np.matmul, call[0], known(matrix.astype(np.float32)), depth, headroom=2.0 ** (bits + 1))
    bias = call.optional(5)
    if bias is None:
        return y
    return rounded(y.value + bias.value, y.error, y.dtype)


def _rows(call: Call) -> Ball:
    bits, block = call.get("bits", 4), call.get("block_size", 128)
    numbers = _numbers(call[0].value, bits)
    blocks = call[2].value.shape[-1]
    origins = _origins(call.optional(3), bits, (*numbers.shape[:-1], blocks))
    each = np.arange(numbers.shape[-1]) // block
    table = (numbers - origins[..., each]) * call[2].value[..., each]
    return known(table[call[1].value].astype(np.float32))


OPERATORS = {"MatMulNBits": _product, "GatherBlockQuantized": _rows}
