"""Windows: strided parts of tensors, and copies between them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mini_infer.ir import TensorType
from mini_infer.ir.dims import bounds, divides, symbols_in
from mini_infer.lowering.builder import NotNativeError
from mini_infer.lowering.shapes import broadcast_strides, merge
from mini_infer.program import Call, View
from mini_infer.program.kernels.movement.copy import Copy
from mini_infer.program.strides import dense_strides, is_dense

_WIDEST = 8
"""Bytes of the widest integer that is copied as one element."""


@dataclass(frozen=True, slots=True)
class Window:
    """Elements of a tensor: where the first one is, and the stride along each dimension.

    Parameters
    ----------
    view
        The whole tensor.
    shape, strides, offset
        Of the window, in elements.
    """

    view: View
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int = 0

    @classmethod
    def of(cls, view: View, shape: Sequence[int] | None = None) -> "Window":
        """A whole tensor, in another shape if given."""
        if shape is None:
            return cls(view, view.type.shape, view.walk)
        return cls(view, tuple(shape), dense_strides(shape))

    def permute(self, axes: Sequence[int]) -> "Window":
        """The same elements with the dimensions in another order."""
        return replace(self, shape=tuple(self.shape[a] for a in axes), strides=tuple(self.strides[a] for a in axes))

    def slice(self, axis: int, start: int, count: int, step: int = 1) -> "Window":
        """`count` indices of one dimension, from `start` on, `step` apart; 0 and less are steps too."""
        stride = self.strides[axis]
        return self._replaced(axis, (count,), (stride * step,), start * stride)

    def at(self, axis: int, index: int) -> "Window":
        """One index of a dimension, which disappears; negative ones count from the end."""
        axis, index = axis % len(self.shape), index % self.shape[axis]
        return self._replaced(axis, (), (), index * self.strides[axis])

    def broadcast(self, shape: Sequence[int]) -> "Window":
        """The whole tensor repeated to a shape, by ONNX's broadcasting."""
        return Window(self.view, tuple(shape), broadcast_strides(self.view.type.shape, shape, self.view.walk))

    def split(self, axis: int, sizes: Sequence[int]) -> "Window":
        """One dimension as several, row-major."""
        return self._replaced(axis, sizes, [stride * self.strides[axis] for stride in dense_strides(sizes)])

    def _replaced(self, axis: int, sizes: Sequence[int], strides: Sequence[int], offset: int = 0) -> "Window":
        """Other dimensions in the place of one, from an element on that lies so far after the first."""
        return replace(
            self,
            shape=(*self.shape[:axis], *sizes, *self.shape[axis + 1 :]),
            strides=(*self.strides[:axis], *strides, *self.strides[axis + 1 :]),
            offset=self.offset + offset,
        )

    def reshape(self, shape: Sequence[int]) -> "Window | None":
        """The same elements in another shape, row-major; `None` where no strides reach them."""
        sizes, (walk,) = merge(self.shape, [self.strides])
        strides: list[int] = []
        left = list(zip(sizes, walk, strict=True))
        inner, stride = 1, 0
        for size in reversed(shape):
            if size == 1:
                strides.append(0)
                continue
            if inner == 1 and left:
                inner, stride = left.pop()
            if not divides(size, inner):
                return None
            strides.append(stride)
            inner, stride = inner // size, stride * size
        return replace(self, shape=tuple(shape), strides=tuple(reversed(strides)))

    @property
    def place(self) -> View:
        """The view of these elements and no others, which starts at the lowest."""
        walks = zip(self.shape, self.strides, strict=True)
        backward = [(size, stride) for size, stride in walks if size != 0 and bounds(stride)[0] < 0]
        first = self.offset + sum(stride * (size - 1) for size, stride in backward)
        view, kind = self.view, TensorType(self.view.type.dtype, self.shape)
        strides = tuple(map(abs, self.strides))
        offset = view.offset + first * kind.dtype.numpy.itemsize
        return View(view.space, view.index, offset, kind, () if is_dense(kind.shape, strides) else strides)


def copy(source: Window, target: Window) -> Sequence[Call]:
    """Copy between windows of one shape; nothing to do where they are empty or the same bytes."""
    if source.shape != target.shape:
        if symbols_in((source.shape, target.shape)):
            raise NotNativeError(f"{source.shape} is {target.shape} at some sizes only")
        raise ValueError(f"a window of {source.shape} is no copy of one of {target.shape}")
    if 0 in target.shape:
        return ()
    size = target.view.type.dtype.numpy.itemsize
    words = max(1, size // _WIDEST)
    shape, strides = merge(
        (*target.shape, words),
        [(*(stride * words for stride in window.strides), 1) for window in (source, target)],
    )
    here, there = ((at.space, at.index, at.offset) for at in (source.place, target.place))
    if strides[0] == strides[1] and here == there:  # the strides of axes with one element do not matter
        return ()
    kernel = Copy(shape, strides[0], strides[1], size // words)
    return (Call(kernel, (source.place, target.place)),)
