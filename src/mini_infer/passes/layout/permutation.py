"""Permutations of axes, as `Transpose` means them: axis `i` of the result is axis `permutation[i]` of the input."""

from collections.abc import Sequence

Permutation = tuple[int, ...]


def identity(rank: int) -> Permutation:
    """The order that changes nothing."""
    return tuple(range(rank))


def inverse(permutation: Permutation) -> Permutation:
    """The permutation that undoes this one."""
    return tuple(sorted(range(len(permutation)), key=permutation.__getitem__))


def permute(shape: Sequence[int], permutation: Permutation) -> tuple[int, ...]:
    """The shape after transposing; of a permutation, the one that does what that does, and then this."""
    return tuple(shape[axis] for axis in permutation)


def extend(permutation: Permutation, rank: int) -> Permutation:
    """The same permutation of the last axes of a tensor of higher rank, as broadcasting aligns them."""
    extra = rank - len(permutation)
    return (*range(extra), *(extra + axis for axis in permutation))


def channels_last(rank: int) -> Permutation:
    """From `[batch, channels, …]` to `[batch, …, channels]`."""
    return (0, *range(2, rank), 1)


def keeps_bytes(shape: Sequence[int], permutation: Permutation) -> bool:
    """Whether transposing a tensor of this shape leaves the order of its elements: only axes of size 1 move."""
    moved = [axis for axis in permutation if shape[axis] != 1]
    return moved == sorted(moved)


def extended(shape: Sequence[int], rank: int) -> tuple[int, ...]:
    """The shape with leading axes of size 1, as broadcasting sees it."""
    return (1,) * (rank - len(shape)) + tuple(shape)
