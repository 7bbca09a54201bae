"""Strides of row-major tensors, in elements."""

from collections.abc import Sequence


def dense_strides(shape: Sequence[int]) -> tuple[int, ...]:
    """The strides of a row-major tensor without gaps."""
    strides = [1] * len(shape)
    for axis in range(len(shape) - 2, -1, -1):
        strides[axis] = strides[axis + 1] * shape[axis + 1]
    return tuple(strides)


def is_dense(shape: Sequence[int], strides: Sequence[int]) -> bool:
    """Whether strides leave no gaps; none at all are row-major ones."""
    expected = 1
    for size, stride in zip(reversed(shape), reversed(strides), strict=True) if strides else ():
        if size != 1 and stride != expected:
            return False
        expected *= size
    return True
