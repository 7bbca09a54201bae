"""The one block of memory that a context runs in."""

from typing import Any

import numpy as np

from mini_infer.errors import UsageError

ALIGNMENT = 64
"""Bytes: where an arena may start."""


def allocate(size: int) -> np.ndarray:
    """`size` uninitialised bytes that start at a multiple of `ALIGNMENT`."""
    block = np.empty(size + ALIGNMENT, dtype=np.uint8)
    start = -block.__array_interface__["data"][0] % ALIGNMENT
    return block[start : start + size]


def adopt(buffer: Any, size: int) -> np.ndarray:
    """The caller's memory as an arena.

    Parameters
    ----------
    buffer
        Writable, contiguous, at least `size` bytes, starting at a multiple of `ALIGNMENT`.

    Raises
    ------
    UsageError
        Naming what the buffer lacks.
    """
    view = memoryview(buffer)
    if view.readonly or not view.c_contiguous:
        raise UsageError("the arena must be writable, contiguous memory")
    arena = np.frombuffer(view, dtype=np.uint8)
    if arena.size < size:
        raise UsageError(f"the arena has {arena.size} bytes; this engine needs {size}")
    address = arena.__array_interface__["data"][0]
    if address % ALIGNMENT:
        raise UsageError(f"the arena starts {address % ALIGNMENT} bytes after a multiple of {ALIGNMENT}; align it")
    return arena[:size]
