"""The one block of memory that a context runs in."""

from typing import Any

import numpy as np

from mini_infer.errors import CapacityError, UsageError
from mini_infer.ir import TensorType

ALIGNMENT = 64
"""Bytes: where an arena may start."""


def allocate(size: int) -> np.ndarray:
    """`size` uninitialized bytes that start at a multiple of `ALIGNMENT`.

    Raises
    ------
    CapacityError
        When there is not so much memory.
    """
    try:
        block = np.empty(size + ALIGNMENT, dtype=np.uint8)
    except (MemoryError, ValueError) as error:
        raise CapacityError(f"{size} bytes are more memory than this process gets; plan for less") from error
    start = -block.__array_interface__["data"][0] % ALIGNMENT
    return block[start : start + size]


def empty(kind: TensorType) -> np.ndarray:
    """An uninitialized tensor.

    Raises
    ------
    CapacityError
        When there is not so much memory.
    """
    try:
        return np.empty(kind.shape, kind.dtype.numpy)
    except (MemoryError, ValueError) as error:
        raise CapacityError(f"a result of type {kind} is more memory than this process gets") from error


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
    try:
        view = memoryview(buffer)
    except TypeError as error:
        raise UsageError(f"{type(buffer).__name__} is no memory that an arena could be") from error
    if view.readonly or not view.c_contiguous:
        raise UsageError("the arena must be writable, contiguous memory")
    arena = np.frombuffer(view, dtype=np.uint8) if view.nbytes else np.empty(0, np.uint8)
    if arena.size < size:
        raise UsageError(f"the arena has {arena.size} bytes; this engine needs {size}")
    address = arena.__array_interface__["data"][0]
    if arena.size and address % ALIGNMENT:  # no bytes may lie anywhere
        raise UsageError(f"the arena starts {address % ALIGNMENT} bytes after a multiple of {ALIGNMENT}; align it")
    return arena[:size]
