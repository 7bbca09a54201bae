"""Which axis of a product's result belongs to the constants of a channel: one rule, for whoever folds or fuses them.

=============== ================================ ==================================================
product         axis of the result               weights that make one index of it
=============== ================================ ==================================================
`Conv`          1, the channels                  ``w[index]``
`ConvTranspose` 1, the channels                  ``w[:, index]`` of its group
`Gemm`          the last, the columns            ``b[:, index]``, with `transB` ``b[index]``
`MatMul`        the last, the columns            ``b[..., index]``
`MatMul`        none, where the right side is    the whole vector: each of its elements meets all
                a vector                         results
=============== ================================ ==================================================
"""

from collections.abc import Sequence

from mini_infer.ir.graph import Node

_MATRIX = 2


def channel_axis(product: Node, weights: Sequence[int], rank: int) -> int | None:
    """The axis of a product's result, of `rank` axes, each index of which has weights of its own; none if none has.

    Examples
    --------
    >>> channel_axis(Node("a", "MatMul", ("x", "w"), ("y",)), (4, 3), 3)
    2
    >>> channel_axis(Node("a", "MatMul", ("x", "w"), ("y",)), (4,), 3)
    """
    if product.op.startswith("Conv"):
        return 1
    return rank - 1 if len(weights) >= _MATRIX else None


def varies_along(shape: Sequence[int], result: Sequence[int], axis: int | None) -> bool:
    """Whether what has this shape, broadcast to the result, is the same number along all axes but one (or all)."""
    first = len(result) - len(shape)
    return first >= 0 and all(
        size == 1 or (first + at == axis and size == result[axis]) for at, size in enumerate(shape)
    )


def one_per_channel(shape: Sequence[int], result: Sequence[int], axis: int | None) -> bool:
    """Whether what has this shape, broadcast to the result, holds exactly one number for each index of the axis."""
    if axis is None or not varies_along(shape, result, axis):
        return False
    return len(shape) >= len(result) - axis and shape[axis - len(result)] == result[axis]
