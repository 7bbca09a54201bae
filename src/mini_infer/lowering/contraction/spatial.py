"""Windows of convolutions and pools: ONNX's attributes as axes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mini_infer.ir import Node
from mini_infer.lowering.attributes import integer, integers, text
from mini_infer.lowering.fused import Layout
from mini_infer.program.kernels import Axis


@dataclass(frozen=True, slots=True)
class Window:
    """What a node's attributes say of one spatial axis, with `auto_pad` resolved."""

    kernel: int
    stride: int
    dilation: int
    before: int
    after: int

    @classmethod
    def of(cls, node: Node, kernel: Sequence[int], sizes: Sequence[int]) -> tuple["Window", ...]:
        """The windows of a convolution or pool over an input of these sizes."""
        rank = len(kernel)
        strides = integers(node, "strides") or (1,) * rank
        dilations = integers(node, "dilations") or (1,) * rank
        pads = integers(node, "pads") or (0,) * 2 * rank
        windows = zip(kernel, strides, dilations, pads[:rank], pads[rank:], strict=True)
        automatic = text(node, "auto_pad", "NOTSET")
        return tuple(
            window if automatic == "NOTSET" else window.padded(automatic, size)
            for window, size in zip((cls(*window) for window in windows), sizes, strict=True)
        )

    def padded(self, automatic: str, size: int) -> "Window":
        """The window with the padding that `auto_pad` asks for."""
        if automatic == "VALID":
            return replace(self, before=0, after=0)
        count = -(-size // self.stride)
        total = max(0, (count - 1) * self.stride + self.extent - size)
        less = total // 2
        before = less if automatic == "SAME_UPPER" else total - less
        return replace(self, before=before, after=total - before)

    @property
    def extent(self) -> int:
        """From the window's first element to its last."""
        return (self.kernel - 1) * self.dilation + 1

    def count(self, size: int, *, ceil: bool = False) -> int:
        """How many windows fit; with `ceil` one more may reach beyond the end, but not begin there."""
        room = size + self.before + self.after - self.extent
        if not ceil:
            return room // self.stride + 1
        count = -(-room // self.stride) + 1
        return count - 1 if (count - 1) * self.stride >= size + self.before else count


def axes_of(node: Node, windows: Sequence[Window], x: Layout, y_strides: Sequence[int]) -> tuple[Axis, ...]:
    """The axes of a convolution or pool with a window on each; `y_strides` are its result's along them."""
    axes = []
    for window, size, x_stride, y_stride in zip(windows, x.shape[2:], x.strides[2:], y_strides, strict=True):
        count = window.count(size, ceil=bool(integer(node, "ceil_mode")))
        axes.append(Axis(size, count, window.kernel, window.stride, window.dilation, window.before, x_stride, y_stride))
    return tuple(axes)


def merged(axes: Sequence[Axis]) -> tuple[Axis, ...]:
    """The axes, with neighbors made one where windows are single elements, or everything, and memory allows it.

    Axes of one element are dropped beside others: a tile's rows follow the last axis, which may be such a one. Where
    there is no axis at all, a window is the one element of its channel.
    """
    axes = axes or [Axis(1, 1, 1, 1, 1, 0, 1, 1)]
    found: list[Axis] = []
    for axis in [axis for axis in axes if not _is_single(axis)] or axes[-1:]:
        if found and found[-1].x_stride == axis.x_stride * axis.input:
            before = found[-1]
            count = before.input * axis.input
            if _is_pointwise(before) and _is_pointwise(axis) and before.y_stride == axis.y_stride * axis.output:
                found[-1] = Axis(count, count, 1, 1, 1, 0, axis.x_stride, axis.y_stride)
                continue
            if before.is_everything and axis.is_everything:
                found[-1] = Axis(count, 1, count, 1, 1, 0, axis.x_stride, axis.y_stride)
                continue
        found.append(axis)
    return tuple(found)


def _is_single(axis: Axis) -> bool:
    return axis.input == axis.output == axis.kernel == 1 and axis.pad == 0


def _is_pointwise(axis: Axis) -> bool:
    return axis.kernel == axis.stride == 1 and axis.pad == 0 and axis.input == axis.output
