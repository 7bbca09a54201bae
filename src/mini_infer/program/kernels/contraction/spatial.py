"""The spatial axes over which a window slides."""

from dataclasses import dataclass, replace

from mini_infer.ir import Dim
from mini_infer.ir.dims import at_least, bounds, greatest
from mini_infer.program.kernels.bands import Pass
from mini_infer.program.kernels.rules import LARGEST, Size, limit

_FEW = 1 << 16
"""Windows that are looked at one by one, where elements of one are further apart than the input is long."""


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
        Missing elements before input 0. Those after the last input follow from the sizes.
    x_stride, y_stride
        Distance between neighbors in memory, in elements.
    """

    input: int
    output: Size
    kernel: Size
    stride: Size
    dilation: Size
    pad: int
    x_stride: int
    y_stride: int

    def reads(self, output: int, k: int) -> bool:
        """Whether element k of this output's window exists."""
        return 0 <= output * self.stride + k * self.dilation - self.pad < self.input

    def having(self, k: int) -> range:
        """The outputs in whose windows element k exists."""
        missing = self.pad - k * self.dilation  # inputs that output 0 lacks before this element
        low, high = (-(-first // self.stride) for first in (missing, self.input + missing))
        return range(max(0, min(low, self.output)), max(0, min(high, self.output)))

    @property
    def clipped(self) -> bool:
        """Whether some window reaches beyond the input."""
        last = (self.output - 1) * self.stride + (self.kernel - 1) * self.dilation - self.pad
        return greatest(self.pad) > 0 or not at_least(self.input, last + 1)

    @property
    def is_open(self) -> bool:
        """Whether its length is given at run time."""
        return isinstance(self.input, Dim) or isinstance(self.output, Dim)

    def check(self) -> None:
        """Check that the furthest element of a window is still counted in 64 bits."""
        furthest = self.output * self.stride + self.kernel * self.dilation + abs(self.pad)
        limit(greatest(furthest) * max(1, greatest(self.x_stride)) < LARGEST, f"windows reach {furthest} elements far")

    def read(self, outputs: int | None = None) -> tuple[int, int]:
        """The first input that windows can read and how many from there on, of the first `outputs` windows."""
        windows = self.output if outputs is None else outputs
        last = (windows - 1) * self.stride + (self.kernel - 1) * self.dilation - self.pad
        first = max(0, -self.pad)
        if isinstance(self.input, Dim) or isinstance(last, Dim):
            return 0, self.input  # no more, as windows are clipped when they are read
        return first, max(0, min(self.input - 1, last) - first + 1) if windows else 0

    @property
    def is_everything(self) -> bool:
        """Whether there is one window, of all the input's elements and nothing else."""
        return self.output == self.dilation == 1 and self.pad == 0 and self.kernel == self.input

    def passes(self, pool: int = 1) -> tuple[Pass, Pass]:
        """How a band's input and output are passed over; a row are the windows of so many neighbors."""
        span = (pool - 1) * self.stride + (self.kernel - 1) * self.dilation + 1
        return (
            Pass(self.x_stride, self.input, self.stride * pool, self.pad, span),
            Pass(self.y_stride, self.output // pool),
        )

    def band(self, first: int, count: int) -> "Axis":
        """Outputs `[first, first + count)` as an axis of their own, whose first input is the first that they read."""
        low, high = self.passes()[0].slices(first, count)
        return replace(self, input=high - low, output=count, pad=low + self.pad - first * self.stride)

    @property
    def always_reads(self) -> bool:
        """Whether every window has an element that exists."""
        if self.output == 0:
            return True
        if not at_least(self.input, 1) or not at_least(self.input - 1, (self.output - 1) * self.stride - self.pad):
            return False
        before = min(bounds(self.output)[1], -(-self.pad // self.stride)) if self.pad > 0 else 0  # begin in the pad
        if at_least(self.input, self.dilation):  # no step leads over the whole input: the first window lacks most
            return before == 0 or -(-self.pad // self.dilation) < self.kernel
        return before <= _FEW and all(self._first_exists(output) for output in range(before))

    def _first_exists(self, output: int) -> bool:
        """Whether the first element of a window that does not lie before the input is in it."""
        k = -(-(self.pad - output * self.stride) // self.dilation)
        return k < self.kernel and at_least(self.input - 1, output * self.stride + k * self.dilation - self.pad)
