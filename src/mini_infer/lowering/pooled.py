"""A convolution and the pool behind it, a band of rows at a time, where registers cannot hold the pool's windows.

Only one band of the convolution's result exists at any time: small enough to stay in the cache until it is pooled.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mini_infer.ir import Node, TensorType
from mini_infer.lowering.attributes import integer, integers, text
from mini_infer.lowering.convolution import Convolution
from mini_infer.lowering.fused import Layout, planar_order
from mini_infer.lowering.pool import pool_calls
from mini_infer.lowering.spatial import band
from mini_infer.program import Call, View

_BAND = 512 << 10
"""Bytes of a band that stays in the cache."""


@dataclass(frozen=True, slots=True)
class Bands:
    """How the result of a convolution is cut.

    Parameters
    ----------
    rows, sums
        Rows of the pool's result that come from one band, and of the convolution's result in it.
    kind
        Of the workspace that holds a band.
    layout
        The convolution's whole result, with the strides that a band has.
    """

    rows: int
    sums: int
    kind: TensorType
    layout: Layout

    @classmethod
    def of(cls, result: TensorType, pooled: int, pool: Node, *, channels_last: bool) -> "Bands":
        """Bands as large as stays in the cache, of a planar result of which `pooled` rows are left by the pool.

        Windows that do not tile it get one band of everything.
        """
        rows, sums = pooled, result.shape[2]
        if is_tiling(pool):
            height = (integers(pool, "kernel_shape") or ())[0]
            fitting = pooled * _BAND // max(1, result.bytes)
            rows = max((rows for rows in range(1, pooled + 1) if pooled % rows == 0 and rows <= fitting), default=1)
            sums = rows * height
        planar = _with_rows(result.shape, sums)
        order = planar_order(len(planar)) if channels_last else range(len(planar))
        kind = TensorType(result.dtype, tuple(planar[axis] for axis in order))
        return cls(rows, sums, kind, Layout(result.shape, Layout.of(kind, channels_last=channels_last).strides))


def is_tiling(pool: Node) -> bool:
    """Whether a pool's windows are neighbours that neither overlap nor reach over the border."""
    return (
        integers(pool, "kernel_shape") == integers(pool, "strides")
        and not any(integers(pool, "pads") or ())
        and text(pool, "auto_pad", "NOTSET") in {"NOTSET", "VALID"}
        and not integer(pool, "ceil_mode")
        and all(step == 1 for step in integers(pool, "dilations") or ())
    )


def pooled_bands(convolution: Convolution, bands: Bands, pool: Node, y: View, target: Layout) -> Sequence[Call]:
    """The convolution into its y, which is workspace for one band, and the pool of that, for one band after the other.

    Parameters
    ----------
    pool
        The node.
    y, target
        Where the pool's result lives, and how.
    """
    shape = convolution.shape
    calls: list[Call] = []
    for first in range(0, target.shape[2], bands.rows):
        axis, start = band(shape.axes[0], first // bands.rows * bands.sums, bands.sums)
        part = replace(
            convolution,
            shape=replace(shape, axes=(axis, *shape.axes[1:])),
            x=_rows(convolution.x, shape.batch, start, axis.input, axis.x_stride),
        )
        source = replace(bands.layout, shape=_with_rows(bands.layout.shape, bands.sums))
        result = replace(target, shape=_with_rows(target.shape, bands.rows))
        place = _rows(y, shape.batch, first, bands.rows, target.strides[2])
        calls += [part.call(), *pool_calls(pool, (convolution.y, source), (place, result))]
    return calls


def _with_rows(shape: tuple[int, ...], rows: int) -> tuple[int, ...]:
    return (*shape[:2], rows, *shape[3:])


def _rows(view: View, batch: int, first: int, count: int, stride: int) -> View:
    """What lies from one row on: `count` rows where they follow each other, else all that is left."""
    walks = zip(view.type.shape, view.walk, strict=True)
    left = 1 + sum((size - 1) * step for size, step in walks) - first * stride
    elements = min(left, count * stride) if batch == 1 else left
    dtype = view.type.dtype
    offset = view.offset + first * stride * dtype.numpy.itemsize
    return View(view.space, view.index, offset, TensorType(dtype, (elements,)))
