"""Convolutions whose windows are deformed at run time."""

import math
from dataclasses import dataclass
from typing import Annotated

from mini_infer.ir import DType
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.contraction.spatial import Axis
from mini_infer.program.kernels.rules import RealType, Size, choice, limit, positive, require
from mini_infer.program.operand import Operand, present, reads, workspace, writes
from mini_infer.program.strides import dense_strides

MOST_AXES = 4
"""Spatial axes: a position lies between two elements along each, and C is written for every combination."""

MOST_OUTPUTS = 64
"""Outputs of a strip, whose sums lie on the stack: more win nothing."""


@dataclass(frozen=True, slots=True)
class DeformConv(Kernel):
    """A convolution that reads each element of its windows at a position of its own, between the tensor's elements.

    Operands: the tensor `[batch, channels, sizes...]`; the weights `[out_channels, channels / groups, window...]`; how
    far each element is moved `[batch, offset_groups, window, axes, outputs...]`; bias?; a factor of each element?
    `[batch, offset_groups, window, outputs...]`; columns; the output `[batch, out_channels, outputs...]`.

    Parameters
    ----------
    batch, channels, out_channels
        Sizes.
    axes
        Over which the undeformed window slides; all tensors are dense.
    groups
        Of the channels, each convolved by itself.
    offset_groups
        Of the channels, each of which has its own deformation.
    bias, mask
        Whether there is one.
    strip
        Neighboring outputs whose samples are taken together, into a thread's `columns`, and then multiplied.
    dtype
        Element type of all tensors. Half floats are sampled and summed in float32.
    """

    SIGNED = frozenset({"pad"})

    batch: Size
    channels: Size
    out_channels: Size
    axes: tuple[Axis, ...]
    groups: Size
    offset_groups: Size
    bias: bool
    mask: bool
    strip: Annotated[int, choice(*range(1, MOST_OUTPUTS + 1))]
    dtype: RealType

    @property
    def positions(self) -> int:
        """Outputs of one channel."""
        return math.prod(axis.output for axis in self.axes)

    @property
    def window(self) -> int:
        """Elements of a window in one channel."""
        return math.prod(axis.kernel for axis in self.axes)

    @property
    def depth(self) -> int:
        """Products in each sum."""
        return self.channels // self.groups * self.window

    @property
    def sum(self) -> DType:
        """The type in which is sampled and summed."""
        return DType.FLOAT64 if self.dtype is DType.FLOAT64 else DType.FLOAT32

    @property
    def multiply_adds(self) -> int:
        """Those of the convolution."""
        return self.batch * self.positions * self.out_channels * self.depth

    @property
    def loads(self) -> int:
        """The elements around each sample."""
        return self.batch * self.positions * self.channels * self.window << len(self.axes)

    @property
    def steps(self) -> int:
        """Products and samples."""
        return self.multiply_adds + self.loads

    def check_fields(self) -> None:
        """Check the groups, and that the tensors are dense."""
        require(bool(self.axes), "there is no axis")
        limit(len(self.axes) <= MOST_AXES, f"a window of {len(self.axes)} axes")
        for axis in self.axes:
            axis.check()
            positive(axis, "input")
        inputs, outputs = ([getattr(axis, name) for axis in self.axes] for name in ("input", "output"))
        strides = [(axis.x_stride, axis.y_stride) for axis in self.axes]
        dense = list(zip(dense_strides(inputs), dense_strides(outputs), strict=True))
        require(strides == dense, f"strides of {strides}, where dense tensors have {dense}")
        for name, count in (("groups", self.groups), ("offset_groups", self.offset_groups)):
            require(self.channels % count == 0, f"{self.channels} channels in {count} {name}")
        require(self.out_channels % self.groups == 0, f"{self.out_channels} outputs in {self.groups} groups")

    def operands(self) -> tuple[Operand, ...]:
        shifts = self.batch * self.offset_groups * self.window * self.positions
        size = math.prod(axis.input for axis in self.axes)
        return present(
            reads("x", self.dtype, (self.batch * self.channels * size, 1)),
            reads("w", self.dtype, (self.out_channels * self.depth, 1)),
            reads("offset", self.dtype, (shifts * len(self.axes), 1)),
            reads("bias", self.dtype, (self.out_channels, 1)) if self.bias else None,
            reads("mask", self.dtype, (shifts, 1)) if self.mask else None,
            workspace("columns", self.sum, self.channels * self.window * self.strip, private=True),
            writes("y", self.dtype, (self.batch * self.out_channels * self.positions, 1)),
        )
