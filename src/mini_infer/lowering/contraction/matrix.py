"""The sizes and strides of a product of matrices, before its kernel is chosen."""

from dataclasses import dataclass

from mini_infer.program.kernels import Batch, ContractionShape


@dataclass(frozen=True, slots=True)
class Matrix:
    """y[rows, columns] = a[rows, depth] b[depth, columns], for every element of the batch axes."""

    rows: int
    columns: int
    depth: int
    a_row: int
    a_depth: int
    y_row: int
    batch: tuple[Batch, ...] = ()

    @classmethod
    def of(cls, shape: ContractionShape) -> "Matrix":
        """The product that a contraction with one axis and windows of one element is."""
        (axis,) = shape.axes
        row = axis.stride * axis.x_stride
        return cls(axis.output, shape.out_channels, shape.in_channels, row, shape.x_channel, axis.y_stride, shape.batch)

    @property
    def shape(self) -> ContractionShape:
        """The same for a kernel."""
        strides = (self.a_row, self.a_depth, self.y_row)
        return ContractionShape.matrix(self.rows, self.columns, self.depth, strides, self.batch)
