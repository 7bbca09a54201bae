"""The spatial axes over which a window slides."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Axis:
    """One spatial axis: element k of output o's window is input `o * stride + k * dilation - pad`, if that exists.

    Parameters
    ----------
    input, output
        How many elements there are.
    kernel, stride, dilation
        The window's elements, the distance between windows and between a window's elements.
    pad
        Missing elements before input 0. Those behind the last input follow from the sizes.
    x_stride, y_stride
        Distance between neighbours in memory, in elements.
    """

    input: int
    output: int
    kernel: int
    stride: int
    dilation: int
    pad: int
    x_stride: int
    y_stride: int

    def reads(self, output: int, k: int) -> bool:
        """Whether element k of this output's window exists."""
        return 0 <= output * self.stride + k * self.dilation - self.pad < self.input

    @property
    def clipped(self) -> bool:
        """Whether some window reaches beyond the input."""
        last = (self.output - 1) * self.stride + (self.kernel - 1) * self.dilation - self.pad
        return self.pad > 0 or last >= self.input
