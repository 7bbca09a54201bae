"""Data movement: transposes, slices, concatenations, tiles, paddings, fills."""

from dataclasses import dataclass

from mini_infer.program.kernels.base import Kernel


@dataclass(frozen=True, slots=True)
class Copy(Kernel):
    """Elements from one walk over memory to another.

    Operands: the source, then the target; each starts at the lowest element that its walk touches, so a dimension of
    negative stride begins at its far end. A source of strides 0 fills.

    Parameters
    ----------
    shape
        Of both walks, dimensions merged where both allow it; at least one dimension, none empty.
    source, target
        Stride along each dimension.
    element_bytes
        The size of an element: 1, 2, 4 or 8.
    """

    shape: tuple[int, ...]
    source: tuple[int, ...]
    target: tuple[int, ...]
    element_bytes: int
