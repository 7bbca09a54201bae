"""Permutations of axes, as `Transpose` means them: axis `i` of the result is axis `permutation[i]` of the input."""

from collections.abc import Sequence

Permutation = tuple[int, ...]


def identity(rank: int) -> Permutation:
    """The order that changes nothing."""
    return tuple(range(rank))


def compose(first: Permutation, second: Permutation) -> Permutation:
    """The permutation that does what `first` and then `second` do."""
    return tuple(first[axis] for axis in second)


def inverse(permutation: Permutation) -> Permutation:
    """The permutation that undoes this one."""
    undone = [0] * len(permutation)
    for position, axis in enumerate(permutation):
        undone[axis] = position
    return tuple(undone)


def permute(shape: Sequence[int], permutation: Permutation) -> tuple[int, ...]:
    """The shape after transposing."""
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
