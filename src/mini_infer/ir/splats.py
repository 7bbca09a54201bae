"""Constants that are one value many times: arrays whose strides are all zero, which take the bytes of one element."""

import numpy as np


def is_splat(array: np.ndarray) -> bool:
    """Whether an array is known to be one element many times."""
    return array.size > 1 and not any(array.strides)


def element(array: np.ndarray) -> np.ndarray:
    """The first element of an array, as an array of the same rank that keeps nothing else alive."""
    return array[(slice(1),) * array.ndim].copy()


def stored_bytes(array: np.ndarray) -> int:
    """How many bytes the elements of an array take: those of one, of a splat."""
    return stored_elements(array) * array.itemsize


def stored_elements(array: np.ndarray) -> int:
    """How many elements of an array take bytes: one of a splat."""
    return 1 if is_splat(array) else array.size
