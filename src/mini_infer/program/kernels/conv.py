"""Convolutions of each channel with itself alone."""

from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.machine import Machine
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.kernels.rules import require
from mini_infer.program.kernels.tile import Epilogue, Tile
from mini_infer.program.kernels.tiled_contraction import ContractionShape
from mini_infer.program.operand import Operand, reads


@dataclass(frozen=True, slots=True)
class DepthwiseConv(Kernel):
    """A float32 convolution of each channel with itself alone, channels last: operands x, weights, bias?, residual?, y.

    Weights are `[window][channels]`. `shape.groups` counts the channels; x and y have channel stride 1.
    """

    SIGNED = frozenset({"pad"})

    shape: ContractionShape
    tile: Tile
    epilogue: Epilogue

    @property
    def multiply_adds(self) -> int:
        """Those of the convolution."""
        return self.shape.multiply_adds

    def check(self, machine: Machine) -> None:
        """Check the sizes, that channels are neighbours and fill a vector, and the epilogue."""
        shape = self.shape
        shape.check()
        self.tile.check(machine)
        self.epilogue.check(DType.FLOAT32)
        single = shape.in_channels == shape.out_channels == shape.x_channel == shape.y_channel == 1
        require(len(shape.batch) <= 1, "the batch has several axes")
        require(single, "channels are not neighbours, each convolved with itself alone")
        fills = self.tile.vectors == 1 and shape.groups >= self.tile.lanes
        require(fills, f"{shape.groups} channels do not fill one vector of {self.tile.lanes}")

    def operands(self) -> tuple[Operand, ...]:
        """The tensors x and y, the weights, and what the epilogue needs."""
        shape = self.shape
        return (
            shape.a("x", DType.FLOAT32),
            reads("weights", DType.FLOAT32, (shape.window * shape.groups, 1)),
            *self.epilogue.around(shape.y(DType.FLOAT32), reads("bias", DType.FLOAT32, (shape.groups, 1))),
        )
