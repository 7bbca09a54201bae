"""A convolution and the pool after it, where registers cannot hold the pool's windows: its whole result is workspace.

Most of it never exists: a stream makes a few rows at a time (`mini_infer.streaming`).
"""

from collections.abc import Callable, Sequence

from mini_infer.ir import Node, TensorType
from mini_infer.lowering.builder import Builder
from mini_infer.lowering.fused import Layout, planar_order
from mini_infer.lowering.reduction.pool import pool_calls
from mini_infer.program import Call, View


def pooled(
    convolution: Callable[[View, Layout], Sequence[Call]],
    result: TensorType,
    pool: Node,
    place: tuple[View, Layout],
    build: Builder,
    *,
    channels_last: bool,
) -> Sequence[Call]:
    """The convolution into workspace, and the pool of that.

    Parameters
    ----------
    convolution
        The calls that write its result to a place.
    result
        Its type, channels first.
    pool
        The node after it.
    place
        Where the pool's result lives, and how.
    channels_last
        Whether that has its channels last; what is pooled has, too.
    """
    rank = len(result.shape)
    order = planar_order(rank) if channels_last else range(rank)
    kind = TensorType(result.dtype, tuple(result.shape[axis] for axis in order))
    layout = Layout.of(kind, channels_last=channels_last)
    y = build.workspace(kind)
    return [*convolution(y, layout), *pool_calls(pool, (y, layout), place, build)]
