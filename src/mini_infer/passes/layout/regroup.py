"""A reshape of a transposed tensor as the transpose of a reshape, where that exists."""

from collections.abc import Sequence

from mini_infer.ir.groups import groups
from mini_infer.passes.layout.permutation import Permutation, inverse, permute


def regroup(
    given: Sequence[int], made: Sequence[int], order: Permutation
) -> tuple[tuple[int, ...], Permutation] | None:
    """Find `shape` and `after` so that `reshape(transpose(u, order), made) = transpose(reshape(u, shape), after)`.

    The reshape merges and splits groups of neighboring axes. Where the axes of each group are neighbors, in the same
    order, in `u` too, `u` can be reshaped first. Axes of size 1 hold nothing together and go anywhere.

    Parameters
    ----------
    given
        The shape of the transposed tensor, before the reshape.
    made
        Its shape after the reshape.
    order
        Of the transpose.

    Returns
    -------
    The shape and the order, or none if no such reshape exists.

    Examples
    --------
    Pixels merged, channels moved: `[1, 4, 5, 3]` as `[1, 3, 4, 5]`, then as `[1, 3, 20]`.

    >>> regroup((1, 3, 4, 5), (1, 3, 20), (0, 3, 1, 2))
    ((1, 20, 3), (0, 2, 1))
    """
    found = groups(given, made)
    if found is None:
        return None
    source = permute(given, inverse(order))
    moved: list[tuple[int, range]] = []
    for before, after in found:
        axes = [order[axis] for axis in before if given[axis] != 1]
        if axes != [axis for axis in range(axes[0], axes[-1] + 1) if source[axis] != 1]:
            return None
        moved.append((axes[0], after))
    placed = [axis for _, after in sorted(moved, key=lambda item: item[0]) for axis in after]
    for axis in range(len(made)):
        if axis not in placed:
            # an axis of size 1 stays after the axis that it follows now
            placed.insert(placed.index(axis - 1) + 1 if axis else 0, axis)
    return permute(made, tuple(placed)), inverse(tuple(placed))
