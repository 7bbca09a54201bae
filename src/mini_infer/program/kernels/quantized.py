"""What quantization needs besides elementwise kernels."""

from dataclasses import dataclass

from mini_infer.ir import DType
from mini_infer.program.kernels.base import Kernel
from mini_infer.program.operand import Operand, reads, writes


@dataclass(frozen=True, slots=True)
class QuantizationRange(Kernel):
    """Scale and zero point that spread a float32 tensor's range, and 0, over the 256 values of uint8.

    Operands: the tensor, the scale (float32), the zero point (uint8).

    Parameters
    ----------
    size
        Elements of the tensor.
    """

    size: int

    def operands(self) -> tuple[Operand, ...]:
        return (
            reads("x", DType.FLOAT32, (self.size, 1)),
            writes("scale", DType.FLOAT32),
            writes("zero", DType.UINT8),
        )
