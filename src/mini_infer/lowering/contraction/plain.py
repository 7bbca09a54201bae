"""Products and convolutions in plain loops, for element types and layouts that have no better kernel."""

from collections.abc import Sequence
from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.ir.dims import at_least
from mini_infer.lowering.contraction.matrix import Matrix
from mini_infer.program.kernels import Batch, ContractionShape, Epilogue
from mini_infer.program.kernels.contraction.plain_contraction import Loop, PlainContraction


@dataclass(frozen=True, slots=True)
class WeightLayout:
    """Where weights lie in a tensor: the first one, and the strides of groups, channels and the window's axes."""

    start: int
    group: int
    out_channel: int
    in_channel: int
    axes: tuple[int, ...]


def plain_product(
    shape: Matrix, types: tuple[DType, DType], epilogue: Epilogue, b: tuple[int, int]
) -> PlainContraction:
    """A product of matrices: operands a, b, bias?, residual?, y.

    `types` are those of what is read and of y, `b` the strides of b along its depth and its columns.
    """
    b_depth, b_column = b
    loops = (
        *map(_batch, shape.batch),
        Loop(shape.rows, (shape.a_row, 0), shape.y_row),
        Loop(shape.columns, (0, b_column), 1, bias=1),
    )
    summed = (Loop(shape.depth, (shape.a_depth, b_depth)),)
    return PlainContraction(_several(loops), summed, *types, (0, 0), epilogue=epilogue)


def plain_convolution(
    shape: ContractionShape, weights: WeightLayout, dtype: DType, epilogue: Epilogue
) -> PlainContraction:
    """A convolution: operands x, weights, bias?, residual?, y. The bias is not padded."""
    ins, outs = shape.in_channels, shape.out_channels
    loops = (
        *map(_batch, shape.batch),
        Loop(shape.groups, (ins * shape.x_channel, weights.group), outs * shape.y_channel, bias=outs),
        Loop(outs, (0, weights.out_channel), shape.y_channel, bias=1),
    )
    summed = (Loop(ins, (shape.x_channel, weights.in_channel)),)
    starts = (0, weights.start)
    return PlainContraction(
        _several(loops), summed, dtype, dtype, starts, shape.y_start, shape.axes, weights.axes, epilogue
    )


def _batch(axis: Batch) -> Loop:
    return Loop(axis.count, (axis.a_stride, axis.b_stride), axis.y_stride)


def _several(loops: Sequence[Loop]) -> tuple[Loop, ...]:
    """The loops of more than one turn; the last one, which may be the innermost, in any case."""
    return (*(loop for loop in loops[:-1] if not at_least(1, loop.count)), loops[-1])
