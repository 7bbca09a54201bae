"""Shapes and strides, in elements: broadcasting, and merging dimensions that every operand walks alike."""

from collections.abc import Sequence

from mini_infer.ir import TensorType
from mini_infer.lowering.builder import NotNativeError
from mini_infer.program import View
from mini_infer.program.strides import dense_strides


def broadcast_strides(
    shape: Sequence[int], target: Sequence[int], strides: Sequence[int] | None = None
) -> tuple[int, ...]:
    """The strides with which a tensor of `shape` is read as one of the shape `target`, by ONNX's broadcasting.

    `strides` are the tensor's own; those of a dense one when absent.

    Raises
    ------
    NotNativeError
        When the shapes do not broadcast.
    """
    padded = (1,) * (len(target) - len(shape)) + tuple(shape)
    if len(padded) != len(target) or any(have not in (1, want) for have, want in zip(padded, target, strict=True)):
        raise NotNativeError(f"{tuple(shape)} does not broadcast to {tuple(target)}")
    own = dense_strides(padded) if strides is None else (0,) * (len(target) - len(shape)) + tuple(strides)
    return tuple(0 if have == 1 else stride for have, stride in zip(padded, own, strict=True))


def merge(
    shape: Sequence[int], strides: Sequence[Sequence[int]]
) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]:
    """Drop dimensions of size 1, and merge neighbors that every operand walks as one.

    Parameters
    ----------
    shape
        The common shape.
    strides
        For each operand, its stride along each dimension.

    Returns
    -------
    shape, strides
        With at least one dimension.
    """
    sizes: list[int] = []
    walks: list[list[int]] = []
    for axis, size in enumerate(shape):
        walk = [stride[axis] for stride in strides]
        if size == 1:
            continue
        if sizes and all(outer == inner * size for outer, inner in zip(walks[-1], walk, strict=True)):
            sizes[-1] *= size
            walks[-1] = walk
        else:
            sizes.append(size)
            walks.append(walk)
    if not sizes:
        sizes, walks = [1], [[0] * len(strides)]
    return tuple(sizes), tuple(zip(*walks, strict=True)) if strides else ()


def reshaped(view: View, shape: Sequence[int], first: int = 0) -> View:
    """The same bytes in another shape, which may begin after the `first` elements."""
    dtype = view.type.dtype
    return View(view.space, view.index, view.offset + first * dtype.numpy.itemsize, TensorType(dtype, tuple(shape)))
