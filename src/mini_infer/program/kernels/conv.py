"""Convolutions."""

from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.spatial import Axis
from mini_infer.program.kernels.tile import Epilogue, Tile, TiledKernel


@dataclass(frozen=True, slots=True)
class ConvShape:
    """The sizes and strides of a convolution; channels are counted per group.

    Strides cover planar and channels-last tensors alike. Groups follow each other along the channels.

    Parameters
    ----------
    y_start
        Where in y the first output lies.
    """

    batch: int
    groups: int
    in_channels: int
    out_channels: int
    axes: tuple[Axis, ...]
    x_batch: int
    x_channel: int
    y_batch: int
    y_channel: int
    y_start: int = 0

    @property
    def window(self) -> int:
        """Elements of one window, in one channel."""
        count = 1
        for axis in self.axes:
            count *= axis.kernel
        return count

    @property
    def multiply_adds(self) -> int:
        """Products that are summed up, those with padding included."""
        count = self.batch * self.groups * self.in_channels * self.out_channels * self.window
        for axis in self.axes:
            count *= axis.output
        return count


@dataclass(frozen=True, slots=True)
class DirectConv(TiledKernel):
    """A float32 convolution, summed in registers: operands x, weights, bias?, residual?, y.

    Weights are packed with one row per (window element, input channel), in that order, and `tile.block` columns.

    Parameters
    ----------
    shape
        Along each axis `output` counts the sums; y holds `output / pool` of them.
    tile
        Its rows are neighbours along the last axis, times `pool[-2]` neighbours along the axis before.
    pool
        Along each axis, of how many neighbouring sums one number is stored. Needs an epilogue without residual.
    mean
        Whether that number is the mean of the epilogue's results. Otherwise it is the epilogue of the maximum, in which
        NaN counts as in `MaxPool`; its expression must never fall where its argument rises.
    slab
        Rows of output that all blocks of columns pass over before the next rows begin.
    """

    shape: ConvShape
    tile: Tile
    pool: tuple[int, ...]
    mean: bool
    epilogue: Epilogue
    slab: int

    @property
    def multiply_adds(self) -> int:
        """Those of the convolution."""
        return self.shape.multiply_adds


@dataclass(frozen=True, slots=True)
class DepthwiseConv(TiledKernel):
    """A float32 convolution of each channel with itself alone, channels last: operands x, weights, bias?, residual?, y.

    Weights are `[window][channels]`. `shape.groups` counts the channels; x and y have channel stride 1.
    """

    shape: ConvShape
    tile: Tile
    epilogue: Epilogue

    @property
    def multiply_adds(self) -> int:
        """Those of the convolution."""
        return self.shape.multiply_adds


@dataclass(frozen=True, slots=True)
class WeightLayout:
    """Where weights lie in a tensor: the first one, and the strides of groups, channels and the window's axes."""

    start: int
    group: int
    out_channel: int
    in_channel: int
    axes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PlainConv(Kernel):
    """A convolution in plain loops, for any element type: operands x, weights, bias?, residual?, y.

    The weights are the model's tensor; the bias is not padded.
    """

    shape: ConvShape
    weights: WeightLayout
    dtype: DType
    epilogue: Epilogue

    def __post_init__(self) -> None:
        self.epilogue.check(self.dtype)

    @property
    def multiply_adds(self) -> int:
        """Those of the convolution."""
        return self.shape.multiply_adds
