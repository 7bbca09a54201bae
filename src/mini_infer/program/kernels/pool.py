"""Pooling."""

import math
from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.spatial import Axis


@dataclass(frozen=True, slots=True)
class PoolShape:
    """The sizes and strides of a pooling, over every channel alike."""

    batch: int
    channels: int
    axes: tuple[Axis, ...]
    x_batch: int
    x_channel: int
    y_batch: int
    y_channel: int

    @property
    def elements(self) -> int:
        """Elements of all windows, those in the padding included."""
        return self.batch * self.channels * math.prod(axis.output * axis.kernel for axis in self.axes)


@dataclass(frozen=True, slots=True)
class MaxPool(Kernel):
    """The maximum of each window: operands x, y, and the positions of the maxima where they are wanted.

    Parameters
    ----------
    propagate
        Whether a NaN anywhere in the window is the result. Otherwise the first element is replaced by whatever is
        greater, as in onnx.reference: a NaN stays only if it comes first.
    numbering
        How far apart the numbers of neighbouring elements are, along batch, channels and each axis: positions are
        given in this numbering of x. Empty: no positions.
    """

    shape: PoolShape
    dtype: DType
    propagate: bool = False
    numbering: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class AveragePool(Kernel):
    """The mean of each window: operands x, y.

    Parameters
    ----------
    counted
        For each axis, where the padding that counts as zeros ends, in input positions (it begins at `-pad`). Empty:
        the mean is taken over the elements that exist.
    """

    shape: PoolShape
    dtype: DType
    counted: tuple[int, ...] = ()
