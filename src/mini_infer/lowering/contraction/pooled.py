"""A convolution and the pool after it, a band of rows at a time, where registers cannot hold the pool's windows.

Only one band of the convolution's result exists at any time: small enough to stay in the cache until it is pooled.
Where windows overlap, the last rows of a band are the first ones of the next: they are moved there, and nothing is
computed twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mini_infer.ir import Node, TensorType
from mini_infer.ir.equal_parts import parts
from mini_infer.lowering.attributes import integers
from mini_infer.lowering.contraction.convolution import Convolution
from mini_infer.lowering.contraction.spatial import Window as Sliding
from mini_infer.lowering.contraction.spatial import axes_of, band
from mini_infer.lowering.fused import Layout, planar_order
from mini_infer.lowering.reduction.pool import pool_calls
from mini_infer.lowering.shapes import reshaped
from mini_infer.lowering.window import Window, copy
from mini_infer.machine import Machine
from mini_infer.program import Call, View
from mini_infer.program.kernels import Axis


@dataclass(frozen=True, slots=True)
class Bands:
    """How the result of a convolution is cut.

    Parameters
    ----------
    pool
        The node after the convolution.
    axes
        Of the pool, over a band that lies in workspace.
    rows
        Rows of the pool's result that come from one band, but for the last.
    kind
        Of the workspace that holds a band.
    layout
        The convolution's whole result, with the strides that a band has.
    """

    pool: Node
    axes: tuple[Axis, ...]
    rows: int
    kind: TensorType
    layout: Layout

    @classmethod
    def of(cls, result: TensorType, target: Layout, pool: Node, machine: Machine, *, channels_last: bool) -> "Bands":
        """Bands as large as stays in the cache, of a planar result; `target` is what the pool leaves of it."""
        kernel = result.shape[2:] if pool.op.startswith("Global") else integers(pool, "kernel_shape")
        windows = Sliding.of(pool, kernel, result.shape[2:])
        axes = axes_of(pool, windows, Layout.of(result, channels_last=False), target.strides[2:])
        down = axes[0]
        fitting = down.output * machine.near(1) // max(1, result.bytes)
        least = -(-max(0, (down.kernel - 1) * down.dilation + 1 - down.stride) // down.stride)
        even = parts(down.output, fewest=1)
        rows = max((size for size in even if size <= fitting), default=even[0])
        rows = next(size for size in even if size >= max(rows, min(least, down.output)))
        height = max(
            band(down, first, min(rows, down.output - first))[0].input for first in range(0, down.output, rows)
        )
        planar = _with_rows(result.shape, height)
        order = planar_order(len(planar)) if channels_last else range(len(planar))
        kind = TensorType(result.dtype, tuple(planar[axis] for axis in order))
        strides = Layout.of(kind, channels_last=channels_last).strides
        axes = tuple(replace(axis, x_stride=stride) for axis, stride in zip(axes, strides[2:], strict=True))
        return cls(pool, axes, rows, kind, Layout(result.shape, strides))


def pooled_bands(convolution: Convolution, bands: Bands, y: View, target: Layout) -> Sequence[Call]:
    """The convolution into its y, which is workspace for one band, and the pool of that, for one band after the other.

    `y` and `target` are where the pool's result lives, and how.
    """
    shape, build = convolution.shape, convolution.build
    down, stride = bands.axes[0], bands.layout.strides[2]
    reused = len(build.workspaces)
    calls: list[Call] = []
    begin = done = 0
    for first in range(0, down.output, bands.rows):
        pooled, start = band(down, first, bands.rows)
        if done > start:
            calls += _move_rows(convolution.y, bands.layout, start - begin, done - start)
        begin, fresh = start, max(start, done)
        done = start + pooled.input
        build.reuse_workspaces(reused)
        if done > fresh:
            axis, at = band(shape.axes[0], fresh, done - fresh)
            part = replace(
                convolution,
                shape=replace(shape, axes=(axis, *shape.axes[1:])),
                x=_rows(convolution.x, at, axis.input, axis.x_stride),
                y=_rows(convolution.y, fresh - start, done - fresh, stride),
            )
            calls += part.calls()
        source = replace(bands.layout, shape=_with_rows(bands.layout.shape, pooled.input))
        result = replace(target, shape=_with_rows(target.shape, bands.rows))
        place = _rows(y, first, bands.rows, target.strides[2])
        axes = (pooled, *bands.axes[1:])
        calls += pool_calls(bands.pool, (convolution.y, source), (place, result), axes)
    return calls


def _move_rows(view: View, layout: Layout, start: int, count: int) -> Sequence[Call]:
    """Copy rows of a band to its beginning, as many at once as do not reach into their new place."""
    calls: list[Call] = []
    for first in range(0, count if start else 0, max(1, start)):
        shape = _with_rows(layout.shape, min(start, count - first))
        source, target = (
            Window(view, shape, layout.strides, row * layout.strides[2]) for row in (start + first, first)
        )
        calls += copy(source, target)
    return calls


def _with_rows(shape: tuple[int, ...], rows: int) -> tuple[int, ...]:
    return (*shape[:2], rows, *shape[3:])


def _rows(view: View, first: int, count: int, stride: int) -> View:
    """What lies from one row on: `count` rows where they follow each other, else all that is left."""
    walks = list(zip(view.type.shape, view.walk, strict=True))
    left = 1 + sum((size - 1) * step for size, step in walks) - first * stride
    outermost = all(step <= stride for size, step in walks if size > 1)
    elements = min(left, count * stride) if outermost else left
    return reshaped(view, (elements,), first * stride)
