"""What quantization needs besides elementwise kernels."""

from dataclasses import dataclass

from mini_infer.program.kernels.base import Kernel


@dataclass(frozen=True, slots=True)
class DynamicRange(Kernel):
    """Scale and zero point that spread a float32 tensor's range, and 0, over the 256 values of uint8.

    Operands: the tensor, the scale (float32), the zero point (uint8).

    Parameters
    ----------
    size
        Elements of the tensor.
    """

    size: int
