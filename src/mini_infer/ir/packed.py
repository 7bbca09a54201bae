"""Numbers of a few bits, several of them in a byte, the lowest bits first."""

import numpy as np

WORD = 32
"""Bits of the words that kernels read."""


def unpacked(packed: np.ndarray, bits: int) -> np.ndarray:
    """The numbers in bytes, as uint8, along the last axis: `[..., bytes]` → `[..., bytes * 8 / bits]`."""
    shifts = np.arange(0, 8, bits, dtype=np.uint8)
    numbers = (packed[..., None] >> shifts) & np.uint8(2**bits - 1)
    return numbers.reshape(*packed.shape[:-1], -1)


def packed(numbers: np.ndarray, bits: int) -> np.ndarray:
    """The inverse of `unpacked`: of uint8 `[..., n]`; zeros fill the last byte."""
    count = 8 // bits
    missing = -numbers.shape[-1] % count
    padded = np.pad(numbers, [(0, 0)] * (numbers.ndim - 1) + [(0, missing)]) if missing else numbers
    fields = padded.reshape(*padded.shape[:-1], -1, count) << np.arange(0, 8, bits, dtype=np.uint8)
    return np.asarray(np.bitwise_or.reduce(fields, axis=-1))


def is_whole(block: int, bits: int, depth: int) -> bool:
    """Whether blocks of so many numbers are made of whole 32-bit words, or there is only one of them."""
    return block >= depth or block * bits % WORD == 0
